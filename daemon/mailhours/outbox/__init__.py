"""From a decided reply to a delivered and filed mail: claim, submit, settle, file."""
