"""Payment: late, and later than before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from statistics import median

from mailhours.model.client import Role
from mailhours.model.judgement import Finding, InvoiceStanding, InvoiceState, short_id
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
