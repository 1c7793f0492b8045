"""To forget an address: text and salts are destroyed, and the chain stays whole.

What goes: mails from and to the address with their readings, the text of replies to it and of all
summaries that have left (they quote subjects and names), the owner's words and the notes that name
it, what was withheld from it. What stays: that there was
something (a content key, an id, moments), so that nothing is fetched or answered a second time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, or_, select, update

from mailhours.ledger import tables
from mailhours.ledger.chain import Chain
from mailhours.ledger.places import MAIL
from mailhours.ledger.reading_rows import READING, addressed
from mailhours.ledger.readings import Readings
from mailhours.ledger.replies import EVENT, REPLY, chunks
from mailhours.ledger.reply_json import dump, load
from mailhours.ledger.restraints import FROZEN, WITHHELD
from mailhours.ledger.sqlite import Database
from mailhours.ledger.words import WORD
from mailhours.model.address import Address, normal
from mailhours.model.reply import Reply, ReplyKind, ReplyState

NOTE = tables.of(tables.Note)

GONE = "forgotten"
_ON_THEIR_WAY = (ReplyState.QUEUED, ReplyState.CLAIMED, ReplyState.DEFERRED)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much was forgotten."""

    mails: int
    replies: int
    words: int


def forget(
    database: Database, account: int, chain: Chain, address: str, now: datetime
) -> Forgotten:
    """Forget `address`, in one transaction; then overwrite what the file still held of it.

    Backups that were made before still hold it.
    """
    address = normal(address)
    with database.writing() as connection:
        entries: list[int] = []
        mails = _mails(connection, account, address, entries)
        Readings(database, account).drop(connection, mails)
        replies = _replies(connection, account, address, entries)
        _summaries(connection, account, entries)
        words = _words(connection, account, address, entries)
        _traces(connection, account, address)
        chain.forget(connection, entries, now)
    database.scrub()
    return Forgotten(len(mails), replies, words)


def _mails(connection: Connection, account: int, address: str, entries: list[int]) -> list[str]:
    """Empty the mails from and to `address` and return their keys."""
    keys = set()
    written = json.dumps(address, ensure_ascii=False)
    named = or_(READING.c.person == address, READING.c.rest.contains(written, autoescape=True))
    query = select(READING.c.key, READING.c.person, READING.c.rest).where(
        READING.c.account == account, named
    )
    for key, person, rest in connection.execute(query):
        if address == person or address in addressed(rest):
            keys.add(key)
    sought = address.encode()
    logged = select(MAIL.c.key, MAIL.c.header).where(
        MAIL.c.account == account, MAIL.c.header.is_not(None)
    )
    for row in connection.execute(logged.execution_options(yield_per=500)):
        # Also what nobody has read yet, and blind copies that no reading counts.
        if sought in row.header.lower():
            keys.add(row.key)
    for some in chunks(sorted(keys)):
        mine = [MAIL.c.account == account, MAIL.c.key.in_(some), MAIL.c.header.is_not(None)]
        entries += connection.execute(select(MAIL.c.seq).where(*mine)).scalars()
        connection.execute(update(MAIL).where(*mine).values(header=None, parts=None))
    return sorted(keys)


def _replies(connection: Connection, account: int, address: str, entries: list[int]) -> int:
    mine = [REPLY.c.account == account, REPLY.c.person == address]
    rows = connection.execute(select(REPLY.c.id, REPLY.c.content, REPLY.c.raw).where(*mine)).all()
    for row in rows:
        emptied = replace(
            load(row.content, row.raw),
            to=Address("", GONE),
            subject="",
            text="",
            html="",
            in_reply_to="",
            references=(),
            facts={},
            raw=b"",
        )
        entries += _empty(connection, account, emptied, person=GONE)
    return len(rows)


def _summaries(connection: Connection, account: int, entries: list[int]) -> None:
    """Empty the summaries that are not on their way any more: the owner's mailbox has them."""
    left = [
        REPLY.c.account == account,
        REPLY.c.kinds.contains(ReplyKind.SUMMARY.value),
        REPLY.c.state.not_in(_ON_THEIR_WAY),
    ]
    query = select(REPLY.c.content, REPLY.c.raw).where(*left)
    for row in connection.execute(query).all():
        held = load(row.content, row.raw)
        if held.text or held.html:
            emptied = replace(held, text="", html="")
            entries += _empty(connection, account, emptied, person=held.to.normal)


def _empty(connection: Connection, account: int, emptied: Reply, *, person: str) -> list[int]:
    """Write a reply anew, and what the server said of it; return its entries in the chain."""
    its = [REPLY.c.account == account, REPLY.c.id == emptied.id]
    values = {"content": dump(emptied), "raw": b"", "person": person}
    connection.execute(update(REPLY).where(*its).values(values))
    events = [EVENT.c.account == account, EVENT.c.reply == emptied.id]
    chained = select(EVENT.c.seq).where(*events, EVENT.c.seq.is_not(None))
    entries = list(connection.execute(chained).scalars())
    connection.execute(update(EVENT).where(*events).values(text=""))
    return entries


def _words(connection: Connection, account: int, address: str, entries: list[int]) -> int:
    rows = connection.execute(select(WORD).where(*_names(WORD, account, address, "target", "text")))
    found = rows.all()
    for row in found:
        target = GONE if address in row.target.casefold() else row.target
        mine = [WORD.c.account == account, WORD.c.id == row.id]
        connection.execute(update(WORD).where(*mine).values(target=target, text=""))
        entries.append(row.seq)
    return len(found)


def _traces(connection: Connection, account: int, address: str) -> None:
    for table, columns in (
        (NOTE, ("text",)),
        (WITHHELD, ("person", "detail")),
        (FROZEN, ("address", "reason")),
    ):
        connection.execute(delete(table).where(*_names(table, account, address, *columns)))


def _names(table: Any, account: int, address: str, *columns: str) -> Iterable[Any]:  # noqa: ANN401
    named = [table.c[name].icontains(address, autoescape=True) for name in columns]
    return [table.c.account == account, or_(*named)]
