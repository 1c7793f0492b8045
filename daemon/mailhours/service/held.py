"""Held replies: what the owner drops into Check-in leaves at the next check-in, once, as written.

The folder is the queue. A mail leaves it only when its copy lies in Sent; until then a crash, a
server that is down or a doubt leave it where it is. What has left is known by the digest of its
octets, so that a mail that is found again is never sent again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, field
from datetime import timedelta

from mailhours.mailbox.protocol import Mailbox
from mailhours.model.address import Address, domain
from mailhours.model.faults import LoginRefused, ServerFault
from mailhours.model.raw import FolderRole, Lying
from mailhours.model.reply import (
    Cause,
    Mode,
    Outcome,
    Reply,
    ReplyKind,
    ReplyState,
    Withheld,
)
from mailhours.model.slot import Slot
from mailhours.model.thread import is_answer, topic
from mailhours.outbox import held
from mailhours.outbox.form import form
from mailhours.service import filing, journal
from mailhours.service.account import Account

KIND = "held"
PATIENCE = timedelta(minutes=10)
# More than a person writes between two check-ins; the rest waits for the next one.
MOST = 50
TOO_YOUNG = "it came less than ten minutes before the check-in"
_LEFT = (ReplyState.SUBMITTED, ReplyState.FILED)
_DOUBT = (ReplyState.CLAIMED, ReplyState.DOUBTFUL)


@dataclass(slots=True)
class Release:
    """What became of what lay there: `left` at this slot, `withheld` with reasons.

    `awaited` are the people to whom something of the owner's own waits or may have left: a machine
    has nothing to say to them now.
    """

    left: list[Reply] = field(default_factory=list)
    withheld: list[Withheld] = field(default_factory=list)
    awaited: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Piece:
    """One mail in the folder, read: where it lies, its cause, what it says."""

    mailbox: Mailbox
    lying: Lying
    cause: Cause
    written: held.Written


def look(account: Account) -> list[tuple[Mailbox, Lying]]:
    """Return what lies in the folders; ServerFault or LoginRefused when one cannot be read."""
    return [(box, lying) for box in account.mailboxes for lying in box.lying(FolderRole.HELD)]


def release(
    account: Account, slot: Slot, there: Sequence[tuple[Mailbox, Lying]], *, dry: bool = False
) -> Release:
    """Send what lies `there`, each mail once; with `dry` only say what would leave.

    For each mail, the oldest first:
    1. Not younger than ten minutes, no newer version of it beside it, and readable.
    2. A draft of ours that the owner left as it was is approved: it goes the machine's way.
    3. Persist it as claimed: from here on a crash makes it doubtful.
    4. Submit it to all its recipients, and settle it with the server's answer.
    5. File the copy in Sent, then remove it from the folder.
    """
    found = Release()
    is_reachable = True
    for number, (mailbox, lying) in enumerate(there):
        why = _waits(account, lying, [one for _, one in there], number)
        try:
            piece = None if why else _read(account, found, mailbox, lying)
        except ServerFault as fault:
            piece, why = None, f"it cannot be read: {fault.what}"
        if why:
            _withhold(account, found, lying, Cause(KIND, _name(lying)), why)
        elif piece is not None:
            is_reachable = _one(account, found, piece, slot, dry=dry, reachable=is_reachable)
    if there and account.postman is not None:
        account.postman.close()
    return found


def _waits(account: Account, lying: Lying, there: list[Lying], number: int) -> str:
    """Return why a mail is not even looked at yet, or the empty string."""
    if account.clock() - lying.received < PATIENCE:
        return TOO_YOUNG
    if number >= MOST:
        return f"more than {MOST} mails are held"
    if lying.size > held.LIMIT:
        return f"it is larger than {held.LIMIT // 1024**2} MB"
    same = held.message_id(lying.header)
    if same and any(held.message_id(o.header) == same and _newer(o, lying) for o in there):
        return "a newer version of it lies beside it"
    return ""


def _newer(one: Lying, other: Lying) -> bool:
    return one is not other and one.received > other.received


def _read(account: Account, found: Release, mailbox: Mailbox, lying: Lying) -> Piece | None:
    mail = mailbox.fetch(lying.place)
    if mail is None:
        return None  # the owner took it back
    cause = Cause(KIND, hashlib.sha256(mail).hexdigest())
    if len(mail) != lying.size:
        _withhold(account, found, lying, cause, "it changed while it was read")
        return None
    try:
        return Piece(mailbox, lying, cause, held.opened(mail))
    except held.HeldFault as fault:
        _withhold(account, found, lying, cause, fault.what)
        return None


def _one(
    account: Account, found: Release, piece: Piece, slot: Slot, *, dry: bool, reachable: bool
) -> bool:
    """Do with one mail what is to be done; False when the server takes no mail now."""
    earlier = _earlier(account, piece.cause)
    if earlier is not None:
        _again(account, found, piece, earlier, dry=dry)
        return reachable
    why = _machine(account, piece, dry=dry)
    if why is not None:
        if why:
            _refuse(account, found, piece, why)
        return reachable
    try:
        reply, recipients = _reply(account, piece, slot)
    except held.HeldFault as fault:
        _refuse(account, found, piece, fault.what)
        return reachable
    why = "sending is stopped" if account.stopped else ""
    why = why or ("there is no [submission]" if account.postman is None else "")
    why = why or ("" if reachable else "the server takes no mail")
    if why:
        _refuse(account, found, piece, why)
    elif dry:
        found.left.append(reply)
    else:
        return _send(account, found, piece, reply, recipients)
    return reachable


def _send(
    account: Account, found: Release, piece: Piece, reply: Reply, recipients: tuple[str, ...]
) -> bool:
    outbox, postman = account.ledger.outbox, account.postman
    if postman is None or not outbox.propose([reply], ReplyState.CLAIMED, account.clock())[0]:
        return True
    try:
        delivery = postman.post(reply.raw, held.envelope(reply.sender.spec), recipients)
    except (ServerFault, LoginRefused) as fault:
        outbox.withdraw(reply.id)
        journal.not_sent(reply, fault)
        _refuse(account, found, piece, f"the server takes no mail: {fault.what}")
        return False
    if delivery.outcome is Outcome.DEFERRED:
        outbox.withdraw(reply.id)
        journal.sent(reply, delivery)
        _refuse(account, found, piece, f"not now, said the server: {delivery.text}")
        return True
    outbox.settle(reply.id, delivery, account.clock())
    journal.sent(reply, delivery)
    if delivery.outcome is Outcome.SUBMITTED:
        found.left.append(reply)
        found.awaited |= {address.normal for address in piece.written.recipients}
        if "; not to " in delivery.text:
            words = f"your held reply {reply.subject!r} left: {delivery.text}"
            account.ledger.health.note(KIND, words, account.clock())
        _finish(account, piece, reply)
    else:
        _refuse(account, found, piece, f"{delivery.outcome.value}: {delivery.text}")
    return True


def _again(
    account: Account, found: Release, piece: Piece, earlier: tuple[Reply, ReplyState], *, dry: bool
) -> None:
    """A mail that we know: it has left and is only in the way, or the owner must say."""
    reply, state = earlier
    if state in _DOUBT and not dry and _is_in_sent(piece, reply):
        # The provider files what leaves through it: so it has left.
        account.ledger.outbox.resolve(reply.id, account.clock(), sent=True)
        state = ReplyState.SUBMITTED
    if state in _LEFT:
        if not dry:
            _finish(account, piece, reply)
    elif state in _DOUBT:
        words = f"it may have left: say `mailhours settle {reply.id} sent` or `lost`"
        _refuse(account, found, piece, words)
    else:
        changes = account.ledger.outbox.changes(reply.id)
        _refuse(account, found, piece, f"{state.value}: {changes[-1].text if changes else ''}")


def _is_in_sent(piece: Piece, reply: Reply) -> bool:
    return bool(piece.mailbox.find(FolderRole.SENT, reply.message_id))


def _finish(account: Account, piece: Piece, reply: Reply) -> None:
    """File the copy of what left, then clear the folder; what fails is done next time."""
    outbox = account.ledger.outbox
    try:
        if outbox.state(reply.id) is ReplyState.SUBMITTED:
            filing.lay(account, reply, FolderRole.SENT)
        elif outbox.state(reply.id) is ReplyState.FILED:
            piece.mailbox.remove(piece.lying.place)
    except ServerFault as fault:
        journal.not_filed(fault.what)


def _machine(account: Account, piece: Piece, *, dry: bool) -> str | None:
    """Let a draft of ours that was not touched go the machine's way; None when it is a person's.

    Returns why it does not leave, or the empty string when it does, or has.
    """
    outbox, name = account.ledger.outbox, piece.written.mailhours_id
    reply = outbox.reply(name) if name else None
    # A letter is the owner's own, even word for word.
    is_letter = reply is not None and ReplyKind.HOURS_LETTER in reply.kinds
    if (
        reply is None
        or is_letter
        or not held.is_unchanged(piece.written, held.opened(form(reply, account.mark)))
    ):
        if reply is not None and not dry:
            outbox.cancel(reply.id, account.clock())  # the owner said it in other words
        return None
    state = outbox.state(reply.id)
    if state in (ReplyState.PROPOSED, ReplyState.DRAFTED):
        if account.settings.policy.mode_of(reply.kinds[0]) is Mode.SHADOW:
            return "a draft of mailhours, which sends nothing in shadow mode"
        if not dry:
            outbox.approve(reply.id, account.clock())
        return ""
    if state is ReplyState.FILED and not dry:
        piece.mailbox.remove(piece.lying.place)
    if state in (ReplyState.CANCELLED, ReplyState.SHADOWED, ReplyState.REFUSED):
        return f"a draft of mailhours that was {state.value}"
    return ""


def _earlier(account: Account, cause: Cause) -> tuple[Reply, ReplyState] | None:
    """Return the reply that this cause has had, and where it stands."""
    for identity in _identities(account, cause):
        state = account.ledger.outbox.state(identity)
        if state is not ReplyState.CANCELLED:
            reply = account.ledger.outbox.reply(identity) if state else None
            return None if reply is None or state is None else (reply, state)
    return None


def _identities(account: Account, cause: Cause) -> Iterator[str]:
    """Yield the ids of a held reply: a further one each time that it was lost and is sent anew."""
    number = 0
    while True:
        text = f"{account.settings.account}\0{cause}\0{number}"
        yield f"r{hashlib.sha256(text.encode()).hexdigest()[:8]}"
        number += 1


def _reply(account: Account, piece: Piece, slot: Slot) -> tuple[Reply, tuple[str, ...]]:
    """Make the reply as it will leave, with its recipients; HeldFault when it cannot."""
    owner, written = account.settings.owner, piece.written
    recipients = held.deliverable(written.recipients)
    sender = written.sender if written.sender.spec else Address(owner.name, owner.address)
    if not owner.is_own(sender.spec):
        raise held.HeldFault(f"it is from {sender.spec}, and not from you")
    state, now = account.ledger.outbox.state, account.clock()
    identity = next(i for i in _identities(account, piece.cause) if state(i) is None)
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


def _refuse(account: Account, found: Release, piece: Piece, why: str) -> None:
    found.awaited |= {address.normal for address in piece.written.recipients}
    _withhold(account, found, piece.lying, piece.cause, why)


def _withhold(account: Account, found: Release, lying: Lying, cause: Cause, why: str) -> None:
    people = held.addressed(lying.header)
    found.awaited |= set(people)
    client = next((key for a in people if (key := account.book.client(a))), "")
    shown = held.subject(lying.header) or f"a mail in {lying.place.folder}"
    found.withheld.append(Withheld(client, people[0] if people else "", cause, why, shown))


def _name(lying: Lying) -> str:
    """Return a name for a mail that was not fetched."""
    place = f"{lying.place.mailbox}\0{lying.place.folder}\0{lying.place.uid}\0{lying.size}"
    return hashlib.sha256(place.encode("utf-8", "replace")).hexdigest()
