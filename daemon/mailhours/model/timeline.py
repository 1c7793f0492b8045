"""Office hours laid out in time: merged stretches of UTC with the sums before each of them.

Everything here is microseconds since 1970-01-01 UTC, whole numbers, so that nothing is rounded.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ORIGIN = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 24 * 60 * MINUTE
EPOCH_DAY = date(1970, 1, 1).toordinal()


def stamp(at: datetime) -> int:
    """Return `at`, aware, as microseconds since 1970."""
    since = at - ORIGIN
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds


def moment(micros: int) -> datetime:
    """Return microseconds since 1970 as a UTC datetime."""
    return ORIGIN + timedelta(microseconds=micros)


def offset(zone: ZoneInfo, wall: int) -> int:
    """Return the UTC offset that holds at the local time `wall`; of two the first."""
    local = (ORIGIN + timedelta(microseconds=wall)).replace(tzinfo=zone)
    ahead = local.utcoffset() or timedelta()
    return (ahead.days * 86_400 + ahead.seconds) * SECOND + ahead.microseconds


def instant(zone: ZoneInfo, wall: int) -> int:
    """Return the moment of the local time `wall`.

    A time that a clock change skips becomes the end of the gap, so that a later local time is never
    an earlier moment; of one that it repeats the first is taken.
    """
    late = wall - offset(zone, wall)
    if late + offset_at(zone, late) == wall:
        return late
    early = wall - offset_at(zone, late)
    before = offset_at(zone, early)
    while late - early > 1:
        middle = (early + late) // 2
        if offset_at(zone, middle) == before:
            early = middle
        else:
            late = middle
    return late


def offset_at(zone: ZoneInfo, micros: int) -> int:
    """Return the UTC offset of `zone` at a moment."""
    ahead = (ORIGIN + timedelta(microseconds=micros)).astimezone(zone).utcoffset() or timedelta()
    return (ahead.days * 86_400 + ahead.seconds) * SECOND + ahead.microseconds


Stretch = tuple[int, int]
"""A span of open time, [start, end)."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The open stretches [starts[i], ends[i]) of what lies in [covered_from, covered_to).

    `before[i]` is all that was open earlier than starts[i]. `days` are the ordinals of
    the days with office hours of their own.
    """

    covered_from: int
    covered_to: int
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    before: tuple[int, ...]
    days: tuple[int, ...]

    @classmethod
    def lay(
        cls, covered_from: int, covered_to: int, days: Iterable[tuple[int, tuple[Stretch, ...]]]
    ) -> Timeline:
        """Merge the stretches of `days`, which come with their ordinals and in order."""
        working: list[int] = []
        starts: list[int] = []
        ends: list[int] = []
        for day, stretches in days:
            if stretches:
                working.append(day)
            for start, end in stretches:
                if ends and start <= ends[-1]:
                    ends[-1] = max(ends[-1], end)
                else:
                    starts.append(start)
                    ends.append(end)
        before: list[int] = []
        total = 0
        for start, end in zip(starts, ends, strict=True):
            before.append(total)
            total += end - start
        laid = (tuple(starts), tuple(ends), tuple(before), tuple(working))
        return cls(covered_from, covered_to, *laid)

    def covers(self, first: int, last: int) -> bool:
        """Say whether both moments lie in what was laid out."""
        return self.covered_from <= first and last < self.covered_to

    def until(self, at: int) -> int:
        """Return all open time earlier than `at`."""
        i = bisect_right(self.starts, at) - 1
        if i < 0:
            return 0
        return self.before[i] + min(at, self.ends[i]) - self.starts[i]

    def opens(self, at: int) -> int | None:
        """Return `at` when open, else the next opening; None when it is not laid out."""
        i = bisect_right(self.starts, at) - 1
        if i >= 0 and at < self.ends[i]:
            return at
        return self.starts[i + 1] if i + 1 < len(self.starts) else None

    def reaches(self, total: int) -> int | None:
        """Return the first moment before which `total` was open; None when that is not laid out."""
        i = bisect_left(self.before, total) - 1
        if i < 0:
            return None
        at = self.starts[i] + total - self.before[i]
        return at if at <= self.ends[i] else None
