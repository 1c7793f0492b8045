"""What a compiled pattern is made of, and how it matches the words of a sentence.

A word is met as the set of its word classes (`lexicon.py`), a sentence as the list of those sets
with END behind them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

NOTHING: Final[frozenset[int]] = frozenset()
END: Final = frozenset((-2,))
"""What stands behind the last word, and before the first one when a sentence is read backwards."""


@dataclass(frozen=True, slots=True)
class Element:
    """One step of a pattern: one word of class `one` (-1: none), or one of `many` sequences.

    With `gap`, up to that many words of any kind instead. With `end`, the end of the sentence too.
    `many` is ordered by the first word of a sequence; `firsts` are those words. `need` is the bit
    for the words without which the element cannot match (`Lexicon.add_need`), 0 where it can be
    passed over. `weight` says how many words match. `plain`: one word and nothing else.
    """

    one: int
    many: Mapping[int, tuple[tuple[int, ...], ...]] = field(default_factory=dict)
    optional: bool = False
    gap: int = 0
    end: bool = False
    firsts: frozenset[int] = NOTHING
    need: int = 0
    weight: int = 0
    plain: bool = False

    @property
    def begins(self) -> frozenset[int]:
        """Return the classes of which the next word has one; empty when it may be any word."""
        if self.gap or self.optional:
            return NOTHING
        return self.firsts | {self.one} | (END if self.end else NOTHING)

    def sequences(self) -> Iterable[tuple[int, ...]]:
        """Give the sequences of words, each as classes."""
        for sequences in self.many.values():
            yield from sequences


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern, seen from its anchor: what comes `after`, and what `before`, mirrored.

    `needs` has a bit for each element that must match (`Lexicon.add_need`): most sentences lack one
    of them. `follows` and `leads` are the classes of which the words beside the anchor have one;
    empty for any.
    """

    anchor: int
    after: tuple[Element, ...]
    before: tuple[Element, ...]
    opens: bool
    closes: bool
    needs: int
    follows: frozenset[int]
    leads: frozenset[int]

    def match(
        self, at: int, ahead: Sequence[frozenset[int]], back: Sequence[frozenset[int]]
    ) -> tuple[int, int] | None:
        """Return the first and the last word (half-open) if it matches with its anchor `at`.

        `ahead` are the classes of the sentence's words, `back` the same mirrored, each with END.
        """
        size = len(ahead) - 1
        if (self.follows and self.follows.isdisjoint(ahead[at + 1])) or (
            self.leads and self.leads.isdisjoint(back[size - at])
        ):
            return None
        end = _run(self.after, 0, ahead, at + 1) if self.after else at + 1
        if end < 0:
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
    for start in range(at, min(at + gap.gap, len(words) - 1) + 1):
        if following.plain and following.one not in words[start]:
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
                    end = _run(elements, index, words, after)
                    if end >= 0:
                        return end
    if element.one in here:
        end = _run(elements, index, words, at + 1)
        if end >= 0:
            return end
    passed = element.optional or (element.end and at == len(words) - 1)
    return _run(elements, index, words, at) if passed else -1
