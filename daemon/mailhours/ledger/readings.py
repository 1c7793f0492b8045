"""Readings: what was understood of each mail, by one version of the rules; can be made again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from mailhours.ledger import tables
from mailhours.ledger.bookmarks import disturb
from mailhours.ledger.fields import stored
from mailhours.ledger.histories import TALLY, Count, Histories
from mailhours.ledger.mail import UNREAD
from mailhours.ledger.pack import unpack
from mailhours.ledger.places import FOLDER, MAIL, uid
from mailhours.ledger.reading_rows import (
    EVIDENCE,
    READING,
    Read,
    encodable,
    evidence_row,
    message_row,
)
from mailhours.ledger.sqlite import insert_new, upsert
from mailhours.model.raw import FolderRole, Place, RawMail

__all__ = ["Count", "Logged", "Read", "Readings"]

ACCOUNT = tables.of(tables.Account)

# Built once: they are asked often, and building a query costs more than running it.
# One key at a time: for several SQLite, which keeps no statistics, walks the whole account.
_IT = (READING.c.account == bindparam("account"), READING.c.key == bindparam("key"))
_PLACE = select(READING.c.client, READING.c.at).where(*_IT)
_ADD = insert(READING)
_DROP = delete(READING).where(*_IT)
_PROVE = insert(EVIDENCE)
_UNPROVE = delete(EVIDENCE).where(
    EVIDENCE.c.account == bindparam("account"), EVIDENCE.c.key == bindparam("key")
)
_IS_READ = delete(UNREAD).where(
    UNREAD.c.account == bindparam("account"), UNREAD.c.key == bindparam("key")
)
_TALLY = select(TALLY.c.messages).where(
    TALLY.c.account == bindparam("account"), TALLY.c.client == bindparam("client")
)
_SERIAL = select(func.max(TALLY.c.serial)).where(TALLY.c.account == bindparam("account"))
_COUNT = upsert(TALLY)
_VERSION = select(ACCOUNT.c.version).where(ACCOUNT.c.id == bindparam("account"))
_WAITING = (
    select(
        *(MAIL.c[name] for name in ("key", "header", "parts", "received", "size", "logged")),
        *(FOLDER.c.mailbox, FOLDER.c.name, MAIL.c.validity, MAIL.c.number, MAIL.c.name),
        FOLDER.c.role,
    )
    .select_from(UNREAD)
    .join(MAIL, (MAIL.c.account == UNREAD.c.account) & (MAIL.c.key == UNREAD.c.key))
    .join(FOLDER, FOLDER.c.id == MAIL.c.folder)
    .where(UNREAD.c.account == bindparam("account"))
    .order_by(UNREAD.c.seq)
    .limit(bindparam("limit"))
)
_SIZES = (
    select(func.length(MAIL.c.header) + func.length(MAIL.c.parts))
    .select_from(UNREAD)
    .join(MAIL, (MAIL.c.account == UNREAD.c.account) & (MAIL.c.key == UNREAD.c.key))
    .where(UNREAD.c.account == bindparam("account"))
    .order_by(UNREAD.c.seq)
    .limit(bindparam("limit"))
)
# Mails are handed out up to this size together, or one by one: some have megabytes of text.
AT_ONCE = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Logged:
    """A mail as logged, with the place and the folder's role of its earliest sighting."""

    key: str
    raw: RawMail
    place: Place
    role: FolderRole
    logged: datetime


class Readings(Histories):
    """The readings of one account: what is to be read, what was, and their histories."""

    # What is to be read, and what was.

    def unread(self, version: str, limit: int) -> list[Logged]:
        """Return mails without a reading of this `version` of the rules, in order of logging.

        At most `limit` of them, and fewer where they are long (`AT_ONCE`); none when all are read.
        """
        if self._version() == version:
            return self._waiting(limit)
        with self._database.writing() as connection:
            every = select(MAIL.c.account, MAIL.c.seq, MAIL.c.key).where(
                MAIL.c.account == self._account, MAIL.c.header.is_not(None)
            )
            connection.execute(insert_new(UNREAD).from_select(["account", "seq", "key"], every))
            connection.execute(
                update(ACCOUNT).where(ACCOUNT.c.id == self._account).values(version=version)
            )
            return self._waiting(limit, connection)

    def write(self, rows: Sequence[Read]) -> None:
        """Write readings in one transaction, in place of earlier ones of the same mails."""
        if not rows:
            return
        newest = {row.key: row for row in rows}
        try:
            self._write(newest)
        except UnicodeEncodeError:
            # A lone surrogate has no UTF-8; one mail may not stop the others for it.
            self._write({key: encodable(row) for key, row in newest.items()})

    def drop(self, connection: Connection, keys: Sequence[str]) -> None:
        """Drop readings for good, inside the caller's transaction: their mails were forgotten."""
        before, gone = self._delete(connection, list(keys))
        self._count(connection, before, Counter())
        disturb(self._database, connection, self._account, _earliest(gone))
        self._database.run(connection, _IS_READ, self._each(keys))

    # Inside.

    def _each(self, keys: Iterable[str]) -> list[dict[str, object]]:
        return [{"account": self._account, "key": key} for key in keys]

    def _version(self, within: Connection | None = None) -> str:
        ((version,),) = self._database.ask(_VERSION, within, account=self._account)
        return str(version)

    def _waiting(self, limit: int, within: Connection | None = None) -> list[Logged]:
        sizes = self._database.ask(_SIZES, within, account=self._account, limit=limit)
        if not sizes:
            return []  # the usual poll
        together = accumulate(size for (size,) in sizes)
        limit = max(1, sum(octets <= AT_ONCE for octets in together))
        return [
            Logged(
                key,
                unpack(header, parts, received, size),
                Place(mailbox, stored(folder), validity, uid(number, name)),
                role,
                logged,
            )
            for (
                key,
                header,
                parts,
                received,
                size,
                logged,
                mailbox,
                folder,
                validity,
                number,
                name,
                role,
            ) in self._database.ask(_WAITING, within, account=self._account, limit=limit)
        ]

    def _write(self, rows: dict[str, Read]) -> None:
        with self._database.writing() as connection:
            before, gone = self._delete(connection, list(rows))
            mine = {"account": self._account}
            run = self._database.run
            run(connection, _ADD, [mine | message_row(r.message) for r in rows.values()])
            run(connection, _PROVE, [mine | evidence_row(r) for r in rows.values()])
            current = self._version(connection)
            done = [key for key, r in rows.items() if r.version == current]
            run(connection, _IS_READ, self._each(done))
            self._count(connection, before, Counter(r.message.client for r in rows.values()))
            came = [(r.message.client, r.message.at, key) for key, r in rows.items()]
            disturb(self._database, connection, self._account, _earliest([*gone, *came]))

    def _delete(
        self, connection: Connection, keys: list[str]
    ) -> tuple[Counter[str], list[tuple[str, datetime, str]]]:
        """Delete the readings of `keys`; return how many each client had, and their places."""
        gone = [
            (client, at, key)
            for key in keys
            for client, at in self._database.ask(_PLACE, connection, account=self._account, key=key)
        ]
        for change in (_DROP, _UNPROVE):  # most mails are read for the first time
            self._database.run(connection, change, self._each(key for *_, key in gone))
        return Counter(client for client, _, _ in gone), gone

    def _count(self, connection: Connection, before: Counter[str], after: Counter[str]) -> None:
        ask, mine = self._database.ask, {"account": self._account}
        ((newest,),) = ask(_SERIAL, connection, **mine)
        rows = []
        for client in sorted(before.keys() | after.keys()):
            held = next((n for (n,) in ask(_TALLY, connection, **mine, client=client)), 0)
            messages = held + after[client] - before[client]
            tally = {"client": client, "messages": messages, "serial": (newest or 0) + 1}
            rows.append(mine | tally)
        self._database.run(connection, _COUNT, rows)


def _earliest(places: Iterable[tuple[str, datetime, str]]) -> dict[str, tuple[datetime, str]]:
    """Return the first place of each client that owns one."""
    first: dict[str, tuple[datetime, str]] = {}
    for client, at, key in places:
        if client and (client not in first or (at, key) < first[client]):
            first[client] = at, key
    return first
