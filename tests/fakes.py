"""Doubles that are plain objects: a mailbox in memory, and what a ledger knows of mailboxes."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from mailhours.mailbox.eml import cut
from mailhours.mailbox.protocol import Known, Mailbox, Wanted
from mailhours.mailbox.sight import batch, comes_from, has_id
from mailhours.mailbox.structure import key
from mailhours.model.raw import (
    Batch,
    Cursor,
    FolderRole,
    Lying,
    Place,
    Quarantined,
    RawMail,
    Sighting,
)

HORIZON = datetime(2025, 12, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def everybody(header: bytes) -> bool:
    """Every mail concerns a client."""
    return True


class MemoryKnown:
    """What a ledger knows after the batches that it was given; a batch goes in whole."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], Cursor] = {}
        self.sighted: dict[Place, str] = {}
        self.quarantined: dict[Place, str] = {}
        self.mails: dict[str, RawMail] = {}
        self.asked: list[int] = []

    def cursors(self, mailbox: str) -> list[Cursor]:
        return [cursor for (name, _), cursor in self.held.items() if name == mailbox]

    def cursor(self, folder: str) -> Cursor:
        return next(cursor for (_, name), cursor in self.held.items() if name == folder)

    def keys(self, keys: Collection[str]) -> set[str]:
        return set(keys) & {*self.sighted.values(), *self.mails}

    def uids(self, mailbox: str, folder: str, validity: int, low: int, high: int) -> set[str]:
        return {
            place.uid
            for place in [*self.sighted, *self.quarantined]
            if (place.mailbox, place.folder, place.validity) == (mailbox, folder, validity)
            and (not high or low <= int(place.uid) <= high)
        }

    def seen(self, mailbox: str, folder: str, validity: int, low: int, high: int) -> dict[str, str]:
        return {
            place.uid: key
            for place, key in self.sighted.items()
            if (place.mailbox, place.folder, place.validity) == (mailbox, folder, validity)
            and low <= int(place.uid) <= high
        }

    def commit(self, batch: Batch) -> None:
        if batch.anew:
            at = (batch.cursor.folder, batch.cursor.validity)
            for held in (self.sighted, self.quarantined):
                for place in [p for p in held if (p.folder, p.validity) == at]:
                    del held[place]
        for sighting in batch.sightings:
            self.sighted[sighting.place] = sighting.key
            if sighting.raw is not None:
                self.mails.setdefault(sighting.key, sighting.raw)
        for one in batch.quarantined:
            self.quarantined[one.place] = one.reason
        self.held[batch.cursor.mailbox, batch.cursor.folder] = batch.cursor

    def read(
        self,
        mailbox: Mailbox,
        wanted: Wanted = everybody,
        *,
        now: datetime = NOW,
        horizon: datetime = HORIZON,
    ) -> list[Batch]:
        """Look once and commit everything, as the service does."""
        batches = []
        for one in mailbox.look(self, wanted, horizon, now):
            self.commit(one)
            batches.append(one)
        return batches

    def texts(self) -> list[bytes]:
        """Return the first text of every mail that was kept, sorted."""
        return sorted(mail.parts[0].content.strip() for mail in self.mails.values() if mail.parts)


@dataclass
class MemoryMailbox:
    """A mailbox that is a few lists; `deliver` is the outside world."""

    name: str = "main"
    folders: dict[FolderRole, dict[str, tuple[bytes, datetime]]] = field(default_factory=dict)
    faults: list[Exception] = field(default_factory=list)
    marked: set[Place] = field(default_factory=set)  # as answered
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def deliver(self, mail: bytes, at: datetime, role: FolderRole = FolderRole.INBOX) -> Place:
        uid = str(next(self._numbers))
        self.folders.setdefault(role, {})[uid] = (mail, at)
        return Place(self.name, role.value, 1, uid)

    def look(
        self, known: Known, wanted: Wanted, horizon: datetime, now: datetime
    ) -> Iterator[Batch]:
        if self.faults:
            raise self.faults.pop(0)
        roles = [role for role in self.folders if role is not FolderRole.OTHER]
        yield from self._batches(roles, known, wanted, horizon, now, ())

    def elsewhere(
        self,
        known: Known,
        wanted: Wanted,
        senders: Collection[str],
        horizon: datetime,
        now: datetime,
    ) -> Iterator[Batch]:
        needles = tuple(sender.encode() for sender in senders)
        roles = [FolderRole.OTHER] if FolderRole.OTHER in self.folders and needles else []
        yield from self._batches(roles, known, wanted, horizon, now, needles)

    def _batches(
        self,
        roles: list[FolderRole],
        known: Known,
        wanted: Wanted,
        horizon: datetime,
        now: datetime,
        needles: tuple[bytes, ...],
    ) -> Iterator[Batch]:
        cursors = {cursor.folder: cursor for cursor in known.cursors(self.name)}
        for role in roles:
            mails = self.folders[role]
            start = Cursor(self.name, role.value, role, 1, 0, 1, "", None)
            cursor = cursors.get(role.value, start)
            seen = known.uids(self.name, role.value, 1, 1, 10**9)
            found: list[Sighting | Quarantined] = []
            for uid, (mail, at) in list(mails.items()):
                if uid not in seen and at >= horizon:
                    raw = cut(mail, at)
                    if needles and not comes_from(raw.header, needles):
                        continue
                    place = Place(self.name, role.value, 1, uid)
                    found.append(Sighting(place, role, key(raw.header, raw.parts), raw))
            after = replace(cursor, settled=max(map(int, mails), default=0), looked=now)
            if found or cursor.looked is None:
                yield batch(found, after, known, wanted)

    def answered(self, places: Collection[Place]) -> set[Place]:
        return set(places) & self.marked

    def lying(self, role: FolderRole) -> tuple[Lying, ...]:
        found = [
            Lying(Place(self.name, role.value, 1, uid), len(mail), at, cut(mail, at).header)
            for uid, (mail, at) in self.folders.get(role, {}).items()
        ]
        return tuple(sorted(found, key=lambda one: one.received))

    def append(self, role: FolderRole, mail: bytes, at: datetime) -> Place:
        if self.faults:
            raise self.faults.pop(0)
        return self.deliver(mail, at, role)

    def find(self, role: FolderRole, message_id: str, mark: str = "") -> tuple[Place, ...]:
        return tuple(
            Place(self.name, role.value, 1, uid)
            for uid, (mail, _) in self.folders.get(role, {}).items()
            if has_id(mail, message_id, mark)
        )

    def move(self, place: Place, role: FolderRole) -> None:
        held = self.folders.get(FolderRole(place.folder), {}).pop(place.uid, None)
        if held is not None:
            self.deliver(*held, role)

    def remove(self, place: Place) -> None:
        self.folders.get(FolderRole(place.folder), {}).pop(place.uid, None)

    def fetch(self, place: Place) -> bytes | None:
        held = self.folders.get(FolderRole(place.folder), {}).get(place.uid)
        return held[0] if held else None

    def close(self) -> None:
        pass
