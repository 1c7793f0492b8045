"""Polls of the living service: nothing new, one new mail, a hundred; each until it is understood.

polls.py [--mails 1000] [--polls 200] [--singles 10] [--hundreds 3] [--folder DIR]

Made mail is a soup of words; `--folder` takes the .eml files below DIR instead, whose senders are
clients then. What is printed are medians, and what of them is the reading itself.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

from mails import FROM, mails  # noqa: E402
from poll_once import configuration, senders  # noqa: E402

from integration.dovecot import Dovecot  # noqa: E402
from mailhours.mailbox.imap import ImapMailbox  # noqa: E402
from mailhours.model.header import BLOCK_LIMIT, fields  # noqa: E402
from mailhours.model.message import Reading  # noqa: E402
from mailhours.model.raw import FolderRole, RawMail  # noqa: E402
from mailhours.reading.read import Reader  # noqa: E402
from mailhours.service import jobs, journal  # noqa: E402
from mailhours.service.account import Account, open_account  # noqa: E402
from mailhours.service.run import wall_clock  # noqa: E402
from mailhours.settings.load import load  # noqa: E402

Delivered = tuple[bool, datetime, bytes]  # is it in Sent, arrival, mail
_ADDRESS = re.compile(rb"[a-z0-9]+(?:[._+-][a-z0-9]+)*@[a-z0-9]+(?:[.-][a-z0-9]+)*\.[a-z]{2,}")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one poll cost: CPU ms, those of them that reading took, wall ms, octets received."""

    cpu: float
    reading: float
    wall: float
    received: float


class Timed:
    """A reader that adds up the CPU seconds that it takes."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.version = reader.version
        self.seconds = 0.0

    def read(self, raw: RawMail, role: FolderRole, languages: tuple[str, ...] = ()) -> Reading:
        """Read as the other one does."""
        began = time.process_time()
        try:
            return self._reader.read(raw, role, languages)
        finally:
            self.seconds += time.process_time() - began


def measured(account: Account, timed: Timed) -> Cost:
    """Poll once."""
    box = account.mailboxes[0]
    received = box.traffic[0] if isinstance(box, ImapMailbox) else 0
    read, cpu, wall = timed.seconds, time.process_time(), time.perf_counter()
    jobs.poll(account)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    received = (box.traffic[0] if isinstance(box, ImapMailbox) else 0) - received
    return Cost(cpu * 1000, (timed.seconds - read) * 1000, wall * 1000, received)


def memory() -> float:
    """Return how many MB are resident now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


def found(folder: Path) -> list[Delivered]:
    """Return the mails of a folder in an order that does not change, all of them to INBOX.

    What is there twice is taken once, since it is logged once.
    """
    files = sorted(folder.rglob("*.eml"))
    random.Random(1).shuffle(files)
    read = dict.fromkeys(file.read_bytes() for file in files)
    return [(False, FROM + timedelta(minutes=20 * n), mail) for n, mail in enumerate(read)]


def from_whom(some: Sequence[Delivered]) -> list[str]:
    """Return the addresses in From."""
    matches = (
        _ADDRESS.search(value.lower())
        for _, _, mail in some
        for name, value in fields(mail[:BLOCK_LIMIT])
        if name == "from"
    )
    return sorted({match[0].decode() for match in matches if match})


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mails", type=int, default=1000, help="that are there before")
    parser.add_argument("--polls", type=int, default=200, help="with nothing new")
    parser.add_argument("--singles", type=int, default=10, help="polls with one new mail")
    parser.add_argument("--hundreds", type=int, default=3, help="polls with a hundred")
    parser.add_argument("--folder", type=Path, help="of .eml files: real mail, not made mail")
    given = parser.parse_args(argv)
    journal.silence()
    rounds = [("1 new", 1, given.singles), ("100 new", 100, given.hundreds)]
    needed = sum(size * times for _, size, times in rounds)
    if given.folder:
        held = found(given.folder)
        there = len(held) - needed
        if there < 0:
            print(f"{len(held)} mails are too few: {needed} are needed", file=sys.stderr)
            return 2
        clients, coming = from_whom(held), iter(held)
    else:
        there, clients, coming = given.mails, senders(40), mails(given.mails + needed)
    with Dovecot() as server, tempfile.TemporaryDirectory() as scratch:
        user = server.user()

        def deliver(count: int) -> None:
            for is_sent, arrived, mail in itertools.islice(coming, count):
                folder, flags = ("Sent", "S") if is_sent else ("INBOX", "")
                server.deliver(user, mail, folder, flags=flags, received=arrived)

        deliver(there)
        files = configuration(Path(scratch) / "c", "127.0.0.1", server.port, user, clients)
        state = Path(scratch) / "state"
        state.mkdir()
        settings = load(files, {"BENCH_PASSWORD": server.password})
        account = open_account(settings, state, wall_clock)
        timed = Timed(account.reader)
        vars(account)["reader"] = timed
        try:
            jobs.poll(account)
            resident = memory()
            _show("nothing new", [measured(account, timed) for _ in range(given.polls)])
            for name, size, times in rounds:
                costs = []
                for _ in range(times):
                    deliver(size)
                    costs.append(measured(account, timed))
                _show(name, costs)
            print(f"resident: {resident:.0f} MB after the import, {memory():.0f} MB at the end")
        finally:
            account.close()
    return 0


def _show(what: str, costs: Sequence[Cost]) -> None:
    if not costs:
        return
    cpu, reading, wall, received = (
        statistics.median(getattr(cost, name) for cost in costs)
        for name in ("cpu", "reading", "wall", "received")
    )
    print(
        f"{what:12}{cpu:8.2f} ms CPU, of which reading {reading:7.2f}, the rest"
        f" {statistics.median(c.cpu - c.reading for c in costs):7.2f};"
        f" {wall:7.1f} ms wall {received / 1024:8.2f} KB received"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
