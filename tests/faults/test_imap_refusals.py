"""An IMAP server that says no: to one mail, to all, for a while."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fakes import NOW, MemoryKnown
from integration.fakebox import once
from mailboxes import mail, polled, texts
from mailhours.model.faults import FolderFault, Throttled
from mailhours.model.raw import FolderRole

ALL = texts(1, 2, 3, 4, 5)


def refusing(box, words, *, uid=3, rows_first=False):
    """Refuse every FETCH that asks for one mail."""
    true = box.script()["UID FETCH"]

    def fetch(command, wire):
        chosen, _, items = command.rest.partition(b" ")
        if uid not in box._chosen(chosen):
            return true(command, wire)
        rows = [box.row(one, items) for one in box._chosen(chosen) if one < uid]
        return b"".join(rows if rows_first else []) + b"{tag} NO " + words + b"\r\n"

    return fetch


@pytest.mark.parametrize(
    "rows_first", [pytest.param(False, id="19 NO"), pytest.param(True, id="20 rows and then NO")]
)
@pytest.mark.parametrize(
    "words",
    [b"[SERVERBUG] Internal error", b"System Error (Failure)", b"Mail temporarily unavailable"],
)
def test_a_mail_that_the_server_refuses_is_set_aside_alone(fake_imap, box, words, rows_first, imap):
    server = fake_imap(box.script())
    server.script["UID FETCH"] = refusing(box, words, rows_first=rows_first)
    known = MemoryKnown()
    mailbox = imap(server.port)

    assert polled(mailbox, known, 2) == []
    assert known.texts() == texts(1, 2, 4, 5)
    assert known.quarantined == {}  # it may be a passing trouble

    for minutes in range(3, 70, 3):
        assert polled(mailbox, known, now=NOW + timedelta(minutes=minutes)) == []

    assert known.texts() == texts(1, 2, 4, 5)
    [reason] = known.quarantined.values()
    assert words.decode() in reason
    assert len(known.sighted) == 4


def test_19_a_server_that_refuses_everything_quarantines_nothing(fake_imap, box, imap):
    box.inbox.put(*(mail(n) for n in range(6, 30)))
    server = fake_imap({**box.script(), "UID FETCH": b"{tag} NO System Error\r\n"})
    known = MemoryKnown()

    [fault] = polled(imap(server.port), known)

    assert known.quarantined == {}
    assert "System Error" in str(fault)
    server.script.update(box.script())
    assert polled(imap(server.port), known) == []
    assert len(known.mails) == 29


def test_19_many_bad_mails_do_not_stop_the_good_ones(fake_imap, box, imap):
    box.inbox.put(*(mail(n) for n in range(6, 31)))
    true = box.script()["UID FETCH"]

    def fetch(command, wire):
        chosen = box._chosen(command.rest.partition(b" ")[0])
        bad = any(uid % 3 == 0 for uid in chosen)
        return b"{tag} NO System Error\r\n" if bad else true(command, wire)

    server = fake_imap({**box.script(), "UID FETCH": fetch})
    known = MemoryKnown()

    assert polled(imap(server.port), known) == []
    assert known.texts() == texts(*(n for n in range(1, 31) if n % 3))


def test_20_a_refusal_that_passes_is_asked_again(fake_imap, box, imap):
    server = fake_imap(box.script())
    row = b"* 1 FETCH (UID 1 BODY[HEADER]<0> {2}\r\n\r\n)\r\n"
    server.script["UID FETCH"] = once(row + b"{tag} NO busy\r\n", box.script()["UID FETCH"])
    known = MemoryKnown()

    assert polled(imap(server.port), known) == []
    assert known.texts() == ALL


@pytest.mark.parametrize(
    ("answer", "least"),
    [
        pytest.param(
            b"{tag} NO Request is throttled. Suggested Backoff Time: 299961 milliseconds\r\n",
            timedelta(milliseconds=299961),
            id="21 suggested back-off",
        ),
        pytest.param(
            b"{tag} BAD User is authenticated but not connected.\r\n",
            timedelta(minutes=5),
            id="22 authenticated but not connected",
        ),
        pytest.param(
            b"{tag} NO [OVERQUOTA] Account exceeded command or bandwidth limits.\r\n",
            timedelta(minutes=5),
            id="23 over quota",
        ),
        pytest.param(b"* BYE Too many requests\r\n", timedelta(minutes=5), id="BYE, too many"),
    ],
)
@pytest.mark.parametrize("verb", ["UID FETCH", "UID SEARCH", "EXAMINE"])
def test_a_server_that_asks_for_patience_gets_it(fake_imap, box, verb, answer, least, imap):
    server = fake_imap({**box.script(), verb: answer})
    known = MemoryKnown()

    [fault] = polled(imap(server.port), known)

    assert type(fault) is Throttled
    assert fault.wait >= least
    assert known.quarantined == {}
    server.script.update(box.script())
    assert polled(imap(server.port), known) == []
    assert known.texts() == ALL


def test_a_folder_in_which_the_server_has_a_bug_leaves_the_others_to_be_read(fake_imap, box, imap):
    script = box.script()

    def examine(command, wire):
        said = b"{tag} NO [SERVERBUG] Internal error occurred\r\n"
        return said if b"INBOX" in command.rest else script["EXAMINE"](command, wire)

    box.sent.put(mail(9))
    server = fake_imap({**script, "EXAMINE": examine})
    known = MemoryKnown()

    [fault] = polled(imap(server.port), known)

    assert type(fault) is FolderFault
    assert "INBOX" in fault.what
    assert "Internal error" in fault.what
    assert known.texts() == texts(9)


def test_23_a_full_mailbox_leaves_the_reply_unfiled_and_says_so(fake_imap, box, imap):
    server = fake_imap({**box.script(), "APPEND": b"{tag} NO [OVERQUOTA] Quota exceeded\r\n"})

    with pytest.raises(Throttled, match="Quota exceeded"):
        imap(server.port).append(FolderRole.SENT, mail(1), NOW)
