"""What is known of a word of a mail: its classes, and the phrases whose patterns it may anchor."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from mailhours.reading.elements import NOTHING, Pattern
from mailhours.reading.lexicon import LANGUAGES, TONGUES, Lexicon
from mailhours.reading.sentences import ADDRESS
from mailhours.reading.typos import Typos

_REMEMBERED_WORDS: Final = 20_000  # then all are forgotten: strangers make up words without end


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """One phrase. A guard shows nothing itself: it mutes hits of the kinds `mutes`.

    `scope` of a guard: hits that overlap it, hits after it in its sentence, its sentence, the
    sentence before, the message. `chases`: a request that names nothing new, and so is part of a
    nudge beside one. `tongue` is the place of its language in LANGUAGES, -1 when it is for all.
    """

    id: str
    kind: str
    subtype: str
    where: str
    role: str
    chases: bool
    mutes: frozenset[str]
    scope: str
    exceptions: tuple[Pattern, ...]
    tongue: int


Entry = tuple[int, Phrase, Pattern]
"""What a pattern needs, the phrase that it shows, and the pattern."""
COUNTS: Final = struct.Struct(f"<{len(LANGUAGES)}H")
"""Counts of words, one for each language, that are added up as one number."""


@dataclass(slots=True)
class Known:
    """What is known of a word.

    Its classes; the needs that it meets, as bits by language; the patterns that it may anchor, by
    language; and a one in COUNTS for each language that has it.
    """

    classes: frozenset[int]
    met: tuple[int, ...]
    entries: tuple[tuple[Entry, ...], ...]
    counts: int


class Vocabulary(dict[str, Known]):
    """What is known of folded words, found out when one is first asked for."""

    def __init__(
        self, lexicon: Lexicon, index: Mapping[int, Sequence[Entry]], typos: Typos | None = None
    ) -> None:
        """Take the classes and the patterns that are anchored at each.

        With `typos`, an unknown word is read as the known one that it is a slip of.
        """
        super().__init__()
        self._lexicon = lexicon
        self._index = index
        self._typos = typos
        self._unknown = self._known("", NOTHING)

    def __missing__(self, word: str) -> Known:
        """Find out and remember."""
        lexicon = self._lexicon
        classes = lexicon.look(word)
        if self._typos is not None and not lexicon.knows(word):
            meant = self._typos.meant(word)
            if meant:
                classes |= lexicon.look(meant)
        known = self._known(word, classes) if classes else self._unknown
        if len(self) >= _REMEMBERED_WORDS:
            self.clear()
        self[word] = known
        return known

    def _known(self, word: str, classes: frozenset[int]) -> Known:
        entries: list[list[Entry]] = [[] for _ in range(TONGUES)]
        for number in sorted(self._index.keys() & classes):
            for entry in self._index[number]:
                entries[entry[1].tongue].append(entry)
        # numbers and addresses are of every language, and tell of none
        spoken = 0 if word[:1].isdigit() or word == ADDRESS else self._lexicon.spoken(classes)
        return Known(
            classes,
            self._lexicon.met(classes),
            tuple(map(tuple, entries)),
            _counts(spoken),
        )


@cache
def _counts(spoken: int) -> int:
    """Return a one in COUNTS for each language of `spoken`, which are bits."""
    ones = (spoken >> number & 1 for number in range(len(LANGUAGES)))
    return int.from_bytes(COUNTS.pack(*ones), "little")
