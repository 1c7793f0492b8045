"""Business time: office hours, holidays, check-ins, and the arithmetic on them.

All moments are aware and all results UTC. Intervals are half-open, [start, end). Local times that a
clock change skips move forward; of times that it repeats the first is taken (fold=0).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mailhours.model.duration import Duration
from mailhours.model.slot import Slot


@dataclass(frozen=True, slots=True)
class Block:
    """Part of a local day in minutes from midnight; `end` may pass 1440: it runs over midnight."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """The hours that hold from a date on (`valid_from` None: always).

    `week` maps weekdays (Monday 0) to blocks in order. `closed` are whole local days off: holidays
    and closed days alike, with the reason for people to read (`"Labour Day"`, `"closed"`).
    `shortened` replaces the blocks of single days (half days). `check_ins` are local times.
    """

    valid_from: date | None
    week: Mapping[int, tuple[Block, ...]]
    closed: Mapping[date, str]
    shortened: Mapping[date, tuple[Block, ...]]
    check_ins: tuple[time, ...]


class Calendar:
    """One office's business time in one zone. Immutable; remembers what it has worked out."""

    def __init__(self, zone: ZoneInfo, hours: Sequence[OfficeHours]) -> None:
        """Take the `zone` and the dated `hours`, at least one of them."""
        self.zone = zone
        self.hours = tuple(hours)
        raise NotImplementedError

    def is_working_day(self, day: date) -> bool:
        """Say whether the local `day` has office hours."""
        raise NotImplementedError

    def is_open(self, at: datetime) -> bool:
        """Say whether `at` lies inside office hours."""
        raise NotImplementedError

    def opens(self, at: datetime) -> datetime:
        """Return `at` when open, else the next opening."""
        raise NotImplementedError

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """Return the business time inside [start, end); negative when `end` comes first."""
        raise NotImplementedError

    def add(self, start: datetime, amount: timedelta) -> datetime:
        """Return the earliest moment by which `amount` of business time has passed since `start`."""
        raise NotImplementedError

    def add_business_days(self, start: datetime, days: int) -> datetime:
        """Return the same local time `days` working days later, as DESIGN's "one business day".

        `start` counts from the next opening if it lies outside hours. On the target day a time
        inside a break becomes the break's end, one before opening the opening, one after closing
        the closing. (Sunday 23:00 and Monday 08:00 plus one both become Tuesday 09:00.)
        """
        raise NotImplementedError

    def due(self, start: datetime, within: Duration) -> datetime:
        """Return when something that is due `within` a duration from `start` is due."""
        raise NotImplementedError

    def slots(self, after: datetime, until: datetime) -> Iterator[Slot]:
        """Yield the check-ins with after < due <= until, in order."""
        raise NotImplementedError

    def next_slot(self, after: datetime) -> Slot | None:
        """Return the first check-in later than `after`; None when none comes within two years."""
        raise NotImplementedError

    def closed_days(self, first: date, last: date) -> Iterator[tuple[date, str]]:
        """Yield the days off from `first` to `last` that would be working days, with the reason."""
        raise NotImplementedError

    def local(self, at: datetime) -> datetime:
        """Return `at` in this calendar's zone."""
        return at.astimezone(self.zone)
