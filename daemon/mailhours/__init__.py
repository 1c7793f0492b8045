"""mailhours reads client mail, answers at fixed check-in hours and keeps the record."""

__version__ = "0.1.0"
