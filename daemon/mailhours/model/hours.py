"""Business time: office hours, holidays, check-ins, and the arithmetic on them.

All moments are aware and all results UTC. Intervals are half-open, [start, end). Local times that a
clock change skips move forward; of times that it repeats the first is taken (fold=0).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mailhours.model.duration import Duration, Unit
from mailhours.model.localday import LocalDay
from mailhours.model.slot import Slot
from mailhours.model.timeline import (
    DAY,
    EPOCH_DAY,
    MINUTE,
    Timeline,
    instant,
    moment,
    offset,
    offset_at,
    stamp,
)

_ONE = timedelta(days=1)
# An office without any hours must not be searched for ever.
_SEARCH = 5 * 366 * DAY
_SLOT_SEARCH = timedelta(days=731)
# What is laid out beyond a moment that was asked for, and the reach of zones and of night shifts.
_BEHIND, _AHEAD, _MARGIN = 14 * DAY, 31 * DAY, 3 * DAY
# A mail that claims to be of the year 1 must not make us lay out two thousand years.
_EARLIEST, _LATEST = ((date(year, 1, 1).toordinal() - EPOCH_DAY) * DAY for year in (1970, 2200))


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
    `shortened` replaces the blocks of single days (half days) and wins over `closed`. `check_ins`
    are local times.
    """

    valid_from: date | None
    week: Mapping[int, tuple[Block, ...]]
    closed: Mapping[date, str]
    shortened: Mapping[date, tuple[Block, ...]]
    check_ins: tuple[time, ...]


class Calendar:
    """One office's business time in one zone. Immutable; remembers what it has worked out.

    A block belongs to the day on which it begins. What runs over midnight into a closed day ends at
    midnight. Before 1970 and from 2200 on there are no hours to speak of. Calendars of equal hours
    are better shared than made twice.
    """

    def __init__(self, zone: ZoneInfo, hours: Sequence[OfficeHours]) -> None:
        """Take the `zone` and the dated `hours`, at least one; ValueError for bad blocks."""
        if not hours:
            raise ValueError("a calendar needs office hours, at least an empty week")
        self.zone = zone
        self.hours = tuple(
            _sorted(entry) for entry in sorted(hours, key=lambda h: h.valid_from or date.min)
        )
        self._nights = any(
            block.end > 1440
            for entry in self.hours
            for blocks in (*entry.week.values(), *entry.shortened.values())
            for block in blocks
        )
        self._days: dict[int, LocalDay] = {}
        self._midnights: dict[int, int] = {}
        self._line = Timeline(0, 0, (), (), (), ())

    def is_working_day(self, day: date) -> bool:
        """Say whether the local `day` has office hours of its own."""
        return bool(self._day(day.toordinal()).spans)

    def is_open(self, at: datetime) -> bool:
        """Say whether `at` lies inside office hours."""
        micros = stamp(at)
        return self._around(micros, micros).opens(micros) == micros

    def opens(self, at: datetime) -> datetime:
        """Return `at` when open, else the next opening; ValueError when there is none for years."""
        return moment(self._opens(stamp(at)))

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """Return the business time inside [start, end); negative when `end` comes first."""
        first, last = stamp(start), stamp(end)
        line = self._around(first, last) if first <= last else self._around(last, first)
        return timedelta(microseconds=line.until(last) - line.until(first))

    def add(self, start: datetime, amount: timedelta) -> datetime:
        """Return the earliest moment by which `amount` of business time has passed since `start`.

        ValueError for a negative amount, and when the office is not open long enough for years.
        """
        wanted = (amount.days * 86_400 + amount.seconds) * 1_000_000 + amount.microseconds
        if wanted < 0:
            raise ValueError(f"cannot add {amount}: business time is only counted forward")
        first = last = stamp(start)
        if not wanted:
            return moment(first)
        while True:
            line = self._around(first, last)
            reached = line.reaches(line.until(first) + wanted)
            if reached is not None:
                return moment(reached)
            last = self._opens(line.covered_to)

    def add_business_days(self, start: datetime, days: int) -> datetime:
        """Return the same local time `days` working days later, as DESIGN's "one business day".

        `start` counts from the next opening if it lies outside hours. On the target day a time
        inside a break becomes the break's end, one before opening the opening, one after closing
        the closing. (Sunday 23:00 and Monday 08:00 plus one both become Tuesday 09:00.)
        """
        opened = self._opens(stamp(start))
        if days <= 0:
            return moment(opened)
        day = opened // DAY + EPOCH_DAY
        held = self._day(day)
        if held.ahead is not None and _within(held.spans, opened):
            of_day = opened + held.ahead - held.midnight  # the same day here as in UTC
        else:
            wall = opened + offset_at(self.zone, opened)
            day = wall // DAY + EPOCH_DAY
            if self._nights and not _within(self._day(day).spans, opened):
                day -= 1  # a night shift is the working day on which it began
            of_day = wall - (day - EPOCH_DAY) * DAY
        return moment(self._day(self._working_day_after(day, days)).clamped(self.zone, of_day))

    def working_days(self, after: date, until: date) -> tuple[int, ...]:
        """Return the working days later than `after` up to `until`, as ordinals, in order."""
        first, last = after.toordinal(), until.toordinal()
        if last <= first:
            return ()
        line = self._around((first - EPOCH_DAY) * DAY, (last - EPOCH_DAY) * DAY)
        return line.days[bisect_right(line.days, first) : bisect_right(line.days, last)]

    def due(self, start: datetime, within: Duration) -> datetime:
        """Return when something that is due `within` a duration from `start` is due."""
        if within.unit is Unit.BUSINESS_DAY:
            return self.add_business_days(start, within.amount)
        if within.unit is Unit.BUSINESS_HOUR:
            return self.add(start, timedelta(hours=within.amount))
        return moment(stamp(start)) + within.wall

    def slots(self, after: datetime, until: datetime) -> Iterator[Slot]:
        """Yield the check-ins with after < due <= until, in order."""
        first, last = stamp(after), stamp(until)
        day = self.local(after).date() - _ONE
        end = self.local(until).date() + _ONE
        while day <= end:
            for due, key in self._check_ins(day):
                if first < due <= last:
                    yield Slot(moment(due), key)
            day += _ONE

    def next_slot(self, after: datetime) -> Slot | None:
        """Return the first check-in later than `after`; None when none comes within two years."""
        return next(self.slots(after, after + _SLOT_SEARCH), None)

    def closed_days(self, first: date, last: date) -> Iterator[tuple[date, str]]:
        """Yield the days off from `first` to `last` that would be working days, with the reason."""
        day = first
        while day <= last:
            hours = self._hours(day)
            reason = hours.closed.get(day)
            if reason is not None and hours.week.get(day.weekday()) and day not in hours.shortened:
                yield day, reason
            day += _ONE

    def local(self, at: datetime) -> datetime:
        """Return `at` in this calendar's zone."""
        return at.astimezone(self.zone)

    def _hours(self, day: date) -> OfficeHours:
        """Return the hours that hold on `day`; before the first entry the first one holds."""
        held = self.hours[0]
        for entry in self.hours[1:]:
            if entry.valid_from is not None and entry.valid_from > day:
                break
            held = entry
        return held

    def _blocks(self, day: date) -> tuple[Block, ...]:
        hours = self._hours(day)
        blocks = hours.shortened.get(day)
        if blocks is not None:
            return blocks
        return () if day in hours.closed else hours.week.get(day.weekday(), ())

    def _is_closed(self, day: date) -> bool:
        hours = self._hours(day)
        return day in hours.closed and day not in hours.shortened

    def _day(self, day: int) -> LocalDay:
        known = self._days.get(day)
        if known is None:
            known = self._days[day] = self._work_out(day)
        return known

    def _work_out(self, ordinal: int) -> LocalDay:
        day = date.fromordinal(ordinal)
        blocks = self._blocks(day)
        start = (ordinal - EPOCH_DAY) * DAY
        if not blocks:
            return LocalDay(start, None, (), ())
        latest = 1440 if self._nights and self._is_closed(day + _ONE) else 2880
        walls = tuple((b.start * MINUTE, min(b.end, latest) * MINUTE) for b in blocks)
        ahead = self._ahead(ordinal)
        # Where midnight, the next and (for a night shift) the one after agree, no clock changed.
        if ahead == self._ahead(ordinal + 1) and (
            not self._nights or ahead == self._ahead(ordinal + 2)
        ):
            base = start - ahead
            return LocalDay(start, ahead, walls, tuple((base + a, base + b) for a, b in walls))
        spans = {
            w: (instant(self.zone, start + w[0]), instant(self.zone, start + w[1])) for w in walls
        }
        walls = tuple(wall for wall in walls if spans[wall][0] < spans[wall][1])
        return LocalDay(start, None, walls, tuple(spans[wall] for wall in walls))

    def _ahead(self, ordinal: int) -> int:
        """Return the UTC offset at the midnight with which a day begins."""
        known = self._midnights.get(ordinal)
        if known is None:
            known = offset(self.zone, (ordinal - EPOCH_DAY) * DAY)
            self._midnights[ordinal] = known
        return known

    def _check_ins(self, day: date) -> Iterator[tuple[int, str]]:
        """Yield the check-ins of a local day as moments with their keys, each moment once."""
        times = self._hours(day).check_ins
        if not times or not self.is_working_day(day):
            return
        earlier = None
        for at in sorted(times):
            of_day = (at.hour * 60 + at.minute) * MINUTE
            due = self._day(day.toordinal()).at(self.zone, of_day)
            if due != earlier:
                yield due, f"{day.isoformat()}T{at.hour:02}:{at.minute:02}"
            earlier = due

    def _working_day_after(self, day: int, days: int) -> int:
        line = self._line
        while True:
            n = bisect_right(line.days, day) + days - 1
            if n < len(line.days):
                return line.days[n]
            opening = self._opens(line.covered_to)
            line = self._around(line.covered_from, opening)

    def _opens(self, at: int) -> int:
        reach = 0
        while at < _LATEST and reach <= _SEARCH:
            found = self._around(at, at + reach).opens(at)
            if found is not None:
                return found
            reach = max(2 * reach, 180 * DAY)
        raise ValueError(f"no office hours in the five years after {moment(at):%Y-%m-%d}")

    def _around(self, first: int, last: int) -> Timeline:
        """Return a timeline that covers [first, last], laying out more when needed."""
        line = self._line
        if line.covers(first, last):
            return line
        first, last = max(first, _EARLIEST), min(max(last, _EARLIEST), _LATEST)
        if line.covers(first, last):
            return line
        if line.covered_to > line.covered_from:
            grown = (line.covered_to - line.covered_from) // 2
            first = line.covered_from if first >= line.covered_from else first - grown
            last = line.covered_to if last < line.covered_to else last + grown
        start = (max(first, _EARLIEST) - _BEHIND) // DAY + EPOCH_DAY
        end = (min(last, _LATEST) + _AHEAD) // DAY + EPOCH_DAY
        covered = ((start - EPOCH_DAY) * DAY + _MARGIN, (end - EPOCH_DAY) * DAY - _MARGIN)
        line = Timeline.lay(*covered, ((n, self._day(n).spans) for n in range(start, end)))
        self._line = line
        return line


def _within(spans: tuple[tuple[int, int], ...], at: int) -> bool:
    for start, end in spans:  # noqa: SIM110 - asked for every promise
        if start <= at < end:
            return True
    return False


def _sorted(hours: OfficeHours) -> OfficeHours:
    """Return `hours` with its blocks in order; ValueError names a block that cannot be."""
    for blocks in (*hours.week.values(), *hours.shortened.values()):
        for block in blocks:
            if not (0 <= block.start < 1440 and block.start < block.end <= 2880):
                raise ValueError(
                    f"{block} is no part of a day: 0 <= start < 1440, start < end <= 2880"
                )

    def order(block: Block) -> tuple[int, int]:
        return (block.start, block.end)

    week = {day: tuple(sorted(blocks, key=order)) for day, blocks in hours.week.items()}
    shortened = {day: tuple(sorted(blocks, key=order)) for day, blocks in hours.shortened.items()}
    return replace(hours, week=week, shortened=shortened)
