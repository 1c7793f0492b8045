"""Since when a mail lies in Check-in: who drops one there has ten minutes to think again.

The time of arrival does not tell: a server keeps it when a mail is moved. So each is noted when a
look first sees it. One that is older than the look before, which did not see it, was moved.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from mailhours.mailbox.protocol import Mailbox
from mailhours.model.raw import FolderRole, Lying
from mailhours.service.account import Account


def note(account: Account, mailbox: Mailbox, before: datetime | None) -> None:
    """Note what lies in Check-in and was not there `before`, the moment of the last look.

    Raises what `mailbox.lying` raises.
    """
    now, once = account.clock(), account.ledger.slots.once
    for lying in mailbox.lying(FolderRole.HELD):
        is_moved = before is not None and lying.received < before
        once(f"lies:{name(lying)}", now if is_moved else min(lying.received, now))


def since(account: Account, lying: Lying) -> datetime:
    """Return since when it lies there, UTC; its arrival when no look has seen it yet."""
    return account.ledger.slots.when(f"lies:{name(lying)}") or lying.received


def name(lying: Lying) -> str:
    """Return a name for what lies at a place: its UID stands for the same octets for ever."""
    place = lying.place
    held = f"{place.mailbox}\0{place.folder}\0{place.validity}\0{place.uid}\0{lying.size}"
    return hashlib.sha256(held.encode("utf-8", "replace")).hexdigest()
