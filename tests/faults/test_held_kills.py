"""kill -9 at every step of a held reply's way out: sent once at most, lost never."""

from __future__ import annotations

import os
import signal
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from integration.dovecot import Dovecot
from integration.sink import Sink
from integration.test_held_replies import MONDAY, WRITTEN, Clock, configured, read_quickly
from mailhours.mailbox.maildir_files import create, deliver
from mailhours.model.raw import FolderRole
from mailhours.model.slot import Slot
from mailhours.service import jobs
from mailhours.service.account import Account, open_account

# What a held reply passes, in order; a kill comes before or after each call.
WATCHED = ("lying", "fetch", "find", "append", "remove", "propose", "post", "settle", "filed")
FULL = os.environ.get("MAILHOURS_CAMPAIGN") == "full"
STEPS = 24
ID = "<draft.1@studio.example>"


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


def check_in(account: Account, at: str) -> None:
    jobs.recover(account)
    jobs.check_in(account, Slot(account.clock(), at))


def killed_at(step: int, make: Callable[[], Account]) -> bool:
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
            check_in(account, "2026-03-02T10:00")
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


@pytest.fixture
def on_maildir(tmp_path: Path) -> str:
    root = tmp_path / "Maildir"
    create(root)
    create(root / ".Check-in")
    deliver(root / ".Check-in", WRITTEN, MONDAY.replace(hour=9), "DS")
    return f'source = "maildir"\npath = "{root}"'


@pytest.fixture
def on_dovecot(dovecot: Dovecot) -> str:
    user = dovecot.user()
    dovecot.deliver(user, WRITTEN, "Check-in", flags="DS", received=MONDAY.replace(hour=9))
    login = f'host = "127.0.0.1"\nport = {dovecot.port}\nsecurity = "none"\nuser = "{user}"'
    return f'{login}\npassword = "env:SECRET"'


@pytest.mark.parametrize(
    "where", ["on_maildir", pytest.param("on_dovecot", marks=pytest.mark.server)]
)
@pytest.mark.parametrize("step", range(0, STEPS, 1 if FULL else 3))
def test_a_kill_at_any_step_sends_it_once_at_most_and_loses_it_never(
    step: int, where: str, request, tmp_path: Path, sink: Sink, monkeypatch
) -> None:
    monkeypatch.setenv("SECRET", "pass")
    mailbox = request.getfixturevalue(where)
    settings = configured(tmp_path, mailbox, sink)
    state = tmp_path / "state"
    state.mkdir()
    clock = Clock()

    def make() -> Account:
        account = open_account(settings, state, clock)
        read_quickly(account)
        account.ledger.health.first_use(clock())
        return account

    make().close()  # the phrases are loaded before anything is killed
    died = killed_at(step, make)

    account = make()
    clock.now = MONDAY.replace(hour=15)
    check_in(account, "2026-03-02T15:00")

    sent = len(sink.messages)
    lying = len(account.mailboxes[0].lying(FolderRole.HELD))
    filed = len(account.mailboxes[0].find(FolderRole.SENT, ID))
    doubtful = len(account.ledger.outbox.doubtful())
    account.close()
    assert sent <= 1
    assert (sent, lying, filed, doubtful) == (1, 0, 1, 0) or (lying, filed, doubtful) == (1, 0, 1)
    assert died or step >= 18
