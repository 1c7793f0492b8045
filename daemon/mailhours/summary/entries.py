"""The entries of a day: mails to read oneself, what we owe, what they owe, what was withheld."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from mailhours.model.client import Client
from mailhours.model.hours import Calendar
from mailhours.model.judgement import (
    Ask,
    InvoiceStanding,
    InvoiceState,
    Judgement,
    Promise,
    PromiseState,
)
from mailhours.model.message import Authentication, Message, SignalKind
from mailhours.model.outlook import NextReminder
from mailhours.model.reply import Withheld
from mailhours.summary.inputs import Inputs

# Causes of reminders: what clients owe.
_OWED = ("ask", "invoice")
Known = Iterable[tuple[Client, Judgement]]


@dataclass(frozen=True, slots=True)
class Review:
    """A mail that no machine may answer: the owner reads it first. `sign` is what showed it.

    `forged` says that its sender is perhaps another one.
    """

    client: Client
    message: Message
    delicate: bool
    forged: bool
    sign: str


@dataclass(frozen=True, slots=True)
class Owed:
    """A promise of ours. `left` is business time until it is due, negative when it is late.

    `days` are our working days since the day on which it was due.

    `used` is how much of the promised time has gone, in percent, 100 at most. `chased` counts the
    nudges since.
    """

    client: Client
    promise: Promise
    left: timedelta
    used: int
    chased: int
    days: int

    @property
    def late(self) -> bool:
        """Say whether its time is over."""
        return self.promise.state is PromiseState.OVERDUE


@dataclass(frozen=True, slots=True)
class Owing:
    """An ask that a client has not answered. `days` are their working days past due, 0 before.

    `withheld` is why its reminder did not leave, `held` that the client is on hold.
    """

    client: Client
    ask: Ask
    days: int
    next: NextReminder | None
    withheld: str
    held: bool


@dataclass(frozen=True, slots=True)
class Debt:
    """An invoice that is not paid. `weight` is money times days late, by which debts are sorted.

    `withheld` and `held` as for an ask.
    """

    client: Client
    standing: InvoiceStanding
    weight: Decimal
    next: NextReminder | None
    withheld: str
    held: bool


@dataclass(frozen=True, slots=True)
class Group:
    """What was withheld for one reason."""

    reason: str
    withheld: tuple[Withheld, ...]


def owed(inputs: Inputs, known: Known) -> list[Owed]:
    """Return what we owe, late ones first, then by due time."""
    calendar = inputs.owner.calendar
    found = []
    for client, judgement in known:
        for promise in judgement.open_promises:
            at = promise.message.at
            whole = calendar.elapsed(at, promise.due)
            left = calendar.elapsed(inputs.now, promise.due)
            used = 100 if whole <= timedelta() else round(100 * (1 - left / whole))
            chased = sum(n.chases == promise.message.key for n in judgement.nudges)
            days = _days_past(calendar, promise.due, inputs.now)
            found.append(Owed(client, promise, left, min(100, max(0, used)), chased, days))
    return sorted(found, key=lambda o: (not o.late, o.promise.due, o.promise.id))


def owing(inputs: Inputs, known: Known) -> list[Owing]:
    """Return the open asks, overdue ones first, the oldest first."""
    withheld = _withheld(inputs)
    found = [
        Owing(
            client,
            ask,
            _days_past(client.calendar, ask.due, inputs.now),
            inputs.reminders.get(ask.id),
            withheld.get(ask.id, ""),
            judgement.held,
        )
        for client, judgement in known
        for ask in judgement.open_asks
    ]
    return sorted(found, key=lambda o: (o.ask.due >= inputs.now, -o.days, o.ask.due, o.ask.id))


def _withheld(inputs: Inputs) -> dict[str, str]:
    """Return why reminders were withheld, by ask or invoice: the newest reason wins."""
    return {
        # The level stands after the last colon.
        entry.cause.target.rpartition(":")[0]: entry.reason
        for entry in inputs.withheld
        if entry.cause.kind in _OWED
    }


def _days_past(calendar: Calendar, due: datetime, now: datetime) -> int:
    """Return the working days after the day on which something was due, today included.

    Counted up to a year: beyond that nobody counts.
    """
    first, last = calendar.local(due).date(), calendar.local(now).date()
    days = min((last - first).days, 366)
    return sum(calendar.is_working_day(first + timedelta(n)) for n in range(1, days + 1))


def debts(inputs: Inputs, known: Known) -> list[Debt]:
    """Return the invoices that are due and not paid, by money times age."""
    found = []
    withheld = _withheld(inputs)
    for client, judgement in known:
        for standing in judgement.invoices:
            if standing.state is InvoiceState.PAID:
                continue
            if standing.state is InvoiceState.OPEN and standing.days_late <= 0:
                continue
            weight = standing.invoice.amount.amount * max(0, standing.days_late)
            number = standing.invoice.number
            following = inputs.reminders.get(number)
            why = withheld.get(number, "")
            found.append(Debt(client, standing, weight, following, why, judgement.held))
    return sorted(found, key=lambda d: (-d.weight, d.standing.invoice.due, d.client.key))


def to_review(known: Known) -> list[Review]:
    """Return the mails that no machine may answer, delicate ones first."""
    found = []
    for client, judgement in known:
        for message in judgement.review:
            signs = [s.text for s in message.signals if s.kind is SignalKind.DELICATE]
            forged = message.authentication is Authentication.FAIL
            found.append(Review(client, message, bool(signs), forged, signs[0] if signs else ""))
    return sorted(found, key=lambda r: (not r.delicate, not r.forged, r.message.at, r.message.key))


def grouped(withheld: Iterable[Withheld], told: Collection[str]) -> tuple[Group, ...]:
    """Return what was withheld by reason, the most frequent first; each cause once.

    `told` are the asks and invoices with which the reason stands already.
    """
    reasons: dict[str, dict[str, Withheld]] = {}
    for entry in withheld:
        if entry.cause.kind in _OWED and entry.cause.target.rpartition(":")[0] in told:
            continue
        reasons.setdefault(entry.reason, {})[str(entry.cause)] = entry
    groups = [Group(reason, tuple(entries.values())) for reason, entries in reasons.items()]
    return tuple(sorted(groups, key=lambda g: (-len(g.withheld), g.reason)))
