"""Whether the numbers of an IMAP folder still mean the same mails.

A server gives numbers anew when it says so (UIDVALIDITY), and also when it was restored from a
backup and does not know that it gave out more of them. Then new mail lies where other mail was
sighted: whoever trusts the numbers never sees it.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mailhours.mailbox.imap_fetch import heads, uid_set
from mailhours.mailbox.imap_intake import Intake, Task
from mailhours.mailbox.imap_response import Row, rows
from mailhours.mailbox.imap_session import Line
from mailhours.mailbox.structure import key, named
from mailhours.model.faults import FolderFault
from mailhours.model.raw import Cursor

HIGHEST = 2**32 - 1
_BACK = "the server's numbers went back, as after a restored backup"
# Witnesses: the newest mails are asked for with every look; when all of them are gone, the next.
_NEWEST = 3
_NEXT = 200
# Replaced is said only of a folder of which so many mails were seen, and so many of a sample read.
_OLD_ENOUGH = 20
_SAMPLE = 100
_SAMPLE_ENOUGH = 10
_KEYED = b"(UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID DATE FROM TO CC SUBJECT IN-REPLY-TO)])"


@dataclass(frozen=True, slots=True)
class Epoch:
    """How the numbers of a folder stand; `back` says how they went back, if they did.

    With `is_new` they were given anew. With `anew` what was sighted under them before means
    nothing any more.
    """

    is_new: bool = False
    anew: bool = False
    back: str = ""

    def remark(self, held: Cursor) -> str:
        """Return what the owner should hear."""
        again = "all of it is looked at again, and nothing is logged twice"
        return f"{held.mailbox}: {held.folder}: {_BACK} ({self.back}); {again}"


def witnesses(task: Task, held: Cursor, overlap: int) -> dict[int, str]:
    """Return the keys of the newest mails that were sighted, by their numbers."""
    if not held.validity:
        return {}
    low = max(1, held.settled - overlap)
    seen = task.known.seen(task.mailbox, held.folder, held.validity, low, HIGHEST)
    return {int(uid): known for uid, known in seen.items()}


def asked(known: Iterable[int], *, after: int = 0, most: int = _NEWEST) -> bytes:
    """Return the question what the newest numbers mean now."""
    newest = sorted(known, reverse=True)[after : after + most]
    return b"UID FETCH %b %b" % (uid_set(newest), _KEYED)


def epoch(
    intake: Intake,
    task: Task,
    held: Cursor,
    state: Mapping[str, int],
    known: Mapping[int, str],
    lines: Sequence[Line],
) -> Epoch:
    """Return how the numbers stand: `known` are the witnesses, `lines` what was said of them."""
    validity = state.get("UIDVALIDITY", 0)
    if validity != held.validity:
        again = bool(seen_under(task, held.folder, validity)) and held.looked is not None
        back = f"UIDVALIDITY {validity} is there again" if again and held.validity else ""
        return Epoch(is_new=True, anew=again, back=back)
    top = max([held.settled, *known])
    if state.get("UIDNEXT", HIGHEST) <= top:
        back = f"UIDNEXT is {state['UIDNEXT']}, and {top} was there before"
        return Epoch(is_new=True, anew=True, back=back)
    found = rows(lines, known)
    if not found and len(known) > _NEWEST:
        found = rows(intake.session.ask(asked(known, after=_NEWEST, most=_NEXT)).lines, known)
    # All numbers from some point on mean other mails: the newest that is there tells of all.
    newest = max(found, default=0)
    if newest and not _is_it(found[newest], known[newest]):
        # Sure is who has looked at the whole header: servers write single fields anew.
        keys = intake.keys(heads(intake.session, [newest], task.now).found, {})
        if keys.get(newest, known[newest]) != known[newest]:
            return Epoch(is_new=True, anew=True, back=f"other mail has the number {newest}")
    return Epoch()


def _is_it(row: Row, known: str) -> bool:
    """Say whether a mail is the one of that key; without a Message-ID its text is needed too."""
    header = next(iter(row.sections.values()), b"")
    return named(header) and key(header, []) == known


def seen_under(task: Task, folder: str, validity: int) -> set[str]:
    """Return the numbers that were sighted under a UIDVALIDITY."""
    return task.known.uids(task.mailbox, folder, validity, 1, HIGHEST)


def is_old_enough(task: Task, held: Cursor) -> bool:
    """Say whether a folder held enough to tell whether it was replaced by another one."""
    if not held.validity:
        return False
    return len(seen_under(task, held.folder, held.validity)) >= _OLD_ENOUGH


def is_replaced(intake: Intake, task: Task, uids: Sequence[int]) -> bool:
    """Say whether hardly any of the mails that are there now was ever seen."""
    sample = uids[:: max(1, len(uids) // _SAMPLE)][:_SAMPLE]
    found = heads(intake.session, sample, task.now).found if sample else {}
    keys = set(intake.keys(found, {}).values())
    return len(keys) >= _SAMPLE_ENOUGH and len(task.known.keys(keys)) * 10 < len(keys)


def replaced(held: Cursor, validity: int, how: Epoch) -> FolderFault:
    """Return the fault that leaves a folder alone until the owner says what it is."""
    why = "the server renumbered it"
    detail = f"UIDVALIDITY {held.validity} is now {validity}"
    if how.back:
        why, detail = _BACK, how.back
    name = shlex.quote(f"{held.mailbox}/{held.folder}")
    return FolderFault(
        f"{held.mailbox}: {held.folder}: {why}, and it holds other mail than before ({detail})",
        hint="was the mailbox replaced? nothing is read from it until you say"
        f" `mailhours retry {name}`",
    )
