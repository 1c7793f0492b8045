"""Copies in Sent: exactly one, whoever files it and whatever becomes of the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from integration.chaosproxy import ChaosProxy, cut
from integration.dovecot import Dovecot
from integration.sink import Sink
from integration.test_held_replies import Clock, configured, proposed
from mailhours.model.faults import FolderFault
from mailhours.model.raw import FolderRole
from mailhours.model.reply import Cause, Delivery, Outcome, Reply, ReplyState
from mailhours.model.server import Security, Server
from mailhours.outbox.form import form
from mailhours.service import jobs, polling, sending
from mailhours.service.account import Account, open_account


class House:
    """An account on Dovecot, with one mail of ours that has just left."""

    def __init__(self, account: Account, dovecot: Dovecot, user: str, clock: Clock) -> None:
        self.account, self.dovecot, self.user, self.clock = account, dovecot, user, clock
        self.send(proposed(self))

    def another(self) -> None:
        """Let one more mail of ours leave."""
        first = self.reply
        number = first.id[:-1] + ("0" if first.id[-1] != "0" else "1")
        cause = Cause("message", f"another-{number}")
        more = replace(first, id=number, message_id=f"<{number}@x.example>", causes=(cause,))
        self.account.ledger.outbox.propose([more], ReplyState.PROPOSED, self.clock())
        self.send(more)

    def send(self, reply: Reply) -> None:
        self.reply = reply
        clock, outbox = self.clock, self.account.ledger.outbox
        outbox.approve(self.reply.id, clock())
        outbox.claim(self.reply.id, clock())
        outbox.settle(self.reply.id, Delivery(Outcome.SUBMITTED, 250, "ok", "DATA"), clock())

    def lay(self) -> None:
        sending.lay_copies(self.account)

    def state(self) -> ReplyState | None:
        return self.account.ledger.outbox.state(self.reply.id)

    def copies(self) -> int:
        return len(self.account.mailboxes[0].find(FolderRole.SENT, self.reply.message_id))

    def provider_files(self, message_id: bytes = b"") -> None:
        mail = form(self.reply, self.account.mark)
        if message_id:
            mail = mail.replace(self.reply.message_id.encode(), message_id)
        self.dovecot.deliver(self.user, mail, "Sent", flags="S")


@pytest.fixture
def make(dovecot: Dovecot, sink: Sink, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("SECRET", "pass")
    opened = []

    def made(port: int = 0, host: str = "", password: str = "env:SECRET") -> House:
        user, clock = dovecot.user(), Clock()
        login = (
            f'host = "127.0.0.1"\nport = {port or dovecot.port}\nsecurity = "none"\nuser = "{user}"'
        )
        settings = configured(tmp_path, f'{login}\npassword = "{password}"', sink)
        if host:
            settings = replace(settings, submission=Server(host, 465, Security.TLS, user))
        (tmp_path / "state").mkdir()
        account = open_account(settings, tmp_path / "state", clock)
        opened.append(account)
        return House(account, dovecot, user, clock)

    yield made
    for account in opened:
        account.close()


@pytest.mark.parametrize("after", range(400, 1400, 100))
def test_an_answer_to_append_that_is_lost_leaves_one_copy(
    make: Callable[..., House], chaos: Callable[..., ChaosProxy], dovecot: Dovecot, after: int
) -> None:
    proxy = chaos(dovecot.port)
    proxy.next(cut(after))  # somewhere in here the copy is stored and its answer lost
    house = make(proxy.port)

    for _ in range(4):
        house.lay()

    assert house.state() is ReplyState.FILED
    assert house.copies() == 1


def test_an_ordinary_provider_gets_the_copy_at_once(make):
    house = make()

    house.lay()

    assert house.state() is ReplyState.FILED
    assert house.copies() == 1


def test_where_the_provider_files_a_moment_later_there_is_one_copy(make):
    house = make(host="smtp.gmail.com")
    house.lay()
    assert house.copies() == 0

    house.provider_files()
    house.clock.now += timedelta(minutes=3)
    house.lay()

    assert house.state() is ReplyState.FILED
    assert house.copies() == 1


def test_a_provider_that_did_not_file_after_two_polls_gets_ours(make):
    house = make(host="smtp.office365.com")
    for _ in range(3):
        house.lay()
        house.clock.now += timedelta(minutes=3)
    assert house.copies() == 0

    house.lay()

    assert house.state() is ReplyState.FILED
    assert house.copies() == 1


def test_a_host_that_only_looks_like_one_is_a_provider_that_nobody_knows(make):
    house = make(host="smtp.notgmail.com")
    house.lay()
    assert house.copies() == 0

    house.clock.now += timedelta(minutes=7)
    house.lay()

    assert house.copies() == 1


def test_a_provider_that_nobody_knows_and_that_files_some_seconds_late_makes_one_copy(make):
    house = make(host="smtp.provider.example")
    house.lay()
    assert house.copies() == 0  # ours would have been the first of two

    house.provider_files()
    house.clock.now += timedelta(minutes=3)
    house.lay()

    assert house.state() is ReplyState.FILED
    assert house.copies() == 1

    # It is known for one that files by itself, for good.
    house.clock.now += timedelta(days=100)
    house.another()
    house.lay()
    assert house.copies() == 0
    house.provider_files()
    house.lay()
    assert house.state() is ReplyState.FILED
    assert house.copies() == 1


def test_a_provider_that_files_nothing_is_waited_for_once_a_month(make):
    house = make(host="smtp.provider.example")
    house.lay()
    house.clock.now += timedelta(minutes=7)
    house.lay()
    assert (house.state(), house.copies()) == (ReplyState.FILED, 1)

    house.another()
    house.lay()
    assert (house.state(), house.copies()) == (ReplyState.FILED, 1)

    house.clock.now += timedelta(days=31)  # by now it may have begun to
    house.another()
    house.lay()
    assert house.copies() == 0


def test_a_provider_that_writes_a_message_id_of_its_own_is_seen_to_have_filed(make):
    house = make(host="smtp.provider.example")
    house.lay()
    house.provider_files(b"<7f3a@provider.example>")
    house.clock.now += timedelta(minutes=3)

    house.lay()

    assert house.state() is ReplyState.FILED
    house.clock.now += timedelta(minutes=30)
    house.lay()
    assert house.copies() == 0
    assert len(house.dovecot.mails(house.user, "Sent")) == 1


def test_copies_that_cannot_be_filed_are_told_once(make, chaos, dovecot):
    proxy = chaos(dovecot.port)
    for _ in range(3):
        proxy.next(cut(10))
    house = make(proxy.port)

    with capture_logs() as logs:
        for _ in range(3):
            house.lay()
            house.clock.now += timedelta(minutes=3)

    assert [log["event"] for log in logs] == ["not_filed"]
    [note] = house.account.ledger.health.notes(house.clock() - timedelta(days=1))
    assert note.kind == "filing"
    assert "could not be filed" in note.text
    house.lay()
    assert house.state() is ReplyState.FILED
    assert house.copies() == 1


def test_copies_wait_where_the_login_is_refused_and_no_login_is_tried_for_them(
    make, chaos, dovecot, tmp_path
):
    proxy, wrong = chaos(dovecot.port), tmp_path / "wrong"
    wrong.write_text("not the password\n")
    wrong.chmod(0o600)
    house = make(proxy.port, password=f"file:{wrong}")

    for _ in range(3 * 20):  # as many ticks as there are in twenty minutes
        assert not jobs.poll(house.account).complete
        house.clock.now += timedelta(seconds=20)

    assert proxy.connections == 3  # those of the looks: at once, after a minute, after a quarter
    assert house.state() is ReplyState.SUBMITTED
    wrong.write_text("pass\n")
    assert jobs.poll(house.account).complete
    assert house.state() is ReplyState.FILED


def test_one_folder_that_cannot_be_read_makes_no_mailbox_deaf(make, monkeypatch):
    house = make()
    box = house.account.mailboxes[0]

    def look(*_: object) -> None:
        raise FolderFault("Old: gone")

    monkeypatch.setattr(box, "look", look)
    assert not jobs.poll(house.account).complete

    assert not polling.is_deaf(house.account, box)
    assert house.account.ledger.health.block(box.name) == ""
    assert house.state() is ReplyState.FILED
