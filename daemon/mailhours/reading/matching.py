"""Which phrases one sentence has, after their exceptions and the guards of the sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from mailhours.model.message import Direction
from mailhours.reading.elements import END, Pattern
from mailhours.reading.lexicon import LANGUAGES
from mailhours.reading.phrases import COUNTER, GUARD, Known, Phrase, Phrases
from mailhours.reading.sentences import Sentence

_FRAGMENT: Final = 2
"""Words of a fragment, in which a word that no phrase knows is a name rather than a slip."""

_TELLING: Final = 4
"""Words of a sentence from which on they tell its language."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase and the words of the sentence (half-open) that show it."""

    phrase: Phrase
    first: int
    last: int

    def overlaps(self, other: Hit) -> bool:
        """Say whether both share a word."""
        return self.first < other.last and other.first < self.last


def hits(phrases: Phrases, sentence: Sentence, direction: Direction) -> list[Hit]:
    """Return what stands in the sentence, in its order; guards too, for who looks further."""
    if not sentence.words:
        return []
    met = _meet(phrases, sentence)
    found = [
        (phrase, first, last)
        for phrase, first, last in _found(phrases, sentence, met)
        if _may_hold(phrase, sentence, direction)
    ]
    if not found:
        return []
    excepted = {
        phrase
        for phrase in {phrase for phrase, _, _ in found}
        if any(
            not other.needs & met.missing[phrase.tongue] and met.occurs(other)
            for other in phrase.exceptions
        )
    }
    kept = [Hit(phrase, first, last) for phrase, first, last in found if phrase not in excepted]
    return sorted(_unmuted(kept), key=lambda hit: (hit.first, hit.last))


@dataclass(frozen=True, slots=True)
class _Met:
    """The words of a sentence as patterns meet them: what is known of each, and their classes.

    `ahead` and `back` are the classes forwards and backwards, with END. `missing` are the needs
    that no word of the sentence meets, as bits by language; all of them in a language that it is
    not written in.
    """

    known: list[Known]
    ahead: list[frozenset[int]]
    back: list[frozenset[int]]
    missing: list[int]

    def occurs(self, pattern: Pattern) -> bool:
        """Say whether the pattern matches anywhere."""
        size = len(self.known)
        return any(
            pattern.anchor in classes
            and (place := pattern.match(at, self.ahead, self.back)) is not None
            and not (pattern.closes and place[1] != size)
            and not (pattern.opens and place[0] != 0)
            for at, classes in enumerate(self.ahead)
        )


def _meet(phrases: Phrases, sentence: Sentence) -> _Met:
    words = sentence.words
    if len(words) <= _FRAGMENT and not sentence.question:
        looked = [phrases.written[word] for word in words]
    else:
        mended = phrases.mended
        looked = [mended[word] for word in words]
        for at in sentence.names:
            looked[at] = phrases.written[words[at]]
    counts = 0
    missing = list(phrases.needs)
    for known in looked:
        counts += known.counts
        for tongue, unmet in known.unmet:
            missing[tongue] &= unmet
    for tongue in _silent(counts, len(words)):
        missing[tongue] = phrases.needs[tongue]
    ahead = [known.classes for known in looked]
    back = ahead[::-1]
    ahead.append(END)
    back.append(END)
    return _Met(looked, ahead, back, missing)


def _found(phrases: Phrases, sentence: Sentence, met: _Met) -> Iterable[tuple[Phrase, int, int]]:
    """Return the phrases whose patterns match, with their words (half-open)."""
    ahead, back = met.ahead, met.back
    size = len(met.known)
    openings: frozenset[int] | None = None
    found: dict[tuple[Phrase, int, int], None] = {}
    for at, known in enumerate(met.known):
        for tongue, entries in known.entries:
            missing = met.missing[tongue]
            for needs, phrase, pattern in entries:
                if needs & missing:
                    continue
                place = pattern.match(at, ahead, back)
                if place is None or (pattern.closes and place[1] != size):
                    continue
                if pattern.opens or phrase.where == "first":
                    openings = openings or _openings(phrases, sentence)
                    if place[0] not in openings:
                        continue
                found[phrase, place[0], place[1]] = None
    return found


def _may_hold(phrase: Phrase, sentence: Sentence, direction: Direction) -> bool:
    """Say whether the phrase is for who writes, and for questions or statements like this one."""
    if phrase.role == ("owner" if direction is Direction.INBOUND else "client"):
        return False
    return phrase.where not in ("question", "statement") or sentence.question == (
        phrase.where == "question"
    )


@lru_cache(maxsize=4096)
def _silent(counts: int, size: int) -> frozenset[int]:
    """Return the languages in which the sentence is not written.

    A language must know half as many of its words as the one that knows most: people mix
    languages, but a word that looks alike in two means something in one of them. Very short ones
    may be in any.
    """
    if size < _TELLING:
        return frozenset()
    mask = (1 << COUNTER) - 1
    known = [counts >> COUNTER * number & mask for number in range(len(LANGUAGES))]
    return frozenset(number for number, count in enumerate(known) if 2 * count < max(known))


def _unmuted(found: list[Hit]) -> list[Hit]:
    """Return what no guard of this sentence mutes."""
    guards = [hit for hit in found if hit.phrase.kind == GUARD]
    if not guards:
        return found
    return [hit for hit in found if not any(_mutes(guard, hit) for guard in guards)]


def _mutes(guard: Hit, hit: Hit) -> bool:
    if hit.phrase.kind not in guard.phrase.mutes:
        return False
    if guard.phrase.scope == "sentence":
        return True
    if guard.phrase.scope == "after":
        return hit.first >= guard.first
    return guard.phrase.scope == "span" and guard.overlaps(hit)


def _openings(phrases: Phrases, sentence: Sentence) -> frozenset[int]:
    """Return the words that open a clause, with greetings, names and fillers passed over."""
    words = sentence.words
    found = set()
    for start in sentence.starts:
        at = start
        found.add(at)
        if at < len(words) and words[at] in phrases.greetings:
            found |= {at + 1, at + 2, at + 3}
            at += 1
        while at < len(words) and words[at] in phrases.fillers:
            at += 1
            found.add(at)
    return frozenset(found)
