"""What completes a signal: the day that it names, and the quoted question that it answers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from mailhours.model.message import Signal, SignalKind
from mailhours.reading.date_tokens import may_name_day
from mailhours.reading.dates import DatePromise, dates
from mailhours.reading.sentences import ADDRESS, Sentence

_DUE_KINDS: Final = frozenset(
    (SignalKind.DEFER, SignalKind.PAYMENT_PROMISED, SignalKind.ASK, SignalKind.URGENT)
)


@dataclass(slots=True)  # not frozen: a mail makes dozens, and freezing takes most of the time
class Shown:
    """A signal that is not complete yet; all it has means what it means in a Signal."""

    kind: SignalKind
    phrase: str
    start: int
    end: int
    text: str
    subtype: str = ""


class Context:
    """What a signal is completed from: days, and the quoted question it answers."""

    def __init__(
        self,
        text: str,
        sentences: Sequence[Sentence],
        sent: datetime,
        zone: ZoneInfo,
        languages: tuple[str, ...],
        replies: tuple[tuple[int, int, str], ...],
    ) -> None:
        """Take the text, cut into sentences, and what `signals` is told of it."""
        self._text = text
        self._sentences = sentences
        self._starts = [sentence.start for sentence in sentences]
        self._sent = sent
        self._zone = zone
        self._languages = languages
        self._replies = replies
        # the days of a place, by its start: many signals stand in one sentence
        self._named: dict[int, tuple[DatePromise, ...]] = {}

    def complete(self, shown: Shown, item: int) -> Signal:
        """Return the signal with the number of its item, with `due` and `quoted`."""
        due = self._due(shown) if shown.kind in _DUE_KINDS else None
        quoted = ""
        if shown.end:
            for start, end, question in self._replies:
                if start <= shown.start < end:
                    quoted = question
        return Signal(
            shown.kind,
            shown.phrase,
            shown.start,
            shown.end,
            shown.text,
            shown.subtype,
            item,
            due,
            quoted,
        )

    def _due(self, shown: Shown) -> date | None:
        if not shown.end:
            return None
        start, end = shown.start, shown.end
        number = bisect_right(self._starts, start) - 1
        if number >= 0 and start < self._sentences[number].end:
            sentence = self._sentences[number]
            start, end = sentence.start, sentence.end
            words = sentence.words
            if ADDRESS not in words and not may_name_day(self._text[start:end], words):
                return None
        named = self._named.get(start)
        if named is None:
            named = self._named[start] = dates(
                self._text[start:end], self._sent, self._zone, self._languages
            )
        return _nearest(named, shown.start - start).last if named else None


def _nearest(named: Sequence[DatePromise], at: int) -> DatePromise:
    """Return the first day named from `at` on, else the last one before."""
    return next((day for day in named if day.end > at), named[-1])
