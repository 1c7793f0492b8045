"""When an early chase is rewarded: an answer at once, that no check-in brought."""

from __future__ import annotations

from datetime import datetime, timedelta

from mailhours.model.hours import Calendar

# Its answer comes so soon after it ...
_SOON = timedelta(hours=2)
# ... and no check-in came so shortly before that answer that it was given there.
_AT_CHECK_IN = timedelta(minutes=30)


def is_rewarded(calendar: Calendar, chased: datetime, answered: datetime | None) -> bool:
    """Say whether a chase of `chased` was rewarded by an answer; `calendar` is the owner's."""
    if answered is None or not chased < answered <= chased + _SOON:
        return False
    return not any(calendar.slots(answered - _AT_CHECK_IN, answered))
