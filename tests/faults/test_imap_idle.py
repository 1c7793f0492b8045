"""18, 45: IDLE that ends, lies or says nothing: the bell rings, or polling finds the mail; no CPU burns."""

from __future__ import annotations

import threading
import time

import pytest

from fakes import NOW, MemoryKnown
from integration.fakebox import FakeBox
from mailboxes import Word, mail, polled, settings, texts
from mailhours.mailbox import utf7
from mailhours.mailbox.imap_connection import STALL
from mailhours.mailbox.imap_idle import Idle
from mailhours.model.server import Security, Server


def listens() -> bool:
    """Say whether a doorbell may still ring: its thread lives."""
    return any(thread.name == "idle main" for thread in threading.enumerate())


@pytest.fixture
def bell():
    """Make a bell on a server: the IDLE, and an event that is set when it rings."""
    made = []

    def make(port, user="dana", *, anew=5.0, pause=0.2, folder="INBOX", stall=STALL):
        rung = threading.Event()
        login = Server("127.0.0.1", port, Security.NONE, user, Word("pass"))
        read = settings(server=login, folders=(folder,))
        idle = Idle(read, rung.set, anew=anew, pause=pause, stall=stall)
        made.append(idle)
        idle.start()
        return idle, rung

    yield make
    for idle in made:
        idle.stop()
        assert not listens()


def idling(after=b"", before=b""):
    """Answer IDLE with `after` glued to the continuation, and end it when DONE comes."""

    def answer(command, wire):
        wire.send(before + b"+ idling\r\n" + after)
        if wire.line() == b"DONE\r\n":
            return b"{tag} OK done\r\n"
        return None

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(idling(after=b"* 6 EXISTS\r\n"), id="45 EXISTS in the same segment"),
        pytest.param(idling(before=b"* 6 EXISTS\r\n"), id="45 EXISTS before the continuation"),
        pytest.param(idling(after=b"* 3 EXPUNGE\r\n* OK hi\r\n"), id="45 EXPUNGE"),
        pytest.param(lambda c, w: w.hang_up(), id="45 closed at once"),
        pytest.param(lambda c, w: w.send(b"* BYE idle too long\r\n") or w.hang_up(), id="45 BYE"),
        pytest.param(lambda c, w: w.send(b"\xff\x00\r\n"), id="45 nonsense"),
        pytest.param(lambda c, w: w.send(b"+ idling\r\n") or w.hang_up(), id="45 EOF"),
    ],
)
def test_whatever_happens_the_bell_rings(fake_imap, bell, answer):
    server = fake_imap({**FakeBox().script(), "IDLE": answer})

    _, rung = bell(server.port)

    assert rung.wait(5)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda c, w: w.send(b"+ idling\r\n") or w.hang_up(), id="45 EOF"),
        pytest.param(lambda c, w: w.hang_up(), id="45 closed"),
        pytest.param(b"{tag} OK at once\r\n", id="45 done at once"),
        pytest.param(b"{tag} NO not now\r\n", id="45 refused"),
    ],
)
def test_a_server_that_ends_idle_burns_no_cpu_and_is_not_hammered(fake_imap, bell, answer):
    server = fake_imap({**FakeBox().script(), "IDLE": answer})
    spent = time.process_time()

    bell(server.port, pause=0.3)
    time.sleep(2)

    assert time.process_time() - spent < 0.3
    assert server.connections <= 4  # 0.6 s, 1.2 s, 2.4 s


def test_a_quiet_idle_is_begun_anew_and_rings_for_nothing(fake_imap, bell):
    server = fake_imap({**FakeBox().script(), "IDLE": idling()})

    _, rung = bell(server.port, anew=0.2)
    time.sleep(1)

    assert not rung.is_set()
    assert server.verbs().count("IDLE") >= 3
    assert server.connections == 1


def test_a_quiet_idle_costs_nothing(fake_imap, bell):
    server = fake_imap({**FakeBox().script(), "IDLE": idling()})
    bell(server.port, anew=60)
    time.sleep(0.3)
    spent = time.thread_time(), time.process_time()

    time.sleep(1)

    assert time.process_time() - spent[1] < 0.05


def test_a_server_that_is_mute_on_done_stops_nothing(fake_imap, bell):
    done = threading.Event()

    def mute(command, wire):
        wire.send(b"+ idling\r\n")
        wire.line()
        done.set()
        wire.line()

    server = fake_imap({**FakeBox().script(), "IDLE": mute})
    idle, _ = bell(server.port, anew=0.1)
    assert done.wait(5)

    began = time.monotonic()
    idle.stop()

    assert time.monotonic() - began < 4
    assert not listens()


def cpu_of_the_bell():
    """Return the CPU seconds that its thread has taken so far."""
    [thread] = [one for one in threading.enumerate() if one.name == "idle main"]
    return time.clock_gettime(time.pthread_getcpuclockid(thread.ident))


def silent(said):
    """Say so much, and then nothing more, whatever is heard: the line stays open."""

    def answer(command, wire):
        wire.send(said)
        while wire.line():
            pass

    return answer


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        pytest.param("IDLE", b"+ idling\r\n", id="18 within IDLE"),
        pytest.param("IDLE", b"", id="18 at the word IDLE"),
        pytest.param("IDLE", b"+ idling\r\n* 6 EXI", id="18 in the middle of a line"),
        pytest.param("EXAMINE", b"", id="18 at the folder"),
        pytest.param("LOGIN", b"", id="18 at the login"),
    ],
)
def test_a_server_that_falls_silent_is_left_and_called_anew_while_polling_goes_on(
    fake_imap, box, bell, imap, verb, said
):
    true = box.script()
    server = fake_imap({**true, "IDLE": idling(), verb: silent(said)})
    polls = fake_imap(true)
    mailbox, known = imap(polls.port), MemoryKnown()
    assert polled(mailbox, known) == []

    _, rung = bell(server.port, anew=0.2, pause=0.1, stall=0.2)
    time.sleep(0.1)
    began = cpu_of_the_bell(), time.monotonic()
    box.inbox.put(mail(6))
    assert polled(mailbox, known) == []
    assert rung.wait(3)  # what came while the line was dead is found by a look
    while server.connections < 2:
        assert time.monotonic() - began[1] < 3
        time.sleep(0.02)

    assert cpu_of_the_bell() - began[0] < 0.05
    assert known.texts() == texts(*range(1, 7))
    assert polls.connections == 1
    assert server.connections <= 5


def test_the_bell_hangs_on_a_folder_whose_name_is_not_ascii(fake_imap, box, bell):
    box.folders[b"Eing&AOQ-nge &- mehr"] = box.inbox
    listening = threading.Event()
    script = {**box.script(), "IDLE": lambda c, w: listening.set()}
    server = fake_imap(script)

    bell(server.port, folder="Eing\u00e4nge & mehr")

    assert listening.wait(5)
    assert [c.rest for c in server.heard if c.verb == "EXAMINE"] == [b'"Eing&AOQ-nge &- mehr"']


@pytest.mark.parametrize(
    "script",
    [
        pytest.param({"LOGIN": b"{tag} NO [AUTHENTICATIONFAILED] no\r\n"}, id="login refused"),
        pytest.param({"LOGIN": b"{tag} NO [LIMIT] too many connections\r\n"}, id="limited"),
        pytest.param({"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n"}, id="no IDLE"),
    ],
)
def test_where_idle_is_not_welcome_it_ends_and_polling_is_all_there_is(fake_imap, bell, script):
    server = fake_imap({**FakeBox().script(), "IDLE": idling(), **script})

    bell(server.port)
    time.sleep(1)

    assert not listens()
    assert server.connections == 1


def test_new_mail_in_a_folder_of_cyrillic_letters_on_a_real_server_rings(dovecot, bell):
    user, folder = dovecot.user(), "\u041a\u043b\u0438\u0435\u043d\u0442\u044b"
    where = utf7.encode(folder)
    dovecot.deliver(user, mail(1), where, received=NOW)
    _, rung = bell(dovecot.port, user, anew=30, folder=folder)
    time.sleep(0.5)
    assert not rung.is_set()

    dovecot.deliver(user, mail(2), where)

    assert rung.wait(10)
