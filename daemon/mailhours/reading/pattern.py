"""The pattern language of the phrase files, compiled to something that matches words fast.

    still waiting          these words, one after the other (folded: spelling does not matter)
    can|could|will         one word of several
    (at the moment|now)    one of several groups of words
    urgent?  (as well)?    may be absent
    send*                  any word that begins so (three letters or more)
    ..                     up to two words of any kind;  ... up to five
    <you>                  a set of words that the file names in [sets]
    #                      a number
    ^ at the beginning     at the beginning of a clause; greetings and fillers are passed over
    $ at the end           at the end of the sentence; (on|about|$) one of these words or the end

Every word of a mail is looked up once and gives the set of word classes that it belongs to; a
pattern is tried only where its rarest class occurs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from mailhours.reading.sentences import WORD, variants

_PART: Final = re.compile(r"\s*(\((?:[^()]*)\)\??|<[\w-]+>\??|\.{2,3}|[\^$]|[^\s()<>]+)")
_WORDS: Final = re.compile(rf"{WORD}\*?|#|@url")
_SET: Final = re.compile(r"<[\w-]+>")
_SHORT = 2
_LONG = 5
NOTHING: Final[frozenset[int]] = frozenset()


class PatternError(ValueError):
    """A pattern that can not be read; the message says which part."""


@dataclass(frozen=True, slots=True)
class Element:
    """One step of a pattern: one word of class `one` (-1: none), or one of `many` sequences.

    With `gap`, up to that many words of any kind instead. With `end`, the end of the sentence too.
    `many` is ordered by the first word of a sequence; `firsts` are those words.
    """

    one: int
    many: Mapping[int, tuple[tuple[int, ...], ...]] = field(default_factory=dict)
    optional: bool = False
    gap: int = 0
    end: bool = False
    firsts: frozenset[int] = NOTHING

    def sequences(self) -> Iterable[tuple[int, ...]]:
        """Give the sequences of words, each as classes."""
        for sequences in self.many.values():
            yield from sequences


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern, seen from its anchor: what comes `after`, and what `before`, mirrored.

    `needs` has a bit for each class without which it cannot match: most sentences lack one of them.
    """

    anchor: int
    after: tuple[Element, ...]
    before: tuple[Element, ...]
    opens: bool
    closes: bool
    needs: int

    def match(
        self, at: int, ahead: Sequence[frozenset[int]], back: Sequence[frozenset[int]]
    ) -> tuple[int, int] | None:
        """Return the first and the last word (half-open) if it matches with its anchor `at`.

        `ahead` are the classes of the sentence's words and an empty set as its end; `back` the
        same, mirrored.
        """
        end = _run(self.after, 0, ahead, at + 1) if self.after else at + 1
        if end < 0:
            return None
        if not self.before:
            return at, end
        size = len(ahead) - 1
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
        if element.gap:
            last = min(at + element.gap, len(words) - 1)
            for start in range(at, last + 1):
                end = _run(elements, index, words, start)
                if end >= 0:
                    return end
            return -1
        if element.many or element.optional or element.end:
            return _choose(element, elements, index, words, at)
        if element.one not in words[at]:
            return -1
        at += 1
    return at


def _choose(
    element: Element,
    elements: tuple[Element, ...],
    index: int,
    words: Sequence[frozenset[int]],
    at: int,
) -> int:
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


@dataclass(slots=True)
class Lexicon:
    """The word classes of all patterns, and which class has which words.

    `tongue` is the language whose patterns are being read, as one bit; `tongues` are the languages
    that have a class.
    """

    classes: dict[frozenset[str], int] = field(default_factory=dict)
    words: dict[str, list[int]] = field(default_factory=dict)
    prefixes: dict[str, list[int]] = field(default_factory=dict)
    weights: list[int] = field(default_factory=list)
    elements: dict[tuple[int, str], Element] = field(default_factory=dict)
    singles: dict[str, int] = field(default_factory=dict)
    split: dict[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    sets: dict[tuple[int, str], tuple[frozenset[str], tuple[tuple[str, ...], ...]]] = field(
        default_factory=dict
    )
    tongues: list[int] = field(default_factory=list)
    tongue: int = 0

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
        self.tongues[number] |= self.tongue
        return number

    def intern_word(self, word: str) -> int:
        """Return the class of this word alone."""
        number = self.singles.get(word)
        if number is None:
            number = self.singles[word] = self.intern(frozenset((word,)))
        self.tongues[number] |= self.tongue
        return number

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

    def sides(
        self, alternatives: str, sets: Mapping[str, str]
    ) -> tuple[frozenset[str], tuple[tuple[str, ...], ...]]:
        """Split `a|b c|<set>` into its single words and its sequences of words, all folded."""
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

    def _set(
        self, name: str, sets: Mapping[str, str]
    ) -> tuple[frozenset[str], tuple[tuple[str, ...], ...]]:
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


def compile_pattern(source: str, sets: Mapping[str, str], lexicon: Lexicon) -> tuple[Pattern, ...]:
    """Compile `source`; several patterns where it has no single word of its own to anchor at.

    Raises PatternError.
    """
    elements: list[Element] = []
    opens = closes = False
    for part in _parts(source):
        if part == "^":
            opens = True
        elif part == "$":
            closes = True
        elif part in {"..", "..."}:
            elements.append(Element(-1, gap=_SHORT if part == ".." else _LONG))
        else:
            elements.append(_element(part, sets, lexicon))
    while elements and elements[-1].gap:
        elements.pop()
    if all(element.gap or element.optional or element.end for element in elements):
        raise PatternError(f"nothing in {source!r} must be there")
    return tuple(_anchored(elements, opens=opens, closes=closes, lexicon=lexicon))


def _parts(source: str) -> list[str]:
    parts = []
    at = 0
    source = source.strip()
    while at < len(source):
        part = _PART.match(source, at)
        if part is None:
            raise PatternError(f"{source[at:]!r} can not be read")
        parts.append(part.group(1))
        at = part.end()
    return parts


def _element(part: str, sets: Mapping[str, str], lexicon: Lexicon) -> Element:
    """Return the element that `part` says; one for all patterns of the same sets."""
    known = lexicon.elements.get((id(sets), part))
    if known is None:
        known = lexicon.elements[id(sets), part] = _new_element(part, sets, lexicon)
    return known


def _new_element(part: str, sets: Mapping[str, str], lexicon: Lexicon) -> Element:
    optional = part.endswith("?")
    if optional:
        part = part[:-1]
    if part.startswith("("):
        part = part[1:-1]
    rest = part.removesuffix("|$")
    single, many = lexicon.sides(rest, sets)
    if any(word.endswith("*") and len(word) < 4 for word in single):
        raise PatternError(f"{part!r}: three letters or more before the star")
    one = lexicon.intern(single) if single else -1
    sequences = tuple(tuple(lexicon.intern_word(word) for word in sequence) for sequence in many)
    return _of(one, sequences, optional=optional, end=rest != part)


def _of(
    one: int, sequences: Iterable[tuple[int, ...]], *, optional: bool = False, end: bool = False
) -> Element:
    many: dict[int, tuple[tuple[int, ...], ...]] = {}
    for sequence in sequences:
        many[sequence[0]] = (*many.get(sequence[0], ()), sequence)
    return Element(one, many, optional, 0, end, frozenset(many))


def _mirrored(element: Element) -> Element:
    """Return the element as it is met backwards."""
    if not element.many:
        return element
    turned = (sequence[::-1] for sequence in element.sequences())
    return _of(element.one, turned, optional=element.optional)


def _anchored(
    elements: list[Element], *, opens: bool, closes: bool, lexicon: Lexicon
) -> Iterable[Pattern]:
    weights = lexicon.weights
    best, lightest = -1, 1 << 30
    for index, element in enumerate(elements):
        if element.gap or element.optional or element.end:
            continue
        weight = weights[element.one] if element.one >= 0 else 0
        weight += sum(
            min(weights[part] for part in sequence) + 3 for sequence in element.sequences()
        )
        if weight < lightest:
            best, lightest = index, weight
    chosen = elements[best]
    ahead, behind = tuple(elements[best + 1 :]), elements[:best]
    mirrored = tuple(_mirrored(element) for element in behind[::-1])
    needs = 0
    for element in (*ahead, *behind):
        if not (element.many or element.gap or element.optional or element.end):
            needs |= 1 << element.one
    if chosen.one >= 0:
        yield Pattern(chosen.one, ahead, mirrored, opens, closes, needs | 1 << chosen.one)
    for sequence in chosen.sequences():
        at = min(range(len(sequence)), key=lambda index: weights[sequence[index]])
        yield Pattern(
            sequence[at],
            tuple(Element(part) for part in sequence[at + 1 :]) + ahead,
            tuple(Element(part) for part in sequence[:at][::-1]) + mirrored,
            opens,
            closes,
            needs | sum(1 << part for part in set(sequence)),
        )
