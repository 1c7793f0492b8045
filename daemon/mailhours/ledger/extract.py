"""A part of the chain that proves itself: all of its links, and the facts that somebody is shown.

Of the facts that are not shown only the links leave: their hashes are salted and say nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from mailhours.ledger.chain import ENTRY
from mailhours.ledger.mail import body as mail_body
from mailhours.ledger.outbox import body as reply_body
from mailhours.ledger.places import MAIL
from mailhours.ledger.replies import EVENT, REPLY, Change, chunks
from mailhours.ledger.sqlite import Database


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the chain as `chain.link` hashes it; hashes are octets.

    Only of a fact that is shown there are `ref`, `salt` and `body`: its key, and the bytes that
    `salted` proves. They are empty where it was forgotten too.
    """

    seq: int
    at: datetime
    kind: str
    salted: bytes
    previous: bytes
    hash: bytes
    ref: str = ""
    salt: bytes = b""
    body: bytes = b""


def extract(
    database: Database, account: int, keys: Collection[str], replies: Collection[str]
) -> Iterator[Link]:
    """Yield the chain from its beginning, with the facts of mails and replies, of one moment.

    `keys` are content keys, `replies` ids; of a reply each answer of the server is a fact.
    """
    with database.reading(snapshot=True) as connection:
        shown = {**_mails(connection, account, keys), **_replies(connection, account, replies)}
        query = select(ENTRY).where(ENTRY.c.account == account).order_by(ENTRY.c.seq)
        for row in connection.execution_options(yield_per=1000).execute(query):
            known = (row.seq, row.at, row.kind, row.salted, row.previous, row.hash)
            if row.seq in shown and row.salt is not None:
                yield Link(*known, row.ref, row.salt, shown[row.seq])
            else:
                yield Link(*known)


def _mails(connection: Connection, account: int, keys: Collection[str]) -> dict[int, bytes]:
    found = {}
    for some in chunks(sorted(keys)):
        query = select(MAIL.c.seq, MAIL.c.header, MAIL.c.parts).where(
            MAIL.c.account == account, MAIL.c.key.in_(some), MAIL.c.header.is_not(None)
        )
        for seq, header, parts in connection.execute(query):
            found[seq] = mail_body(header, parts)
    return found


def _replies(connection: Connection, account: int, replies: Collection[str]) -> dict[int, bytes]:
    found = {}
    for some in chunks(sorted(replies)):
        query = (
            select(EVENT, REPLY.c.content, REPLY.c.raw)
            .join(REPLY, (REPLY.c.account == EVENT.c.account) & (REPLY.c.id == EVENT.c.reply))
            .where(EVENT.c.account == account, EVENT.c.reply.in_(some), EVENT.c.seq.is_not(None))
        )
        for row in connection.execute(query):
            change = Change(row.state, row.at, row.code, row.text, row.verb)
            found[row.seq] = reply_body(row.content, row.raw, change)
    return found
