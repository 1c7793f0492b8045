"""A ledger that cannot be trusted or written under the living service: the owner hears of it by mail.

Real files: pages of a ledger are overwritten, a disk is full or mounted read-only.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from integration.sink import Sink
from mailhours.model.faults import Busy, Fault, LedgerDamaged, LedgerFault, ServerFault
from mailhours.model.reply import ReplyState
from mailhours.service import status
from mailhours.service.alarm import Alarm
from mailhours.service.running import Running
from soak_office import SmallDisk

MONDAY = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
MAIN = """\
schema = 1
[owner]
name = "Dana Berg"
address = "dana@studio.example"
timezone = "Europe/Oslo"
[hours]
week = {{ mon = ["09:00-17:00"], tue = ["09:00-17:00"], wed = ["09:00-17:00"] }}
check_ins = ["10:00", "15:00"]
[mailbox.main]
path = "mail"
[submission]
host = "127.0.0.1"
port = {port}
security = "none"
[replies]
mode = "send"
authentication = "absent"
[summary]
to = "dana@home.example"
"""
FJORD = 'schema = 1\nname = "Fjord"\naddresses = ["kari@fjord.example"]\nlanguage = "en"\n'


class Office:
    def __init__(self, folder: Path, sink: Sink) -> None:
        self.config, self.state, self.now = folder / "config", folder / "state", MONDAY
        self.sink = sink
        for name in ("clients", "mail/cur", "mail/new", "mail/tmp"):
            (self.config / name).mkdir(parents=True)
        (self.config / "mailhours.toml").write_text(MAIN.format(port=sink.port))
        (self.config / "clients/fjord.toml").write_text(FJORD)
        self.state.mkdir()
        self._number = 0

    def start(self) -> Running:
        return Running(self.config, self.state, {}, lambda: self.now, lambda: None)

    def mail(self) -> None:
        self._number += 1
        path = self.config / f"mail/new/{self._number}.x"
        path.write_text(
            f"From: kari@fjord.example\r\nTo: dana@studio.example\r\nSubject: s{self._number}\r\n"
            f"Message-ID: <{self._number}@x>\r\n\r\nCould you send the logo?\r\n"
        )
        os.utime(path, (self.now.timestamp(), self.now.timestamp()))

    def tick(self, running: Running, **later: float) -> list[str]:
        self.now += timedelta(**later or {"minutes": 4})
        with capture_logs() as logs:
            running.tick()
        assert [one for one in logs if "trace" in one] == [], "nothing that nobody foresaw"
        return [str(one["event"]) for one in logs]

    def told(self) -> list[str]:
        """Return the subjects that the owner got, summaries left out."""
        found = [mail for mail in self.sink.messages if mail.recipients == ("dana@home.example",)]
        subjects = [str(mail.message["Subject"]) for mail in found]
        return [subject for subject in subjects if "cannot work" in subject]

    def to_clients(self) -> int:
        return sum("fjord" in mail.recipients[0] for mail in self.sink.messages)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Sink() as sink:
        yield Office(tmp_path, sink)


@pytest.fixture
def running(office: Office) -> Iterator[Running]:
    held = office.start()
    office.mail()
    office.tick(held)
    yield held
    held.close()


def let_go(running: Running) -> None:
    """Close the files of the ledger: the next tick opens them as the disk has them then."""
    path = running.account.ledger.path
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    file.close()
    running.account.ledger.close()  # it opens itself again


def spoil(running: Running) -> None:
    """Overwrite every page but the first two, as a dying disk may."""
    let_go(running)
    path = running.account.ledger.path
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(2 * 4096)
        file.write(b"\xa5" * (size - 2 * 4096))


def test_damage_suspends_all_work_and_is_told_by_mail_once_a_day(
    office: Office, running: Running
) -> None:
    spoil(running)
    office.mail()
    first = office.tick(running)
    second = office.tick(running)
    office.tick(running, hours=7)  # both check-ins and the summary pass

    assert {"tick_failed", "warned"} <= set(first)
    assert second == []
    assert office.to_clients() == 0
    (told,) = office.told()
    assert told == "mailhours cannot work: nothing goes to your clients"
    text = office.sink.messages[-1].message.get_content()
    assert "the ledger is damaged" in text
    assert str(office.state / "backups") in text, "what to do stands in the mail itself"
    assert "Could you send" not in text
    found = status.kept(office.state)
    assert found is not None
    assert "the ledger is damaged" in status.troubles(found, office.now)[0]
    office.tick(running, hours=20)
    assert len(office.told()) == 2


def test_a_damaged_ledger_is_not_trusted_by_the_next_start_and_a_backup_is(
    office: Office, running: Running
) -> None:
    running.account.ledger.backup(office.state / "copy.db")
    # The first pages are whole, so that it opens: only the marker knows better.
    spoil(running)
    office.tick(running)
    running.close()
    try:
        again = office.start()
    except LedgerFault:
        pass
    else:
        assert "tick_failed" in office.tick(again)
        again.close()
    assert len(office.told()) == 1, "a restart tells nothing twice in a day"

    for path in office.state.glob("ledger.db*"):
        path.unlink()
    shutil.copy(office.state / "copy.db", office.state / "ledger.db")
    restored = office.start()
    office.mail()
    assert "tick_failed" not in office.tick(restored)
    assert len(restored.account.ledger.readings.history("fjord")) == 2
    assert not (office.state / "ledger.db.damaged").exists()
    restored.close()


def test_damage_in_a_page_that_nobody_reads_is_found_by_the_daily_copy(
    office: Office, running: Running
) -> None:
    let_go(running)
    path = running.account.ledger.path
    with sqlite3.connect(path) as file:
        (page,) = file.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'deaf' AND type = 'table'"
        ).fetchone()
    file.close()
    with path.open("r+b") as data:
        data.seek((page - 1) * 4096)
        data.write(b"\xa5" * 4096)
    before = sorted((office.state / "backups").iterdir())

    office.now += timedelta(days=1) - timedelta(minutes=10)
    office.tick(running)

    assert len(office.told()) == 1
    assert sorted((office.state / "backups").iterdir()) == before, "the good copies stay"


def test_a_ledger_that_cannot_be_opened_at_the_start_is_told_once_in_many_restarts(
    office: Office, running: Running
) -> None:
    running.close()
    (office.state / "ledger.db").write_bytes(os.urandom(60_000))
    for _ in range(5):
        office.now += timedelta(seconds=15)
        with pytest.raises(LedgerFault):
            office.start()

    assert len(office.told()) == 1


@pytest.mark.parametrize(("verb", "answer"), [("CONNECT", "421 4.3.2 down"), ("RCPT", "451 later")])
def test_a_server_that_takes_no_mail_is_tried_again_in_an_hour(
    office: Office, running: Running, verb: str, answer: str
) -> None:
    office.sink.answer(verb, answer)
    spoil(running)
    assert "not_warned" in office.tick(running)
    assert office.tick(running, minutes=30) == []
    assert "warned" in office.tick(running, minutes=31)
    assert len(office.told()) == 1


def test_another_kind_of_trouble_is_told_within_the_day_and_each_of_three_kinds_once(
    office: Office, running: Running
) -> None:
    alarm, settings = Alarm(office.state), running.account.settings
    troubles = [
        Busy("the disk is full"),
        LedgerDamaged("the ledger is damaged"),
        Busy("the ledger is locked"),
        LedgerFault("the ledger is not to be read"),
        Fault("KeyError in the service itself"),
        ServerFault("something else"),
    ]
    left = [alarm.ring(settings, one, office.now) for one in troubles]
    assert left == [True, True, False, False, True, False]

    again = Alarm(office.state)
    late = office.now + timedelta(hours=23)
    assert [again.ring(settings, one, late) for one in troubles] == [False] * 6
    assert again.ring(settings, troubles[1], office.now + timedelta(hours=24))
    assert len(office.told()) == 4


def test_a_disk_that_stays_full_is_told_by_mail_and_holds_every_reply_back(
    office: Office,
) -> None:
    with SmallDisk(office.state) as disk:
        running = office.start()
        office.mail()
        office.tick(running)
        if not disk.fill():
            running.close()
            pytest.skip("a small disk needs root and the right to mount")
        office.mail()
        office.tick(running)
        assert office.told() == [], "it may pass"
        office.tick(running, minutes=26)  # 10:00
        office.tick(running)
        assert len(office.told()) == 1
        assert office.to_clients() == 0

        disk.free()
        events = office.tick(running)
        assert {"tick_works_again", "checked_in"} <= set(events)
        assert office.to_clients() == 1
        assert running.account.ledger.verify() == []
        running.close()


def test_a_disk_that_turned_read_only_is_told_by_mail_though_no_file_can_say_so(
    office: Office,
) -> None:
    with SmallDisk(office.state) as disk:
        running = office.start()
        office.tick(running)
        let_go(running)
        if not disk.mounted or _remount(office.state, "ro"):
            running.close()
            pytest.skip("a read-only disk needs root and the right to mount")
        office.mail()
        assert "tick_failed" in office.tick(running)
        office.tick(running, minutes=30)
        office.tick(running)
        assert len(office.told()) == 1
        assert office.to_clients() == 0

        assert _remount(office.state, "rw") == 0
        assert "tick_works_again" in office.tick(running)
        assert [m.subject for m in running.account.ledger.readings.history("fjord")] == ["s1"]
        running.close()


def _remount(folder: Path, how: str) -> int:
    command = ["mount", "-o", f"remount,{how}", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode


def test_what_a_broken_tick_had_claimed_is_doubtful_at_the_next_one(
    office: Office, running: Running
) -> None:
    """The disk is full between the dot and the word of the ledger that the mail has left."""
    with sqlite3.connect(office.state / "ledger.db") as file:
        file.execute(
            "CREATE TRIGGER full BEFORE UPDATE ON reply WHEN NEW.state NOT IN ('claimed', 'queued') "
            "BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    file.close()
    office.mail()
    assert "tick_failed" in office.tick(running, minutes=30)
    with sqlite3.connect(office.state / "ledger.db") as file:
        file.execute("DROP TRIGGER full")
    file.close()
    office.tick(running)

    (doubtful,) = running.account.ledger.outbox.doubtful()
    assert running.account.ledger.outbox.state(doubtful.id) is ReplyState.DOUBTFUL
    office.tick(running, hours=5)
    assert office.to_clients() == 1, "it is never sent again by itself"
