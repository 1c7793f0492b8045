"""Histories: what was understood, as it is judged and asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select

from mailhours.ledger import tables
from mailhours.ledger.reading_rows import (
    EVIDENCE,
    MESSAGE,
    READING,
    Read,
    lines,
    message,
    reading,
)
from mailhours.ledger.sqlite import Database, as_moment
from mailhours.model.line import Line
from mailhours.model.message import Message
from mailhours.model.thread import Names

TALLY = tables.of(tables.Tally)

# Built once: they are asked often, and building a query costs more than running it.
_HISTORY = (
    select(*MESSAGE)
    .where(READING.c.account == bindparam("account"), READING.c.client == bindparam("client"))
    .order_by(READING.c.at, READING.c.key)
)
# One key at a time: for several SQLite, which keeps no statistics, walks the whole account.
_ONE = select(*MESSAGE).where(
    READING.c.account == bindparam("account"), READING.c.key == bindparam("key")
)
_OF = (EVIDENCE.c.account == bindparam("account"), EVIDENCE.c.key == bindparam("key"))
_NEWEST = (
    select(READING.c.at, READING.c.key)
    .where(READING.c.account == bindparam("account"), READING.c.client == bindparam("client"))
    .order_by(READING.c.at.desc(), READING.c.key.desc())
    .limit(1)
)
_SINCE = _HISTORY.where(READING.c.at >= bindparam("since"))
_CHANGED = select(TALLY.c.client, TALLY.c.serial).where(
    TALLY.c.account == bindparam("account"), TALLY.c.serial > bindparam("after")
)
_TOTAL = select(func.sum(TALLY.c.messages)).where(
    TALLY.c.account == bindparam("account"), TALLY.c.client != ""
)
_SHORTEST = 4  # of a key's hex digits, before it is taken for one
_BEYOND = "g"  # the first character that comes after all hex digits


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


@dataclass(frozen=True, slots=True)
class Lines:
    """A client's history in short, in order, and its threads; `later` says that there is more."""

    lines: list[Line]
    threads: Names[int]
    later: bool


class Histories:
    """The messages of one account by client, by key, and by Message-ID."""

    def __init__(self, database: Database, account: int) -> None:
        """Take the file and the account's id."""
        self._database = database
        self._account = account

    # For judgement.

    def history(self, client: str, *, since: datetime | None = None) -> list[Message]:
        """Return the messages of `client` from `since` on, in order of time and key."""
        with self._database.reading() as connection:
            return self._history(connection, client, since)

    def lines(self, client: str, until: datetime) -> Lines:
        """Return the history of `client` until a moment in short; `reading_rows.message` reads it.

        All of a long history at once: decoding what no telling looks at would cost the most.
        """
        asked = {"account": self._account, "client": client}
        last = as_moment(until)
        with self._database.reading() as connection:
            rows = list(self._database.rows(connection, _HISTORY, asked))
        due = rows if not rows or rows[-1][0] <= last else [row for row in rows if row[0] <= last]
        return Lines(*lines(due), len(due) < len(rows))

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
                for row in self._database.rows(connection, _ONE, self._asked(key)):
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

    def total(self) -> int:
        """Return how many messages all clients have together."""
        ((messages,),) = self._database.ask(_TOTAL, account=self._account)
        return int(messages or 0)

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
        return sorted(self.by_keys(keys).values(), key=lambda held: (held.at, held.key))

    def text(self, key: str) -> str:
        """Return the visible text of a mail; empty when it has not been read."""
        query = select(EVIDENCE.c.text).where(*_OF)
        with self._database.reading() as connection:
            text: str | None = connection.execute(query, self._asked(key)).scalar_one_or_none()
        return text or ""

    def reading(self, key: str) -> Read | None:
        """Return all that was understood of a mail, with the reasons."""
        with self._database.reading(snapshot=True) as connection:
            found = list(self._database.rows(connection, _ONE, self._asked(key)))
            why = connection.execute(select(EVIDENCE).where(*_OF), self._asked(key)).one_or_none()
        if not found or why is None:
            return None
        held = message(found[0])
        return Read(key, why.version, reading(held, why), held)

    # Inside.

    def _asked(self, key: str) -> dict[str, object]:
        return {"account": self._account, "key": key}

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


def _edge(what: Any) -> Any:  # noqa: ANN401 - a scalar subquery of any column
    return (
        select(what)
        .where(READING.c.account == TALLY.c.account, READING.c.client == TALLY.c.client)
        .scalar_subquery()
    )
