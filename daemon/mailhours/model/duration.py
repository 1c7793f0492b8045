"""Durations as the owner writes them: `"3 min"`, `"1 business day"`, `"4 business hours"`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Unit(StrEnum):
    """What a duration counts. Business units run in a calendar, the others on the wall."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    BUSINESS_HOUR = "business hour"
    BUSINESS_DAY = "business day"


_SPELLINGS = {
    "s": Unit.SECOND,
    "sec": Unit.SECOND,
    "second": Unit.SECOND,
    "min": Unit.MINUTE,
    "minute": Unit.MINUTE,
    "h": Unit.HOUR,
    "hour": Unit.HOUR,
    "day": Unit.DAY,
    "week": Unit.WEEK,
    "month": Unit.MONTH,
    "business hour": Unit.BUSINESS_HOUR,
    "business day": Unit.BUSINESS_DAY,
    "working hour": Unit.BUSINESS_HOUR,
    "working day": Unit.BUSINESS_DAY,
}
_WALL = {
    Unit.SECOND: timedelta(seconds=1),
    Unit.MINUTE: timedelta(minutes=1),
    Unit.HOUR: timedelta(hours=1),
    Unit.DAY: timedelta(days=1),
    Unit.WEEK: timedelta(weeks=1),
    Unit.MONTH: timedelta(days=30),
}


@dataclass(frozen=True, slots=True)
class Duration:
    """An amount of a unit, `1 business day`. Months count 30 days."""

    amount: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> Duration:
        """Read `text`; ValueError says what is accepted."""
        match = re.fullmatch(r"\s*(\d+)\s*([a-z]+(?:\s+[a-z]+)?)\s*", text.lower())
        word = re.sub(r"\s+", " ", match[2]) if match else ""
        unit = _SPELLINGS.get(word) or _SPELLINGS.get(word.removesuffix("s"))
        if match is None or unit is None:
            wanted = 'a number and a unit, like "3 min", "1 hour", "1 business day"'
            raise ValueError(f"{text!r} is not a duration; write {wanted}")
        return cls(int(match[1]), unit)

    @property
    def is_business(self) -> bool:
        """Say whether it runs in a calendar and not on the wall."""
        return self.unit in (Unit.BUSINESS_HOUR, Unit.BUSINESS_DAY)

    @property
    def wall(self) -> timedelta:
        """Return it as wall-clock time; ValueError for business units."""
        if self.is_business:
            raise ValueError(f"{self} runs in business time")
        return self.amount * _WALL[self.unit]

    def __str__(self) -> str:
        """Write it as the owner would."""
        return f"{self.amount} {self.unit.value}{'' if self.amount == 1 else 's'}"
