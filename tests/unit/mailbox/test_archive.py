"""Old mail: mbox files as programs really write them, single mails, folders."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from fakes import NOW, MemoryKnown
from mailboxes import mail, polled, texts
from mailhours.mailbox import maildir_files
from mailhours.mailbox.archive import ArchiveMailbox, role_of
from mailhours.model.faults import ServerFault
from mailhours.model.raw import FolderRole

EVER = datetime(1970, 1, 1, tzinfo=UTC)


def read(path, horizon=EVER):
    known = MemoryKnown()
    assert polled(ArchiveMailbox("old", path), known, horizon=horizon) == []
    return known


def unix(number, text="", **fields):
    return mail(number, text, **fields).replace(b"\r\n", b"\n")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"From kari@fjord.example Mon Mar  2 09:30:00 2026", (9, 30)),
        (b"From - Mon Mar 02 09:30:00 2026", (9, 30)),
        (b"From 1842@xxx Mon Mar 02 09:30:00 +0000 2026", (9, 30)),
        (b"From kari@fjord.example Mon Mar  2 10:30:00 2026 +0100", (9, 30)),
        (b"From kari@fjord.example Mon Mar  2 09:30:00 UTC 2026", (9, 30)),
        (b"From kari@fjord.example Mon Mar  2 09:30 2026", (9, 30)),
    ],
)
def test_a_mail_without_a_date_of_its_own_has_the_one_of_its_from_line(tmp_path, line, expected):
    undated = re.sub(rb"Date: [^\n]*\n", b"", unix(1))
    (tmp_path / "old").write_bytes(line + b"\n" + undated)

    [raw] = read(tmp_path / "old").mails.values()

    assert raw.received == datetime(2026, 3, 2, *expected, tzinfo=UTC)
    assert raw.parts[0].content == b"text 1\n"


def test_the_newest_received_tells_the_arrival_before_date_and_from_line(tmp_path):
    hops = b"Received: by mx; Tue, 3 Mar 2026 08:00:00 +0100\nReceived: by a; Mon, 2 Mar 2026 08:00:00 +0100\n"
    (tmp_path / "old").write_bytes(b"From a Mon Mar  9 09:30:00 2026\n" + hops + unix(1))

    [raw] = read(tmp_path / "old").mails.values()

    assert raw.received == datetime(2026, 3, 3, 7, 0, tzinfo=UTC)


def mbox(*mails):
    return b"".join(b"From a@b.example Mon Mar  2 09:30:00 2026\n" + m + b"\n" for m in mails)


def test_quoted_from_lines_lose_one_quote(tmp_path):
    (tmp_path / "old.mbox").write_bytes(
        mbox(unix(1, ">From here on\n>>From there\n> From nowhere"))
    )

    assert read(tmp_path / "old.mbox").texts() == [b"From here on\n>From there\n> From nowhere"]


def test_a_sentence_that_begins_with_from_ends_no_mail(tmp_path):
    (tmp_path / "old.mbox").write_bytes(
        mbox(unix(1, "first\n\nFrom now on we meet at noon.\n\nFrom then on not."), unix(2))
    )

    assert len(read(tmp_path / "old.mbox").mails) == 2


def test_an_mbox_with_windows_line_ends_is_one_too(tmp_path):
    (tmp_path / "old.mbox").write_bytes(mbox(unix(1), unix(2)).replace(b"\n", b"\r\n"))

    assert read(tmp_path / "old.mbox").texts() == texts(1, 2)


def test_a_single_mail_is_an_archive(tmp_path):
    (tmp_path / "one.eml").write_bytes(mail(1))

    assert read(tmp_path / "one.eml").texts() == texts(1)


def test_a_folder_may_hold_folders_of_every_kind(tmp_path):
    (tmp_path / "2024").mkdir()
    (tmp_path / "2024" / "1.eml").write_bytes(mail(1))
    (tmp_path / "2024" / "notes.txt").write_bytes(b"no mail")
    (tmp_path / "Sent.mbox").write_bytes(mbox(unix(2)))
    maildir_files.create(tmp_path / "Maildir")
    maildir_files.deliver(tmp_path / "Maildir", unix(3), NOW, "S")
    maildir_files.create(tmp_path / "Maildir" / ".Sent")
    maildir_files.deliver(tmp_path / "Maildir" / ".Sent", unix(4), NOW, "S")

    known = MemoryKnown()
    batches = known.read(ArchiveMailbox("old", tmp_path), horizon=EVER)

    assert known.texts() == texts(1, 2, 3, 4)
    roles = {
        known.mails[s.key].parts[0].content.strip(): s.role for b in batches for s in b.sightings
    }
    assert roles == {
        b"text 1": FolderRole.INBOX,
        b"text 2": FolderRole.SENT,
        b"text 3": FolderRole.INBOX,
        b"text 4": FolderRole.SENT,
    }


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Sent", FolderRole.SENT),
        ("mail/Sent.mbox", FolderRole.SENT),
        (".Sent", FolderRole.SENT),
        ("INBOX.Sent", FolderRole.SENT),
        ("Gesendet", FolderRole.SENT),
        ("Отправленные.mbox", FolderRole.SENT),
        ("Utkast", FolderRole.DRAFTS),
        ("Inbox", FolderRole.INBOX),
        ("Presented", FolderRole.INBOX),
    ],
)
def test_a_name_says_which_way_its_mail_went(name, role):
    assert role_of(name) is role


def test_nothing_there_is_said_plainly(tmp_path):
    [fault] = polled(ArchiveMailbox("old", tmp_path / "none"), MemoryKnown())

    assert isinstance(fault, ServerFault)
    assert "none" in fault.what


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\x00", b"From ", b"From x\n"])
def test_a_file_that_is_no_mail_is_read_without_complaint(tmp_path, content):
    (tmp_path / "odd").write_bytes(content)

    read(tmp_path / "odd")


def test_a_file_that_cannot_be_opened_is_told(tmp_path):
    (tmp_path / "1.eml").write_bytes(mail(1))
    (tmp_path / "2.eml").symlink_to(tmp_path / "nowhere")

    known = read(tmp_path)

    assert known.texts() == texts(1)
    [reason] = known.quarantined.values()
    assert "cannot be read" in reason


def test_reading_an_archive_changes_nothing(tmp_path):
    maildir_files.create(tmp_path)
    maildir_files.deliver(tmp_path, unix(1), NOW, "")
    before = sorted((str(p), p.stat().st_mtime_ns) for p in tmp_path.rglob("*"))

    read(tmp_path)

    assert sorted((str(p), p.stat().st_mtime_ns) for p in tmp_path.rglob("*")) == before
