"""One look at one mailbox: its back-off before, its health after, its batches in between."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

from mailhours.mailbox.backoff import Block, after, fingerprint, may_poll
from mailhours.mailbox.protocol import Mailbox
from mailhours.model.faults import Fault, LoginRefused, ServerFault
from mailhours.model.server import MailboxSettings
from mailhours.service import journal
from mailhours.service.account import Account


def look(
    account: Account, mailbox: Mailbox, progress: Callable[[int], None]
) -> tuple[int, Fault | None]:
    """Log what is new in `mailbox`; return how many mails of clients, and the fault that ended it.

    1. A mailbox that is left alone for now is not asked: the fault from before stands.
    2. Each batch goes into the ledger, with its cursor, before the next one is fetched.
    3. A fault lengthens the back-off, a complete look ends it; only changes are reported.
    """
    health = account.ledger.health
    settings = next(m for m in account.settings.mailboxes if m.name == mailbox.name)
    now = account.clock()
    block = _block(health.block(mailbox.name))
    if not may_poll(block, now, lambda: _credential(settings)):
        return 0, ServerFault(f"{mailbox.name} is left alone for now: {block.what}")
    logged = 0
    try:
        for batch in mailbox.look(
            account.ledger.mail, account.book.wanted, now - settings.history, now
        ):
            logged += account.ledger.mail.log(batch, account.clock())
            progress(logged)
    except (ServerFault, LoginRefused) as fault:
        now = account.clock()
        credential = _credential(settings) if isinstance(fault, LoginRefused) else ""
        # Jitter, so that many clients of one server do not come back at the same moment.
        held = after(fault, now, block, random.random, credential)
        health.set_block(mailbox.name, json.dumps(held.to_json()))
        if health.poll_failed(mailbox.name, fault.what, now):
            journal.deaf(mailbox.name, fault)
            if isinstance(fault, LoginRefused):
                health.note("login", f"{mailbox.name}: {fault.what}", now)
        return logged, fault
    if block != Block():
        health.set_block(mailbox.name, "")
    if health.poll_succeeded(mailbox.name, account.clock(), every=settings.poll_every):
        journal.hears_again(mailbox.name)
    return logged, None


def _block(text: str) -> Block:
    return Block.from_json(json.loads(text)) if text else Block()


def _credential(settings: MailboxSettings) -> str:
    """Return what changes when the password does, so that a new one is tried at once."""
    return fingerprint(settings.server) if settings.server else ""
