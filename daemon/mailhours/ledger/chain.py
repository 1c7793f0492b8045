"""The hash chain: every fact is an entry that names the one before it by its hash.

An entry's hash is SHA-256 over the canonical JSON `[seq, at, kind, salted, previous]`: seq from 1,
`at` in ISO 8601 UTC with microseconds, hashes in hex, no spaces. `salted` is SHA-256 over a random
salt of 16 octets and the fact's own bytes. To forget a fact is to destroy its bytes, its salt and
the reference to it; what remains says nothing of it, and the chain stays whole.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from mailhours.ledger import tables
from mailhours.ledger.sqlite import Database

ENTRY = tables.of(tables.Entry)
GENESIS = bytes(32)
FORGOTTEN = "forgotten"
_SALT = 16
# Built once: they are needed often, and building a statement costs more than running it.
_APPEND = insert(ENTRY)
_NEWEST = (
    select(ENTRY.c.seq, ENTRY.c.hash)
    .where(ENTRY.c.account == bindparam("account"))
    .order_by(ENTRY.c.seq.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Fact:
    """What goes into the chain: its kind, its key in the table of that kind, and its bytes."""

    kind: str
    ref: str
    body: bytes


def canonical(value: object) -> bytes:
    """Return `value` as JSON in the one form that is hashed: sorted keys, no spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def salted(salt: bytes, body: bytes) -> bytes:
    """Return what an entry says of a fact."""
    return sha256(salt + body).digest()


def link(seq: int, at: datetime, kind: str, proof: bytes, previous: bytes) -> bytes:
    """Return the hash of an entry."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return sha256(canonical([seq, moment, kind, proof.hex(), previous.hex()])).digest()


class Chain:
    """The entries of one account, in order."""

    def __init__(self, database: Database, account: int) -> None:
        """Take the file and the account's id."""
        self._database = database
        self._account = account

    def append(self, connection: Connection, facts: Sequence[Fact], now: datetime) -> range:
        """Append `facts` inside the caller's transaction; return their numbers."""
        seq, previous = self._head(connection)
        first = seq + 1
        salts = os.urandom(_SALT * len(facts))
        rows = []
        for number, fact in enumerate(facts):
            seq = first + number
            salt = salts[number * _SALT : (number + 1) * _SALT]
            proof = salted(salt, fact.body)
            entry = link(seq, now, fact.kind, proof, previous)
            rows.append(
                {
                    "account": self._account,
                    "seq": seq,
                    "at": now,
                    "kind": fact.kind,
                    "ref": fact.ref,
                    "salt": salt,
                    "salted": proof,
                    "previous": previous,
                    "hash": entry,
                }
            )
            previous = entry
        if rows:
            self._database.run(connection, _APPEND, rows)
        return range(first, first + len(rows))

    def head(self) -> tuple[int, str]:
        """Return the number and the hash (hex) of the newest entry; (0, zeros) at the beginning."""
        with self._database.reading() as connection:
            seq, newest = self._head(connection)
        return seq, newest.hex()

    def forget(self, connection: Connection, entries: Iterable[int], now: datetime) -> None:
        """Destroy salt and reference of `entries`, and append an entry that names them."""
        numbers = sorted(set(entries))
        for start in range(0, len(numbers), 500):
            connection.execute(
                update(ENTRY)
                .where(ENTRY.c.account == self._account)
                .where(ENTRY.c.seq.in_(numbers[start : start + 500]))
                .values(salt=None, ref=None)
            )
        if numbers:
            named = ",".join(map(str, numbers))
            self.append(connection, [Fact(FORGOTTEN, named, named.encode())], now)

    def problems(self, facts: Sequence[Iterator[tuple[int, Fact]]]) -> list[str]:
        """Return what does not hold, one line each; empty when the record is as it was written.

        `facts` are the tables of facts: the number of each one's entry, and the fact.
        """
        found, proofs, tombs = self._entries()
        for table in facts:
            for seq, fact in table:
                kind, salt, proof = proofs.pop(seq, ("", b"", b""))
                if not kind:
                    if seq not in tombs:
                        found.append(f"{fact.kind} {fact.ref}: is not in the chain")
                elif kind != fact.kind or salted(salt, fact.body) != proof:
                    found.append(f"{fact.kind} {fact.ref} (entry {seq}): was changed")
        found += [f"{kind} of entry {seq}: is gone" for seq, (kind, *_) in proofs.items()]
        return found

    def _entries(self) -> tuple[list[str], dict[int, tuple[str, bytes, bytes]], set[int]]:
        """Return problems, what each entry proves (kind, salt, proof), and the emptied entries."""
        found: list[str] = []
        proofs: dict[int, tuple[str, bytes, bytes]] = {}
        tombs: set[int] = set()
        named: set[int] = set()
        expected, previous = 1, GENESIS
        query = select(ENTRY).where(ENTRY.c.account == self._account).order_by(ENTRY.c.seq)
        with self._database.reading() as connection:
            for row in connection.execution_options(yield_per=1000).execute(query):
                if row.seq != expected:
                    found.append(f"entries {expected} to {row.seq - 1}: missing")
                elif row.previous != previous:
                    found.append(f"entry {row.seq}: does not follow the one before it")
                if link(row.seq, row.at, row.kind, row.salted, row.previous) != row.hash:
                    found.append(f"entry {row.seq}: was changed")
                expected, previous = row.seq + 1, row.hash
                if row.salt is None:
                    tombs.add(row.seq)
                    continue
                proofs[row.seq] = (row.kind, row.salt, row.salted)
                if row.kind == FORGOTTEN:
                    named |= self._named(row, proofs)
        found += [f"entry {seq}: emptied, but never forgotten" for seq in sorted(tombs - named)]
        return found, proofs, tombs

    def _named(self, row: Row[Any], proofs: dict[int, tuple[str, bytes, bytes]]) -> set[int]:
        """Return the entries that an entry of this kind names, if its proof holds."""
        if salted(row.salt, row.ref.encode()) != row.salted:
            return set()  # stays unproved, and is told as gone
        del proofs[row.seq]
        return {int(number) for number in row.ref.split(",")}

    def _head(self, connection: Connection) -> tuple[int, bytes]:
        rows = self._database.ask(_NEWEST, connection, account=self._account)
        ((seq, newest),) = rows or [(0, GENESIS)]
        return seq, newest
