"""From a plan to mail that has left: persisted, then sent one by one, then filed."""

from __future__ import annotations

import json
import random
from collections.abc import Collection
from datetime import datetime, time
from typing import TYPE_CHECKING

from mailhours.mailbox.backoff import Block, after, fingerprint, may_poll
from mailhours.model.faults import Busy, Fault, LedgerFault, LoginRefused, ServerFault, Throttled
from mailhours.model.policy import NEVER_ALONE
from mailhours.model.raw import FolderRole
from mailhours.model.reply import Delivery, Mode, Outcome, Plan, Reply, ReplyKind, ReplyState
from mailhours.service import brakes, filing, journal, polling
from mailhours.service.account import Account

if TYPE_CHECKING:
    from mailhours.outbox.courier import Postman

# Where the back-off of the submission server is kept, and that of filing where a server wants to be
# left alone with copies (a mailbox is full) and is read all the same. No mailbox has such a name.
_SUBMISSION, _FILING = "submission:", "filing:"


def queue(account: Account, made: Plan) -> tuple[str, ...]:
    """Persist a plan and return the ids that leave now. Shadow and proposals end here.

    What is cancelled frees its causes first: what takes its place stands in the same plan. A reply
    is not accepted when one of its causes has had one.
    """
    now, outbox = account.clock(), account.ledger.outbox
    for reply_id in made.cancelled:
        outbox.cancel(reply_id, now, release=True)
    leaving = list(made.leaving)
    for state in (ReplyState.SHADOWED, ReplyState.PROPOSED, ReplyState.QUEUED):
        of_state = [reply for reply in made.replies if _first_state(reply) is state]
        accepted, _ = outbox.propose(of_state, state, now)
        leaving += accepted if state is ReplyState.QUEUED else ()
    outbox.withhold(made.withheld, made.slot.key, now)
    return tuple(leaving)


def _first_state(reply: Reply) -> ReplyState:
    """Return where a reply begins; what never leaves alone is proposed in every mode."""
    if NEVER_ALONE & set(reply.kinds) or reply.mode is Mode.DRAFT:
        return ReplyState.PROPOSED
    return ReplyState.SHADOWED if reply.mode is Mode.SHADOW else ReplyState.QUEUED


def send(account: Account, ids: Collection[str]) -> None:
    """Send the queued replies with these ids, and nothing else; then file the copies.

    A fault of the server leaves the rest as it is: the next check-in decides anew. `stop` and the
    fuse are asked before every mail to a client.
    """
    postman = account.postman
    if postman is not None and ids and may_log_in(account):
        try:
            _send_each(account, postman, ids)
        finally:
            postman.close()
    lay_copies(account)


def _send_each(account: Account, postman: Postman, ids: Collection[str]) -> None:
    from mailhours.outbox import courier

    for reply in account.ledger.outbox.queued(account.clock()):
        if reply.id not in ids or not _may_leave(account, reply):
            continue
        try:
            delivery = courier.send(
                reply, account.ledger.outbox, postman, account.mark, account.clock
            )
        except (Busy, LedgerFault):
            raise  # the ledger's own trouble says nothing of the server, and ends the tick
        except Fault as fault:
            not_sent(account, reply, fault)
            break
        if delivery is not None:
            _sent(account, reply, delivery)


def _may_leave(account: Account, reply: Reply) -> bool:
    """Ask once more, right before it leaves; the owner's own summary is never held back."""
    if _is_to_owner(reply):
        return True
    if account.stopped or brakes.fuse_blown(account):
        return False
    local = account.settings.owner.calendar.local(account.clock())
    midnight = datetime.combine(local.date(), time(), local.tzinfo)
    if account.ledger.outbox.count_sent(midnight) >= account.settings.policy.per_day:
        brakes.blow_fuse(account, reply.slot)
        return False
    return True


def _sent(account: Account, reply: Reply, delivery: Delivery) -> None:
    """Report a delivery; an address that the server refused for good gets no further mail."""
    journal.sent(reply, delivery)
    logged_in(account)
    # Only these speak of the recipient (RFC 5321 section 4.2.1).
    if delivery.outcome is Outcome.REFUSED and delivery.verb in ("RCPT", "DATA"):
        why = f"{delivery.code} {delivery.text}"
        account.ledger.outbox.freeze(reply.to.normal, why, account.clock())


def not_sent(account: Account, reply: Reply, fault: Fault) -> None:
    """Report a server that takes no mail, and remember a refused login: three tries a day."""
    journal.not_sent(reply, fault)
    now, health = account.clock(), account.ledger.health
    if isinstance(fault, LoginRefused):
        health.note("submission", f"no mail can be sent: {fault.what}", now)
        block = _block(account, _SUBMISSION)
        held = after(fault, now, block, random.random, _credential(account))
        health.set_block(_SUBMISSION, json.dumps(held.to_json()))


def logged_in(account: Account) -> None:
    """Take note that the submission server took the login."""
    account.ledger.health.set_block(_SUBMISSION, "")


def may_log_in(account: Account) -> bool:
    """Say whether the submission server may be called: not where it refused the login."""
    block = _block(account, _SUBMISSION)
    return may_poll(block, account.clock(), lambda: _credential(account))


def _block(account: Account, name: str) -> Block:
    text = account.ledger.health.block(name)
    return Block.from_json(json.loads(text)) if text else Block()


def _credential(account: Account) -> str:
    """Return what changes when the password does, so that a new one is tried at once."""
    server = account.settings.submission
    return fingerprint(server) if server else ""


def unsent_summaries(account: Account) -> tuple[str, ...]:
    """Return the summaries that wait: today's, and one that the server did not take before."""
    waiting = account.ledger.outbox.queued(account.clock())
    return tuple(reply.id for reply in waiting if _is_to_owner(reply))


def lay_copies(account: Account) -> None:
    """Lay what left into Sent and drafts into Drafts, each once.

    A mailbox that is deaf is passed over: only a look calls its server, as often as it may.
    """
    waiting = account.ledger.outbox.to_lay()
    if not waiting:
        return  # the usual poll
    health, block = account.ledger.health, _block(account, _FILING)
    if not may_poll(block, account.clock(), lambda: ""):  # no password changes a full mailbox
        return
    for reply, state in waiting:
        if state is ReplyState.PROPOSED and reply.mode is Mode.DRAFT:
            role = FolderRole.DRAFTS
        elif state is ReplyState.SUBMITTED and not _is_to_owner(reply):
            role = FolderRole.SENT
        else:
            continue
        if polling.is_deaf(account, filing.box_of(account, reply)):
            continue
        try:
            filing.lay(account, reply, role)
        except (ServerFault, LoginRefused) as fault:
            if isinstance(fault, Throttled):
                held = after(fault, account.clock(), block, random.random)
                health.set_block(_FILING, json.dumps(held.to_json()))
            filing.failed(account, fault)
            return
    health.set_block(_FILING, "")


def _is_to_owner(reply: Reply) -> bool:
    """Say whether a mail is the owner's own summary: it lies in the inbox, and needs no copy."""
    return ReplyKind.SUMMARY in reply.kinds
