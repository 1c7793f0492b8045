"""kill -9 at every step of a mail's way out, for each kind: never two, never lost."""

from __future__ import annotations

import os
import signal
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from integration.maildir_office import FJORD, INVOICE, KARI, Clock, Office, check_in
from integration.sink import Sink
from mailhours.model.client import OwnerVerb
from mailhours.model.reply import ReplyState
from mailhours.model.slot import Slot
from mailhours.service import jobs, words
from mailhours.service.account import Account, reader_of

# What a mail passes, in order; a kill comes before or after each call.
WATCHED = frozenset(
    {
        *("begin", "end", "propose", "cancel", "withhold", "claim", "submit", "settle"),
        *("find", "append", "filed"),
    }
)
FULL = os.environ.get("MAILHOURS_CAMPAIGN") == "full"
STEPS = 26
TIMES = 6 if FULL else 1
BILLED = FJORD.format(address=KARI) + INVOICE


@dataclass(frozen=True)
class Story:
    """What leads to one mail: `live` up to the check-in `at` in which it leaves."""

    kind: str
    at: str
    client: str
    live: Callable[[Office, Account], None]
    mode: str = "send"


def asks(office: Office, account: Account) -> None:
    office.clock.at("2026-03-02 09:30")
    office.mail("Hello Dana,\n\ncould you send me the logo?\n\nKari")


def is_asked(office: Office, account: Account) -> None:
    office.clock.at("2026-03-02 08:30")
    office.says("Hello Kari,\n\nwe go on with this:\n\n[need: the texts for the homepage]\n\nDana")


def owes(office: Office, account: Account) -> None:
    """Nothing happens: an invoice is past due."""


def through(office: Office, account: Account, *slots: str) -> None:
    for at in slots:
        check_in(account, office.clock, at)


def approved(office: Office, account: Account, at: str) -> None:
    """Hold the check-in `at` and approve what it proposes."""
    through(office, account, at)
    office.clock.later(hours=1)
    (proposed,) = account.ledger.outbox.replies(state=ReplyState.PROPOSED)
    words.say(account, list, OwnerVerb.APPROVE, proposed.id)


def third_reminder(office: Office, account: Account) -> None:
    is_asked(office, account)
    through(office, account, "2026-03-04 10:00", "2026-03-09 10:00")
    approved(office, account, "2026-03-16 10:00")


def second_notice(office: Office, account: Account) -> None:
    through(office, account, "2026-03-05 10:00")
    approved(office, account, "2026-03-16 10:00")


def pause(office: Office, account: Account) -> None:
    second_notice(office, account)
    through(office, account, "2026-03-16 15:00")
    approved(office, account, "2026-03-31 10:00")
    through(office, account, "2026-03-31 15:00")
    approved(office, account, "2026-04-09 10:00")


def resumed(office: Office, account: Account) -> None:
    pause(office, account)
    through(office, account, "2026-04-09 15:00")
    office.clock.at("2026-04-13 09:00")
    words.say(account, list, OwnerVerb.PAID, "2026-014")


PLAIN = FJORD.format(address=KARI)
STORIES = [
    Story("acknowledgement", "2026-03-02 10:00", PLAIN, asks),
    Story("acknowledgement", "2026-03-02 10:00", PLAIN, asks, mode="draft"),
    Story("feedback_1", "2026-03-04 10:00", PLAIN, is_asked),
    Story("feedback_3", "2026-03-16 15:00", PLAIN, third_reminder),
    Story("payment_1", "2026-03-05 10:00", BILLED, owes),
    Story("payment_2", "2026-03-16 15:00", BILLED, second_notice),
    Story("work_paused", "2026-04-09 15:00", BILLED, pause),
    Story("work_resumed", "2026-04-13 10:00", BILLED, resumed),
]


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


def dies_at(step: int, make: Callable[[], Account], hold: Callable[[Account], object]) -> bool:
    """Hold a check-in in a process that dies at `step`; False when it came through."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fork beside threads: the child only dies
        child = os.fork()
    if child == 0:
        try:
            steps, account = [step], make()
            held = vars(account)
            held["mailboxes"] = tuple(Watched(box, steps) for box in account.mailboxes)
            held["postman"] = Watched(account.postman, steps)
            account.ledger.outbox = Watched(account.ledger.outbox, steps)
            account.ledger.slots = Watched(account.ledger.slots, steps)
            hold(account)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def case(story: Story, step: int, folder: Path, sink: Sink, reader: object) -> bool:
    """Live a story, die at `step`, come back; say whether it died."""
    clock = Clock()
    folder.mkdir()
    office = Office(folder, clock, sink.port, story.mode, client=story.client)

    def make() -> Account:
        account = office.open()
        vars(account)["reader"] = reader
        return account

    account = make()
    story.live(office, account)
    account.close()
    before = len(sink.messages)
    slot = Slot(clock.at(story.at).astimezone(UTC), story.at.replace(" ", "T"))

    died = dies_at(step, make, lambda account: jobs.check_in(account, slot))

    account = make()
    jobs.recover(account)
    if step % 2:  # the same process again, a lease later: the check-in goes on
        clock.later(minutes=16)
        jobs.check_in(account, slot)
    clock.now = slot.due + timedelta(hours=5 if "10:00" in story.at else 19)
    jobs.check_in(account, Slot(clock.now, "2026-the-next"))
    clock.later(minutes=1)
    jobs.poll(account)  # copies that could not be laid yet
    drafts, filed = office.lying("Drafts"), office.lying("Sent")
    doubtful = account.ledger.outbox.doubtful()
    account.close()
    sent = [mail.message for mail in sink.messages[before:]]
    ids = [str(mail["X-Mailhours-Id"]) for mail in sent]
    context = (story.kind, story.mode, step, ids, [reply.id for reply in doubtful])
    if story.mode == "draft":
        assert not sent, context
        assert len(drafts) == 1, context
        return died
    assert len(sent) <= 1, context
    assert len(sent) + len(doubtful) >= 1, context
    copies = [str(mail["X-Mailhours-Id"]) for mail in filed]
    assert len(copies) == len(set(copies)), context
    assert doubtful or ids[0] in copies, context
    assert not doubtful or doubtful[0].kinds[0].value == story.kind, context
    return died


@pytest.mark.parametrize("story", STORIES, ids=lambda story: f"{story.kind}-{story.mode}")
@pytest.mark.timeout(0 if FULL else 240)
def test_a_kill_at_any_step_sends_it_once_at_most_and_loses_it_never(
    story: Story, tmp_path: Path, sink: Sink
) -> None:
    reader = reader_of(Office(tmp_path, Clock()).settings(), "mark")  # read once: it is slow
    steps = range(STEPS) if FULL else range(STORIES.index(story) % 3, STEPS, 8)

    died = [
        case(story, step, tmp_path / f"{turn}-{step}", sink, reader)
        for turn in range(TIMES)
        for step in steps
    ]

    assert any(died)
