"""Moments and days as people write them in their language (Babel, CLDR)."""

from __future__ import annotations

import functools
import re
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, get_timezone_location
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent, get_currency_precision

# British English: day before month, 24 hours, which readers everywhere understand.
_LOCALES = {
    "en": "en_GB",
    "nb": "nb_NO",
    "hr": "hr_HR",
    "ru": "ru_RU",
    "de": "de_DE",
    "fr": "fr_FR",
    "es": "es_ES",
}
LANGUAGES = tuple(_LOCALES)

# The full date of CLDR without its year; CLDR's own skeletons fall back to abbreviations.
_DAY = {
    "en": "EEEE d MMMM",
    "nb": "EEEE d. MMMM",
    "hr": "EEEE, d. MMMM",
    "ru": "EEEE, d MMMM",
    "de": "EEEE, d. MMMM",
    "fr": "EEEE d MMMM",
    "es": "EEEE d 'de' MMMM",
}
# How the time of day follows the day.
_AT = {
    "en": ", {}",
    "nb": " kl. {}",
    "hr": " u {}",
    "ru": ", в {}",
    "de": ", {} Uhr",
    "fr": " à {}",
    "es": " a las {}",
}
_SHORT_DAY = {
    "en": "EEE d MMM",
    "nb": "EEE d. MMM",
    "hr": "EEE, d. MMM",
    "ru": "EEE, d MMM",
    "de": "EEE, d. MMM",
    "fr": "EEE d MMM",
    "es": "EEE, d MMM",
}

_FIRST = re.compile(r"\b1 (?=[^\W\d])")


@functools.cache
def locale(language: str) -> Locale:
    """Return the Babel locale of a language; KeyError for one that mailhours does not write."""
    return Locale.parse(_LOCALES[language])


def _written(value: date, pattern: str, language: str) -> str:
    text = str(format_date(value, pattern, locale=locale(language)))
    # French counts the first of a month and no other day; CLDR has no letter for that.
    return _FIRST.sub("1er ", text) if language == "fr" and value.day == 1 else text


def day(value: date, language: str) -> str:
    """Write a day with its weekday and without the year: `Monday 23 November`."""
    return _written(value, _DAY[language], language)


def short_day(value: date, language: str) -> str:
    """Write a day short, for lists: `Mon 2 Mar`."""
    return _written(value, _SHORT_DAY[language], language)


def tick(value: date, language: str) -> str:
    """Write day and month only: `2 Mar`."""
    pattern = _SHORT_DAY[language].partition("EEE")[2].lstrip(", ")
    return _written(value, pattern, language)


def long_day(value: date, language: str) -> str:
    """Write a day with its year: `2 March 2026`."""
    return _written(value, "long", language)


def table_day(value: date, language: str) -> str:
    """Write a day with its year as short as a table wants it: `2 Mar 2026`."""
    return _written(value, "medium", language)


def full_day(value: date, language: str) -> str:
    """Write a day with weekday and year, for what is read long after."""
    return _written(value, "full", language)


def moment(at: datetime, zone: ZoneInfo, language: str, other: ZoneInfo | None = None) -> str:
    """Write a moment with weekday, day, time and place of the zone.

    When the reader lives in an `other` zone whose clocks differ at that moment, both times stand
    there: `Monday 23 November, 15:00 (Oslo) / 09:00 (New York)`.
    """
    here = at.astimezone(zone)
    text = f"{_day_and_time(here, language)} ({place(zone, language)})"
    if other is None:
        return text
    there = at.astimezone(other)
    if there.utcoffset() == here.utcoffset():
        return text
    same_day = there.date() == here.date()
    theirs = f"{there:%H:%M}" if same_day else _day_and_time(there, language)
    return f"{text} / {theirs} ({place(other, language)})"


def _day_and_time(at: datetime, language: str) -> str:
    text = day(at.date(), language) + _AT[language].format(f"{at:%H:%M}")
    return text.replace("a las 01:", "a la 01:") if language == "es" else text


@functools.cache
def place(zone: ZoneInfo, language: str) -> str:
    """Return the city that a zone is named after, in the language; `UTC` as it is."""
    key = zone.key
    if "/" not in key or key.startswith("Etc/"):
        return key.removeprefix("Etc/")
    return str(get_timezone_location(key, locale=locale(language), return_city=True))


def weekdays(days: list[int], language: str) -> str:
    """Write weekdays (Monday 0): `Monday–Friday`, `Monday, Tuesday and Thursday`."""
    names = locale(language).days["format"]["wide"]
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    parts = []
    for run in runs:
        if len(run) > 2:
            parts.append(f"{names[run[0]]}–{names[run[-1]]}")
        else:
            parts += [names[day] for day in run]
    return every(parts, language)


def hours(days: list[int], times: list[time], zone: ZoneInfo, language: str) -> str:
    """Write when mail is read each week: `Monday–Friday, 10:00 and 15:00 (Oslo)`.

    Weekdays are numbers (Monday 0); empty when there is no day or no time.
    """
    if not days or not times:
        return ""
    at = _AT[language].format(every([f"{one:%H:%M}" for one in sorted(times)], language))
    return f"{weekdays(sorted(days), language)}{at} ({place(zone, language)})"


def plural(count: int, language: str) -> str:
    """Return the plural category (CLDR: one, few, many, other) of `count`."""
    return str(locale(language).plural_form(count))


def money(amount: Decimal, currency: str, language: str) -> str:
    """Write a sum with its currency's code, `1,200.00 EUR`: the same in every language."""
    digits = get_currency_precision(currency)
    pattern = "#,##0" + (f".{'0' * digits}" if digits else "")
    return f"{format_decimal(amount, pattern, locale=locale(language))}\u00a0{currency}"


def percent(value: float, language: str) -> str:
    """Write a share (0 to 1) in whole per cent: `45%`, `45 %`."""
    return str(format_percent(value, locale=locale(language)))


def month(value: date, language: str) -> str:
    """Write a month with its year, short: `Mar 2026`."""
    return str(format_skeleton("yMMM", value, locale=locale(language)))


def number(value: float, language: str) -> str:
    """Write a number with one decimal at most."""
    return str(format_decimal(value, "#,##0.#", locale=locale(language)))


def every(parts: list[str], language: str) -> str:
    """Join as a list in words: `a, b and c`."""
    return str(format_list(parts, locale=locale(language))) if parts else ""
