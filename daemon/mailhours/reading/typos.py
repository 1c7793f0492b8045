"""Common slips of the keyboard: a doubled or single letter, two letters swapped, one missing.

Only words that no phrase knows are corrected, only to words that some phrase has, and never at the
first letter or at the end, where words are inflected.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Final
from zlib import crc32

_SHORTEST: Final = 5  # letters: a slip makes of a shorter word another one
_BITS: Final = 32  # of a checksum, and of a place
_DOUBLED: Final = re.compile(r"(.)\1+")


class Typos:
    """Finds the known word that a misspelt one was meant to be; its index is made on first use."""

    def __init__(self, words: Iterable[str]) -> None:
        """Take the known words; they may still grow until the first look-up."""
        self._words = words
        self._squeezed: dict[str, str] = {}
        self._spelt: list[str] = []
        # The checksum of a word with a letter left out, and the word's place in `_spelt`: the
        # words themselves, tens of thousands of them, would take twenty times the room.
        self._shortened = array("Q")

    def meant(self, word: str) -> str:
        """Return the known word that the unknown, folded `word` is a slip of, or the empty text."""
        if len(word) < _SHORTEST or not word.isalpha():
            return ""
        if not self._squeezed:
            self._prepare()
        squeezed = _squeezed(word)
        found = self._squeezed.get(squeezed)
        if found:
            return found
        size = len(squeezed)
        if size < _SHORTEST:
            return ""
        inner = range(1, size - 1)
        for at in inner:
            # neighbours swapped
            swapped = squeezed[:at] + squeezed[at + 1] + squeezed[at] + squeezed[at + 2 :]
            if found := self._squeezed.get(swapped):
                return found
        if size <= _SHORTEST:
            return ""
        if found := self._lengthened(squeezed):
            return found
        for at in inner:
            # one letter too many
            if found := self._squeezed.get(squeezed[:at] + squeezed[at + 1 :]):
                return found
        return ""

    def _lengthened(self, squeezed: str) -> str:
        """Return the first known word that has one letter more."""
        digest = crc32(squeezed.encode())
        at = bisect_left(self._shortened, digest << _BITS)
        while at < len(self._shortened) and self._shortened[at] >> _BITS == digest:
            word = self._spelt[self._shortened[at] & (1 << _BITS) - 1]
            if squeezed in _shorter(_squeezed(word)):
                return word
            at += 1
        return ""

    def _prepare(self) -> None:
        self._spelt = [w for w in self._words if len(w) >= _SHORTEST and w.isalpha()]
        found: list[int] = []
        for number, word in enumerate(self._spelt):
            squeezed = _squeezed(word)
            self._squeezed.setdefault(squeezed, word)
            found += [crc32(short.encode()) << _BITS | number for short in _shorter(squeezed)]
        self._shortened = array("Q", sorted(found))


def _squeezed(word: str) -> str:
    return _DOUBLED.sub(r"\1", word)


def _shorter(squeezed: str) -> Iterator[str]:
    """Yield a word with each of its inner letters left out; none of a short one."""
    if len(squeezed) > _SHORTEST + 1:
        for at in range(1, len(squeezed) - 1):
            yield squeezed[:at] + squeezed[at + 1 :]
