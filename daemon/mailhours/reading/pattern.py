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

A pattern is tried only where its rarest class of words, its anchor, occurs, and only in sentences
that have a word for every other step that must be there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from mailhours.reading.alternatives import Alternatives, PatternError
from mailhours.reading.elements import END, NOTHING, Element, Pattern
from mailhours.reading.lexicon import TONGUES, Lexicon

_PART: Final = re.compile(r"\s*(\((?:[^()]*)\)\??|<[\w-]+>\??|\.{2,3}|[\^$]|[^\s()<>]+)")
_GAPS: Final = {"..": Element(-1, gap=2), "...": Element(-1, gap=5)}


@dataclass(slots=True)
class Compiler:
    """Compiles patterns into a lexicon; what it remembers is let go with it.

    `tongue` is the language of the patterns, as its place in LANGUAGES or -1.
    """

    lexicon: Lexicon = field(default_factory=Lexicon)
    alternatives: Alternatives = field(default_factory=Alternatives)
    tongue: int = -1
    classes: dict[str | tuple[str, ...], int] = field(default_factory=dict)
    needs: list[dict[tuple[int, ...], int]] = field(
        default_factory=lambda: [{} for _ in range(TONGUES)]
    )
    elements: dict[tuple[int, str], Element] = field(default_factory=dict)
    plains: dict[tuple[int, int], Element] = field(default_factory=dict)

    def forget_file(self) -> None:
        """Let go of what only patterns of the same file share: it is most of the memory."""
        self.elements.clear()
        self.plains.clear()
        self.needs[self.tongue].clear()
        self.alternatives = Alternatives()

    def compile(self, source: str, sets: Mapping[str, str]) -> tuple[Pattern, ...]:
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
            else:
                elements.append(_GAPS.get(part) or self._element(part, sets))
        while elements and elements[-1].gap:
            elements.pop()
        if not any(element.shows for element in elements):
            raise PatternError(f"nothing in {source!r} must be there")
        return tuple(self._anchored(elements, opens=opens, closes=closes))

    def _element(self, part: str, sets: Mapping[str, str]) -> Element:
        """Return the element that `part` says; one for all patterns of the same sets."""
        known = self.elements.get((id(sets), part))
        if known is None:
            known = self.elements[id(sets), part] = self._new_element(part, sets)
        return known

    def _new_element(self, part: str, sets: Mapping[str, str]) -> Element:
        optional = part.endswith("?")
        inside = part.removesuffix("?")
        if inside.startswith("("):
            inside = inside[1:-1]
        rest = inside.removesuffix("|$")
        single, many = self.alternatives.sides(rest, sets)
        if any(word[-1] == "*" and len(word) < 4 for word in single):
            raise PatternError(f"{inside!r}: three letters or more before the star")
        one = self._class(single) if single else -1
        end = rest != inside
        if not (many or optional or end):
            return self._plain(one)
        sequences = [tuple(map(self._class_of, sequence)) for sequence in many]
        rarest = [min(sequence, key=self.lexicon.weights.__getitem__) for sequence in sequences]
        weight = sum(self.lexicon.weights[number] + 3 for number in rarest)
        if single:
            weight += self.lexicon.weights[one]
        ordered = _by_first(sequences)
        firsts = frozenset(ordered)
        return Element(one, ordered, optional, 0, end, firsts, weight)

    def _plain(self, number: int) -> Element:
        known = self.plains.get((self.tongue, number))
        if known is None:
            known = Element(number, weight=self.lexicon.weights[number], plain=True)
            self.plains[self.tongue, number] = known
        return known

    def _class(self, words: frozenset[str]) -> int:
        """Return the class of these words."""
        if len(words) == 1:
            return self._class_of(*words)
        # a tuple takes a third of the room of a set, of which every one would stay to the end
        return self._numbered(tuple(sorted(words)), words)

    def _class_of(self, word: str) -> int:
        """Return the class of this word alone."""
        return self._numbered(word, (word,))

    def _numbered(self, key: str | tuple[str, ...], words: Iterable[str]) -> int:
        number = self.classes.get(key)
        if number is None:
            number = self.classes[key] = self.lexicon.add(words)
        if self.tongue >= 0:
            self.lexicon.tongues[number] |= 1 << self.tongue
        return number

    def _need(self, classes: Iterable[int]) -> int:
        """Return the bit for `classes`, one of which a pattern of this language must meet."""
        wanted = tuple(sorted(classes))
        bit = self.needs[self.tongue].get(wanted)
        if bit is None:
            bit = self.needs[self.tongue][wanted] = self.lexicon.add_need(self.tongue, wanted)
        return bit

    def _shown(self, element: Element) -> int:
        """Return the bit for what must occur in a sentence with `element`; it is worked out once.

        Of a sequence of words it is the rarest.
        """
        if not element.need:
            weights = self.lexicon.weights
            rarest = {min(words, key=weights.__getitem__) for words in element.sequences()}
            element.need = self._need(rarest | element.single)
        return element.need

    def _needs(self, elements: Iterable[Element]) -> int:
        """Return what must occur in a sentence with all `elements`, as bits."""
        bits = 0
        for element in elements:
            if element.shows:
                bits |= self._shown(element)
        return bits

    def _beginning(self, elements: tuple[Element, ...]) -> int:
        """Return what the first word of `elements` meets, 0 when it may be any."""
        if not elements or elements[0].gap or elements[0].optional:
            return 0
        first = elements[0]
        if first.plain:
            return self._shown(first)
        return self._need(first.firsts | first.single | (END if first.end else NOTHING))

    def _anchored(self, elements: list[Element], *, opens: bool, closes: bool) -> Iterable[Pattern]:
        """Give the pattern seen from its rarest element: a pattern for each sequence in it."""
        best = min(
            (index for index, element in enumerate(elements) if element.shows),
            key=lambda index: elements[index].weight,
        )
        chosen = elements[best]
        ahead, behind = tuple(elements[best + 1 :]), elements[:best]
        mirrored = tuple(_mirrored(element) for element in behind[::-1])
        needs = self._needs((*ahead, *behind))

        def seen(at: int, *sequence: int) -> Pattern:
            parts = [self._plain(part) for part in sequence]
            after = (*parts[at + 1 :], *ahead)
            before = (*parts[:at][::-1], *mirrored)
            return Pattern(
                anchor=sequence[at],
                after=after,
                before=before,
                opens=opens,
                closes=closes,
                needs=needs | self._needs(parts),
                follows=self._need(END) if closes and not after else self._beginning(after),
                leads=self._beginning(before),
            )

        if chosen.one >= 0:
            yield seen(0, chosen.one)
        for sequence in chosen.sequences():
            yield seen(_rarest(sequence, self.lexicon.weights), *sequence)


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


def _rarest(sequence: tuple[int, ...], weights: list[int]) -> int:
    return min(range(len(sequence)), key=lambda at: weights[sequence[at]])


def _by_first(sequences: Iterable[tuple[int, ...]]) -> dict[int, tuple[tuple[int, ...], ...]]:
    many: dict[int, list[tuple[int, ...]]] = {}
    for sequence in sequences:
        many.setdefault(sequence[0], []).append(sequence)
    return {first: tuple(found) for first, found in many.items()}


def _mirrored(element: Element) -> Element:
    """Return the element as it is met backwards."""
    if not element.many:
        return element
    many = _by_first(sequence[::-1] for sequence in element.sequences())
    return replace(element, many=many, end=False, firsts=frozenset(many))
