"""Public holidays of countries and regions, expanded to dates; the one door to `holidays`."""

# ruff: noqa: TRY004 - pydantic takes a ValueError, whatever is wrong with a value

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from datetime import date

from mailhours.settings.suggestion import did_you_mean, quoted

# Old mail is judged by its day and dossiers look back for years; a fixed span needs no clock,
# and the same files always mean the same dates.
FIRST_YEAR = 2000
LAST_YEAR = 2050

# The package names languages its own way.
_LANGUAGES = {"nb": "no", "en": "en_US"}


def country(written: object) -> str:
    """Return an ISO 3166 code with optional subdivision, checked; "" and "none" are no holidays.

    ValueError says what is known.
    """
    if not isinstance(written, str):
        raise ValueError('must be a country in quotes, like "NO" or "DE-BY"')
    if written.strip().casefold() in {"", "none"}:
        return ""
    code, _, region = written.strip().partition("-")
    import holidays  # noqa: PLC0415 - slow to import, and not needed by everybody
    from holidays.registry import COUNTRIES  # noqa: PLC0415

    names = {str(c): (str(n), str(c)) for n, c, *_ in COUNTRIES.values()}
    if code.upper() not in names:
        spellings = {
            **{spaced(name): code for name, code in names.values()},
            **{str(other): str(c) for _, c, *others in COUNTRIES.values() for other in others},
        }
        near = next((spellings[n] for n in spellings if n.casefold() == code.casefold()), "")
        hint = f'; did you mean "{near}"?' if near else did_you_mean(code, [*spellings, *names])
        raise ValueError(f"unknown country {quoted(code)}{hint}")
    code = code.upper()
    if not region:
        return code
    known = holidays.country_holidays(code)
    regions = {str(r).casefold(): str(r) for r in known.subdivisions}
    if region.casefold() not in regions:
        hint = did_you_mean(region, regions.values())
        listed = f" ({', '.join(sorted(regions.values()))})" if 0 < len(regions) <= 60 else ""
        raise ValueError(f"unknown region {quoted(region)} of {code}{listed}{hint}")
    return f"{code}-{regions[region.casefold()]}"


def expand(code: str, language: str) -> Mapping[date, str]:
    """Return the public holidays of a checked `code`, FIRST_YEAR to LAST_YEAR, with their names.

    The names are in `language` where the package has it, else in English.
    """
    if not code:
        return {}
    import holidays  # noqa: PLC0415

    land, _, region = code.partition("-")
    offered = holidays.country_holidays(land).supported_languages
    wanted = _LANGUAGES.get(language, language)
    named = next((n for n in (wanted, "en_US") if n in offered), None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some countries are known for fewer years
        found = holidays.country_holidays(
            land,
            subdiv=region or None,
            years=range(FIRST_YEAR, LAST_YEAR + 1),
            expand=False,
            language=named,
        )
    return {day: str(name) for day, name in sorted(found.items())}


def spaced(name: str) -> str:
    """Return a class name as a country is written: `UnitedStates` to `United States`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
