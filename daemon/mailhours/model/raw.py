"""What the mailbox hands over: facts as bytes, and where they were seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FolderRole(StrEnum):
    """What a folder is for; decides which way a mail went."""

    INBOX = "inbox"
    SENT = "sent"
    DRAFTS = "drafts"
    HELD = "held"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class TextPart:
    """One text part, still in its transfer encoding.

    `content_type` is lower case (`text/plain`); `params` are lower-case names with values as sent;
    `encoding` is the Content-Transfer-Encoding in lower case; `cut` says that the part was longer
    than the limit and is kept only up to it.
    """

    section: str
    content_type: str
    params: Mapping[str, str]
    encoding: str
    content: bytes
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """What is known of an attachment without fetching it: name, type, size in octets."""

    name: str
    content_type: str
    size: int


@dataclass(frozen=True, slots=True)
class PartType:
    """Content type and parameters of one node of the MIME tree (`multipart/report`, ...)."""

    section: str
    content_type: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RawMail:
    """One mail as the mailbox handed it over; attachments are named, never kept.

    `header` is the header block, at most 64 KiB. `attached` are the header blocks of attached
    messages (message/rfc822). `received` is the moment of arrival, UTC (INTERNALDATE, the file's
    time of a Maildir, the Date of an archive). `size` is the whole mail in octets.
    """

    header: bytes
    parts: tuple[TextPart, ...]
    tree: tuple[PartType, ...]
    attachments: tuple[Attachment, ...]
    attached: tuple[bytes, ...]
    received: datetime
    size: int
    defects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mail lies.

    `validity` is the UIDVALIDITY (RFC 9051 section 2.3.1.1), 0 where there is none. `uid` is the
    UID as text, or the base name of a file.
    """

    mailbox: str
    folder: str
    validity: int
    uid: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """One mail seen in one place, with its content key; `raw` only when it was not known before.

    `raw` stays None too when the mail concerns no client: such mail is sighted and not kept.
    """

    place: Place
    role: FolderRole
    key: str
    raw: RawMail | None


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One mail that could not be read, where, and why; shown to the owner, may be tried again."""

    place: Place
    reason: str


@dataclass(frozen=True, slots=True)
class Lying:
    """One mail that lies in a folder now: where, its octets, its arrival (UTC), its header block.

    What is marked as deleted does not lie there.
    """

    place: Place
    size: int
    received: datetime
    header: bytes


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a folder has been read: everything up to `settled` is in the ledger.

    `hint` is the server's STATUS of that moment as text: equal means that nothing is new.
    `floor` is the first UID that counts (the horizon). `looked` is the last full look, UTC.
    """

    mailbox: str
    folder: str
    role: FolderRole
    validity: int
    settled: int
    floor: int
    hint: str
    looked: datetime | None


@dataclass(frozen=True, slots=True)
class Batch:
    """What goes into the ledger in one transaction: sightings, quarantine, the cursor after them.

    `remarks` are what the owner should hear of the folder, once. With `anew` nothing that was
    sighted or quarantined in that folder under the cursor's validity before is there any more.
    """

    sightings: tuple[Sighting, ...]
    quarantined: tuple[Quarantined, ...]
    cursor: Cursor
    remarks: tuple[str, ...] = ()
    anew: bool = False
