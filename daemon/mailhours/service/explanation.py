"""`why`: how a judgement, a verdict or a reply came about, for people and as data."""

from __future__ import annotations

from datetime import datetime

from mailhours.model.faults import UsageFault
from mailhours.model.message import Message
from mailhours.patterns.why import Step, explain_judgement
from mailhours.service import jobs
from mailhours.service.account import Account

StepData = dict[str, str]


def explain(account: Account, reference: str) -> list[StepData]:
    """Return the steps behind an id: promise, ask, finding, reply, invoice, client or message.

    UsageFault when nothing is known under `reference`.
    """
    reply = account.ledger.outbox.reply(reference)
    if reply is not None:
        return _reply(account, reply.id)
    now = account.clock()
    for judged in jobs.judgements(account, now).values():
        client = account.book.clients[judged.client]
        steps = explain_judgement(judged, reference, account.settings.owner, client)
        if steps:
            return [_data(account, step) for step in steps]
    message = account.ledger.readings.message(reference)
    if message is not None:
        return _message(account, message)
    raise UsageFault(
        f"nothing is known as {reference!r}",
        hint="ids stand in the summary, `asks`, `findings` and `replies`; Message-IDs work too",
    )


def _reply(account: Account, reply_id: str) -> list[StepData]:
    """Return why a reply was written and what became of it."""
    reply = account.ledger.outbox.reply(reply_id)
    if reply is None:
        return []
    kinds = ", ".join(kind.value for kind in reply.kinds)
    steps = [_step(account, f"{kinds} to {reply.to.spec}, planned for {reply.slot}", reply.at)]
    for cause in reply.causes:
        message = account.ledger.readings.message(cause.target)
        if message is None:
            steps.append(_step(account, f"because of {cause.kind} {cause.target}"))
        else:
            words = f"because of {message.person}: {message.subject!r}"
            steps.append(_step(account, words, message.at, message))
    for change in account.ledger.outbox.changes(reply_id):
        answer = f": {change.code} {change.text}".rstrip() if change.text or change.code else ""
        steps.append(_step(account, f"{change.state.value}{answer}", change.at))
    return steps


def _message(account: Account, message: Message) -> list[StepData]:
    """Return how one mail was understood, and what was withheld because of it."""
    words = f"{message.direction.value}, {message.kind.value}: {message.subject!r}"
    steps = [_step(account, words, message.at, message)]
    read = account.ledger.readings.reading(message.key)
    if read is not None:
        steps += [
            _step(account, f"{r.verdict.value}: {r.rule} ({r.source}): {r.evidence}")
            for r in read.reading.reasons
        ]
    steps += [
        _step(account, f"{s.kind.value} {s.subtype}".strip() + f": {s.text!r} ({s.phrase})")
        for s in message.signals
    ]
    steps += [
        _step(account, f"withheld at {held.slot}: {held.withheld.reason}", held.at)
        for held in account.ledger.outbox.withheld(client=message.client)
        if held.withheld.cause.target == message.key
    ]
    return steps


def _data(account: Account, step: Step) -> StepData:
    message = account.ledger.readings.message(step.message) if step.message else None
    return _step(account, step.text, step.at, message)


def _step(
    account: Account, text: str, at: datetime | None = None, message: Message | None = None
) -> StepData:
    step = {"text": text}
    if at is not None:
        step["at"] = account.settings.owner.calendar.local(at).isoformat(timespec="minutes")
    if message is not None:
        step["message_id"] = message.message_id or message.key
    return step
