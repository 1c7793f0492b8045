"""What SQLite reports, as faults in the owner's words."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from mailhours.model.faults import Busy, Fault, LedgerDamaged, LedgerFault


def fault(error: sqlite3.Error, path: Path) -> Fault:
    """Say in the owner's words what SQLite reports (sqlite.org/rescode.html)."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    match code & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return Busy(
                f"{path}: another process is writing to the ledger",
                hint="try again in a minute",
            )
        case sqlite3.SQLITE_FULL:
            return Busy(
                f"{path}: the disk is full; nothing was written",
                hint="make room on that disk; mailhours goes on by itself",
            )
        case sqlite3.SQLITE_READONLY:
            return LedgerFault(
                f"{path}: the ledger cannot be written to",
                hint="is the disk mounted read-only, or does the file belong to another user?",
            )
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH:
            return LedgerFault(
                f"{path}: the ledger cannot be opened",
                hint="is the disk mounted read-only, its directory gone, or another user's?",
            )
        case sqlite3.SQLITE_NOTADB:
            return LedgerDamaged(
                f"{path}: this file is not a ledger",
                hint="put a backup in its place, or move it away and the mail is read again",
            )
        case sqlite3.SQLITE_CORRUPT:
            return LedgerDamaged(
                f"{path}: the ledger is damaged",
                hint="stop the service and put the newest backup in its place",
            )
        case sqlite3.SQLITE_IOERR:
            return LedgerFault(
                f"{path}: the disk does not answer ({error})",
                hint="look at the system's log for faults of that disk",
            )
        case _:
            return LedgerFault(
                f"{path}: the ledger refused: {error}", hint="`mailhours verify` says more"
            )
