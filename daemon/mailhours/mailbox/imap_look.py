"""One folder of an IMAP account, read once: what is new in it, in batches, and how far it was read.

The range of UIDs is the truth; STATUS only says that nothing is new. Nothing is lost by a crash or
a cut at any point: what is not in the ledger is asked for again, what is there is not fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from mailhours.mailbox.folders import Folder
from mailhours.mailbox.imap_cursor import Memory, hint, parsed, written
from mailhours.mailbox.imap_fetch import heads
from mailhours.mailbox.imap_folders import quoted
from mailhours.mailbox.imap_intake import Intake, Task
from mailhours.mailbox.imap_response import numbers, rows, selected
from mailhours.mailbox.imap_session import Session
from mailhours.model.faults import FolderFault
from mailhours.model.raw import Batch, Cursor, FolderRole

FULL_LOOK = timedelta(hours=6)
# A UID may become visible after a higher one did.
OVERLAP = 50
# A line of a SEARCH answer has at most this many numbers, whatever the size of the folder.
WINDOW = 20_000
_HIGHEST = 2**32 - 1
_OLD_ENOUGH = 20
_SAMPLE = 100
_SAMPLE_ENOUGH = 10
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


class FolderLook:
    """One look at one folder over a session."""

    def __init__(
        self, session: Session, task: Task, folder: Folder, role: FolderRole, memory: Memory
    ) -> None:
        self._session = session
        self._task = task
        self._folder = folder
        self._memory = memory
        self._intake = Intake(session, task, folder, role, memory)

    def batches(self, cursor: Cursor | None, status: dict[str, int]) -> Iterator[Batch]:
        """Yield what is new since `cursor`; `status` was asked for before anything else."""
        intake = self._intake
        held = replace(cursor or intake.cursor, role=intake.cursor.role)
        key = hint(status, lasting=self._memory.is_lasting)
        now = self._task.now
        is_full = held.looked is None or now - held.looked >= FULL_LOOK
        if key and key == held.hint and not is_full:
            return
        intake.withheld = parsed(held.hint)
        state = self._examine()
        validity = state.get("UIDVALIDITY", 0)
        if validity and "UIDNOTSTICKY" not in state and held.validity not in (0, validity):
            self._memory.reset(now)
        if not validity or "UIDNOTSTICKY" in state or not self._memory.is_lasting:
            yield from self._by_content(held, state, key)
            return
        previous = held
        if validity != held.validity:
            is_full = True
            intake.withheld = {}
            held = Cursor(held.mailbox, held.folder, held.role, validity, 0, 0, "", None)
        high = self._high(state)
        exists = state.get("EXISTS", 0)
        floor = held.floor or self._floor(high, exists)
        intake.cursor = replace(held, floor=floor, settled=max(held.settled, floor - 1), hint="")
        if previous is not held and exists:
            self._guard(previous, floor, high, exists)
        low = floor if is_full else max(floor, held.settled + 1 - OVERLAP)
        for first, last in self._windows(low, high, exists):
            yield from self._window(first, last)
        matches = status.get("UIDVALIDITY") == validity and not intake.withheld
        final = replace(
            intake.cursor,
            hint=key if matches else written(intake.withheld),
            looked=now if is_full else held.looked,
        )
        if final != held or intake.remarks:
            yield intake.batch((), (), final)

    def _examine(self) -> dict[str, int]:
        """Open the folder for reading: no flag is ever changed (RFC 9051 section 6.3.3)."""
        self._session.selected = self._folder.raw
        return selected(self._session.ask(b"EXAMINE " + quoted(self._folder.raw)).lines)

    def _high(self, state: dict[str, int]) -> int:
        """Return the highest UID that may be there; servers may leave UIDNEXT out."""
        if "UIDNEXT" in state:
            return state["UIDNEXT"] - 1
        return self._last(state.get("EXISTS", 0))

    def _last(self, exists: int) -> int:
        """Return the UID of the last mail that is there."""
        if not exists:
            return 0
        last = self._session.ask(b"FETCH %d (UID)" % exists)
        return max(rows(last.lines), default=0) or max(self._search(b"ALL"), default=0)

    def _floor(self, high: int, exists: int) -> int:
        """Return the first UID of the horizon; SINCE knows days only, in the server's zone."""
        day = self._task.horizon - timedelta(days=1)
        since = f"SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year}".encode()
        for first, last in self._windows(1, high, exists):
            found = self._search(b"UID %d:%d %b" % (first, last, since))
            if inside := [uid for uid in found if first <= uid <= last]:
                return min(inside)
        return self._last(exists) + 1

    def _windows(self, low: int, high: int, exists: int) -> Iterator[tuple[int, int]]:
        """Divide the range so that no window holds more than WINDOW mails, however sparse it is."""
        if not exists or low > high:
            return
        edges: list[int] = []
        if exists > WINDOW:
            places = b",".join(b"%d" % n for n in range(WINDOW, exists, WINDOW))
            edges = sorted(rows(self._session.ask(b"FETCH " + places + b" (UID)").lines))
        for edge in edges:
            if low <= edge < high:
                yield low, edge
                low = edge + 1
        yield low, high

    def _search(self, what: bytes) -> set[int]:
        return numbers(self._session.ask(b"UID SEARCH " + what).lines)

    def _window(self, first: int, last: int) -> Iterator[Batch]:
        task, intake, cursor = self._task, self._intake, self._intake.cursor
        known = task.known.uids(task.mailbox, cursor.folder, cursor.validity, first, last)
        found = self._search(b"UID %d:%d" % (first, last))
        found = {uid for uid in found if first <= uid <= last}
        todo = sorted(uid for uid in found if str(uid) not in known)
        # Withheld mails that are gone or known by now hold nothing up any more.
        for uid in [u for u in intake.withheld if first <= u <= last and u not in todo]:
            del intake.withheld[uid]
        yield from intake.batches(todo, found)
        # Up to the last mail that was there: UIDNEXT may promise more than it keeps.
        intake.settle(max(found, default=0))

    def _guard(self, previous: Cursor, floor: int, high: int, exists: int) -> None:
        """Stop when a renumbered folder holds other mail than before: it may have been replaced."""
        task = self._task
        validity = self._intake.cursor.validity
        if not previous.validity:
            return
        old = task.known.uids(task.mailbox, previous.folder, previous.validity, 1, _HIGHEST)
        if len(old) < _OLD_ENOUGH:
            return
        if self._memory.replaced != validity:
            uids: list[int] = []
            for first, last in self._windows(floor, high, exists):
                uids += self._search(b"UID %d:%d" % (first, last))
            uids = sorted(uid for uid in uids if floor <= uid <= high)
            sample = uids[:: max(1, len(uids) // _SAMPLE)][:_SAMPLE]
            found = heads(self._session, sample, task.now).found if sample else {}
            keys = set(self._intake.keys(found, {}).values())
            again = len(task.known.keys(keys))
            if len(keys) < _SAMPLE_ENOUGH or again * 10 >= len(keys):
                return
            self._memory.replaced = validity
        raise FolderFault(
            f"{task.mailbox}: {previous.folder}: the server renumbered it, and it holds other mail"
            f" than before (UIDVALIDITY {previous.validity} is now {validity})",
            hint="was the mailbox replaced? nothing is read from it until you say so",
        )

    def _by_content(self, held: Cursor, state: dict[str, int], key: str) -> Iterator[Batch]:
        """Read a folder whose numbers do not last: a mail is known by its content key alone."""
        task, intake = self._task, self._intake
        if not self._memory.told:
            self._memory.told = True
            intake.remarks.append(
                f"{task.mailbox}: {held.folder}: the server's numbers do not last; its mails are"
                " told apart by their content, which costs a look at every header"
            )
        self._memory.is_lasting = False
        intake.withheld = {}
        intake.cursor = Cursor(held.mailbox, held.folder, held.role, 0, 0, 0, "", held.looked)
        intake.seen = set(task.known.uids(task.mailbox, held.folder, 0, 0, 0))
        high, exists = self._high(state), state.get("EXISTS", 0)
        floor = self._floor(high, exists)
        for first, last in self._windows(floor, high, exists):
            found = self._search(b"UID %d:%d" % (first, last))
            present = sorted(uid for uid in found if first <= uid <= last)
            for batch in intake.batches(present, present):
                if batch.sightings or batch.quarantined or batch.remarks:
                    yield replace(batch, cursor=intake.cursor)
        final = replace(intake.cursor, hint="" if intake.withheld else key, looked=task.now)
        yield intake.batch((), (), replace(final, settled=0))
