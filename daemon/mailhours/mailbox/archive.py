"""Old mail as a mailbox that is only read: an mbox, a mail in a file, folders of them, a Maildir.

A folder stands for what it is called: `Sent`, or a name that means it, holds the owner's own mail.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import NoReturn

from mailhours.mailbox import maildir_files, mbox, utf7
from mailhours.mailbox.eml import cut
from mailhours.mailbox.folders import NAMES
from mailhours.mailbox.protocol import Known, Wanted
from mailhours.mailbox.sight import batch, joined, octets
from mailhours.mailbox.structure import key
from mailhours.model.faults import FolderFault, ServerFault
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

BATCH = 200
BATCH_OCTETS = 4 * 1024 * 1024
_BEGINNING = 4096
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
One = tuple[str, RawMail | str]


class ArchiveMailbox:
    """What lies at `path`, read as it is; nothing is ever written there."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self._path = path

    def look(
        self, known: Known, wanted: Wanted, horizon: datetime, now: datetime
    ) -> Iterator[Batch]:
        """Yield every mail that is not sighted yet and arrived since `horizon`, file by file."""
        if not self._path.exists():
            raise ServerFault(
                f"{self._path}: there is no such file or folder",
                hint="name an mbox, a folder of .eml files or a Maildir",
            )
        faults: list[FolderFault] = []
        for source, folder in _sources(self._path):
            cursor = Cursor(
                self.name, folder, role_of(folder), 0, 0, int(horizon.timestamp()), "", now
            )
            seen = known.uids(self.name, folder, 0, 0, 0)
            try:
                mails = _mails(source)
                yield from self._batches(mails, cursor, seen, horizon, known, wanted)
            except OSError as error:
                faults.append(FolderFault(f"{source}: {error.strerror or error}"))
        if faults:
            raise joined(faults)

    def _batches(
        self,
        mails: Iterator[One],
        cursor: Cursor,
        seen: set[str],
        horizon: datetime,
        known: Known,
        wanted: Wanted,
    ) -> Iterator[Batch]:
        pending: list[Sighting | Quarantined] = []
        held = 0
        for uid, mail in mails:
            place = Place(self.name, cursor.folder, 0, uid)
            if uid in seen:
                continue
            if isinstance(mail, str):
                pending.append(Quarantined(place, mail))
            elif mail.received >= horizon:
                pending.append(Sighting(place, cursor.role, key(mail.header, mail.parts), mail))
                held += octets(mail)
            if len(pending) >= BATCH or held >= BATCH_OCTETS:
                yield batch(pending, cursor, known, wanted)
                pending, held = [], 0
        yield batch(pending, cursor, known, wanted)

    def elsewhere(
        self,
        known: Known,
        wanted: Wanted,
        senders: Collection[str],
        horizon: datetime,
        now: datetime,
    ) -> Iterator[Batch]:
        """Yield nothing: every folder of an archive is read."""
        return iter(())

    def answered(self, places: Collection[Place]) -> set[Place]:
        """Know of none: what happens to old mail now is told nowhere."""
        return set()

    def lying(self, role: FolderRole) -> tuple[Lying, ...]:
        """Offer nothing: nothing leaves from an archive."""
        return ()

    def append(self, role: FolderRole, mail: bytes, at: datetime) -> NoReturn:
        """Refuse: an archive is only read."""
        raise FolderFault(f"{self._path} is an archive, nothing is filed there")

    def find(self, role: FolderRole, message_id: str, mark: str = "") -> tuple[Place, ...]:
        """Find nothing: no mail of ours was filed in an archive."""
        return ()

    def move(self, place: Place, role: FolderRole) -> None:
        """Refuse: an archive is only read."""
        raise FolderFault(f"{self._path} is an archive, nothing is moved there")

    def remove(self, place: Place) -> NoReturn:
        """Refuse: an archive is only read."""
        raise FolderFault(f"{self._path} is an archive, nothing is removed there")

    def fetch(self, place: Place) -> bytes | None:
        """Fetch nothing: an archive holds no mail that is to leave."""
        return None

    def close(self) -> None:
        """Nothing is held open."""


def role_of(folder: str) -> FolderRole:
    """Return the role that a file or folder has by its name: Sent, Drafts, else inbox."""
    leaf = utf7.decode(folder).replace("\\", "/").rpartition("/")[2].casefold()
    for ending in (".mbox", ".mbx", ".mboxrd", ".eml", ".sbd"):
        leaf = leaf.removesuffix(ending)
    leaf = leaf.rpartition(".")[2].strip()  # .Sent, INBOX.Sent
    for role, names in NAMES.items():
        if leaf in names:
            return role
    return FolderRole.INBOX


def _sources(path: Path) -> Iterator[tuple[Path, str]]:
    """Yield what holds mail at `path` and below, with the name of the folder that it is."""
    if path.is_file():
        yield path, path.name
        return
    below = sorted(p for p in path.rglob("*") if p.is_dir())
    for folder in [path, *below]:
        if folder.name in maildir_files.PARTS and (folder.parent / "cur").is_dir():
            continue
        name = (
            "INBOX"
            if folder == path and (path / "cur").is_dir()
            else str(folder.relative_to(path.parent))
        )
        if (folder / "cur").is_dir():
            yield folder, name
        else:
            yield from _loose(folder, name)


def _loose(folder: Path, name: str) -> Iterator[tuple[Path, str]]:
    """Yield the mboxes in a folder one by one, and the folder itself when it has single mails."""
    has_mails = False
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or not path.is_file():
            continue
        if path.suffix.lower() == ".eml":
            has_mails = True
        elif _is_mbox(path):
            yield path, f"{name}/{path.name}"
    if has_mails:
        yield folder, name


def _is_mbox(path: Path) -> bool:
    with suppress(OSError), path.open("rb") as file:
        return mbox.looks_like(file.read(_BEGINNING))
    return False


def _mails(source: Path) -> Iterator[One]:
    """Yield the mails of one source: an identity, and the mail or why it cannot be read."""
    if source.is_file():
        if _is_mbox(source):
            yield from _of_mbox(source)
        else:
            yield _of_file(source)
    elif (source / "cur").is_dir():
        for uid, path in sorted(maildir_files.listing(source).items()):
            try:
                yield uid, _dated(maildir_files.read(path))
            except (OSError, ValueError) as error:
                yield uid, f"the file cannot be read: {error}"
    else:
        for path in sorted(source.iterdir()):
            if path.suffix.lower() == ".eml":
                yield _of_file(path)


def _of_file(path: Path) -> One:
    try:
        raw = maildir_files.read(path)
    except (OSError, ValueError) as error:
        return path.name, f"the file cannot be read: {error}"
    return path.name, _dated(raw)


def _dated(raw: RawMail) -> RawMail:
    """Return a mail with the moment that its header tells: a copied file is as old as the copy."""
    return replace(raw, received=mbox.arrival(raw.header) or raw.received)


def _of_mbox(path: Path) -> Iterator[One]:
    with ExitStack() as opened:
        file = opened.enter_context(path.open("rb"))
        data = opened.enter_context(mmap(file.fileno(), 0, access=ACCESS_READ))
        for begun, start, end in mbox.spans(data):
            line = data[begun : min(start, begun + _BEGINNING)]
            raw = cut(data, _NEVER, start, end)
            at = mbox.arrival(raw.header, line) or _NEVER
            yield str(begun), replace(mbox.unquoted(raw), received=at)
