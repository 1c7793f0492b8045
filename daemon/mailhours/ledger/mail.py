"""Facts of mails: what was logged. Implements what a mailbox asks of the ledger (`Known`)."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, SelectBase, bindparam, func, insert, select, union, update

from mailhours.ledger import tables
from mailhours.ledger.chain import Chain, Fact
from mailhours.ledger.pack import pack, unpack
from mailhours.ledger.places import FOLDER, MAIL, SIGHTING, Places
from mailhours.ledger.sqlite import Database, among
from mailhours.model.raw import Batch, FolderRole, RawMail, Sighting

ACCOUNT = tables.of(tables.Account)
UNREAD = tables.of(tables.Unread)

# Built once: they are needed often, and building a statement costs more than running it.
_ADD = insert(MAIL)
_WAIT = insert(UNREAD)
_LOGGED = select(MAIL.c.key).where(MAIL.c.account == bindparam("account"), among(MAIL.c.key))
_KNOWN = union(
    _LOGGED,
    select(SIGHTING.c.key).where(SIGHTING.c.account == bindparam("account"), among(SIGHTING.c.key)),
)
_LYING = (
    select(MAIL)
    .where(MAIL.c.account == bindparam("account"), MAIL.c.received >= bindparam("since"))
    .where(MAIL.c.header.is_not(None))
    .where(
        MAIL.c.key.in_(
            select(SIGHTING.c.key)
            .join(FOLDER, FOLDER.c.id == SIGHTING.c.folder)
            .where(SIGHTING.c.account == bindparam("account"), FOLDER.c.role == bindparam("role"))
        )
    )
    .order_by(MAIL.c.received, MAIL.c.id)
)
# `+ 0` bars the index: a few rows, whoever owns them, are passed from the newest mail backwards.
_MINE = MAIL.c.account + 0 == bindparam("account")
_BEFORE = (
    select(MAIL.c.id)
    .where(_MINE, MAIL.c.logged < bindparam("logged"))
    .order_by(MAIL.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
_LYING_NOW = (
    select(MAIL.c.key, MAIL.c.header, MAIL.c.parts, MAIL.c.received, MAIL.c.size)
    .where(_MINE, MAIL.c.id > func.coalesce(_BEFORE, 0))
    .where(MAIL.c.received >= bindparam("since"), MAIL.c.header.is_not(None))
    .where(
        select(SIGHTING.c.key)
        .join(FOLDER, FOLDER.c.id == SIGHTING.c.folder)
        .where(SIGHTING.c.account == bindparam("account"), SIGHTING.c.key == MAIL.c.key)
        .where(FOLDER.c.role == bindparam("role"))
        .exists()
    )
    .order_by(MAIL.c.received, MAIL.c.id)
)
_INTEREST = select(ACCOUNT.c.interest).where(ACCOUNT.c.id == bindparam("account"))


class MailLog:
    """The mails of one account."""

    def __init__(self, database: Database, account: int, chain: Chain) -> None:
        """Take the file, the account's id, and the chain that new mails are appended to."""
        self._database = database
        self._account = account
        self._chain = chain
        self._places = Places(database, account)
        self.cursors = self._places.cursors
        self.uids = self._places.uids
        self.seen = self._places.seen
        self.place = self._places.place
        self.quarantined = self._places.quarantined
        self.retry = self._places.retry
        self.reread = self._places.reread
        self.anew = self._places.anew
        self.forget_unwanted = self._places.forget_unwanted

    def keys(self, keys: Collection[str]) -> set[str]:
        """Return those of `keys` that were logged or sighted before."""
        return self._which(_KNOWN, keys) if keys else set()

    # What goes in.

    def log(self, batch: Batch, now: datetime) -> int:
        """Write one batch in one transaction; return how many mails were new.

        Idempotent: what is known already stays as it was first logged. A place that was in
        quarantine leaves it when its mail is sighted.
        """
        packed = {
            sighting.key: (sighting, pack(sighting.raw))
            for sighting in reversed(batch.sightings)
            if sighting.raw is not None
        }
        is_empty = not (batch.sightings or batch.quarantined or batch.anew)
        if is_empty and batch.cursor in self.cursors(batch.cursor.mailbox):
            return 0  # the usual poll: nothing new, and nothing to make durable
        with self._database.writing() as connection:
            folders = self._places.folders(connection, batch)
            new = self._log_mails(connection, packed, folders, now)
            self._places.log(connection, batch, folders, now)
            return new

    def _log_mails(
        self,
        connection: Connection,
        packed: dict[str, tuple[Sighting, tuple[bytes, bytes]]],
        folders: Mapping[tuple[str, str], int],
        now: datetime,
    ) -> int:
        held = self._which(_LOGGED, packed, connection)
        new = [(key, *packed[key]) for key in reversed(packed) if key not in held]
        if not new:
            return 0
        facts = [Fact("mail", key, body(*blobs)) for key, _, blobs in new]
        entries = self._chain.append(connection, facts, now)
        rows = []
        for seq, (key, sighting, (header, parts)) in zip(entries, new, strict=True):
            raw = sighting.raw
            if raw is None:  # pragma: no cover - only what has one was packed
                continue
            rows.append(
                self._places.spot(sighting.place, folders)
                | {
                    "key": key,
                    "seq": seq,
                    "received": raw.received,
                    "size": raw.size,
                    "logged": now,
                    "header": header,
                    "parts": parts,
                }
            )
        self._database.run(connection, _ADD, rows)
        waiting = [{"account": self._account, "seq": r["seq"], "key": r["key"]} for r in rows]
        self._database.run(connection, _WAIT, waiting)
        return len(rows)

    def empty(self, key: str, now: datetime) -> bool:
        """Destroy header and text of a mail that turned out to concern nobody; it stays known."""
        with self._database.writing() as connection:
            mine = [*self._mine(MAIL, key=key), MAIL.c.header.is_not(None)]
            entries = list(connection.execute(select(MAIL.c.seq).where(*mine)).scalars())
            connection.execute(update(MAIL).where(*mine).values(header=None, parts=None))
            self._chain.forget(connection, entries, now)
            return bool(entries)

    # What comes out.

    def raw(self, key: str) -> RawMail:
        """Return the mail of this content key; KeyError when it is not there or was forgotten."""
        with self._database.reading() as connection:
            found = connection.execute(select(MAIL).where(*self._mine(MAIL, key=key))).one_or_none()
        if found is None or found.header is None:
            raise KeyError(key)
        return unpack(found.header, found.parts, found.received, found.size)

    def lying_in(
        self, role: FolderRole, since: datetime, logged: datetime | None = None
    ) -> Iterator[tuple[str, RawMail]]:
        """Yield key and mail of what arrived from `since` on and was sighted in such a folder.

        With `logged` only what was logged from that moment on.
        """
        asked = {"account": self._account, "role": role, "since": since}
        if logged is not None:
            rows = self._database.ask(_LYING_NOW, **asked, logged=logged)
            for key, header, parts, received, size in rows:
                yield key, unpack(header, parts, received, size)
            return
        with self._database.reading() as connection:
            for row in connection.execute(_LYING, asked):
                yield row.key, unpack(row.header, row.parts, row.received, row.size)

    def count(self) -> int:
        """Return how many mails are logged."""
        with self._database.reading() as connection:
            newest = connection.execute(
                select(func.count()).select_from(MAIL).where(*self._mine(MAIL))
            )
            return int(newest.scalar_one())

    def interest(self) -> str:
        """Return the digest of the client files by which mail was last chosen; at first empty."""
        ((digest,),) = self._database.ask(_INTEREST, account=self._account)
        return str(digest)

    def set_interest(self, digest: str) -> None:
        """Remember by which client files mail is chosen now."""
        with self._database.writing() as connection:
            connection.execute(
                update(ACCOUNT).where(ACCOUNT.c.id == self._account).values(interest=digest)
            )

    def facts(self) -> Iterator[tuple[int, Fact]]:
        """Yield what the chain says of mails: number of the entry, and the fact."""
        query = (
            select(MAIL.c.seq, MAIL.c.key, MAIL.c.header, MAIL.c.parts)
            .where(*self._mine(MAIL), MAIL.c.header.is_not(None))
            .order_by(MAIL.c.id)
        )
        with self._database.reading() as connection:
            for seq, key, header, parts in connection.execution_options(yield_per=100).execute(
                query
            ):
                yield seq, Fact("mail", key, body(header, parts))

    # Inside.

    def _mine(self, table: Any, **values: object) -> list[Any]:  # noqa: ANN401 - Table.c is Any
        return [table.c.account == self._account, *(table.c[n] == v for n, v in values.items())]

    def _which(
        self, question: SelectBase, keys: Iterable[str], within: Connection | None = None
    ) -> set[str]:
        asked = {"account": self._account, "keys": json.dumps(list(keys))}
        return {key for (key,) in self._database.ask(question, within, **asked)}


def body(header: bytes, parts: bytes) -> bytes:
    """Return the bytes of a mail that the chain proves."""
    return b"".join([len(header).to_bytes(4, "big"), header, parts])
