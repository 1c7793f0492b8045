"""A Maildir as a mailbox, with Maildir++ folders (`.Sent`) or plain ones (`Sent`).

Nothing here needs a server: the demo lives in it, and so do users of mbsync and getmail.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from mailhours.mailbox import maildir_files as files
from mailhours.mailbox import utf7
from mailhours.mailbox.folders import Assigned, Folder, assign, others
from mailhours.mailbox.protocol import Known, Wanted
from mailhours.mailbox.sight import (
    batch,
    comes_from,
    has_id,
    in_role,
    is_full_due,
    joined,
    octets,
)
from mailhours.mailbox.structure import key
from mailhours.model.faults import FolderFault, ServerFault
from mailhours.model.header import BLOCK_LIMIT
from mailhours.model.raw import Batch, Cursor, FolderRole, Lying, Place, Quarantined, Sighting
from mailhours.model.server import MailboxSettings

BATCH = 100
BATCH_OCTETS = 4 * 1024 * 1024
_WHOLE = 64 * 1024 * 1024
_AGAIN = 3
_FLAGS = {FolderRole.SENT: "S", FolderRole.DRAFTS: "DS"}


class MaildirMailbox:
    """A Maildir as a mailbox; `settings.path` is its root and its INBOX."""

    def __init__(self, settings: MailboxSettings) -> None:
        self.name = settings.name
        self._settings = settings
        self._root = Path(settings.path)

    def look(
        self, known: Known, wanted: Wanted, horizon: datetime, now: datetime
    ) -> Iterator[Batch]:
        """Yield what is new in every folder; a cursor's floor is the horizon in Unix seconds."""
        assigned = self._assigned()
        for role in (FolderRole.HELD, FolderRole.DRAFTS):
            with suppress(FolderFault):  # a Maildir that is not ours to write is still read
                self._need(role)
        cursors = {cursor.folder: cursor for cursor in known.cursors(self.name)}
        faults = list(assigned.problems)
        for folder, role in assigned.folders:
            start = Cursor(self.name, folder.name, role, 0, 0, int(horizon.timestamp()), "", None)
            cursor = in_role(cursors.get(folder.name, start), role)
            try:
                yield from self._folder(self._path(folder), cursor, known, wanted, now)
            except OSError as error:
                faults.append(self._fault(folder.name, error))
        if faults:
            raise joined(faults)

    def elsewhere(
        self,
        known: Known,
        wanted: Wanted,
        senders: Collection[str],
        horizon: datetime,
        now: datetime,
    ) -> Iterator[Batch]:
        """Yield mail from `senders` in the folders that have no role; only headers are read."""
        needles = tuple(sender.encode() for sender in senders)
        cursors = {cursor.folder: cursor for cursor in known.cursors(self.name)}
        faults: list[FolderFault] = []
        for folder in others(self._folders(), self._assigned()) if needles else ():
            floor = int(horizon.timestamp())
            start = Cursor(self.name, folder.name, FolderRole.OTHER, 0, 0, floor, "", None)
            cursor = in_role(cursors.get(folder.name, start), FolderRole.OTHER)
            try:
                yield from self._folder(
                    self._path(folder), cursor, known, wanted, now, lambda p: _is_from(p, needles)
                )
            except OSError as error:
                faults.append(self._fault(folder.name, error))
        if faults:
            raise joined(faults)

    def _folder(
        self,
        path: Path,
        cursor: Cursor,
        known: Known,
        wanted: Wanted,
        now: datetime,
        chosen: Callable[[Path], bool] = lambda _: True,
    ) -> Iterator[Batch]:
        hint = " ".join(str((path / part).stat().st_mtime_ns) for part in ("new", "cur"))
        is_full = is_full_due(cursor, now)
        if cursor.hint == hint and not is_full:
            return
        # A mail may come within the tick of the clock in which the folder was listed and leave its
        # time as it is: equal times count once they were found equal at two looks.
        confirmed = hint if cursor.hint in (hint, f"{hint} ?") else f"{hint} ?"
        after = replace(cursor, hint=confirmed, looked=now if is_full else cursor.looked)
        pending: list[Sighting | Quarantined] = []
        held = 0
        for found in self._news(path, cursor, known):
            if not chosen(found[1]):
                continue
            one = self._sight(path, found, cursor)
            if one is None:
                continue
            pending.append(one)
            held += octets(one.raw) if isinstance(one, Sighting) else 0
            if len(pending) >= BATCH or held >= BATCH_OCTETS:
                yield batch(pending, cursor, known, wanted)
                pending, held = [], 0
        if pending or after != cursor:
            yield batch(pending, after, known, wanted)

    def _news(self, path: Path, cursor: Cursor, known: Known) -> list[tuple[str, Path]]:
        """Return the files that were not sighted and are not older than the floor, oldest first."""
        seen = known.uids(self.name, cursor.folder, 0, 0, 0)
        found: list[tuple[float, str, Path]] = []
        for uid, file in files.listing(path).items():
            if uid in seen:
                continue
            try:
                mtime = file.stat().st_mtime
            except FileNotFoundError:
                mtime = float(cursor.floor)  # renamed meanwhile: found again by its base name
            if mtime >= cursor.floor:
                found.append((mtime, uid, file))
        return [(uid, file) for _, uid, file in sorted(found)]

    def _sight(
        self, maildir: Path, found: tuple[str, Path], cursor: Cursor
    ) -> Sighting | Quarantined | None:
        uid, listed = found
        path: Path | None = listed
        place = Place(self.name, cursor.folder, 0, uid)
        for _ in range(_AGAIN):
            if path is None:
                return None
            try:
                raw = files.read(path)
            except FileNotFoundError:
                path = files.listing(maildir).get(uid)
            except (OSError, ValueError) as error:
                reason = getattr(error, "strerror", None) or "not a regular file"
                return Quarantined(place, f"the file cannot be read: {reason}")
            else:
                return Sighting(place, cursor.role, key(raw.header, raw.parts), raw)
        return None

    def answered(self, places: Collection[Place]) -> set[Place]:
        """Return those of `places` that carry the flag R (replied)."""
        found: set[Place] = set()
        for folder in self._folders() if places else ():
            here = [place for place in places if place.folder == folder.name]
            there = files.listing(self._path(folder)) if here else {}
            found.update(p for p in here if p.uid in there and "R" in files.flags(there[p.uid]))
        return found

    def lying(self, role: FolderRole) -> tuple[Lying, ...]:
        """Return what lies in the folder of that role now."""
        folder = self._assigned().of(role)
        found = []
        for uid, path in files.listing(self._path(folder)).items() if folder else ():
            if "T" in files.flags(path):
                continue
            with suppress(FileNotFoundError, IsADirectoryError):
                status = path.stat()
                with path.open("rb") as file:
                    header = file.read(BLOCK_LIMIT)
                place = Place(self.name, folder.name if folder else "", 0, uid)
                arrived = files.moment(status.st_mtime)
                found.append(Lying(place, status.st_size, arrived, header))
        return tuple(sorted(found, key=lambda one: (one.received, one.place.uid)))

    def append(self, role: FolderRole, mail: bytes, at: datetime) -> Place:
        """File `mail` in the folder of that role; it is on disk when this returns."""
        folder = self._need(role)
        try:
            uid = files.deliver(self._path(folder), mail, at, _FLAGS.get(role, ""))
        except OSError as error:
            raise self._fault(folder.name, error) from error
        return Place(self.name, folder.name, 0, uid)

    def find(self, role: FolderRole, message_id: str, mark: str = "") -> tuple[Place, ...]:
        """Return the places of that role that hold `message_id`, or `mark`."""
        folder = self._assigned().of(role)
        if folder is None:
            return ()
        found = []
        for uid, path in files.listing(self._path(folder)).items():
            with suppress(OSError), path.open("rb") as file:
                if has_id(file.read(BLOCK_LIMIT), message_id, mark):
                    found.append(Place(self.name, folder.name, 0, uid))
        return tuple(found)

    def move(self, place: Place, role: FolderRole) -> None:
        """Move what lies at `place`; in Sent it is seen, and no draft."""
        folder = self._need(role)
        for _ in range(_AGAIN):
            path = self._file(place)
            if path is None:
                return
            try:
                files.transfer(path, self._path(folder), sent=role is FolderRole.SENT)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise self._fault(folder.name, error) from error
            return

    def fetch(self, place: Place) -> bytes | None:
        """Return the whole mail at `place`."""
        for _ in range(_AGAIN):
            path = self._file(place)
            if path is None:
                return None
            try:
                if path.stat().st_size > _WHOLE:
                    raise FolderFault(f"{place.folder}: a held mail of more than 64 MB is not sent")
                return path.read_bytes()
            except FileNotFoundError:
                continue
            except OSError as error:
                raise self._fault(place.folder, error) from error
        return None

    def remove(self, place: Place) -> None:
        """Remove the file at `place`."""
        for _ in range(_AGAIN):
            path = self._file(place)
            if path is None:
                return
            try:
                path.unlink()
            except FileNotFoundError:
                continue
            except OSError as error:
                raise self._fault(place.folder, error) from error
            return

    def close(self) -> None:
        """Nothing is held open."""

    def _file(self, place: Place) -> Path | None:
        folder = next((f for f in self._folders() if f.name == place.folder), None)
        return files.listing(self._path(folder)).get(place.uid) if folder else None

    def _need(self, role: FolderRole) -> Folder:
        """Return the folder of that role, made now if there is none."""
        assigned = self._assigned()
        if folder := assigned.of(role):
            return folder
        if role not in assigned.missing:
            raise joined(assigned.problems)
        name = assigned.missing[role]
        dot = "" if any(f.delimiter == "/" for f in self._folders()) else "."
        try:
            files.create(self._root / f"{dot}{utf7.encode(name)}")
        except OSError as error:
            raise self._fault(name, error) from error
        made = self._assigned().of(role)
        if made is None:
            raise FolderFault(f"{self.name}: the folder {name!r} could not be made")
        return made

    def _assigned(self) -> Assigned:
        return assign(self._folders(), self._settings)

    def _path(self, folder: Folder) -> Path:
        return self._root / folder.raw.decode("utf-8", "surrogateescape")

    def _folders(self) -> list[Folder]:
        """Return the root as INBOX and the folders in it: `.Sent.2025` and `Sent/2025` alike."""
        try:
            found = [Folder("INBOX", b".", delimiter=".")] if (self._root / "cur").is_dir() else []
            for path in sorted(self._root.iterdir()):
                if path.name.startswith(".") and (path / "cur").is_dir():
                    name = utf7.decode(path.name.removeprefix("."))
                    found.append(Folder(name, _relative(path, self._root), delimiter="."))
            for path in sorted(self._root.glob("*/cur")) + sorted(self._root.glob("*/*/cur")):
                if not any(part.startswith(".") for part in path.relative_to(self._root).parts):
                    name = utf7.decode(str(path.parent.relative_to(self._root)))
                    found.append(Folder(name, _relative(path.parent, self._root)))
        except OSError as error:
            raise ServerFault(
                f"{self.name}: {self._root}: {error.strerror}",
                hint=f"path in [mailbox.{self.name}] is the folder that holds new, cur and tmp",
            ) from error
        return found

    def _fault(self, folder: str, error: OSError) -> FolderFault:
        return FolderFault(f"{self.name}: {folder}: {error.strerror or error}")


def _is_from(path: Path, needles: tuple[bytes, ...]) -> bool:
    with suppress(OSError), path.open("rb") as file:
        return comes_from(file.read(BLOCK_LIMIT), needles)
    return False


def _relative(path: Path, root: Path) -> bytes:
    return str(path.relative_to(root)).encode("utf-8", "surrogateescape")
