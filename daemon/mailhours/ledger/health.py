"""How the service fares: polls, deaf periods, back-off, notes to the owner, secrets of its own."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Connection, bindparam, insert, select, update

from mailhours.ledger import tables
from mailhours.ledger.fields import plain
from mailhours.ledger.sqlite import Database, insert_new

DEAF = tables.of(tables.Deaf)
NOTE = tables.of(tables.Note)
ONCE = tables.of(tables.Once)
POLL = tables.of(tables.Poll)
SECRET = tables.of(tables.Secret)

_HEARTBEAT = timedelta(minutes=1)  # a success within it of the last recorded one is not written
_GAP = timedelta(minutes=15)  # a longer time between two successes was a deaf one
_REPEAT = timedelta(days=1)  # the same note is not told twice within it
_FIRST = "first use"
_CLIENT = "client:"
_ASLEEP = "mailhours was not running, or the machine was asleep"

# Built once: they are asked at every tick, and building a query costs more than running it.
_POLLS = (
    select(POLL.c.mailbox, POLL.c.succeeded, POLL.c.failing, POLL.c.why)
    .where(POLL.c.account == bindparam("account"))
    .order_by(POLL.c.mailbox)
)
_POLL = _POLLS.where(POLL.c.mailbox == bindparam("mailbox"))
_BLOCK = select(POLL.c.block).where(
    POLL.c.account == bindparam("account"), POLL.c.mailbox == bindparam("mailbox")
)
_FIRST_USE = select(ONCE.c.at).where(ONCE.c.account == bindparam("account"), ONCE.c.key == _FIRST)
_SUCCEEDED = (
    update(POLL)
    .where(POLL.c.account == bindparam("_account"), POLL.c.mailbox == bindparam("_mailbox"))
    .values(succeeded=bindparam("now"), failing=None, why="")
)


@dataclass(frozen=True, slots=True)
class DeafPeriod:
    """A time [start, end) without a successful poll of one mailbox; `end` None while it lasts."""

    mailbox: str
    start: datetime
    end: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class PollState:
    """How polling a mailbox stands. `succeeded` is exact to a minute; `failing` since when."""

    mailbox: str
    succeeded: datetime | None
    failing: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the owner is to hear of: `configuration`, `quarantine`, `fuse`, ..."""

    kind: str
    text: str
    at: datetime


class Health:
    """The health of one account's service."""

    def __init__(self, database: Database, account: int) -> None:
        """Take the file and the account's id."""
        self._database = database
        self._account = account
        self._heard: dict[str, datetime] = {}  # the last success on record, mailbox by mailbox

    def poll_succeeded(
        self, mailbox: str, now: datetime, *, every: timedelta = timedelta(minutes=3)
    ) -> bool:
        """Record a complete poll; True when it ends a deaf period, or shows that there was one.

        `every` is how often polls are meant to come. A process that stood still leaves a gap.
        """
        heard = self._heard.get(mailbox)
        if heard is not None and timedelta(0) <= now - heard < _HEARTBEAT:
            return False
        rows = self._database.ask(_POLL, account=self._account, mailbox=mailbox)
        before = PollState(*rows[0]) if rows else PollState(mailbox, None, now, "")
        last, is_news = before.succeeded, before.failing is not None
        with self._database.writing() as connection:
            if is_news:
                self._ensure(connection, mailbox)
                lasting = update(DEAF).where(*self._lasting(mailbox))
                is_news = connection.execute(lasting.values(until=now)).rowcount > 0
            elif last is not None and now - last > max(_GAP, 3 * every):
                is_news = True
                row = self._deaf(mailbox, last, now, _ASLEEP)
                connection.execute(insert(DEAF).values(row))
            row = {"_account": self._account, "_mailbox": mailbox, "now": now}
            self._database.run(connection, _SUCCEEDED, [row])
        self._heard[mailbox] = now
        return is_news

    def poll_failed(self, mailbox: str, why: str, now: datetime) -> bool:
        """Record a failed poll; True when that is news: it worked before, or failed otherwise.

        The deaf period begins with the last success.
        """
        why = plain(why)
        self._heard.pop(mailbox, None)
        with self._database.writing() as connection:
            self._ensure(connection, mailbox)
            before = connection.execute(select(POLL).where(*self._is(mailbox))).one()
            if before.failing is not None and before.why == why:
                return False
            connection.execute(
                update(POLL)
                .where(*self._is(mailbox))
                .values(failing=before.failing or now, why=why)
            )
            if before.failing is None:
                start = before.succeeded or now
                connection.execute(insert(DEAF).values(self._deaf(mailbox, start, None, why)))
            else:
                connection.execute(update(DEAF).where(*self._lasting(mailbox)).values(why=why))
            return True

    def polls(self) -> list[PollState]:
        """Return how polling stands, a line for each mailbox."""
        found = [PollState(*row) for row in self._database.ask(_POLLS, account=self._account)]
        return [state for state in found if state.succeeded or state.failing]

    def deaf(self, since: datetime) -> list[DeafPeriod]:
        """Return the deaf periods that lasted into `since` or began later, in order."""
        query = (
            select(DEAF)
            .where(DEAF.c.account == self._account)
            .where(DEAF.c.until.is_(None) | (DEAF.c.until > since))
            .order_by(DEAF.c.start, DEAF.c.id)
        )
        with self._database.reading() as connection:
            return [
                DeafPeriod(row.mailbox, row.start, row.until, row.why)
                for row in connection.execute(query)
            ]

    def block(self, mailbox: str) -> str:
        """Return the back-off of `mailbox` as it was set, JSON; empty at first."""
        rows = self._database.ask(_BLOCK, account=self._account, mailbox=mailbox)
        return next((str(block) for (block,) in rows), "")

    def set_block(self, mailbox: str, block: str) -> None:
        """Remember the back-off of `mailbox`: a restart may not hammer a server."""
        if self.block(mailbox) == block:
            return
        with self._database.writing() as connection:
            self._ensure(connection, mailbox)
            connection.execute(update(POLL).where(*self._is(mailbox)).values(block=block))

    def note(self, kind: str, text: str, now: datetime) -> bool:
        """Note something for the owner; False when the newest of its kind says it, within a day."""
        text = plain(text)
        query = (
            select(NOTE.c.text, NOTE.c.at)
            .where(NOTE.c.account == self._account, NOTE.c.kind == kind)
            .order_by(NOTE.c.at.desc(), NOTE.c.id.desc())
            .limit(1)
        )
        with self._database.writing() as connection:
            newest = connection.execute(query).one_or_none()
            if newest is not None and newest.text == text and now - newest.at < _REPEAT:
                return False
            row = {"account": self._account, "kind": kind, "text": text, "at": now}
            connection.execute(insert(NOTE).values(row))
            return True

    def notes(self, since: datetime) -> list[Notice]:
        """Return what was noted from `since` on, in order."""
        query = (
            select(NOTE.c.kind, NOTE.c.text, NOTE.c.at)
            .where(NOTE.c.account == self._account, NOTE.c.at >= since)
            .order_by(NOTE.c.at, NOTE.c.id)
        )
        with self._database.reading() as connection:
            return [Notice(*row) for row in connection.execute(query)]

    def secret(self, name: str) -> bytes:
        """Return 32 random octets, made at the first call and the same ever after."""
        query = select(SECRET.c.value).where(
            SECRET.c.account == self._account, SECRET.c.name == name
        )
        with self._database.reading() as connection:
            held: bytes | None = connection.execute(query).scalar_one_or_none()
        if held is not None:
            return held
        with self._database.writing() as connection:
            row = {"account": self._account, "name": name, "value": secrets.token_bytes(32)}
            connection.execute(insert_new(SECRET).values(row))
            return bytes(connection.execute(query).scalar_one())

    def first_use(self, now: datetime) -> datetime:
        """Return when this ledger was first asked so: older mail never causes a mail of ours."""
        for (held,) in self._database.ask(_FIRST_USE, account=self._account):
            return cast("datetime", held)
        with self._database.writing() as connection:
            row = {"account": self._account, "key": _FIRST, "at": now}
            connection.execute(insert_new(ONCE).values(row))
            ((first,),) = self._database.ask(_FIRST_USE, connection, account=self._account)
            return cast("datetime", first)

    def known_since(self, clients: Iterable[str], now: datetime) -> dict[str, datetime]:
        """Return when this ledger was first asked so of each client; `now` for those that are new.

        With a new client's file comes old mail, which causes no mail of ours.
        """
        keys = {f"{_CLIENT}{client}": client for client in clients}
        query = select(ONCE.c.key, ONCE.c.at).where(
            ONCE.c.account == self._account, ONCE.c.key.startswith(_CLIENT, autoescape=True)
        )
        with self._database.reading() as connection:
            held = {row.key: row.at for row in connection.execute(query)}
        new = [key for key in keys if key not in held]
        if new:
            with self._database.writing() as connection:
                rows = [{"account": self._account, "key": key, "at": now} for key in new]
                connection.execute(insert_new(ONCE), rows)
        return {client: held.get(key, now) for key, client in keys.items()}

    # Inside.

    def _is(self, mailbox: str) -> list[Any]:
        return [POLL.c.account == self._account, POLL.c.mailbox == mailbox]

    def _ensure(self, connection: Connection, mailbox: str) -> None:
        empty = {"succeeded": None, "failing": None, "why": "", "block": ""}
        row = {"account": self._account, "mailbox": mailbox} | empty
        connection.execute(insert_new(POLL).values(row))

    def _lasting(self, mailbox: str) -> list[Any]:
        mine = [DEAF.c.account == self._account, DEAF.c.mailbox == mailbox]
        return [*mine, DEAF.c.until.is_(None)]

    def _deaf(
        self, mailbox: str, start: datetime, end: datetime | None, why: str
    ) -> dict[str, Any]:
        row = {"account": self._account, "mailbox": mailbox}
        return row | {"start": start, "until": end, "why": why}
