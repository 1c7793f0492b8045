"""The owner's next steps, each with the line that settles it when the summary is answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mailhours.model.judgement import InvoiceState
from mailhours.summary.day import Day


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that the owner can settle by a line in a reply: `command`, about `subject`.

    `kind` says why it is offered: doubtful, approve, reported, late, ask, finding, hold, frozen or
    quarantine.
    """

    kind: str
    command: str
    client: str
    subject: str
    alternative: str = ""


def actions(day: Day) -> tuple[Action, ...]:
    """Return what the owner can settle, the most urgent first.

    1. What may have left: only the owner can say. 2. What waits for a yes. 3. Delicate matters.
    4. Late answers that were given elsewhere. 5. Money. 6. Asks past due. 7. Findings. 8. Repairs.
    """
    return tuple(_all(day))


def _all(day: Day) -> Iterator[Action]:
    for handled in day.doubtful:
        reply = handled.reply
        yield Action(
            "doubtful",
            f"settle {reply.id} sent",
            day.name_of.get(reply.client, ""),
            reply.subject,
            f"settle {reply.id} lost",
        )
    for handled in day.proposed:
        reply = handled.reply
        yield Action(
            "approve", f"approve {reply.id}", day.name_of.get(reply.client, ""), reply.subject
        )
    for client in {review.client.key: review.client for review in day.review if review.delicate}:
        yield Action("hold", f"hold {client}", day.name_of[client], "")
    for owed in day.late:
        promise = owed.promise
        yield Action("late", f"answered {promise.id}", owed.client.name, promise.message.subject)
    for debt in day.debts:
        number = debt.standing.invoice.number
        kind = "reported" if debt.standing.state is InvoiceState.REPORTED else "invoice"
        yield Action(kind, f"paid {number}", debt.client.name, number)
    for owing in day.overdue_asks:
        yield Action("ask", f"answered {owing.ask.id}", owing.client.name, owing.ask.text)
    for finding in day.findings:
        yield Action(
            "finding",
            f"dismiss {finding.id}",
            day.name_of.get(finding.client, ""),
            finding.pattern,
        )
    for address in sorted(day.health.frozen):
        yield Action("frozen", f"unfreeze {address}", "", address)
    for mail in day.health.quarantined:
        if mail.id:
            yield Action("quarantine", f"retry {mail.id}", "", f"{mail.folder} {mail.uid}")
