"""Phrases by name: one catalogue a language, `strings/LANG.toml`, with CLDR plurals.

A phrase is a text with {fields}, or a table of plural categories (one, few, many, other) that is
chosen by its field `n`. The tables of a catalogue give the first part of a phrase's name:
`[subject] late = ...` is `subject.late`.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

from mailhours.model.client import Money
from mailhours.model.duration import Duration
from mailhours.model.faults import Fault
from mailhours.wording import dates

_CATEGORIES = frozenset({"zero", "one", "two", "few", "many", "other"})
_FIELD = re.compile(r"\{(\w+)\}")


class MissingWording(Fault):
    """A text cannot be written: language, template or field is missing. Nothing is sent."""


@dataclass(frozen=True, slots=True)
class Words:
    """The phrases of one language, and dates, spans and sums as that language writes them."""

    language: str
    phrases: Mapping[str, str | Mapping[str, str]]
    reasons: Mapping[str, str]

    def say(self, name: str, /, **fields: object) -> str:
        """Return the phrase with its fields filled in; `n` chooses the plural.

        MissingWording when there is no such phrase, plural form or field.
        """
        phrase = self.phrases.get(name)
        if phrase is None:
            raise MissingWording(f"{self.language}.toml has no phrase {name!r}")
        if not isinstance(phrase, str):
            count = fields.get("n")
            if not isinstance(count, int):
                raise MissingWording(f"{self.language}.toml: {name}: which plural? n is missing")
            phrase = phrase.get(dates.plural(count, self.language)) or phrase["other"]
        try:
            return _filled(phrase, fields)
        except KeyError as missing:
            raise MissingWording(f"{self.language}.toml: {name}: no field {missing}") from None

    def has(self, name: str) -> bool:
        """Say whether there is such a phrase."""
        return name in self.phrases

    def reason(self, english: str) -> str:
        """Return a reason or a notice in this language; English when nobody translated it.

        What stands in a field may be a reason itself: `no mail can be sent: ...`.
        """
        for pattern, translated in self.reasons.items():
            found = _matcher(pattern).fullmatch(english)
            if found:
                parts = {name: self.reason(part) for name, part in found.groupdict().items()}
                return _filled(translated, parts)
        return english

    def at(self, at: datetime, zone: ZoneInfo) -> str:
        """Write a moment short: `Mon 2 Mar, 10:00`."""
        here = at.astimezone(zone)
        return f"{dates.short_day(here.date(), self.language)}, {here:%H:%M}"

    def clock(self, at: datetime, zone: ZoneInfo) -> str:
        """Write the time of day only."""
        return f"{at.astimezone(zone):%H:%M}"

    def moment(self, at: datetime, zone: ZoneInfo, other: ZoneInfo | None = None) -> str:
        """Write a moment with weekday, day, time and place; see `dates.moment`."""
        return dates.moment(at, zone, self.language, other)

    def short_day(self, value: date) -> str:
        """Write a day short: `Mon 2 Mar`."""
        return dates.short_day(value, self.language)

    def tick(self, value: date) -> str:
        """Write a day as short as can be, for an axis: `2 Mar`."""
        return dates.tick(value, self.language)

    def table_day(self, value: date) -> str:
        """Write a day with its year, short: `2 Mar 2026`."""
        return dates.table_day(value, self.language)

    def month(self, value: date) -> str:
        """Write a month with its year, short: `Mar 2026`."""
        return dates.month(value, self.language)

    def day(self, value: date) -> str:
        """Write a day with its weekday: `Monday 2 March`."""
        return dates.day(value, self.language)

    def weekdays(self, days: Iterable[int]) -> str:
        """Write weekdays (Monday 0): `Monday–Friday`."""
        return dates.weekdays(list(days), self.language)

    def hours(self, days: Iterable[int], times: Iterable[time], zone: ZoneInfo) -> str:
        """Write when mail is read each week; empty when it never is. See `dates.hours`."""
        return dates.hours(list(days), list(times), zone, self.language)

    def place(self, zone: ZoneInfo) -> str:
        """Return the city that a zone is named after."""
        return dates.place(zone, self.language)

    def full_day(self, value: date) -> str:
        """Write a day with weekday and year."""
        return dates.full_day(value, self.language)

    def date(self, value: date) -> str:
        """Write a day with its year and without its weekday: `2 March 2026`."""
        return dates.long_day(value, self.language)

    def span(self, value: timedelta) -> str:
        """Write hours and minutes, cut to the minute: `3 h 20 min`."""
        minutes = int(value.total_seconds() // 60)
        hours, minutes = divmod(abs(minutes), 60)
        parts = []
        if hours:
            parts.append(self.say("unit.hours", h=hours))
        if minutes or not hours:
            parts.append(self.say("unit.minutes", m=minutes))
        return "\u00a0".join(parts)

    def compact(self, value: timedelta) -> str:
        """Write hours and minutes for a column: `3:20 h`."""
        hours, minutes = divmod(int(abs(value).total_seconds() // 60), 60)
        return self.say("unit.compact", h=hours, m=f"{minutes:02}").replace(" ", "\u00a0")

    def duration(self, value: Duration) -> str:
        """Write a duration of an agreement: `1 business day`."""
        return self.say(f"duration.{value.unit.name.lower()}", n=value.amount)

    def money(self, value: Money) -> str:
        """Write a sum with its currency's code: `1,200.00 EUR`."""
        return dates.money(value.amount, value.currency, self.language)

    def percent(self, value: float) -> str:
        """Write a share (0 to 1) in whole per cent: `45%`."""
        return dates.percent(value, self.language)

    def number(self, value: float) -> str:
        """Write a number with one decimal at most."""
        return dates.number(value, self.language)

    def every(self, parts: Iterable[str]) -> str:
        """Join as a list in words: `a, b and c`."""
        return dates.every(list(parts), self.language)


def _filled(phrase: str, fields: Mapping[str, object]) -> str:
    """Fill in fields. Only the catalogue's own braces are read, never what was filled in."""
    return _FIELD.sub(lambda field: str(fields[field[1]]), phrase)


@functools.cache
def _matcher(pattern: str) -> re.Pattern[str]:
    """Return a matcher for a reason with {fields}."""
    parts = re.split(r"(\{\w+\})", pattern)
    return re.compile(
        "".join(f"(?P<{p[1:-1]}>.+)" if p.startswith("{") else re.escape(p) for p in parts),
        re.DOTALL,
    )


@functools.cache
def words(language: str) -> Words:
    """Return the catalogue of `language`; MissingWording when there is none."""
    source = files("mailhours.wording") / "strings" / f"{language}.toml"
    if language not in dates.LANGUAGES or not source.is_file():
        raise MissingWording(
            f"there are no phrases in {language!r}",
            hint=f"languages: {', '.join(dates.LANGUAGES)}",
        )
    tables = tomllib.loads(source.read_text(encoding="utf-8"))
    reasons = tables.pop("reasons", {})
    phrases: dict[str, str | Mapping[str, str]] = {}
    for table, entries in tables.items():
        for name, entry in entries.items():
            if not isinstance(entry, str) and not _CATEGORIES.issuperset(entry):
                raise MissingWording(f"{language}.toml: {table}.{name} is no plural")
            phrases[f"{table}.{name}"] = entry
    return Words(language, phrases, reasons)
