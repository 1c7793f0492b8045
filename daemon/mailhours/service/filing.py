"""Copies of what left, in Sent, each once; what was held is gone from its folder afterwards.

Some providers file what leaves through them, a moment later: for two polls their copy is waited
for, else there would be two. Which ones do is learned: at a server that nobody knows the first copy
of each month is waited for.
"""

from __future__ import annotations

import hashlib
import json

from mailhours.mailbox.protocol import Mailbox
from mailhours.model.faults import Fault
from mailhours.model.raw import FolderRole, Place
from mailhours.model.reply import Reply, ReplyKind, ReplyState
from mailhours.service import journal
from mailhours.service.account import Account
from mailhours.settings.written import loopback

# The submission servers, by the ends of their names, that are known to file by themselves.
FILES_ITSELF = (
    *("gmail.com", "googlemail.com", "google.com"),
    *("office365.com", "outlook.com", "hotmail.com", "live.com"),
    *("icloud.com", "me.com", "mac.com"),
)
POLLS = 2
_FILES, _FILES_NOT = "filing:{}:itself", "filing:{}:not:{:%Y-%m}"


def lay(account: Account, reply: Reply, role: FolderRole) -> None:
    """Lay a copy into Sent, or a draft into Drafts, once; ServerFault: try again."""
    outbox, box = account.ledger.outbox, box_of(account, reply)
    learn, host = account.ledger.slots.once, _host(account)
    if role is FolderRole.SENT and _is_awaited(account, reply):
        places = box.find(role, reply.message_id, reply.id)
        if not places:
            return
        learn(_FILES.format(host), account.clock())
        outbox.filed(reply.id, places[0], account.clock())
    else:
        from mailhours.outbox import courier

        is_new = courier.lay(reply, role, outbox, box, account.mark, account.clock)
        if is_new and host and role is FolderRole.SENT:
            learn(_FILES_NOT.format(host, account.clock()), account.clock())
    clear(account, reply)


def failed(account: Account, fault: Fault) -> None:
    """Tell the owner, once a day, that copies of what left wait to be filed; they are tried again.

    The mails themselves have left.
    """
    words = f"copies of mails that left could not be filed: {fault.what}"
    if account.ledger.health.note("filing", words, account.clock()):
        journal.not_filed(fault.what)


def clear(account: Account, reply: Reply) -> None:
    """Remove a held reply from its folder, once its copy is filed and if it is still the same."""
    if ReplyKind.HELD not in reply.kinds or "place" not in reply.facts:
        return
    if account.ledger.outbox.state(reply.id) is not ReplyState.FILED:
        return
    box, place = box_of(account, reply), Place(*json.loads(reply.facts["place"]))
    mail = box.fetch(place)
    if mail is not None and hashlib.sha256(mail).hexdigest() == reply.causes[0].target:
        box.remove(place)


def box_of(account: Account, reply: Reply) -> Mailbox:
    """Return the mailbox in which a copy of `reply` is kept: where it lay, else the first."""
    name = reply.facts.get("mailbox", "")
    return next((box for box in account.mailboxes if box.name == name), account.mailboxes[0])


def _is_awaited(account: Account, reply: Reply) -> bool:
    """Say whether the provider may still file the copy: it does, or nobody knows yet."""
    host, happened = _host(account), account.ledger.slots.happened
    if not host:
        return False
    is_one = any(f".{host}".endswith(f".{name}") for name in FILES_ITSELF)
    is_none = happened(_FILES_NOT.format(host, account.clock()))
    if is_none and not is_one and not happened(_FILES.format(host)):
        return False
    changes = account.ledger.outbox.changes(reply.id)
    every = max(one.poll_every for one in account.settings.mailboxes)
    return account.clock() - changes[-1].at <= POLLS * every


def _host(account: Account) -> str:
    """Return whose provider it is; a server on this machine files nothing, and is nobody's."""
    server = account.settings.submission
    return server.host.lower() if server and not loopback(server.host) else ""
