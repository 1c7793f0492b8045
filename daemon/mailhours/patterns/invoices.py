"""Invoices: what the mails and the owner say of each, on the day of judgement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from mailhours.model.client import Client, Invoice, OwnerVerb
from mailhours.model.judgement import InvoiceStanding, InvoiceState
from mailhours.model.message import Message, SignalKind
from mailhours.patterns.history import History

SAID: Final = {
    SignalKind.PAYMENT_DISPUTED: InvoiceState.DISPUTED,
    SignalKind.PAYMENT_SENT: InvoiceState.REPORTED,
    SignalKind.PAYMENT_PROMISED: InvoiceState.PROMISED,
}
"""What a mail of the client may say of a payment; the first that it says counts."""
# A promise to pay without a day holds for this long.
_SOON: Final = timedelta(days=7)
# It may be spoken of before the date that stands on it.
_EARLY: Final = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class PaymentWord:
    """What a mail of the client says of a payment: the state it claims, and the day it names.

    `text` is where an invoice's number may stand.
    """

    key: str
    at: datetime
    text: str
    state: InvoiceState
    promised: date | None


def payment_word(message: Message) -> PaymentWord | None:
    """Return what a mail of the client says of a payment; None when nothing."""
    if not message.of_client or not message.signals:
        return None
    state = next((state for kind, state in SAID.items() if message.has(kind)), None)
    if state is None:
        return None
    text = " ".join((message.subject, *(signal.text for signal in message.signals)))
    return PaymentWord(message.key, message.at, text, state, _promised(message))


def billed_from(client: Client) -> datetime:
    """Return since when a mail of `client` may speak of one of its invoices, in any time zone."""
    if not client.invoices:
        return datetime.max.replace(tzinfo=UTC)
    first = min(invoice.issued for invoice in client.invoices) - _EARLY - timedelta(days=1)
    return datetime.combine(first, time(), UTC)


def unsettled(history: History, said: Sequence[PaymentWord]) -> Sequence[PaymentWord]:
    """Return what was `said`, in order, since the oldest unpaid invoice: no older word matters."""
    if not said:
        return ()
    unpaid = [i.issued for i in history.client.invoices if _paid(history, i) is None]
    if not unpaid:
        return ()
    since = min(unpaid) - _EARLY
    local = history.client.calendar.local
    if local(said[0].at).date() >= since:
        return said
    return [word for word in said if local(word.at).date() >= since]


def standings(history: History, said: Iterable[PaymentWord]) -> tuple[InvoiceStanding, ...]:
    """Return where each invoice that was issued by now stands, in order of issue.

    Paid by the client file or the owner's word; else what the client's newest mail on it says:
    disputed, reported paid, promised until a day; else overdue from the day after it is due.
    Today is the client's local day. A mail speaks of the invoice whose number it names, else of the
    oldest one that is not paid.
    """
    if not history.client.invoices:
        return ()
    today = history.client.calendar.local(history.now).date()
    invoices = sorted(history.client.invoices, key=lambda i: (i.issued, i.number))
    issued = [invoice for invoice in invoices if invoice.issued <= today]
    paid = {invoice.number: _paid(history, invoice) for invoice in issued}
    spoken: dict[str, list[PaymentWord]] = {}
    for word in said:
        about = _about(history, word, issued, paid)
        if about is not None:
            spoken.setdefault(about.number, []).append(word)
    return tuple(
        _standing(history, invoice, paid[invoice.number], spoken.get(invoice.number, []), today)
        for invoice in issued
    )


def _paid(history: History, invoice: Invoice) -> date | None:
    """Return when it was paid: the client file, or the day of (or in) the owner's word."""
    if invoice.paid is not None:
        return invoice.paid if invoice.paid <= history.day(history.now) else None
    words = history.spoken.get((OwnerVerb.PAID, invoice.number), ())
    if not words:
        return None
    try:
        return date.fromisoformat(words[-1].text.strip())
    except ValueError:
        return history.day(words[-1].at)


def _about(
    history: History, word: PaymentWord, issued: list[Invoice], paid: dict[str, date | None]
) -> Invoice | None:
    day = history.client.calendar.local(word.at).date()
    named = [i for i in issued if i.number in word.text and i.issued - _EARLY <= day]
    if named:
        return named[0]
    open_then = [
        invoice
        for invoice in issued
        if invoice.issued <= day and ((on := paid[invoice.number]) is None or on >= day)
    ]
    return min(open_then, key=lambda i: (i.due, i.number), default=None)


def _standing(
    history: History, invoice: Invoice, paid: date | None, said: list[PaymentWord], today: date
) -> InvoiceStanding:
    state, promised = _state(history, said, today)
    if paid is not None:
        state = InvoiceState.PAID
    elif state is InvoiceState.OPEN and today > invoice.due:
        state = InvoiceState.OVERDUE
    days_late = max(0, ((paid or today) - invoice.due).days)
    keys = tuple(word.key for word in said)
    return InvoiceStanding(invoice, state, paid, promised, days_late, keys)


def _state(
    history: History, said: list[PaymentWord], today: date
) -> tuple[InvoiceState, date | None]:
    """Return what the newest mail that says something says, and the day last promised."""
    promised = next((word.promised for word in reversed(said) if word.promised is not None), None)
    if not said:
        return InvoiceState.OPEN, None
    newest = said[-1]
    if newest.state is InvoiceState.PROMISED:
        until = newest.promised or history.client.calendar.local(newest.at).date() + _SOON
        if today > until:
            return InvoiceState.OPEN, promised
    return newest.state, promised


def _promised(message: Message) -> date | None:
    days = [
        s.due
        for s in message.signals
        if s.kind is SignalKind.PAYMENT_PROMISED and s.due is not None
    ]
    return max(days, default=None)
