"""Care of the ledger: copies that can be gone back to, old mail that goes, people who are forgotten."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from mailhours.ledger.store import Ledger
from mailhours.model.client import OwnerVerb, OwnerWord
from mailhours.service import house, jobs, judging
from mailhours.service.account import Account, open_account
from mailhours.settings.load import load

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
MAIN = """\
schema = 1
[owner]
name = "Dana Berg"
address = "dana@studio.example"
timezone = "Europe/Oslo"
[hours]
week = { mon = ["09:00-17:00"], tue = ["09:00-17:00"], wed = ["09:00-17:00"] }
check_ins = ["10:00", "15:00"]
[mailbox.main]
source = "maildir"
path = "mail"
history = "2000 days"
[replies]
authentication = "absent"
[storage]
keep = "12 months"
"""
FJORD = 'schema = 1\nname = "Fjord"\naddresses = ["@fjord.example"]\n'


class Office:
    def __init__(self, folder: Path) -> None:
        self.config, self.state, self.now = folder / "config", folder / "state", NOW
        for name in ("clients", "mail/cur", "mail/new", "mail/tmp"):
            (self.config / name).mkdir(parents=True)
        (self.config / "mailhours.toml").write_text(MAIN)
        (self.config / "clients/fjord.toml").write_text(FJORD)

    def mail(self, number: int, at: datetime, text: str, person: str = "kari") -> None:
        mail = (
            f"From: {person}@fjord.example\r\nTo: dana@studio.example\r\nSubject: s{number}\r\n"
            f"Date: {format_datetime(at)}\r\nMessage-ID: <{number}@fjord.example>\r\n\r\n{text}\r\n"
        )
        path = self.config / f"mail/new/{number}.x"
        path.write_text(mail)
        os.utime(path, (at.timestamp(), at.timestamp()))

    def account(self) -> Account:
        return open_account(load(self.config, {}), self.state, lambda: self.now)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        environ = {"MAILHOURS_CONFIG": str(self.config), "STATE_DIRECTORY": str(self.state)}
        return subprocess.run(
            [sys.executable, "-m", "mailhours", *words],
            env={**os.environ, **environ},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture
def account(office: Office) -> Iterator[Account]:
    """A client thanks long ago, asks something a year and more ago, and thanks again now."""
    office.mail(1, NOW - timedelta(days=900), "Thanks, very nice of you!")
    office.mail(2, NOW - timedelta(days=500), "Thanks again, all fine.", "ola")
    office.mail(3, NOW - timedelta(days=10), "Thanks!")
    held = office.account()
    jobs.poll(held)
    yield held
    held.close()


def test_what_was_copied_can_be_gone_back_to(office: Office, account: Account, tmp_path) -> None:
    before = judging.judgement(account, "fjord", NOW)
    copy = shutil.copy(house.back_up(account, NOW.date()), tmp_path / "copy.db")
    account.close()
    for path in office.state.glob("ledger.db*"):
        path.unlink()
    shutil.copy(copy, office.state / "ledger.db")

    restored = office.account()
    assert restored.ledger.verify() == []
    assert judging.judgement(restored, "fjord", NOW) == before
    assert jobs.poll(restored).logged == 0
    restored.close()


def test_old_mail_goes_from_the_file_and_the_chain_is_whole(
    office: Office, account: Account
) -> None:
    assert house.drop_old(account) == 2

    assert account.ledger.verify() == []
    (left,) = account.ledger.readings.history("fjord")
    assert left.subject == "s3"
    assert jobs.poll(account).logged == 0
    assert house.drop_old(account) == 0
    account.close()
    held = (office.state / "ledger.db").read_bytes()
    assert b"very nice of you" not in held
    assert b"Thanks!" in held


def test_old_mail_stays_while_something_about_it_is_open(office: Office, account: Account) -> None:
    office.mail(4, NOW - timedelta(days=600), "Could you send me the logo?")
    jobs.poll(account)
    assert judging.judgement(account, "fjord", NOW).open_promises

    assert house.drop_old(account) == 1
    assert [m.subject for m in account.ledger.readings.history("fjord")] == ["s4", "s2", "s3"]

    (promise,) = judging.judgement(account, "fjord", NOW).open_promises
    account.ledger.words.say(OwnerWord(OwnerVerb.ANSWERED, promise.id, NOW, "phone"))
    assert house.drop_old(account) == 2
    assert account.ledger.verify() == []


def test_verify_says_what_is_wrong_and_ends_with_1(office: Office, account: Account) -> None:
    account.close()
    good = office.run("verify", "--json")
    assert good.returncode == 0
    assert json.loads(good.stdout)["ok"] is True

    with sqlite3.connect(office.state / "ledger.db") as file:
        file.execute("UPDATE mail SET header = X'00' WHERE id = 1")
    file.close()
    bad = office.run("verify")
    assert bad.returncode == 1
    assert "was changed" in bad.stdout


def test_backup_writes_a_file_and_never_over_one(
    office: Office, account: Account, tmp_path: Path
) -> None:
    account.close()
    target = tmp_path / "mine.db"

    assert office.run("backup", str(target)).returncode == 0
    assert target.stat().st_mode & 0o777 == 0o600
    assert office.run("backup", str(target)).returncode == 2
    with Ledger.open(target, "dana@studio.example", create=False) as ledger:
        assert ledger.verify() == []


def test_forget_asks_and_then_forgets(office: Office, account: Account) -> None:
    house.back_up(account, NOW.date())
    account.close()

    assert office.run("forget", "ola@fjord.example").returncode != 0
    done = office.run("forget", "ola@fjord.example", "--yes")

    assert "forgotten: 1 mails" in done.stdout
    assert "still in 1 backups" in done.stderr
    assert b"ola@fjord.example" not in (office.state / "ledger.db").read_bytes()
    assert office.run("verify").returncode == 0


def test_export_is_all_that_is_kept_of_a_person(office: Office, account: Account) -> None:
    account.close()

    lines = office.run("export").stdout.splitlines()
    assert len([line for line in lines if json.loads(line)["record"] == "message"]) == 3
    (line,) = office.run("export", "--person", "Ola@Fjord.Example").stdout.splitlines()
    row = json.loads(line)
    assert row["text"].strip() == "Thanks again, all fine."
    assert row["at"].endswith("+02:00") or row["at"].endswith("+01:00")
    table = list(csv.DictReader(io.StringIO(office.run("export", "--csv").stdout)))
    assert {row["person"] for row in table} == {"kari@fjord.example", "ola@fjord.example"}
