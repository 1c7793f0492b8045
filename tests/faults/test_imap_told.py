"""What the owner hears of a mailbox in trouble: each once, in the log and in the summary."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from integration.fakebox import FakeBox, FakeFolder
from integration.sink import Sink
from integration.test_held_replies import MONDAY, QUESTION, WRITTEN, Clock, configured, read_quickly
from mailhours.mailbox.maildir_files import create, deliver
from mailhours.model.client import OwnerVerb
from mailhours.model.faults import Throttled
from mailhours.model.reply import ReplyState
from mailhours.model.server import MailboxSettings
from mailhours.model.slot import Slot
from mailhours.service import jobs, overview
from mailhours.service import words as words_of_owner
from mailhours.service.account import Account, open_account


@pytest.fixture
def make(tmp_path: Path, sink: Sink, monkeypatch):
    """Make an account with this mailbox, and with others."""
    monkeypatch.setenv("SECRET", "pass")
    opened: list[Account] = []

    def made(mailbox: str, *others: MailboxSettings) -> Account:
        settings = configured(tmp_path, mailbox, sink)
        settings = replace(settings, mailboxes=(*settings.mailboxes, *others))
        (tmp_path / "state").mkdir()
        opened.append(open_account(settings, tmp_path / "state", Clock()))
        read_quickly(opened[0])
        return opened[0]

    yield made
    for account in opened:
        account.close()


def login(port: int, password: str = "env:SECRET") -> str:
    server = f'host = "127.0.0.1"\nport = {port}\nsecurity = "none"\nuser = "dana"'
    return f'{server}\npassword = "{password}"'


def hang_up(command, wire):
    wire.send(b"* 1 FETCH (UID 1 BODY[HEADER]<0> {400}\r\nMessage-ID")
    wire.hang_up()


# What is wrong, how often the server may be called within an hour, and a word that is shown.
TROUBLE = [
    pytest.param({"greeting": b"* BYE too many users\r\n"}, 8, "too many", id="01 BYE"),
    pytest.param({"greeting": b"HTTP/1.1 400 Bad\r\n"}, 20, "no IMAP server", id="03 HTTP"),
    pytest.param({"LOGIN": b"{tag} NO [AUTHENTICATIONFAILED] no\r\n"}, 3, "refused", id="04"),
    pytest.param({"LOGIN": b"{tag} NO [UNAVAILABLE] later\r\n"}, 8, "later", id="05"),
    pytest.param({"LOGIN": lambda c, w: w.send(b"* BYE no\r\n") or w.hang_up()}, 8, "no", id="06"),
    pytest.param({"UID FETCH": hang_up}, 20, "middle of a mail", id="09 closed"),
    pytest.param({"UID FETCH": b"x99 OK done\r\n"}, 20, "does not fit", id="16 wrong tag"),
    pytest.param(
        {"UID FETCH": b"{tag} BAD User is authenticated but not connected.\r\n"},
        *(8, "not connected"),
        id="22",
    ),
    pytest.param({"EXAMINE": b"{tag} NO [OVERQUOTA] limits\r\n"}, 8, "limits", id="23"),
]


@pytest.mark.parametrize(("trouble", "calls", "words"), TROUBLE)
def test_trouble_is_told_once_backed_off_from_and_got_over(
    make, fake_imap, monkeypatch, trouble, calls, words
):
    monkeypatch.setattr(random, "random", lambda: 0.5)
    box = FakeBox()
    box.inbox.put(QUESTION)
    greeting = trouble.get("greeting", b"* OK ready\r\n")
    script = {verb: said for verb, said in trouble.items() if verb != "greeting"}
    server = fake_imap({**box.script(), **script}, greeting=greeting)
    account = make(login(server.port))
    account.clock.now = MONDAY.replace(hour=20)
    spent = time.process_time()

    with capture_logs() as logs:
        for _ in range(60):
            jobs.poll(account)
            account.clock.now += timedelta(minutes=1)

    spent = time.process_time() - spent
    said = [log["event"] for log in logs]
    assert said == ["deaf"]
    assert words in logs[0]["why"]
    assert 2 <= server.connections <= calls
    assert spent < 5
    [deaf] = overview.day_of(account, MONDAY.date(), {}, []).health.deaf
    assert words in deaf.why
    assert account.ledger.mail.count() == 0

    server.greeting = b"* OK ready\r\n"
    server.script.update({"LOGIN": b"{tag} OK in\r\n", **box.script()})
    words_of_owner.say(account, list, OwnerVerb.RETRY, "main")
    with capture_logs() as logs:
        assert jobs.poll(account).complete

    assert [log["event"] for log in logs] == ["hears_again", "polled"]
    assert account.ledger.mail.count() == 1


def test_a_password_program_that_fails_makes_one_mailbox_deaf_and_not_the_others(
    make, fake_imap, tmp_path
):
    server = fake_imap(FakeBox().script())
    other = tmp_path / "Maildir"
    create(other)
    deliver(other, QUESTION, MONDAY - timedelta(hours=1), "")
    maildir = MailboxSettings(
        *("second", "maildir", None, str(other), ("INBOX",)),
        *("auto", "auto", "Check-in", timedelta(minutes=3), False, timedelta(days=90)),
    )
    account = make(login(server.port, "command:/bin/false"), maildir)

    with capture_logs() as logs:
        for _ in range(20):  # ticks
            jobs.poll(account)
            account.clock.now += timedelta(seconds=20)

    assert account.ledger.mail.count() == 1
    assert [log["event"] for log in logs if log["event"] != "polled"] == ["deaf"]
    assert server.connections < 12  # it is left alone longer each time
    assert "LOGIN" not in server.verbs()
    [deaf] = overview.day_of(account, MONDAY.date(), {}, []).health.deaf
    assert "failed with exit code 1" in deaf.why


def test_19_a_held_mail_that_the_server_does_not_hand_over_is_told(make, fake_imap):
    box = FakeBox()
    held = box.folders[b"Check-in"]
    held.put(WRITTEN)
    true = box.script()["UID FETCH"]

    def fetch(command, wire):
        return b"{tag} NO System Error\r\n" if box.open is held else true(command, wire)

    account = make(login(fake_imap({**box.script(), "UID FETCH": fetch}).port))
    for _ in range(6):
        assert jobs.poll(account).complete
        account.clock.now += timedelta(minutes=15)

    [bad] = overview.day_of(account, MONDAY.date(), {}, []).health.quarantined
    assert bad.id == "Check-in/1"
    assert "System Error" in bad.reason


def test_21_a_search_of_other_folders_that_is_throttled_leaves_the_server_alone(make, fake_imap):
    box = FakeBox()
    box.folders[b"Junk"] = FakeFolder()
    box.folders[b"Junk"].put(QUESTION)
    script = box.script()
    said = b"{tag} NO Request is throttled. Suggested Backoff Time: 599961 milliseconds\r\n"

    def examine(command, wire):
        return said if b"Junk" in command.rest else script["EXAMINE"](command, wire)

    server = fake_imap({**script, "EXAMINE": examine})
    account = make(login(server.port))
    assert jobs.poll(account).complete
    with pytest.raises(Throttled):
        jobs.search_elsewhere(account)
    server.heard.clear()

    for _ in range(3):
        account.clock.now += timedelta(minutes=3)
        assert not jobs.poll(account).complete
    assert server.heard == []
    account.clock.now += timedelta(minutes=1)
    assert jobs.poll(account).complete


def test_39_a_folder_that_is_missing_is_told_once_and_not_asked_for_at_every_tick(make, fake_imap):
    server = fake_imap(FakeBox().script())
    account = make(f'{login(server.port)}\nfolders = ["INBOX", "Projects"]')
    account.clock.now = MONDAY.replace(hour=20)  # no check-in is due

    with capture_logs() as logs:
        for _ in range(30):
            jobs.tick(account)
            account.clock.now += timedelta(seconds=20)

    assert [log["event"] for log in logs if log["event"] == "deaf"] == ["deaf"]
    assert server.verbs().count("STATUS") <= 4 * 4 + 4  # every three minutes, four folders
    [deaf] = overview.day_of(account, MONDAY.date(), {}, []).health.deaf
    assert "Projects" in deaf.why


def test_23_a_copy_for_a_mailbox_that_is_full_waits_is_told_once_and_reading_goes_on(
    make, fake_imap, sink
):
    box = FakeBox()
    box.folders[b"Check-in"].put(WRITTEN)
    box.folders[b"Check-in"].date[1] = b'"02-Mar-2026 08:00:00 +0100"'
    full = b"{tag} NO [OVERQUOTA] Quota exceeded\r\n"
    server = fake_imap({**box.script(), "APPEND": full})
    account = make(login(server.port))
    jobs.check_in(account, Slot(account.clock(), "2026-03-02T10:00"))
    box.inbox.put(QUESTION)

    for _ in range(10):
        account.clock.now += timedelta(minutes=3)
        assert jobs.poll(account).complete

    assert server.verbs().count("APPEND") <= 4  # five minutes, ten, twenty
    [reply] = account.ledger.outbox.replies()
    assert account.ledger.outbox.state(reply.id) is ReplyState.SUBMITTED
    assert account.ledger.mail.count() == 1
    [note] = account.ledger.health.notes(MONDAY - timedelta(days=1))
    assert "Quota exceeded" in note.text
    assert len(box.folders[b"Check-in"].mails) == 1

    removed = {"UID STORE": b"{tag} OK done\r\n", "UID EXPUNGE": b"{tag} OK done\r\n"}
    server.script.update({**box.script(), **removed})
    account.clock.now += timedelta(hours=1)
    jobs.poll(account)

    assert account.ledger.outbox.state(reply.id) is ReplyState.FILED
    assert len(box.sent.mails) == 1
    assert len(sink.messages) == 1
    assert server.verbs().count("UID EXPUNGE") == 1
