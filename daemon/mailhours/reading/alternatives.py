"""The alternatives of a pattern, as written in a phrase file, to folded words: `a|b c|<set>`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from mailhours.reading.sentences import WORD, variants

_WORDS: Final = re.compile(rf"{WORD}\*?|#|@url")
_SIMPLE: Final = re.compile(r"[a-z0-9]+(?:\|[a-z0-9]+)*+")
_SET: Final = re.compile(r"<[\w-]+>")

Sides = tuple[frozenset[str], tuple[tuple[str, ...], ...]]
"""Single words, and sequences of words."""


class PatternError(ValueError):
    """A pattern that can not be read; the message says which part."""


@dataclass(slots=True)
class Alternatives:
    """Splits alternatives, and remembers what has been split before."""

    split: dict[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    sets: dict[tuple[int, str], Sides] = field(default_factory=dict)

    def sides(self, alternatives: str, sets: Mapping[str, str]) -> Sides:
        """Split `a|b c|<set>` into its single words and its sequences of words, all folded.

        Raises PatternError.
        """
        if _SIMPLE.fullmatch(alternatives):
            return frozenset(alternatives.split("|")), ()
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
