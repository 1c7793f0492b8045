"""A long time at high speed: the living service between Dovecot and an SMTP server, with all that goes wrong.

The clock is simulated, everything else is real. Each day clients, strangers and the owner mail
(APPEND with explicit dates), servers fail, the disk is full, files are edited, and the service is
started again. `live` returns what was seen; what must hold stands in faults/test_soak.py.
"""

from __future__ import annotations

import ctypes
import gc
import os
import random
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import MutableMapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any

import structlog
from imapclient import IMAPClient

from integration.chaosproxy import ChaosProxy, cut, reset
from integration.dovecot import Dovecot
from integration.sink import Sink
from mailhours.model.message import Direction, Kind
from mailhours.model.reply import Reply, ReplyState
from mailhours.service.running import Running
from soak_office import Office, SmallDisk, Written

START = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
STEP = timedelta(minutes=20)
STEPS = timedelta(days=1) // STEP
# Steps of the day, counted from 06:00 in Oslo.
CHECK_IN, SECOND, EVENING = 12, 27, 40


@dataclass
class Seen:
    """What came of it. `memory` in MB and open `files`, at the end of each day."""

    inbound: set[str] = field(default_factory=set)
    outbound: set[str] = field(default_factory=set)
    logged: Counter[str] = field(default_factory=Counter)
    machine: Counter[str] = field(default_factory=Counter)
    arrived: list[str] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)
    copies: Counter[str] = field(default_factory=Counter)
    replies: list[tuple[Reply, ReplyState]] = field(default_factory=list)
    events: Counter[str] = field(default_factory=Counter)
    bugs: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    files: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    restarts: int = 0
    faults: Counter[str] = field(default_factory=Counter)


class Soak:
    """One office; `live` it for some days."""

    def __init__(
        self, folder: Path, dovecot: Dovecot, sink: Sink, proxy: ChaosProxy, mails_a_day: int
    ) -> None:
        self._dovecot, self._sink, self._proxy = dovecot, sink, proxy
        self._user = dovecot.user()
        self._office = Office(folder, proxy.port, sink.port, self._user, dovecot.password)
        self._disk = SmallDisk(self._office.state)
        self._mails_a_day = mails_a_day
        self._dice = random.Random(11)
        self._up = True
        self._days = 0
        self._waiting: list[Written] = []
        self._server: IMAPClient | None = None
        self._writer: sqlite3.Connection | None = None
        self.now = START
        self.seen = Seen()
        _watch(self.seen)
        self._running = self._start()

    def live(self, days: int) -> Seen:
        """Live so many days, and let everything come to rest."""
        self._days = days
        with self._disk:
            for day in range(days):
                began = time.process_time()
                self._day(day)
                self._measure(time.process_time() - began)
            self._look()
            self._running.close()
        self._log_out()
        return self.seen

    def _day(self, day: int) -> None:
        each, rest = divmod(self._mails_a_day, STEPS)
        for step in range(STEPS):
            self._waiting += self._office.mails(each + (step < rest), self.now)
            self._trouble(day, step)
            self._deliver()
            self._running.tick()
            self.now += STEP

    def _deliver(self) -> None:
        """Put what waits into the mailbox, by APPEND with the date of its arrival."""
        if not self._up:
            return
        if self._server is None:
            self._server = IMAPClient(self._dovecot.host, self._dovecot.port, ssl=False)
            self._server.login(self._user, self._dovecot.password)
        for mail in self._waiting:
            flags = (b"\\Seen",) if mail.folder == "Sent" else ()
            self._server.append(mail.folder, mail.data, flags, mail.at)
        self._waiting.clear()

    def _log_out(self) -> None:
        if self._server is not None:
            with suppress(OSError):
                self._server.logout()
        self._server = None

    # What goes wrong, each at its hour of some days.

    def _trouble(self, day: int, step: int) -> None:
        self._trouble_with_smtp(day, step)
        self._trouble_with_imap(day, step)
        self._trouble_at_home(day, step)
        self._edit(day, step)

    def _trouble_with_smtp(self, day: int, step: int) -> None:
        match step, day % 6:
            case (12, 0):
                self._fault("refused for now")
                self._sink.answer("RCPT", "451 4.3.0 later", times=3)
            case (12, 1 | 5):
                self._fault("cut before the mail")
                self._sink.drop("DATA")
            case (12, 2):
                self._fault("the answer to the mail is lost")
                self._sink.drop("BODY")
            case (27, 1 | 3):
                self._fault("the submission server is down")
                self._sink.answer("CONNECT", "421 4.3.2 down")
            case (27, 4):
                self._fault("refused for good")
                self._sink.answer("RCPT", "550 5.1.1 no such person", about="lee@client-9")

    def _trouble_with_imap(self, day: int, step: int) -> None:
        # Over the first check-in: it waits, and every other time it is missed.
        if day % 4 == 2 and step == CHECK_IN - 2:
            self._fault("the IMAP server is down")
            self._log_out()
            self._dovecot.kill()
            self._up = False
        if not self._up and step == CHECK_IN + (2 if day % 8 == 2 else 5):
            self._dovecot.start()
            self._up = True
        if step in (5, 20, 33, 55):
            self._fault("a connection is cut")
            spoil = self._dice.choice((cut, reset))
            self._proxy.next(spoil(self._dice.randrange(100, 20_000)))
            self._proxy.hang_up()

    def _trouble_at_home(self, day: int, step: int) -> None:
        if day % 5 == 3 and step == SECOND - 2 and self._disk.fill():
            self._fault("the disk is full")
        if day % 5 == 3 and step == SECOND + 2:
            self._disk.free()
        if day % 10 == 4 and step == EVENING + 10:
            self._fault("another process writes")
            path = self._office.state / "ledger.db"
            self._writer = sqlite3.connect(path, isolation_level=None)
            self._writer.execute("BEGIN IMMEDIATE")
        if self._writer is not None and step == EVENING + 11:
            self._writer.close()
            self._writer = None
        if step == SECOND + 5:
            self._running.close()
            if day % 10 == 6 and self._up:
                self._fault("UIDVALIDITY changes")
                self._log_out()
                self._dovecot.reset_uidvalidity(self._user)
            self._running = self._start()
            self.seen.restarts += 1

    def _edit(self, day: int, step: int) -> None:
        if step == SECOND + 9:
            self._office.write("25:00" if day % 2 else "15:30")
        if step == EVENING:
            self.seen.faults["rejected"] += bool(self._running.account.rejected)
            self._office.write("15:00")
            # Every mail is read and judged anew then. The last half of the time is quiet.
            if day % 5 == 1 and day < self._days / 2:
                self._office.add(f"new-{day}")

    def _fault(self, what: str) -> None:
        self.seen.faults[what] += 1

    # What is seen.

    def _start(self) -> Running:
        return Running(self._office.config, self._office.state, {}, lambda: self.now, lambda: None)

    def _measure(self, seconds: float) -> None:
        # What the two servers of this process remember is not the service's.
        for mail in self._sink.messages:
            header = mail.message
            alarm = header["X-Loop"] == "mailhours-alarm"
            (self.seen.alarms if alarm else self.seen.arrived).append(str(header["Message-ID"]))
        self._sink.messages.clear()
        self._sink.heard.clear()
        gc.unfreeze()  # a process that ends takes with it what it kept from the collector
        gc.collect()
        self.seen.memory.append(_memory())
        self.seen.files.append(len(os.listdir("/proc/self/fd")))  # noqa: PTH208
        self.seen.seconds.append(seconds)
        sys.stderr.write(
            f"day {len(self.seen.files)}: {self.seen.memory[-1]:.0f} MB, "
            f"{self.seen.files[-1]} files, {seconds:.1f} s\n"
        )
        sys.stderr.flush()

    def _look(self) -> None:
        self.seen.inbound, self.seen.outbound = self._office.inbound, self._office.outbound
        ledger = self._running.account.ledger
        for client in ledger.readings.clients():
            for message in ledger.readings.history(client):
                machine = (message.direction, message.kind) == (Direction.OUTBOUND, Kind.MACHINE)
                (self.seen.machine if machine else self.seen.logged)[message.message_id] += 1
        self.seen.replies = [
            (reply, state)
            for reply in ledger.outbox.replies()
            if (state := ledger.outbox.state(reply.id)) is not None
        ]
        parse = BytesHeaderParser().parsebytes
        for mail in self._dovecot.mails(self._user, "Sent"):
            self.seen.copies[str(parse(mail)["Message-ID"])] += 1
        self.seen.problems = ledger.verify()


def _watch(seen: Seen) -> None:
    """Count what the service logs, and keep what nobody foresaw."""

    def count(_: object, __: str, event: MutableMapping[str, Any]) -> str:
        seen.events[str(event["event"])] += 1
        if "trace" in event:
            seen.bugs.append(f"{event['error']}: {event['trace']}")
        return ""

    structlog.configure(logger_factory=structlog.ReturnLoggerFactory(), processors=[count])


def _memory() -> float:
    """Return what the process holds, in MB; what it has freed is given back before."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)  # of the GNU C library
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2
