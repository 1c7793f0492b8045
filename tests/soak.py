"""A long time at high speed: the living service on a Maildir and an SMTP server, with all that goes wrong.

Each simulated day clients and strangers mail, servers fail, files are edited, and the service is
started again. `live` returns what was seen; what must hold stands in faults/test_soak.py.
"""

from __future__ import annotations

import gc
import os
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from integration.sink import Sink
from mailhours.model.message import Direction
from mailhours.model.reply import Reply, ReplyState
from mailhours.service.running import Running

START = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
STEP = timedelta(minutes=20)
CLIENTS = ("fjord", "harbour", "adler", "neva")
QUESTIONS = (
    "Could you send me the logo?",
    "When will the website be ready?",
    "Did you get my mail? Please answer.",
    "Thanks, all fine!",
    "The headline is wrong, please change it.",
)
MAIN = """\
schema = 1
[owner]
name = "Dana Berg"
address = "dana@studio.example"
timezone = "Europe/Oslo"
[hours]
week = {{ mon = ["09:00-17:00"], tue = ["09:00-17:00"], wed = ["09:00-17:00"], thu = ["09:00-17:00"], fri = ["09:00-15:00"] }}
check_ins = ["10:00", "{second}"]
[mailbox.main]
source = "maildir"
path = "mail"
poll_every = "20 min"
[submission]
host = "127.0.0.1"
port = {port}
security = "none"
[replies]
mode = "send"
authentication = "absent"
per_day = 500
"""


@dataclass
class Seen:
    """What came of it. `memory` in MB and open `files`, at the end of each day."""

    mails: int = 0
    logged: int = 0
    arrived: list[str] = field(default_factory=list)
    replies: list[tuple[Reply, ReplyState]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    files: list[int] = field(default_factory=list)
    restarts: int = 0
    rejected: int = 0


class Soak:
    """One office; `live` it for some days."""

    def __init__(self, folder: Path, sink: Sink, mails_a_day: int, seed: int = 7) -> None:
        self.config, self.state = folder / "config", folder / "state"
        self.sink, self.mails_a_day = sink, mails_a_day
        self.now = START
        self.seen = Seen()
        self._dice = random.Random(seed)
        self._number = 0
        for name in ("clients", "mail/cur", "mail/new", "mail/tmp"):
            (self.config / name).mkdir(parents=True)
        self._main("15:00")
        for client in CLIENTS:
            self._client(client)
        self._running = self._start()

    def live(self, days: int) -> Seen:
        for day in range(days):
            self._day(day)
            gc.collect()
            self.seen.memory.append(_memory())
            self.seen.files.append(len(os.listdir("/proc/self/fd")))  # noqa: PTH208
        ledger = self._running.account.ledger
        self.seen.logged = sum(
            message.direction is Direction.INBOUND
            for client in ledger.readings.clients()
            for message in ledger.readings.history(client)
        )
        self.seen.arrived = [str(mail.message["Message-ID"]) for mail in self.sink.messages]
        self.seen.replies = [
            (reply, state)
            for reply in ledger.outbox.replies()
            if (state := ledger.outbox.state(reply.id)) is not None
        ]
        self.seen.problems = ledger.verify()
        self._running.close()
        return self.seen

    def _day(self, day: int) -> None:
        steps = timedelta(days=1) // STEP
        for step in range(steps):
            for _ in range(self.mails_a_day // steps + (step < self.mails_a_day % steps)):
                self._mail()
            self._trouble(day, step)
            self._running.tick()
            self.now += STEP

    def _trouble(self, day: int, step: int) -> None:
        """Let go wrong what goes wrong in a month, each at its hour of some days."""
        if step == 12 and day % 3 == 0:
            self.sink.answer("RCPT", "451 4.3.0 later")
        if step == 12 and day % 3 == 1:
            self.sink.drop("DATA")
        if step == 12 and day % 5 == 2:
            self.sink.drop("BODY")  # the mail arrives, its answer is lost: doubtful
        if step == 30:
            self._running.close()
            self._running = self._start()
            self.seen.restarts += 1
        if step == 36:
            self._main("25:00" if day % 2 else "15:30")
        if step == 40:
            self.seen.rejected += bool(self._running.account.rejected)
            self._main("15:00")
            self._client(f"new-{day}")

    def _start(self) -> Running:
        return Running(self.config, self.state, {}, lambda: self.now, lambda: None)

    def _main(self, second: str) -> None:
        path = self.config / "mailhours.toml"
        path.write_text(MAIN.format(second=second, port=self.sink.port))

    def _client(self, key: str) -> None:
        path = self.config / f"clients/{key}.toml"
        path.write_text(
            f'schema = 1\nname = "{key}"\naddresses = ["@{key}.example"]\nlanguage = "en"\n'
            f'[[person]]\nname = "Kim of {key}"\naddress = "kim@{key}.example"\nroles = ["contact"]\n'
        )

    def _mail(self) -> None:
        self._number += 1
        client = self._dice.choice((*CLIENTS, "stranger"))
        self.seen.mails += client != "stranger"
        text = self._dice.choice(QUESTIONS)
        path = self.config / f"mail/new/{self._number}.soak"
        path.write_text(
            f"From: Kim <kim@{client}.example>\r\nTo: dana@studio.example\r\n"
            f"Subject: matter {self._number}\r\nDate: {format_datetime(self.now)}\r\n"
            f"Message-ID: <{self._number}@{client}.example>\r\n\r\n{text} ({self._number})\r\n"
        )
        os.utime(path, (self.now.timestamp(), self.now.timestamp()))


def _memory() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2
