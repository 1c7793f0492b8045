"""Business time: office hours, holidays, check-ins, and the arithmetic on them.

All moments are aware and all results UTC. Intervals are half-open, [start, end). Local times that a
clock change skips move forward; of times that it repeats the first is taken (fold=0).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mailhours.model.duration import Duration, Unit
from mailhours.model.slot import Slot
from mailhours.model.timeline import (
    DAY,
    MINUTE,
    Timeline,
    instant,
    midnight,
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
_BEHIND, _AHEAD, _MARGIN = 35 * DAY, 95 * DAY, 3 * DAY


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


@dataclass(frozen=True, slots=True)
class _Day:
    """A local day's own office hours: on its wall clock, and as moments."""

    walls: tuple[tuple[int, int], ...]
    spans: tuple[tuple[int, int], ...]


class Calendar:
    """One office's business time in one zone. Immutable; remembers what it has worked out.

    A block belongs to the day on which it begins. What runs over midnight into a closed day ends at
    midnight. Calendars of equal hours are better shared than made twice.
    """

    def __init__(self, zone: ZoneInfo, hours: Sequence[OfficeHours]) -> None:
        """Take the `zone` and the dated `hours`, at least one; ValueError for bad blocks."""
        if not hours:
            raise ValueError("a calendar needs office hours, at least an empty week")
        self.zone = zone
        self.hours = tuple(
            _sorted(entry) for entry in sorted(hours, key=lambda h: h.valid_from or date.min)
        )
        self._days: dict[date, _Day] = {}
        self._line = Timeline(0, 0, (), (), ())

    def is_working_day(self, day: date) -> bool:
        """Say whether the local `day` has office hours of its own."""
        return bool(self._day(day).spans)

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
        wall = opened + offset_at(self.zone, opened)
        day = date.fromordinal(wall // DAY + _EPOCH_DAY)
        if not _within(self._day(day).spans, opened) and _within(
            self._day(day - _ONE).spans, opened
        ):
            day -= _ONE  # a night shift is the working day on which it began
        if days <= 0:
            return moment(opened)
        of_day = wall - midnight(day)
        target = self._working_day_after(day, days)
        return moment(self._clamped(target, of_day))

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

    def _day(self, day: date) -> _Day:
        known = self._days.get(day)
        if known is None:
            known = self._days[day] = self._work_out(day)
        return known

    def _work_out(self, day: date) -> _Day:
        blocks = self._blocks(day)
        if not blocks:
            return _NO_HOURS
        latest = 1440 if blocks[-1].end > 1440 and self._is_closed(day + _ONE) else 2880
        start = midnight(day)
        ahead = offset(self.zone, start)
        # Where midnight, the next and (for a night shift) the one after agree, no clock changed.
        reach = 1 if blocks[-1].end <= 1440 else 2
        steady = all(offset(self.zone, start + n * DAY) == ahead for n in range(1, reach + 1))
        walls = []
        spans = []
        for block in blocks:
            opening, closing = block.start * MINUTE, min(block.end, latest) * MINUTE
            if steady:
                span = (start + opening - ahead, start + closing - ahead)
            else:
                span = (instant(self.zone, start + opening), instant(self.zone, start + closing))
            if span[0] < span[1]:
                walls.append((opening, closing))
                spans.append(span)
        return _Day(tuple(walls), tuple(spans))

    def _check_ins(self, day: date) -> Iterator[tuple[int, str]]:
        """Yield the check-ins of a local day as moments with their keys, each moment once."""
        times = self._hours(day).check_ins
        if not times or not self.is_working_day(day):
            return
        earlier = None
        for at in sorted(times):
            wall = midnight(day) + (at.hour * 60 + at.minute) * MINUTE
            due = instant(self.zone, wall)
            if due != earlier:
                yield due, f"{day.isoformat()}T{at.hour:02}:{at.minute:02}"
            earlier = due

    def _working_day_after(self, day: date, days: int) -> date:
        misses = 0
        while days:
            day += _ONE
            if self.is_working_day(day):
                days -= 1
                misses = 0
            elif (misses := misses + 1) * DAY > _SEARCH:
                raise ValueError(f"no office hours from {day - (misses - 1) * _ONE} to {day}")
        return day

    def _clamped(self, day: date, of_day: int) -> int:
        """Return the moment of a local time on a working day, moved into its hours."""
        walls = self._day(day).walls
        for opening, closing in walls:
            if of_day < closing:
                return instant(self.zone, midnight(day) + max(of_day, opening))
        return instant(self.zone, midnight(day) + walls[-1][1])

    def _opens(self, at: int) -> int:
        reach = 0
        while reach <= _SEARCH:
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
        if line.covered_to > line.covered_from:
            grown = (line.covered_to - line.covered_from) // 2
            first = line.covered_from if first >= line.covered_from else first - grown
            last = line.covered_to if last < line.covered_to else last + grown
        start = max(_FIRST_DAY, (first - _BEHIND) // DAY + _EPOCH_DAY)
        end = min(_LAST_DAY, (last + _AHEAD) // DAY + _EPOCH_DAY)
        days = (self._work_out(date.fromordinal(n)).spans for n in range(start, end))
        covered = ((start - _EPOCH_DAY) * DAY + _MARGIN, (end - _EPOCH_DAY) * DAY - _MARGIN)
        line = Timeline.lay(*covered, (span for spans in days for span in spans))
        if not line.covers(first, first):
            raise ValueError(f"{moment(first)} lies outside the years 1 to 9999")
        self._line = line
        return line


_EPOCH_DAY = date(1970, 1, 1).toordinal()
_FIRST_DAY = date(1, 1, 10).toordinal()
_LAST_DAY = date(9999, 12, 20).toordinal()
_NO_HOURS = _Day((), ())


def _within(spans: tuple[tuple[int, int], ...], at: int) -> bool:
    return any(start <= at < end for start, end in spans)


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
