"""Bookmarks: how far each client's history was judged, for speed only; it can all be made again.

A reading that is written or dropped at or before a bookmark takes it away, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, delete, or_, select

from mailhours.ledger import tables
from mailhours.ledger.sqlite import Database, upsert

BOOKMARK = tables.of(tables.Bookmark)

# Built once: building a query costs more than running it.
_NAMES = ("client", "digest", "at", "key", "told", "words", "state")
_ALL = select(*(BOOKMARK.c[name] for name in _NAMES)).where(
    BOOKMARK.c.account == bindparam("account")
)
_OF = _ALL.where(BOOKMARK.c.client == bindparam("client"))
_THREADS = select(BOOKMARK.c.threads).where(
    BOOKMARK.c.account == bindparam("account"), BOOKMARK.c.client == bindparam("client")
)
_PLACE = select(BOOKMARK.c.state, BOOKMARK.c.threads).where(
    BOOKMARK.c.account == bindparam("account"), BOOKMARK.c.client == bindparam("client")
)
_KEEP = upsert(BOOKMARK)
_DISTURB = delete(BOOKMARK).where(
    BOOKMARK.c.account == bindparam("_account"),
    BOOKMARK.c.client == bindparam("_client"),
    or_(
        BOOKMARK.c.at > bindparam("_at"),
        and_(BOOKMARK.c.at == bindparam("_at"), BOOKMARK.c.key >= bindparam("_key")),
    ),
)


@dataclass(frozen=True, slots=True)
class Bookmark:
    """How far a client's history was told: through the message `key` of the moment `at`.

    `digest` is of the rules and the configuration, `told` the moment up to which the owner's words
    counted, `words` how many of them there were.
    """

    client: str
    digest: str
    at: datetime
    key: str
    told: datetime
    words: int
    state: str

    @property
    def at_key(self) -> tuple[datetime, str]:
        """Return the place of the last message told."""
        return self.at, self.key


class Bookmarks:
    """The bookmarks of one account."""

    def __init__(self, database: Database, account: int) -> None:
        """Take the file and the account's id."""
        self._database = database
        self._account = account

    def all(self, clients: Iterable[str] | None = None) -> Iterator[Bookmark]:
        """Yield the bookmarks of `clients`, or of all."""
        with self._database.reading() as connection:
            if clients is None:
                rows = connection.execute(_ALL, {"account": self._account})
                yield from (Bookmark(*row) for row in rows)
                return
            for client in clients:
                asked = {"account": self._account, "client": client}
                yield from (Bookmark(*row) for row in connection.execute(_OF, asked))

    def place(self, client: str) -> tuple[str, bytes] | None:
        """Return what a client's bookmark keeps: what is open, and the threads."""
        asked = {"account": self._account, "client": client}
        with self._database.reading() as connection:
            for state, threads in self._database.rows(connection, _PLACE, asked):
                return state, threads
        return None

    def threads(self, client: str) -> bytes:
        """Return the threads that belong to a client's bookmark; nothing when it has gone."""
        asked = {"account": self._account, "client": client}
        with self._database.reading() as connection:
            held: bytes | None = connection.execute(_THREADS, asked).scalar_one_or_none()
        return held or b""

    def keep(self, rows: Iterable[tuple[Bookmark, bytes]]) -> None:
        """Write bookmarks with their threads, in place of earlier ones."""
        made = [
            {
                "account": self._account,
                "client": mark.client,
                "digest": mark.digest,
                "at": mark.at,
                "key": mark.key,
                "told": mark.told,
                "words": mark.words,
                "state": mark.state,
                "threads": threads,
            }
            for mark, threads in rows
        ]
        if made:
            with self._database.writing() as connection:
                connection.execute(_KEEP, made)

    def drop(self) -> None:
        """Take all bookmarks away."""
        with self._database.writing() as connection:
            connection.execute(delete(BOOKMARK).where(BOOKMARK.c.account == self._account))


def disturb(
    database: Database,
    connection: Connection,
    account: int,
    changed: Mapping[str, tuple[datetime, str]],
) -> None:
    """Take away the bookmarks of clients that lie at or after (at, key), in a transaction."""
    rows = [
        {"_account": account, "_client": client, "_at": at, "_key": key}
        for client, (at, key) in changed.items()
    ]
    database.run(connection, _DISTURB, rows)
