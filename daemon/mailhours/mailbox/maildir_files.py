"""The files of one Maildir (cr.yp.to/proto/maildir.html): list, read, deliver, rename.

A mail is known by the base name of its file, before the colon: flags and `new` or `cur` change, the
base name does not. A file may be renamed by somebody else at any moment.
"""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from datetime import UTC, datetime
from mmap import ACCESS_READ, mmap
from pathlib import Path

from mailhours.mailbox.eml import cut
from mailhours.model.raw import RawMail

PARTS = ("new", "cur", "tmp")
_MAPPED = 1024 * 1024


def listing(maildir: Path) -> dict[str, Path]:
    """Return the mails of one Maildir, base name to path; never what is still being delivered."""
    found: dict[str, Path] = {}
    for part in ("new", "cur"):
        with suppress(FileNotFoundError), os.scandir(maildir / part) as entries:
            for entry in entries:
                if not entry.name.startswith("."):
                    found[base_name(entry.name)] = Path(entry.path)
    return found


def base_name(name: str) -> str:
    """Return the base name of a file; bytes that are no text are replaced."""
    return os.fsencode(name.partition(":")[0]).decode("utf-8", "replace")


def flags(path: Path) -> str:
    """Return the flags of a file, as letters: `S` seen, `R` replied, `T` trashed, `D` draft."""
    return path.name.partition(":")[2].removeprefix("2,")


def read(path: Path, received: datetime | None = None) -> RawMail:
    """Cut the mail in a file; its arrival is the file's time unless `received` says better.

    OSError when it cannot be read or is no regular file.
    """
    # O_NONBLOCK: a pipe that somebody left there must not stop the house.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(f"{path} is not a regular file")
        received = received or moment(status.st_mtime)
        if status.st_size < _MAPPED:
            return cut(file.read(), received)
        with mmap(descriptor, 0, access=ACCESS_READ) as data:
            return cut(data, received)


def moment(mtime: float) -> datetime:
    """Return a file's time, UTC; one that no calendar has is the beginning of Unix time."""
    try:
        return datetime.fromtimestamp(mtime, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime(1970, 1, 1, tzinfo=UTC)


def create(maildir: Path) -> None:
    """Make a Maildir with its three folders."""
    for part in PARTS:
        (maildir / part).mkdir(parents=True, exist_ok=True)


def deliver(maildir: Path, mail: bytes, at: datetime, flags: str) -> str:
    """Put a mail into a Maildir and return its base name; with flags it goes to `cur`.

    It is on disk before anybody sees it, and its name is on disk before this returns.
    """
    base = f"{int(at.timestamp())}.{secrets.token_hex(8)}.mailhours"
    waiting = maildir / "tmp" / base
    final = maildir / "cur" / f"{base}:2,{flags}" if flags else maildir / "new" / base
    try:
        with waiting.open("xb") as file:
            file.write(mail)
            file.flush()
            os.fsync(file.fileno())
        os.utime(waiting, (at.timestamp(), at.timestamp()))
        waiting.rename(final)
    except OSError:
        with suppress(OSError):
            waiting.unlink(missing_ok=True)
        raise
    settle(final.parent)
    return base


def transfer(path: Path, maildir: Path, *, sent: bool) -> None:
    """Move a file into another Maildir; what was `sent` is seen and no draft any more."""
    held = set(flags(path))
    if sent:
        held = held - {"D"} | {"S"}
    target = maildir / "cur"
    path.rename(target / f"{path.name.partition(':')[0]}:2,{''.join(sorted(held))}")
    settle(target)
    settle(path.parent)


def settle(folder: Path) -> None:
    """Put the names in a folder on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
