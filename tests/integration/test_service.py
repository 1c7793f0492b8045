"""The service as its owner runs it: a process between a real IMAP and a real SMTP server."""

from __future__ import annotations

import json
import os
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from imapclient import IMAPClient

from integration.dovecot import Dovecot
from integration.postfix import Postfix

ZONE = ZoneInfo("Europe/Oslo")
PATIENCE = 60.0


class Office:
    """One owner with two clients on real servers, and `mailhours` as a process beside them."""

    def __init__(self, folder: Path, dovecot: Dovecot, postfix: Postfix, slot: datetime) -> None:
        self.folder, self.dovecot, self.postfix = folder, dovecot, postfix
        self.owner = postfix.user("studio.example")
        self.kari = postfix.user("client.example")
        self.ivan = postfix.user("client.example")
        self.log = folder / "service.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._write(slot)

    def _write(self, slot: datetime) -> None:
        day = '["00:00-24:00"]'
        week = ", ".join(f"{d} = {day}" for d in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
        later = slot + timedelta(minutes=7)
        config = self.folder / "config"
        (config / "clients").mkdir(parents=True)
        (config / "mailhours.toml").write_text(
            f"""
            schema = 1
            [owner]
            name = "Dana Berg"
            address = "{self.owner}"
            timezone = "Europe/Oslo"
            [hours]
            week = {{ {week} }}
            check_ins = ["{slot:%H:%M}", "{later:%H:%M}"]
            [mailbox.main]
            source = "imap"
            host = "127.0.0.1"
            port = {self.dovecot.port}
            security = "none"
            user = "{self.owner}"
            password = "env:IMAP_PASSWORD"
            poll_every = "10 s"
            idle = false
            [submission]
            host = "127.0.0.1"
            port = {self.postfix.port}
            security = "none"
            [replies]
            mode = "send"
            authentication = "absent"
            [summary]
            at = "23:59"
            """
        )
        for key, name, address, language in (
            ("fjord", "Kari Nordmann", self.kari, "nb"),
            ("neva", "Иван Петров", self.ivan, "ru"),
        ):
            (config / "clients" / f"{key}.toml").write_text(
                f"""
                schema = 1
                name = "{key}"
                addresses = ["{address}"]
                language = "{language}"
                [[person]]
                name = "{name}"
                address = "{address}"
                roles = ["contact"]
                """
            )

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "IMAP_PASSWORD": self.dovecot.password,
            "STATE_DIRECTORY": str(self.folder / "state"),
            "MAILHOURS_CONFIG": str(self.folder / "config"),
        }

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "mailhours", "run", "--log", "json"],
                env=self.environment,
                stderr=log,
            )

    def stop(self) -> int:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(30)

    def ask(self, *words: str) -> dict[str, object]:
        done = subprocess.run(
            [sys.executable, "-m", "mailhours", *words, "--json"],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    def client(self, key: str) -> dict[str, object]:
        return self.ask("client", key)

    def mail(self, sender: str, subject: str, text: str, answers: str = "") -> str:
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"], mail["Subject"] = sender, self.owner, subject
        mail["Date"] = datetime.now(ZONE)
        mail["Message-ID"] = f"<{time.monotonic_ns()}@client.example>"
        if answers:
            mail["In-Reply-To"] = mail["References"] = answers
        mail.set_content(text)
        with smtplib.SMTP("127.0.0.1", self.postfix.port) as server:
            server.send_message(mail)
        return str(mail["Message-ID"])

    def answer_from_another_program(self, to: str, subject: str, answers: str) -> None:
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"], mail["Subject"] = self.owner, to, subject
        mail["Date"] = datetime.now(ZONE)
        mail["Message-ID"] = f"<{time.monotonic_ns()}@studio.example>"
        mail["In-Reply-To"] = mail["References"] = answers
        mail.set_content("Here it is.")
        with IMAPClient("127.0.0.1", self.dovecot.port, ssl=False) as program:
            program.login(self.owner, self.dovecot.password)
            program.append("Sent", mail.as_bytes())

    def received(self, address: str) -> list[EmailMessage]:
        mails = self.dovecot.mails(address, "INBOX")
        return [BytesParser(policy=SMTP).parsebytes(raw) for raw in mails]  # type: ignore[misc]

    def until(self, holds: Callable[[], object], patience: float = PATIENCE) -> None:
        end = time.monotonic() + patience
        while not holds():
            assert time.monotonic() < end, f"it never came; the log:\n{self.log.read_text()}"
            time.sleep(0.5)


@pytest.fixture
def office(dovecot: Dovecot, postfix: Postfix, tmp_path: Path) -> Office:
    soon = datetime.now(ZONE) + timedelta(seconds=110)
    slot = soon.replace(second=0, microsecond=0) + timedelta(minutes=1)
    held = Office(tmp_path, dovecot, postfix, slot)
    yield held
    if held._process is not None and held._process.poll() is None:
        held._process.kill()
        held._process.wait()


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_mail_goes_all_the_way_and_a_restart_doubles_nothing(office: Office) -> None:
    office.start()
    office.until(lambda: b"started" in office.log.read_bytes())
    question = office.mail(office.kari, "Logo", "Hei Dana,\n\nkan du sende meg logoen?\n\nKari")
    other = office.mail(office.ivan, "Сайт", "Здравствуйте! Когда будет готов сайт?")

    # Logged within one poll, and a chase is seen as one.
    office.until(lambda: office.client("fjord")["promises"])
    assert office.client("fjord")["turn"] == "ours"
    chase = office.mail(office.kari, "Re: Logo", "Fikk du e-posten min?", answers=question)
    office.until(lambda: office.client("fjord")["nudges"])
    (nudge,) = office.client("fjord")["nudges"]
    assert nudge["message_id"] == chase
    assert nudge["chases"] == question

    # The owner's own answer, seen in Sent, is the answer.
    office.until(lambda: office.client("neva")["promises"])
    office.answer_from_another_program(office.ivan, "Re: Сайт", other)
    office.until(lambda: office.client("neva")["turn"] != "ours")

    assert office.stop() == 0
    office.start()
    office.until(lambda: office.received(office.kari), patience=240)
    assert office.stop() == 0
    office.start()
    office.until(lambda: office.log.read_text().count('"started"') == 3)
    time.sleep(25)
    assert office.stop() == 0

    (mail,) = office.received(office.kari)
    assert office.received(office.ivan) == []
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["In-Reply-To"] == chase
    assert question in mail["References"]
    assert mail["Subject"] == "Re: Logo"
    assert mail["Content-Language"] == "nb"
    assert "Jeg har ikke lest" in mail.get_content()
    copies = office.dovecot.mails(office.owner, "Sent")
    assert sum(str(mail["Message-ID"]).encode() in copy for copy in copies) == 1
