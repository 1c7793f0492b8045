"""`why`: how a judgement, a verdict or a reply came about, for people and as data."""

from __future__ import annotations

import re
from datetime import datetime

from mailhours.model.faults import UsageFault
from mailhours.model.message import Message
from mailhours.model.thread import weave
from mailhours.patterns.why import Step, explain_judgement, explain_message, explain_thread
from mailhours.service import judging
from mailhours.service.account import Account

StepData = dict[str, str]

_ID = re.compile("[pafnt][0-9a-f]{8}")  # of a promise, ask, finding, nudge or turn


def explain(account: Account, reference: str) -> list[StepData]:
    """Return the steps behind an id: promise, ask, finding, reply, invoice, client or message.

    UsageFault when nothing is known under `reference`.
    """
    reply = account.ledger.outbox.reply(reference)
    if reply is not None:
        return _reply(account, reply.id)
    if not _ID.fullmatch(reference):
        message = account.ledger.readings.message(reference)
        if message is not None:
            return _message(account, message)
    for key in _likeliest_first(account, reference):
        judged = judging.judgement(account, key, account.clock())
        client = account.book.clients[key]
        steps = explain_judgement(judged, reference, account.settings.owner, client)
        if steps:
            return [_data(account, step) for step in steps]
    raise UsageFault(
        f"nothing is known as {reference!r}",
        hint="ids stand in the summary, `asks`, `findings` and `replies`; Message-IDs work too",
    )


def _likeliest_first(account: Account, reference: str) -> list[str]:
    """Return the clients, those first that `reference` names or that it is open with."""
    standings = judging.standings(account, account.clock())

    def is_unlikely(key: str) -> bool:
        client, standing = account.book.clients[key], standings[key]
        known = {key, *(f"{key}/{project.key}" for project in client.projects)}
        known |= {invoice.number for invoice in client.invoices}
        known |= {promise.id for promise in standing.promises}
        return reference not in known | {ask.id for ask in standing.asks}

    return sorted(standings, key=is_unlikely)


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
    client = account.book.clients.get(message.client)
    if client is not None:
        owner = account.settings.owner
        judged = judging.judgement(account, client.key, account.clock())
        told = explain_message(judged, message.key, owner, client)
        history = {held.key: held for held in account.ledger.readings.history(client.key)}
        thread = weave(history.values())[message.key]
        turned = explain_thread(judged, thread, history[thread].at, owner, client)
        steps += [_data(account, step) for step in (*told, *turned)]
    return steps


def _data(account: Account, step: Step) -> StepData:
    message = account.ledger.readings.message(step.message) if step.message else None
    return _step(account, step.text, step.at or (message.at if message else None), message)


def _step(
    account: Account, text: str, at: datetime | None = None, message: Message | None = None
) -> StepData:
    step = {"text": text}
    if at is not None:
        step["at"] = account.settings.owner.calendar.local(at).isoformat(timespec="minutes")
    if message is not None:
        step["message_id"] = message.message_id or message.key
    return step
