"""`check --online`: one line a check, and one next step for each that is not fine."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from configurations import FJORD
from integration.dovecot import Dovecot
from integration.sink import Sink
from mailhours.model.slot import Slot
from mailhours.service import doctor_here, doctor_servers
from mailhours.service.account import open_account
from mailhours.service.doctor import Checked
from mailhours.settings.load import load

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
MAIN = """\
schema = 1
[owner]
name = "Dana Berg"
address = "{user}"
timezone = "Europe/Oslo"
[hours]
week = {{ mon = ["09:00-17:00"] }}
check_ins = ["10:00"]
[mailbox.main]
host = "{host}"
port = {port}
security = "{security}"
user = "{user}"
password = "file:secret"
[submission]
host = "127.0.0.1"
port = {smtp}
security = "none"
user = "{user}"
password = "file:secret"
"""


class Office:
    def __init__(self, folder: Path, dovecot: Dovecot, smtp: int) -> None:
        self.folder, self.state = folder / "config", folder / "state"
        self.user = dovecot.user("studio.example")
        self.known = {
            "user": self.user,
            "host": "127.0.0.1",
            "port": dovecot.port,
            "security": "none",
            "smtp": smtp,
        }
        (self.folder / "clients").mkdir(parents=True)
        (self.folder / "clients/fjord.toml").write_text(FJORD)
        self.secret = self.folder / "secret"
        self.secret.write_text("pass\n")
        self.secret.chmod(0o600)
        self.write()

    def write(self, **changes: object) -> None:
        text = MAIN.format(**{**self.known, **changes})
        (self.folder / "mailhours.toml").write_text(text)

    def settings(self):
        return load(self.folder, {})

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        environ = {"MAILHOURS_CONFIG": str(self.folder), "STATE_DIRECTORY": str(self.state)}
        return subprocess.run(
            [sys.executable, "-m", "mailhours", *words],
            env={**os.environ, **environ},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def office(tmp_path: Path, dovecot: Dovecot):
    with Sink(auth=True) as sink:
        held = Office(tmp_path, dovecot, sink.port)
        held.sink = sink
        yield held


def by_name(found: Iterable[Checked]) -> dict[str, Checked]:
    return {one.check: one for one in found}


def test_all_is_well_where_all_is_well_and_nothing_is_sent(office: Office) -> None:
    found = by_name(doctor_servers.checks(office.settings(), NOW))

    assert {name: one.state for name, one in found.items() if one.state != "ok"} == {}
    assert found["mailbox main: Check-in"].words == "the folder Check-in"
    assert "Sent" in found["mailbox main: Sent"].words
    assert found["submission: sender"].words == f"you may send as {office.user}"
    assert office.sink.messages == []


def test_a_refused_login_names_the_app_password(office: Office) -> None:
    office.secret.write_text("wrong")

    found = by_name(doctor_servers.checks(office.settings(), NOW))

    assert found["mailbox main: login"].state == "FAIL"
    assert "app password" in found["mailbox main: login"].step
    assert found["mailbox main: login"].fault.exit_code == 77
    assert found["submission: login"].state == "FAIL"
    assert "wrong" not in str(found)


def test_a_certificate_that_is_not_trusted_fails_and_one_that_ends_soon_is_told(
    office: Office, dovecot: Dovecot
) -> None:
    office.write(port=dovecot.tls_port, security="tls", host="localhost")

    found = by_name(doctor_servers.checks(office.settings(), NOW))
    assert found["mailbox main: login"].state == "FAIL"

    def trusting() -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(dovecot.certificate.cert))

    real = datetime.now(UTC)
    found = by_name(doctor_servers.checks(office.settings(), real, trusting))
    assert found["mailbox main: certificate"].words.startswith("trusted, valid until 20")
    later = real + timedelta(days=36500)
    found = by_name(doctor_servers.checks(office.settings(), later, trusting))
    assert found["mailbox main: certificate"].state == "warn"


def test_a_host_that_is_not_there_is_found_out_before_a_password_is_sent(office: Office) -> None:
    office.write(port=1)
    found = by_name(doctor_servers.checks(office.settings(), NOW))

    assert found["mailbox main: login"].fault.exit_code == 69


def test_mail_from_the_future_means_that_our_clock_is_slow(
    office: Office, dovecot: Dovecot
) -> None:
    dovecot.deliver(office.user, b"Subject: x\r\n\r\nx\r\n", received=NOW + timedelta(hours=2))

    found = by_name(doctor_servers.checks(office.settings(), NOW))

    assert found["mailbox main: clock"].state == "warn"
    assert "timedatectl" in found["mailbox main: clock"].step


def test_this_machine_is_checked_without_a_ledger(office: Office, tmp_path: Path) -> None:
    office.secret.chmod(0o644)

    found = by_name(doctor_here.checks(office.settings(), office.state, NOW))

    assert found["secret of [mailbox.main]"].state == "warn"
    assert "chmod 600" in found["secret of [mailbox.main]"].step
    assert found["time zone"].words == "Europe/Oslo: there it is Mon 10:30"
    assert found["ledger"].step == "`mailhours poll` makes it"
    assert found["templates and phrases"].words == "fine in en"
    assert not office.state.exists()


def test_a_broken_template_is_named(office: Office) -> None:
    (office.folder / "templates/en").mkdir(parents=True)
    (office.folder / "templates/en/acknowledgement.txt").write_text("{% if %}")

    found = by_name(doctor_here.checks(office.settings(), office.state, NOW))

    assert found["templates and phrases"].state == "FAIL"
    assert "en/acknowledgement.txt" in found["templates and phrases"].words


def test_check_ins_that_wait_because_the_clock_was_ahead_are_told(office: Office) -> None:
    assert office.run("poll").returncode == 0
    account = open_account(office.settings(), office.state, lambda: NOW)
    account.ledger.slots.missed(Slot(NOW + timedelta(days=7), "2026-11-30T10:00"), NOW)
    account.close()

    found = by_name(doctor_here.checks(office.settings(), office.state, NOW))

    assert found["check-ins"].state == "warn"
    assert "Mon 30 Nov 10:30, which is still to come" in found["check-ins"].words


def test_a_damaged_ledger_is_found(office: Office) -> None:
    assert office.run("poll").returncode == 0
    found = by_name(doctor_here.checks(office.settings(), office.state, NOW))
    assert found["ledger"].words.startswith("whole")
    path = office.state / "ledger.db"
    data = path.read_bytes()
    path.write_bytes(data[:8192] + b"\xff" * 8192 + data[16384:])

    found = by_name(doctor_here.checks(office.settings(), office.state, NOW))

    assert found["ledger"].state == "FAIL"


def test_the_command_prints_a_line_a_check_and_ends_with_the_code(office: Office) -> None:
    done = office.run("check", "--online")
    assert done.returncode == 0, done.stdout
    assert "ok   submission: login:" in done.stdout

    office.secret.write_text("wrong")
    done = office.run("check", "--online", "--json")
    document = json.loads(done.stdout)
    assert done.returncode == 77
    assert document["ok"] is False
    failures = [one for one in document["checks"] if one["state"] == "FAIL"]
    assert all(one["step"] for one in failures)

    office.secret.unlink()
    assert office.run("check", "--online").returncode == 78
