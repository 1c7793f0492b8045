"""The values that every stage shares; standard library only, no I/O, no clock."""
