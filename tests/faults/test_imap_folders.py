"""Folders with odd names, unknown or gone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fakes import NOW, MemoryKnown
from integration.fakebox import FakeFolder
from mailboxes import mail, polled, texts
from mailhours.model.faults import (
    FolderFault,
)
from mailhours.model.raw import FolderRole

ALL = texts(1, 2, 3, 4, 5)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b'* LIST (\\HasNoChildren) "/" "Bad&XX"\r\n', id="39 no modified UTF-7"),
        pytest.param(b'* LIST () "/" "\xe6\xf8\xe5"\r\n', id="39 eight bits"),
        pytest.param(b'* LIST () "/" "a \\"quoted\\" name"\r\n', id="39 quotes"),
        pytest.param(b'* LIST () "/" {4}\r\na)b \r\n', id="39 literal"),
        pytest.param(b"* LIST () NIL 2026\r\n", id="39 a number"),
        pytest.param(b"* LIST (\r\n", id="39 nonsense"),
    ],
)
def test_an_odd_folder_name_costs_only_itself(fake_imap, box, line, imap):
    true = box.script()["LIST"]
    server = fake_imap({**box.script(), "LIST": lambda c, w: line + true(c, w)})
    known = MemoryKnown()

    assert polled(imap(server.port), known) == []
    assert known.texts() == ALL


def test_39_sent_mail_is_found_whatever_it_is_called(fake_imap, box, imap):
    del box.folders[b"Sent"]
    box.folders[b"INBOX/Gesendete Objekte"] = box.sent
    box.sent.flags = b""
    box.sent.put(mail(9))
    server = fake_imap(box.script())
    known = MemoryKnown()

    assert polled(imap(server.port), known) == []
    assert b"text 9" in known.texts()


def test_39_an_unknown_folder_for_sent_mail_is_asked_for_and_the_rest_is_read(fake_imap, box, imap):
    del box.folders[b"Sent"]
    box.folders[b"Utg&AOU-ende"] = box.sent
    box.sent.flags = b""
    server = fake_imap(box.script())
    known = MemoryKnown()

    [fault] = polled(imap(server.port), known)

    assert type(fault) is FolderFault
    assert "Utgående" in str(fault)
    assert known.texts() == ALL


def test_39_a_folder_that_was_deleted_stops_only_itself(fake_imap, box, imap):
    box.sent.put(mail(9))
    server = fake_imap(box.script())
    known = MemoryKnown()
    mailbox = imap(server.port)
    polled(mailbox, known)
    box.inbox.put(mail(6))
    del box.folders[b"Sent"]

    faults = polled(mailbox, known)

    assert all(type(fault) is FolderFault for fault in faults)
    assert b"text 6" in known.texts()


@pytest.mark.parametrize("flags", [b"", b"\\Sent"])
def test_39_sent_mail_of_every_program_is_read_whichever_folder_it_uses(
    fake_imap, box, imap, flags
):
    other = FakeFolder(flags)
    box.folders[b"Sent Items"] = other
    other.put(mail(8))
    box.sent.put(mail(9))
    server = fake_imap(box.script())
    known = MemoryKnown()
    mailbox = imap(server.port)

    assert polled(mailbox, known) == []

    assert {b"text 8", b"text 9"} <= set(known.texts())
    mailbox.append(FolderRole.SENT, mail(10), NOW)
    assert (len(box.sent.mails), len(other.mails)) == (2, 1)


@pytest.mark.parametrize("folders", [("INBOX",), ("INBOX", "Projects")])
def test_39_a_folder_that_was_missed_is_read_as_soon_as_it_is_there(fake_imap, box, imap, folders):
    missed = box.folders.pop(b"Sent")
    missed.put(mail(9))
    server = fake_imap(box.script())
    known = MemoryKnown()
    mailbox = imap(server.port)
    mailbox._settings = replace(mailbox._settings, folders=folders)
    polled(mailbox, known)

    box.folders[b"Sent Items" if len(folders) == 1 else b"Projects"] = missed

    assert polled(mailbox, known) == []
    assert b"text 9" in known.texts()
    assert server.connections == 1
