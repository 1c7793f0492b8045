"""Payment: late, later and later, promised and not paid, paid only when reminded."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from statistics import median

from mailhours.model.client import Role
from mailhours.model.judgement import Finding, InvoiceStanding, InvoiceState, short_id
from mailhours.model.message import Direction, Message, SignalKind
from mailhours.patterns.silence import end_of
from mailhours.patterns.story import Numbers, Story


def late_payment(story: Story) -> Iterator[Finding]:
    """Find invoices paid, or open, later than due; days are calendar days of the client.

    `median_before` is the median of the days late of the invoices paid before: what is more is
    later than usual. An invoice that is disputed is counted and says so.
    """
    earlier: list[int] = []
    for standing in story.invoices:
        if standing.days_late > 0:
            yield _finding(story, standing, earlier)
        if standing.state is InvoiceState.PAID:
            earlier.append(standing.days_late)


def later_and_later(story: Story) -> Iterator[Finding]:
    """Find payments that come later and later: three billing cycles in a row, each later.

    A cycle are the invoices issued in one calendar month, its figure the median of their days late;
    one that is open counts by today when it is past due. One finding for each rise.
    """
    cycles: dict[tuple[int, int], list[InvoiceStanding]] = {}
    for standing in story.invoices:
        if standing.state is InvoiceState.PAID or standing.days_late > 0:
            issued = standing.invoice.issued
            cycles.setdefault((issued.year, issued.month), []).append(standing)
    rise: list[list[InvoiceStanding]] = []
    for _, cycle in sorted(cycles.items()):
        if rise and _late(cycle) <= _late(rise[-1]):
            yield from _risen(story, rise)
            rise = []
        rise.append(cycle)
    yield from _risen(story, rise)


def _late(cycle: Sequence[InvoiceStanding]) -> float:
    return float(median(standing.days_late for standing in cycle))


def _risen(story: Story, rise: Sequence[Sequence[InvoiceStanding]]) -> Iterator[Finding]:
    if len(rise) < story.history.thresholds.later_cycles:
        return
    numbers: Numbers = {
        "cycles": len(rise),
        "days_late": _late(rise[-1]),
        "days_late_first": _late(rise[0]),
    }
    invoices = [standing for cycle in rise for standing in cycle]
    yield _of_invoices(story, "later_and_later", invoices, numbers)


def promised_not_paid(story: Story) -> Iterator[Finding]:
    """Find invoices for which two days were named, and each passed without the payment.

    A mail that says it is paid, or the payment itself, by the end of that day keeps the promise.
    """
    history = story.history
    zone = history.client.calendar
    for standing in story.invoices:
        named: list[date] = []
        for key in standing.messages:
            message = history.by_key[key]
            days = [
                s.due
                for s in message.signals
                if s.kind is SignalKind.PAYMENT_PROMISED and s.due is not None
            ]
            if days and not _kept(story, standing, message, max(days)):
                named.append(max(days))
        if len(named) >= history.thresholds.payment_promises:
            numbers: Numbers = {
                "invoice": standing.invoice.number,
                "promises": len(named),
                "promised": named[-1].isoformat(),
            }
            last = end_of(max(named), zone)
            yield _of_invoices(story, "promised_not_paid", [standing], numbers, last=last)


def _kept(story: Story, standing: InvoiceStanding, message: Message, day: date) -> bool:
    """Say whether a payment came by the day promised in `message`, or that day is not over."""
    history = story.history
    end = end_of(day, history.client.calendar)
    if history.now <= end or (standing.paid is not None and standing.paid <= day):
        return True
    mails = (history.by_key[key] for key in standing.messages)
    return any(m.has(SignalKind.PAYMENT_SENT) and message.at < m.at <= end for m in mails)


def pays_after_reminder(story: Story) -> Iterator[Finding]:
    """Find clients who pay only when reminded: three paid invoices in a row, each after a reminder.

    A reminder is mail of ours, also a machine's, after the due date and before the payment, that
    names the number of the invoice. An invoice paid without one ends the row.
    """
    row: list[InvoiceStanding] = []
    for standing in story.invoices:
        if standing.paid is None:
            continue
        if standing.days_late > 0 and _reminded(story, standing, standing.paid):
            row.append(standing)
            continue
        yield from _row(story, row)
        row = []
    yield from _row(story, row)


def _row(story: Story, row: Sequence[InvoiceStanding]) -> Iterator[Finding]:
    if len(row) >= story.history.thresholds.reminded_payments:
        yield _of_invoices(story, "pays_after_reminder", row, {"invoices": len(row)})


def _reminded(story: Story, standing: InvoiceStanding, paid: date) -> bool:
    calendar = story.history.owner.calendar
    invoice = standing.invoice
    messages = story.history.messages
    low = bisect_right(messages, end_of(invoice.due, calendar), key=_at)
    return any(
        message.direction is Direction.OUTBOUND
        and any(invoice.number in t for t in (message.subject, *(s.text for s in message.signals)))
        for message in messages[low : bisect_right(messages, end_of(paid, calendar), key=_at)]
    )


def _at(message: Message) -> datetime:
    return message.at


def _of_invoices(
    story: Story,
    pattern: str,
    standings: Sequence[InvoiceStanding],
    numbers: Numbers,
    *,
    last: datetime | None = None,
) -> Finding:
    """Return a finding about invoices; its id follows from the first of them."""
    history = story.history
    calendar = history.client.calendar
    first = end_of(standings[0].invoice.due, calendar) + timedelta(seconds=1)
    ends = [end_of(s.paid or s.invoice.due, calendar) for s in standings]
    payers = [p.address for p in history.client.people if Role.PAYER in p.roles]
    name = short_id("f", pattern, history.client.key, standings[0].invoice.number)
    mails = {key: history.by_key[key] for s in standings for key in s.messages}
    return Finding(
        id=name,
        pattern=pattern,
        client=history.client.key,
        person=payers[0] if payers else "",
        messages=tuple(sorted(mails, key=lambda key: (mails[key].at, key))),
        first=first,
        last=max(first, last or max(ends)),
        numbers=numbers,
        dismissed=story.is_dismissed(name, since=first),
    )


def _finding(story: Story, standing: InvoiceStanding, earlier: list[int]) -> Finding:
    history, invoice = story.history, standing.invoice
    calendar = history.client.calendar
    numbers: Numbers = {
        "invoice": invoice.number,
        "amount": str(invoice.amount),
        "state": standing.state.value,
        "days_late": standing.days_late,
    }
    if earlier:
        numbers["median_before"] = float(median(earlier))
    payers = [p.address for p in history.client.people if Role.PAYER in p.roles]
    late_from = end_of(invoice.due, calendar) + timedelta(seconds=1)
    name = short_id("f", "late_payment", history.client.key, invoice.number)
    return Finding(
        id=name,
        pattern="late_payment",
        client=history.client.key,
        person=payers[0] if payers else "",
        messages=standing.messages,
        first=late_from,
        last=end_of(standing.paid, calendar) if standing.paid else history.now,
        numbers=numbers,
        dismissed=story.is_dismissed(name, since=late_from),
    )
