"""Which phrases each sentence has, after their exceptions and the guards of the sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import attrgetter, or_
from typing import Final

from mailhours.model.message import Direction
from mailhours.reading.elements import END
from mailhours.reading.phrases import GUARD, Phrases
from mailhours.reading.sentences import Sentence
from mailhours.reading.vocabulary import COUNTS, Known, Phrase

Tongues = tuple[int, ...]
"""Languages, as places in LANGUAGES."""

_FRAGMENT: Final = 2
"""Words of a fragment, in which a word that no phrase knows is a name rather than a slip."""

_TELLING: Final = 4
"""Words of a sentence from which on they tell its language."""

_PLACE: Final = attrgetter("first", "last")


@dataclass(slots=True)  # not frozen: a mail makes hundreds, and freezing takes most of the time
class Hit:
    """A phrase and the words of the sentence (half-open) that show it."""

    phrase: Phrase
    first: int
    last: int

    def overlaps(self, other: Hit) -> bool:
        """Say whether both share a word."""
        return self.first < other.last and other.first < self.last


def hits(
    phrases: Phrases, text: Sequence[Sentence], direction: Direction, around: Tongues = ()
) -> list[list[Hit]]:
    """Return what stands in each sentence, in its order; guards too, for who looks further.

    `around` are the languages of what else the writer says; those of the text go before them.
    """
    looked = [_look(phrases, sentence) for sentence in text]
    counts = [sum([known.counts for known in words]) for words in looked]
    telling = sum(n for words, n in zip(looked, counts, strict=True) if len(words) >= _TELLING)
    around = _half(telling) if telling else around
    found = []
    for sentence, words, count in zip(text, looked, counts, strict=True):
        tongues = (*_spoken(count, len(words), around), *phrases.tongueless)
        found.append(_hits(phrases, sentence, words, tongues, direction) if words else [])
    return found


def _look(phrases: Phrases, sentence: Sentence) -> list[Known]:
    """Return what is known of each word; slips are mended, but not where a name may stand."""
    words = sentence.words
    if len(words) <= _FRAGMENT and not sentence.question:
        return [phrases.written[word] for word in words]
    mended = phrases.mended
    looked = list(map(mended.__getitem__, words))
    for at in sentence.names:
        looked[at] = phrases.written[words[at]]
    return looked


def _hits(
    phrases: Phrases,
    sentence: Sentence,
    words: list[Known],
    tongues: Tongues,
    direction: Direction,
) -> list[Hit]:
    ahead = [word.classes for word in words]
    back = ahead[::-1]
    ahead.append(END)
    back.append(END)
    found: dict[tuple[Phrase, int, int], None] = {}
    missing: dict[int, int] = {}
    openings: frozenset[int] | None = None
    for tongue in tongues:
        met = [word.met[tongue] for word in words]
        lacking = missing[tongue] = phrases.needs[tongue] ^ reduce(or_, met)
        # before the first word stands the end too, which is the last one here
        met.append(phrases.ending[tongue])
        for at, known in enumerate(words):
            for entry in known.entries[tongue]:
                if entry[0] & lacking:
                    continue
                _, phrase, pattern = entry
                if (pattern.follows and not pattern.follows & met[at + 1]) or (
                    pattern.leads and not pattern.leads & met[at - 1]
                ):
                    continue
                place = pattern.match(at, ahead, back)
                if place is None or not _may_hold(phrase, sentence, direction):
                    continue
                if pattern.opens or phrase.where == "first":
                    openings = openings or _openings(phrases, sentence)
                    if place[0] not in openings:
                        continue
                found[phrase, place[0], place[1]] = None
    if not found:
        return []
    kept = [
        Hit(phrase, first, last)
        for phrase, first, last in found
        if not (phrase.exceptions and _excepted(phrase, missing[phrase.tongue], ahead, back))
    ]
    if len(kept) > 1:
        kept.sort(key=_PLACE)
    return _unmuted(kept)


def _excepted(
    phrase: Phrase,
    missing: int,
    ahead: Sequence[frozenset[int]],
    back: Sequence[frozenset[int]],
) -> bool:
    """Say whether one of the exceptions of the phrase occurs anywhere in the sentence."""
    for pattern in phrase.exceptions:
        if pattern.needs & missing:
            continue
        for at, classes in enumerate(ahead):
            if pattern.anchor in classes:
                place = pattern.match(at, ahead, back)
                if place is not None and not (pattern.opens and place[0]):
                    return True
    return False


def _may_hold(phrase: Phrase, sentence: Sentence, direction: Direction) -> bool:
    """Say whether the phrase is for who writes, and for questions or statements like this one."""
    if phrase.role == ("owner" if direction is Direction.INBOUND else "client"):
        return False
    return phrase.where not in ("question", "statement") or sentence.question == (
        phrase.where == "question"
    )


def _spoken(counts: int, size: int, around: Tongues) -> Tongues:
    """Return the languages that a sentence may be written in, by how many words each knows.

    A language must know half as many as the one that knows most: people mix languages, but a word
    that looks alike in two means something in one of them. In a short sentence ("Logo, top left")
    it must know as many, and the languages `around` go before their equals; they are heard if they
    know a word at all.
    """
    if size >= _TELLING or not counts:
        return _half(counts)
    known = _by_language(counts)
    most = max(known)
    best = [number for number, count in enumerate(known) if count == most]
    near = [number for number in around if known[number]]
    return tuple(sorted({*near, *([n for n in best if n in around] or best)}))


def _by_language(counts: int) -> tuple[int, ...]:
    return COUNTS.unpack(counts.to_bytes(COUNTS.size, "little"))


@lru_cache(maxsize=1000)  # the sentences of a language are much alike
def _half(counts: int) -> Tongues:
    """Return the languages that know half as many words as the one that knows most."""
    known = _by_language(counts)
    most = max(known)
    return tuple([number for number, count in enumerate(known) if 2 * count >= most])


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
