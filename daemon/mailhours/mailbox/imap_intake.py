"""UIDs of one IMAP folder to batches: heads, keys, the text of what is wanted, and what is bad.

While one answer is worked on, the next ones are on their way: the heads of two chunks and the text
of one run are asked for ahead. What is awaited at once is bounded: the heads of two chunks, and
twice BATCH_OCTETS of text.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mailhours.mailbox.folders import Folder
from mailhours.mailbox.imap_cursor import Memory, written
from mailhours.mailbox.imap_faults import Lost, Refused
from mailhours.mailbox.imap_fetch import (
    BATCH_OCTETS,
    Head,
    Heads,
    Mails,
    Texts,
    alive,
    ask_heads,
    ask_mails,
    first_texts,
    heads,
    key_of,
    mails,
)
from mailhours.mailbox.imap_session import Flight, Session
from mailhours.mailbox.protocol import Known, Wanted
from mailhours.mailbox.structure import named
from mailhours.model.faults import Throttled
from mailhours.model.raw import Batch, Cursor, FolderRole, Place, Quarantined, Sighting

# So often a mail breaks the connection, where another comes through, before it is set aside.
_STRIKES = 5
# So often, and for so long, a mail is refused before it is set aside: most trouble passes earlier.
_TRIES = 5
_WITHHELD_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Task:
    """What a look has to go by."""

    mailbox: str
    known: Known
    wanted: Wanted
    horizon: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """Mails that go into one batch; of `wanted` the text is fetched, in one go.

    `bad` are given up, with the reason; `upto` is the UID up to which the batch settles.
    """

    heads: Sequence[Head]
    wanted: Sequence[Head]
    keys: dict[int, str]
    bad: dict[int, str]
    upto: int


class Intake:
    """The mails of one folder on their way into batches; `cursor` moves as they settle.

    `is_done` says that the batch which was made last is the last one of what was to be read.
    """

    def __init__(
        self, session: Session, task: Task, folder: Folder, role: FolderRole, memory: Memory
    ) -> None:
        self.cursor = Cursor(task.mailbox, folder.name, role, 0, 0, 0, "", None)
        self.withheld: dict[int, tuple[int, datetime]] = {}
        self.remarks: list[str] = []
        self.seen: set[str] = set()
        self.session = session
        self.is_done = False
        self._end = 0
        self._task = task
        self._memory = memory
        self._unread: set[str] = set()
        self._promised: set[str] = set()
        self._is_careful = False

    def batches(self, todo: Sequence[int], present: Iterable[int]) -> Iterator[Batch]:
        """Read `todo`, in order; mails that broke a connection last, one by one."""
        memory = self._memory
        suspects = [uid for uid in todo if uid in memory.strikes]
        for uid in suspects:  # nothing settles above them yet
            self.withheld.setdefault(uid, (0, self._task.now))
        flying: list[int] = []
        self._end = 0 if suspects else max(todo, default=0)
        try:
            yield from self._stream([uid for uid in todo if uid not in memory.strikes], flying)
        except Lost:
            memory.broke(flying)
            raise
        except Throttled:
            memory.throttled()
            raise
        except Refused:
            self.session.settle()  # what was asked for ahead is nobody's any more
            raise
        for uid in suspects:
            # Only a line on which another mail comes through lays the blame on this one.
            others = [one for one in present if one != uid][:1]
            if others and memory.strikes[uid] >= _STRIKES:
                given_up = {uid: "the connection breaks whenever it is fetched"}
                yield self._finish(Run((), (), {}, given_up, uid), ask_mails(self.session, ()))
                continue
            heads(self.session, others, self._task.now)
            try:
                yield from self._stream([uid], flying)
            except Lost:
                memory.strikes[uid] += 1
                raise
            del memory.strikes[uid]

    def _stream(self, todo: Sequence[int], flying: list[int]) -> Iterator[Batch]:
        """Read `todo` some at a time; `flying` are those that are being read right now.

        1. Ask for the heads of the next chunks.
        2. Take the heads of the oldest one, and ask for the texts of its runs.
        3. Take the texts of the runs before it, while these are on their way.

        Where something has broken or was refused, each step waits for the one before.
        """
        memory, at = self._memory, 0
        chunks: deque[tuple[Sequence[int], Flight]] = deque()
        runs: deque[tuple[Run, Texts]] = deque()
        while True:
            is_bold = memory.limit == memory.most and not self._is_careful
            while at < len(todo) and len(chunks) < 1 + is_bold and (is_bold or not runs):
                chunk = todo[at : at + memory.limit]
                at += len(chunk)
                flying += chunk
                chunks.append((chunk, ask_heads(self.session, chunk)))
            if chunks:
                for run in self._runs(*chunks.popleft()):
                    runs.append((run, ask_mails(self.session, run.wanted)))
                    while len(runs) > is_bold:
                        yield self._finish(*runs.popleft())
                memory.held()
            elif runs:
                yield self._finish(*runs.popleft())
            else:
                return
            if not runs:
                flying[:] = [uid for chunk, _ in chunks for uid in chunk]

    def _runs(self, chunk: Sequence[int], asked: Flight) -> Iterator[Run]:
        """Take the heads of a chunk, and divide it into runs of a few megabytes of text."""
        session, task = self.session, self._task
        bad: dict[int, str] = {}
        answer = heads(session, chunk, task.now, asked)
        self._is_careful |= not asked.answers[0].ok
        if _lacking(chunk, answer):
            # All of them again: where one row is lost, another may have run into its neighbour.
            answer = heads(session, chunk, task.now)
        self._doubt(answer.bad, bad)
        self._missing(_lacking(chunk, answer), bad)
        keys = self.keys(answer.found, bad)
        fresh = set(keys.values()) - self._promised
        fresh -= task.known.keys(fresh)
        run: list[Head] = []
        wanted: list[Head] = []
        octets = 0
        for uid in sorted(keys):
            head = answer.found[uid]
            if keys[uid] in fresh and task.wanted(head.header):
                if wanted and octets + head.announced > BATCH_OCTETS:
                    yield Run(run, wanted, keys, bad, uid - 1)
                    run, wanted, octets, bad = [], [], 0, {}
                wanted.append(head)
                octets += head.announced
                fresh.discard(keys[uid])
                self._promised.add(keys[uid])
            run.append(head)
        if run or bad:
            yield Run(run, wanted, keys, bad, max([*chunk, *bad]))

    def keys(self, found: dict[int, Head], bad: dict[int, str]) -> dict[int, str]:
        """Return the content keys; without a Message-ID the first text is part of the key."""
        nameless = [head for head in found.values() if not head.whole and not named(head.header)]
        firsts: dict[int, bytes] = {}
        for at in range(0, len(nameless), 16):
            firsts.update(first_texts(self.session, nameless[at : at + 16]))
        lacking = [h.uid for h in nameless if h.choice.texts and h.uid not in firsts]
        self._missing(lacking, bad)
        return {
            uid: key_of(head, firsts.get(uid)) for uid, head in found.items() if uid not in lacking
        }

    def _finish(self, run: Run, asked: Texts) -> Batch:
        """Take the text of a run and make a batch of it."""
        wanted = [head.uid for head in run.wanted]
        answer = mails(self.session, asked)
        self._is_careful |= not all(one.ok for one in asked.flight.answers)
        if _lacking(wanted, answer):
            answer = mails(self.session, ask_mails(self.session, run.wanted))
        keys, bad = run.keys, dict(run.bad)
        self._doubt(answer.bad, bad)
        self._missing(_lacking(wanted, answer), bad)
        left = {uid for uid in wanted if uid not in answer.found}
        self._promised -= {keys[uid] for uid in wanted}
        self._unread |= {keys[uid] for uid in left}
        sightings = []
        for head in run.heads:
            if head.uid in left:
                continue
            if keys[head.uid] in self._unread and head.uid not in answer.found:
                # A twin of a mail that could not be read: to sight it would make the mail known.
                self.withheld.setdefault(head.uid, (0, self._task.now))
                continue
            place = self._place(head.uid, keys[head.uid])
            if place.uid in self.seen:
                continue
            if not place.validity:
                self.seen.add(place.uid)
            self.withheld.pop(head.uid, None)
            raw = answer.found.get(head.uid)
            sightings.append(Sighting(place, self.cursor.role, keys[head.uid], raw))
        quarantined = []
        for uid, reason in sorted(bad.items()):
            self.withheld.pop(uid, None)
            quarantined.append(Quarantined(self._place(uid, f"unreadable-{uid}"), reason))
        self.settle(run.upto)
        self.is_done = run.upto == self._end
        after = replace(self.cursor, hint=written(self.withheld))
        return self.batch(sightings, quarantined, after)

    def settle(self, upto: int) -> None:
        """Move the cursor up to `upto`, as far as nothing below is withheld."""
        reached = max(self.cursor.settled, upto)
        reached = min([reached, *(uid - 1 for uid in self.withheld)])
        self.cursor = replace(self.cursor, settled=reached)

    def batch(
        self,
        sightings: Iterable[Sighting],
        quarantined: Iterable[Quarantined],
        cursor: Cursor,
        *,
        anew: bool = False,
    ) -> Batch:
        """Make a batch, with the remarks that are still to be made."""
        remarks, self.remarks = tuple(self.remarks), []
        return Batch(tuple(sightings), tuple(quarantined), cursor, remarks, anew)

    def _missing(self, uids: Sequence[int], bad: dict[int, str]) -> None:
        """Ask after mails that were left out: some are gone, the withheld stop the cursor."""
        reason = "the server lists it and does not hand it over"
        if uids:
            self._doubt(dict.fromkeys(alive(self.session, uids), reason), bad)

    def _doubt(self, refused: dict[int, str], bad: dict[int, str]) -> None:
        """Withhold a mail for an hour, as the trouble may pass; then set it aside."""
        now = self._task.now
        for uid, reason in refused.items():
            tries, since = self.withheld.get(uid, (0, now))
            if tries + 1 >= _TRIES and now - since >= _WITHHELD_FOR:
                bad[uid] = reason
            else:
                self.withheld[uid] = (tries + 1, since)

    def _place(self, uid: int, key: str) -> Place:
        cursor = self.cursor
        name = str(uid) if cursor.validity else key
        return Place(cursor.mailbox, cursor.folder, cursor.validity, name)


def _lacking(asked: Iterable[int], answer: Heads | Mails) -> list[int]:
    """Return what was asked for and neither came nor was refused."""
    return [uid for uid in asked if uid not in answer.found and uid not in answer.bad]
