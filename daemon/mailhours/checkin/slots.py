"""Which check-in is due: after sleep, restart or a clock that was set, still one at most."""

from __future__ import annotations

from datetime import datetime, timedelta

from mailhours.model.hours import Calendar
from mailhours.model.slot import Slot


def due(
    calendar: Calendar, last: datetime, now: datetime, catch_up: timedelta
) -> tuple[Slot | None, tuple[Slot, ...]]:
    """Return the slot to run now, and those that are missed, of all in (last, now].

    Only the newest slot runs, and only up to `catch_up` after its time; the causes of the missed
    ones go to the next (invariant 3). When the clock was set back behind `last`, there is none.
    """
    passed = list(calendar.slots(last, now)) if last < now else []
    if not passed or now - passed[-1].due > catch_up:
        return None, tuple(passed)
    return passed[-1], tuple(passed[:-1])
