"""To drop what is too old: header and text of old mail, and the text of old replies.

What stays is what stays of forgotten mail: that there was something, so that nothing is fetched or
answered a second time. The entries of the chain lose salt and reference, and the chain stays whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from mailhours.ledger import tables
from mailhours.ledger.chain import Chain
from mailhours.ledger.places import MAIL
from mailhours.ledger.reading_rows import READING
from mailhours.ledger.readings import Readings
from mailhours.ledger.replies import EVENT, REPLY, chunks
from mailhours.ledger.reply_json import dump, load
from mailhours.ledger.restraints import WITHHELD
from mailhours.ledger.sqlite import Database, shred
from mailhours.model.reply import ReplyState

NOTE = tables.of(tables.Note)

# A reply in one of these states has come to its end.
_ENDED = (
    ReplyState.SUBMITTED,
    ReplyState.FILED,
    ReplyState.DRAFTED,
    ReplyState.SHADOWED,
    ReplyState.REFUSED,
    ReplyState.CANCELLED,
)


def prune(
    database: Database,
    account: int,
    chain: Chain,
    limit: datetime,
    since: Mapping[str, datetime],
    now: datetime,
) -> int:
    """Drop what is older than `limit`, in one transaction; return how many mails were dropped.

    `since` is, by client, the moment from which its mail stays although it is older: something
    about it is open. Mail that nobody has read yet stays.
    """
    with database.writing() as connection:
        shred(connection)
        entries: list[int] = []
        mails = _mails(connection, account, limit, since, entries)
        Readings(database, account).drop(connection, mails)
        _replies(connection, account, limit, entries)
        for table in (WITHHELD, NOTE):
            connection.execute(delete(table).where(table.c.account == account, table.c.at < limit))
        chain.forget(connection, entries, now)
    return len(mails)


def _mails(
    connection: Connection,
    account: int,
    limit: datetime,
    since: Mapping[str, datetime],
    entries: list[int],
) -> list[str]:
    """Empty the old mails and return their keys."""
    old = (
        select(MAIL.c.key, MAIL.c.seq, READING.c.client, READING.c.at)
        .join(READING, (READING.c.account == MAIL.c.account) & (READING.c.key == MAIL.c.key))
        .where(MAIL.c.account == account, MAIL.c.header.is_not(None))
        .where(MAIL.c.received < limit, READING.c.at < limit)
    )
    keys = []
    for key, seq, client, at in connection.execute(old):
        if at < since.get(client, limit):
            keys.append(key)
            entries.append(seq)
    for some in chunks(keys):
        mine = [MAIL.c.account == account, MAIL.c.key.in_(some)]
        connection.execute(update(MAIL).where(*mine).values(header=None, parts=None))
    return keys


def _replies(connection: Connection, account: int, limit: datetime, entries: list[int]) -> None:
    """Empty the old replies: to whom, when and why stays, and what the server answered."""
    mine = [REPLY.c.account == account, REPLY.c.decided < limit, REPLY.c.state.in_(_ENDED)]
    rows = connection.execute(select(REPLY.c.id, REPLY.c.content, REPLY.c.raw).where(*mine)).all()
    for row in rows:
        held = load(row.content, row.raw)
        if not held.text:
            continue  # emptied before
        emptied = replace(held, subject="", text="", html="", facts={}, raw=b"")
        its = [REPLY.c.account == account, REPLY.c.id == row.id]
        connection.execute(update(REPLY).where(*its).values(content=dump(emptied), raw=b""))
        events = [EVENT.c.account == account, EVENT.c.reply == row.id]
        chained = select(EVENT.c.seq).where(*events, EVENT.c.seq.is_not(None))
        entries += connection.execute(chained).scalars()
