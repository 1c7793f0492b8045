"""Small phrases that every document of the owner shares: who, what they wrote, lists cut short."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import time, timedelta
from typing import TypeVar

from mailhours.model.client import Client
from mailhours.summary.clean import clean
from mailhours.wording import catalogue
from mailhours.wording.catalogue import Words

Thing = TypeVar("Thing")
Label = Callable[[str, str], str]
# What is due from here on is due on that day, without a time.
END_OF_DAY = time(23, 59)


def labelling(language: str) -> Label:
    """Return how a label and its text are joined in a language: `a: b`, French with a space."""
    words = catalogue.words(language)
    return lambda label, text: words.say("punctuation.labelled", label=label, text=text)


def who(client: Client, address: str) -> str:
    """Return `Kari Nordmann, Fjord Coffee AS`; the address where the name is not known."""
    person = client.person(address)
    return ", ".join(dict.fromkeys((clean(person.name or address), clean(client.name))))


def quoted(words: Words, text: str, missing: str = "") -> str:
    """Return a client's words in quotation marks, harmless; `missing` where there are none."""
    harmless = clean(text)
    return words.say("punctuation.quoted", text=harmless) if harmless else missing


def capital(text: str) -> str:
    """Return `text` with a capital first letter."""
    return text[:1].upper() + text[1:]


def cut(
    words: Words, things: Sequence[Thing], shown: int, write: Callable[[Thing], str]
) -> tuple[tuple[str, ...], str]:
    """Return the first of `things` as lines, and how many more there are in words."""
    lines = tuple(write(thing) for thing in things[:shown])
    return lines, more(words, len(things) - shown)


def more(words: Words, count: int) -> str:
    """Return `and 3 more`, or nothing."""
    return words.say("list.more", n=count) if count > 0 else ""


def span(words: Words, value: timedelta) -> str:
    """Write business time, positive."""
    return words.span(abs(value))


def joined(parts: Iterable[str]) -> str:
    """Return small facts on one line, divided by a middle dot."""
    return " · ".join(part for part in parts if part)
