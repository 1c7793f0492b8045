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
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count, takewhile
from typing import Final
from zoneinfo import ZoneInfo

from mailhours.model.message import Direction, Signal, SignalKind
from mailhours.reading.context import Context, Shown
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
_KINDS: Final = {kind.value: kind for kind in SignalKind}


@dataclass(slots=True)
class _Read:
    """One sentence with what was found in it."""

    sentence: Sentence
    hits: list[Hit]

    def by_kind(self) -> defaultdict[str, list[Hit]]:
        """Return the hits of each kind, of which most sentences have one or none."""
        found: defaultdict[str, list[Hit]] = defaultdict(list)
        for hit in self.hits:
            found[hit.phrase.kind].append(hit)
        return found


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
    items = count(1)
    return tuple(
        [
            context.complete(shown, next(items) if shown.kind is SignalKind.ASK else 0)
            for shown in sorted(found, key=_place)
        ]
    )


def _place(shown: Shown) -> tuple[int, int, int]:
    return shown.start, _ORDER[shown.kind], shown.end


def _read(phrases: Phrases, text: str, direction: Direction, around: Tongues) -> list[_Read]:
    """Find the phrases of each sentence, guards applied."""
    cut = sentences(text, limit=READ_WORDS)
    read = list(map(_Read, cut, hits(phrases, cut, direction, around)))
    muted: set[str] = set()
    for number, part in enumerate(read):
        for guard in part.hits:
            if guard.phrase.kind != GUARD:
                continue
            if guard.phrase.scope == "message":
                muted |= guard.phrase.mutes
            elif guard.phrase.scope == "before" and number:
                before = read[number - 1]
                before.hits = [h for h in before.hits if h.phrase.kind not in guard.phrase.mutes]
    if muted:
        for part in read:
            part.hits = [hit for hit in part.hits if hit.phrase.kind not in muted]
    return read


def _weigh(read: Sequence[_Read], text: str) -> list[Shown]:
    """Weigh the kinds against each other; the result has no items and days yet."""
    chasing = any(hit.phrase.kind == "nudge" for part in read for hit in part.hits) or any(
        _shouts(part.sentence) for part in read
    )
    found: list[Shown] = []
    for number, part in enumerate(read):
        if not (part.hits or part.sentence.question):
            continue
        if len(part.hits) > 1:
            _settle(part)
        said = part.by_kind()
        rest = read[number + 1 :] if part.sentence.marks == ":" else ()
        found += _asks(part.sentence, said, rest, chasing=chasing, text=text)
        for hit in part.hits:
            if hit.phrase.kind not in {"ask", GUARD}:
                found.append(_signal(hit, part.sentence, text))
        if _shouts(part.sentence) and not said["nudge"]:
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
    said = part.by_kind()
    nudged = {_clause(part.sentence, hit.first) for hit in said["nudge"]}
    delicate = said["delicate"]
    if not (nudged or delicate):
        return
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


def _asks(
    sentence: Sentence,
    said: Mapping[str, Sequence[Hit]],
    rest: Sequence[_Read],
    *,
    chasing: bool,
    text: str,
) -> list[Shown]:
    """Return what this sentence asks for: phrases, else its question mark; a list line by line."""
    if not (said["ask"] or said["change_request"] or sentence.question):
        return []
    nudges, approvals = said["nudge"], said["approval"]
    clauses = [_clause(sentence, hit.first) for hit in nudges]
    changes = said["change_request"]
    chases = [hit for hit in said["ask"] if hit.phrase.chases]
    asks = [
        hit
        for hit in said["ask"]
        if not (chasing and any(hit.overlaps(chase) for chase in chases))
        and not any(hit.overlaps(approval) for approval in approvals)
        and not any(hit.overlaps(nudge) for nudge in nudges)
        and not (nudges and _clause(sentence, hit.first) in clauses)
    ]
    guarded = [g for g in said[GUARD] if "ask" in g.phrase.mutes and g.phrase.scope != "after"]
    if asks:
        chosen: dict[int, Hit] = {}
        for hit in asks:
            clause = _clause(sentence, hit.first)
            if clause not in chosen or _better(hit, chosen[clause]):
                chosen[clause] = hit
        found = _wishes(chosen, sentence, text)
    elif changes:
        clause = _clause(sentence, changes[0].first)
        found = _wishes({clause: changes[0]}, sentence, text)
        for wish in found:
            wish.kind, wish.subtype = SignalKind.ASK, ""
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
        last = found[-1]
        lines = takewhile(lambda line: line.item, (other.sentence for other in rest))
        return [
            Shown(last.kind, last.phrase, at.start, at.end, text[at.start : at.end], last.subtype)
            for at in lines
        ]
    return found


def _wishes(chosen: Mapping[int, Hit], sentence: Sentence, text: str) -> list[Shown]:
    """Return asks by the clause they begin; each reaches to the next one or the sentence's end.

    The phrase shows that something is asked for; what it is stands in the rest of the sentence.
    """
    starts = sorted(chosen)
    found = []
    for clause, following in zip(starts, [*starts[1:], None], strict=True):
        start = sentence.place(clause)[0]
        end = sentence.end if following is None else sentence.place(following)[0]
        wish = text[start:end].rstrip(" \t\r\n,;")
        phrase = chosen[clause].phrase
        kind = _KINDS[phrase.kind]
        found.append(Shown(kind, phrase.id, start, start + len(wish), wish, phrase.subtype))
    return found


def _better(hit: Hit, other: Hit) -> bool:
    """Say whether `hit` tells more of an ask than `other`: what is asked for, then length."""
    return (bool(hit.phrase.subtype), hit.last - hit.first) > (
        bool(other.phrase.subtype),
        other.last - other.first,
    )


def _clause(sentence: Sentence, word: int) -> int:
    return max([start for start in sentence.starts if start <= word])


def _signal(hit: Hit, sentence: Sentence, text: str) -> Shown:
    start, end = sentence.span(hit.first, hit.last)
    return Shown(
        _KINDS[hit.phrase.kind],
        hit.phrase.id,
        start,
        end,
        text[start:end],
        hit.phrase.subtype,
    )


def _made(kind: SignalKind, rule: str, place: tuple[int, int], text: str) -> Shown:
    return Shown(kind, rule, place[0], place[1], text[place[0] : place[1]])


def _merged(found: Sequence[Shown]) -> list[Shown]:
    """Return each kind once for a place: of those that overlap, the longest."""
    kept: list[Shown] = []
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


def _with_subject(found: Sequence[Shown], read: Sequence[_Read], subject: str) -> list[Shown]:
    """Add what the subject alone says: kinds that the text does not show."""
    shown = {signal.kind for signal in found}
    extra = _weigh(read, subject)
    return [
        *found,
        *(
            Shown(signal.kind, f"{signal.phrase}@subject", 0, 0, signal.text, signal.subtype)
            for signal in extra
            if signal.kind not in shown
        ),
    ]


def _alone(found: Iterable[Shown]) -> list[Shown]:
    """Drop thanks beside anything else."""
    found = list(found)
    others = [signal for signal in found if signal.kind is not SignalKind.THANKS]
    return others or found[:1]


def _markers(text: str) -> list[Shown]:
    """Return the marker lines `[need: logo by 27 Nov]`: each is an ask, whatever else stands."""
    return [
        Shown(SignalKind.ASK, "any.marker", *match.span(1), match.group(1), subtype="marker")
        for match in _MARKER.finditer(text)
    ]
