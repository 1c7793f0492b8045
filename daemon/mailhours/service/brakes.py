"""What stops our mail and says so: the fuse, loops, and mail of ours that came back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.utils import parseaddr

from mailhours.model.client import OwnerVerb
from mailhours.model.header import fields
from mailhours.model.message import Direction, Message
from mailhours.model.raw import RawMail
from mailhours.model.reply import Past, Reply, ReplyKind, ReplyState
from mailhours.service import journal
from mailhours.service.account import Account

FUSE = "fuse"
# So many mails of a client so soon after one of ours are a machine's (mail-loops run in minutes).
LOOP_MAILS = 3
LOOP_TIME = timedelta(minutes=10)
_LOOK_BACK = timedelta(days=7)
_LEFT = frozenset({ReplyState.SUBMITTED, ReplyState.FILED, ReplyState.DOUBTFUL, ReplyState.CLAIMED})
# Subjects of reports on mail that is not lost.
_NOT_LOST = re.compile(
    r"delay|warning|success|relayed|delivered:|verzöger|retard|forsink|odgođ|задерж|отложен",
    re.IGNORECASE,
)
_OURS = re.compile(rb"<[^<>\s@]+@[^<>\s@]+>|\br[0-9a-f]{8}\b")


def blow_fuse(account: Account, slot: str) -> None:
    """Stop all mail to clients until the owner says start, and say so."""
    if fuse_blown(account):
        return
    per_day = account.settings.policy.per_day
    words = f"the fuse has blown at {slot}: {per_day} mails in one day; say start to go on"
    account.ledger.health.note(FUSE, words, account.clock())
    journal.fuse_blown(slot, per_day)


def fuse_blown(account: Account) -> bool:
    """Say whether the fuse has blown since the owner's last `start`."""
    since = account.clock() - timedelta(weeks=26)
    blown = [note.at for note in account.ledger.health.notes(since) if note.kind == FUSE]
    if not blown:
        return False
    started = [word.at for word in account.ledger.words.words(verb=OwnerVerb.START)]
    return not started or started[-1] < blown[-1]


def freeze_loops(account: Account) -> None:
    """Freeze the automation of clients whose mails come as fast as only a machine writes."""
    now, ledger = account.clock(), account.ledger
    past = [p for p in ledger.outbox.past(since=now - _LOOK_BACK) if p.state in _LEFT and p.client]
    recent = {
        client: ledger.readings.history(client, since=now - _LOOK_BACK)
        for client in {p.client for p in past}
        if client in account.book.clients
    }
    for client, why in loops(past, recent, _forgiven(account)).items():
        if ledger.outbox.freeze(client, why, now):
            ledger.health.note("loop", f"{client}: {why}; no machine mail until unfreeze", now)
            journal.frozen(client, why)


def loops(
    past: Iterable[Past],
    recent: Mapping[str, Iterable[Message]],
    forgiven: Mapping[str, datetime],
) -> dict[str, str]:
    """Return the clients of whom too many mails followed one of ours, with the words for it.

    Whatever address they came from, and whether they look human: a robot with ever new addresses
    is one client's. What happened before the owner's `unfreeze` (`forgiven`) counts no more.
    """
    found: dict[str, str] = {}
    for ours in past:
        if ours.decided <= forgiven.get(ours.client, ours.decided - LOOP_TIME):
            continue
        end = ours.decided + LOOP_TIME
        mails = sum(
            one.direction is Direction.INBOUND and ours.decided < one.at <= end
            for one in recent.get(ours.client, ())
        )
        if mails >= LOOP_MAILS and ReplyKind.HELD not in ours.kinds:
            found[ours.client] = f"{mails} mails within ten minutes of ours"
    return found


def take_report(account: Account, key: str, raw: RawMail) -> None:
    """Freeze the address of a mail of ours that a report brings back, and say so.

    Reports on other mail are none of our business: nothing of them is kept.
    """
    reports = [p for p in raw.tree if p.content_type == "multipart/report"]
    kinds = {part.params.get("report-type", "delivery-status").lower() for part in reports}
    if "delivery-status" not in kinds:
        return
    reply = _enclosed(account, raw)
    if reply is None:
        if account.book.client(_sender(raw)) == "":
            account.ledger.mail.empty(key, account.clock())
        return
    address = reply.to.normal
    forgiven = _forgiven(account).get(address)
    if _is_lost(raw) and (forgiven is None or raw.received > forgiven):
        now, why = account.clock(), f"our mail {reply.id} came back"
        if account.ledger.outbox.freeze(address, why, now):
            account.ledger.health.note("bounce", f"{address}: {why} ({reply.subject})", now)
            journal.frozen(address, why)


def _enclosed(account: Account, raw: RawMail) -> Reply | None:
    """Return the mail of ours in what a report encloses (RFC 6522), told by its own ids."""
    for block in (*raw.attached, *(part.content for part in raw.parts)):
        for name, value in fields(block):
            if name in ("message-id", "x-mailhours-id"):
                for found in _OURS.findall(value):
                    reply = ours(account, found.decode())
                    if reply is not None:
                        return reply
    return None


def _is_lost(raw: RawMail) -> bool:
    """Say whether a report is of a mail that is lost, not one that takes longer or arrived."""
    subject = next((v for n, v in fields(raw.header) if n == "subject"), b"").decode(
        "utf-8", "replace"
    )
    with suppress(HeaderParseError, LookupError, ValueError):
        subject = str(make_header(decode_header(subject)))
    return _NOT_LOST.search(subject) is None


def _sender(raw: RawMail) -> str:
    value = next((v for n, v in fields(raw.header) if n == "from"), b"")
    return parseaddr(value.decode("utf-8", "replace"))[1]


def ours(account: Account, reference: str) -> Reply | None:
    """Return the reply with exactly this id or Message-ID; what a header says is never guessed."""
    if not reference:
        return None
    found = account.ledger.outbox.reply(reference)
    if found is not None:
        return found if found.id == reference else None
    if not reference.startswith("<"):
        return None
    # The id of a reply is the beginning of its Message-ID: one decision, one digest.
    found = account.ledger.outbox.reply(f"r{reference[1:9]}")
    return found if found is not None and found.message_id == reference else None


def _forgiven(account: Account) -> dict[str, datetime]:
    """Return when the owner last let mail go to an address or client again."""
    words = account.ledger.words.words(verb=OwnerVerb.UNFREEZE)
    return {word.target: word.at for word in words}
