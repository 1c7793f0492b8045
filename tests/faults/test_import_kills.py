"""kill -9 in the middle of a first import, again and again: complete in the end, and no doubles."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from integration.dovecot import Dovecot

FULL = os.environ.get("MAILHOURS_CAMPAIGN") == "full"
MAILS, KILLS = (2000, 20) if FULL else (600, 6)
CONFIGURATION = """
schema = 1
[owner]
name = "Dana Berg"
address = "dana@studio.example"
timezone = "Europe/Oslo"
[hours]
week = {{ mon = ["09:00-17:00"] }}
check_ins = ["10:00"]
[mailbox.main]
host = "127.0.0.1"
port = {port}
security = "none"
user = "{user}"
password = "env:IMAP_PASSWORD"
idle = false
"""
CLIENT = 'schema = 1\nname = "Fjord"\naddresses = ["@fjord.example"]\nlanguage = "en"\n'


def a_mail(number: int) -> bytes:
    text = f"Could you look at page {number}, please?\r\n" * (1 + number % 40)
    return (
        "From: kari@fjord.example\r\nTo: dana@studio.example\r\n"
        f"Message-ID: <{number}@fjord.example>\r\nSubject: Page {number}\r\n"
        f"Date: Mon, 02 Mar 2026 08:00:00 +0100\r\n\r\n{text}"
    ).encode()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_import_killed_again_and_again_loses_and_doubles_nothing(
    dovecot: Dovecot, tmp_path: Path
) -> None:
    user = dovecot.user()
    for number in range(MAILS):
        dovecot.deliver(user, a_mail(number))
    config = tmp_path / "config"
    (config / "clients").mkdir(parents=True)
    (config / "mailhours.toml").write_text(CONFIGURATION.format(port=dovecot.port, user=user))
    (config / "clients" / "fjord.toml").write_text(CLIENT)
    environment = {
        **os.environ,
        "MAILHOURS_CONFIG": str(config),
        "STATE_DIRECTORY": str(tmp_path / "state"),
        "IMAP_PASSWORD": dovecot.password,
    }
    service, poll = ([sys.executable, "-m", "mailhours", verb] for verb in ("run", "poll"))
    dice = random.Random(42)

    for _ in range(KILLS):
        process = subprocess.Popen(
            service, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(dice.uniform(0.8, 2.6))
        process.kill()
        process.wait()
    done = subprocess.run(poll, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    with sqlite3.connect(tmp_path / "state" / "ledger.db") as ledger:
        held = ledger.execute("select count(*), count(distinct key) from mail").fetchone()
        seen = ledger.execute("select count(*) from sighting").fetchone()
        read = ledger.execute("select count(*), count(distinct message_id) from reading").fetchone()
        whole = ledger.execute("pragma integrity_check").fetchone()
    ledger.close()
    assert (held, seen, read, whole) == ((MAILS, MAILS), (MAILS,), (MAILS, MAILS), ("ok",))
