"""A mail of the owner's from Check-in as a reply: its identity, its thread, its bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import astuple, dataclass

from mailhours.mailbox.protocol import Mailbox
from mailhours.model.address import Address, domain
from mailhours.model.raw import FolderRole, Lying
from mailhours.model.reply import Cause, Mode, Reply, ReplyKind
from mailhours.model.slot import Slot
from mailhours.model.thread import is_answer, topic
from mailhours.outbox import held
from mailhours.service.account import Account


@dataclass(frozen=True, slots=True)
class Piece:
    """One mail in the folder, read: where it lies, its cause, what it says."""

    mailbox: Mailbox
    lying: Lying
    cause: Cause
    written: held.Written


def identities(account: Account, cause: Cause) -> Iterator[str]:
    """Yield the ids of a held reply: a further one each time that it was lost and is sent anew."""
    number = 0
    while True:
        text = f"{account.settings.account}\0{cause}\0{number}"
        yield f"r{hashlib.sha256(text.encode()).hexdigest()[:8]}"
        number += 1


def reply_of(account: Account, piece: Piece, slot: Slot) -> tuple[Reply, tuple[str, ...]]:
    """Make the reply as it will leave, with its recipients; HeldFault when it cannot."""
    owner, written = account.settings.owner, piece.written
    recipients = held.deliverable(written.recipients)
    sender = written.sender if written.sender.spec else Address(owner.name, owner.address)
    if not owner.is_own(sender.spec):
        raise held.HeldFault(f"it is from {sender.spec}, and not from you")
    state, now = account.ledger.outbox.state, account.clock()
    identity = next(i for i in identities(account, piece.cause) if state(i) is None)
    at = account.settings.owner.calendar.local(now)
    message_id = written.message_id
    is_used = bool(message_id) and bool(piece.mailbox.find(FolderRole.SENT, message_id))
    if not message_id or is_used or written.mailhours_id:
        digest = hashlib.sha256(f"{account.settings.account}\0{piece.cause}".encode()).hexdigest()
        message_id = f"<{digest[:32]}@{domain(sender.spec)}>"
    parent, ancestors = _threading(account, written)
    raw = held.ready(
        written,
        sender=sender,
        at=at,
        message_id=message_id,
        in_reply_to=parent,
        references=ancestors,
    )
    book = account.book
    clients = [key for a in written.recipients if (key := book.client(a.spec))]
    reply = Reply(
        id=identity,
        slot=slot.key,
        client=clients[0] if clients else "",
        kinds=(ReplyKind.HELD,),
        mode=Mode.SEND,
        sender=sender,
        to=written.recipients[0],
        subject=written.subject,
        text="",
        language="",
        causes=(piece.cause,),
        in_reply_to=parent,
        references=ancestors,
        auto_submitted="",
        message_id=message_id,
        at=now,
        facts={
            "recipients": " ".join(recipients),
            "mailbox": piece.mailbox.name,
            "place": json.dumps(astuple(piece.lying.place)),
        },
        raw=raw,
    )
    return reply, recipients


def _threading(account: Account, written: held.Written) -> tuple[str, tuple[str, ...]]:
    """Return the parent and the ancestors: as written, completed by what the ledger knows."""
    parent, ancestors = written.in_reply_to, written.references
    if not parent and ancestors:
        parent = ancestors[-1]
    if not parent and is_answer(written.subject):
        parent = _newest(account, written)
    if parent and not ancestors:
        known = next(iter(account.ledger.readings.by_message_id(parent)), None)
        ancestors = known.parents if known else ()
    return parent, tuple(dict.fromkeys((*ancestors, parent))) if parent else ()


def _newest(account: Account, written: held.Written) -> str:
    """Return the newest mail on the same matter from whom this is written to."""
    people = {address.normal for address in written.recipients}
    for client in dict.fromkeys(account.book.client(person) for person in sorted(people)):
        history = account.ledger.readings.history(client) if client else []
        for message in reversed(history):
            is_theirs = message.of_client and message.person in people
            if is_theirs and message.message_id and message.topic == topic(written.subject):
                return message.message_id
    return ""
