"""The week in numbers: seven days beside the seven before, and the mirror held up to the owner.

Everything is measured in business time: our answers in the owner's, theirs in the client's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median

from mailhours.model.client import Client, Owner
from mailhours.model.hours import Calendar
from mailhours.model.judgement import Judgement
from mailhours.model.reward import is_rewarded

_WEEK = timedelta(weeks=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Measures:
    """One week of one client, or of all. Medians are None when nothing was answered.

    `asked` counts mails that were owed an answer, `answered` those answered in the week and `kept`
    how many of them in time. `our_days` and `their_days` are working days with something overdue.
    `rewarded` counts the chases that were answered at once, outside the check-ins.
    """

    asked: int
    answered: int
    kept: int
    our_median: timedelta | None
    their_median: timedelta | None
    chases: int
    rewarded: int
    our_days: int
    their_days: int


@dataclass(frozen=True, slots=True)
class ClientWeek:
    """A client's week and the one before."""

    client: Client
    last: Measures
    before: Measures


@dataclass(frozen=True, slots=True)
class Week:
    """The week from `first` (a Monday) to `final` and the one before; clients with news only."""

    first: date
    final: date
    last: Measures
    before: Measures
    clients: tuple[ClientWeek, ...]


def measure(
    owner: Owner,
    clients: Mapping[str, Client],
    judgements: Mapping[str, Judgement],
    day: date,
) -> Week:
    """Return the numbers of the week before the one that `day` lies in, and of the one before."""
    monday = day - timedelta(days=day.weekday())
    first = monday - _WEEK
    known = [(clients[key], judgements[key]) for key in sorted(judgements) if key in clients]
    last, before = _Span(owner, first), _Span(owner, first - _WEEK)
    each = [
        ClientWeek(client, last.of([(client, judged)]), before.of([(client, judged)]))
        for client, judged in known
    ]
    busy = [one for one in each if one.last != _NOTHING]
    busy.sort(key=lambda one: (-one.last.chases, -one.last.their_days, one.client.key))
    return Week(first, monday - _DAY, last.of(known), before.of(known), tuple(busy))


class _Span:
    """Seven local days of the owner, [start, end), and what is measured in them."""

    def __init__(self, owner: Owner, first: date) -> None:
        self.owner = owner
        self.first = first
        zone = owner.calendar.zone
        self.start = datetime.combine(first, time(), zone)
        self.end = datetime.combine(first + _WEEK, time(), zone)

    def holds(self, at: datetime | None) -> bool:
        """Say whether `at` lies in it."""
        return at is not None and self.start <= at < self.end

    def of(self, known: Iterable[tuple[Client, Judgement]]) -> Measures:
        """Return the measures of some clients together."""
        asked = answered = kept = chases = rewarded = our_days = their_days = 0
        ours: list[timedelta] = []
        theirs: list[timedelta] = []
        calendar = self.owner.calendar
        for client, judged in known:
            by_key = {promise.message.key: promise.closed for promise in judged.promises}
            asked += sum(self.holds(promise.message.at) for promise in judged.promises)
            for promise in judged.promises:
                if promise.closed is not None and self.holds(promise.closed):
                    answered += 1
                    kept += promise.closed <= promise.due
                    ours.append(calendar.elapsed(promise.message.at, promise.closed))
            theirs += [ask.business for ask in judged.asks if self.holds(ask.closed)]
            for nudge in judged.nudges:
                if self.holds(nudge.message.at):
                    chases += 1
                    closed = by_key.get(nudge.chases)
                    rewarded += is_rewarded(calendar, nudge.message.at, closed)
            owed = ((promise.due, promise.closed or judged.now) for promise in judged.promises)
            waited = ((ask.due, ask.closed or judged.now) for ask in judged.asks)
            our_days += self._days(calendar, owed)
            their_days += self._days(client.calendar, waited)
        return Measures(
            asked,
            answered,
            kept,
            median_span(ours),
            median_span(theirs),
            chases,
            rewarded,
            our_days,
            their_days,
        )

    def _days(self, calendar: Calendar, waits: Iterable[tuple[datetime, datetime]]) -> int:
        """Return the working days of the week on which something was overdue."""
        days: set[date] = set()
        for due, until in waits:
            days.update(self._days_between(calendar, due, until))
        return len(days)

    def _days_between(self, calendar: Calendar, due: datetime, until: datetime) -> Iterator[date]:
        day = max(calendar.local(due).date() + _DAY, self.first)
        final = min(calendar.local(until).date(), self.first + timedelta(days=6))
        while day <= final:
            if calendar.is_working_day(day):
                yield day
            day += _DAY


def median_span(spans: Sequence[timedelta]) -> timedelta | None:
    """Return the median of some spans of time; None when there are none."""
    if not spans:
        return None
    return timedelta(seconds=median(span.total_seconds() for span in spans))


_NOTHING = Measures(0, 0, 0, None, None, 0, 0, 0, 0)
