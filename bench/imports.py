"""The first import of a mailbox: ours, beside mbsync, imap-tools and a socket that throws all away.

    imports.py [--mails 1000] [--rounds 3] [--line 30,50] [--understand] [--python PYTHON]

Everybody meets the same throw-away Dovecot, its caches warm. Ratios count, not seconds.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

from mails import mails  # noqa: E402

from integration.dovecot import Dovecot  # noqa: E402
from integration.loopback import free_port, greeting  # noqa: E402

_LOGOUT = re.compile(r"imap\(([^)]+)\).*?in=(\d+) out=(\d+)")
MBSYNC = """
IMAPAccount bench
Host 127.0.0.1
Port {port}
User {user}
Pass {password}
SSLType None
AuthMechs LOGIN

IMAPStore far
Account bench

MaildirStore near
Path {folder}/
Inbox {folder}/INBOX
SubFolders Verbatim

Channel bench
Far :far:
Near :near:
Patterns INBOX Sent
Sync PullNew
Create Near
SyncState *
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run cost: seconds, CPU seconds of the client, MB of memory, MB from the server."""

    wall: float
    cpu: float
    memory: float
    received: float


def filled(server: Dovecot, count: int) -> str:
    """Return a user with so many mails in INBOX and Sent."""
    user = server.user()
    for is_sent, at, mail in mails(count):
        folder, flags = ("Sent", "S") if is_sent else ("INBOX", "")
        server.deliver(user, mail, folder, flags=flags, received=at)
    return user


def run(server: Dovecot, user: str, command: list[str]) -> Cost:
    """Run a client to its end and return what it cost."""
    before = len(server.log())
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read() if process.stderr else b""
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        message = f"{command[:2]} ended with {process.returncode}: {said.decode()[-400:]}"
        raise RuntimeError(message)
    received = 0
    for _ in range(40):
        time.sleep(0.05)  # the server writes its line a moment later
        found = _LOGOUT.findall(server.log()[before:])
        received = sum(int(out) for name, _, out in found if name == user)
        if received:
            break
    cpu = used.ru_utime + used.ru_stime
    return Cost(wall, cpu, used.ru_maxrss / 1024, received / 1e6)


@contextmanager
def through(port: int, line: str) -> Iterator[int]:
    """Put a line of `RTT_MS,MBIT` before a server and yield its port; none for an empty one."""
    if not line:
        yield port
        return
    here = free_port()
    words = [sys.executable, str(HERE / "line.py"), str(here), str(port), *line.split(",")]
    process = subprocess.Popen(words)
    try:
        greeting(here, b"* OK")
        yield here
    finally:
        process.terminate()
        process.wait()


def clients(
    user: str, password: str, port: int, scratch: Path, *, understand: bool, other: str
) -> dict[str, Callable[[int], list[str]]]:
    """Return the command of each client that is there, for the round of that number."""
    login = ["127.0.0.1", str(port), user, password]

    def script(name: str) -> list[str]:
        return [sys.executable, str(HERE / name), *login]

    def mbsync(number: int) -> list[str]:
        folder = scratch / f"mbsync{number}"
        folder.mkdir()
        rc = folder / "rc"
        rc.write_text(MBSYNC.format(port=port, user=user, password=password, folder=folder))
        return ["mbsync", "-q", "-c", str(rc), "bench"]

    more = ["--understand"] * understand
    found: dict[str, Callable[[int], list[str]]] = {
        "the bare socket": lambda _: script("bare.py"),
        "mailhours": lambda n: [*script("poll_once.py"), str(scratch / f"{n}.db"), *more],
    }
    if shutil.which("mbsync"):
        found["mbsync"] = mbsync
    if other or importlib.util.find_spec("imap_tools"):
        peer = [other or sys.executable, str(HERE / "peer_imap_tools.py"), *login]
        found["imap-tools"] = lambda _: peer
    return found


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--line", default="", help="RTT_MS,MBIT: through a line like this")
    parser.add_argument("--understand", action="store_true", help="read the mails as well")
    parser.add_argument("--python", default="", help="a Python that has imap-tools")
    given = parser.parse_args(argv)
    costs: dict[str, list[Cost]] = {}
    with Dovecot() as server, tempfile.TemporaryDirectory() as scratch:
        user = filled(server, given.mails)
        run(server, user, [sys.executable, str(HERE / "bare.py"), *_login(server, user)])
        with through(server.port, given.line) as port:
            more = {"understand": given.understand, "other": given.python}
            known = clients(user, server.password, port, Path(scratch), **more)
            for number in range(given.rounds):
                for name, command in known.items():
                    costs.setdefault(name, []).append(run(server, user, command(number)))
    show(costs, given.mails, given.line)
    return 0


def _login(server: Dovecot, user: str) -> list[str]:
    return ["127.0.0.1", str(server.port), user, server.password]


def show(costs: dict[str, list[Cost]], count: int, line: str) -> None:
    """Print medians and what they are to ours."""

    def median(name: str, what: str) -> float:
        return statistics.median(getattr(cost, what) for cost in costs[name])

    print(f"{count} mails{f', through a line of {line} (ms, Mbit/s)' if line else ''}")
    print(
        f"{'':18}{'wall s':>8}{'CPU s':>8}{'MB RSS':>8}{'MB in':>8}{'ours/it: wall':>15}{'CPU':>7}"
    )
    for name in costs:
        wall, cpu = median(name, "wall"), median(name, "cpu")
        ratio = median("mailhours", "wall") / wall
        times = median("mailhours", "cpu") / max(cpu, 0.001)
        memory, received = median(name, "memory"), median(name, "received")
        print(
            f"{name:18}{wall:8.2f}{cpu:8.2f}{memory:8.0f}{received:8.1f}{ratio:15.2f}{times:7.2f}"
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
