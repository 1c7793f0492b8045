"""Places: how far each folder was read, what was sighted where, and what lies in quarantine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Connection,
    Row,
    bindparam,
    delete,
    insert,
    select,
    union_all,
    update,
)

from mailhours.ledger import tables
from mailhours.ledger.fields import plain, storable, stored
from mailhours.ledger.sqlite import Database, insert_new
from mailhours.model.raw import Batch, Cursor, FolderRole, Place, Quarantined

FOLDER = tables.of(tables.Folder)
MAIL = tables.of(tables.Mail)
QUARANTINE = tables.of(tables.Quarantine)
SIGHTING = tables.of(tables.Sighting)

_NEVER = -1  # `settled` of a folder that something lies in, but that has no cursor
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
_SPOT = ("account", "folder", "validity", "number", "name")


def _seen(*, numbered: bool) -> CompoundSelect[Any]:
    """Return the query for the uids that were sighted or quarantined in a folder."""
    parts = []
    for table in (SIGHTING, QUARANTINE):
        part = (
            select(table.c.number, table.c.name)
            .join(FOLDER, FOLDER.c.id == table.c.folder)
            .where(table.c.account == bindparam("account"))
            .where(FOLDER.c.account == bindparam("account"))
            .where(FOLDER.c.mailbox == bindparam("mailbox"), FOLDER.c.name == bindparam("folder"))
            .where(table.c.validity == bindparam("validity"))
        )
        within = table.c.number.between(bindparam("low"), bindparam("high"))
        parts.append(part.where(within) if numbered else part)
    return union_all(*parts)


# Built once: these are asked at every poll, and building a query costs more than running it.
_KEYS = (
    select(SIGHTING.c.number, SIGHTING.c.name, SIGHTING.c.key)
    .join(FOLDER, FOLDER.c.id == SIGHTING.c.folder)
    .where(SIGHTING.c.account == bindparam("account"), FOLDER.c.account == bindparam("account"))
    .where(FOLDER.c.mailbox == bindparam("mailbox"), FOLDER.c.name == bindparam("folder"))
    .where(SIGHTING.c.validity == bindparam("validity"))
    .where(SIGHTING.c.number.between(bindparam("low"), bindparam("high")))
)
_UIDS = _seen(numbered=True)
_NAMES = _seen(numbered=False)
_CURSOR = ("mailbox", "name", "role", "validity", "settled", "floor", "hint", "looked")
_CURSORS = (
    select(*(FOLDER.c[name] for name in _CURSOR))
    .where(FOLDER.c.account == bindparam("account"), FOLDER.c.mailbox == bindparam("mailbox"))
    .where(FOLDER.c.settled != _NEVER)
    .order_by(FOLDER.c.id)
)
_FOLDERS = select(FOLDER.c.id, *(FOLDER.c[name] for name in _CURSOR)).where(
    FOLDER.c.account == bindparam("account")
)
_SET_CURSOR = (
    update(FOLDER)
    .where(FOLDER.c.id == bindparam("_id"))
    .values({name: bindparam(name) for name in _CURSOR})
)
_IN_QUARANTINE = (
    select(QUARANTINE.c.number).where(QUARANTINE.c.account == bindparam("account")).limit(1)
)
_QUARANTINED = (
    select(
        *(FOLDER.c.mailbox, FOLDER.c.name, QUARANTINE.c.validity),
        *(QUARANTINE.c.number, QUARANTINE.c.name, QUARANTINE.c.reason),
    )
    .join(FOLDER, FOLDER.c.id == QUARANTINE.c.folder)
    .where(QUARANTINE.c.account == bindparam("account"))
    .order_by(QUARANTINE.c.at, QUARANTINE.c.number, QUARANTINE.c.name)
)
_ADD = insert_new(SIGHTING)


class Places:
    """The folders of one account's mailboxes, and what lies in them."""

    def __init__(self, database: Database, account: int) -> None:
        """Take the file and the account's id."""
        self._database = database
        self._account = account

    def cursors(self, mailbox: str) -> list[Cursor]:
        """Return how far each folder of `mailbox` has been read."""
        rows = self._database.ask(_CURSORS, account=self._account, mailbox=mailbox)
        return [_cursor(*row) for row in rows]

    def uids(self, mailbox: str, folder: str, validity: int, low: int, high: int) -> set[str]:
        """Return the uids sighted or quarantined there, `low` to `high`; all when both are 0."""
        asked = {
            "account": self._account,
            "mailbox": mailbox,
            "folder": storable(folder),
            "validity": validity,
            "low": low,
            "high": high,
        }
        query = _UIDS if low or high else _NAMES
        return {uid(number, name) for number, name in self._database.ask(query, **asked)}

    def seen(self, mailbox: str, folder: str, validity: int, low: int, high: int) -> dict[str, str]:
        """Return the keys of what was sighted there by uid, `low` to `high`."""
        rows = self._database.ask(
            _KEYS,
            account=self._account,
            mailbox=mailbox,
            folder=storable(folder),
            validity=validity,
            low=low,
            high=high,
        )
        return {uid(number, name): key for number, name, key in rows}

    def place(self, key: str) -> tuple[tuple[Place, FolderRole], ...]:
        """Return where a mail was sighted, the earliest sighting first."""
        spot = select(*(getattr(MAIL.c, name) for name in _SPOT[1:])).where(
            *self._mine(MAIL, key=key)
        )
        seen = select(*(getattr(SIGHTING.c, name) for name in _SPOT[1:])).where(
            *self._mine(SIGHTING, key=key)
        )
        with self._database.reading(snapshot=True) as connection:
            folders = {row.id: row for row in connection.execute(select(FOLDER))}
            first = {tuple(row) for row in connection.execute(spot)}
            spots = [tuple(row) for row in connection.execute(seen)]
        # Where it was logged counts no more once the place was given to another mail (`anew`).
        spots.sort(key=lambda one: one not in first)
        return tuple(
            (_place(folders[folder], validity, number, name), FolderRole(folders[folder].role))
            for folder, validity, number, name in spots
        )

    def quarantined(self) -> list[Quarantined]:
        """Return what could not be read, the oldest first."""
        return [
            Quarantined(Place(mailbox, stored(folder), validity, uid(number, name)), reason)
            for mailbox, folder, validity, number, name, reason in self._database.ask(
                _QUARANTINED, account=self._account
            )
        ]

    # Reading again.

    def retry(self, place: Place) -> bool:
        """Let the next look read what lies in quarantine at `place`; False when it is not there."""
        with self._database.writing() as connection:
            folder = self._folder(connection, place.mailbox, place.folder)
            if folder is None:
                return False
            spot = self.spot(place, {(place.mailbox, place.folder): folder.id})
            gone = connection.execute(delete(QUARANTINE).where(*_at(QUARANTINE, spot)))
            if gone.rowcount == 0:
                return False
            back = {"hint": "", "looked": None}
            if place.validity == folder.validity and spot["number"]:
                back["settled"] = min(folder.settled, max(spot["number"] - 1, 0))
            connection.execute(update(FOLDER).where(FOLDER.c.id == folder.id).values(back))
            return True

    def reread(self, mailbox: str) -> None:
        """Put the cursors of `mailbox` back to the floor: all of the horizon is looked at again."""
        with self._database.writing() as connection:
            self._rewind(connection, self._mine(FOLDER, mailbox=mailbox))

    def forget_unwanted(self) -> int:
        """Drop the sightings of mail that was not kept, and look at everything again.

        For when client files have changed: a sender may have become a client's. Returns how many
        places will be looked at again.
        """
        kept = select(MAIL.c.key).where(
            MAIL.c.account == SIGHTING.c.account, MAIL.c.key == SIGHTING.c.key
        )
        with self._database.writing() as connection:
            dropped = connection.execute(
                delete(SIGHTING).where(*self._mine(SIGHTING), ~kept.exists())
            )
            self._rewind(connection, self._mine(FOLDER))
            return dropped.rowcount

    def anew(self, mailbox: str, name: str) -> bool:
        """Let the next look read a folder as if for the first time; False if it was never read.

        For a folder that was replaced by another one: the owner says so. No mail is forgotten.
        """
        with self._database.writing() as connection:
            folder = self._folder(connection, mailbox, name)
            if folder is None or folder.settled == _NEVER:
                return False
            self._void(connection, folder.id, folder.validity)
            unread = {"settled": _NEVER, "hint": "", "looked": None}
            connection.execute(update(FOLDER).where(FOLDER.c.id == folder.id).values(unread))
            return True

    # Inside a transaction of the log.

    def folders(self, connection: Connection, batch: Batch) -> dict[tuple[str, str], int]:
        """Write the cursor and return the ids of all folders that `batch` speaks of."""
        cursor = batch.cursor
        rows = self._database.ask(_FOLDERS, connection, account=self._account)
        known = {(row[1], stored(row[2])): row for row in rows}
        ids = {name: int(row[0]) for name, row in known.items()}
        mine = known.get((cursor.mailbox, cursor.folder))
        values = {
            "account": self._account,
            "mailbox": cursor.mailbox,
            "name": storable(cursor.folder),
            "role": cursor.role,
            "validity": cursor.validity,
            "settled": cursor.settled,
            "floor": cursor.floor,
            "hint": cursor.hint,
            "looked": cursor.looked,
        }
        if mine is None:
            ids[cursor.mailbox, cursor.folder] = _add(connection, values)
        elif _cursor(*mine[1:]) != cursor:
            self._database.run(connection, _SET_CURSOR, [values | {"_id": mine[0]}])
        for sighting in batch.sightings:
            name = (sighting.place.mailbox, sighting.place.folder)
            if name not in ids:
                ids[name] = _add(connection, self._unlooked(sighting.place, sighting.role))
        for one in batch.quarantined:
            name = (one.place.mailbox, one.place.folder)
            if name not in ids:
                ids[name] = _add(connection, self._unlooked(one.place, FolderRole.OTHER))
        return ids

    def log(
        self,
        connection: Connection,
        batch: Batch,
        folders: Mapping[tuple[str, str], int],
        now: datetime,
    ) -> None:
        """Write what was sighted, which ends its quarantine, and what was quarantined."""
        if batch.anew:
            cursor = batch.cursor
            self._void(connection, folders[cursor.mailbox, cursor.folder], cursor.validity)
        seen = [self.spot(s.place, folders) | {"key": s.key} for s in batch.sightings]
        if seen:
            self._database.run(connection, _ADD, seen)
            if self._database.ask(_IN_QUARANTINE, connection, account=self._account):
                for sighting in batch.sightings:
                    spot = self.spot(sighting.place, folders)
                    connection.execute(delete(QUARANTINE).where(*_at(QUARANTINE, spot)))
        bad = [
            self.spot(one.place, folders) | {"reason": plain(one.reason), "at": now}
            for one in batch.quarantined
        ]
        if bad:
            connection.execute(insert_new(QUARANTINE), bad)

    def spot(self, place: Place, folders: Mapping[tuple[str, str], int]) -> dict[str, Any]:
        """Return the columns that name `place`, given the ids of folders."""
        numbered = place.validity > 0 and _NUMBER.fullmatch(place.uid) is not None
        return {
            "account": self._account,
            "folder": folders[place.mailbox, place.folder],
            "validity": place.validity,
            "number": int(place.uid) if numbered else 0,
            "name": "" if numbered else storable(place.uid),
        }

    # Inside.

    def _mine(self, table: Any, **values: object) -> list[Any]:  # noqa: ANN401 - Table.c is Any
        return [table.c.account == self._account, *(table.c[n] == v for n, v in values.items())]

    def _folder(self, connection: Connection, mailbox: str, name: str) -> Row[Any] | None:
        query = select(FOLDER).where(*self._mine(FOLDER, mailbox=mailbox, name=storable(name)))
        return connection.execute(query).one_or_none()

    def _unlooked(self, place: Place, role: FolderRole) -> dict[str, Any]:
        return {
            "account": self._account,
            "mailbox": place.mailbox,
            "name": storable(place.folder),
            "role": role,
            "validity": place.validity,
            "settled": _NEVER,
            "floor": 0,
            "hint": "",
            "looked": None,
        }

    def _void(self, connection: Connection, folder: int, validity: int) -> None:
        """Drop what was sighted and quarantined in a folder; the mails themselves stay."""
        for table in (SIGHTING, QUARANTINE):
            mine = self._mine(table, folder=folder, validity=validity)
            connection.execute(delete(table).where(*mine))

    def _rewind(self, connection: Connection, which: list[Any]) -> None:
        which = [*which, FOLDER.c.settled != _NEVER]
        for row in connection.execute(select(FOLDER).where(*which)).all():
            connection.execute(
                update(FOLDER)
                .where(FOLDER.c.id == row.id)
                .values(settled=max(row.floor - 1, 0), hint="", looked=None)
            )


def uid(number: int, name: str) -> str:
    """Return a place's uid from its two columns."""
    return stored(name) if name else str(number)


def _add(connection: Connection, values: Mapping[str, Any]) -> int:
    added = connection.execute(insert(FOLDER).values(values).returning(FOLDER.c.id))
    return int(added.scalar_one())


def _cursor(mailbox: str, name: str, *rest: Any) -> Cursor:  # noqa: ANN401 - as in _CURSOR
    return Cursor(mailbox, stored(name), *rest)


def _place(folder: Row[Any], validity: int, number: int, name: str) -> Place:
    return Place(folder.mailbox, stored(folder.name), validity, uid(number, name))


def _at(table: Any, spot: Mapping[str, Any]) -> list[Any]:  # noqa: ANN401 - Table.c is Any
    return [table.c[name] == spot[name] for name in _SPOT]
