"""One folder of an IMAP account, read once: what is new in it, in batches, and how far it was read.

The range of UIDs is the truth; STATUS only says that nothing is new. Nothing is lost by a crash or
a cut at any point: what is not in the ledger is asked for again, what is there is not fetched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from mailhours.mailbox.folders import Folder
from mailhours.mailbox.imap_cursor import Memory, hint, parsed, written
from mailhours.mailbox.imap_epoch import (
    HIGHEST,
    Epoch,
    asked,
    epoch,
    is_old_enough,
    is_replaced,
    replaced,
    witnesses,
)
from mailhours.mailbox.imap_faults import Lost, refusal
from mailhours.mailbox.imap_folders import quoted
from mailhours.mailbox.imap_intake import Intake, Task
from mailhours.mailbox.imap_response import numbers, rows, selected
from mailhours.mailbox.imap_session import Session
from mailhours.mailbox.sight import in_role, is_full_due
from mailhours.model.raw import Batch, Cursor, FolderRole

# A UID may become visible after a higher one did.
OVERLAP = 50
# A line of a SEARCH answer has at most this many numbers, whatever the size of the folder.
WINDOW = 20_000
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
        self._ahead: dict[bytes, set[int]] = {}
        self._last_found = 0

    def batches(self, cursor: Cursor | None, status: dict[str, int]) -> Iterator[Batch]:
        """Yield what is new since `cursor`; `status` was asked for before anything else."""
        intake = self._intake
        held = in_role(cursor or intake.cursor, intake.cursor.role)
        unchanged = hint(status, lasting=self._memory.is_lasting)
        now = self._task.now
        is_full = is_full_due(held, now)
        if unchanged and unchanged == held.hint and not is_full:
            return
        intake.withheld = parsed(held.hint)
        state, how = self._open(held, status, is_full=is_full)
        validity = state.get("UIDVALIDITY", 0)
        is_numbered = validity > 0 and "UIDNOTSTICKY" not in state
        # A folder that waits for the owner's word is new at every look, and was renumbered once.
        if is_numbered and how.is_new and held.validity and self._memory.replaced != validity:
            self._memory.reset(now)
        if not is_numbered or not self._memory.is_lasting:
            yield from self._by_content(held, state, unchanged)
            return
        previous = held
        if how.is_new:
            is_full = True
            intake.withheld = {}
            held = Cursor(held.mailbox, held.folder, held.role, validity, 0, 0, "", None)
        high = self._high(state)
        exists = state.get("EXISTS", 0)
        floor = held.floor or self._floor(high, exists)
        intake.cursor = replace(held, floor=floor, settled=max(held.settled, floor - 1), hint="")
        if how.is_new and exists:
            self._guard(previous, floor, high, exists, how)
        if how.back:
            intake.remarks.append(how.remark(held))
        if how.anew:
            yield intake.batch((), (), intake.cursor, anew=True)
        low = self._low(intake.cursor, is_full=is_full)
        looked = now if is_full else held.looked
        is_so = status.get("UIDVALIDITY") == validity and not _is_behind(state, status)
        after = unchanged if is_so else ""
        reached = held
        for first, last in self._windows(low, high, exists):
            for batch in self._window(first, last):
                if intake.is_done and last == high:
                    # With the final cursor: one transaction, not a second one for it alone.
                    batch = replace(batch, cursor=self._final(after, looked))  # noqa: PLW2901
                reached = batch.cursor
                yield batch
        final = self._final(after, looked)
        if final != reached or intake.remarks:
            yield intake.batch((), (), final)

    def _final(self, unchanged: str, looked: datetime | None) -> Cursor:
        """Return the cursor of a folder that was read to its end."""
        intake = self._intake
        # Up to the last mail that was there: UIDNEXT may promise more than it keeps.
        intake.settle(self._last_found)
        hint_of_it = written(intake.withheld) or unchanged
        return replace(intake.cursor, hint=hint_of_it, looked=looked)

    def _open(
        self, held: Cursor, status: dict[str, int], *, is_full: bool
    ) -> tuple[dict[str, int], Epoch]:
        """Open the folder for reading: no flag is ever changed (RFC 9051 section 6.3.3).

        Returns what the server says of it, and how its numbers stand. What will be asked next is
        asked in the same go.
        """
        session, memory = self._session, self._memory
        known = {} if memory.is_trusting else witnesses(self._task, held, OVERLAP)
        commands = [b"EXAMINE " + quoted(self._folder.raw)]
        if known:
            commands.append(asked(known))
        ahead = self._foreseen(held, status, is_full=is_full)
        searches = self._searches(ahead) if ahead else []
        session.selected = self._folder.raw
        try:
            answers = session.ask_all(commands + searches)
        except Lost:
            memory.doubts += bool(known)
            raise
        memory.doubts = 0 if known else memory.doubts
        if not answers[0].ok:
            raise refusal(session.where, answers[0].text, of_one_folder=True)
        lines = answers[0].lines
        if searches and all(answer.ok for answer in answers[len(commands) :]):
            self._ahead[ahead] = numbers(lines)
        state = _possible(selected(lines), status)
        return state, epoch(self._intake, self._task, held, state, known, lines)

    def _foreseen(self, held: Cursor, status: dict[str, int], *, is_full: bool) -> bytes:
        """Return what will be searched for first; nothing where that is not known, or too much."""
        if not 0 < status.get("MESSAGES", 0) <= WINDOW:
            return b""
        if not held.validity:
            return self._since()
        low, high = self._low(held, is_full=is_full), status.get("UIDNEXT", 0) - 1
        return _span(low, high) if 0 < low <= high else b""

    def _low(self, cursor: Cursor, *, is_full: bool) -> int:
        """Return the first UID that is looked at."""
        return cursor.floor if is_full else max(cursor.floor, cursor.settled + 1 - OVERLAP)

    def _high(self, state: dict[str, int]) -> int:
        """Return the highest UID that may be there; servers may leave UIDNEXT out."""
        if "UIDNEXT" in state:
            return state["UIDNEXT"] - 1
        self._ahead.clear()  # the last mail may have come after that was asked
        return self._last(state.get("EXISTS", 0))

    def _last(self, exists: int) -> int:
        """Return the UID of the last mail that is there."""
        if not exists:
            return 0
        last = self._session.ask(b"FETCH %d (UID)" % exists)
        return max(rows(last.lines), default=0) or max(self._search(b"ALL"), default=0)

    def _floor(self, high: int, exists: int) -> int:
        """Return the first UID of the horizon."""
        for first, last in self._windows(1, high, exists):
            span = _span(first, last) + b" " if exists > WINDOW else b""
            found = self._search(span + self._since())
            if inside := [uid for uid in found if first <= uid <= last]:
                return min(inside)
        # Not above `high`: what comes while this is asked is new.
        last = min(high, self._last(exists))
        if last and not self._search(b"UID %d" % last):
            # It finds not even a mail that was just shown: the dates tell, whatever it finds.
            for window in self._windows(1, high, exists):
                if inside := self._recent(*window):
                    return min(inside)
        return last + 1

    def _recent(self, first: int, last: int) -> list[int]:
        """Return what a window has of the horizon by the dates of its mails; unknown ones are."""
        since = self._task.horizon - timedelta(days=1)
        found = self._session.ask(b"UID FETCH %d:%d (UID INTERNALDATE)" % (first, last))
        return [
            uid
            for uid, row in rows(found.lines).items()
            if first <= uid <= last and (row.arrived is None or row.arrived >= since)
        ]

    def _since(self) -> bytes:
        """Return the horizon as a SEARCH has it: days only, in the server's zone."""
        day = self._task.horizon - timedelta(days=1)
        return f"SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year}".encode()

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
        if what in self._ahead:
            return self._ahead.pop(what)
        answers = self._session.ask_all(self._searches(what))
        for answer in answers:
            if not answer.ok:
                raise refusal(self._session.where, answer.text)
        return numbers(answers[0].lines)

    def _searches(self, what: bytes) -> list[bytes]:
        """Return the commands that together search for `what`."""
        return [b"UID SEARCH " + what]

    def _present(self, first: int, last: int) -> set[int]:
        """Return the UIDs in a window; where SEARCH finds none, FETCH is believed."""
        found = {uid for uid in self._search(_span(first, last)) if first <= uid <= last}
        return found or {uid for uid in self._listed(first, last) if first <= uid <= last}

    def _listed(self, first: int, last: int) -> Iterable[int]:
        """Return the UIDs that FETCH shows, in one short answer where there are none."""
        return rows(self._session.ask(b"UID FETCH %d:%d (UID)" % (first, last)).lines)

    def _window(self, first: int, last: int) -> Iterator[Batch]:
        task, intake, cursor = self._task, self._intake, self._intake.cursor
        known = task.known.uids(task.mailbox, cursor.folder, cursor.validity, first, last)
        found = self._present(first, last)
        todo = sorted(uid for uid in found if str(uid) not in known)
        # Withheld mails that are gone or known by now hold nothing up any more.
        for uid in [u for u in intake.withheld if first <= u <= last and u not in todo]:
            del intake.withheld[uid]
        self._last_found = max(found, default=0)
        yield from intake.batches(todo, found)
        intake.settle(self._last_found)

    def _guard(self, previous: Cursor, floor: int, high: int, exists: int, how: Epoch) -> None:
        """Stop when a renumbered folder holds other mail than before: it may have been replaced."""
        if not is_old_enough(self._task, previous):
            return
        validity = self._intake.cursor.validity
        if self._memory.replaced != validity:
            uids: list[int] = []
            for first, last in self._windows(floor, high, exists):
                uids += sorted(self._present(first, last))
            if not is_replaced(self._intake, self._task, uids):
                return
            self._memory.replaced = validity
        raise replaced(previous, validity, how)

    def _by_content(self, held: Cursor, state: dict[str, int], unchanged: str) -> Iterator[Batch]:
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
            present = sorted(self._present(first, last))
            for batch in intake.batches(present, present):
                if batch.sightings or batch.quarantined or batch.remarks:
                    yield replace(batch, cursor=intake.cursor)
        final = replace(intake.cursor, hint="" if intake.withheld else unchanged, looked=task.now)
        yield intake.batch((), (), replace(final, settled=0))


def _span(first: int, last: int) -> bytes:
    return b"UID %d:%d" % (first, last)


def _possible(state: dict[str, int], status: dict[str, int]) -> dict[str, int]:
    """Return what an EXAMINE says without what cannot be: each mail has a UID below UIDNEXT."""
    state.setdefault("EXISTS", status.get("MESSAGES", 0))
    if state.get("UIDNEXT", HIGHEST) <= state["EXISTS"]:
        del state["UIDNEXT"]
    return state


def _is_behind(state: dict[str, int], status: dict[str, int]) -> bool:
    """Say whether a folder was opened as it was before its STATUS: a cluster may lag behind."""
    pairs = (("UIDNEXT", "UIDNEXT"), ("EXISTS", "MESSAGES"))
    return any(state.get(here, HIGHEST) < status.get(there, 0) for here, there in pairs)
