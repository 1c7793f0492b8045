"""The configuration as it was understood: each value with its source, then a year of days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from mailhours.model.client import Client
from mailhours.model.hours import Block, Calendar
from mailhours.settings.calendars import WEEKDAYS
from mailhours.settings.documents import MAIN, Document
from mailhours.settings.lines import Place
from mailhours.settings.schema import ClientFile, MainFile, Table, Week
from mailhours.settings.validation import extra
from mailhours.settings.values import Settings

# By which key the tables of a list are told apart.
IDENTITY = {
    "hours": "valid_from",
    "agreement": "valid_from",
    "person": "address",
    "project": "key",
    "invoice": "number",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One key as it was understood; `line` is 0 for a default. Secrets are references."""

    name: str
    key: str
    value: str
    line: int

    def __str__(self) -> str:
        """Write it with its source."""
        source = f"{self.name}:{self.line}" if self.line else "default"
        owner = "" if self.name == MAIN else f"{self.name} "
        return f"{owner}{self.key} = {self.value}  [{source}]"


def show(settings: Settings, today: date) -> tuple[str, ...]:
    """Return the lines of `check --show`: all values, the check-ins, a year of closed days."""
    return (
        f"configuration in {settings.directory}",
        *(str(entry) for document in settings.documents for entry in entries(document)),
        *_check_ins(settings.owner.calendar),
        *_closed_days(settings, today),
    )


def entries(document: Document) -> Iterator[Entry]:
    """Yield every key of a document without problems, defaults too, in the order of the schema."""
    model = MainFile if document.name == MAIN else ClientFile
    return _entries(document, (), "", model.model_validate(document.data))


def _entries(document: Document, path: Place, label: str, table: Table) -> Iterator[Entry]:
    for name, field in type(table).model_fields.items():
        key = field.alias or name
        at: Place = (*path, key)
        here = f"{label}.{key}" if label else key
        value = getattr(table, name)
        if isinstance(value, Table) and not isinstance(value, Week):
            yield from _entries(document, at, here, value)
        elif isinstance(value, list) and value and isinstance(value[0], Table):
            for index, item in enumerate(value):
                yield from _entries(document, (*at, index), _labelled(here, key, item), item)
        elif isinstance(value, dict) and any(isinstance(v, Table) for v in value.values()):
            for part, item in value.items():
                yield from _entries(document, (*at, part), f"{here}.{part}", item)
        else:
            given = document.has(at)
            text = _plain(value) if value is not None else extra(field, "absent")
            yield Entry(document.name, here, text or "none", document.line(at) if given else 0)


def _labelled(label: str, key: str, table: Table) -> str:
    which = getattr(table, IDENTITY[key])
    if which is None:
        return label
    return f"{label}[{'from ' if isinstance(which, date) else ''}{which}]"


def _plain(value: object) -> str:
    """Return a value as its owner would write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, timedelta):
        return _long(value)
    if isinstance(value, ZoneInfo):
        return value.key
    if isinstance(value, Block):
        return f"{_clock(value.start)}-{_clock(value.end)}"
    if isinstance(value, Week):
        days = ((day, getattr(value, day)) for day in WEEKDAYS)
        return ", ".join(f"{day} {' '.join(map(_plain, spans))}" for day, spans in days if spans)
    if isinstance(value, tuple):
        first, last = value
        return str(first) if first == last else f"{first}..{last}"
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{_plain(key)}: {_plain(item)}" for key, item in value.items())
    return " / ".join(str(value).splitlines())


def _long(span: timedelta) -> str:
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    for size, unit in ((1440, "day"), (60, "hour"), (1, "minute")):
        if not seconds and minutes % size == 0:
            return f"{minutes // size} {unit}{'' if minutes == size else 's'}"
    return f"{minutes * 60 + seconds} seconds"


def _clock(minute: int) -> str:
    shown = minute if minute <= 1440 else minute - 1440
    return f"{shown // 60:02}:{shown % 60:02}"


def _check_ins(calendar: Calendar) -> Iterator[str]:
    for hours in calendar.hours:
        since = f", from {hours.valid_from}" if hours.valid_from else ""
        days = ", ".join(WEEKDAYS[day] for day in sorted(hours.week))
        times = ", ".join(f"{at:%H:%M}" for at in hours.check_ins)
        yield f"check-ins: {times} {calendar.zone.key} ({days}{since})"


def _closed_days(settings: Settings, today: date) -> Iterator[str]:
    """Yield the days off of the next twelve months: the owner's, then clients' that differ."""
    last = today + timedelta(days=365)
    own = _off(settings.owner.calendar, today, last)
    yield f"closed days of the next twelve months, {today} to {last}:"
    yield from (f"  {day}" for day in own)
    if not own:
        yield "  none"
    others: dict[tuple[str, ...], list[Client]] = {}
    for client in settings.clients:
        others.setdefault(_off(client.calendar, today, last), []).append(client)
    for days, clients in others.items():
        names = ", ".join(client.key for client in clients)
        yield f"closed days of {names}:{'' if days else ' none'}"
        yield from (f"  {day}" for day in days)


def _off(calendar: Calendar, first: date, last: date) -> tuple[str, ...]:
    return tuple(
        f"{day} {WEEKDAYS[day.weekday()]} {reason}"
        for day, reason in calendar.closed_days(first, last)
    )
