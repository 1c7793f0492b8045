"""What is asked about replies: which may leave, which are in doubt, what was decided before."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, or_, select

from mailhours.ledger import tables
from mailhours.ledger.reply_json import causes, load
from mailhours.ledger.sqlite import Database
from mailhours.model.reply import Past, Reply, ReplyKind, ReplyState

CAUSE = tables.of(tables.Cause)
EVENT = tables.of(tables.Event)
REPLY = tables.of(tables.Reply)

WAITING = (ReplyState.QUEUED, ReplyState.APPROVED, ReplyState.DEFERRED)
LEFT = (ReplyState.CLAIMED, ReplyState.SUBMITTED, ReplyState.FILED, ReplyState.DOUBTFUL)
_UNLIMITED = {ReplyKind.HELD.value, ReplyKind.SUMMARY.value}

# Built once: they are asked at every poll, and building a query costs more than running it.
_ALL = (
    select(REPLY.c.content, REPLY.c.raw, REPLY.c.state)
    .where(REPLY.c.account == bindparam("account"))
    .order_by(REPLY.c.at, REPLY.c.id)
)
_OF_ID = _ALL.where(REPLY.c.id == bindparam("id"))
_IN_STATE = _ALL.where(REPLY.c.state == bindparam("state"))
_TO_LAY = _ALL.where(
    or_(*(REPLY.c.state == state for state in (ReplyState.SUBMITTED, ReplyState.PROPOSED)))
)
_QUEUED = _ALL.where(or_(*(REPLY.c.state == state for state in WAITING)))
_DUE = _QUEUED.where(REPLY.c.at <= bindparam("now"))
_SHORTEST = 4  # of an id's characters, before it is taken for the beginning of one


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a reply's state, with the server's answer where there was one."""

    state: ReplyState
    at: datetime
    code: int
    text: str
    verb: str


class Replies:
    """The replies of one account, to be looked at."""

    def __init__(self, database: Database, account: int) -> None:
        """Take the file and the account's id."""
        self._database = database
        self._account = account

    def queued(self, now: datetime | None = None) -> list[Reply]:
        """Return what may leave, in order: queued, approved, and deferred by the server.

        With `now` only what is dated at or before it.
        """
        return self._asked(_QUEUED) if now is None else self._asked(_DUE, now=now)

    def unfiled(self) -> list[Reply]:
        """Return what was submitted and is not yet in Sent."""
        return self._asked(_IN_STATE, state=ReplyState.SUBMITTED)

    def to_lay(self) -> list[tuple[Reply, ReplyState]]:
        """Return what was submitted, for Sent, and what is proposed, perhaps for Drafts."""
        rows = self._database.ask(_TO_LAY, account=self._account)
        return [(load(content, raw), state) for content, raw, state in rows]

    def doubtful(self) -> list[Reply]:
        """Return the replies that may have left: the owner decides."""
        return self._asked(_IN_STATE, state=ReplyState.DOUBTFUL)

    def replies(self, *, state: ReplyState | None = None, client: str | None = None) -> list[Reply]:
        """Return replies in order of time."""
        if state is not None and client is None:
            return self._asked(_IN_STATE, state=state)
        narrow = [] if state is None else [REPLY.c.state == state]
        narrow += [] if client is None else [REPLY.c.client == client]
        return self._replies(*narrow)

    def reply(self, reference: str) -> Reply | None:
        """Return the reply of this id, or of a unique beginning of one."""
        found = self._asked(_OF_ID, id=reference)
        if not found and len(reference) >= _SHORTEST:
            found = self._replies(REPLY.c.id.startswith(reference, autoescape=True))
        return found[0] if len(found) == 1 else None

    def state(self, reply: str) -> ReplyState | None:
        """Return where a reply stands."""
        with self._database.reading() as connection:
            query = select(REPLY.c.state).where(*self._is(reply))
            return connection.execute(query).scalar_one_or_none()

    def changes(self, reply: str) -> list[Change]:
        """Return what became of a reply, step by step."""
        query = (
            select(EVENT.c.state, EVENT.c.at, EVENT.c.code, EVENT.c.text, EVENT.c.verb)
            .where(EVENT.c.account == self._account, EVENT.c.reply == reply)
            .order_by(EVENT.c.id)
        )
        with self._database.reading() as connection:
            return [Change(*row) for row in connection.execute(query)]

    def past(self, client: str | None = None, since: datetime | None = None) -> list[Past]:
        """Return what was decided, in order: `decided` is when it left, or else was proposed."""
        query = select(REPLY).where(REPLY.c.account == self._account)
        if client is not None:
            query = query.where(REPLY.c.client == client)
        if since is not None:
            query = query.where(REPLY.c.decided >= since)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(REPLY.c.decided, REPLY.c.id))
            return [_past(row) for row in rows]

    def count_sent(self, since: datetime) -> int:
        """Count machine mails to clients that left, or may have, from `since` on: for the fuse."""
        query = select(REPLY.c.kinds).where(
            REPLY.c.account == self._account, REPLY.c.decided >= since, REPLY.c.state.in_(LEFT)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).scalars()
            return sum(1 for kinds in rows if not _UNLIMITED & set(kinds.split(" ")))

    def taken(self) -> set[str]:
        """Return the causes that have had their reply, as `str(Cause)`."""
        query = select(CAUSE.c.cause).where(CAUSE.c.account == self._account)
        with self._database.reading() as connection:
            return set(connection.execute(query).scalars())

    # Inside.

    def _asked(self, query: Select[Any], **given: object) -> list[Reply]:
        rows = self._database.ask(query, account=self._account, **given)
        return [load(content, raw) for content, raw, _ in rows]

    def _is(self, reply: str) -> list[Any]:
        return [REPLY.c.account == self._account, REPLY.c.id == reply]

    def _replies(self, *narrow: Any) -> list[Reply]:  # noqa: ANN401 - conditions on columns
        query = (
            select(REPLY.c.content, REPLY.c.raw)
            .where(REPLY.c.account == self._account, *narrow)
            .order_by(REPLY.c.at, REPLY.c.id)
        )
        with self._database.reading() as connection:
            return [load(content, raw) for content, raw in connection.execute(query)]


def _past(row: Any) -> Past:  # noqa: ANN401 - a row of REPLY
    held = json.loads(row.content)
    return Past(
        row.id,
        row.slot,
        row.client,
        row.person,
        tuple(ReplyKind(kind) for kind in row.kinds.split(" ") if kind),
        row.state,
        causes(held),
        row.decided,
        held["facts"],
    )


def chunks(values: list[str]) -> Iterator[list[str]]:
    """Yield `values` in pieces that fit into one statement."""
    for start in range(0, len(values), 500):
        yield values[start : start + 500]
