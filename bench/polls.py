"""Polls of the living service: nothing new, one new mail, a hundred; each until it is understood.

polls.py [--mails 1000] [--polls 200]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

from imports import filled  # noqa: E402
from mails import mails  # noqa: E402
from poll_once import configuration, senders  # noqa: E402

from integration.dovecot import Dovecot  # noqa: E402
from mailhours.mailbox.imap import ImapMailbox  # noqa: E402
from mailhours.service import jobs, journal  # noqa: E402
from mailhours.service.account import Account, open_account  # noqa: E402
from mailhours.service.run import wall_clock  # noqa: E402
from mailhours.settings.load import load  # noqa: E402


def measured(account: Account, times: int = 1) -> tuple[float, float, float]:
    """Poll so often; return CPU ms, wall ms and octets from the server, of one poll."""
    box = account.mailboxes[0]
    received = box.traffic[0] if isinstance(box, ImapMailbox) else 0
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(times):
        jobs.poll(account)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    received = (box.traffic[0] if isinstance(box, ImapMailbox) else 0) - received
    return cpu * 1000 / times, wall * 1000 / times, received / times


def memory() -> float:
    """Return how many MB are resident now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--polls", type=int, default=200)
    given = parser.parse_args(argv)
    journal.silence()
    with Dovecot() as server, tempfile.TemporaryDirectory() as scratch:
        user = filled(server, given.mails)
        folder = Path(scratch) / "config"
        configuration(folder, "127.0.0.1", server.port, user, senders(40))
        settings = load(folder, {"BENCH_PASSWORD": server.password})
        state = Path(scratch) / "state"
        state.mkdir()
        account = open_account(settings, state, wall_clock)
        fresh = mails(10_000, start=given.mails)
        try:
            jobs.poll(account)
            before = memory()
            _show("nothing new", *measured(account, given.polls))
            for count in (1, 1, 1, 100):
                for _, at, mail in (next(fresh) for _ in range(count)):
                    server.deliver(user, mail, received=at)
                _show(f"{count} new", *measured(account))
            print(f"resident: {before:.0f} MB after the import, {memory():.0f} MB at the end")
        finally:
            account.close()
    return 0


def _show(what: str, cpu: float, wall: float, received: float) -> None:
    print(f"{what:12} {cpu:8.2f} ms CPU {wall:8.1f} ms wall {received / 1024:8.2f} KB received")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
