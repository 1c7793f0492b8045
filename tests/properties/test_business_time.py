"""Business time against a minute-by-minute reference, on the days when clocks change."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import a_calendar, office_hours
from mailhours.model.hours import Block, Calendar

ZONES = sorted(z for z in available_timezones() if z not in ("Factory", "localtime"))
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

block_starts = st.integers(0, 1439)
some_blocks = st.lists(
    st.builds(
        lambda start, length: Block(start, min(start + length, 2880)),
        block_starts,
        st.integers(1, 900),
    ),
    max_size=3,
).map(tuple)
some_hours = st.builds(
    lambda week, closed, half: office_hours(
        dict(enumerate(week)),
        closed={date(2024, 3, 1) + n * DAY: "closed" for n in closed},
        shortened={date(2024, 3, 1) + n * DAY: blocks for n, blocks in half.items()},
    ),
    st.lists(some_blocks, min_size=7, max_size=7),
    st.sets(st.integers(0, 40), max_size=5),
    st.dictionaries(st.integers(0, 40), some_blocks, max_size=3),
)
moments = st.timedeltas(timedelta(), timedelta(days=65)).map(
    lambda since: datetime(2024, 2, 20, tzinfo=UTC) + since
)
calendars = st.builds(
    lambda hours, zone: a_calendar(hours, zone=zone), some_hours, st.sampled_from(ZONES)
)
usable = calendars.filter(lambda c: any(c.hours[0].week.values()))


def clock_changes(zone: ZoneInfo, year: int) -> list[date]:
    """Return the days of `year` after whose midnight, UTC, the offset changes."""
    noon = [datetime(year, 1, 1, tzinfo=UTC) + n * DAY for n in range(366)]
    offsets = [at.astimezone(zone).utcoffset() for at in noon]
    return [noon[n].date() for n in range(365) if offsets[n] != offsets[n + 1]]


def open_minutes(calendar: Calendar, first: date, last: date) -> list[tuple[datetime, bool]]:
    """Return each UTC minute from `first` to `last` and whether it is open, by looking at clocks.

    A local time is reached at the first minute at which the wall shows it or a later one.
    """
    start = datetime.combine(first, time(), UTC)
    minutes = [start + n * MINUTE for n in range(((last - first).days + 1) * 1440)]
    walls = [at.astimezone(calendar.zone).replace(tzinfo=None) for at in minutes]
    highest: list[datetime] = []
    for wall in walls:
        highest.append(max(wall, highest[-1]) if highest else wall)

    def reached(wall: datetime) -> int:
        low, high = 0, len(highest)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if highest[middle] < wall else (low, middle)
        return low

    flags = [False] * len(minutes)
    hours = calendar.hours[0]

    def blocks_of(day: date) -> tuple[Block, ...]:
        if day in hours.shortened:
            return hours.shortened[day]
        return () if day in hours.closed else hours.week.get(day.weekday(), ())

    day = first - 3 * DAY
    while day <= last + 2 * DAY:
        midnight = datetime.combine(day, time())
        tomorrow_off = day + DAY in hours.closed and day + DAY not in hours.shortened
        for block in blocks_of(day):
            end = min(block.end, 1440) if tomorrow_off else block.end
            for n in range(
                reached(midnight + block.start * MINUTE), reached(midnight + end * MINUTE)
            ):
                flags[n] = True
        day += DAY
    return list(zip(minutes, flags, strict=True))


def check_against_minutes(calendar: Calendar, change: date) -> None:
    reference = open_minutes(calendar, change - 3 * DAY, change + 3 * DAY)
    # The reference knows nothing of what came before it: night shifts of the first day are left out.
    reference = reference[2 * 1440 : -1440]
    wrong = [at for at, flag in reference[::7] if calendar.is_open(at) != flag]
    assert not wrong
    start, total = reference[0][0], 0
    for n, (at, flag) in enumerate(reference):
        if n % 31 == 0:
            assert calendar.elapsed(start, at) == total * MINUTE
        total += flag


@settings(max_examples=150, deadline=None)
@given(some_hours, st.sampled_from(ZONES), st.integers(1975, 2037), st.data())
def test_open_minutes_are_those_that_the_wall_clock_shows(hours, name, year, data):
    zone = ZoneInfo(name)
    change = data.draw(st.sampled_from(clock_changes(zone, year) or [date(year, 3, 31)]))
    check_against_minutes(a_calendar(hours, zone=zone), change)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_open_minutes_of_every_zone_on_a_day_when_its_clock_changed():
    chance = random.Random(20260302)
    night_and_day = office_hours(
        {n: (Block(0, 150), Block(165, 720), Block(1290, 1590)) for n in range(7)}
    )
    for name in ZONES:
        zone = ZoneInfo(name)
        changes = [day for year in (1981, 2011, 2024) for day in clock_changes(zone, year)]
        for change in chance.sample(changes, min(1, len(changes))):
            check_against_minutes(a_calendar(night_and_day, zone=zone), change)


@settings(deadline=None)
@given(calendars, moments, moments, moments)
def test_elapsed_is_additive(calendar, a, b, c):
    assert calendar.elapsed(a, b) + calendar.elapsed(b, c) == calendar.elapsed(a, c)


@settings(deadline=None)
@given(calendars, moments, moments)
def test_elapsed_is_monotone_and_never_more_than_the_wall(calendar, a, b):
    a, b = min(a, b), max(a, b)
    assert timedelta() <= calendar.elapsed(a, b) <= b - a


@settings(deadline=None)
@given(usable, moments, st.timedeltas(timedelta(), timedelta(days=5)))
def test_adding_is_the_inverse_of_elapsed(calendar, start, amount):
    end = calendar.add(start, amount)
    assert calendar.elapsed(start, end) == amount
    if amount:  # the earliest such moment: a microsecond before it, something is missing
        assert calendar.elapsed(start, end - timedelta(microseconds=1)) < amount


@settings(deadline=None)
@given(usable, moments, moments, st.timedeltas(timedelta(), timedelta(days=2)))
def test_adding_is_monotone(calendar, a, b, amount):
    a, b = min(a, b), max(a, b)
    assert calendar.add(a, amount) <= calendar.add(b, amount)


@settings(deadline=None)
@given(usable, moments)
def test_the_next_opening_is_open_and_nothing_before_it_is(calendar, at):
    opening = calendar.opens(at)
    assert opening >= at
    assert calendar.is_open(opening)
    assert calendar.elapsed(at, opening) == timedelta()


@settings(deadline=None)
@given(usable, moments, st.integers(1, 6))
def test_business_days_end_on_a_working_day_within_its_hours_or_at_their_end(calendar, start, days):
    end = calendar.add_business_days(start, days)
    assert end > start
    assert calendar.is_open(end) or calendar.is_open(end - timedelta(microseconds=1))


@settings(deadline=None)
@given(moments, st.integers(1, 3), st.integers(1, 3))
def test_business_days_add_up_where_every_day_has_the_same_hours(start, a, b):
    calendar = a_calendar()
    once = calendar.add_business_days(calendar.add_business_days(start, a), b)
    assert once == calendar.add_business_days(start, a + b)


@settings(deadline=None)
@given(calendars, moments, moments)
def test_slots_are_in_order_and_each_is_the_next_of_the_one_before(calendar, a, b):
    a, b = min(a, b), max(a, b)
    slots = list(calendar.slots(a, b))
    assert slots == sorted(slots)
    assert len({slot.key for slot in slots}) == len(slots)
    at = a
    for slot in slots:
        assert calendar.next_slot(at) == slot
        at = slot.due
