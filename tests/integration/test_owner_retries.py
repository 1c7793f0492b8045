"""`mailhours retry`: what was given up is tried again, and only that."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from integration.sink import Sink
from integration.test_held_replies import MONDAY, QUESTION, Clock, configured, read_quickly
from mailhours.mailbox.backoff import Block, Why, may_poll
from mailhours.mailbox.maildir_files import create
from mailhours.model.client import OwnerVerb
from mailhours.model.faults import UsageFault
from mailhours.service import jobs, overview, words
from mailhours.service.account import Account, open_account


@pytest.fixture
def account(tmp_path: Path, sink: Sink) -> Account:
    root = tmp_path / "Maildir"
    create(root)
    (tmp_path / "state").mkdir()
    settings = configured(tmp_path, f'source = "maildir"\npath = "{root}"', sink)
    held = open_account(settings, tmp_path / "state", Clock())
    read_quickly(held)
    yield held
    held.close()


def say(account: Account, target: str) -> str:
    return words.say(account, list, OwnerVerb.RETRY, target)


def test_a_mail_in_quarantine_is_read_again_by_the_name_that_the_summary_shows(account, tmp_path):
    mail = tmp_path / "Maildir" / "cur" / "1.bad:2,"
    mail.mkdir()  # no file: it cannot be read
    jobs.poll(account)
    [shown] = overview.day_of(account, MONDAY.date(), {}, []).health.quarantined
    assert shown.id == "INBOX/1.bad"
    mail.rmdir()
    mail.write_bytes(QUESTION)
    jobs.poll(account)
    assert account.ledger.mail.count() == 0

    assert say(account, shown.id) == "retry INBOX/1.bad"

    jobs.poll(account)
    assert account.ledger.mail.count() == 1
    assert account.ledger.mail.quarantined() == []


def test_what_is_still_bad_is_in_quarantine_again(account, tmp_path):
    (tmp_path / "Maildir" / "cur" / "1.bad:2,").mkdir()
    jobs.poll(account)

    say(account, "INBOX/1.bad")
    jobs.poll(account)

    assert [one.place.uid for one in account.ledger.mail.quarantined()] == ["1.bad"]


def test_a_folder_that_was_replaced_is_read_anew_and_nothing_is_logged_twice(account, tmp_path):
    (tmp_path / "Maildir" / "cur" / "1.one:2,").write_bytes(QUESTION)
    jobs.poll(account)

    assert say(account, "main/INBOX") == "retry main/INBOX"

    assert [cursor.folder for cursor in account.ledger.mail.cursors("main")] != ["INBOX"]
    jobs.poll(account)
    assert account.ledger.mail.count() == 1


def test_what_is_not_in_quarantine_is_said(account):
    with pytest.raises(UsageFault, match="not in quarantine"):
        say(account, "INBOX/7")
    with pytest.raises(UsageFault, match="not in quarantine"):
        say(account, "main/Nowhere")


def test_a_login_that_was_given_up_is_tried_once_more(account):
    stopped = Block(Why.STOPPED, 3, MONDAY, None, "abcd", "wrong password")
    account.ledger.health.set_block("main", json.dumps(stopped.to_json()))

    say(account, "main")

    block = Block.from_json(json.loads(account.ledger.health.block("main")))
    assert block.why is Why.LOGIN
    assert may_poll(block, MONDAY, lambda: "abcd")
