"""What completes a signal: the day that it names, and the quoted question that it answers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
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


@dataclass(frozen=True, slots=True)
class Context:
    """What a signal is completed from: days, and the quoted question it answers."""

    text: str
    sentences: Sequence[Sentence]
    sent: datetime
    zone: ZoneInfo
    languages: tuple[str, ...]
    replies: tuple[tuple[int, int, str], ...]
    named: dict[int, tuple[DatePromise, ...]] = field(default_factory=dict)
    """The days of a place, by its start: many signals stand in one sentence."""

    def complete(self, signal: Signal) -> Signal:
        """Return the signal with `due` and `quoted`."""
        due = self._due(signal) if signal.kind in _DUE_KINDS else None
        quoted = ""
        if signal.end:
            for start, end, question in self.replies:
                if start <= signal.start < end:
                    quoted = question
        return replace(signal, due=due, quoted=quoted) if due or quoted else signal

    def _due(self, signal: Signal) -> date | None:
        if not signal.end:
            return None
        start, end = signal.start, signal.end
        number = bisect_right(self.sentences, start, key=lambda sentence: sentence.start) - 1
        if number >= 0 and start < self.sentences[number].end:
            sentence = self.sentences[number]
            start, end = sentence.start, sentence.end
            words = sentence.words
            if ADDRESS not in words and not may_name_day(self.text[start:end], words):
                return None
        named = self.named.get(start)
        if named is None:
            named = self.named[start] = dates(
                self.text[start:end], self.sent, self.zone, self.languages
            )
        return _nearest(named, signal.start - start).last if named else None


def _nearest(named: Sequence[DatePromise], at: int) -> DatePromise:
    """Return the first day named from `at` on, else the last one before."""
    return next((day for day in named if day.end > at), named[-1])
