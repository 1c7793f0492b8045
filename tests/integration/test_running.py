"""The living service: what it tells systemd, how it takes changed files, what it does in trouble."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from integration.fakebox import FakeBox
from mailhours.service import house, jobs
from mailhours.service.running import Running
from mailhours.service.systemd import is_journal

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
[replies]
authentication = "absent"
"""
FJORD = 'schema = 1\nname = "Fjord"\naddresses = ["kari@fjord.example"]\n'
MONDAY = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


class Ear:
    """What systemd would hear."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.setblocking(False)

    def heard(self) -> list[str]:
        found = []
        while True:
            try:
                found.append(self._socket.recv(4096).decode())
            except BlockingIOError:
                return found

    def until(self, word: str, patience: float = 30) -> list[str]:
        found, end = [], time.monotonic() + patience
        while not any(word in one for one in found):
            assert time.monotonic() < end, f"{word} never came: {found}"
            time.sleep(0.05)
            found += self.heard()
        return found

    def close(self) -> None:
        self._socket.close()


class Office:
    """A configuration, a Maildir, a state directory, and a clock that stands where it is put."""

    def __init__(self, folder: Path) -> None:
        self.config, self.state, self.now = folder / "config", folder / "state", MONDAY
        for name in ("clients", "mail/cur", "mail/new", "mail/tmp"):
            (self.config / name).mkdir(parents=True)
        self.write("mailhours.toml", MAIN)
        self.write("clients/fjord.toml", FJORD)
        self.ear = Ear(folder / "notify")
        self.environ = {"NOTIFY_SOCKET": str(self.ear.path), "STATE_DIRECTORY": str(self.state)}

    def write(self, name: str, text: str) -> None:
        (self.config / name).write_text(text, encoding="utf-8")

    def running(self) -> Running:
        return Running(self.config, self.state, self.environ, lambda: self.now, lambda: None)

    def process(self, *words: str, **more: str) -> subprocess.Popen[str]:
        environ = {**os.environ, **self.environ, "MAILHOURS_CONFIG": str(self.config), **more}
        return subprocess.Popen(
            [sys.executable, "-m", "mailhours", *words],
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def status(self) -> dict[str, object]:
        return json.loads((self.state / "status.json").read_text())


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    held = Office(tmp_path)
    yield held
    held.ear.close()


@pytest.fixture
def running(office: Office) -> Iterator[Running]:
    held = office.running()
    yield held
    held.close()


def events(logs: list[dict[str, object]], name: str) -> list[dict[str, object]]:
    return [one for one in logs if one["event"] == name]


def test_systemd_hears_that_it_works_what_comes_next_and_that_work_was_done(
    office: Office, running: Running
) -> None:
    running.tick()

    heard = office.ear.heard()
    assert "READY=1" in heard
    assert "STATUS=next check-in Mon 23 Nov 10:00; last poll Mon 23 Nov 09:30" in heard
    assert "WATCHDOG=1" in heard


def test_only_a_tick_that_came_to_its_end_feeds_the_watchdog(
    office: Office, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    running.tick()
    office.ear.heard()
    time.sleep(1.1)

    def broken(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(jobs, "tick", broken)
    with capture_logs() as logs:
        running.tick()
        running.tick()

    assert "WATCHDOG=1" not in office.ear.heard()
    assert len(events(logs, "tick_failed")) == 1
    assert office.status()["trouble"].startswith("ZeroDivisionError")
    monkeypatch.undo()
    with capture_logs() as logs:
        running.tick()
    assert events(logs, "tick_works_again")
    assert office.status()["trouble"] == ""
    assert "WATCHDOG=1" in office.ear.heard()


def test_systemd_need_not_wait_while_a_ledger_that_was_damaged_is_looked_through(
    office: Office, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    monkeypatch.setattr(house, "refuse_damaged", lambda _: heard.extend(office.ear.heard()))
    house.mark_damaged(running.account)

    running.tick()

    assert "READY=1" in heard


def test_a_tick_with_nothing_to_do_but_systemd_away_goes_on(office: Office) -> None:
    office.environ["NOTIFY_SOCKET"] = "/nowhere/at/all"
    running = office.running()
    running.tick()
    running.close()

    assert office.status()["trouble"] == ""


def test_changed_files_take_effect_at_the_next_tick(office: Office, running: Running) -> None:
    running.tick()
    office.ear.heard()
    office.write("mailhours.toml", MAIN.replace('"10:00"', '"11:00"'))

    with capture_logs() as logs:
        running.tick()
        running.tick()

    (taken,) = events(logs, "configuration_taken")
    assert "10:00, 15:00 -> 11:00, 15:00" in taken["changes"][0]
    heard = office.ear.heard()
    assert heard[0].startswith("RELOADING=1\nMONOTONIC_USEC=")
    assert heard[1] == "READY=1"
    assert "next check-in Mon 23 Nov 11:00" in heard[2]


def test_a_new_client_is_known_after_a_reload(office: Office, running: Running) -> None:
    running.tick()
    office.write("clients/harbour.toml", 'name = "Harbour"\naddresses = ["jo@harbour.example"]\n')
    running.tick()

    assert [client.key for client in running.account.settings.clients] == ["fjord", "harbour"]
    assert "jo@harbour.example" in running.account.book.senders


def test_the_rules_of_reading_are_loaded_anew_only_when_they_changed(
    office: Office, running: Running
) -> None:
    running.tick()
    reader = running.account.reader
    office.write("mailhours.toml", MAIN.replace('"10:00"', '"11:00"'))
    running.tick()
    assert running.account.reader is reader

    office.write("mailhours.toml", MAIN.replace("[hours]", 'aliases = ["d@b.example"]\n[hours]'))
    running.tick()
    assert running.account.reader is not reader


def test_a_broken_file_changes_nothing_and_is_told_once_everywhere(
    office: Office, running: Running
) -> None:
    running.tick()
    office.now += timedelta(minutes=12)
    office.write("mailhours.toml", MAIN.replace('["10:00", "15:00"]', '["25:00"]'))
    office.write("clients/harbour.toml", 'name = "Harbour"\naddresses = ["jo@harbour.example"]\n')
    office.ear.heard()

    with capture_logs() as logs:
        for _ in range(3):
            running.tick()

    rejected = events(logs, "configuration_rejected")
    assert len(rejected) == 1
    where = f"{office.config}/mailhours.toml:8: hours.check_ins"
    assert where in rejected[0]["problem"]
    # All or nothing: the client file is fine, and waits with the other.
    assert [client.key for client in running.account.settings.clients] == ["fjord"]
    assert where in office.status()["configuration"][0]
    (status,) = [one for one in office.ear.heard() if one.startswith("STATUS=")]
    assert "configuration rejected, running on the one from 09:30" in status
    day = jobs.summarize(running.account, office.now.date())
    assert where in str(day.health.configuration[0])

    office.write("mailhours.toml", MAIN)
    with capture_logs() as logs:
        running.tick()
    assert events(logs, "configuration_taken")
    assert office.status()["configuration"] == []
    assert len(running.account.settings.clients) == 2


def test_a_broken_template_or_phrase_file_changes_nothing(office: Office, running: Running) -> None:
    running.tick()
    (office.config / "phrases.d").mkdir()
    office.write("phrases.d/en.toml", '[[phrase]]\nkind = "nugde"\nid = "x"\nmatch = ["x"]\n')

    running.tick()

    assert running.account.rejected


def test_another_main_address_is_named_as_needing_a_restart(
    office: Office, running: Running
) -> None:
    running.tick()
    office.write("mailhours.toml", MAIN.replace("dana@", "hello@"))

    running.tick()

    (problem,) = running.account.rejected
    assert str(problem).startswith(f"{office.config}/mailhours.toml:4: owner.address:")
    assert "started again" in problem.what
    assert running.account.settings.account == "dana@studio.example"


def test_a_touched_file_gives_up_no_connection(office: Office, running: Running) -> None:
    running.tick()
    held = running.account
    os.utime(office.config / "mailhours.toml", (1, 1))

    with capture_logs() as logs:
        running.tick()

    assert running.account is held
    assert not logs


IMAP = """\
[mailbox.main]
host = "127.0.0.1"
port = {port}
security = "none"
user = "dana"
password = "env:SECRET"
idle = true
"""


def on_imap(office: Office, port: int) -> None:
    office.environ["SECRET"] = "pass"
    maildir = MAIN[MAIN.index("[mailbox.main]") : MAIN.index("[replies]")]
    office.write("mailhours.toml", MAIN.replace(maildir, IMAP.format(port=port)))


def test_a_doorbell_hangs_on_a_mailbox_that_was_reached(office: Office, fake_imap) -> None:
    server = fake_imap(FakeBox().script())
    on_imap(office, server.port)
    running = office.running()
    for _ in range(2):
        running.tick()
        office.now += timedelta(seconds=20)
    until = time.monotonic() + 5
    while "IDLE" not in server.verbs() and time.monotonic() < until:
        time.sleep(0.02)
    running.close()

    assert server.verbs().count("IDLE") == 1
    assert server.connections == 2


def test_04_restarts_and_doorbells_give_a_wrong_password_no_further_try(
    office: Office, fake_imap
) -> None:
    script = {**FakeBox().script(), "LOGIN": b"{tag} NO [AUTHENTICATIONFAILED] no\r\n"}
    server = fake_imap(script)
    on_imap(office, server.port)
    for _ in range(6):
        running = office.running()
        for _ in range(3):
            running.tick()
            office.now += timedelta(minutes=10)
        running.close()

    assert server.verbs().count("LOGIN") == 3


def test_the_ledger_is_copied_once_a_day_and_seven_copies_stay(
    office: Office, running: Running
) -> None:
    for _ in range(10):
        running.tick()
        running.tick()
        office.now += timedelta(days=1)

    folder = office.state / house.FOLDER
    copies = sorted(path.name for path in folder.iterdir())
    assert copies == [f"ledger-{MONDAY.date() + timedelta(days=n)}.db" for n in range(3, 10)]
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_a_backup_that_fails_is_told_and_stops_nothing(office: Office, running: Running) -> None:
    office.state.joinpath(house.FOLDER).write_text("a file in the way")

    with capture_logs() as logs:
        running.tick()

    assert events(logs, "no_care")
    assert office.status()["trouble"] == ""
    (note,) = running.account.ledger.health.notes(MONDAY)
    assert "no backup" in note.text


@pytest.mark.slow
def test_the_process_starts_reloads_refuses_a_second_and_ends(office: Office) -> None:
    process = office.process("run", "--log", "json")
    office.ear.until("STATUS=next")
    second = office.process("run")
    _, said = second.communicate(timeout=30)
    assert second.returncode == 75
    assert "another mailhours" in said
    process.send_signal(signal.SIGHUP)
    heard = office.ear.until("RELOADING=1")
    office.ear.until("READY=1") if not any(one == "READY=1" for one in heard) else None
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 0
    office.ear.until("STOPPING=1")
    lines = [json.loads(line) for line in said.splitlines()]
    told = [line["event"] for line in lines]
    assert told[0] == "started"
    assert "cared" in told
    assert told[-1] == "stopped"


def test_a_configuration_that_is_wrong_at_the_start_ends_with_78(office: Office) -> None:
    office.write("mailhours.toml", MAIN + "[nonsense]\n")
    process = office.process("run")

    _, said = process.communicate(timeout=30)
    assert process.returncode == 78
    assert f"{office.config}/mailhours.toml:" in said
    assert "nonsense" in said


def test_a_line_to_the_journal_begins_with_its_priority(office: Office) -> None:
    ours, theirs = socket.socketpair()
    seen = os.fstat(theirs.fileno())
    environ = {
        **os.environ,
        **office.environ,
        "MAILHOURS_CONFIG": str(office.config),
        "JOURNAL_STREAM": f"{seen.st_dev}:{seen.st_ino}",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "mailhours", "run"], env=environ, stderr=theirs
    ) as process:
        theirs.close()
        ours.settimeout(30)
        line = ours.recv(4096).decode()
        process.terminate()
    ours.close()

    assert line.startswith("<6>{")
    assert json.loads(line[3:].splitlines()[0])["event"] == "started"


def test_what_is_no_journal_is_none(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w") as file:
        seen = os.fstat(file.fileno())
        assert not is_journal({"JOURNAL_STREAM": f"{seen.st_dev}:{seen.st_ino}"}, file.fileno())
    assert not is_journal({"JOURNAL_STREAM": "1:2"}, 999)
