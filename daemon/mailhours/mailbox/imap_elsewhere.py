"""Mail of clients in the folders that are not read: searched for by sender, once a day.

The server searches, so that an archive of many years costs a few answers and not its headers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from mailhours.mailbox.folders import Folder
from mailhours.mailbox.imap_cursor import Memory, hint
from mailhours.mailbox.imap_faults import Refused
from mailhours.mailbox.imap_folders import quoted, standing
from mailhours.mailbox.imap_intake import Task
from mailhours.mailbox.imap_look import FolderLook
from mailhours.mailbox.imap_session import Session
from mailhours.model.faults import FolderFault
from mailhours.model.raw import Batch, FolderRole

_TOGETHER = 25  # senders in one SEARCH: servers limit the length of a command
_FOLDERS = 50  # that are asked how they stand in one go
_RANGE = re.compile(rb"UID \d+:\d+")


class Elsewhere(FolderLook):
    """A look at one folder that sees only the mail of some senders."""

    def __init__(
        self,
        session: Session,
        task: Task,
        folder: Folder,
        memory: Memory,
        senders: Sequence[bytes],
    ) -> None:
        """Take what is searched for as well: `senders` are criteria of a SEARCH."""
        super().__init__(session, task, folder, FolderRole.OTHER, memory)
        self._senders = senders

    def _searches(self, what: bytes) -> list[bytes]:
        if _RANGE.fullmatch(what) is None:  # where the horizon begins does not depend on senders
            return super()._searches(what)
        return [b"UID SEARCH %b %b" % (what, sender) for sender in self._senders]

    def _listed(self, first: int, last: int) -> Iterable[int]:
        return ()  # nothing of these senders is the usual answer


def elsewhere(
    session: Session,
    task: Task,
    chosen: Sequence[Folder],
    memory_of: Callable[[str], Memory],
    senders: Collection[str],
) -> Iterator[Batch | FolderFault]:
    """Yield what is new of `senders` in the folders `chosen`, and the folders that refuse."""
    criteria = searched(senders)
    if not criteria:
        return
    cursors = {cursor.folder: cursor for cursor in task.known.cursors(task.mailbox)}
    for folder, state in zip(chosen, _states(session, chosen), strict=True):
        memory = memory_of(folder.name)
        cursor = cursors.get(folder.name)
        unchanged = hint(state, lasting=memory.is_lasting)
        if cursor is not None and unchanged and cursor.hint == unchanged:
            continue
        try:
            yield from Elsewhere(session, task, folder, memory, criteria).batches(cursor, state)
        except Refused as refused:
            yield FolderFault(f"{folder.name}: {refused.what}")
        except FolderFault as fault:
            yield fault


def searched(senders: Collection[str]) -> list[bytes]:
    """Return SEARCH criteria (RFC 9051 section 6.4.4) that together find all `senders`."""
    terms = [b"FROM " + quoted(sender) for sender in sorted(senders) if sender.isascii()]
    criteria = []
    for at in range(0, len(terms), _TOGETHER):
        some = terms[at : at + _TOGETHER]
        criteria.append(b"OR " * (len(some) - 1) + b" ".join(some))
    return criteria


def _states(session: Session, chosen: Sequence[Folder]) -> Iterator[dict[str, int]]:
    for at in range(0, len(chosen), _FOLDERS):
        yield from standing(session, chosen[at : at + _FOLDERS])
