"""The words of all patterns: which classes a word belongs to, and what patterns need of it.

A class is a set of words that some pattern takes for each other. Every word of a mail is looked up
once and gives its classes.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from mailhours.reading.elements import NOTHING

LANGUAGES: Final = ("de", "en", "es", "fr", "hr", "nb", "ru")
TONGUES: Final = len(LANGUAGES) + 1
"""Places of a list with one entry a language; the last one (-1) is for what is in none of them."""


class Chains:
    """Lists of numbers, each known by the place of its last link; 0 is the empty one.

    There are tens of thousands, most of a few numbers: lists of Python take ten times the room.
    """

    __slots__ = ("_before", "_numbers")

    def __init__(self) -> None:
        """Begin with the empty list."""
        self._numbers = array("I", (0,))
        self._before = array("I", (0,))

    def add(self, last: int, number: int) -> int:
        """Return the list `last` with one more number."""
        self._numbers.append(number)
        self._before.append(last)
        return len(self._before) - 1

    def of(self, last: int) -> list[int]:
        """Return the numbers of a list, the last one first."""
        numbers, before = self._numbers, self._before
        found = []
        while last:
            found.append(numbers[last])
            last = before[last]
        return found


@dataclass(slots=True)
class Lexicon:
    """The words of all patterns and their classes, numbers from 1 on; 0 is ENDING.

    `words` has the `chains` of the classes of a word, `prefixes` those of words that end anyhow.
    `weights` say how common the words of a class are likely to be: short words are, and prefixes
    stand for many. `tongues` are the languages that have a class, as bits. A need is a set of
    classes of which a pattern must meet one; `needs` counts those of each language, and `meets` has
    for each class the chain of the needs that it meets.
    """

    words: dict[str, int] = field(default_factory=dict)
    prefixes: dict[str, int] = field(default_factory=dict)
    weights: list[int] = field(default_factory=lambda: [0])
    tongues: list[int] = field(default_factory=lambda: [0])
    needs: list[int] = field(default_factory=lambda: [0] * TONGUES)
    meets: array[int] = field(default_factory=lambda: array("I", (0,)))
    chains: Chains = field(default_factory=Chains)

    def add(self, words: Iterable[str]) -> int:
        """Return the number of a new class with these words; a star means any ending."""
        number = len(self.tongues)
        weight = 0
        add = self.chains.add
        for word in words:
            if word[-1] == "*":
                begun = word[:-1]
                self.prefixes[begun] = add(self.prefixes.get(begun, 0), number)
                weight += 9
            else:
                self.words[word] = add(self.words.get(word, 0), number)
                weight += 1 + (40 >> len(word))
        self.weights.append(weight)
        self.tongues.append(0)
        self.meets.append(0)
        return number

    def add_need(self, tongue: int, classes: Iterable[int]) -> int:
        """Return the bit of a new need of a language: one of `classes`."""
        need = self.needs[tongue]
        self.needs[tongue] += 1
        for number in classes:
            self.meets[number] = self.chains.add(
                self.meets[number], need * TONGUES + tongue % TONGUES
            )
        return 1 << need

    def met(self, classes: Iterable[int]) -> tuple[int, ...]:
        """Return the needs that `classes` meet, as bits by language."""
        found = [0] * TONGUES
        for number in classes:
            for need in self.chains.of(self.meets[number]):
                found[need % TONGUES] |= 1 << need // TONGUES
        return tuple(found)

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
        of = self.chains.of
        found = of(self.words.get(word, 0))
        for size in range(3, len(word) + 1):
            begun = self.prefixes.get(word[:size])
            if begun:
                found += of(begun)
        if word[:1].isdigit():  # only combining marks fold to nothing
            found += of(self.words.get("#", 0))
        return frozenset(found) if found else NOTHING
