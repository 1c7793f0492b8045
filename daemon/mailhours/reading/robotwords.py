"""The words of robots (`data/robots.toml`): found at the beginning of a subject or a sentence."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from mailhours.reading.folding import folded

# What a gateway or a list puts in front of a subject: [EXTERNAL], ***SPAM***, (extern).
_TAGS = re.compile(
    r"(?:\s*(?:\[[^\][]{1,40}\]|\*{2,}[^*]{1,40}\*{2,}|\([^()]{1,20}\)|[*\"'!]+)\s*)*"
)
# A robot's phrase is followed by nothing, by a mark, by a subject of ours or by "from".
_AFTER = re.compile(
    r"\s*(?:$|[:：,;(\[\])<>\"'!.*|–—-]"
    r"|(?:from|von|fra|fran|de|da|van|od|от|re|aw|sv|ang|vs|rv|fw|fwd)\b)"
)
_BEFORE = re.compile(r"[\s*>|_\"'«»“”-]*")  # what may stand before a sentence
_SENTENCE = re.compile(rf"[.!?\n*>|_-]{_BEFORE.pattern}")
_PLAIN = {"ø": "o", "đ": "d", "ł": "l", "ı": "i", "æ": "ae", "’": "'", "`": "'"}


def fold(text: str) -> str:
    """Return `text` for comparing: compatibility forms, lower case, no diacritics."""
    return folded(text, _PLAIN)


class Openings:
    """Phrases that are looked for at one place of a folded text; the longest wins."""

    def __init__(self, phrases: Iterable[str]) -> None:
        """Take the `phrases` as people write them."""
        longest_first = sorted({" ".join(fold(p).split()) for p in phrases}, key=len, reverse=True)
        self._start = len(longest_first[-1]) if longest_first else 0
        self._by_start: dict[str, list[str]] = {}
        for phrase in longest_first:
            self._by_start.setdefault(phrase[: self._start], []).append(phrase)

    def at(self, text: str, place: int = 0) -> str:
        """Return the phrase that stands at `place` of the folded `text`, or nothing."""
        for phrase in self._by_start.get(text[place : place + self._start], ()):
            if text.startswith(phrase, place):
                end = place + len(phrase)
                if not (
                    text[end : end + 1].isalnum() and phrase[-1].isalnum() and phrase.isascii()
                ):
                    return phrase
        return ""

    def sentence(self, text: str) -> str:
        """Return the phrase that opens any sentence or line of the folded `text`, or nothing."""
        for place in _openings(text):
            if text[place : place + self._start] in self._by_start and (
                found := self.at(text, place)
            ):
                return found
        return ""


class Lines:
    """Phrases that are looked for anywhere in a folded text."""

    def __init__(self, phrases: Iterable[str]) -> None:
        """Take the `phrases` as programs write them."""
        self._by_mark: dict[str, list[str]] = {}
        for phrase in map(fold, phrases):
            # most texts lack most of the marks
            mark = next((c for c in reversed(phrase) if not (c.isalpha() or c == " ")), "")
            self._by_mark.setdefault(mark, []).append(phrase)

    def count(self, text: str) -> int:
        """Return how many of the phrases stand in the folded `text`."""
        return sum(
            phrase in text
            for mark, phrases in self._by_mark.items()
            if mark in text
            for phrase in phrases
        )


@lru_cache(maxsize=1)
def _openings(text: str) -> list[int]:
    """Return where sentences and lines begin; several phrases are looked for in one text."""
    before = _BEFORE.match(text)
    first = before.end() if before else 0
    return [first, *(found.end() for found in _SENTENCE.finditer(text, first))]


@dataclass(frozen=True, slots=True)
class RobotWords:
    """The phrases of `data/robots.toml`, by what they show."""

    reply: Openings
    reply_answering: Openings
    reply_maybe: Openings
    reply_says: Openings
    bounce: Openings
    bounce_maybe: Openings
    bounce_opens: Openings
    bounce_lines: Lines
    receipt: Openings
    receipt_says: Openings
    calendar: Openings
    challenge: Openings
    no_answer: Openings


def load() -> RobotWords:
    """Return the packaged words."""
    text = resources.files("mailhours.reading").joinpath("data", "robots.toml").read_text("utf-8")
    data = tomllib.loads(text)
    return RobotWords(
        reply=Openings(data["auto_reply"]["subjects"]),
        reply_answering=Openings(data["auto_reply"]["answering"]),
        reply_maybe=Openings(data["auto_reply"]["maybe"]),
        reply_says=Openings(data["auto_reply"]["says"]),
        bounce=Openings(data["bounce"]["subjects"]),
        bounce_maybe=Openings(data["bounce"]["maybe"]),
        bounce_opens=Openings(data["bounce"]["opens"]),
        bounce_lines=Lines(data["bounce"]["lines"]),
        receipt=Openings(data["receipt"]["subjects"]),
        receipt_says=Openings(data["receipt"]["says"]),
        calendar=Openings(data["calendar"]["subjects"]),
        challenge=Openings(data["challenge"]["subjects"]),
        no_answer=Openings(data["no_answer"]["says"]),
    )


def untagged(subject: str) -> str:
    """Return a folded `subject` without the tags that gateways put in front."""
    folded = " ".join(fold(subject).split())
    tags = _TAGS.match(folded)
    return folded[tags.end() :] if tags else folded


def alone(subject: str, phrase: str) -> bool:
    """Say whether `phrase`, which begins the folded `subject`, stands for itself there."""
    return phrase.endswith((":", " from")) or _AFTER.match(subject, len(phrase)) is not None
