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

WORD_HEAD = 5
"""Characters of a word by which a phrase is looked for."""

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

    `verb_at_end` finds an attribution's verb at the end of a line, `verb` anywhere; `verb_ends` are
    the last words of verbs, `verb_lasts` their last two characters. `lead` finds the word that
    opens an attribution in the middle of a line. `fields` maps the name of a header field to its
    kind. `footer_heads` are the first characters of footers, at most three; one of `footer_words`
    stands in every footer that begins with a gap. `closing_heads` are the first words of sign-offs
    and of the thanks before them. `strong` are the phrases of disclaimers by the beginning of a
    word that is not their first. Regular expressions other than `lead` expect folded text.
    """

    verb_at_end: re.Pattern[str]
    verb_ends: tuple[str, ...]
    verb_lasts: frozenset[str]
    verb: re.Pattern[str]
    lead: re.Pattern[str]
    quoting: re.Pattern[str]
    fields: dict[str, Field]
    original: tuple[str, ...]
    forwarded: tuple[str, ...]
    footer: re.Pattern[str]
    footer_heads: frozenset[str]
    footer_words: tuple[str, ...]
    closings: frozenset[str]
    closing_heads: frozenset[str]
    thanks: frozenset[str]
    postscript: re.Pattern[str]
    registration: re.Pattern[str]
    secret: tuple[str, ...]
    about: tuple[str, ...]
    strong: dict[str, list[str]]
    inline: tuple[str, ...]
    banner: tuple[str, ...]
    placeholder: tuple[str, ...]
    ignored_answers: frozenset[str]


@cache
def mail_words() -> MailWords:
    """Return the words of every language in `data/mail`; read and compiled at the first call."""
    data = tables()
    verb_phrases = phrases(data, "attribution", "verbs")
    verbs = _alternation(verb_phrases)
    leads = _alternation(phrases(data, "attribution", "leads", folded=False))
    products = _alternation(phrases(data, "products"))
    sent_from = phrases(data, "footers", "sent_from")
    always = (*phrases(data, "footers", "always"), *phrases(data, "footers"))
    closings, thanks = phrases(data, "signoff", "closings"), phrases(data, "signoff", "thanks")
    return MailWords(
        verb_at_end=re.compile(rf"(?:{verbs})\)?\s?(?:\(an?\))?[\s:.>\-]*$"),
        verb_ends=tuple({phrase.split()[-1] for phrase in verb_phrases}),
        verb_lasts=frozenset(phrase[-2:] for phrase in verb_phrases),
        verb=re.compile(rf"(?<![^\W_])(?:{verbs})(?![^\W_])"),
        lead=re.compile(rf"(?:^|[\s.!?)\]:;>-])((?:{leads})\s+(?:[^\s\d]{{1,14}}\s+){{0,3}})$"),
        quoting=re.compile(rf"(?:{_alternation(phrases(data, 'attribution', 'quoting'))})\s"),
        fields={
            word: field
            for field in reversed(Field)
            for word in phrases(data, "headers", field.value)
        },
        original=phrases(data, "separators", "original"),
        forwarded=phrases(data, "separators", "forwarded"),
        footer=re.compile(
            rf"[\s\W]{{0,6}}(?:{_alternation(always)}|(?:{_alternation(sent_from)})[\s\W]{{1,3}}"
            rf"(?:\w+[\s\W]{{1,3}}){{0,3}}?(?:{products})(?!\w))"
        ),
        footer_heads=frozenset(
            phrase[:3].partition(" ")[0] for phrase in (*always, *sent_from) if phrase[0] != "*"
        ),
        footer_words=tuple({phrase[1:].split()[0] for phrase in always if phrase[0] == "*"}),
        closings=frozenset(closings),
        closing_heads=frozenset(
            phrase.split()[0].strip(PUNCTUATION) for phrase in (*closings, *thanks)
        ),
        thanks=frozenset(thanks),
        postscript=re.compile(rf"(?:{_alternation(phrases(data, 'signoff', 'ps'))})[\s.:,-]"),
        registration=re.compile(
            rf"(?<!\w)(?:{_alternation(phrases(data, 'signoff', 'registration'))})(?!\w)"
        ),
        secret=phrases(data, "disclaimer", "secret"),
        about=phrases(data, "disclaimer", "about"),
        strong=_by_word(phrases(data, "disclaimer", "strong")),
        inline=phrases(data, "inline", "words"),
        banner=phrases(data, "banner"),
        placeholder=phrases(data, "placeholder", "words"),
        ignored_answers=frozenset(phrases(data, "ignored_answers")),
    )


def tables() -> list[dict[str, Any]]:
    """Return the contents of the files in `data/mail`, in the order of their names."""
    files = resources.files("mailhours.reading").joinpath("data", "mail").iterdir()
    return [
        tomllib.loads(file.read_text("utf-8"))
        for file in sorted(files, key=lambda file: file.name)
        if file.name.endswith(".toml")
    ]


def phrases(tables: Iterable[dict[str, Any]], *path: str, folded: bool = True) -> tuple[str, ...]:
    """Return the phrases that stand at `path` in any of `tables`, the longest first."""
    found: dict[str, None] = {}
    for table in tables:
        value: Any = table
        for key in path:
            value = value.get(key, {}) if isinstance(value, dict) else {}
        if isinstance(value, list):
            found.update(dict.fromkeys(fold(word) if folded else word for word in value))
    return tuple(sorted(found, key=lambda word: (-len(word), word)))


def _by_word(names: Iterable[str]) -> dict[str, list[str]]:
    """Return `names` of two words and more by the first characters of their longest other word.

    The last word may be the beginning of one in the text.
    """
    found: dict[str, list[str]] = {}
    for phrase in names:
        *_, last = inside = phrase.split()[1:]
        whole = [word for word in inside if word is not last or len(word) >= WORD_HEAD]
        found.setdefault(max(whole, key=len)[:WORD_HEAD], []).append(phrase)
    return found


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
