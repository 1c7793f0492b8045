"""Hours to calendars: dated weeks, holidays, closed days and half days of owner and clients."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from mailhours.model.faults import Problem
from mailhours.model.hours import Block, Calendar, OfficeHours
from mailhours.settings.lines import Place
from mailhours.settings.schema import ClientFile, HoursTable, MainFile, Week
from mailhours.settings.validation import Reading

CHECK_INS = (time(10), time(15))
CATCH_UP = timedelta(hours=1)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Expand = Callable[[str], Mapping[date, str]]


@dataclass(frozen=True, slots=True)
class Period:
    """The hours of one `[[hours]]` table with what it left out filled in from the one before."""

    valid_from: date | None
    week: Week
    holidays: str
    check_ins: tuple[time, ...]
    catch_up: timedelta


def dated(tables: Sequence[tuple[int, date | None]]) -> list[int]:
    """Return the indices of dated tables in the order in which they come into force."""
    return [index for index, day in sorted(tables, key=lambda t: (t[1] or date.min, t[0]))]


def periods(tables: Sequence[HoursTable]) -> tuple[Period, ...]:
    """Return the owner's hours by date, each complete."""
    found: list[Period] = []
    last = Period(None, Week(), "", CHECK_INS, CATCH_UP)
    for index in dated([(i, t.valid_from) for i, t in enumerate(tables)]):
        table = tables[index]
        last = Period(
            table.valid_from,
            table.week or last.week,
            last.holidays if table.holidays is None else table.holidays,
            tuple(table.check_ins or last.check_ins),
            table.catch_up or last.catch_up,
        )
        found.append(last)
    return tuple(found)


def owner_calendar(main: MainFile, expand: Expand) -> Calendar:
    """Return the owner's calendar.

    Closed days and half days are dates, so it does not matter in which `[[hours]]` they stand.
    """
    closed = _closed(days for table in main.hours for days in table.closed)
    shortened = {d: tuple(b) for table in main.hours for d, b in table.half_days.items()}
    return Calendar(
        main.owner.timezone,
        [
            OfficeHours(
                period.valid_from,
                blocks(period.week),
                {**closed, **expand(period.holidays)},
                shortened,
                period.check_ins,
            )
            for period in periods(main.hours)
        ],
    )


def client_calendar(main: MainFile, client: ClientFile, expand: Expand) -> Calendar:
    """Return a client's calendar: their own week, zone and holidays, the owner's where not given.

    The owner's closed days and half days are the owner's alone, and clients have no check-ins.
    """
    closed = _closed(client.closed)
    hours: list[OfficeHours] = []
    for period in periods(main.hours):
        holidays = period.holidays if client.holidays is None else client.holidays
        week = blocks(client.week or period.week)
        held = OfficeHours(period.valid_from, week, {**closed, **expand(holidays)}, {}, ())
        if hours and (hours[-1].week, hours[-1].closed) == (held.week, held.closed):
            continue  # only something of the owner's own has changed
        hours.append(held)
    return Calendar(client.timezone or main.owner.timezone, hours)


def hours_key(calendar: Calendar) -> object:
    """Return what is equal for calendars of equal hours, however they were written."""
    return str(calendar.zone), tuple(
        (
            hours.valid_from,
            tuple(sorted(hours.week.items())),
            tuple(sorted(hours.closed.items())),
            tuple(sorted(hours.shortened.items())),
            hours.check_ins,
        )
        for hours in calendar.hours
    )


def calendar_key(client: ClientFile) -> tuple[ZoneInfo | None, str | None, str, str]:
    """Return what makes two clients share a calendar, which remembers what it has worked out."""
    return client.timezone, client.holidays, repr(client.week), repr(client.closed)


def blocks(week: Week) -> Mapping[int, tuple[Block, ...]]:
    """Return a week as the calendar takes it: Monday is 0, days off are left out."""
    days = ((number, tuple(getattr(week, name))) for number, name in enumerate(WEEKDAYS))
    return {number: held for number, held in days if held}


def check_hours(main: Reading[MainFile]) -> Iterator[Problem]:
    """Yield what does not fit together in the owner's hours."""
    tables = main.values.hours
    yield from check_dates(main, "hours", [table.valid_from for table in tables])
    order = dated([(i, t.valid_from) for i, t in enumerate(tables)])
    if order and not main.has("hours", order[0], "week"):
        what = 'is missing; write week = { mon = ["09:00-17:00"], ... }'
        yield main.problem(("hours", order[0], "week"), what)
    closed = {day for table in tables for days in table.closed for day in _span(*days)}
    for index, table in enumerate(tables):
        if table.week:
            yield from check_week(main, ("hours", index, "week"), table.week)
        for day in table.half_days:
            if day in closed:
                path = ("hours", index, "half_days", day.isoformat())
                yield main.problem(path, f"{day} is in closed as well; keep one of the two")


def check_week(
    reading: Reading[MainFile] | Reading[ClientFile], path: Place, week: Week
) -> Iterator[Problem]:
    """Yield what does not fit together in a week."""
    held = blocks(week)
    if not held:
        written = _written(reading.document.data, path)
        if all(hours == [] for name, hours in written.items() if name in WEEKDAYS):
            what = "never opens" if written else "has no day"
            yield reading.problem(path, f'{what}; write {{ mon = ["09:00-17:00"], ... }}')
    for number, spans in held.items():
        over = spans[-1].end - 1440
        following = held.get((number + 1) % 7, ())
        if following and over > following[0].start:
            name = WEEKDAYS[(number + 1) % 7]
            what = f"begins before the hours of {WEEKDAYS[number]} end after midnight"
            yield reading.problem((*path, name), what)


def _written(data: object, path: Place) -> Mapping[str, object]:
    """Return the table that is written at `path`; a single [hours] is the first of several."""
    for step in path:
        if isinstance(data, Mapping) and isinstance(step, str):
            data = data.get(step)
        elif isinstance(data, Sequence) and isinstance(step, int) and step < len(data):
            data = data[step]
    return data if isinstance(data, Mapping) else {}


def check_dates(
    reading: Reading[MainFile] | Reading[ClientFile], key: str, dates: Sequence[date | None]
) -> Iterator[Problem]:
    """Yield the tables of a dated list that begin on the same day as another."""
    first: dict[date | None, int] = {}
    for index, day in enumerate(dates):
        if day is None and reading.has(key, index, "from"):
            continue  # it has a date, which is wrong and told already
        if day in first:
            other = reading.document.line((key, first[day]))
            since = f"from = {day}" if day else "no from"
            what = f"a second [[{key}]] with {since} (line {other}); each needs its own date"
            yield reading.problem((key, index, "from"), what)
        first.setdefault(day, index)


def _closed(ranges: Iterable[tuple[date, date]]) -> dict[date, str]:
    return {day: "closed" for days in ranges for day in _span(*days)}


def _span(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
