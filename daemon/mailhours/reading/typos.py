"""Common slips of the keyboard: a doubled or single letter, two letters swapped, one missing.

Only words that no phrase knows are corrected, only to words that some phrase has, and never at the
first letter or at the end, where words are inflected.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_SHORTEST: Final = 5
_DOUBLED: Final = re.compile(r"(.)\1+")


class Typos:
    """Finds the known word that a misspelt one was meant to be; its index is made on first use."""

    def __init__(self, words: Iterable[str]) -> None:
        """Take the known words; they may still grow until the first look-up."""
        self._words = words
        self._squeezed: dict[str, str] = {}
        self._shortened: dict[str, str] = {}

    def meant(self, word: str) -> str:
        """Return the known word that the unknown, folded `word` is a slip of, or the empty text."""
        if len(word) < _SHORTEST or not word.isalpha():
            return ""
        if not self._squeezed:
            self._prepare()
        squeezed = _DOUBLED.sub(r"\1", word)
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
        if found := self._shortened.get(squeezed):
            return found  # one letter missing
        for at in inner:
            # one letter too many
            if found := self._squeezed.get(squeezed[:at] + squeezed[at + 1 :]):
                return found
        return ""

    def _prepare(self) -> None:
        for word in self._words:
            if len(word) < _SHORTEST or not word.isalpha():
                continue
            squeezed = _DOUBLED.sub(r"\1", word)
            self._squeezed.setdefault(squeezed, word)
            if len(squeezed) > _SHORTEST + 1:
                for at in range(1, len(squeezed) - 1):
                    self._shortened.setdefault(squeezed[:at] + squeezed[at + 1 :], word)
