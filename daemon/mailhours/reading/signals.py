"""What a message wants: the visible text to signals, each with the phrase and words that show it.

1. Cut the text into sentences and find the phrases in each, of the languages that it may be in.
2. Drop what a guard mutes: politeness, conditions, other people's business, negations.
3. Weigh the kinds against each other: a question that only chases is a nudge, an approval with a
   change is none, thanks count when nothing else holds.
4. Number the items asked for, and read the day that a promise or request names.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from mailhours.model.message import Direction, Signal, SignalKind
from mailhours.reading.context import Context
from mailhours.reading.lexicon import LANGUAGES
from mailhours.reading.matching import Hit, Tongues, hits
from mailhours.reading.phrases import GUARD, Phrases
from mailhours.reading.sentences import Sentence, sentences

READ_WORDS: Final = 3000
"""Words of a message that are read; who shows a longer one says so."""

_ANSWERED_SUBJECT: Final = re.compile(
    r"\s*(?:(?:re|aw|antw|sv|vs|fwd?|wg|tr|rv|vb|odg|отв|пересл|fw|ynt)\s*(?:\[\d+\])?\s*:)",
    re.IGNORECASE,
)
_MARKER: Final = re.compile(
    r"^[ \t]*\[\s*need(?:ed)?\s*:\s*([^\]\n]{1,200})\]", re.IGNORECASE | re.MULTILINE
)
_ORDER: Final = {kind: number for number, kind in enumerate(SignalKind)}


@dataclass(slots=True)
class _Read:
    """One sentence with what was found in it."""

    sentence: Sentence
    hits: list[Hit]

    def of(self, kind: str) -> list[Hit]:
        return [hit for hit in self.hits if hit.phrase.kind == kind] if self.hits else []


def signals(
    phrases: Phrases,
    text: str,
    *,
    direction: Direction,
    subject: str = "",
    sent: datetime,
    zone: ZoneInfo,
    languages: tuple[str, ...] = (),
    replies: tuple[tuple[int, int, str], ...] = (),
) -> tuple[Signal, ...]:
    """Return what the visible `text` signals, in the order of the text.

    `sent` is an aware moment; days are resolved in the writer's `zone`. `languages` are those the
    writer is known to use, likeliest first: they settle how an ambiguous date is read, and in which
    language a few words are meant, where the text does not tell. `replies` are the places (start,
    end) written under a quoted question, and the question. A signal of the subject has start = end
    = 0 and `@subject` at the end of its phrase.
    """
    around = tuple(LANGUAGES.index(name) for name in languages if name in LANGUAGES)
    body = _read(phrases, text, direction, around)
    found = _weigh(body, text)
    if subject and not _ANSWERED_SUBJECT.match(subject):
        found = _with_subject(found, _read(phrases, subject, direction, around), subject)
    found += _markers(text)
    found = _alone(found)
    cut = [part.sentence for part in body]
    context = Context(text, cut, sent, zone, languages, replies)
    return _numbered(sorted((context.complete(signal) for signal in found), key=_place))


def _place(signal: Signal) -> tuple[int, int, int]:
    return signal.start, _ORDER[signal.kind], signal.end


def _read(phrases: Phrases, text: str, direction: Direction, around: Tongues) -> list[_Read]:
    """Find the phrases of each sentence, guards applied."""
    cut = sentences(text, limit=READ_WORDS)
    read = list(map(_Read, cut, hits(phrases, cut, direction, around)))
    muted: set[str] = set()
    for number, part in enumerate(read):
        for guard in part.of(GUARD):
            if guard.phrase.scope == "message":
                muted |= guard.phrase.mutes
            elif guard.phrase.scope == "before" and number:
                before = read[number - 1]
                before.hits = [h for h in before.hits if h.phrase.kind not in guard.phrase.mutes]
    if muted:
        for part in read:
            part.hits = [hit for hit in part.hits if hit.phrase.kind not in muted]
    return read


def _weigh(read: Sequence[_Read], text: str) -> list[Signal]:
    """Weigh the kinds against each other; the result has no items and days yet."""
    chasing = any(part.of("nudge") or _shouts(part.sentence) for part in read)
    found: list[Signal] = []
    for number, part in enumerate(read):
        if not (part.hits or part.sentence.question):
            continue
        _settle(part)
        rest = read[number + 1 :] if part.sentence.marks == ":" else ()
        found += _asks(part, rest, chasing=chasing, text=text)
        for hit in part.hits:
            if hit.phrase.kind not in {"ask", GUARD}:
                found.append(_signal(hit, part.sentence, text))
        if _shouts(part.sentence) and not part.of("nudge"):
            place = part.sentence.start, part.sentence.end
            found.append(_made(SignalKind.NUDGE, "any.question-marks", place, text))
    kinds = {signal.kind for signal in found}
    if SignalKind.CHANGE_REQUEST in kinds:
        found = [signal for signal in found if signal.kind is not SignalKind.APPROVAL]
    return _merged(found)


def _settle(part: _Read) -> None:
    """Drop what is said in the words of something weightier.

    "I have not had an answer" puts nothing off, and who ends a contract, or wishes to, asks for
    nothing.
    """
    nudged = {_clause(part.sentence, hit.first) for hit in part.of("nudge")}
    delicate = part.of("delicate")
    part.hits = [
        hit
        for hit in part.hits
        if not (hit.phrase.kind == "defer" and _clause(part.sentence, hit.first) in nudged)
        and not (
            hit.phrase.kind in {"ask", "change_request"}
            and any(hit.first < other.last and other.first <= hit.last for other in delicate)
        )
    ]


def _shouts(sentence: Sentence) -> bool:
    """Say whether it is little more than question marks: "???", "Hello??"."""
    return len(sentence.words) <= 2 and sentence.marks.count("?") > (1 if sentence.words else 0)


def _asks(part: _Read, rest: Sequence[_Read], *, chasing: bool, text: str) -> list[Signal]:
    """Return what this sentence asks for: phrases, else its question mark; a list line by line."""
    sentence = part.sentence
    nudges = part.of("nudge")
    clauses = [_clause(sentence, hit.first) for hit in nudges]
    changes = part.of("change_request")
    chases = [hit for hit in part.of("ask") if hit.phrase.chases]
    asks = [
        hit
        for hit in part.of("ask")
        if not (chasing and any(hit.overlaps(chase) for chase in chases))
        and not any(hit.overlaps(approval) for approval in part.of("approval"))
        and not any(hit.overlaps(nudge) for nudge in nudges)
        and not (nudges and _clause(sentence, hit.first) in clauses)
    ]
    guarded = [g for g in part.of(GUARD) if "ask" in g.phrase.mutes and g.phrase.scope != "after"]
    if asks:
        chosen: dict[int, Hit] = {}
        for hit in asks:
            clause = _clause(sentence, hit.first)
            if clause not in chosen or _better(hit, chosen[clause]):
                chosen[clause] = hit
        found = _wishes(chosen, sentence, text)
    elif changes:
        clause = _clause(sentence, changes[0].first)
        found = [
            replace(wish, kind=SignalKind.ASK, subtype="")
            for wish in _wishes({clause: changes[0]}, sentence, text)
        ]
    elif (
        sentence.question
        and not nudges
        and not guarded
        and not _shouts(sentence)
        and not (chasing and chases)
    ):
        place = sentence.start, sentence.end
        found = [_made(SignalKind.ASK, "any.question", place, text)]
    else:
        return []
    if sentence.marks == ":" and rest and rest[0].sentence.item:
        lines = []
        for other in rest:
            if not other.sentence.item:
                break
            lines.append(other.sentence)
        return [
            replace(found[-1], start=line.start, end=line.end, text=text[line.start : line.end])
            for line in lines
        ]
    return found


def _wishes(chosen: Mapping[int, Hit], sentence: Sentence, text: str) -> list[Signal]:
    """Return asks by the clause they begin; each reaches to the next one or the sentence's end.

    The phrase shows that something is asked for; what it is stands in the rest of the sentence.
    """
    starts = sorted(chosen)
    found = []
    for clause, following in zip(starts, [*starts[1:], None], strict=True):
        start = sentence.places[clause][0]
        end = sentence.end if following is None else sentence.places[following][0]
        wish = text[start:end].rstrip(" \t\r\n,;")
        hit = chosen[clause]
        found.append(
            replace(_signal(hit, sentence, text), start=start, end=start + len(wish), text=wish)
        )
    return found


def _better(hit: Hit, other: Hit) -> bool:
    """Say whether `hit` tells more of an ask than `other`: what is asked for, then length."""
    return (bool(hit.phrase.subtype), hit.last - hit.first) > (
        bool(other.phrase.subtype),
        other.last - other.first,
    )


def _clause(sentence: Sentence, word: int) -> int:
    return max(start for start in sentence.starts if start <= word)


def _signal(hit: Hit, sentence: Sentence, text: str) -> Signal:
    start, end = sentence.span(hit.first, hit.last)
    return Signal(
        SignalKind(hit.phrase.kind),
        hit.phrase.id,
        start,
        end,
        text[start:end],
        hit.phrase.subtype,
    )


def _made(kind: SignalKind, rule: str, place: tuple[int, int], text: str) -> Signal:
    return Signal(kind, rule, place[0], place[1], text[place[0] : place[1]])


def _merged(found: Sequence[Signal]) -> list[Signal]:
    """Return each kind once for a place: of those that overlap, the longest."""
    kept: list[Signal] = []
    taken: dict[SignalKind, list[tuple[int, int]]] = {}  # places, none of which overlap
    for signal in sorted(found, key=lambda s: (s.start - s.end, s.start, s.phrase)):
        places = taken.setdefault(signal.kind, [])
        at = bisect_left(places, (signal.start, signal.end))
        before = places[at - 1][1] if at else 0
        behind = places[at][0] if at < len(places) else signal.end
        if before <= signal.start and signal.end <= behind:
            places.insert(at, (signal.start, signal.end))
            kept.append(signal)
    return kept


def _with_subject(found: Sequence[Signal], read: Sequence[_Read], subject: str) -> list[Signal]:
    """Add what the subject alone says: kinds that the text does not show."""
    shown = {signal.kind for signal in found}
    extra = _weigh(read, subject)
    return [
        *found,
        *(
            replace(signal, phrase=f"{signal.phrase}@subject", start=0, end=0)
            for signal in extra
            if signal.kind not in shown
        ),
    ]


def _alone(found: Iterable[Signal]) -> list[Signal]:
    """Drop thanks beside anything else."""
    found = list(found)
    others = [signal for signal in found if signal.kind is not SignalKind.THANKS]
    return others or found[:1]


def _markers(text: str) -> list[Signal]:
    """Return the marker lines `[need: logo by 27 Nov]`: each is an ask, whatever else stands."""
    return [
        Signal(SignalKind.ASK, "any.marker", *match.span(1), match.group(1), subtype="marker")
        for match in _MARKER.finditer(text)
    ]


def _numbered(found: Iterable[Signal]) -> tuple[Signal, ...]:
    item = 0
    result = []
    for signal in found:
        if signal.kind is SignalKind.ASK:
            item += 1
            signal = replace(signal, item=item)  # noqa: PLW2901 - the numbered one takes its place
        result.append(signal)
    return tuple(result)
