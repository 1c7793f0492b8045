"""What contact with a client takes: mails, interruptions, minutes, and their price."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from mailhours.model.client import Client, Money, Owner, Thresholds
from mailhours.model.message import Message
from mailhours.model.portrait import Cost, Effort

# Mails that come in one go interrupt once.
_AT_ONCE = timedelta(minutes=15)
# Words a minute of a practised reader and of somebody who thinks while writing (Brysbaert 2019
# finds 238 for reading; mail is read for what it wants).
_READ, _WRITTEN = 200, 40


def effort(messages: Iterable[Message], owner: Owner, thresholds: Thresholds) -> Effort:
    """Return what human mails of both sides took; `messages` are in order of time."""
    received = sent = interruptions = 0
    minutes = 0.0
    last: datetime | None = None
    for message in messages:
        if message.of_client:
            received += 1
            minutes += message.words / _READ
            if owner.calendar.is_open(message.at):
                interruptions += last is None or message.at - last > _AT_ONCE
                last = message.at
        elif message.of_ours:
            sent += 1
            minutes += message.words / _WRITTEN
    minutes += interruptions * thresholds.interruption_minutes
    return Effort(received, sent, interruptions, round(minutes))


def by_month(
    messages: Sequence[Message], owner: Owner, thresholds: Thresholds
) -> dict[str, Effort]:
    """Return the effort of each calendar month (`2026-03`) of the owner."""
    months: dict[str, list[Message]] = {}
    for message in messages:
        months.setdefault(month_of(owner, message.at), []).append(message)
    return {month: effort(held, owner, thresholds) for month, held in sorted(months.items())}


def month_of(owner: Owner, at: datetime) -> str:
    """Return the owner's calendar month of a moment, `2026-03`."""
    return f"{owner.calendar.local(at):%Y-%m}"


def cost(spent: Effort, owner: Owner, client: Client, start: datetime) -> Cost | None:
    """Return the cost since `start`; None without a rate. Other currencies are left out."""
    rate = owner.rate
    if rate is None:
        return None
    first = owner.calendar.local(start).date()
    invoiced = sum(
        (
            i.amount.amount
            for i in client.invoices
            if i.issued >= first and i.amount.currency == rate.currency
        ),
        Decimal(),
    )
    cents = Decimal("0.01")
    amount = (rate.amount * spent.minutes / 60).quantize(cents)
    return Cost(Money(amount, rate.currency), Money(invoiced.quantize(cents), rate.currency))
