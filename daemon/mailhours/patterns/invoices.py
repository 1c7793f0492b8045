"""Invoices: what the mails and the owner say of each, on the day of judgement."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from mailhours.model.client import Invoice, OwnerVerb
from mailhours.model.judgement import InvoiceStanding, InvoiceState
from mailhours.model.message import Message, SignalKind
from mailhours.patterns.history import History

_SAID: Final = {
    SignalKind.PAYMENT_DISPUTED: InvoiceState.DISPUTED,
    SignalKind.PAYMENT_SENT: InvoiceState.REPORTED,
    SignalKind.PAYMENT_PROMISED: InvoiceState.PROMISED,
}
# A promise to pay without a day holds for this long.
_SOON: Final = timedelta(days=7)


def standings(history: History) -> tuple[InvoiceStanding, ...]:
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
    spoken: dict[str, list[Message]] = {}
    for message in history.with_signal(*_SAID):
        if message.of_client:
            about = _about(history, message, issued, paid)
            if about is not None:
                spoken.setdefault(about.number, []).append(message)
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
    history: History, message: Message, issued: list[Invoice], paid: dict[str, date | None]
) -> Invoice | None:
    day = history.client.calendar.local(message.at).date()
    text = " ".join((message.subject, *(signal.text for signal in message.signals)))
    named = [invoice for invoice in issued if invoice.number in text]
    if named:
        return named[0]
    open_then = [
        invoice
        for invoice in issued
        if invoice.issued <= day and ((on := paid[invoice.number]) is None or on >= day)
    ]
    return min(open_then, key=lambda i: (i.due, i.number), default=None)


def _standing(
    history: History, invoice: Invoice, paid: date | None, messages: list[Message], today: date
) -> InvoiceStanding:
    state, promised = _state(history, messages, today)
    if paid is not None:
        state = InvoiceState.PAID
    elif state is InvoiceState.OPEN and today > invoice.due:
        state = InvoiceState.OVERDUE
    days_late = max(0, ((paid or today) - invoice.due).days)
    keys = tuple(message.key for message in messages)
    return InvoiceStanding(invoice, state, paid, promised, days_late, keys)


def _state(
    history: History, messages: list[Message], today: date
) -> tuple[InvoiceState, date | None]:
    """Return what the newest mail that says something says, and the day last promised."""
    calendar = history.client.calendar
    days = [_promised(message) for message in messages]
    promised = next((day for day in reversed(days) if day is not None), None)
    if not messages:
        return InvoiceState.OPEN, None
    newest = messages[-1]
    said = next(state for kind, state in _SAID.items() if newest.has(kind))
    if said is InvoiceState.PROMISED:
        until = _promised(newest) or calendar.local(newest.at).date() + _SOON
        if today > until:
            return InvoiceState.OPEN, promised
    return said, promised


def _promised(message: Message) -> date | None:
    days = [
        s.due
        for s in message.signals
        if s.kind is SignalKind.PAYMENT_PROMISED and s.due is not None
    ]
    return max(days, default=None)
