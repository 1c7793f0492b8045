"""Everything that a full run writes, searched for passwords and for the words of mail."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from integration.dovecot import Dovecot
from integration.sink import Sink

OSLO = ZoneInfo("Europe/Oslo")
IMAP_SECRET = "correct-horse-imap-4711"
SMTP_SECRET = "battery-staple-smtp-0815"
WORDS = "zirbelkiefernholz"
MAIN = """\
schema = 1
[owner]
name = "Dana Berg"
address = "dana@studio.example"
timezone = "Europe/Oslo"
[hours]
week = {{ {week} }}
check_ins = [{check_ins}]
[mailbox.main]
source = "maildir"
path = "mail"
poll_every = "1 min"
[mailbox.office]
host = "127.0.0.1"
port = {imap}
security = "none"
user = "{user}"
password = "file:imap"
[submission]
host = "127.0.0.1"
port = {smtp}
security = "none"
user = "dana@studio.example"
password = "file:smtp"
[replies]
mode = "send"
authentication = "absent"
[summary]
at = "00:00"
"""


@pytest.fixture
def run(tmp_path: Path, dovecot: Dovecot) -> dict[str, str]:
    """Let the service live for two ticks on mail with telling words and passwords that are refused."""
    config, state = tmp_path / "config", tmp_path / "state"
    for name in ("clients", "mail/cur", "mail/new", "mail/tmp"):
        (config / name).mkdir(parents=True)
    now = datetime.now(OSLO)
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    with Sink(auth=True) as sink:
        text = MAIN.format(
            week=", ".join(f'{day} = ["00:00-24:00"]' for day in days),
            check_ins=", ".join(
                f'"{hour:02}:{minute:02}"' for hour in range(24) for minute in (0, 30)
            ),
            imap=dovecot.port,
            smtp=sink.port,
            user=dovecot.user("studio.example"),
        )
        (config / "mailhours.toml").write_text(text)
        (config / "clients/fjord.toml").write_text(
            'schema = 1\nname = "Fjord"\naddresses = ["kari@fjord.example"]\n'
        )
        for name, secret in (("imap", IMAP_SECRET), ("smtp", SMTP_SECRET)):
            (config / name).write_text(f"{secret}\n")
            (config / name).chmod(0o600)
        for number, odd in enumerate(("", "Content-Type: multipart/mixed\r\n", "\xff\x00: x\r\n")):
            (config / f"mail/new/{number}.x").write_text(
                f"From: kari@fjord.example\r\nTo: dana@studio.example\r\nSubject: {WORDS}\r\n"
                f"Date: {format_datetime(now - timedelta(minutes=number))}\r\n{odd}"
                f"Message-ID: <{number}@x>\r\n\r\nCould you send me the {WORDS}?\r\n"
            )
        log = (tmp_path / "log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", "mailhours", "run", "--log", "json"],
            env={**os.environ, "MAILHOURS_CONFIG": str(config), "STATE_DIRECTORY": str(state)},
            stdout=log,
            stderr=log,
        )
        end = time.monotonic() + 45
        while not (state / "status.json").exists() and time.monotonic() < end:
            time.sleep(0.2)
        listed = Path(f"/proc/{process.pid}/cmdline").read_text()
        surroundings = Path(f"/proc/{process.pid}/environ").read_text()
        # A broken file of the owner's, with a password where none belongs.
        (config / "mailhours.toml").write_text(text.replace('"file:smtp"', f'"{SMTP_SECRET}"'))
        (process.send_signal(1), time.sleep(2), process.terminate())
        assert process.wait(60) == 0
        log.close()
    found = {
        path.name: path.read_bytes().decode("latin-1")
        for path in state.rglob("*")
        if path.is_file()
    }
    return {
        **found,
        "log": (tmp_path / "log").read_text(),
        "process list": listed,
        "environment": surroundings,
    }


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_no_password_and_no_word_of_a_mail_stands_where_it_does_not_belong(
    run: dict[str, str],
) -> None:
    events = [json.loads(line)["event"] for line in run["log"].splitlines()]
    assert {"started", "deaf", "stopped"} <= set(events), run["log"]
    assert "configuration_rejected" in events
    assert any(name.startswith("ledger") for name in run)
    for name, text in run.items():
        for secret in (IMAP_SECRET, SMTP_SECRET):
            assert secret not in text, f"a password stands in: {name}"
    for name in ("log", "status.json", "process list"):
        assert WORDS not in run[name], f"words of a mail stand in: {name}"
