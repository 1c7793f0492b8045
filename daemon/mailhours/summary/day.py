"""The day: everything that the daily summary states, gathered in the order in which it is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from mailhours.model.client import Client, Owner
from mailhours.model.health import Health
from mailhours.model.judgement import (
    Ask,
    Finding,
    InvoiceStanding,
    InvoiceState,
    Judgement,
    Promise,
    PromiseState,
)
from mailhours.model.message import Message, SignalKind
from mailhours.model.outlook import NextReminder, Prediction
from mailhours.model.reply import Mode, ReplyKind, ReplyState, Withheld
from mailhours.model.slot import Slot
from mailhours.summary.inputs import Handled, Inputs
from mailhours.summary.week import Week, measure

_SENT = frozenset({ReplyState.SUBMITTED, ReplyState.FILED})
_SLOTS_NAMED = 3


@dataclass(frozen=True, slots=True)
class Review:
    """A mail that no machine may answer: the owner reads it first. `sign` is what showed it."""

    client: Client
    message: Message
    delicate: bool
    sign: str


@dataclass(frozen=True, slots=True)
class Owed:
    """A promise of ours. `left` is business time until it is due, negative when it is late.

    `used` is how much of the promised time has gone, in percent, 100 at most. `chased` counts the
    nudges since.
    """

    client: Client
    promise: Promise
    left: timedelta
    used: int
    chased: int

    @property
    def late(self) -> bool:
        """Say whether its time is over."""
        return self.promise.state is PromiseState.OVERDUE


@dataclass(frozen=True, slots=True)
class Owing:
    """An ask that a client has not answered. `days` are their working days past due, 0 before."""

    client: Client
    ask: Ask
    days: int
    next: NextReminder | None


@dataclass(frozen=True, slots=True)
class Debt:
    """An invoice that is not paid. `weight` is money times days late, by which debts are sorted."""

    client: Client
    standing: InvoiceStanding
    weight: Decimal
    next: NextReminder | None


@dataclass(frozen=True, slots=True)
class Group:
    """What was withheld for one reason."""

    reason: str
    withheld: tuple[Withheld, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """All that a daily summary states; every tuple is in the order in which it is read."""

    day: date
    now: datetime
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
    owed = tuple(_owed(inputs, known))
    owing = tuple(_owing(inputs, known))
    debts = tuple(_debts(inputs, known))
    findings = tuple(_findings(inputs, known))
    review = tuple(_review(known))
    by_state: dict[ReplyState, list[Handled]] = {state: [] for state in ReplyState}
    for handled in sorted(inputs.replies, key=lambda h: (h.at, h.reply.id)):
        if ReplyKind.SUMMARY not in handled.reply.kinds:
            by_state[handled.state].append(handled)
    sent = [handled for state in ReplyState if state in _SENT for handled in by_state[state]]
    sent.sort(key=lambda h: (h.at, h.reply.id))
    return Day(
        day=inputs.day,
        now=inputs.now,
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
        withheld=_groups(inputs.withheld),
        findings=findings,
        held_waiting=tuple(inputs.held_waiting),
        health=inputs.health,
        slots=tuple(_next_slots(inputs)),
        week=_week(inputs),
    )


def worth_sending(day: Day) -> bool:
    """Say whether there is a mail in it: always on a working day, else only when there is news.

    What merely waits is no news on a closed day.
    """
    return day.working or bool(
        day.review
        or day.sent
        or day.released
        or day.shadowed
        or day.drafted
        or day.refused
        or day.doubtful
        or day.findings
        or day.health.in_trouble
    )


def _owed(inputs: Inputs, known: Iterable[tuple[Client, Judgement]]) -> list[Owed]:
    calendar = inputs.owner.calendar
    found = []
    for client, judgement in known:
        for promise in judgement.open_promises:
            at = promise.message.at
            whole = calendar.elapsed(at, promise.due)
            left = calendar.elapsed(inputs.now, promise.due)
            used = 100 if whole <= timedelta() else round(100 * (1 - left / whole))
            chased = sum(n.chases == promise.message.key for n in judgement.nudges)
            found.append(Owed(client, promise, left, min(100, max(0, used)), chased))
    return sorted(found, key=lambda o: (not o.late, o.promise.due, o.promise.id))


def _owing(inputs: Inputs, known: Iterable[tuple[Client, Judgement]]) -> list[Owing]:
    found = [
        Owing(client, ask, _days_past(client, ask.due, inputs.now), inputs.reminders.get(ask.id))
        for client, judgement in known
        for ask in judgement.open_asks
    ]
    return sorted(found, key=lambda o: (o.ask.due >= inputs.now, -o.days, o.ask.due, o.ask.id))


def _days_past(client: Client, due: datetime, now: datetime) -> int:
    """Return the client's working days after the day on which something was due, today included.

    Counted up to a year: beyond that nobody counts.
    """
    first, last = client.calendar.local(due).date(), client.calendar.local(now).date()
    days = min((last - first).days, 366)
    return sum(client.calendar.is_working_day(first + timedelta(n)) for n in range(1, days + 1))


def _debts(inputs: Inputs, known: Iterable[tuple[Client, Judgement]]) -> list[Debt]:
    found = []
    for client, judgement in known:
        for standing in judgement.invoices:
            if standing.state is InvoiceState.PAID:
                continue
            if standing.state is InvoiceState.OPEN and standing.days_late <= 0:
                continue
            weight = standing.invoice.amount.amount * max(0, standing.days_late)
            number = standing.invoice.number
            found.append(Debt(client, standing, weight, inputs.reminders.get(number)))
    return sorted(found, key=lambda d: (-d.weight, d.standing.invoice.due, d.client.key))


def _findings(inputs: Inputs, known: Iterable[tuple[Client, Judgement]]) -> Iterator[Finding]:
    if inputs.findings is not None:
        yield from (finding for finding in inputs.findings if not finding.dismissed)
        return
    local = inputs.owner.calendar.local
    for _, judgement in known:
        for finding in judgement.findings:
            if not finding.dismissed and local(finding.last).date() == inputs.day:
                yield finding


def _review(known: Iterable[tuple[Client, Judgement]]) -> list[Review]:
    found = []
    for client, judgement in known:
        for message in judgement.review:
            signs = [s.text for s in message.signals if s.kind is SignalKind.DELICATE]
            found.append(Review(client, message, bool(signs), signs[0] if signs else ""))
    return sorted(found, key=lambda r: (not r.delicate, r.message.at, r.message.key))


def _predictions(inputs: Inputs) -> list[Prediction]:
    """Return the chases to come in the week ahead, the nearest first."""
    horizon = inputs.now + timedelta(weeks=1)
    ahead = (
        p
        for key, p in inputs.predictions.items()
        if key in inputs.clients and inputs.now <= p.at <= horizon
    )
    return sorted(ahead, key=lambda p: (p.at, p.client))


def _groups(withheld: Iterable[Withheld]) -> tuple[Group, ...]:
    """Return what was withheld by reason, the most frequent first; each cause once."""
    reasons: dict[str, dict[str, Withheld]] = {}
    for entry in withheld:
        reasons.setdefault(entry.reason, {})[str(entry.cause)] = entry
    groups = [Group(reason, tuple(entries.values())) for reason, entries in reasons.items()]
    return tuple(sorted(groups, key=lambda g: (-len(g.withheld), g.reason)))


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
