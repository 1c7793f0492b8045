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
from dataclasses import replace
from typing import Final

from mailhours.reading.elements import END, NOTHING, Element, Pattern
from mailhours.reading.lexicon import Lexicon, PatternError

_PART: Final = re.compile(r"\s*(\((?:[^()]*)\)\??|<[\w-]+>\??|\.{2,3}|[\^$]|[^\s()<>]+)")
_GAPS: Final = {"..": Element(-1, gap=2), "...": Element(-1, gap=5)}


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
        else:
            elements.append(_GAPS.get(part) or _element(part, sets, lexicon))
    while elements and elements[-1].gap:
        elements.pop()
    if not any(element.must for element in elements):
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
    if not many and not optional and rest == part:
        return _plain(one)
    sequences = [tuple(lexicon.intern_word(word) for word in sequence) for sequence in many]
    rarest = {min(sequence, key=lexicon.weights.__getitem__) for sequence in sequences}
    shows = frozenset(rarest | {one} if single else rarest)
    many_of = _by_first(sequences)
    return Element(one, many_of, optional, 0, rest != part, frozenset(many_of), shows)


def _plain(number: int) -> Element:
    return Element(number, shows=frozenset((number,)), plain=True)


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


def _anchored(
    elements: list[Element], *, opens: bool, closes: bool, lexicon: Lexicon
) -> Iterable[Pattern]:
    weights = lexicon.weights
    best, lightest = -1, 1 << 30
    for index, element in enumerate(elements):
        if not element.must:
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
        if element.must:
            needs |= lexicon.need(element.shows)
    if chosen.one >= 0:
        needed = needs | lexicon.need(frozenset((chosen.one,)))
        yield _seen_from(chosen.one, ahead, mirrored, opens=opens, closes=closes, needs=needed)
    for sequence in chosen.sequences():
        at = min(range(len(sequence)), key=lambda index: weights[sequence[index]])
        needed = needs
        for part in sequence:
            needed |= lexicon.need(frozenset((part,)))
        yield _seen_from(
            sequence[at],
            tuple(_plain(part) for part in sequence[at + 1 :]) + ahead,
            tuple(_plain(part) for part in sequence[:at][::-1]) + mirrored,
            opens=opens,
            closes=closes,
            needs=needed,
        )


def _seen_from(
    anchor: int,
    after: tuple[Element, ...],
    before: tuple[Element, ...],
    *,
    opens: bool,
    closes: bool,
    needs: int,
) -> Pattern:
    follows = after[0].begins if after else END if closes else NOTHING
    leads = before[0].begins if before else NOTHING
    return Pattern(anchor, after, before, opens, closes, needs, follows, leads)
