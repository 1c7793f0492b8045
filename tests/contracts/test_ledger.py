"""The ledger as a file among other processes: what holds when they race, die, or run out of disk."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from builders import DANA, a_reply, a_word, moment
from fakes import MemoryKnown
from ledgers import NOW, a_batch, a_cursor, a_key, a_place, a_read, a_sighting, logged_message
from mailhours.ledger import migrate
from mailhours.ledger.store import Ledger
from mailhours.mailbox.protocol import Known
from mailhours.model.faults import Busy, LedgerFault
from mailhours.model.raw import Batch, Quarantined
from mailhours.model.reply import Cause, Delivery, Outcome, ReplyState
from mailhours.model.slot import Slot

TEN = Slot(moment("mon 10:00"), "2026-03-02T10:00")
LEASE = timedelta(minutes=15)
SENT = Delivery(Outcome.SUBMITTED, 250, "ok", "DATA")

# A process of its own: opens the ledger argv[1], waits for a line on stdin, does argv[2], prints.
CHILD = """
import json, os, sys
from datetime import timedelta
from pathlib import Path
from builders import DANA, a_reply, moment
from mailhours.ledger.store import Ledger
from mailhours.model.faults import Busy
from mailhours.model.reply import Cause, ReplyState
from mailhours.model.slot import Slot
AT = moment("mon 10:00")
ledger = Ledger.open(Path(sys.argv[1]), DANA)
print("ready", flush=True)
sys.stdin.readline()
def lock():
    try:
        ledger.lock()
    except Busy:
        return False
    sys.stdout.write("true\\n"), sys.stdout.flush(), sys.stdin.readline()
    os._exit(0)
done = {
    "claim": lambda: [ledger.outbox.claim(f"r{n}", AT) for n in range(20)],
    "slot": lambda: ledger.slots.begin(Slot(AT, "x"), AT, timedelta(minutes=15)),
    "once": lambda: [ledger.slots.once(f"k{n}", AT) for n in range(20)],
    "propose": lambda: [
        bool(ledger.outbox.propose(
            [a_reply(id=f"{os.getpid()}-{n}", causes=(Cause("ask", str(n)),))], ReplyState.QUEUED, AT
        )[0])
        for n in range(20)
    ],
    "lock": lock,
    "die after claim": lambda: ledger.outbox.claim("r0", AT) and os.kill(os.getpid(), 9),
}[sys.argv[2]]()
print(json.dumps(done), flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "ledger.db"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    with Ledger.open(path, DANA) as opened:
        yield opened


@pytest.fixture
def child(path: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    running: list[subprocess.Popen[str]] = []

    def start(what: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(path), what],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        )
        running.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in running:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def go(process: subprocess.Popen[str]) -> None:
    process.stdin.write("go\n")
    process.stdin.flush()


def race(child, what: str) -> list[object]:
    """Let two processes do the same at once, and return what each says."""
    processes = [child(what) for _ in range(2)]
    for process in processes:
        go(process)
    return [json.loads(process.stdout.readline()) for process in processes]


# ------------------------------------------------------------------------- what a mailbox is told


def in_memory(_ledger: Ledger) -> tuple[Known, Callable[[Batch], object]]:
    known = MemoryKnown()
    return known, known.commit


def in_the_file(ledger: Ledger) -> tuple[Known, Callable[[Batch], object]]:
    return ledger.mail, lambda batch: ledger.mail.log(batch, NOW)


@pytest.mark.parametrize("kind", [in_memory, in_the_file])
def test_what_is_known_is_what_was_committed(ledger, kind):
    known, commit = kind(ledger)
    assert known.cursors("main") == []
    assert known.uids("main", "INBOX", 7, 1, 99) == set()

    bad = Quarantined(a_place(4), "cut")
    commit(a_batch(a_sighting(2), a_sighting(3, kept=False), quarantined=[bad]))
    commit(a_batch(cursor=a_cursor(9)))
    commit(a_batch(a_sighting("a", validity=0, folder="Maildir"), cursor=a_cursor(9)))

    assert known.cursors("main") == [a_cursor(9)]
    assert known.cursors("other") == []
    assert known.uids("main", "INBOX", 7, 1, 99) == {"2", "3", "4"}
    assert known.uids("main", "INBOX", 7, 3, 3) == {"3"}
    assert known.uids("main", "INBOX", 8, 1, 99) == set()
    assert known.uids("main", "Maildir", 0, 0, 0) == {"a"}
    assert known.keys([a_key(2), a_key(3), a_key(4)]) == {a_key(2), a_key(3)}


# ------------------------------------------------------------------------- the file


def test_the_ledger_is_for_its_owner_only(ledger, path):
    ledger.words.say(a_word("stop", ""))

    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_everything_is_there_after_opening_again(path):
    with Ledger.open(path, DANA) as ledger:
        ledger.mail.log(a_batch(a_sighting(1)), NOW)
        ledger.readings.write([a_read(logged_message(1))])
        head = ledger.chain.head()

    with Ledger.open(path, DANA, create=False) as ledger:
        assert ledger.mail.cursors("main") == [a_cursor(1)]
        assert len(ledger.readings.history("fjord")) == 1
        assert ledger.chain.head() == head
        assert ledger.verify() == []


def test_a_ledger_that_is_not_there_is_said_so(path):
    with pytest.raises(LedgerFault, match="there is no ledger yet"):
        Ledger.open(path, DANA, create=False)

    assert not path.exists()


def test_the_ledger_of_somebody_else_is_refused(path):
    Ledger.open(path, DANA).close()

    with pytest.raises(LedgerFault, match=r"belongs to dana@studio\.example") as refused:
        Ledger.open(path, "kim@studio.example")

    assert "aliases" in refused.value.hint


def test_an_owner_with_a_new_address_keeps_the_ledger(path):
    with Ledger.open(path, DANA) as ledger:
        ledger.words.say(a_word("stop", ""))

    with Ledger.open(path, "dana@new.example", former=["dana@new.example", DANA]) as ledger:
        assert len(ledger.words.words()) == 1
    with Ledger.open(path, "dana@new.example") as ledger:
        assert len(ledger.words.words()) == 1


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"this is a letter, not a database" * 200, id="text"),
        pytest.param(b"SQLite format 3\x00" + b"\xff" * 5000, id="a head without a body"),
    ],
)
def test_a_file_that_is_no_ledger_is_said_so_and_left_alone(path, content):
    path.parent.mkdir()
    path.write_bytes(content)

    with pytest.raises(LedgerFault) as told:
        Ledger.open(path, DANA)

    assert str(path) in told.value.what
    assert told.value.hint
    assert path.read_bytes() == content


def test_a_damaged_ledger_is_said_so(path):
    with Ledger.open(path, DANA) as ledger:
        for n in range(50):
            ledger.mail.log(a_batch(a_sighting(n + 1)), NOW)
    data = bytearray(path.read_bytes())
    for page in range(8, len(data) // 4096):
        data[page * 4096 : page * 4096 + 200] = os.urandom(200)
    path.write_bytes(data)

    told = []
    try:
        with Ledger.open(path, DANA) as ledger:
            told += ledger.verify()
    except LedgerFault as fault:
        told.append(fault.what)

    assert told


def test_a_file_that_is_someone_elses_is_said_so():
    if os.geteuid() != 0:
        pytest.skip("needs root, to give a file away")
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "ledger.db"
        Ledger.open(path, DANA).close()
        Path(scratch).chmod(0o755)
        path.chmod(0o644)
        code = (
            "import os, sys; from pathlib import Path\n"
            "from mailhours.ledger.store import Ledger\n"
            "from mailhours.model.faults import LedgerFault\n"
            "os.setgid(65534); os.setuid(65534)\n"
            "try:\n"
            "    ledger = Ledger.open(Path(sys.argv[1]), 'dana@studio.example')\n"
            "    ledger.health.secret('x')\n"
            "except LedgerFault as fault: print(fault.what, '|', fault.hint)\n"
        )

        said = subprocess.run(
            [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
        ).stdout

    assert "cannot be" in said
    assert "another user" in said


def test_a_full_disk_writes_nothing_and_goes_on_when_there_is_room(ledger):
    ledger.mail.log(a_batch(a_sighting(1)), NOW)
    pages = 10_000

    @event.listens_for(ledger._database.engine, "begin")
    def limit(connection):
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    pages = 1
    with pytest.raises(Busy, match="disk is full"):
        ledger.mail.log(a_batch(*(a_sighting(n) for n in range(2, 500))), NOW)
    assert ledger.mail.count() == 1
    assert ledger.mail.cursors("main") == [a_cursor(1)]
    pages = 10_000
    assert ledger.mail.log(a_batch(*(a_sighting(n) for n in range(2, 500))), NOW) == 498
    assert ledger.verify() == []


def test_a_ledger_that_another_program_holds_is_busy_and_can_be_read(ledger, path, monkeypatch):
    monkeypatch.setattr("mailhours.ledger.sqlite._PATIENCE", 0.05)
    ledger.words.say(a_word("note", "fjord"))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with Ledger.open(path, DANA) as hurried:
        assert len(hurried.words.words()) == 1
        with pytest.raises(Busy, match="another process is writing"):
            hurried.words.say(a_word("stop", ""))

    other.execute("ROLLBACK")
    other.close()
    ledger.words.say(a_word("start", ""))
    assert len(ledger.words.words()) == 2


def test_threads_share_a_ledger(ledger):
    failures = []

    def work(first: int) -> None:
        try:
            for n in range(first, first + 10):
                ledger.mail.log(a_batch(a_sighting(n)), NOW)
                ledger.words.say(a_word("note", str(n)))
        except Exception as error:  # noqa: BLE001 - any at all is a failure
            failures.append(error)

    threads = [threading.Thread(target=work, args=(n * 100 + 1,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert ledger.mail.count() == 40
    assert ledger.verify() == []


# ------------------------------------------------------------------------- versions


def test_a_ledger_of_a_newer_program_is_refused_and_left_alone(path):
    Ledger.open(path, DANA).close()
    with sqlite3.connect(path) as file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")
    file.close()
    before = path.read_bytes()

    with pytest.raises(LedgerFault, match="newer mailhours") as refused:
        Ledger.open(path, DANA)

    assert "9999" in refused.value.what
    assert path.read_bytes() == before


def test_an_older_ledger_is_copied_before_it_is_migrated(path, monkeypatch):
    head = migrate.HEAD
    with Ledger.open(path, DANA) as ledger:
        ledger.words.say(a_word("stop", ""))
    done = []
    monkeypatch.setattr(migrate, "HEAD", "9999")
    monkeypatch.setattr(migrate, "_upgrade", lambda database: done.append(database.path))

    Ledger.open(path, DANA).close()

    assert done == [path]
    backup = path.with_name(f"ledger.db.{head}.backup")
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    monkeypatch.undo()
    with Ledger.open(backup, DANA, create=False) as ledger:
        assert len(ledger.words.words()) == 1


def test_an_older_ledger_is_not_migrated_under_a_running_service(ledger, path, monkeypatch):
    with ledger.lock():
        monkeypatch.setattr(migrate, "HEAD", "9999")

        with pytest.raises(Busy, match="another mailhours"):
            Ledger.open(path, DANA)


# ------------------------------------------------------------------------- backup


def test_a_backup_is_whole_and_for_its_owner_only(ledger, tmp_path):
    ledger.mail.log(a_batch(a_sighting(1)), NOW)
    copy = tmp_path / "copy.db"
    copy.write_text("an older one")

    ledger.backup(copy)

    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert sorted(file.name for file in tmp_path.iterdir()) == ["copy.db", "state"]
    with Ledger.open(copy, DANA, create=False) as restored:
        assert restored.chain.head() == ledger.chain.head()
        assert restored.mail.cursors("main") == [a_cursor(1)]
        assert restored.verify() == []


def test_a_backup_that_can_not_be_written_leaves_nothing(ledger, tmp_path):
    with pytest.raises(LedgerFault, match="no backup was written"):
        ledger.backup(tmp_path / "nowhere" / "copy.db")

    assert not (tmp_path / "nowhere").exists()


# ------------------------------------------------------------------------- races


def test_several_processes_make_one_ledger(path):
    code = (
        "import sys; from pathlib import Path; from mailhours.ledger.store import Ledger\n"
        "sys.stdin.readline()\n"
        "print(Ledger.open(Path(sys.argv[1]), 'dana@studio.example').health.secret('x').hex())\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()

    said = {process.communicate(timeout=30)[0] for process in processes}

    assert [process.returncode for process in processes] == [0] * 4
    assert len(said) == 1


def test_two_processes_claim_each_reply_once(ledger, child):
    replies = [a_reply(id=f"r{n}", causes=(Cause("ask", str(n)),)) for n in range(20)]
    ledger.outbox.propose(replies, ReplyState.QUEUED, TEN.due)

    first, second = race(child, "claim")

    assert [a != b for a, b in zip(first, second, strict=True)] == [True] * 20


def test_two_processes_propose_one_reply_for_each_cause(child):
    first, second = race(child, "propose")

    assert [a != b for a, b in zip(first, second, strict=True)] == [True] * 20


def test_two_processes_take_a_slot_once(child):
    assert sorted(race(child, "slot")) == [False, True]


def test_two_processes_do_once_what_happens_once(child):
    first, second = race(child, "once")

    assert [a != b for a, b in zip(first, second, strict=True)] == [True] * 20


def test_one_process_holds_the_lock_and_dying_lets_go(ledger, child):
    holder = child("lock")
    go(holder)
    assert json.loads(holder.stdout.readline()) is True

    with pytest.raises(Busy, match=f"process {holder.pid}"):
        ledger.lock()

    holder.kill()
    holder.wait()
    with ledger.lock():
        pass


def test_a_lock_is_released_and_taken_again(ledger):
    lock = ledger.lock()
    with pytest.raises(Busy):
        ledger.lock()

    lock.release()
    lock.release()

    ledger.lock().release()


# ------------------------------------------------------------------------- death


def test_a_process_killed_after_its_claim_leaves_a_doubt_and_no_second_mail(ledger, child):
    ledger.outbox.propose([a_reply(id="r0")], ReplyState.QUEUED, TEN.due)
    process = child("die after claim")
    go(process)
    assert process.wait() == -signal.SIGKILL

    assert ledger.outbox.queued() == []
    assert not ledger.outbox.claim("r0", TEN.due)
    assert ledger.outbox.recover(TEN.due) == ["r0"]

    assert [reply.id for reply in ledger.outbox.doubtful()] == ["r0"]
    assert not ledger.outbox.claim("r0", TEN.due)
    assert ledger.verify() == []


def test_a_process_killed_in_the_middle_of_a_batch_leaves_all_or_nothing(path):
    with Ledger.open(path, DANA) as ledger:
        ledger.mail.log(a_batch(a_sighting(1)), NOW)
    code = (
        "import os, sys; from pathlib import Path; from sqlalchemy import event\n"
        "from ledgers import *; from mailhours.ledger.store import Ledger\n"
        "ledger = Ledger.open(Path(sys.argv[1]), 'dana@studio.example')\n"
        "left = int(sys.argv[2])\n"
        "def count(_):\n"
        "    global left\n"
        "    left -= 1\n"
        "    if left == 0: os.kill(os.getpid(), 9)\n"
        "@event.listens_for(ledger._database.engine, 'connect')\n"
        "def trace(driver, _):\n"
        "    driver.set_trace_callback(count)\n"
        "ledger._database.engine.dispose()\n"
        "ledger.mail.log(a_batch(*(a_sighting(n) for n in range(2, 40))), NOW)\n"
    )
    logged = []
    for step in (2, 4, 20, 60, 140, 999):
        subprocess.run(
            [sys.executable, "-c", code, str(path), str(step)],
            check=False,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        )
        with Ledger.open(path, DANA) as ledger:
            (cursor,) = ledger.mail.cursors("main")
            logged.append((ledger.mail.count(), cursor.settled))
            assert ledger.verify() == []

    assert logged == [(1, 1)] * 5 + [(39, 39)]
