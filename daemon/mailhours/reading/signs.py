"""What in a line may belong to the beginning of a quotation: dates, addresses, rules, marks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from mailhours.reading.lines import Line

QUOTES = 4  # lines below an attribution in which its quotation may begin
_MONTH = r"[^\W\d_]{3,12}+"
_NUMBER = re.compile(r"\d+")
NUMERIC_DATE = re.compile(
    r"\d{1,2}[./-] ?\d{1,2}[./-] ?\d{2,4}(?!\d)"
    r"|\d{4} ?[./-] ?\d{1,2} ?[./-] ?\d{1,2}(?!\d)"
    r"|\d{1,2}(?:st|nd|rd|th|er|\.|º)?[ -](?:de |of |d')?" + _MONTH + r"[.,]{0,2}[ -]"
    r"(?:de |del |of |г\. )?(?:\d{4}|\d{2}(?=[, ]))"
    r"|\d{1,2}(?:st|nd|rd|th|er|\.|º)?[ -](?:de |of |d')?" + _MONTH + r"[.,]{0,2},? "
    r"(?:[^\W\d]{1,5}\.?,? )?\d{1,2}[:.h]\d\d"
    r"|\d{4} ?[年년]"
    r"|\d{4}\.? " + _MONTH + r"\.? \d{1,2}"
)
"""A date that begins with a number; to be matched where the number begins."""

_MONTH_DATE = re.compile(
    _MONTH + r"\.? \d{1,2}(?:st|nd|rd|th|\.)?,? (?:\d{4}|(?:at )?\d{1,2}:\d\d)"
)
_MONTH_BEFORE = re.compile(rf"(?<![^\W_]){_MONTH}\.? \Z")
_BEFORE = 15  # characters before a number in which a month, and what parts it from them, may stand
ADDRESS = re.compile(r"[\w.+'/=-]{1,80}@[\w-]{1,63}(?:\.[\w-]{1,63})+|<?mailto:")
_RULE = re.compile(r"^[\s>*]*[-_=—–~*#]{2,}[\s\-_=—–~*#]*$")


@lru_cache(maxsize=8)  # a line is asked several times
def date_in(text: str) -> re.Match[str] | None:
    """Return the first date in `text`; it is looked for where the numbers are."""
    for number in _NUMBER.finditer(text):
        at = number.start()
        if text[at - 1 : at] == " ":
            month = _MONTH_BEFORE.search(text, max(0, at - _BEFORE), at)
            found = _MONTH_DATE.match(text, month.start()) if month else None
            if found is not None:
                return found
        found = NUMERIC_DATE.match(text, at)
        if found is not None:
            return found
    return None


def address_in(text: str) -> re.Match[str] | None:
    """Return the first mail address in `text`; most lines have no sign of one."""
    return ADDRESS.search(text) if "@" in text or "mailto:" in text else None


def next_text(lines: Sequence[Line], at: int, reach: int = QUOTES) -> int | None:
    """Return the index of the next line with text at or after `at`, within `reach` lines."""
    for index in range(at, min(at + reach, len(lines))):
        if lines[index].text or lines[index].depth:
            return index
    return None


def is_rule(text: str) -> bool:
    """Say whether `text` is nothing but dashes or their like."""
    return bool(text) and text[0] in "-_=—–~*#>" and _RULE.match(text) is not None


def quoted_next(lines: Sequence[Line], at: int) -> bool:
    """Say whether the next text at or after `at` carries quotation marks."""
    index = next_text(lines, at)
    return index is not None and (lines[index].depth > 0 or looks_quoted(lines[index].text))


def looks_quoted(text: str) -> bool:
    """Say whether `text` starts with a quotation mark other than ">"."""
    return text[:1] in ("|", "»", "│", "┃", "¦") and (len(text) == 1 or text[1] in " |»│")
