"""Moments and days as people write them in their language (Babel, CLDR)."""

from __future__ import annotations

import functools
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, get_timezone_location

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
    "es": "EEEE, d 'de' MMMM",
}


@functools.cache
def locale(language: str) -> Locale:
    """Return the Babel locale of a language; KeyError for one that mailhours does not write."""
    return Locale.parse(_LOCALES[language])


def day(value: date, language: str) -> str:
    """Write a day with its weekday and without the year: `Monday 23 November`."""
    return str(format_date(value, _DAY[language], locale=locale(language)))


def full_day(value: date, language: str) -> str:
    """Write a day with weekday and year, for what is read long after."""
    return str(format_date(value, "full", locale=locale(language)))


def moment(at: datetime, zone: ZoneInfo, language: str, other: ZoneInfo | None = None) -> str:
    """Write a moment with weekday, day, time and place of the zone.

    When the reader lives in an `other` zone whose clocks differ at that moment, both times stand
    there: `Monday 23 November, 15:00 (Oslo) / 09:00 (New York)`.
    """
    here = at.astimezone(zone)
    text = f"{day(here.date(), language)}, {here:%H:%M} ({place(zone, language)})"
    if other is None:
        return text
    there = at.astimezone(other)
    if there.utcoffset() == here.utcoffset():
        return text
    their_day = "" if there.date() == here.date() else f"{day(there.date(), language)}, "
    return f"{text} / {their_day}{there:%H:%M} ({place(other, language)})"


@functools.cache
def place(zone: ZoneInfo, language: str) -> str:
    """Return the city that a zone is named after, in the language; `UTC` as it is."""
    key = zone.key
    if "/" not in key or key.startswith("Etc/"):
        return key.removeprefix("Etc/")
    return str(get_timezone_location(key, locale=locale(language), return_city=True))


def plural(count: int, language: str) -> str:
    """Return the plural category (CLDR: one, few, many, other) of `count`."""
    return str(locale(language).plural_form(count))
