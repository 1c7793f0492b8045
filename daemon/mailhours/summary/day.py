"""The day: everything that the daily summary states, gathered in the order in which it is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from mailhours.model.client import Client, Owner
from mailhours.model.health import Health
from mailhours.model.judgement import (
    Finding,
    InvoiceState,
    Judgement,
)
from mailhours.model.outlook import Prediction
from mailhours.model.reply import Mode, ReplyKind, ReplyState
from mailhours.model.slot import Slot
from mailhours.summary import entries
from mailhours.summary.entries import Debt, Group, Owed, Owing, Review
from mailhours.summary.inputs import Handled, Inputs
from mailhours.summary.week import Week, measure

_SENT = frozenset({ReplyState.SUBMITTED, ReplyState.FILED})
_SLOTS_NAMED = 3
_ONE = timedelta(days=1)
# The longest holiday after which a summary looks back to its beginning.
_LONGEST = timedelta(days=31)
# These stand among what clients owe already, each day until they are settled.
_STATED = frozenset({"unanswered_feedback", "late_payment"})


@dataclass(frozen=True, slots=True)
class Day:
    """All that a daily summary states; every tuple is in the order in which it is read.

    What is younger than `since` is news.
    """

    day: date
    now: datetime
    since: datetime
    mode: Mode
    owner: Owner
    clients: dict[str, Client]
    working: bool
    review: tuple[Review, ...]
    owed: tuple[Owed, ...]
    predictions: tuple[Prediction, ...]
    owing: tuple[Owing, ...]
    debts: tuple[Debt, ...]
    not_yet_due: int
    sent: tuple[Handled, ...]
    released: tuple[Handled, ...]
    shadowed: tuple[Handled, ...]
    drafted: tuple[Handled, ...]
    proposed: tuple[Handled, ...]
    refused: tuple[Handled, ...]
    doubtful: tuple[Handled, ...]
    withheld: tuple[Group, ...]
    findings: tuple[Finding, ...]
    held_waiting: tuple[str, ...]
    health: Health
    slots: tuple[Slot, ...]
    week: Week | None

    @property
    def late(self) -> tuple[Owed, ...]:
        """Return the promises of ours whose time is over."""
        return tuple(owed for owed in self.owed if owed.late)

    @property
    def overdue_asks(self) -> tuple[Owing, ...]:
        """Return the asks that are past due."""
        return tuple(owing for owing in self.owing if owing.ask.due < self.now)

    @property
    def name_of(self) -> dict[str, str]:
        """Return the names of clients by their keys."""
        return {key: client.name for key, client in self.clients.items()}

    def overdue_money(self) -> dict[str, Decimal]:
        """Return what is past due, by currency, the largest sum first."""
        sums: dict[str, Decimal] = {}
        for debt in self.debts:
            if debt.standing.days_late > 0:
                amount = debt.standing.invoice.amount
                sums[amount.currency] = sums.get(amount.currency, Decimal()) + amount.amount
        return dict(sorted(sums.items(), key=lambda item: (-item[1], item[0])))


def gather(inputs: Inputs) -> Day:
    """Return the day: promises late first, then by due time; what clients owe by age and money."""
    known = [
        (inputs.clients[key], judgement)
        for key, judgement in sorted(inputs.judgements.items())
        if key in inputs.clients
    ]
    owed = tuple(entries.owed(inputs, known))
    owing = tuple(entries.owing(inputs, known))
    debts = tuple(entries.debts(inputs, known))
    findings = tuple(_findings(inputs, known))
    review = tuple(entries.to_review(known))
    by_state: dict[ReplyState, list[Handled]] = {state: [] for state in ReplyState}
    for handled in sorted(inputs.replies, key=lambda h: (h.at, h.reply.id)):
        if ReplyKind.SUMMARY not in handled.reply.kinds:
            by_state[handled.state].append(handled)
    sent = [handled for state in ReplyState if state in _SENT for handled in by_state[state]]
    sent.sort(key=lambda h: (h.at, h.reply.id))
    return Day(
        day=inputs.day,
        now=inputs.now,
        since=_window(inputs)[0],
        mode=inputs.mode,
        owner=inputs.owner,
        clients=dict(inputs.clients),
        working=inputs.owner.calendar.is_working_day(inputs.day),
        review=review,
        owed=owed,
        predictions=tuple(_predictions(inputs)),
        owing=owing,
        debts=debts,
        not_yet_due=sum(
            standing.state is InvoiceState.OPEN and standing.days_late <= 0
            for _, judgement in known
            for standing in judgement.invoices
        ),
        sent=tuple(h for h in sent if ReplyKind.HELD not in h.reply.kinds),
        released=tuple(h for h in sent if ReplyKind.HELD in h.reply.kinds),
        shadowed=tuple(by_state[ReplyState.SHADOWED]),
        drafted=tuple(by_state[ReplyState.DRAFTED]),
        proposed=tuple(by_state[ReplyState.PROPOSED]),
        refused=(*by_state[ReplyState.REFUSED], *by_state[ReplyState.DEFERRED]),
        doubtful=tuple(by_state[ReplyState.DOUBTFUL]),
        withheld=entries.grouped(
            inputs.withheld,
            {one.ask.id for one in owing} | {debt.standing.invoice.number for debt in debts},
        ),
        findings=findings,
        held_waiting=tuple(inputs.held_waiting),
        health=inputs.health,
        slots=tuple(_next_slots(inputs)),
        week=_week(inputs),
    )


def worth_sending(day: Day) -> bool:
    """Say whether there is a mail in it: always on a working day, else only when there is news.

    What merely waits is no news on a closed day, and what was noticed can wait for a working one.
    """
    health = day.health
    return day.working or bool(
        any(review.message.at > day.since for review in day.review)
        or any(handled.at > day.since for handled in (*day.doubtful, *day.drafted, *day.refused))
        or day.sent
        or day.released
        or day.shadowed
        or health.deaf
        or health.notices
        or health.configuration
        or health.fuse_blown
    )


def _findings(inputs: Inputs, known: Iterable[tuple[Client, Judgement]]) -> Iterator[Finding]:
    if inputs.findings is not None:
        yield from (finding for finding in inputs.findings if not finding.dismissed)
        return
    since, until = _window(inputs)
    for client, judgement in known:
        for finding in judgement.findings:
            if finding.dismissed or finding.pattern in _STATED:
                continue
            if since < _seen(client, finding) <= until:
                yield finding


def _window(inputs: Inputs) -> tuple[datetime, datetime]:
    """Return (since, until] of what is news in this summary."""
    zone = inputs.owner.calendar.zone
    start = datetime.combine(inputs.day, time(), zone)
    end = datetime.combine(inputs.day + _ONE, time(), zone)
    until = min(inputs.now, end)
    if inputs.since is not None:
        return inputs.since, until
    if inputs.now >= end:
        return start, until
    # What came after the last summary, in the evening or on days off, is news too.
    since = inputs.now - _ONE
    working = inputs.owner.calendar.is_working_day
    while inputs.now - since < _LONGEST and not working(since.astimezone(zone).date()):
        since -= _ONE
    return since, until


def _seen(client: Client, finding: Finding) -> datetime:
    """Return when a finding came about: a broken promise at the end of the day it named."""
    promised = finding.numbers.get("promised")
    if not isinstance(promised, str):
        return finding.last
    day = date.fromisoformat(promised) + _ONE
    return datetime.combine(day, time(), client.calendar.zone)


def _predictions(inputs: Inputs) -> list[Prediction]:
    """Return the chases to come in the week ahead, the nearest first."""
    horizon = inputs.now + timedelta(weeks=1)
    ahead = (
        p
        for key, p in inputs.predictions.items()
        if key in inputs.clients and inputs.now <= p.at <= horizon
    )
    return sorted(ahead, key=lambda p: (p.at, p.client))


def _week(inputs: Inputs) -> Week | None:
    """Return the week before in numbers, on the first working day of a week."""
    calendar, day = inputs.owner.calendar, inputs.day
    monday = day - timedelta(days=day.weekday())
    earlier = (monday + timedelta(days=n) for n in range(day.weekday()))
    if not calendar.is_working_day(day) or any(map(calendar.is_working_day, earlier)):
        return None
    return measure(inputs.owner, inputs.clients, inputs.judgements, day)


def _next_slots(inputs: Inputs) -> Iterator[Slot]:
    after = inputs.now
    for _ in range(_SLOTS_NAMED):
        slot = inputs.owner.calendar.next_slot(after)
        if slot is None:
            return
        yield slot
        after = slot.due
