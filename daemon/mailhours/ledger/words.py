"""The owner's word: what was decided later, as dated facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC

from sqlalchemy import bindparam, insert, select

from mailhours.ledger import tables
from mailhours.ledger.chain import Chain, Fact, canonical
from mailhours.ledger.fields import plain
from mailhours.ledger.sqlite import Database
from mailhours.model.client import OwnerVerb, OwnerWord

WORD = tables.of(tables.Word)

# Built once: it is asked at every poll, and building a query costs more than running it.
_ALL = (
    select(WORD.c.verb, WORD.c.target, WORD.c.at, WORD.c.text)
    .where(WORD.c.account == bindparam("account"))
    .order_by(WORD.c.at, WORD.c.id)
)


class Words:
    """The words of one account's owner."""

    def __init__(self, database: Database, account: int, chain: Chain) -> None:
        """Take the file, the account's id, and the chain that words are appended to."""
        self._database = database
        self._account = account
        self._chain = chain

    def say(self, word: OwnerWord) -> None:
        """Record `word`; what is said twice is recorded twice."""
        word = replace(word, target=plain(word.target), text=plain(word.text))
        with self._database.writing() as connection:
            (seq,) = self._chain.append(
                connection, [Fact("word", word.target, body(word))], word.at
            )
            connection.execute(
                insert(WORD).values(
                    account=self._account,
                    seq=seq,
                    verb=word.verb.value,
                    target=word.target,
                    at=word.at,
                    text=word.text,
                )
            )

    def words(self, *, verb: OwnerVerb | None = None) -> list[OwnerWord]:
        """Return what the owner said, in order of time."""
        rows = self._database.ask(_ALL, account=self._account)
        found = (OwnerWord(OwnerVerb(said), *rest) for said, *rest in rows)
        return [word for word in found if verb is None or word.verb is verb]

    def facts(self) -> Iterator[tuple[int, Fact]]:
        """Yield what the chain says of words: number of the entry, and the fact."""
        query = select(WORD).where(WORD.c.account == self._account).order_by(WORD.c.seq)
        with self._database.reading() as connection:
            for row in connection.execute(query):
                word = OwnerWord(OwnerVerb(row.verb), row.target, row.at, row.text)
                yield row.seq, Fact("word", row.target, body(word))


def body(word: OwnerWord) -> bytes:
    """Return the bytes of a word that the chain proves."""
    moment = word.at.astimezone(UTC).isoformat(timespec="microseconds")
    return canonical([word.verb.value, word.target, moment, word.text])
