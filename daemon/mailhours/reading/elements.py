"""What a compiled pattern is made of, and how it matches the words of a sentence.

A word is met as the set of its word classes (`lexicon.py`), a sentence as the list of those sets
with END behind them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

NOTHING: Final[frozenset[int]] = frozenset()
NO_SEQUENCES: Final[Mapping[int, tuple[tuple[int, ...], ...]]] = MappingProxyType({})
ENDING: Final = 0
"""The class that no word has: what stands behind the last word of a sentence, or before the first
one when it is read backwards."""
END: Final = frozenset((ENDING,))


@dataclass(slots=True)  # not frozen: there are thousands, and freezing takes most of the time
class Element:
    """One step of a pattern: one word of class `one` (-1: none), or one of `many` sequences.

    With `gap`, up to that many words of any kind instead. With `end`, the end of the sentence too.
    `many` is ordered by the first word of a sequence; `firsts` are those words. `weight` says how
    many words match. `plain`: one word and nothing else. `need` is the bit of its need
    (`Lexicon.add_need`), 0 until a pattern asks for it. `shows`: a word of the sentence must match.
    """

    one: int
    many: Mapping[int, tuple[tuple[int, ...], ...]] = field(default_factory=lambda: NO_SEQUENCES)
    optional: bool = False
    gap: int = 0
    end: bool = False
    firsts: frozenset[int] = NOTHING
    weight: int = 0
    plain: bool = False
    need: int = 0
    shows: bool = field(init=False)

    def __post_init__(self) -> None:
        """Settle whether a word must match."""
        self.shows = not (self.gap or self.optional or self.end)

    @property
    def single(self) -> frozenset[int]:
        """Return the class of one word, if it may be one word."""
        return NOTHING if self.one < 0 else frozenset((self.one,))

    def sequences(self) -> Iterable[tuple[int, ...]]:
        """Give the sequences of words, each as classes."""
        for sequences in self.many.values():
            yield from sequences


@dataclass(slots=True)
class Pattern:
    """A compiled pattern, seen from its anchor: what comes `after`, and what `before`, mirrored.

    `needs` has a bit for each element that must match (`Lexicon.add_need`): most sentences lack one
    of them. `follows` and `leads` are the needs that the words beside the anchor meet, 0 for any.
    """

    anchor: int
    after: tuple[Element, ...]
    before: tuple[Element, ...]
    opens: bool
    closes: bool
    needs: int
    follows: int
    leads: int

    def match(
        self, at: int, ahead: Sequence[frozenset[int]], back: Sequence[frozenset[int]]
    ) -> tuple[int, int] | None:
        """Return the first and the last word (half-open) if it matches with its anchor `at`.

        `ahead` are the classes of the sentence's words, `back` the same mirrored, each with END.
        """
        end = _run(self.after, 0, ahead, at + 1) if self.after else at + 1
        size = len(ahead) - 1
        if end < 0 or (self.closes and end != size):
            return None
        if not self.before:
            return at, end
        begin = _run(self.before, 0, back, size - at)
        return None if begin < 0 else (size - begin, end)


def _run(
    elements: tuple[Element, ...], index: int, words: Sequence[frozenset[int]], at: int
) -> int:
    """Return where the match of `elements` from `index` on ends, or -1."""
    size = len(elements)
    while index < size:
        element = elements[index]
        index += 1
        if not element.plain:
            pass_over = _skip if element.gap else _choose
            return pass_over(element, elements, index, words, at)
        if element.one not in words[at]:
            return -1
        at += 1
    return at


def _skip(
    gap: Element,
    elements: tuple[Element, ...],
    index: int,
    words: Sequence[frozenset[int]],
    at: int,
) -> int:
    """Try the elements behind a gap, which is as short as can be."""
    if index == len(elements):
        return at
    following = elements[index]
    one, firsts, shows = following.one, following.firsts, following.shows
    for start in range(at, min(at + gap.gap, len(words) - 1) + 1):
        if shows and one not in words[start] and firsts.isdisjoint(words[start]):
            continue
        end = _run(elements, index, words, start)
        if end >= 0:
            return end
    return -1


def _choose(
    element: Element,
    elements: tuple[Element, ...],
    index: int,
    words: Sequence[frozenset[int]],
    at: int,
) -> int:
    """Try what the element may be, sequences first, and what follows it."""
    here = words[at]
    is_last = index == len(elements)
    if not element.firsts.isdisjoint(here):
        for first in element.firsts & here:
            for sequence in element.many[first]:
                after = at + len(sequence)
                if after >= len(words):
                    continue
                for step in range(1, len(sequence)):
                    if sequence[step] not in words[at + step]:
                        break
                else:
                    end = after if is_last else _run(elements, index, words, after)
                    if end >= 0:
                        return end
    if element.one in here:
        end = at + 1 if is_last else _run(elements, index, words, at + 1)
        if end >= 0:
            return end
    if element.optional or (element.end and at == len(words) - 1):
        return at if is_last else _run(elements, index, words, at)
    return -1
