"""What is asked for ahead: a line that breaks or a server that refuses in the middle of it.

A folder of more than one chunk is read with several questions on their way at a time.
"""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from fakes import HORIZON, NOW, MemoryKnown, everybody
from integration.fakebox import FakeBox, once
from integration.fakeimap import Command
from mailboxes import mail, polled, texts
from mailhours.mailbox.imap_faults import Lost
from mailhours.model.faults import Fault, Throttled

BATCH = 8
MANY = 5 * BATCH // 2
ALL = texts(*range(1, MANY + 1))


@pytest.fixture
def long_box() -> FakeBox:
    box = FakeBox()
    box.inbox.put(*(mail(n) for n in range(1, MANY + 1)))
    return box


def asks_for(command: Command, item: bytes) -> bool:
    return command.verb == "UID FETCH" and item in command.rest


def heads_and_texts(heard: list[Command]) -> str:
    """Spell the questions: H for heads, T for texts."""
    kinds = {b"BODYSTRUCTURE": "H", b"PEEK[1]": "T"}
    return "".join(k for c in heard for item, k in kinds.items() if asks_for(c, item))


def spoil(box: FakeBox, number: int, spoilt):
    """Answer the fetch of that number wrongly, once."""
    true, count = box.script()["UID FETCH"], 0

    def fetch(command, wire):
        nonlocal count
        count += 1
        if count != number:
            return true(command, wire)
        return spoilt if isinstance(spoilt, bytes) else spoilt(command, wire)

    return fetch


def test_the_next_heads_are_asked_for_before_the_texts_of_the_last_ones(fake_imap, long_box, imap):
    server = fake_imap(long_box.script())
    known = MemoryKnown()

    assert polled(imap(server.port, batch=BATCH), known) == []

    assert heads_and_texts(server.heard) == "HHTHTT"
    assert known.texts() == ALL


def test_a_new_mail_comes_in_one_batch_with_the_cursor_after_it(fake_imap, box, imap):
    server = fake_imap(box.script())
    mailbox, known = imap(server.port), MemoryKnown()
    polled(mailbox, known)
    box.inbox.put(mail(6))
    server.heard.clear()

    (batch,) = mailbox.look(known, everybody, HORIZON, NOW)
    known.commit(batch)

    assert [one.place.uid for one in batch.sightings] == ["6"]
    assert (batch.cursor.settled, batch.cursor.hint[:9]) == (6, "UIDNEXT 7")
    assert list(mailbox.look(known, everybody, HORIZON, NOW)) == []
    asked = [command.verb for command in server.heard if command.verb != "STATUS"]
    assert asked == [
        "EXAMINE",
        *("UID FETCH", "UID SEARCH"),
        *("UID FETCH", "UID FETCH"),
        "UNSELECT",
    ]


def test_batches_come_in_order_and_settle_nothing_that_was_not_handed_out(
    fake_imap, long_box, imap
):
    server = fake_imap(long_box.script())
    known = MemoryKnown()
    for batch in imap(server.port, batch=BATCH).look(known, everybody, HORIZON, NOW):
        known.commit(batch)
        if batch.cursor.folder == "INBOX":
            below = {int(p.uid) for p in known.sighted if p.folder == "INBOX"}
            assert set(range(1, batch.cursor.settled + 1)) <= below


def test_answers_that_are_mixed_are_told_apart(fake_imap, long_box, imap):
    """A server may run commands side by side (RFC 9051 section 5.5)."""
    true = long_box.script()["UID FETCH"]
    waiting: list[tuple[bytes, list[bytes]]] = []

    def mixing(command, wire):
        said = true(command, wire)
        rows = said.removesuffix(b"{tag} OK done\r\n").split(b")\r\n* ")
        rows = [(b"" if n == 0 else b"* ") + row for n, row in enumerate(rows)]
        rows = [row if row.endswith(b")\r\n") else row + b")\r\n" for row in rows]
        waiting.append((command.tag, rows))
        if len(waiting) < 2 and asks_for(command, b"BODYSTRUCTURE") and b":8 " in command.rest:
            return None  # until the second question is there
        both = [row for pair in zip_longest([r for _, r in waiting]) for row in pair if row]
        ends = [tag + b" OK done\r\n" for tag, _ in waiting]
        waiting.clear()
        return b"".join(both + ends)

    server = fake_imap({**long_box.script(), "UID FETCH": mixing})
    known = MemoryKnown()

    assert polled(imap(server.port, batch=BATCH), known) == []
    assert known.texts() == ALL


def zip_longest(lists: list[list[bytes]]) -> list[list[bytes]]:
    longest = max(map(len, lists))
    return [[one[n] for one in lists if n < len(one)] for n in range(longest)]


def hang_up(command, wire):
    wire.send(b"* 1 FETCH (UID 1 BODY[HEADER]<0> {400}\r\nMessage-ID")
    wire.hang_up()


@pytest.mark.parametrize("number", range(1, 7))
@pytest.mark.parametrize(
    "spoilt",
    [
        pytest.param(hang_up, id="09 closed"),
        pytest.param(b"\xff\x00 garbage\r\n", id="15 garbage"),
        pytest.param(b"m9999 OK done\r\n", id="16 wrong tag"),
    ],
)
def test_a_line_that_breaks_in_the_middle_loses_and_doubles_nothing(
    fake_imap, long_box, imap, number, spoilt
):
    server = fake_imap({**long_box.script(), "UID FETCH": spoil(long_box, number, spoilt)})
    known = MemoryKnown()
    mailbox = imap(server.port, batch=BATCH)

    [fault] = polled(mailbox, known)
    assert type(fault) is Lost
    assert polled(mailbox, known) == []

    assert known.texts() == ALL
    assert len([p for p in known.sighted if p.folder == "INBOX"]) == MANY


@pytest.mark.parametrize("number", range(1, 7))
@pytest.mark.parametrize("words", [b"NO System Error", b"BAD one at a time, please"])
def test_a_refusal_is_asked_again_one_step_at_a_time(fake_imap, long_box, imap, number, words):
    refusing = spoil(long_box, number, b"{tag} " + words + b"\r\n")
    server = fake_imap({**long_box.script(), "UID FETCH": refusing})
    known = MemoryKnown()

    assert polled(imap(server.port, batch=BATCH), known) == []

    assert known.texts() == ALL
    assert known.quarantined == {}


def test_after_a_break_each_step_waits_for_the_one_before(fake_imap, long_box, imap):
    server = fake_imap({**long_box.script(), "UID FETCH": spoil(long_box, 1, hang_up)})
    known = MemoryKnown()
    mailbox = imap(server.port, batch=BATCH)
    polled(mailbox, known)
    time.sleep(0.1)  # the server may still read what it will never answer
    server.heard.clear()

    assert polled(mailbox, known) == []

    assert heads_and_texts(server.heard) == "HTHT" + "HHTT"  # 2 and 4 with care, then 8 and 6
    assert known.texts() == ALL


def test_after_a_refusal_each_step_waits_for_the_one_before(fake_imap, long_box, imap):
    long_box.inbox.put(*(mail(n) for n in range(MANY + 1, 5 * BATCH + 1)))
    refusing = spoil(long_box, 2, b"{tag} BAD one at a time, please\r\n")
    server = fake_imap({**long_box.script(), "UID FETCH": refusing})
    known = MemoryKnown()

    assert polled(imap(server.port, batch=BATCH), known) == []

    # The second chunk is refused and asked for in halves; the third was asked for by then.
    assert heads_and_texts(server.heard) == "HHTH" + "HHT" + "T" + "HTHT"
    assert len(known.mails) == 5 * BATCH


@pytest.mark.parametrize("number", range(1, 7))
def test_21_a_throttle_in_the_middle_is_obeyed(fake_imap, long_box, imap, number):
    said = b"{tag} NO Request is throttled. Suggested Backoff Time: 299961 milliseconds\r\n"
    server = fake_imap({**long_box.script(), "UID FETCH": spoil(long_box, number, said)})
    known = MemoryKnown()
    mailbox = imap(server.port, batch=BATCH)

    [fault] = polled(mailbox, known)

    assert type(fault) is Throttled
    assert fault.wait >= timedelta(milliseconds=299961)
    assert known.quarantined == {}
    time.sleep(0.1)  # the server may still read what it will never answer
    server.heard.clear()
    assert polled(mailbox, known) == []
    assert known.texts() == ALL
    assert heads_and_texts(server.heard).startswith("HTH")  # fewer at a time, for now


def test_19_where_every_mail_is_refused_the_other_folders_are_read(fake_imap, long_box, imap):
    long_box.sent.put(mail(9000))
    true = long_box.script()["UID FETCH"]

    def fetch(command, wire):
        is_inbox = long_box.open is long_box.inbox
        return b"{tag} NO System Error\r\n" if is_inbox else true(command, wire)

    server = fake_imap({**long_box.script(), "UID FETCH": fetch})
    known = MemoryKnown()

    faults: list[Fault] = polled(imap(server.port, batch=BATCH), known)

    assert len(faults) == 1
    assert known.texts() == texts(9000)
    assert server.connections == 1


@pytest.mark.parametrize("twin", [2, BATCH, BATCH + 1, 2 * BATCH + 1])
def test_a_twin_in_the_next_chunk_is_sighted_and_its_text_is_not_fetched(
    fake_imap, long_box, imap, twin
):
    long_box.inbox.mails[twin] = mail(1)
    server = fake_imap(long_box.script())
    known = MemoryKnown()

    assert polled(imap(server.port, batch=BATCH), known) == []

    assert len(known.mails) == MANY - 1
    assert len([p for p in known.sighted if p.folder == "INBOX"]) == MANY


def test_a_twin_ahead_of_a_text_that_is_withheld_does_not_hide_it(fake_imap, long_box, imap):
    long_box.inbox.mails[BATCH + 1] = mail(1)
    true = long_box.script()["UID FETCH"]

    def fetch(command, wire):
        if b"BODYSTRUCTURE" in command.rest:
            return true(command, wire)
        chosen, _, items = command.rest.partition(b" ")
        rows = [long_box.row(uid, items) for uid in long_box._chosen(chosen) if uid != 1]
        return b"".join(rows) + b"{tag} OK done\r\n"

    server = fake_imap({**long_box.script(), "UID FETCH": fetch})
    known = MemoryKnown()
    mailbox = imap(server.port, batch=BATCH)
    polled(mailbox, known)
    assert b"text 1" not in known.texts()

    server.script.update(long_box.script())
    polled(mailbox, known)

    assert b"text 1" in known.texts()
    assert len([p for p in known.sighted if p.folder == "INBOX"]) == MANY


def test_a_refused_search_in_the_middle_leaves_no_answer_behind(fake_imap, long_box, imap):
    """Asking after a mail that was left out is refused, while other answers are on their way."""
    true, search = long_box.script()["UID FETCH"], long_box.script()["UID SEARCH"]

    def fetch(command, wire):
        chosen, _, items = command.rest.partition(b" ")
        rows = [long_box.row(uid, items) for uid in long_box._chosen(chosen) if uid != 3]
        return b"".join(rows) + b"{tag} OK done\r\n"

    def refused(command, wire):
        if command.rest == b"UID 3":
            return b"{tag} NO not now\r\n"
        return search(command, wire)

    long_box.sent.put(mail(9000))
    server = fake_imap({**long_box.script(), "UID FETCH": fetch, "UID SEARCH": refused})
    known = MemoryKnown()
    mailbox = imap(server.port, batch=BATCH)

    [fault] = polled(mailbox, known)

    assert "not now" in str(fault)
    assert b"text 9000" in known.texts()
    server.script.update({"UID FETCH": true, "UID SEARCH": search})
    assert polled(mailbox, known) == []
    assert known.texts() == texts(*range(1, MANY + 1), 9000)
    assert server.connections == 1


@pytest.mark.parametrize(
    "modseq",
    [
        pytest.param(lambda n: 5, id="33 frozen"),
        pytest.param(lambda n: 5 + n, id="33 of the whole account"),
        pytest.param(lambda n: 1000 - n, id="33 backwards"),
    ],
)
def test_33_a_modification_sequence_that_lies_hides_no_mail(fake_imap, box, imap, modseq):
    true, count = box.script()["STATUS"], 0

    def status(command, wire):
        nonlocal count
        count += 1
        said = true(command, wire)
        return said.replace(b")\r\n", b" HIGHESTMODSEQ %d)\r\n" % modseq(count), 1)

    box.capabilities += b" CONDSTORE"
    server = fake_imap({**box.script(), "STATUS": status})
    known = MemoryKnown()
    mailbox = imap(server.port, batch=BATCH)
    for number in range(6, 10):
        assert polled(mailbox, known) == []
        box.inbox.put(mail(number))
    polled(mailbox, known)

    assert known.texts() == texts(*range(1, 10))
    assert len([p for p in known.sighted if p.folder == "INBOX"]) == 9


def test_46_after_a_night_asleep_a_dead_connection_is_made_anew_in_the_same_look(
    fake_imap, box, imap
):
    """The monotonic clock stood still meanwhile: the kept connection looks as good as new."""
    server = fake_imap(box.script())
    known = MemoryKnown()
    mailbox = imap(server.port, batch=BATCH)
    polled(mailbox, known)
    box.inbox.put(mail(6))
    server.script["STATUS"] = once(lambda c, w: None, box.script()["STATUS"])

    assert polled(mailbox, known, now=NOW + timedelta(hours=8)) == []

    assert known.texts() == texts(*range(1, 7))
    assert server.connections == 2


def arriving(box, true):
    """Answer truly, once mail 6 has come and, if that is wanted, mail 1 has gone."""

    def answer(command, wire):
        if 6 not in box.inbox.mails and box.open is box.inbox:
            box.inbox.put(mail(6))
            if box.goes:
                del box.inbox.mails[1]
        return true(command, wire)

    return answer


@pytest.mark.parametrize("says_next", [True, False], ids=["UIDNEXT", "no UIDNEXT"])
@pytest.mark.parametrize("goes", [True, False], ids=["another goes", "none goes"])
@pytest.mark.parametrize("verb", ["STATUS", "EXAMINE", "UID SEARCH", "FETCH"])
def test_mail_that_comes_between_the_first_questions_of_a_first_look_is_not_below_its_horizon(
    fake_imap, box, imap, verb, goes, says_next
):
    """All that lies there is old: the horizon begins above what was there at first."""
    box.inbox.says_next, box.goes = says_next, goes
    script = box.script()
    search = script["UID SEARCH"]

    def since(command, wire):
        if b"SINCE" not in command.rest:
            return search(command, wire)
        return b"* SEARCH" + b" 6" * (6 in box.inbox.mails) + b"\r\n{tag} OK done\r\n"

    script["UID SEARCH"] = since
    server = fake_imap({**script, verb: arriving(box, script[verb])})
    known = MemoryKnown()

    assert polled(imap(server.port), known, 2) == []

    assert known.texts() == texts(6)


@pytest.mark.parametrize("goes", [True, False], ids=["another goes", "none goes"])
@pytest.mark.parametrize("verb", ["STATUS", "EXAMINE", "UID SEARCH", "UID FETCH"])
def test_mail_that_comes_between_the_first_questions_of_a_first_look_is_logged_once(
    fake_imap, box, imap, verb, goes
):
    box.goes = goes
    server = fake_imap({**box.script(), verb: arriving(box, box.script()[verb])})
    known = MemoryKnown()

    assert polled(imap(server.port), known, 2) == []

    assert known.texts() == texts(*range(1 + goes, 7))
    assert len(known.sighted) == len(known.mails)
