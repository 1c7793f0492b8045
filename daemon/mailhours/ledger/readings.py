"""Readings: what was understood of each mail, by one version of the rules; can be made again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, func, insert, select, update

from mailhours.ledger import tables
from mailhours.ledger.bookmarks import disturb
from mailhours.ledger.fields import stored
from mailhours.ledger.mail import UNREAD
from mailhours.ledger.pack import unpack
from mailhours.ledger.places import FOLDER, MAIL, uid
from mailhours.ledger.reading_rows import (
    EVIDENCE,
    MESSAGE,
    READING,
    Read,
    encodable,
    evidence_row,
    message,
    message_row,
    reading,
)
from mailhours.ledger.sqlite import Database, as_moment, insert_new, upsert
from mailhours.model.message import Message
from mailhours.model.raw import FolderRole, Place, RawMail

__all__ = ["Count", "Logged", "Read", "Readings"]

ACCOUNT = tables.of(tables.Account)
TALLY = tables.of(tables.Tally)

_CHUNK = 500  # bound values a statement
# Built once: they are asked often, and building a query costs more than running it.
_HISTORY = (
    select(*MESSAGE)
    .where(READING.c.account == bindparam("account"), READING.c.client == bindparam("client"))
    .order_by(READING.c.at, READING.c.key)
)
# One key at a time: for several SQLite, which keeps no statistics, walks the whole account.
_IT = (READING.c.account == bindparam("account"), READING.c.key == bindparam("key"))
_ONE = select(*MESSAGE).where(*_IT)
_PLACE = select(READING.c.client, READING.c.at).where(*_IT)
_NEWEST = (
    select(READING.c.at, READING.c.key)
    .where(READING.c.account == bindparam("account"), READING.c.client == bindparam("client"))
    .order_by(READING.c.at.desc(), READING.c.key.desc())
    .limit(1)
)
_SINCE = _HISTORY.where(READING.c.at >= bindparam("since"))
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
_CHANGED = select(TALLY.c.client, TALLY.c.serial).where(
    TALLY.c.account == bindparam("account"), TALLY.c.serial > bindparam("after")
)
_SHORTEST = 4  # of a key's hex digits, before it is taken for one
_BEYOND = "g"  # the first character that comes after all hex digits


@dataclass(frozen=True, slots=True)
class Logged:
    """A mail as logged, with the place and the folder's role of its earliest sighting."""

    key: str
    raw: RawMail
    place: Place
    role: FolderRole
    logged: datetime


@dataclass(frozen=True, slots=True)
class Count:
    """How many messages a client has, the first and the last moment of them, and what changed last.

    `serial` grows with every change to that client's readings.
    """

    client: str
    messages: int
    first: datetime
    last: datetime
    serial: int


class Readings:
    """The readings of one account."""

    def __init__(self, database: Database, account: int) -> None:
        """Take the file and the account's id."""
        self._database = database
        self._account = account

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

    # For judgement.

    def history(self, client: str, *, since: datetime | None = None) -> list[Message]:
        """Return the messages of `client` from `since` on, in order of time and key."""
        with self._database.reading() as connection:
            return self._history(connection, client, since)

    def after(self, client: str, at: datetime, key: str) -> list[Message]:
        """Return the messages of `client` later than the place (at, key), in order."""
        with self._database.reading() as connection:
            found = self._history(connection, client, at)
        return [held for held in found if (held.at, held.key) > (at, key)]

    def newest(self, clients: Iterable[str] | None = None) -> dict[str, tuple[datetime, str]]:
        """Return the place (at, key) of the newest message of each of `clients`, or of all."""
        with self._database.reading() as connection:
            if clients is None:
                rows = connection.execute(
                    select(TALLY.c.client).where(TALLY.c.account == self._account)
                )
                clients = list(rows.scalars())
            found = {}
            for client in clients:
                asked = {"account": self._account, "client": client}
                for at, key in connection.execute(_NEWEST, asked):
                    found[client] = at, key
            return found

    def by_keys(self, keys: Iterable[str]) -> dict[str, Message]:
        """Return the messages of `keys`, those that are there."""
        found: dict[str, Message] = {}
        with self._database.reading() as connection:
            for key in sorted(set(keys)):
                for row in connection.execute(_ONE, {"account": self._account, "key": key}):
                    found[key] = message(row)
        return found

    def clients(self) -> dict[str, Count]:
        """Return what there is of each client; mails that belong to none are not counted."""
        query = select(
            TALLY.c.client,
            TALLY.c.messages,
            _edge(func.min(READING.c.at)),
            _edge(func.max(READING.c.at)),
            TALLY.c.serial,
        ).where(TALLY.c.account == self._account, TALLY.c.client != "", TALLY.c.messages > 0)
        with self._database.reading() as connection:
            return {row[0]: Count(*row) for row in connection.execute(query)}

    def changed(self, after: int) -> tuple[int, frozenset[str]]:
        """Return the newest serial and the clients whose readings changed since serial `after`.

        Begin with 0; only what is named here need be judged again.
        """
        asked = {"account": self._account, "after": after}
        with self._database.reading() as connection:
            rows = connection.execute(_CHANGED, asked).all()
        newest = max((serial for _, serial in rows), default=after)
        return newest, frozenset(client for client, _ in rows if client)

    # For the owner's questions.

    def message(self, reference: str) -> Message | None:
        """Return the message of a content key, a unique beginning of one, or a Message-ID."""
        reference = reference.strip()
        if len(reference) >= _SHORTEST and set(reference) <= set("0123456789abcdef"):
            found = self._messages(
                select(*MESSAGE)
                .where(
                    READING.c.account == self._account,
                    READING.c.key >= reference,
                    READING.c.key < reference + _BEYOND,
                )
                .limit(2)
            )
            if len(found) == 1:
                return found[0]
        return next(iter(self.by_message_id(reference)), None)

    def by_message_id(self, message_id: str) -> list[Message]:
        """Return the messages with this Message-ID, with or without its brackets, oldest first."""
        bare = message_id.strip().removeprefix("<").removesuffix(">")
        if not bare:
            return []
        # By way of the keys: else SQLite, which keeps no statistics, walks the whole account.
        query = select(READING.c.key).where(
            READING.c.account == self._account, READING.c.message_id.in_([bare, f"<{bare}>"])
        )
        with self._database.reading() as connection:
            keys = list(connection.execute(query).scalars())
        found = [
            held
            for key in keys
            for held in self._messages(select(*MESSAGE).where(*self._of(READING, [key])))
        ]
        return sorted(found, key=lambda held: (held.at, held.key))

    def text(self, key: str) -> str:
        """Return the visible text of a mail; empty when it has not been read."""
        query = select(EVIDENCE.c.text).where(*self._of(EVIDENCE, [key]))
        with self._database.reading() as connection:
            text: str | None = connection.execute(query).scalar_one_or_none()
        return text or ""

    def reading(self, key: str) -> Read | None:
        """Return all that was understood of a mail, with the reasons."""
        with self._database.reading(snapshot=True) as connection:
            found = connection.execute(
                select(*MESSAGE).where(*self._of(READING, [key]))
            ).one_or_none()
            why = connection.execute(
                select(EVIDENCE).where(*self._of(EVIDENCE, [key]))
            ).one_or_none()
        if found is None or why is None:
            return None
        held = message(found)
        return Read(key, why.version, reading(held, why), held)

    # Inside.

    def _of(self, table: Any, keys: list[str]) -> list[Any]:  # noqa: ANN401 - Table.c is Any
        return [table.c.account == self._account, table.c.key.in_(keys)]

    def _version(self, connection: Connection) -> str:
        rows = self._database.rows(connection, _VERSION, {"account": self._account})
        return str(next(rows)[0])

    def _history(
        self, connection: Connection, client: str, since: datetime | None
    ) -> list[Message]:
        asked: dict[str, object] = {"account": self._account, "client": client}
        query = _HISTORY
        if since is not None:
            query, asked["since"] = _SINCE, as_moment(since)
        return [message(row) for row in self._database.rows(connection, query, asked)]

    def _messages(self, query: Select[Any]) -> list[Message]:
        with self._database.reading() as connection:
            return [message(row) for row in connection.execute(query)]

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


def _edge(what: Any) -> Any:  # noqa: ANN401 - a scalar subquery of any column
    return (
        select(what)
        .where(READING.c.account == TALLY.c.account, READING.c.client == TALLY.c.client)
        .scalar_subquery()
    )


def _chunks(keys: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(keys), _CHUNK):
        yield keys[start : start + _CHUNK]
