"""All that is kept, as records: for another program, or for a person who asks what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from mailhours.model.address import normal
from mailhours.model.faults import UsageFault
from mailhours.service.account import Account

# Of a record in CSV, in this order; texts are in JSON only.
COLUMNS = (
    *("record", "at", "client", "direction", "kind", "person", "addressed", "subject", "project"),
    *("language", "state", "signals", "message_id", "id"),
)


def records(account: Account, person: str | None = None) -> Iterator[dict[str, Any]]:
    """Yield messages, replies and the owner's words, oldest first in each; times with offset.

    With `person` only what concerns that address; UsageFault when it is no address.
    """
    address = None if person is None else normal(person)
    if address is not None and "@" not in address:
        raise UsageFault(f"{person!r} is no address", hint="write it as kari@fjord.example")
    yield from _messages(account, address)
    yield from _replies(account, address)
    yield from _words(account, address)


def _messages(account: Account, address: str | None) -> Iterator[dict[str, Any]]:
    ledger = account.ledger
    for client in ("", *ledger.readings.clients()):
        for message in ledger.readings.history(client):
            if address is not None and address not in (message.person, *message.addressed):
                continue
            yield {
                "record": "message",
                "at": _time(account, message.at),
                "client": client,
                "direction": message.direction.value,
                "kind": message.kind.value,
                "person": message.person,
                "addressed": list(message.addressed),
                "subject": message.subject,
                "project": message.project,
                "language": message.language,
                "signals": [signal.kind.value for signal in message.signals],
                "message_id": message.message_id,
                "id": message.key,
                "text": ledger.readings.text(message.key),
            }


def _replies(account: Account, address: str | None) -> Iterator[dict[str, Any]]:
    for reply in account.ledger.outbox.replies():
        if address is not None and address != reply.to.normal:
            continue
        state = account.ledger.outbox.state(reply.id)
        yield {
            "record": "reply",
            "at": _time(account, reply.at),
            "client": reply.client,
            "direction": "outbound",
            "kind": " ".join(kind.value for kind in reply.kinds),
            "person": reply.to.normal,
            "addressed": [reply.to.normal],
            "subject": reply.subject,
            "project": "",
            "language": reply.language,
            "state": state.value if state else "",
            "message_id": reply.message_id,
            "id": reply.id,
            "text": reply.text,
        }


def _words(account: Account, address: str | None) -> Iterator[dict[str, Any]]:
    for word in account.ledger.words.words():
        if address is not None and address not in f"{word.target} {word.text}".casefold():
            continue
        yield {
            "record": "word",
            "at": _time(account, word.at),
            "kind": word.verb.value,
            "subject": word.text,
            "id": word.target,
            "text": word.text,
        }


def _time(account: Account, at: datetime) -> str:
    return account.settings.owner.calendar.local(at).isoformat(timespec="seconds")
