"""The words that mail programs write, read once from `data/mail/LANG.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from mailhours.reading.folding import folded

PUNCTUATION = " \t,.!;:-–—~*_♥❤🙂😊"
"""What may stand around a sign-off."""

# Letters that Unicode does not decompose, and the typographic forms that stand for plain ones.
_PLAIN = {"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "’": "'", "‘": "'"}


def fold(text: str) -> str:
    """Return `text` for comparison: lower case, no diacritics, typographic marks made plain."""
    return folded(text, _PLAIN)


class Field(StrEnum):
    """Which header field a line of a quoted header block shows."""

    FROM = "from"
    SENT = "sent"
    TO = "to"
    CC = "cc"
    SUBJECT = "subject"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class MailWords:
    """The words of all languages, folded and compiled.

    `verb_at_end` finds an attribution's verb at the end of a line, `verb` anywhere. `lead` finds
    the word that opens an attribution in the middle of a line. `fields` maps the name of a header
    field to its kind. `closing_heads` are the first words of sign-offs. Regular expressions other
    than `lead` expect folded text.
    """

    verb_at_end: re.Pattern[str]
    verb: re.Pattern[str]
    lead: re.Pattern[str]
    quoting: re.Pattern[str]
    fields: dict[str, Field]
    original: tuple[str, ...]
    forwarded: tuple[str, ...]
    footer: re.Pattern[str]
    closings: frozenset[str]
    closing_heads: frozenset[str]
    thanks: frozenset[str]
    postscript: re.Pattern[str]
    registration: re.Pattern[str]
    secret: tuple[str, ...]
    about: tuple[str, ...]
    strong: tuple[str, ...]
    inline: tuple[str, ...]
    banner: tuple[str, ...]
    placeholder: tuple[str, ...]
    ignored_answers: frozenset[str]


@cache
def mail_words() -> MailWords:
    """Return the words of every language in `data/mail`; read and compiled at the first call."""
    files = resources.files("mailhours.reading").joinpath("data", "mail").iterdir()
    tables = [
        tomllib.loads(file.read_text("utf-8"))
        for file in sorted(files, key=lambda file: file.name)
        if file.name.endswith(".toml")
    ]
    verbs = _alternation(_all(tables, "attribution", "verbs"))
    leads = _alternation(_all(tables, "attribution", "leads", folded=False))
    products = _alternation(_all(tables, "products"))
    sent_from = _alternation(_all(tables, "footers", "sent_from"))
    always = _alternation((*_all(tables, "footers", "always"), *_all(tables, "footers")))
    closings = _all(tables, "signoff", "closings")
    return MailWords(
        verb_at_end=re.compile(rf"(?:{verbs})\)?\s?(?:\(an?\))?[\s:.>\-]*$"),
        verb=re.compile(rf"(?<![^\W_])(?:{verbs})(?![^\W_])"),
        lead=re.compile(rf"(?:^|[\s.!?)\]:;>-])((?:{leads})\s+(?:[^\s\d]{{1,14}}\s+){{0,3}})$"),
        quoting=re.compile(rf"(?:{_alternation(_all(tables, 'attribution', 'quoting'))})\s"),
        fields={
            word: field
            for field in reversed(Field)
            for word in _all(tables, "headers", field.value)
        },
        original=_all(tables, "separators", "original"),
        forwarded=_all(tables, "separators", "forwarded"),
        footer=re.compile(
            rf"[\s\W]{{0,6}}(?:{always}|(?:{sent_from})[\s\W]{{1,3}}(?:\w+[\s\W]{{1,3}}){{0,3}}?"
            rf"(?:{products})(?!\w))"
        ),
        closings=frozenset(closings),
        closing_heads=frozenset(closing.split()[0].strip(PUNCTUATION) for closing in closings),
        thanks=frozenset(_all(tables, "signoff", "thanks")),
        postscript=re.compile(rf"(?:{_alternation(_all(tables, 'signoff', 'ps'))})[\s.:,-]"),
        registration=re.compile(
            rf"(?<!\w)(?:{_alternation(_all(tables, 'signoff', 'registration'))})(?!\w)"
        ),
        secret=_all(tables, "disclaimer", "secret"),
        about=_all(tables, "disclaimer", "about"),
        strong=_all(tables, "disclaimer", "strong"),
        inline=_all(tables, "inline", "words"),
        banner=_all(tables, "banner"),
        placeholder=_all(tables, "placeholder", "words"),
        ignored_answers=frozenset(_all(tables, "ignored_answers")),
    )


def _all(tables: Iterable[dict[str, Any]], *path: str, folded: bool = True) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for table in tables:
        value: Any = table
        for key in path:
            value = value.get(key, {}) if isinstance(value, dict) else {}
        if isinstance(value, list):
            found.update(dict.fromkeys(fold(word) if folded else word for word in value))
    return tuple(sorted(found, key=lambda word: (-len(word), word)))


def _alternation(words: Iterable[str]) -> str:
    """Return a regular expression for any of `words`, sharing their beginnings for speed."""
    return _branch(sorted(set(words)))


def _branch(words: list[str]) -> str:
    groups: dict[str, list[str]] = {}
    for word in words:
        groups.setdefault(word[:1], []).append(word[1:])
    branches = [
        _piece(head) + _branch(tails) if head else ""
        for head, tails in sorted(groups.items(), reverse=True)
    ]
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"


def _piece(character: str) -> str:
    return r".{1,60}?" if character == "*" else r"\s+" if character == " " else re.escape(character)
