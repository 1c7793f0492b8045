"""The owner's word: checked against what is known, acted on, recorded with its date.

The same for a command and for a line in a reply to the summary.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date

from mailhours.mailbox.backoff import Block, retried
from mailhours.model.client import OwnerVerb, OwnerWord
from mailhours.model.faults import UsageFault
from mailhours.model.judgement import Judgement
from mailhours.model.reply import Mode, ReplyState
from mailhours.service import judging
from mailhours.service.account import Account

Judged = Callable[[], Iterable[Judgement]]


def say(account: Account, judged: Judged, verb: OwnerVerb, target: str = "", text: str = "") -> str:
    """Do what the owner says and return it as it was noted; UsageFault when it makes no sense.

    `judged` is asked only for words about promises, asks and findings.
    """
    match verb:
        case OwnerVerb.PAID:
            _paid(account, target, text)
        case OwnerVerb.ANSWERED:
            if not judging.is_open(account, target):
                _one_of(_promises_and_asks(judged()), target, "promise or ask", "mailhours asks")
        case OwnerVerb.DISMISS:
            known = {finding.id for one in judged() for finding in one.findings}
            _one_of(known, target, "finding", "mailhours findings")
        case OwnerVerb.NOTE | OwnerVerb.HOLD | OwnerVerb.RESUME:
            _client(account, target)
        case OwnerVerb.APPROVE:
            target = _approved(account, target)
        case OwnerVerb.SETTLE:
            target = _settled(account, target, text)
        case OwnerVerb.UNFREEZE:
            if not account.ledger.outbox.unfreeze(target):
                raise UsageFault(f"{target!r} is not frozen", hint="see `mailhours status`")
        case OwnerVerb.RETRY:
            _retried(account, target)
        case OwnerVerb.STOP | OwnerVerb.START:
            target = ""
    account.ledger.words.say(OwnerWord(verb, target, account.clock(), text))
    return " ".join(part for part in (verb.value, target, text) if part)


def _paid(account: Account, number: str, day: str) -> None:
    numbers = [i.number for c in account.settings.clients for i in c.invoices]
    if number not in numbers:
        known = ", ".join(numbers) or "none"
        raise UsageFault(f"there is no invoice {number!r}", hint=f"invoices: {known}")
    try:
        when = date.fromisoformat(day) if day else None
    except ValueError:
        raise UsageFault(f"{day!r} is not a day", hint="write it as 2026-11-23") from None
    if when is not None and when > account.settings.owner.calendar.local(account.clock()).date():
        raise UsageFault(f"{day} is still to come")


def _promises_and_asks(judged: Iterable[Judgement]) -> set[str]:
    return {
        name
        for one in judged
        for name in (*(p.id for p in one.promises), *(a.id for a in one.asks))
    }


def _one_of(known: set[str], reference: str, what: str, where: str) -> None:
    if reference not in known:
        raise UsageFault(f"there is no {what} {reference!r}", hint=f"see `{where}`")


def _client(account: Account, key: str) -> None:
    if account.settings.client(key) is None:
        names = ", ".join(client.key for client in account.settings.clients) or "none yet"
        raise UsageFault(f"there is no client {key!r}", hint=f"clients: {names}")


def _approved(account: Account, reference: str) -> str:
    """Approve a proposal; what lies in Drafts is sent from there, or dropped into Check-in."""
    outbox = account.ledger.outbox
    found = outbox.reply(reference)
    state = outbox.state(found.id) if found is not None else None
    if found is None or state not in (ReplyState.PROPOSED, ReplyState.DRAFTED):
        raise UsageFault(f"{reference!r} is no reply that waits for you", hint="see `replies`")
    if state is ReplyState.DRAFTED:
        raise UsageFault(
            f"{found.id} lies in your Drafts", hint="send it there, or move it to Check-in"
        )
    if account.settings.policy.mode_of(found.kinds[0]) is Mode.SHADOW:
        raise UsageFault(
            f"{found.id} cannot leave in shadow mode", hint='set [replies] mode = "send" first'
        )
    outbox.approve(found.id, account.clock())
    return found.id


def _settled(account: Account, reference: str, outcome: str) -> str:
    if outcome not in ("sent", "lost"):
        raise UsageFault(f"{outcome!r} is no outcome", hint="say sent or lost")
    outbox = account.ledger.outbox
    found = outbox.reply(reference)
    if found is None or not outbox.resolve(found.id, account.clock(), sent=outcome == "sent"):
        raise UsageFault(f"{reference!r} is no doubtful reply", hint="see `mailhours status`")
    return found.id


def _retried(account: Account, reference: str) -> None:
    """Let the next poll try again what was given up.

    `reference` is FOLDER/UID of a mail in quarantine, a mailbox whose login was refused, or
    MAILBOX/FOLDER of a folder that was replaced: it is read as if for the first time.
    """
    for one in account.ledger.mail.quarantined():
        if f"{one.place.folder}/{one.place.uid}" == reference:
            account.ledger.mail.retry(one.place)
            return
    health = account.ledger.health
    if any(one.name == reference for one in account.settings.mailboxes):
        if block := health.block(reference):
            freed = retried(Block.from_json(json.loads(block)))
            health.set_block(reference, "" if freed == Block() else json.dumps(freed.to_json()))
        return
    mailbox, _, folder = reference.partition("/")
    if not account.ledger.mail.anew(mailbox, folder):
        raise UsageFault(f"{reference!r} is not in quarantine", hint="see the summary")
