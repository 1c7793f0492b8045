"""One look at one mailbox: its back-off before, its health after, its batches in between."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from mailhours.mailbox.backoff import Block, Why, after, fingerprint, may_poll
from mailhours.mailbox.protocol import Mailbox
from mailhours.model.faults import Fault, FolderFault, LoginRefused, ServerFault, Throttled
from mailhours.model.raw import Batch, FolderRole, Place
from mailhours.model.server import MailboxSettings
from mailhours.service import held_since, journal
from mailhours.service.account import Account

_NAMED = 8  # folders and clients in one warning


def look(
    account: Account, mailbox: Mailbox, progress: Callable[[int], None]
) -> tuple[int, Fault | None]:
    """Log what is new in `mailbox`; return how many mails of clients, and the fault that ended it.

    1. A mailbox that is left alone for now is not asked: the fault from before stands.
    2. Each batch goes into the ledger, with its cursor, before the next one is fetched. Those of
       Check-in wait until it is noted since when what they show lies there: a look that ends before
       is repeated.
    3. A fault lengthens the back-off, a complete look ends it; only changes are reported.
    """
    health = account.ledger.health
    settings = next(m for m in account.settings.mailboxes if m.name == mailbox.name)
    now = account.clock()
    block = _block(health.block(mailbox.name))
    if not may_poll(block, now, lambda: _credential(settings)):
        if block.why is Why.STOPPED:  # a new password is looked for as often as mail, not oftener
            account.looked[mailbox.name] = now
        return 0, ServerFault(f"{mailbox.name} is left alone for now: {block.what}")
    logged, lies, held = 0, False, []
    try:
        for batch in mailbox.look(
            account.ledger.mail, account.book.wanted, now - settings.history, now
        ):
            if batch.cursor.role is FolderRole.HELD:
                lies |= bool(batch.sightings)
                held.append(_sent(batch))
            else:
                logged += _log(account, _sent(batch))
            progress(logged)
            account.breathe()
        if lies:
            polls = {state.mailbox: state.succeeded for state in health.polls()}
            held_since.note(account, mailbox, polls.get(mailbox.name))
        for batch in held:
            _log(account, batch)
    except (ServerFault, LoginRefused) as fault:
        _failed(account, settings, block, fault)
        return logged, fault
    account.looked[mailbox.name] = account.clock()
    if block != Block():
        health.set_block(mailbox.name, "")
    if health.poll_succeeded(mailbox.name, account.clock(), every=settings.poll_every):
        journal.hears_again(mailbox.name)
    return logged, None


def _failed(account: Account, settings: MailboxSettings, block: Block, fault: Fault) -> None:
    """Lengthen the back-off of a mailbox, and tell of it if it is news."""
    now, health = account.clock(), account.ledger.health
    credential = _credential(settings) if isinstance(fault, LoginRefused) else ""
    # Jitter, so that many clients of one server do not come back at the same moment.
    left = after(fault, now, block, random.random, credential)
    health.set_block(settings.name, "" if left == Block() else json.dumps(left.to_json()))
    if isinstance(fault, FolderFault):
        account.looked[settings.name] = now  # the others were read, and are not due at once
    if health.poll_failed(settings.name, fault.what, now):
        journal.deaf(settings.name, fault)
        if isinstance(fault, LoginRefused):
            health.note("login", f"{settings.name}: {fault.what}", now)


def _log(account: Account, batch: Batch) -> int:
    """Put a batch into the ledger, and tell what is remarkable; return how many mails were new."""
    new = account.ledger.mail.log(batch, account.clock())
    for remark in batch.remarks:
        folder = f"folder {batch.cursor.folder}"
        if account.ledger.health.note(folder, remark, account.clock()):
            journal.remarked(remark)
    return new


def _sent(batch: Batch) -> Batch:
    """Return a batch without mail that nobody was sent yet: a draft is no message, and no answer.

    It is sighted when it lies in Sent, whoever sent it. Of what is held and cannot be read the
    owner hears, who waits for it to leave.
    """
    role = batch.cursor.role
    if role not in (FolderRole.DRAFTS, FolderRole.HELD):
        return batch
    bad = batch.quarantined if role is FolderRole.HELD else ()
    return replace(batch, sightings=(), quarantined=bad)


def elsewhere(account: Account) -> list[tuple[str, str]]:
    """Log mail of clients that lies in folders which are not read; return folders and keys.

    A mailbox that is deaf is not called, and is a fault: it is searched when it hears again.
    The first fault is raised after the other mailboxes.
    """
    found: list[tuple[str, str]] = []
    faults: list[Fault] = []
    now, ledger = account.clock(), account.ledger
    for settings, mailbox in zip(account.settings.mailboxes, account.mailboxes, strict=True):
        if is_deaf(account, mailbox):
            faults.append(ServerFault(f"{mailbox.name}: not asked while it does not answer"))
            continue
        horizon = now - settings.history
        senders, wanted = account.book.senders, account.book.wanted
        try:
            for batch in mailbox.elsewhere(ledger.mail, wanted, senders, horizon, now):
                ledger.mail.log(batch, account.clock())
                found += [(s.place.folder, s.key) for s in batch.sightings if s.raw is not None]
        except (ServerFault, LoginRefused) as fault:
            _leave_alone(account, mailbox, fault)
            faults.append(fault)
    if faults and not found:
        raise faults[0]
    return found


def warn_of(account: Account, found: Sequence[tuple[str, str]]) -> None:
    """Tell the owner which clients' mail lies in which folders, by folder and key; it is read."""
    counts: Counter[tuple[str, str]] = Counter()
    for folder, key in found:
        message = account.ledger.readings.message(key)
        if message is not None and message.client:
            counts[folder, account.book.clients[message.client].name] += 1
    if not counts:
        return
    journal.found_elsewhere(counts.total())
    named = [f"{folder}: {client} ({n})" for (folder, client), n in counts.most_common(_NAMED)]
    more = f" and {len(counts) - _NAMED} more" if len(counts) > _NAMED else ""
    words = f"mail of clients lay in folders that are not read: {', '.join(named)}{more}"
    account.ledger.health.note("elsewhere", words, account.clock())


def answered(account: Account, keys: Iterable[str]) -> frozenset[str]:
    r"""Return those of `keys` whose mails carry \Answered in the mailbox; in doubt none."""
    where: dict[str, dict[Place, str]] = {}
    for key in keys:
        for place, _ in account.ledger.mail.place(key):
            where.setdefault(place.mailbox, {})[place] = key
    found: set[str] = set()
    for mailbox in account.mailboxes:
        held = where.get(mailbox.name, {})
        if held and not is_deaf(account, mailbox):
            try:
                found |= {held[place] for place in mailbox.answered(held.keys())}
            except (ServerFault, LoginRefused) as fault:
                _leave_alone(account, mailbox, fault)
                journal.not_asked(mailbox.name, fault)
    return frozenset(found)


def _leave_alone(account: Account, mailbox: Mailbox, fault: Fault) -> None:
    """Remember how long a server wants to be left alone, whatever it was asked when it said so."""
    if isinstance(fault, Throttled):
        health = account.ledger.health
        held = after(fault, account.clock(), _block(health.block(mailbox.name)), random.random)
        health.set_block(mailbox.name, json.dumps(held.to_json()))


def is_deaf(account: Account, mailbox: Mailbox) -> bool:
    """Say whether the last look found no server: until the next one nobody else calls it."""
    return _block(account.ledger.health.block(mailbox.name)) != Block()


def _block(text: str) -> Block:
    return Block.from_json(json.loads(text)) if text else Block()


def _credential(settings: MailboxSettings) -> str:
    """Return what changes when the password does, so that a new one is tried at once."""
    return fingerprint(settings.server) if settings.server else ""
