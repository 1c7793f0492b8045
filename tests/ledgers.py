"""Mails, batches and readings for tests of what is at rest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from builders import DANA, KARI, a_message, moment
from mailhours.ledger.reading_rows import Read
from mailhours.model.address import Address
from mailhours.model.message import Headers, MayReply, Message, Reading, Reason
from mailhours.model.raw import (
    Attachment,
    Batch,
    Cursor,
    FolderRole,
    PartType,
    Place,
    Quarantined,
    RawMail,
    Sighting,
    TextPart,
)

NOW = moment("mon 09:00")
MINUTE = timedelta(minutes=1)


def a_key(name: object) -> str:
    return hashlib.sha256(str(name).encode("utf-8", "replace")).hexdigest()


def a_raw(name: object = "one", **changes: object) -> RawMail:
    name = str(name).encode("ascii", "replace").decode()
    header = f"From: {KARI}\r\nTo: {DANA}\r\nSubject: {name}\r\nMessage-ID: <{name}@x>\r\n\r\n"
    text = TextPart("1", "text/plain", {"charset": "utf-8"}, "8bit", f"Hello {name}".encode())
    raw = RawMail(
        header=header.encode(),
        parts=(text,),
        tree=(PartType("", "multipart/mixed", {"boundary": "b"}), PartType("1", "text/plain", {})),
        attachments=(Attachment("plan.pdf", "application/pdf", 12_345),),
        attached=(b"Subject: inside\r\n\r\n",),
        received=NOW,
        size=4096,
    )
    return replace(raw, **changes)


def a_place(uid: object = 1, folder: str = "INBOX", validity: int = 7) -> Place:
    return Place("main", folder, validity, str(uid))


def a_sighting(
    uid: object = 1,
    key: str = "",
    *,
    raw: RawMail | None = None,
    kept: bool = True,
    folder: str = "INBOX",
    role: FolderRole = FolderRole.INBOX,
    validity: int = 7,
) -> Sighting:
    raw = (raw or a_raw(uid)) if kept else None
    return Sighting(a_place(uid, folder, validity), role, key or a_key(uid), raw)


def a_cursor(settled: int = 0, **changes: object) -> Cursor:
    cursor = Cursor("main", "INBOX", FolderRole.INBOX, 7, settled, 1, f"hint {settled}", NOW)
    return replace(cursor, **changes)


def a_batch(
    *sightings: Sighting, quarantined: Iterable[Quarantined] = (), cursor: Cursor | None = None
) -> Batch:
    numbers = [int(s.place.uid) for s in sightings if s.place.uid.isdecimal()]
    return Batch(sightings, tuple(quarantined), cursor or a_cursor(max(numbers, default=0)))


def a_reading(message: Message, text: str = "Any news?", **changes: object) -> Reading:
    sender = Address("Kari Nordmann", message.person)
    headers = Headers(
        message_id=message.message_id,
        parents=message.parents,
        in_reply_to=message.parents[-1:],
        date=message.at,
        sender=sender,
        to=(Address("", DANA),),
        cc=(),
        reply_to=(sender,),
        subject=message.subject,
        auto_submitted="",
        mailhours_id="",
    )
    reading = Reading(
        version="rules-1",
        headers=headers,
        kind=message.kind,
        may_reply=message.may_reply,
        reasons=(Reason("list-id", MayReply.SUPPRESS, "RFC 2919", "List-Id: <x>"),),
        authentication=message.authentication,
        language=message.language,
        visible_text=text,
        words=message.words,
        signals=message.signals,
        away_until=message.away_until,
        receipt=message.receipt,
        defects=("a date in words",),
    )
    return replace(reading, **changes)


def a_read(message: Message | None = None, version: str = "v1", text: str = "Any news?") -> Read:
    message = message or a_message(key=a_key(1))
    return Read(message.key, version, a_reading(message, text), message)


def logged_message(uid: object, at: datetime | str = "mon 09:00", **changes: object) -> Message:
    """Return the message that the mail of `a_sighting(uid)` becomes."""
    return a_message(at, key=a_key(uid), message_id=f"<{uid}@x>", **changes)
