"""A line to the IMAP server that is cut, slow, dumb or full of garbage: nothing lost, nothing doubled."""

from __future__ import annotations

import time

import pytest

from fakes import NOW, MemoryKnown
from integration.chaosproxy import cut, drop, garbage, reset, stall
from integration.fakebox import once
from mailboxes import mail, polled, texts
from mailhours.model.faults import (
    FolderFault,
    ServerFault,
)

SECRET = "text 1"  # words of a client's mail: no fault may carry them

ALL = texts(1, 2, 3, 4, 5)

ROW = b"* 1 FETCH (UID 1 RFC822.SIZE 100 BODY[HEADER]<0> {400}\r\nMessage-ID: <1@x>\r\ntext 1"


def hang_up(command, wire):
    wire.send(ROW)
    wire.hang_up()


def reset_it(command, wire):
    wire.send(ROW)
    wire.reset()


def mute(command, wire):
    wire.send(ROW)


def trickle(command, wire):
    for at in range(len(ROW)):
        wire.send(ROW[at : at + 1])
        time.sleep(0.3)


def literal(announced):
    body = b"Message-ID: <1@fjord.example>\r\nSubject: text 1\r\n\r\n"
    return b"* 1 FETCH (UID 1 BODY[HEADER]<0> {%d}\r\n%b)\r\n{tag} OK done\r\n" % (
        len(body) + announced,
        body,
    )


WIRE = [
    pytest.param(hang_up, id="09 closed in the middle of a literal"),
    pytest.param(mute, id="10 silent in the middle of a literal"),
    pytest.param(trickle, id="11 a byte every third of a second"),
    pytest.param(literal(+3), id="12 literal shorter than announced"),
    pytest.param(literal(-5), id="13 literal longer than announced"),
    pytest.param(b"* 1 FETCH (UID 1 BODY[HEADER]<0> {3000000000}\r\n", id="14 three gigabytes"),
    pytest.param(b"text 1 \xff\x00 garbage\r\n{tag} OK done\r\n", id="15 garbage"),
    pytest.param(b"x99 OK done\r\n", id="16 wrong tag"),
    pytest.param(reset_it, id="17 reset"),
    pytest.param(b"* " + b"x" * 2_000_000 + b"\r\n", id="a line without end"),
    pytest.param(b"* BYE shutting down\r\n", id="BYE in the middle"),
]


@pytest.mark.parametrize("spoilt", WIRE)
def test_what_the_wire_spoils_is_read_at_the_next_poll(fake_imap, box, spoilt, imap):
    server = fake_imap(box.script())
    server.script["UID FETCH"] = once(spoilt, box.script()["UID FETCH"])
    known = MemoryKnown()
    mailbox = imap(server.port)

    began, spent = time.monotonic(), time.process_time()
    [fault] = polled(mailbox, known)
    took, spent = time.monotonic() - began, time.process_time() - spent

    assert isinstance(fault, ServerFault)
    assert not isinstance(fault, FolderFault)
    assert SECRET not in str(fault)
    assert known.mails == {}
    assert took < 5
    assert spent < 1

    # Smaller batches after a broken one: a few polls and all is there.
    assert polled(mailbox, known, 3) == []
    assert known.texts() == ALL
    assert len(known.sighted) == 5
    assert server.connections == 2


@pytest.mark.parametrize("spoilt", WIRE)
def test_one_mail_that_always_breaks_the_connection_is_set_aside(fake_imap, box, spoilt, imap):
    true = box.script()["UID FETCH"]

    def poisoned(command, wire):
        chosen = command.rest.partition(b" ")[0]
        if 3 in box._chosen(chosen):
            if isinstance(spoilt, bytes):
                return spoilt
            if spoilt is trickle:
                return mute(command, wire)
            return spoilt(command, wire)
        return true(command, wire)

    server = fake_imap({**box.script(), "UID FETCH": poisoned})
    known = MemoryKnown()
    mailbox = imap(server.port, stall=0.2, exchange=0.5)

    faults = polled(mailbox, known, 12)

    assert known.texts() == texts(1, 2, 4, 5)
    assert [place.uid for place in known.quarantined] == ["3"]
    assert len(faults) <= 8
    assert polled(mailbox, known) == []


def test_09_the_only_mail_of_a_folder_is_not_blamed_for_its_line(fake_imap, box, imap):
    box.inbox.mails = {1: mail(1)}
    server = fake_imap({**box.script(), "UID FETCH": hang_up})
    known = MemoryKnown()
    mailbox = imap(server.port)

    assert len(polled(mailbox, known, 9)) == 9

    assert known.quarantined == {}
    server.script.update(box.script())
    assert polled(mailbox, known) == []
    assert known.texts() == texts(1)


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(cut, id="09 cut"),
        pytest.param(reset, id="17 reset"),
        pytest.param(stall, id="18 half-open"),
        pytest.param(lambda at: garbage(at, b"\xff\x00{9}\r\n* text"), id="15 garbage"),
        pytest.param(lambda at: drop(at, 7), id="seven bytes lost"),
    ],
)
def test_a_line_that_breaks_anywhere_loses_and_doubles_nothing(dovecot, chaos, harm, imap):
    user = dovecot.user()
    for number in range(12):
        dovecot.deliver(user, mail(number), received=NOW)
    is_whole = harm in (cut, reset, stall)
    proxy = chaos(dovecot.port)
    known = MemoryKnown()
    mailbox = imap(proxy.port, user, stall=0.4)
    for at in (50, 400, 900, 1300, 2500, 4000, 5500, 7000):
        proxy.next(harm(at))
        polled(mailbox, known)
        mailbox.close()

    polled(mailbox, known, 3)

    # What lost or foreign bytes may spoil is one mail's text, never the count.
    assert len(known.mails) == 12
    assert not is_whole or known.texts() == texts(*range(12))
    inbox = [place for place in known.sighted if place.folder == "INBOX"]
    assert len(inbox) == len({place.uid for place in inbox}) == 12


def test_a_kept_connection_that_died_meanwhile_is_no_fault(dovecot, chaos, imap):
    user = dovecot.user()
    proxy = chaos(dovecot.port)
    known = MemoryKnown()
    mailbox = imap(proxy.port, user)
    polled(mailbox, known)
    dovecot.deliver(user, mail(1), received=NOW)

    proxy.hang_up()

    assert polled(mailbox, known) == []
    assert known.texts() == texts(1)


def test_a_connection_is_kept_for_an_hour_and_no_longer(fake_imap, box, imap):
    now = [0.0]
    server = fake_imap(box.script())
    mailbox = imap(server.port, clock=lambda: now[0])
    known = MemoryKnown()
    for minutes in range(0, 121, 3):
        now[0] = minutes * 60.0
        assert polled(mailbox, known) == []

    assert server.connections == 2
