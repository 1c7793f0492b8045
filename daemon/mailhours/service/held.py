"""Held replies: what the owner drops into Check-in leaves at the next check-in, once, as written.

The folder is the queue. A mail leaves it only when its copy lies in Sent; until then a crash, a
server that is down or a doubt leave it where it is. What has left is known by the digest of its
octets, so that a mail that is found again is never sent again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass, field
from datetime import timedelta

from mailhours.mailbox.protocol import Mailbox
from mailhours.model.faults import LoginRefused, ServerFault
from mailhours.model.raw import FolderRole, Lying
from mailhours.model.reply import Cause, Outcome, Reply, ReplyState, Withheld
from mailhours.model.slot import Slot
from mailhours.outbox import held
from mailhours.service import filing, held_since, journal, sending
from mailhours.service.account import Account
from mailhours.service.held_drafts import machines_way
from mailhours.service.held_mail import Piece, identities, reply_of

KIND = "held"
PATIENCE = timedelta(minutes=10)
# More than a person writes between two check-ins; the rest waits for the next one.
MOST = 50
TOO_YOUNG = "it came less than ten minutes before the check-in"
NEWER = "a newer version of it lies beside it"
OLDER = "a newer version of it lay beside it; to send this one, move it out of the folder and back"
AGAIN = "it has left before, word for word; to send it once more, change something in it"
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


def look(account: Account) -> list[tuple[Mailbox, Lying]]:
    """Return what lies in the folders; ServerFault or LoginRefused when one cannot be read."""
    return [(box, lying) for box in account.mailboxes for lying in box.lying(FolderRole.HELD)]


def release(
    account: Account, slot: Slot, there: Sequence[tuple[Mailbox, Lying]], *, dry: bool = False
) -> Release:
    """Send what lies `there`, each mail once; with `dry` only say what would leave.

    For each mail, the oldest first:
    1. Not younger there than ten minutes, no newer version of it beside it, and readable.
    2. A draft of ours that the owner left as it was is approved: it goes the machine's way.
    3. Persist it as claimed: from here on a crash makes it doubtful.
    4. Submit it to all its recipients, and settle it with the server's answer.
    5. File the copy in Sent, then remove it from the folder.
    """
    found = Release()
    is_reachable = sending.may_log_in(account)
    for number, (mailbox, lying) in enumerate(there):
        why = _waits(account, lying, [one for _, one in there], number, dry=dry)
        try:
            piece = None if why else _read(account, found, mailbox, lying)
        except (ServerFault, LoginRefused) as fault:
            piece, why = None, f"it cannot be read: {fault.what}"
        if why:
            _withhold(account, found, lying, Cause(KIND, held_since.name(lying)), why)
        elif piece is not None:
            try:
                is_reachable = _one(account, found, piece, slot, dry=dry, reachable=is_reachable)
            except (ServerFault, LoginRefused) as fault:
                # The mailbox's, and before anything was claimed: the check-in goes on.
                _refuse(account, found, piece, f"the mailbox does not answer: {fault.what}")
    if there and account.postman is not None:
        account.postman.close()
    return found


def _waits(account: Account, lying: Lying, there: list[Lying], number: int, *, dry: bool) -> str:
    """Return why a mail is not even looked at yet, or the empty string."""
    same, once = held.message_id(lying.header), account.ledger.slots
    older = f"older:{held_since.name(lying)}"
    for other, one in enumerate(there):
        is_newer = (one.received, other) > (lying.received, number)
        if same and is_newer and held.message_id(one.header) == same:
            if not dry:
                once.once(older, account.clock())  # also when the newer one has left
            return NEWER
    if once.happened(older):
        return OLDER
    if account.clock() - held_since.since(account, lying) < PATIENCE:
        return TOO_YOUNG
    if number >= MOST:
        return f"more than {MOST} mails are held"
    if lying.size > held.LIMIT:
        return f"it is larger than {held.LIMIT // 1024**2} MB"
    return ""


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
    why = machines_way(account, piece, dry=dry)
    if why is not None:
        if why:
            _refuse(account, found, piece, why)
        return reachable
    try:
        reply, recipients = reply_of(account, piece, slot)
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
        sending.not_sent(account, reply, fault)
        _refuse(account, found, piece, f"the server takes no mail: {fault.what}")
        return False
    if delivery.outcome is Outcome.DEFERRED:
        outbox.withdraw(reply.id)
        sending.logged_in(account)
        journal.sent(reply, delivery)
        _refuse(account, found, piece, f"not now, said the server: {delivery.text}")
        return True
    outbox.settle(reply.id, delivery, account.clock())
    sending.logged_in(account)
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
    if state in _LEFT and not _is_of(piece, reply):
        _refuse(account, found, piece, AGAIN)
    elif state in _LEFT:
        if not dry:
            _finish(account, piece, reply)
    elif state in _DOUBT:
        words = f"it may have left: say `mailhours settle {reply.id} sent` or `lost`"
        _refuse(account, found, piece, words)
    else:
        changes = account.ledger.outbox.changes(reply.id)
        _refuse(account, found, piece, f"{state.value}: {changes[-1].text if changes else ''}")


def _is_of(piece: Piece, reply: Reply) -> bool:
    """Say whether it is the very mail that left, and no copy that was dropped there as well."""
    return reply.facts.get("place") == json.dumps(astuple(piece.lying.place))


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
    except (ServerFault, LoginRefused) as fault:
        filing.failed(account, fault)


def _earlier(account: Account, cause: Cause) -> tuple[Reply, ReplyState] | None:
    """Return the reply that this cause has had, and where it stands."""
    for identity in identities(account, cause):
        state = account.ledger.outbox.state(identity)
        if state is not ReplyState.CANCELLED:
            reply = account.ledger.outbox.reply(identity) if state else None
            return None if reply is None or state is None else (reply, state)
    return None


def _refuse(account: Account, found: Release, piece: Piece, why: str) -> None:
    found.awaited |= {address.normal for address in piece.written.recipients}
    _withhold(account, found, piece.lying, piece.cause, why)


def _withhold(account: Account, found: Release, lying: Lying, cause: Cause, why: str) -> None:
    people = held.addressed(lying.header)
    found.awaited |= set(people)
    client = next((key for a in people if (key := account.book.client(a))), "")
    shown = held.subject(lying.header) or f"a mail in {lying.place.folder}"
    found.withheld.append(Withheld(client, people[0] if people else "", cause, why, shown))
