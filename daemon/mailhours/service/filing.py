"""Copies of what left, in Sent, each once; what was held is gone from its folder afterwards.

Some providers file what leaves through them, a moment later: for two polls their copy is waited
for, else there would be two.
"""

from __future__ import annotations

import hashlib
import json

from mailhours.mailbox.protocol import Mailbox
from mailhours.model.raw import FolderRole, Place
from mailhours.model.reply import Reply, ReplyKind, ReplyState
from mailhours.outbox import courier
from mailhours.service.account import Account

# The submission servers, by the ends of their names, that file by themselves.
FILES_ITSELF = (
    *("gmail.com", "googlemail.com", "google.com"),
    *("office365.com", "outlook.com", "hotmail.com", "live.com"),
    *("icloud.com", "me.com", "mac.com"),
)
POLLS = 2


def lay(account: Account, reply: Reply, role: FolderRole) -> None:
    """Lay a copy into Sent, or a draft into Drafts, once; ServerFault: try again."""
    outbox, box = account.ledger.outbox, box_of(account, reply)
    if role is FolderRole.SENT and _comes_by_itself(account, reply):
        places = box.find(role, reply.message_id)
        if not places:
            return
        outbox.filed(reply.id, places[0], account.clock())
    else:
        courier.lay(reply, role, outbox, box, account.mark, account.clock)
    clear(account, reply)


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


def _comes_by_itself(account: Account, reply: Reply) -> bool:
    server = account.settings.submission
    host = f".{server.host.lower()}" if server else ""
    if not any(host.endswith(f".{name}") for name in FILES_ITSELF):
        return False
    changes = account.ledger.outbox.changes(reply.id)
    every = max(one.poll_every for one in account.settings.mailboxes)
    return account.clock() - changes[-1].at <= POLLS * every
