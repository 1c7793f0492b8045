"""The ledger of one account: one file, its parts, and the care of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Self

from sqlalchemy import insert, select, update

from mailhours.ledger import tables
from mailhours.ledger.bookmarks import Bookmarks
from mailhours.ledger.chain import Chain
from mailhours.ledger.extract import Link, extract
from mailhours.ledger.forget import Forgotten, forget
from mailhours.ledger.health import Health
from mailhours.ledger.lock import Lock
from mailhours.ledger.mail import MailLog
from mailhours.ledger.migrate import migrate
from mailhours.ledger.outbox import Outbox
from mailhours.ledger.prune import prune
from mailhours.ledger.readings import Readings
from mailhours.ledger.slots import Slots
from mailhours.ledger.sqlite import Database, create
from mailhours.ledger.words import Words
from mailhours.model.faults import LedgerFault

ACCOUNT = tables.of(tables.Account)


class Ledger:
    """Everything that is kept of one account.

    `mail` facts, `readings` of them, `bookmarks` of how far they were judged, `words` of the owner,
    the `outbox` of replies, `slots`, `health` and the `chain` that proves the facts. May be used by
    several threads, and by several processes; one of them at a time is the service and holds
    `lock()`.

    Every method may raise Busy (locked, disk full: nothing was written, try later) or LedgerFault
    (damaged, read-only, newer than this program). Naive datetimes are a ValueError.
    """

    def __init__(self, database: Database, account: int) -> None:
        """Take an open file and the account's id in it; `open` makes both."""
        self._database = database
        self._account = account
        self.path = database.path
        self.chain = Chain(database, account)
        self.mail = MailLog(database, account, self.chain)
        self.readings = Readings(database, account)
        self.bookmarks = Bookmarks(database, account)
        self.words = Words(database, account, self.chain)
        self.outbox = Outbox(database, account, self.chain)
        self.slots = Slots(database, account)
        self.health = Health(database, account)

    @classmethod
    def open(
        cls, path: Path, account: str, *, create: bool = True, former: Collection[str] = ()
    ) -> Ledger:
        """Open the ledger of `account` (the owner's main address) at `path`.

        A new one is made unless `create` is False: the file for its owner only, its directory as
        well if it must be made. An older one is migrated, after a backup beside it. `former` are
        other addresses of the same owner: a ledger of one of them is taken over, any other is
        refused.
        """
        if not path.exists():
            if not create:
                raise LedgerFault(
                    f"{path}: there is no ledger yet", hint="the first `mailhours poll` makes it"
                )
            _make(path)
        database = Database(path)
        try:
            migrate(database)
            return cls(database, _account(database, account, former))
        except BaseException:
            database.close()
            raise

    def version(self) -> int:
        """Return a number that is another one after each change, whoever made it."""
        return self._database.version()

    def lock(self) -> Lock:
        """Take the exclusive lock of the service, to be released; Busy when it is held."""
        return Lock(self.path)

    def backup(self, path: Path) -> None:
        """Write a whole copy to `path`, for its owner only, while the service goes on."""
        self._database.backup(path)

    def forget(self, address: str, now: datetime) -> Forgotten:
        """Destroy what is kept of `address`; the chain stays whole. Backups are not touched."""
        return forget(self._database, self._account, self.chain, address, now)

    def prune(self, limit: datetime, since: Mapping[str, datetime], now: datetime) -> int:
        """Drop the text of mail and replies older than `limit`; return how many mails.

        `since` is, by client, from when its mail stays all the same. Backups are not touched.
        """
        return prune(self._database, self._account, self.chain, limit, since, now)

    def verify(self) -> list[str]:
        """Return what is wrong with the file and with the chain of facts, one line each."""
        facts = [self.mail.facts(), self.words.facts(), self.outbox.facts()]
        return self.damage() + self.chain.problems(facts)

    def damage(self) -> list[str]:
        """Return what is wrong with the file as such, one line each."""
        return self._database.damage()

    def extract(self, keys: Collection[str], replies: Collection[str]) -> Iterator[Link]:
        """Yield the links of the chain, with the facts of mails (by key) and replies (by id)."""
        return extract(self._database, self._account, keys, replies)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _make(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        create(path)
    except FileExistsError:
        pass  # another process was quicker
    except OSError as error:
        raise LedgerFault(
            f"{path}: the ledger cannot be made: {error.strerror}",
            hint="does the directory belong to the user that runs mailhours?",
        ) from error


def _account(database: Database, address: str, former: Collection[str]) -> int:
    query = select(ACCOUNT.c.id, ACCOUNT.c.address)
    with database.reading() as connection:
        held = {name: int(number) for number, name in connection.execute(query)}
    if address in held:
        return held[address]
    with database.writing() as connection:
        held = {name: int(number) for number, name in connection.execute(query)}
        if not held:
            row = {"address": address, "interest": "", "version": ""}
            connection.execute(insert(ACCOUNT).values(row))
            held = {name: int(number) for number, name in connection.execute(query)}
        elif address not in held:
            mine = next((name for name in held if name in former), None)
            if mine is None:
                raise LedgerFault(
                    f"{database.path}: this ledger belongs to {', '.join(held)}, not to {address}",
                    hint="if that is an address of yours, add it to `aliases`; "
                    "otherwise give this configuration a state directory of its own",
                )
            connection.execute(
                update(ACCOUNT).where(ACCOUNT.c.id == held[mine]).values(address=address)
            )
            return held[mine]
        return held[address]
