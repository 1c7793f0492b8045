"""What a mailbox does for the rest of the house, and what it asks of the ledger.

Terminology: a *place* is a folder, its UIDVALIDITY and a UID; a *key* is the content key of a mail;
a *sighting* is a key seen in a place; the *horizon* is how far back the first look goes. A mailbox
commits nothing itself: it hands out batches, and a batch goes into the ledger in one transaction
together with its cursor. Every method may be repeated: a mail seen twice is sighted once. One
thread uses a mailbox at a time, and finishes a look before it asks for anything else.

To read the horizon again (a client was added), give a Known without cursors that knows only what
was logged. To try a quarantined mail again, forget its place and the cursor's `looked` and `hint`.
To accept a folder that was replaced, forget its cursor and what was sighted and quarantined in it.

All methods may raise ServerFault (temporary, drop the connection), Throttled, LoginRefused,
CertificateFault or FolderFault; nothing else gets out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from mailhours.model.raw import Batch, Cursor, FolderRole, Lying, Place


class Known(Protocol):
    """What the ledger already holds, as the mailbox asks for it."""

    def cursors(self, mailbox: str) -> Sequence[Cursor]:
        """Return how far each folder of `mailbox` has been read."""

    def keys(self, keys: Collection[str]) -> set[str]:
        """Return those of `keys` that were logged or sighted before: no text need be fetched."""

    def uids(self, mailbox: str, folder: str, validity: int, low: int, high: int) -> set[str]:
        """Return the uids sighted or quarantined there, `low` to `high` inclusive.

        Places without numbers (Maildir) ask with low = high = 0 and get all names.
        """

    def seen(
        self, mailbox: str, folder: str, validity: int, low: int, high: int
    ) -> Mapping[str, str]:
        """Return the keys of what was sighted there by uid, `low` to `high` inclusive."""


class Wanted(Protocol):
    """Says from the header block whether a mail concerns a client: only such text is fetched."""

    def __call__(self, header: bytes) -> bool:
        """Return True when a sender or recipient belongs to a client."""


class Mailbox(Protocol):
    """One source of mail, and where our mail is filed."""

    name: str

    def look(
        self, known: Known, wanted: Wanted, horizon: datetime, now: datetime
    ) -> Iterator[Batch]:
        """Yield what is new in every folder, oldest first; each batch is committed before the next.

        Inbox folders, Sent, Drafts and Check-in are all looked at. A FolderFault of one folder is
        raised after the other folders were looked at.
        """

    def elsewhere(
        self,
        known: Known,
        wanted: Wanted,
        senders: Collection[str],
        horizon: datetime,
        now: datetime,
    ) -> Iterator[Batch]:
        """Yield mail from `senders` in the folders that `look` passes over, Junk too.

        `senders` are addresses, or domains with their @; the cursors have the role `other`. Drafts,
        what is held and what no client wrote are left alone. Meant for once a day.
        """

    def answered(self, places: Collection[Place]) -> set[Place]:
        r"""Return those of `places` that carry \Answered now; a hint and no more."""

    def lying(self, role: FolderRole) -> tuple[Lying, ...]:
        """Return what lies in the folder of that role now, the oldest arrival first."""

    def append(self, role: FolderRole, mail: bytes, at: datetime) -> Place | None:
        """File `mail` in the folder of that role, seen (in Drafts as a draft); where, if known."""

    def find(self, role: FolderRole, message_id: str, mark: str = "") -> tuple[Place, ...]:
        """Return the places in the folder of that role that hold `message_id`.

        Or whose X-Mailhours-Id is `mark`: some providers write a Message-ID of their own.
        """

    def move(self, place: Place, role: FolderRole) -> None:
        """Move what lies at `place` to the folder of that role; nothing to do if it is gone."""

    def fetch(self, place: Place) -> bytes | None:
        """Return the whole mail at `place` (held replies only); None when it is gone."""

    def remove(self, place: Place) -> None:
        """Remove what lies at `place` for good; nothing to do if it is gone."""

    def close(self) -> None:
        """Let go of connections; never raises."""
