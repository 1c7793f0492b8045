"""Check-in slots: the fixed times at which replies leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SlotState(StrEnum):
    """What became of a slot. A slot happens once."""

    RUNNING = "running"
    DONE = "done"
    MISSED = "missed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """One check-in: `key` is its local date and time (`2026-11-23T10:00`), `due` the UTC moment."""

    due: datetime
    key: str
