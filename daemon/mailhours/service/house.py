"""The care of the ledger: a copy a day, and mail that is too old is dropped. Once a day each.

What fails here is told to the owner and tried again the next day: it never stops the mail. But the
copy reads all of the ledger, so that damage which nobody met is met here, within a day.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date
from pathlib import Path

from mailhours.model.faults import Fault, LedgerDamaged
from mailhours.service import journal, judging
from mailhours.service.account import Account

FOLDER = "backups"
KEPT = 7
_DAMAGED = "ledger.db.damaged"
_NAME = re.compile(r"ledger-\d{4}-\d{2}-\d{2}\.db")


def keep(account: Account) -> None:
    """Do what the local day has not seen yet: copy the ledger, then drop what is too old."""
    now = account.clock()
    today = account.settings.owner.calendar.local(now).date()
    if not account.ledger.slots.once(f"care:{today.isoformat()}", now):
        return
    try:
        path = back_up(account, today)
        dropped = drop_old(account)
    except LedgerDamaged:
        raise  # no word can be kept in it either
    except Fault as fault:
        journal.no_care(fault)
        account.ledger.health.note("care", f"{fault.what}. {fault.hint}".strip(), now)
    else:
        journal.cared(path.name, dropped)


def mark_damaged(account: Account) -> None:
    """Remember across restarts that the ledger was found to be damaged."""
    with suppress(OSError):
        account.ledger.path.with_name(_DAMAGED).touch(mode=0o600)


def is_marked(account: Account) -> bool:
    """Say whether the ledger was found to be damaged, and not looked at since."""
    return account.ledger.path.with_name(_DAMAGED).exists()


def refuse_damaged(account: Account) -> None:
    """Raise LedgerDamaged while the ledger that was found to be damaged is still in its place."""
    marker = account.ledger.path.with_name(_DAMAGED)
    if not is_marked(account):
        return
    if found := account.ledger.damage():
        raise LedgerDamaged(
            f"{account.ledger.path}: the ledger is damaged: {found[0]}",
            hint="stop the service and put the newest backup in its place",
        )
    marker.unlink(missing_ok=True)


def back_up(account: Account, today: date) -> Path:
    """Copy the ledger into the folder of backups beside it; of the older copies six stay.

    Fault when the folder or the copy cannot be written.
    """
    folder = account.ledger.path.parent / FOLDER
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise Fault(
            f"{folder}: no backup can be written: {error.strerror}",
            hint="make room on that disk, or give the folder back to the user of the service",
        ) from error
    path = folder / f"ledger-{today.isoformat()}.db"
    account.ledger.backup(path)
    for old in backups(account.ledger.path.parent)[:-KEPT]:
        old.unlink(missing_ok=True)
    return path


def backups(state: Path) -> list[Path]:
    """Return the daily copies in the state directory, the oldest first."""
    folder = state / FOLDER
    if not folder.is_dir():
        return []
    return sorted(found for found in folder.iterdir() if _NAME.fullmatch(found.name))


def drop_old(account: Account) -> int:
    """Drop the mail older than `[storage] keep`, but nothing that is still open; return how many.

    What an open promise or ask rests on stays: all mail of its client from when the oldest of them
    began.
    """
    now = account.clock()
    limit = now - account.settings.keep
    since = {}
    standings = judging.standings(account, now)
    for client in account.settings.clients:
        oldest = account.ledger.readings.clients().get(client.key)
        if oldest is None or oldest.first >= limit:
            continue
        judged = standings[client.key]
        began = [promise.message.at for promise in judged.open_promises]
        began += [ask.opened for ask in judged.open_asks]
        since[client.key] = min([limit, *began])
    return account.ledger.prune(limit, since, now)
