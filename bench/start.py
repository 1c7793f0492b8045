"""Start-up and idleness: --help, status, the service until it calls its server, and while it waits.

start.py [--rounds 5] [--mails 100] [--idle 120]

CPU seconds count, of the quickest round: wall seconds are of the machine's other work too.
A virtual machine that sleeps between two ticks wakes with cold caches and pages that its host took,
and the same work costs up to a hundred times as much. So a bare Python sleeps and wakes beside the
service and looks at the same files: what the service costs more than that is its own.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from socket import create_server

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

from imports import filled  # noqa: E402
from poll_once import configuration, senders  # noqa: E402

from integration.dovecot import Dovecot  # noqa: E402

COMMAND = (sys.executable, "-m", "mailhours")
# Wakes as often as the service, and asks the directory of its files what changed.
BARE = """
import os, sys, time
while True:
    for place, _, names in os.walk(sys.argv[1]):
        for name in names:
            os.stat(os.path.join(place, name))
    time.sleep(20)
"""
# As often as a mailbox is polled at most.
POLLS = 'poll_every = "1 minute"\n'


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--mails", type=int, default=100)
    parser.add_argument("--idle", type=int, default=120, help="seconds to watch a waiting service")
    given = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as scratch, Dovecot() as server:
        environ = os.environ | {"STATE_DIRECTORY": scratch, "BENCH_PASSWORD": server.password}
        user = filled(server, given.mails)
        config = configuration(Path(scratch) / "c", server.host, server.port, user, senders(40))
        (config / "mailhours.toml").open("a").write(POLLS)
        with serving(config, environ) as process:
            settle(process)
            show("first import", cpu(process.pid), f"{memory(process.pid):.0f} MB")
        show("--help", min(once(("--help",), environ) for _ in range(given.rounds)))
        told = ("status", "--config", str(config))
        show("status", min(once(told, environ) for _ in range(given.rounds)))
        found = first_calls(environ, given.rounds)
        show("until it calls the server", min(found)[0], f"{min(w for _, w in found):.2f} s wall")
        bare = (sys.executable, "-S", "-c", BARE, str(config))
        with serving(config, environ) as process, running(bare, environ) as anchor:
            settle(process)
            time.sleep(65)  # the first poll, which comes a minute after the last one before it
            ours, least = idle_hour((process, anchor), given.idle)
            show("an idle hour", ours, f"{memory(process.pid):.0f} MB, {ours / least:.1f} x bare")
    return 0


def idle_hour(processes: tuple[subprocess.Popen[bytes], ...], seconds: int) -> list[float]:
    """Watch waiting processes; return the CPU seconds that each would use in an hour."""
    before = [cpu(one.pid) for one in processes]
    time.sleep(seconds)
    used = [cpu(one.pid) - was for one, was in zip(processes, before, strict=True)]
    return [one * 3600 / seconds for one in used]


def once(words: tuple[str, ...], environ: dict[str, str]) -> float:
    """Run a command to its end; return its CPU seconds."""
    process = subprocess.Popen((*COMMAND, *words), env=environ, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime


def first_calls(environ: dict[str, str], rounds: int) -> list[tuple[float, float]]:
    """Start the service with a server that only listens; return CPU and wall until it is called."""
    found = []
    with create_server(("127.0.0.1", 0)) as listening, tempfile.TemporaryDirectory() as state:
        port = listening.getsockname()[1]
        config = configuration(Path(state) / "c", "127.0.0.1", port, "user", senders(40))
        for _ in range(rounds):  # the first one makes the ledger
            began = time.perf_counter()
            with (
                serving(config, environ | {"STATE_DIRECTORY": state}) as process,
                listening.accept()[0],
            ):
                found.append((cpu(process.pid), time.perf_counter() - began))
                process.kill()  # before it finds the server broken, and leaves it alone
    return found


def serving(
    config: Path, environ: dict[str, str]
) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """Run the service while the block lasts."""
    return running((*COMMAND, "run", "--config", str(config)), environ)


@contextmanager
def running(words: tuple[str, ...], environ: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program while the block lasts."""
    process = subprocess.Popen(words, env=environ, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()


def settle(process: subprocess.Popen[bytes]) -> None:
    """Wait until the service has had nothing to do for two seconds."""
    before = -1.0
    while cpu(process.pid) - before > 0.001:
        before = cpu(process.pid)
        time.sleep(2)


def cpu(process: int) -> float:
    """Return the CPU seconds of all threads of a process so far."""
    threads = Path(f"/proc/{process}/task").iterdir()
    return sum(int((one / "schedstat").read_text().split()[0]) for one in threads) / 1e9


def memory(process: int) -> float:
    """Return how many MB of a process are resident."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


def show(what: str, seconds: float, more: str = "") -> None:
    print(f"{what:26} {seconds:7.3f} s CPU  {more}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
