"""One folder of an IMAP account, read once: what is new in it, in batches, and how far it was read.

The range of UIDs is the truth; STATUS only says that nothing is new. Nothing is lost by a crash or
a cut at any point: what is not in the ledger is asked for again, what is there is not fetched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mailhours.mailbox.folders import Folder
from mailhours.mailbox.imap_cursor import Memory, hint, parsed, written
from mailhours.mailbox.imap_faults import Lost
from mailhours.mailbox.imap_fetch import (
    BATCH_OCTETS,
    Head,
    Heads,
    Mails,
    alive,
    first_texts,
    heads,
    key_of,
    mails,
)
from mailhours.mailbox.imap_folders import quoted
from mailhours.mailbox.imap_response import numbers, rows, selected
from mailhours.mailbox.imap_session import Session
from mailhours.mailbox.protocol import Known, Wanted
from mailhours.mailbox.structure import named
from mailhours.model.faults import FolderFault
from mailhours.model.raw import Batch, Cursor, FolderRole, Place, Quarantined, Sighting

FULL_LOOK = timedelta(hours=6)
# A UID may become visible after a higher one did.
OVERLAP = 50
# A line of a SEARCH answer has at most this many numbers, whatever the size of the folder.
WINDOW = 20_000
_HIGHEST = 2**32 - 1
_STRIKES = 5
_TRIES = 5
_WITHHELD_FOR = timedelta(hours=1)
_OLD_ENOUGH = 20
_SAMPLE = 100
_SAMPLE_ENOUGH = 10
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(frozen=True, slots=True)
class Task:
    """What a look has to go by."""

    mailbox: str
    known: Known
    wanted: Wanted
    horizon: datetime
    now: datetime


class FolderLook:
    """One look at one folder over a session."""

    def __init__(
        self, session: Session, task: Task, folder: Folder, role: FolderRole, memory: Memory
    ) -> None:
        self._session = session
        self._task = task
        self._folder = folder
        self._role = role
        self._memory = memory
        self._withheld: dict[int, tuple[int, datetime]] = {}
        self._remarks: list[str] = []
        self._cursor = Cursor(task.mailbox, folder.name, role, 0, 0, 0, "", None)
        self._seen: set[str] = set()
        self._unread: set[str] = set()

    def batches(self, cursor: Cursor | None, status: dict[str, int]) -> Iterator[Batch]:
        """Yield what is new since `cursor`; `status` was asked for before anything else."""
        held = replace(cursor or self._cursor, role=self._role)
        key = hint(status, lasting=self._memory.is_lasting)
        now = self._task.now
        is_full = held.looked is None or now - held.looked >= FULL_LOOK
        if key and key == held.hint and not is_full:
            return
        self._withheld = parsed(held.hint)
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
            self._withheld = {}
            held = Cursor(held.mailbox, held.folder, held.role, validity, 0, 0, "", None)
        high = self._high(state)
        exists = state.get("EXISTS", 0)
        floor = held.floor or self._floor(high, exists)
        self._cursor = replace(held, floor=floor, settled=max(held.settled, floor - 1), hint="")
        if previous is not held and exists:
            self._guard(previous, floor, high, exists)
        low = floor if is_full else max(floor, held.settled + 1 - OVERLAP)
        for first, last in self._windows(low, high, exists):
            yield from self._window(first, last)
        matches = status.get("UIDVALIDITY") == validity and not self._withheld
        final = replace(
            self._cursor,
            hint=key if matches else written(self._withheld),
            looked=now if is_full else held.looked,
        )
        if final != held or self._remarks:
            yield self._batch((), (), final)

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
        task, cursor = self._task, self._cursor
        known = task.known.uids(task.mailbox, cursor.folder, cursor.validity, first, last)
        found = self._search(b"UID %d:%d" % (first, last))
        found = {uid for uid in found if first <= uid <= last}
        todo = sorted(uid for uid in found if str(uid) not in known)
        # Withheld mails that are gone or known by now hold nothing up any more.
        for uid in [u for u in self._withheld if first <= u <= last and u not in todo]:
            del self._withheld[uid]
        yield from self._chunks(todo, found)
        # Up to the last mail that was there: UIDNEXT may promise more than it keeps.
        reached = self._settled(max(found, default=0))
        self._cursor = replace(self._cursor, settled=reached)

    def _chunks(self, todo: Sequence[int], present: Iterable[int]) -> Iterator[Batch]:
        """Read `todo` some at a time; mails that broke a connection last, one by one."""
        memory = self._memory
        suspects = [uid for uid in todo if uid in memory.strikes]
        for uid in suspects:  # nothing settles above them yet
            self._withheld.setdefault(uid, (0, self._task.now))
        queue = [uid for uid in todo if uid not in memory.strikes]
        while queue:
            chunk, queue = queue[: memory.limit], queue[memory.limit :]
            try:
                yield from self._chunk(chunk, {})
            except Lost:
                memory.broke(chunk)
                raise
            memory.held()
        for uid in suspects:
            if memory.strikes[uid] >= _STRIKES:
                yield from self._chunk([], {uid: "the connection breaks whenever it is fetched"})
                continue
            # Only a line on which another mail comes through lays the blame on this one.
            heads(self._session, [one for one in present if one != uid][:1], self._task.now)
            try:
                yield from self._chunk([uid], {})
            except Lost:
                memory.strikes[uid] += 1
                raise
            del memory.strikes[uid]

    def _chunk(self, chunk: Sequence[int], bad: dict[int, str]) -> Iterator[Batch]:
        """Read some mails: heads, keys, and in runs of a few megabytes the text of those wanted.

        `bad` are given up already, with the reason; no batch settles anything above the chunk.
        """
        session, task = self._session, self._task
        found: dict[int, Head] = {}
        if chunk:
            answer = heads(session, chunk, task.now)
            if _lacking(chunk, answer):
                # All of them again: where one row is lost, another may have run into its neighbour.
                answer = heads(session, chunk, task.now)
            found = answer.found
            self._doubt(answer.bad, bad)
            self._missing(_lacking(chunk, answer), bad)
        keys = self._keys(found, bad)
        fresh = set(keys.values()) - task.known.keys(set(keys.values()))
        run: list[Head] = []
        wanted: list[Head] = []
        octets = 0
        for uid in sorted(keys):
            head = found[uid]
            if keys[uid] in fresh and task.wanted(head.header):
                if wanted and octets + head.announced > BATCH_OCTETS:
                    yield self._run(run, wanted, keys, bad, uid - 1)
                    run, wanted, octets, bad = [], [], 0, {}
                wanted.append(head)
                octets += head.announced
                fresh.discard(keys[uid])
            run.append(head)
        if run or bad:
            yield self._run(run, wanted, keys, bad, max([*chunk, *bad]))

    def _keys(self, found: dict[int, Head], bad: dict[int, str]) -> dict[int, str]:
        """Return the content keys; without a Message-ID the first text is part of the key."""
        nameless = [head for head in found.values() if not head.whole and not named(head.header)]
        firsts: dict[int, bytes] = {}
        for at in range(0, len(nameless), 16):
            firsts.update(first_texts(self._session, nameless[at : at + 16]))
        lacking = [h.uid for h in nameless if h.choice.texts and h.uid not in firsts]
        self._missing(lacking, bad)
        return {
            uid: key_of(head, firsts.get(uid)) for uid, head in found.items() if uid not in lacking
        }

    def _run(
        self,
        run: Sequence[Head],
        wanted: Sequence[Head],
        keys: dict[int, str],
        bad: dict[int, str],
        upto: int,
    ) -> Batch:
        """Fetch the text of `wanted` and make a batch of `run`, settled up to the UID `upto`."""
        asked = [head.uid for head in wanted]
        answer = mails(self._session, wanted)
        if _lacking(asked, answer):
            answer = mails(self._session, wanted)
        bad = dict(bad)
        self._doubt(answer.bad, bad)
        self._missing(_lacking(asked, answer), bad)
        left = {uid for uid in asked if uid not in answer.found}
        self._unread |= {keys[uid] for uid in left}
        sightings = []
        for head in run:
            if head.uid in left:
                continue
            if keys[head.uid] in self._unread and head.uid not in answer.found:
                # A twin of a mail that could not be read: to sight it would make the mail known.
                self._withheld.setdefault(head.uid, (0, self._task.now))
                continue
            place = self._place(head.uid, keys[head.uid])
            if place.uid in self._seen:
                continue
            if not place.validity:
                self._seen.add(place.uid)
            self._withheld.pop(head.uid, None)
            raw = answer.found.get(head.uid)
            sightings.append(Sighting(place, self._role, keys[head.uid], raw))
        quarantined = []
        for uid, reason in sorted(bad.items()):
            self._withheld.pop(uid, None)
            quarantined.append(Quarantined(self._place(uid, f"unreadable-{uid}"), reason))
        self._cursor = replace(self._cursor, settled=self._settled(upto))
        after = replace(self._cursor, hint=written(self._withheld))
        return self._batch(sightings, quarantined, after)

    def _missing(self, uids: Sequence[int], bad: dict[int, str]) -> None:
        """Ask after mails that were left out: some are gone, the withheld stop the cursor."""
        reason = "the server lists it and does not hand it over"
        if uids:
            self._doubt(dict.fromkeys(alive(self._session, uids), reason), bad)

    def _doubt(self, refused: dict[int, str], bad: dict[int, str]) -> None:
        """Withhold a mail for an hour, as the trouble may pass; then set it aside."""
        now = self._task.now
        for uid, reason in refused.items():
            tries, since = self._withheld.get(uid, (0, now))
            if tries + 1 >= _TRIES and now - since >= _WITHHELD_FOR:
                bad[uid] = reason
            else:
                self._withheld[uid] = (tries + 1, since)

    def _settled(self, upto: int) -> int:
        reached = max(self._cursor.settled, upto)
        return min([reached, *(uid - 1 for uid in self._withheld)])

    def _guard(self, previous: Cursor, floor: int, high: int, exists: int) -> None:
        """Stop when a renumbered folder holds other mail than before: it may have been replaced."""
        task = self._task
        validity = self._cursor.validity
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
            keys = set(self._keys(found, {}).values())
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
        task = self._task
        if not self._memory.told:
            self._memory.told = True
            self._remarks.append(
                f"{task.mailbox}: {held.folder}: the server's numbers do not last; its mails are"
                " told apart by their content, which costs a look at every header"
            )
        self._memory.is_lasting = False
        self._withheld = {}
        self._cursor = Cursor(held.mailbox, held.folder, held.role, 0, 0, 0, "", held.looked)
        self._seen = set(task.known.uids(task.mailbox, held.folder, 0, 0, 0))
        high, exists = self._high(state), state.get("EXISTS", 0)
        floor = self._floor(high, exists)
        for first, last in self._windows(floor, high, exists):
            found = self._search(b"UID %d:%d" % (first, last))
            present = sorted(uid for uid in found if first <= uid <= last)
            for batch in self._chunks(present, present):
                if batch.sightings or batch.quarantined:
                    yield replace(batch, cursor=self._cursor)
        final = replace(self._cursor, hint="" if self._withheld else key, looked=task.now)
        yield self._batch((), (), replace(final, settled=0))

    def _place(self, uid: int, key: str) -> Place:
        validity = self._cursor.validity
        name = str(uid) if validity else key
        return Place(self._task.mailbox, self._folder.name, validity, name)

    def _batch(
        self, sightings: Iterable[Sighting], quarantined: Iterable[Quarantined], cursor: Cursor
    ) -> Batch:
        remarks, self._remarks = tuple(self._remarks), []
        return Batch(tuple(sightings), tuple(quarantined), cursor, remarks)


def _lacking(asked: Iterable[int], answer: Heads | Mails) -> list[int]:
    """Return what was asked for and neither came nor was refused."""
    return [uid for uid in asked if uid not in answer.found and uid not in answer.bad]
