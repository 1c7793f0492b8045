"""The disk under the living service: full, read-only, locked, damaged, newer than the program."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from mailhours.model.faults import LedgerFault
from mailhours.service.running import Running

MONDAY = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
MAIN = """\
schema = 1
[owner]
name = "Dana Berg"
address = "dana@studio.example"
timezone = "Europe/Oslo"
[hours]
week = { mon = ["09:00-17:00"], tue = ["09:00-17:00"] }
check_ins = ["10:00", "15:00"]
[mailbox.main]
source = "maildir"
path = "mail"
[replies]
authentication = "absent"
"""
FJORD = 'schema = 1\nname = "Fjord"\naddresses = ["kari@fjord.example"]\n'


class Office:
    def __init__(self, folder: Path) -> None:
        self.config, self.state, self.now = folder / "config", folder / "state", MONDAY
        for name in ("clients", "mail/cur", "mail/new", "mail/tmp"):
            (self.config / name).mkdir(parents=True)
        (self.config / "mailhours.toml").write_text(MAIN)
        (self.config / "clients/fjord.toml").write_text(FJORD)
        self.state.mkdir()

    def mail(self, number: int, size: int = 10) -> None:
        path = self.config / f"mail/new/{number}.x"
        # Random letters: what can be packed would fill no disk.
        path.write_text(
            f"From: kari@fjord.example\r\nTo: dana@studio.example\r\nSubject: s{number}\r\n"
            f"Date: Mon, 23 Nov 2026 09:00:00 +0100\r\nMessage-ID: <{number}@x>\r\n\r\n"
            f"Could you send the logo? {os.urandom(size).hex()}\r\n"
        )
        os.utime(path, (self.now.timestamp(), self.now.timestamp()))

    def tick(self, running: Running) -> list[dict[str, object]]:
        self.now += timedelta(minutes=4)
        with capture_logs() as logs:
            running.tick()
        return logs

    def subjects(self, running: Running) -> list[str]:
        return [m.subject for m in running.account.ledger.readings.history("fjord")]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture
def running(office: Office) -> Iterator[Running]:
    held = Running(office.config, office.state, {}, lambda: office.now, lambda: None)
    office.tick(held)
    yield held
    held.close()


@pytest.fixture
def small_disk(office: Office) -> Iterator[None]:
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1500k,mode=700", "tmpfs", str(office.state)],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        pytest.skip("a small disk needs root and the right to mount")
    yield
    subprocess.run(["umount", "-l", str(office.state)], check=True)


def trouble(logs: list[dict[str, object]]) -> list[str]:
    return [str(one["why"]) for one in logs if one["event"] == "tick_failed"]


def test_a_full_disk_loses_nothing_and_work_goes_on_when_there_is_room(
    office: Office, small_disk: None, running: Running
) -> None:
    office.mail(1)
    office.tick(running)
    filler = office.state / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)

    office.mail(2, size=20_000)
    logs = office.tick(running)
    again = office.tick(running)

    (told,) = trouble(logs)
    assert "disk is full" in told or "cannot be written" in told
    assert trouble(again) == [], "what goes on as before is silent"
    filler.unlink()
    logs = office.tick(running)
    assert [one["event"] for one in logs if one["event"] == "tick_works_again"]
    assert sorted(office.subjects(running)) == ["s1", "s2"]
    assert running.account.ledger.verify() == []
    notes = [note.text for note in running.account.ledger.health.notes(MONDAY)]
    assert any(note.startswith("over: ") for note in notes)


def test_a_ledger_that_turned_read_only_stops_nothing_for_good(
    office: Office, running: Running
) -> None:
    """A trigger refuses what a read-only disk would: root may write to any file."""
    with sqlite3.connect(office.state / "ledger.db") as file:
        file.execute(
            "CREATE TRIGGER locked BEFORE INSERT ON mail "
            "BEGIN SELECT RAISE(ABORT, 'attempt to write a readonly database'); END"
        )
    file.close()
    office.mail(1)
    assert trouble(office.tick(running))
    with sqlite3.connect(office.state / "ledger.db") as file:
        file.execute("DROP TRIGGER locked")
    file.close()
    office.tick(running)

    assert office.subjects(running) == ["s1"]


def test_another_process_that_writes_is_waited_for(office: Office, running: Running) -> None:
    other = sqlite3.connect(office.state / "ledger.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    office.mail(1)

    (told,) = trouble(office.tick(running))
    assert "another process is writing" in told
    other.execute("ROLLBACK")
    other.close()
    office.tick(running)
    assert office.subjects(running) == ["s1"]


def test_a_damaged_ledger_is_told_at_once_and_a_backup_takes_its_place(
    office: Office, running: Running
) -> None:
    office.mail(1)
    office.tick(running)
    running.account.ledger.backup(office.state / "copy.db")
    running.close()
    path = office.state / "ledger.db"
    path.write_bytes(path.read_bytes()[:100] + os.urandom(60_000))

    with pytest.raises(LedgerFault) as fault:
        Running(office.config, office.state, {}, lambda: office.now, lambda: None)
    assert "damaged" in fault.value.what or "not a ledger" in fault.value.what
    assert "backup" in fault.value.hint

    path.unlink()
    shutil.copy(office.state / "copy.db", path)
    restored = Running(office.config, office.state, {}, lambda: office.now, lambda: None)
    office.mail(2)
    office.tick(restored)
    assert sorted(office.subjects(restored)) == ["s1", "s2"]
    restored.close()


def test_a_ledger_of_a_newer_program_is_left_alone(office: Office, running: Running) -> None:
    running.close()
    path = office.state / "ledger.db"
    with sqlite3.connect(path) as file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")
    file.close()
    before = path.read_bytes()

    with pytest.raises(LedgerFault) as fault:
        Running(office.config, office.state, {}, lambda: office.now, lambda: None)

    assert "newer mailhours" in fault.value.what
    assert path.read_bytes() == before
