"""Papers about a client: the dossier from the ledger, letters from the files, a letter as draft."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import date

from mailhours.model.address import Address, domain
from mailhours.model.client import Client
from mailhours.model.faults import UsageFault
from mailhours.model.judgement import Judgement
from mailhours.model.reply import Cause, Mode, Reply, ReplyKind, ReplyState
from mailhours.service import judging
from mailhours.service.account import Account
from mailhours.summary.dossier import Dossier, Inputs, gather, quoted
from mailhours.summary.letter import Letter, change_of_terms, changes, working_together

_REMINDERS = frozenset({ReplyKind.FEEDBACK_1, ReplyKind.FEEDBACK_2, ReplyKind.FEEDBACK_3})
_LEFT = frozenset({ReplyState.SUBMITTED, ReplyState.FILED})


def dossier_of(
    account: Account, client: str, *, parting: bool = False, reason: str = ""
) -> Dossier:
    """Return the record of a client as of now; with `parting` it is the final report."""
    readings = account.ledger.readings
    length, head = account.ledger.chain.head()
    judged = judging.judgement(account, client, account.clock())
    return gather(
        Inputs(
            owner=account.settings.owner,
            client=account.book.clients[client],
            judgement=judged,
            messages={message.key: message for message in readings.history(client)},
            texts={key: readings.text(key) for key in quoted(judged)},
            reminders=_reminders(account, client),
            chain_head=head,
            chain_length=length,
            parting=parting,
            reason=reason,
        )
    )


def _reminders(account: Account, client: str) -> dict[str, int]:
    """Return how many reminders left for each ask."""
    return Counter(
        cause.target.partition(":")[0]
        for past in account.ledger.outbox.past(client)
        if past.state in _LEFT and _REMINDERS & set(past.kinds)
        for cause in past.causes
        if cause.kind == "ask"
    )


def reminders_sent(account: Account, judged: Judgement) -> list[str]:
    """Return the ids of the reminders and notices that left for what a client owes."""
    return [
        past.id
        for past in account.ledger.outbox.past(judged.client)
        if past.state in _LEFT and any(cause.kind in ("ask", "invoice") for cause in past.causes)
    ]


def letter_of(account: Account, client: Client, change: date | None = None) -> Letter:
    """Return "how we work together", or the letter that announces what changes on `change`.

    UsageFault when nothing changes on that day, or when it is not still to come.
    """
    owner = account.settings.owner
    today = owner.calendar.local(account.clock()).date()
    if change is None:
        return working_together(owner, client, today, account.wording)
    if change <= today:
        raise UsageFault(f"{change} is not to come: a change is announced before it takes effect")
    letter = change_of_terms(owner, client, change, account.wording)
    if letter is None:
        known = ", ".join(d.isoformat() for d in changes(owner, client, today)) or "none to come"
        raise UsageFault(
            f"nothing changes for {client.key} on {change}",
            hint=f"dates of the files: {known}; add `from = {change}` to an [[agreement]]",
        )
    return letter


def lay_draft(account: Account, client: Client, letter: Letter) -> tuple[Reply, bool]:
    """Propose a letter as a draft, and say whether that is new today; it never leaves by itself.

    Whoever looks after the mailbox next lays it into Drafts (`sending.lay_copies`). UsageFault when
    the client has nobody to write to.
    """
    if not letter.to:
        raise UsageFault(
            f"{client.key}: nobody has the role contact, so the letter has no address",
            hint=f'add roles = ["contact"] to a [[person]] of clients/{client.key}.toml',
        )
    owner = account.settings.owner
    at = owner.calendar.local(account.clock())
    content = hashlib.sha256(f"{letter.subject}\0{letter.text}".encode()).hexdigest()[:16]
    cause = Cause("letter", f"{client.key}:{at.date().isoformat()}:{content}")
    digest = hashlib.sha256(f"{account.settings.account}\0{cause}".encode()).hexdigest()
    reply = Reply(
        id=f"r{digest[:8]}",
        slot="",
        client=client.key,
        kinds=(ReplyKind.HOURS_LETTER,),
        mode=Mode.DRAFT,
        sender=Address(owner.name, owner.address),
        to=Address(client.person(letter.to).name, letter.to),
        subject=letter.subject,
        text=letter.text,
        language=letter.language,
        causes=(cause,),
        in_reply_to="",
        references=(),
        auto_submitted="",
        message_id=f"<{digest[:32]}@{domain(owner.address)}>",
        at=at,
    )
    accepted, _ = account.ledger.outbox.propose([reply], ReplyState.PROPOSED, account.clock())
    return reply, bool(accepted)
