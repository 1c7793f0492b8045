"""kill -9 at every step of a mail's way out, for each kind: never two, never lost."""

from __future__ import annotations

import os
import random
import select
import shutil
import signal
import time
import warnings
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from faults.outbox_stories import STORIES, Story, of_kind, prepare
from integration.maildir_office import OSLO, Clock, Office
from integration.sink import Sink
from mailhours.model.reply import ReplyKind, ReplyState
from mailhours.model.slot import Slot
from mailhours.service import jobs
from mailhours.service.account import Account, reader_of

# What a mail passes, in order; a kill comes before or after each call.
WATCHED = frozenset(
    {
        *("begin", "end", "propose", "approve", "cancel", "withhold", "claim", "submit", "post"),
        *("settle", "resolve", "lying", "fetch", "find", "append", "filed", "remove"),
    }
)
FULL = os.environ.get("MAILHOURS_CAMPAIGN") == "full"
# A full campaign also kills at so many moments that are no step's: in the middle of a commit, of a
# mail on the wire, of a file that is written.
MOMENTS = 24
FAR = 1000  # a step that no check-in reaches
CASES = [(story, way) for story in STORIES for way in story.ways]
READERS: list[object] = []


class Watched:
    """An object whose calls are counted; at the step that was chosen the process is gone."""

    def __init__(self, inner: object, steps: list[int]) -> None:
        self._inner = inner
        self._steps = steps

    def __getattr__(self, name: str) -> object:
        found = getattr(self._inner, name)
        if name not in WATCHED:
            return found

        def call(*arguments: object, **more: object) -> object:
            self._step()
            result = found(*arguments, **more)
            self._step()
            return result

        return call

    def _step(self) -> None:
        self._steps[0] -= 1
        if self._steps[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Lived:
    """A story that was lived once, up to the check-in `at`; each case begins with its copy."""

    story: Story
    way: str
    folder: Path
    sink: Sink
    at: str = ""
    drafts: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.clock = Clock()
        self.office = self._office(self.folder / "office")
        account = self.make()
        self.at = prepare(self.story, self.way, self.office, account)
        account.close()
        self.drafts = self._identities("Drafts")
        shutil.copytree(self.office.folder, self.folder / "kept")

    def _office(self, folder: Path) -> Office:
        folder.mkdir()
        mode = "draft" if self.way in ("draft", "moved") else "send"
        more = {"client": self.story.client, "payment": self.story.payment}
        return Office(folder, self.clock, self.sink.port, mode, **more)

    def make(self) -> Account:
        account = self.office.open()
        if not READERS:  # its phrases take a second to load
            READERS.append(reader_of(account.settings, "mark"))
        vars(account)["reader"] = READERS[0]
        return account

    @property
    def slot(self) -> Slot:
        due = datetime.fromisoformat(self.at).replace(tzinfo=OSLO)
        return Slot(due.astimezone(UTC), self.at.replace(" ", "T"))

    def begin(self) -> None:
        """Be again where the check-in is about to be held."""
        shutil.rmtree(self.office.folder)
        shutil.copytree(self.folder / "kept", self.office.folder)
        self.sink.messages.clear()
        self.clock.at(self.at)

    def go_on(self, *, same: bool) -> None:
        """Start again after a crash and live on: the `same` check-in after its lease, then more."""
        account = self.make()
        jobs.recover(account)
        if same:
            self.clock.later(minutes=16)
            jobs.check_in(account, self.slot)
        self.clock.now = self.slot.due + timedelta(hours=5 if "10:00" in self.at else 19)
        jobs.check_in(account, Slot(self.clock.now, "2026-the-next"))
        self.clock.later(minutes=1)
        jobs.poll(account)  # copies that could not be laid yet
        if self.office.lying("Check-in"):
            self.clock.later(hours=5)
            jobs.check_in(account, Slot(self.clock.now, "2026-the-one-after"))
        account.close()

    def check(self, *context: object) -> None:
        """Nothing left twice, nothing is lost: it was sent and filed, or waits, or is in doubt."""
        account = self.make()
        outbox = account.ledger.outbox
        doubtful, proposed = outbox.doubtful(), outbox.replies(state=ReplyState.PROPOSED)
        account.close()
        sent = [str(mail.message["Message-ID"]) for mail in self.sink.messages]
        filed = [str(mail["Message-ID"]) for mail in self.office.lying("Sent")]
        drafts = self._identities("Drafts") - self.drafts
        context = (*context, sent, [reply.id for reply in doubtful])
        assert len(filed) == len(set(filed)), context
        if self.way == "proposed":
            assert not sent, context
            assert len(of_kind(proposed, self.story)) == 1, context
        elif self.way == "draft":
            assert not sent, context
            assert len(drafts) == 1, context
            assert len(self.office.lying("Drafts")) == 1 + len(self.drafts), context
        else:
            assert len(sent) <= 1, context
            # A draft that lay in Check-in too long is untrue: a new one takes its place.
            anew = self.way == "moved" and len(drafts) == 1
            assert len(sent) + len(doubtful) + anew >= 1, context
            assert set(sent) <= set(filed) or doubtful, context
            assert doubtful or anew or not self.office.lying("Check-in"), context
            assert not (anew and sent), context
            kinds = {kind for reply in doubtful for kind in reply.kinds}
            assert kinds <= {self.story.kind, ReplyKind.HELD}, context

    def _identities(self, folder: str) -> set[str]:
        return {str(mail["Message-ID"]) for mail in self.office.lying(folder)}


def hold_in_a_child(lived: Lived, step: int, ready: int) -> None:
    """Hold the check-in, and die at `step`; say through `ready` that it begins."""
    steps, account = [step], lived.make()
    held = vars(account)
    held["mailboxes"] = tuple(Watched(box, steps) for box in account.mailboxes)
    held["postman"] = Watched(account.postman, steps)
    account.ledger.outbox = Watched(account.ledger.outbox, steps)
    account.ledger.slots = Watched(account.ledger.slots, steps)
    os.write(ready, b"x")
    jobs.check_in(account, lived.slot)


def dies(lived: Lived, step: int, after: float | None = None) -> float | None:
    """Hold the check-in in a process that dies at `step`, or `after` some seconds.

    Return how long it lived when it came through, and None when it was killed.
    """
    hears, ready = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fork beside threads: the child only dies
        child = os.fork()
    if child == 0:
        try:
            hold_in_a_child(lived, step, ready)
        finally:
            os._exit(0)
    os.close(ready)
    select.select([hears], [], [])
    os.close(hears)
    began = time.perf_counter()
    if after is not None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return None if status == -signal.SIGKILL else time.perf_counter() - began


def case(lived: Lived, step: int, after: float | None = None) -> float | None:
    """Live a story, die at `step`, come back; return how long it lived if it did not die."""
    lived.begin()
    took = dies(lived, step, after)
    lived.go_on(same=bool(step % 2))
    lived.check(lived.story.name, lived.way, step)
    return took


@pytest.mark.parametrize(
    ("story", "way"), CASES, ids=[f"{story.name}-{way}" for story, way in CASES]
)
@pytest.mark.timeout(0 if FULL else 120)
def test_a_kill_at_any_step_sends_it_once_at_most_and_loses_it_never(
    story: Story, way: str, tmp_path: Path, sink: Sink
) -> None:
    lived = Lived(story, way, tmp_path, sink)
    if not FULL:
        assert case(lived, CASES.index((story, way)) * 5 % 13) is None
        return
    took = next(took for took in (case(lived, step) for step in count()) if took is not None)
    chance = random.Random(f"{story.name} {way}")
    for number in range(MOMENTS):
        case(lived, FAR + number, chance.uniform(0, took))
