"""Readings: what was understood of each mail, by one version of the rules; can be made again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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

_CHUNK = 500  # bound values a statement
# Built once: they are asked often, and building a query costs more than running it.
# One key at a time: for several SQLite, which keeps no statistics, walks the whole account.
_IT = (READING.c.account == bindparam("account"), READING.c.key == bindparam("key"))
_PLACE = select(READING.c.client, READING.c.at).where(*_IT)
_VERSION = select(ACCOUNT.c.version).where(ACCOUNT.c.id == bindparam("account"))
_WAITING = (
    select(MAIL, FOLDER.c.mailbox, FOLDER.c.name.label("folder_name"), FOLDER.c.role)
    .select_from(UNREAD)
    .join(MAIL, (MAIL.c.account == UNREAD.c.account) & (MAIL.c.key == UNREAD.c.key))
    .join(FOLDER, FOLDER.c.id == MAIL.c.folder)
    .where(UNREAD.c.account == bindparam("account"))
    .order_by(UNREAD.c.seq)
    .limit(bindparam("limit"))
)
_ANY = select(func.min(UNREAD.c.seq)).where(UNREAD.c.account == bindparam("account"))


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
        """Return mails without a reading of this `version` of the rules, in order of logging."""
        with self._database.reading() as connection:
            current = self._version(connection)
            if current == version:
                return self._waiting(connection, limit)
        with self._database.writing() as connection:
            every = select(MAIL.c.account, MAIL.c.seq, MAIL.c.key).where(
                MAIL.c.account == self._account, MAIL.c.header.is_not(None)
            )
            connection.execute(insert_new(UNREAD).from_select(["account", "seq", "key"], every))
            connection.execute(
                update(ACCOUNT).where(ACCOUNT.c.id == self._account).values(version=version)
            )
            return self._waiting(connection, limit)

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
        disturb(connection, self._account, _earliest(gone))
        for some in _chunks(list(keys)):
            connection.execute(delete(UNREAD).where(*self._of(UNREAD, some)))

    # Inside.

    def _of(self, table: Any, keys: list[str]) -> list[Any]:  # noqa: ANN401 - Table.c is Any
        return [table.c.account == self._account, table.c.key.in_(keys)]

    def _version(self, connection: Connection) -> str:
        rows = self._database.rows(connection, _VERSION, {"account": self._account})
        return str(next(rows)[0])

    def _waiting(self, connection: Connection, limit: int) -> list[Logged]:
        asked = {"account": self._account, "limit": limit}
        oldest = self._database.rows(connection, _ANY, {"account": self._account})
        if next(oldest) == (None,):
            return []  # the usual poll
        return [
            Logged(
                row.key,
                unpack(row.header, row.parts, row.received, row.size),
                Place(
                    row.mailbox, stored(row.folder_name), row.validity, uid(row.number, row.name)
                ),
                FolderRole(row.role),
                row.logged,
            )
            for row in connection.execute(_WAITING, asked)
        ]

    def _write(self, rows: dict[str, Read]) -> None:
        with self._database.writing() as connection:
            before, gone = self._delete(connection, list(rows))
            mine = {"account": self._account}
            connection.execute(
                insert(READING), [mine | message_row(r.message) for r in rows.values()]
            )
            connection.execute(insert(EVIDENCE), [mine | evidence_row(r) for r in rows.values()])
            current = self._version(connection)
            for some in _chunks([key for key, r in rows.items() if r.version == current]):
                connection.execute(delete(UNREAD).where(*self._of(UNREAD, some)))
            self._count(connection, before, Counter(r.message.client for r in rows.values()))
            came = [(r.message.client, r.message.at, key) for key, r in rows.items()]
            disturb(connection, self._account, _earliest([*gone, *came]))

    def _delete(
        self, connection: Connection, keys: list[str]
    ) -> tuple[Counter[str], list[tuple[str, datetime, str]]]:
        """Delete the readings of `keys`; return how many each client had, and their places."""
        gone: list[tuple[str, datetime, str]] = []
        for some in _chunks(keys):
            for key in some:
                rows = connection.execute(_PLACE, {"account": self._account, "key": key})
                gone += [(client, at, key) for client, at in rows]
            connection.execute(delete(READING).where(*self._of(READING, some)))
            connection.execute(delete(EVIDENCE).where(*self._of(EVIDENCE, some)))
        return Counter(client for client, _, _ in gone), gone

    def _count(self, connection: Connection, before: Counter[str], after: Counter[str]) -> None:
        touched = sorted(before.keys() | after.keys())
        if not touched:
            return
        tally = select(TALLY.c.client, TALLY.c.messages).where(TALLY.c.account == self._account)
        held: dict[str, int] = {}
        for some in _chunks(touched):
            rows = connection.execute(tally.where(TALLY.c.client.in_(some)))
            held.update((client, messages) for client, messages in rows)
        newest = connection.execute(
            select(func.max(TALLY.c.serial)).where(TALLY.c.account == self._account)
        ).scalar_one()
        connection.execute(
            upsert(TALLY),
            [
                {
                    "account": self._account,
                    "client": client,
                    "messages": held.get(client, 0) + after[client] - before[client],
                    "serial": (newest or 0) + 1,
                }
                for client in touched
            ],
        )


def _earliest(places: Iterable[tuple[str, datetime, str]]) -> dict[str, tuple[datetime, str]]:
    """Return the first place of each client that owns one."""
    first: dict[str, tuple[datetime, str]] = {}
    for client, at, key in places:
        if client and (client not in first or (at, key) < first[client]):
            first[client] = at, key
    return first


def _chunks(keys: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(keys), _CHUNK):
        yield keys[start : start + _CHUNK]
