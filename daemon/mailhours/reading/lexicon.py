"""The words of all patterns: which classes a word belongs to, and what patterns need of it.

A class is a set of words that some pattern takes for each other. Every word of a mail is looked up
once and gives its classes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from mailhours.reading.elements import NOTHING

LANGUAGES: Final = ("de", "en", "es", "fr", "hr", "nb", "ru")
TONGUES: Final = len(LANGUAGES) + 1
"""Places of a list with one entry a language; the last one (-1) is for what is in none of them."""


@dataclass(slots=True)
class Lexicon:
    """The words of all patterns and their classes, numbers from 0 on.

    `prefixes` are words that end anyhow. `weights` say how common the words of a class are likely
    to be: short words are, and prefixes stand for many. `tongues` are the languages that have a
    class, as bits. A need is a set of classes of which a pattern must meet one; `meets` says,
    language by language, which needs a class meets, as bits, and `needs` which there are.
    """

    words: dict[str, list[int]] = field(default_factory=dict)
    prefixes: dict[str, list[int]] = field(default_factory=dict)
    weights: list[int] = field(default_factory=list)
    tongues: list[int] = field(default_factory=list)
    meets: list[dict[int, int]] = field(default_factory=lambda: [{} for _ in range(TONGUES)])
    needs: list[int] = field(default_factory=lambda: [0] * TONGUES)

    def add(self, words: Iterable[str]) -> int:
        """Return the number of a new class with these words; a star means any ending."""
        number = len(self.tongues)
        weight = 0
        for word in words:
            if word[-1] == "*":
                self.prefixes.setdefault(word[:-1], []).append(number)
                weight += 9
            else:
                self.words.setdefault(word, []).append(number)
                weight += 1 + (40 >> len(word))
        self.weights.append(weight)
        self.tongues.append(0)
        return number

    def add_need(self, tongue: int, classes: Iterable[int]) -> int:
        """Return the bit of a new need of a language: one of `classes`."""
        bit = self.needs[tongue] + 1
        self.needs[tongue] |= bit
        meets = self.meets[tongue]
        for number in classes:
            meets[number] = meets.get(number, 0) | bit
        return bit

    def unmet(self, classes: Iterable[int]) -> tuple[int, ...]:
        """Return the needs that `classes` leave, as bits by language."""
        left = list(self.needs)
        for tongue, meets in enumerate(self.meets):
            for number in classes:
                if number in meets:
                    left[tongue] &= ~meets[number]
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
