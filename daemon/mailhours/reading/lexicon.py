"""The words of all patterns: which classes a word belongs to, and what a pattern cannot do without.

A class is a set of words that some pattern takes for each other. Every word of a mail is looked up
once and gives its classes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from mailhours.reading.elements import NOTHING, Element
from mailhours.reading.sentences import WORD, variants

_WORDS: Final = re.compile(rf"{WORD}\*?|#|@url")
_SET: Final = re.compile(r"<[\w-]+>")

LANGUAGES: Final = ("de", "en", "es", "fr", "hr", "nb", "ru")
TONGUES: Final = len(LANGUAGES) + 1
"""Places of a list with one entry a language; the last one (-1) is for what is in none of them."""

Sides = tuple[frozenset[str], tuple[tuple[str, ...], ...]]
"""Single words, and sequences of words."""


class PatternError(ValueError):
    """A pattern that can not be read; the message says which part."""


@dataclass(slots=True)
class Lexicon:
    """The word classes of all patterns, and which class has which words.

    `tongue` is the language whose patterns are being read, as its place in LANGUAGES or -1.
    `tongues` are the languages that have a class, as bits. `needs` numbers, language by language,
    the sets of classes of which a pattern must meet one; `meets` says which of them a class is in,
    as bits by language.
    """

    classes: dict[frozenset[str], int] = field(default_factory=dict)
    words: dict[str, list[int]] = field(default_factory=dict)
    prefixes: dict[str, list[int]] = field(default_factory=dict)
    weights: list[int] = field(default_factory=list)
    elements: dict[tuple[int, str], Element] = field(default_factory=dict)
    singles: dict[str, int] = field(default_factory=dict)
    split: dict[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    sets: dict[tuple[int, str], Sides] = field(default_factory=dict)
    tongues: list[int] = field(default_factory=list)
    tongue: int = -1
    needs: list[dict[frozenset[int], int]] = field(
        default_factory=lambda: [{} for _ in range(TONGUES)]
    )
    meets: list[dict[int, int]] = field(default_factory=lambda: [{} for _ in range(TONGUES)])

    def intern(self, words: frozenset[str]) -> int:
        """Return the class of these words, made when it is new."""
        number = self.classes.get(words)
        if number is None:
            number = self.classes[words] = len(self.classes)
            weight = 0
            for word in words:
                if word[-1] == "*":
                    self.prefixes.setdefault(word[:-1], []).append(number)
                    weight += 8
                else:
                    self.words.setdefault(word, []).append(number)
                    weight += 40 >> len(word)
                weight += 1
            self.weights.append(weight)
            self.tongues.append(0)
        self._speak(number)
        return number

    def intern_word(self, word: str) -> int:
        """Return the class of this word alone."""
        number = self.singles.get(word)
        if number is None:
            number = self.singles[word] = self.intern(frozenset((word,)))
        self._speak(number)
        return number

    def _speak(self, number: int) -> None:
        if self.tongue >= 0:
            self.tongues[number] |= 1 << self.tongue

    def need(self, classes: frozenset[int]) -> int:
        """Return the bit for `classes`, one of which a pattern of this language must meet."""
        bits = self.needs[self.tongue]
        bit = bits.get(classes)
        if bit is None:
            bit = bits[classes] = 1 << len(bits)
            meets = self.meets[self.tongue]
            for number in classes:
                meets[number] = meets.get(number, 0) | bit
        return bit

    def unmet(self, classes: Iterable[int]) -> tuple[int, ...]:
        """Return the needs that `classes` leave, as bits by language."""
        left = []
        for tongue, meets in enumerate(self.meets):
            bits = (1 << len(self.needs[tongue])) - 1
            for number in classes:
                bits &= ~meets.get(number, 0)
            left.append(bits)
        return tuple(left)

    def spoken(self, classes: Iterable[int]) -> int:
        """Return the languages that have one of `classes`, as bits."""
        bits = 0
        for number in classes:
            bits |= self.tongues[number]
        return bits

    def knows(self, word: str) -> bool:
        """Say whether some pattern has `word`, or all but a short ending of it."""
        return word in self.words or any(
            word[:size] in self.prefixes for size in range(max(3, len(word) - 2), len(word) + 1)
        )

    def look(self, word: str) -> frozenset[int]:
        """Return the classes that the folded `word` belongs to."""
        found = list(self.words.get(word, ()))
        for size in range(3, len(word) + 1):
            begun = self.prefixes.get(word[:size])
            if begun:
                found.extend(begun)
        if word[:1].isdigit():  # only combining marks fold to nothing
            found.extend(self.words.get("#", ()))
        return frozenset(found) if found else NOTHING

    def sides(self, alternatives: str, sets: Mapping[str, str]) -> Sides:
        """Split `a|b c|<set>` into its single words and its sequences of words, all folded.

        Raises PatternError.
        """
        single: set[str] = set()
        many: dict[tuple[str, ...], None] = {}
        for alternative in map(str.strip, alternatives.split("|")):
            if alternative.isascii() and alternative.isalnum():
                single.add(alternative.lower())
                continue
            if alternative.startswith("<") and alternative.endswith(">"):
                words, sequences = self._set(alternative[1:-1], sets)
                single |= words
                many.update(dict.fromkeys(sequences))
                continue
            for spelling in self._spelt(alternative, sets):
                if len(spelling) == 1:
                    single.add(spelling[0])
                else:
                    many[spelling] = None
        return frozenset(single), tuple(many)

    def _set(self, name: str, sets: Mapping[str, str]) -> Sides:
        known = self.sets.get((id(sets), name))
        if known is None:
            if name not in sets:
                raise PatternError(f"there is no set <{name}>")
            known = self.sets[id(sets), name] = self.sides(sets[name], sets)
        return known

    def _spelt(self, alternative: str, sets: Mapping[str, str]) -> Iterable[tuple[str, ...]]:
        """Give the word sequences of one alternative; a set inside is each of its members."""
        inner = _SET.search(alternative)
        if inner is None:
            if alternative not in self.split:
                self.split[alternative] = tuple(_spellings(alternative))
            return self.split[alternative]
        words, sequences = self.sides(inner.group(), sets)
        members = [*sorted(words), *(" ".join(sequence) for sequence in sequences)]
        before, after = alternative[: inner.start()], alternative[inner.end() :]
        return [
            spelling
            for member in members
            for spelling in self._spelt(f"{before}{member}{after}", sets)
        ]


def _spellings(alternative: str) -> Iterable[tuple[str, ...]]:
    """Give the word sequences that `alternative` may be written as."""
    if alternative.isascii() and alternative.replace(" ", "").isalnum():
        yield tuple(alternative.lower().split())
        return
    if alternative.isascii() and "'" not in alternative:
        words = tuple(_WORDS.findall(alternative.lower()))
        if not words:
            raise PatternError(f"no word in {alternative!r}")
        yield words
        return
    if "'" in alternative or "’" in alternative:
        alternative = alternative.replace("’", "'")
        # don't, im, whats: the apostrophe left out; not "were" for "we're", "ill" for "I'll"
        shorter = re.sub(r"(n)'(t)|(\w)'(m|s|ve)\b", r"\1\2\3\4", alternative)
        if shorter != alternative:
            yield from _spellings(shorter)
        alternative = alternative.replace("'", " ")
    for spelling in variants(alternative):
        words = tuple(_WORDS.findall(spelling))
        if not words:
            raise PatternError(f"no word in {alternative!r}")
        yield words
