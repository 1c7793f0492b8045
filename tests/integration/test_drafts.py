"""Draft mode on a real IMAP server: a draft of ours that the owner moves to Check-in leaves there."""

from __future__ import annotations

import imaplib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from integration.dovecot import Dovecot
from integration.sink import Sink
from integration.test_held_replies import QUESTION, Clock, Office, on_dovecot
from mailhours.model.raw import FolderRole
from mailhours.model.reply import ReplyState


@pytest.fixture
def office(request, tmp_path: Path, sink: Sink, monkeypatch) -> Iterator[Office]:
    monkeypatch.setenv("SECRET", "pass")
    clock = Clock()
    account, put = on_dovecot(tmp_path, request, sink, clock, "draft")
    yield Office(account, sink, clock, put)
    account.close()


@pytest.fixture
def program(office: Office, dovecot: Dovecot) -> Iterator[imaplib.IMAP4]:
    """The owner's mail program, signed in to the same mailbox."""
    server = office.account.settings.mailboxes[0].server
    with imaplib.IMAP4(dovecot.host, dovecot.port) as client:
        client.login(server.user, dovecot.password)
        yield client


def moves(client: imaplib.IMAP4) -> None:
    assert client.uid("MOVE", "1:*", "Check-in")[0] == "OK"


def copies_and_deletes(client: imaplib.IMAP4) -> None:
    assert client.uid("COPY", "1:*", "Check-in")[0] == "OK"
    client.uid("STORE", "1:*", "+FLAGS", r"(\Deleted)")
    client.expunge()


def states(office: Office) -> list[ReplyState]:
    return [past.state for past in office.account.ledger.outbox.past()]


@pytest.mark.parametrize("drop", [moves, copies_and_deletes])
def test_a_draft_that_is_moved_to_check_in_leaves_at_the_next_one_and_is_filed_once(
    office: Office, program: imaplib.IMAP4, drop: Callable[[imaplib.IMAP4], None]
) -> None:
    office.put(QUESTION, "INBOX", office.clock())
    office.check_in()
    program.select("Drafts")
    said = b"".join(part for row in program.uid("FETCH", "1:*", "(FLAGS)")[1] for part in [row])
    assert b"\\Draft" in said
    assert states(office) == [ReplyState.DRAFTED]
    assert office.sink.messages == []

    drop(program)
    for _ in range(2):
        office.later(hours=5)
        office.check_in()

    [mail] = office.sink.messages
    assert mail.recipients == ("kari@fjord.example",)
    assert mail.message["Auto-Submitted"] == "auto-replied"
    assert mail.message["In-Reply-To"] == "<q1@fjord.example>"
    assert states(office) == [ReplyState.FILED]
    box = office.account.mailboxes[0]
    assert [len(box.lying(role)) for role in (FolderRole.HELD, FolderRole.DRAFTS)] == [0, 0]
    assert office.in_sent(mail.message["Message-ID"]) == 1
    assert len(box.lying(FolderRole.SENT)) == 1


def test_a_draft_that_stays_in_drafts_leaves_never(office: Office) -> None:
    office.put(QUESTION, "INBOX", office.clock())
    for _ in range(3):
        office.check_in()
        office.later(hours=5)

    assert office.sink.messages == []
    assert len(office.account.mailboxes[0].lying(FolderRole.DRAFTS)) == 1


def test_a_draft_that_the_owner_wrote_anew_in_check_in_leaves_as_the_owners_mail(
    office: Office, program: imaplib.IMAP4
) -> None:
    """A mail program saves a changed draft as a new mail and throws the old one away."""
    office.put(QUESTION, "INBOX", office.clock())
    office.check_in()
    program.select("Drafts")
    [(_, written), *_] = program.uid("FETCH", "1:*", "(BODY.PEEK[])")[1]
    head, _, _ = written.partition(b"\r\n\r\n")
    anew = head + b"\r\n\r\nHei Kari,\r\n\r\nlogoen ligger ved.\r\n"
    office.put(anew, "Check-in", office.clock(), "DS")
    program.uid("STORE", "1:*", "+FLAGS", r"(\Deleted)")
    program.expunge()

    office.later(hours=5)
    office.check_in()

    [mail] = office.sink.messages
    assert b"logoen ligger ved" in mail.raw
    assert mail.message["Auto-Submitted"] is None
    assert len(office.account.mailboxes[0].lying(FolderRole.SENT)) == 1
