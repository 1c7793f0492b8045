"""Replies at rest: a cause gets one, a claim is had once, and what left is never in doubt twice.

    proposed ─approve─▶ approved ┐                 ┌▶ submitted ─filed─▶ filed
                          queued ┼─claim─▶ claimed ┼▶ deferred (4yz) ─claim─▶ ...
                                                   ├▶ refused (5yz)
                                                   └▶ doubtful ─resolve─▶ submitted | cancelled

Drafted and shadowed replies settle their causes and go no further.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, Connection, delete, insert, select, update

from mailhours.ledger.chain import Chain, Fact, canonical
from mailhours.ledger.fields import plain
from mailhours.ledger.replies import CAUSE, EVENT, REPLY, WAITING, Change, Replies, chunks
from mailhours.ledger.reply_json import dump, dump_place
from mailhours.ledger.restraints import Restraints
from mailhours.ledger.sqlite import Database
from mailhours.model.address import normal
from mailhours.model.raw import Place
from mailhours.model.reply import Delivery, Outcome, Reply, ReplyState

_STAYS = (ReplyState.PROPOSED, *WAITING, ReplyState.DRAFTED)


class Outbox:
    """The replies of one account; asked about as in `replies`, held back as in `restraints`."""

    def __init__(self, database: Database, account: int, chain: Chain) -> None:
        """Take the file, the account's id, and the chain that what left is appended to."""
        self._database = database
        self._account = account
        self._chain = chain
        listing = Replies(database, account)
        self.doubtful = listing.doubtful
        self.queued = listing.queued
        self.unfiled = listing.unfiled
        self.to_lay = listing.to_lay
        self.replies = listing.replies
        self.reply = listing.reply
        self.state = listing.state
        self.changes = listing.changes
        self.past = listing.past
        self.taken = listing.taken
        self.count_sent = listing.count_sent
        restraints = Restraints(database, account)
        self.withhold = restraints.withhold
        self.withheld = restraints.withheld
        self.frozen = restraints.frozen
        self.freeze = restraints.freeze
        self.unfreeze = restraints.unfreeze

    # What is decided.

    def propose(
        self, replies: Sequence[Reply], state: ReplyState, now: datetime
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Record `replies` in `state`, all in one transaction; return ids accepted and refused.

        A reply is refused when one of its causes has had a reply, here or earlier, or when its id
        is taken. Durable when it returns.
        """
        with self._database.writing() as connection:
            asked = [str(cause) for reply in replies for cause in reply.causes]
            taken = self._present(connection, CAUSE.c.cause, asked)
            ids = self._present(connection, REPLY.c.id, [reply.id for reply in replies])
            accepted, refused = [], []
            for reply in replies:
                own = {str(cause) for cause in reply.causes}
                if reply.id in ids or own & taken:
                    refused.append(reply.id)
                else:
                    ids.add(reply.id)
                    taken |= own
                    accepted.append(reply)
            if accepted:
                connection.execute(insert(REPLY), [self._row(r, state, now) for r in accepted])
                settled = [
                    {"account": self._account, "cause": cause, "reply": reply.id}
                    for reply in accepted
                    for cause in dict.fromkeys(map(str, reply.causes))
                ]
                if settled:
                    connection.execute(insert(CAUSE), settled)
                connection.execute(
                    insert(EVENT), [self._event(reply.id, state, now) for reply in accepted]
                )
        return tuple(reply.id for reply in accepted), tuple(refused)

    def approve(self, reply: str, now: datetime) -> bool:
        """The owner lets a proposed reply leave at the next check-in; False when it is none."""
        proposed = (ReplyState.PROPOSED, ReplyState.DRAFTED)
        return self._move(reply, proposed, ReplyState.APPROVED, now)

    def cancel(self, reply: str, now: datetime, *, release: bool = False) -> bool:
        """Take back a reply that has not left; False when it has, or does not exist.

        `release` frees its causes: for an approval that lapsed, since the next plan shall decide
        anew. Without it the owner's no is final.
        """
        with self._database.writing() as connection:
            if not self._moved(connection, reply, _STAYS, ReplyState.CANCELLED, now):
                return False
            if release:
                self._release(connection, reply)
            return True

    # What leaves.

    def claim(self, reply: str, now: datetime) -> bool:
        """Take a reply in order to submit it: True to one caller only, durable before it acts."""
        with self._database.writing() as connection:
            if not self._moved(connection, reply, WAITING, ReplyState.CLAIMED, now):
                return False
            connection.execute(update(REPLY).where(*self._is(reply)).values(decided=now))
            return True

    def settle(self, reply: str, delivery: Delivery, now: datetime) -> bool:
        """Record what the server said of a claimed reply; a late answer also settles a doubt."""
        state = _SETTLED[delivery.outcome]
        return self._move(
            reply,
            (ReplyState.CLAIMED, ReplyState.DOUBTFUL),
            state,
            now,
            delivery=delivery,
        )

    def release(self, reply: str, now: datetime) -> bool:
        """Give a claimed reply back to the queue: no byte of it has left."""
        return self._move(reply, (ReplyState.CLAIMED,), ReplyState.QUEUED, now)

    def withdraw(self, reply: str) -> bool:
        """Forget a claimed reply of which no byte has left, its causes too; False if it is none.

        For what is kept elsewhere and decided anew: a held reply lies in its folder as before.
        """
        with self._database.writing() as connection:
            is_claimed = [*self._is(reply), REPLY.c.state == ReplyState.CLAIMED]
            if connection.execute(select(REPLY.c.id).where(*is_claimed)).one_or_none() is None:
                return False
            self._release(connection, reply)
            connection.execute(
                delete(EVENT).where(EVENT.c.account == self._account, EVENT.c.reply == reply)
            )
            connection.execute(delete(REPLY).where(*is_claimed))
            return True

    def recover(self, now: datetime) -> list[str]:
        """Make every claimed reply doubtful and return them: whoever claimed them has died.

        Only for the process that holds the lock, at its start.
        """
        words = "mailhours stopped between claiming it and settling it"
        doubt = Delivery(Outcome.DOUBTFUL, 0, words)
        claimed = [reply.id for reply in self.replies(state=ReplyState.CLAIMED)]
        return [reply for reply in claimed if self.settle(reply, doubt, now)]

    def resolve(self, reply: str, now: datetime, *, sent: bool) -> bool:
        """The owner settles a doubt: it left, or it was lost and its causes are free again."""
        if sent:
            delivery = Delivery(Outcome.SUBMITTED, 0, "settled by the owner")
            return self._move(
                reply, (ReplyState.DOUBTFUL,), ReplyState.SUBMITTED, now, delivery=delivery
            )
        with self._database.writing() as connection:
            if not self._moved(
                connection, reply, (ReplyState.DOUBTFUL,), ReplyState.CANCELLED, now
            ):
                return False
            self._release(connection, reply)
            return True

    def filed(self, reply: str, place: Place | None, now: datetime) -> bool:
        """Record that a submitted reply lies in Sent, or a proposed one in Drafts."""
        where = dump_place(place) if place else ""
        with self._database.writing() as connection:
            for before, after in _FILED.items():
                if self._moved(connection, reply, (before,), after, now):
                    filed = update(REPLY).where(*self._is(reply)).values(filed=now, place=where)
                    connection.execute(filed)
                    return True
            return False

    def facts(self) -> Iterator[tuple[int, Fact]]:
        """Yield what the chain says of replies: number of the entry, and the fact."""
        query = (
            select(EVENT, REPLY.c.content, REPLY.c.raw)
            .join(REPLY, (REPLY.c.account == EVENT.c.account) & (REPLY.c.id == EVENT.c.reply))
            .where(EVENT.c.account == self._account, EVENT.c.seq.is_not(None))
            .order_by(EVENT.c.seq)
        )
        with self._database.reading() as connection:
            for row in connection.execution_options(yield_per=100).execute(query):
                change = Change(row.state, row.at, row.code, row.text, row.verb)
                yield row.seq, Fact("reply", row.reply, body(row.content, row.raw, change))

    # Inside.

    def _is(self, reply: str) -> list[Any]:
        return [REPLY.c.account == self._account, REPLY.c.id == reply]

    def _present(
        self,
        connection: Connection,
        column: Column[str],
        values: list[str],
    ) -> set[str]:
        found: set[str] = set()
        for some in chunks(values):
            mine = column.table.c.account == self._account
            found.update(connection.execute(select(column).where(mine, column.in_(some))).scalars())
        return found

    def _move(
        self,
        reply: str,
        origin: Iterable[ReplyState],
        state: ReplyState,
        now: datetime,
        *,
        delivery: Delivery | None = None,
    ) -> bool:
        with self._database.writing() as connection:
            return self._moved(connection, reply, origin, state, now, delivery=delivery)

    def _moved(
        self,
        connection: Connection,
        reply: str,
        origin: Iterable[ReplyState],
        state: ReplyState,
        now: datetime,
        *,
        delivery: Delivery | None = None,
    ) -> bool:
        """Change the state if it is one of `origin`; append what the server said to the chain."""
        changed = connection.execute(
            update(REPLY)
            .where(*self._is(reply), REPLY.c.state.in_(list(origin)), REPLY.c.state != state)
            .values(state=state)
        )
        if changed.rowcount != 1:
            return False
        event = self._event(reply, state, now)
        if delivery is not None:
            said = plain(delivery.text)
            event |= {"code": delivery.code, "text": said, "verb": delivery.verb}
            content, raw = connection.execute(
                select(REPLY.c.content, REPLY.c.raw).where(*self._is(reply))
            ).one()
            change = Change(state, now, delivery.code, said, delivery.verb)
            proof = body(content, raw, change)
            (event["seq"],) = self._chain.append(connection, [Fact("reply", reply, proof)], now)
        connection.execute(insert(EVENT).values(event))
        return True

    def _release(self, connection: Connection, reply: str) -> None:
        connection.execute(
            delete(CAUSE).where(CAUSE.c.account == self._account, CAUSE.c.reply == reply)
        )

    def _row(self, reply: Reply, state: ReplyState, now: datetime) -> dict[str, Any]:
        return {
            "account": self._account,
            "id": reply.id,
            "slot": reply.slot,
            "client": reply.client,
            "person": plain(normal(reply.to.spec)),
            "kinds": " ".join(kind.value for kind in reply.kinds),
            "mode": reply.mode,
            "state": state,
            "at": reply.at,
            "decided": now,
            "content": dump(reply),
            "raw": reply.raw,
            "filed": None,
            "place": "",
        }

    def _event(self, reply: str, state: ReplyState, now: datetime) -> dict[str, Any]:
        return {
            "account": self._account,
            "reply": reply,
            "state": state,
            "at": now,
            "code": 0,
            "text": "",
            "verb": "",
            "seq": None,
        }


_SETTLED = {
    Outcome.SUBMITTED: ReplyState.SUBMITTED,
    Outcome.DEFERRED: ReplyState.DEFERRED,
    Outcome.REFUSED: ReplyState.REFUSED,
    Outcome.DOUBTFUL: ReplyState.DOUBTFUL,
}


_FILED = {
    ReplyState.SUBMITTED: ReplyState.FILED,
    ReplyState.PROPOSED: ReplyState.DRAFTED,
}


def body(content: str, raw: bytes, change: Change) -> bytes:
    """Return the bytes that the chain proves: what left, when, and what the server answered."""
    moment = change.at.astimezone(UTC).isoformat(timespec="microseconds")
    said = canonical([change.state.value, moment, change.code, change.text, change.verb])
    return b"".join([said, b"\n", content.encode(), b"\n", raw])
