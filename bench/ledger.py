"""How judgement grows with the ledger: `ledger [MESSAGES[xCLIENTS]]...`, default 10000 and 100000.

For each size one ledger is made (kept in $MAILHOURS_BENCH, default a folder under /tmp), and
measured in processes of their own: the state of all clients from a cold start and warm, one new
message, and everything computed anew. The anchor is a bare scan of the same rows in the same run.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from statistics import median

import office

from mailhours.ledger.store import Ledger
from mailhours.patterns.judge import judge
from mailhours.service.standings import Standings
from mailhours.settings.values import Settings

SIZES = ("10000", "100000")
CLIENTS = 1000
NEW = 50
# What DESIGN asks for at 1,000,000 messages and 1,000 clients: milliseconds, and megabytes.
TARGETS = {"cold": 1000, "warm": 50, "new": 5, "everything": 10_000}
MEGABYTES = 100
COLUMNS = "at, key, marks, names, person, topic, message_id, rest"


@dataclass(frozen=True, slots=True)
class Size:
    """A ledger to measure."""

    messages: int
    clients: int

    @property
    def name(self) -> str:
        """Return its name as the command line takes it."""
        return f"{self.messages}x{self.clients}"


def size(text: str) -> Size:
    """Read `MESSAGES` or `MESSAGESxCLIENTS`; by default a client has a thousand messages."""
    messages, _, clients = text.partition("x")
    return Size(int(messages), int(clients or min(CLIENTS, max(10, int(messages) // 1000))))


def main(arguments: list[str]) -> int:
    """Make the ledgers that are not there yet, measure each, print a table."""
    if arguments[:1] == ["--one"]:
        print(json.dumps(measured(arguments[1], Path(arguments[2]), size(arguments[3]))))
        return 0
    root = Path(os.environ.get("MAILHOURS_BENCH", tempfile.gettempdir() + "/mailhours-bench"))
    heads = f"{'ms':>9} {'CPU ms':>9} {'x scan':>8} {'MB':>5}  target"
    print(f"{'messages':>10} {'clients':>7}  {'what':12} {heads}", flush=True)
    for one in map(size, arguments or SIZES):
        place = root / one.name
        made(place, one)
        scan = child("scan", place, one)
        row(one, "scan", scan, scan)
        child("everything", place, one)  # leaves the bookmarks that a cold start finds
        for what in ("cold", "warm", "new", "everything", "judged"):
            row(one, what, child(what, place, one), scan)
    return 0


def made(place: Path, one: Size) -> None:
    """Make the ledger of a size unless it is there; bring one of an older program up to date."""
    if (place / "done").exists():
        Ledger.open(place / "ledger.db", office.OWNER).close()
        return
    began = time.perf_counter()
    place.mkdir(parents=True, exist_ok=True)
    (place / "ledger.db").unlink(missing_ok=True)
    with Ledger.open(place / "ledger.db", office.OWNER) as ledger:
        office.fill(ledger, one.clients, one.messages)
    (place / "done").touch()
    print(f"made {one.name} in {time.perf_counter() - began:.0f} s", file=sys.stderr)


def child(what: str, place: Path, one: Size) -> dict[str, float]:
    """Measure in a process of its own: nothing is warm but the files."""
    command = [sys.executable, str(Path(__file__).with_name("run.py")), "ledger", "--one", what]
    done = subprocess.run(
        [*command, str(place), one.name], check=True, stdout=subprocess.PIPE, text=True
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def row(one: Size, what: str, found: dict[str, float], scan: dict[str, float]) -> None:
    """Print one measurement."""
    ms, target = found["ms"], TARGETS.get(what)
    goal = f"{target} ms" if target else ""
    goal += f", {MEGABYTES} MB" if what == "everything" else ""
    print(
        f"{one.messages:10} {one.clients:7}  {what:12} {ms:9.1f} {found['cpu']:9.1f} "
        f"{found['cpu'] / scan['cpu']:8.3f} {found['mb']:5.0f}  {goal}",
        flush=True,
    )


def measured(what: str, place: Path, one: Size) -> dict[str, float]:
    """Return the milliseconds of `what`, and the megabytes of the process at its peak."""
    path = place / "ledger.db"
    if what == "scan":
        return clocked(lambda: scan(path))
    with tempfile.TemporaryDirectory() as scratch:
        settings = office.settings_of(Path(scratch), one.clients)
    with Ledger.open(path, office.OWNER) as ledger:
        standings = Standings(settings, ledger)
        match what:
            case "cold":
                return clocked(lambda: standings.at(office.NOW))
            case "warm":
                standings.at(office.NOW)
                return clocked(lambda: standings.at(office.NOW + timedelta(minutes=1)), times=5)
            case "new":
                return new_messages(settings, ledger, standings)
            case "everything":
                return clocked(lambda: standings.rebuild(office.NOW, lambda _done, _whole: None))
            case _:
                return clocked(lambda: everything_judged(settings, ledger))


def scan(path: Path) -> int:
    """Walk all rows in the order in which they lie, and look at nothing."""
    file = sqlite3.connect(path)
    query = f"SELECT {COLUMNS} FROM reading ORDER BY account, client, at, key"
    rows = sum(1 for _ in file.execute(query))
    file.close()
    return rows


def new_messages(settings: Settings, ledger: Ledger, standings: Standings) -> dict[str, float]:
    """Log messages one by one, and take the time from logged to judged; then forget them."""
    standings.at(office.NOW)
    held, found = [], []
    for number in range(NEW):
        client = settings.clients[number % len(settings.clients)].key
        newest = ledger.readings.history(client, since=office.NOW - timedelta(days=90))[-1]
        at = office.NOW + timedelta(seconds=number + 1)
        name = f"{number:064x}"
        held.append(
            replace(newest, key=name, message_id=f"<{name}>", parents=(newest.message_id,), at=at)
        )
        office.write(ledger, held[-1:])
        found.append(clocked(lambda at=at, key=client: standings.of(key, at)))
    with ledger._database.writing() as connection:  # noqa: SLF001
        ledger.readings.drop(connection, [message.key for message in held])
    return {what: median(one[what] for one in found) for what in ("ms", "cpu", "mb")}


def everything_judged(settings: Settings, ledger: Ledger) -> None:
    """Judge all that is past of every client: findings, turns and delays as well."""
    for client in settings.clients:
        history = ledger.readings.history(client.key)
        judge(settings.owner, client, history, (), settings.thresholds, office.NOW)


def clocked(work: Callable[[], object], times: int = 1) -> dict[str, float]:
    """Return the median of some runs, by the clock and on the processor, and the peak of memory."""
    took, busy = [], []
    for _ in range(times):
        began, before = time.perf_counter(), time.process_time()
        work()
        took.append((time.perf_counter() - began) * 1000)
        busy.append((time.process_time() - before) * 1000)
    return {"ms": median(took), "cpu": median(busy), "mb": peak()}


def peak() -> float:
    """Return the most memory that this process has held, in megabytes."""
    # ru_maxrss would count what our parent held when it made us.
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
