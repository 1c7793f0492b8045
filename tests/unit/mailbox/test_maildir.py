"""A Maildir as a mailbox: names, renames, what is cheap, what is odd."""

from __future__ import annotations

import os
import threading
from datetime import timedelta

import pytest

from fakes import HORIZON, NOW, MemoryKnown, everybody
from mailboxes import mail, polled, settings, texts
from mailhours.mailbox import maildir_files
from mailhours.mailbox.maildir import MaildirMailbox
from mailhours.model.faults import FolderFault, ServerFault
from mailhours.model.raw import FolderRole, Place


@pytest.fixture
def root(tmp_path):
    maildir_files.create(tmp_path / "Maildir")
    return tmp_path / "Maildir"


@pytest.fixture
def mailbox(root):
    return MaildirMailbox(settings(path=str(root)))


def put(folder, number, flags="", at=NOW):
    maildir_files.create(folder)
    return maildir_files.deliver(folder, mail(number), at, flags)


def test_new_and_cur_are_read_and_what_is_being_delivered_is_not(root, mailbox):
    put(root, 1)
    put(root, 2, "S")
    (root / "tmp" / "3").write_bytes(mail(3))
    known = MemoryKnown()

    known.read(mailbox)

    assert known.texts() == texts(1, 2)


def test_a_mail_that_was_read_or_flagged_meanwhile_is_no_new_mail(root, mailbox):
    base = put(root, 1)
    known = MemoryKnown()
    known.read(mailbox)

    (root / "new" / base).rename(root / "cur" / f"{base}:2,RS")
    again = known.read(mailbox)

    assert [s for batch in again for s in batch.sightings] == []
    assert len(known.sighted) == 1


def test_a_file_that_is_renamed_between_listing_and_opening_is_still_read(
    root, mailbox, monkeypatch
):
    base = put(root, 1)
    true = maildir_files.listing

    def renamed_behind(folder):
        found = true(folder)
        if (root / "new" / base).exists():
            (root / "new" / base).rename(root / "cur" / f"{base}:2,S")
        return found

    monkeypatch.setattr(maildir_files, "listing", renamed_behind)
    known = MemoryKnown()
    known.read(mailbox)

    assert known.texts() == texts(1)


def test_a_file_that_vanishes_is_left_out(root, mailbox, monkeypatch):
    put(root, 1)
    base = put(root, 2)
    true = maildir_files.listing

    def vanishing(folder):
        found = true(folder)
        (root / "new" / base).unlink(missing_ok=True)
        return found

    monkeypatch.setattr(maildir_files, "listing", vanishing)
    known = MemoryKnown()

    assert polled(mailbox, known) == []
    assert known.texts() == texts(1)


def test_what_is_no_mail_is_set_aside_and_stops_nothing(root, mailbox):
    put(root, 1)
    (root / "cur" / "folder:2,").mkdir()
    os.mkfifo(root / "new" / "pipe")
    (root / "new" / "dangling").symlink_to(root / "nowhere")
    known = MemoryKnown()

    assert polled(mailbox, known) == []
    assert known.texts() == texts(1)
    assert {place.uid for place in known.quarantined} == {"folder", "pipe"}


def test_a_file_name_that_is_no_text_is_no_obstacle(root, mailbox):
    (root / "new" / os.fsdecode(b"1.\xff\xfe.host")).write_bytes(mail(1))
    known = MemoryKnown()

    known.read(mailbox)

    assert known.texts() == texts(1)
    [place] = known.sighted
    place.uid.encode()


@pytest.mark.parametrize(
    ("name", "role"),
    [
        (".Sent", FolderRole.SENT),
        (".Gesendete Objekte", FolderRole.SENT),
        (".INBOX.Sent", FolderRole.SENT),
        (".&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-", FolderRole.SENT),
        (".Entw&APw-rfe", FolderRole.DRAFTS),
        ("Sent", FolderRole.SENT),
        ("Postausgang/Gesendet", FolderRole.SENT),
        (".Check-in", FolderRole.HELD),
    ],
)
def test_folders_are_known_by_their_names_in_many_languages(root, mailbox, name, role):
    put(root / name, 1)

    batches = MemoryKnown().read(mailbox)

    assert [s.role for batch in batches for s in batch.sightings] == [role]


def test_the_owners_word_on_a_folder_wins(root):
    put(root / ".Sent", 1)
    put(root / ".Ut", 2)
    mailbox = MaildirMailbox(settings(path=str(root), sent="Ut"))
    known = MemoryKnown()

    known.read(mailbox)

    assert known.texts() == texts(2)


def test_a_folder_that_is_wanted_and_not_there_is_told_and_the_others_are_read(root):
    put(root, 1)
    mailbox = MaildirMailbox(settings(path=str(root), folders=("INBOX", "Clients")))
    known = MemoryKnown()

    [fault] = polled(mailbox, known)

    assert type(fault) is FolderFault
    assert "Clients" in fault.what
    assert known.texts() == texts(1)


def test_no_maildir_at_all_is_said_plainly(tmp_path):
    [fault] = polled(MaildirMailbox(settings(path=str(tmp_path / "none"))), MemoryKnown())

    assert isinstance(fault, ServerFault)
    assert "none" in fault.what


def test_check_in_and_drafts_are_made_when_they_are_missing(root, mailbox):
    polled(mailbox, MemoryKnown())

    assert {path.name for path in root.iterdir()} == {
        "new", "cur", "tmp", ".Check-in", ".Drafts",
    }  # fmt: skip


def test_beside_plain_folders_plain_folders_are_made(root, mailbox):
    put(root / "Sent", 1)

    polled(mailbox, MemoryKnown())

    assert (root / "Check-in" / "cur").is_dir()


def test_a_poll_with_nothing_new_lists_nothing(root, mailbox, monkeypatch):
    put(root, 1)
    known = MemoryKnown()
    for _ in range(3):
        known.read(mailbox)
    asked = []
    monkeypatch.setattr(maildir_files, "listing", lambda folder: asked.append(folder) or {})

    assert known.read(mailbox) == []
    assert asked == []
    known.read(mailbox, now=NOW + timedelta(hours=6))
    assert asked


def test_mail_that_comes_in_the_same_tick_is_found(root, mailbox):
    put(root, 1)
    known = MemoryKnown()
    stamp = (root / "new").stat()
    known.read(mailbox)
    put(root, 2)
    os.utime(root / "new", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))

    known.read(mailbox)

    assert known.texts() == texts(1, 2)


def test_the_horizon_of_the_first_look_holds(root, mailbox):
    put(root, 1, at=HORIZON - timedelta(days=3))
    put(root, 2)
    known = MemoryKnown()
    known.read(mailbox)

    known.read(mailbox, now=NOW + timedelta(days=30), horizon=HORIZON + timedelta(days=30))

    assert known.texts() == texts(2)


def test_old_mail_is_handed_over_in_batches_oldest_first(root, mailbox):
    for number in range(250):
        put(root, number, at=NOW - timedelta(minutes=number))

    batches = [b for b in MemoryKnown().read(mailbox) if b.sightings]

    assert len(batches) == 3
    times = [s.raw.received for batch in batches for s in batch.sightings]
    assert times == sorted(times)


def test_an_answer_filed_in_sent_is_seen_and_a_draft_is_a_draft(root, mailbox):
    mailbox.append(FolderRole.SENT, mail(1), NOW)
    mailbox.append(FolderRole.DRAFTS, mail(2), NOW)

    assert [p.name.partition(":")[2] for p in (root / ".Sent" / "cur").iterdir()] == ["2,S"]
    assert [p.name.partition(":")[2] for p in (root / ".Drafts" / "cur").iterdir()] == ["2,DS"]
    assert list((root / ".Sent" / "tmp").iterdir()) == []


def test_a_held_draft_that_moves_to_sent_is_no_draft_any_more(root, mailbox):
    base = put(root / ".Check-in", 1, "DF")

    mailbox.move(Place("main", "Check-in", 0, base), FolderRole.SENT)

    [path] = (root / ".Sent" / "cur").iterdir()
    assert path.name == f"{base}:2,FS"


def test_a_full_disk_leaves_nothing_half(root, mailbox, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(FolderFault, match="No space left"):
        mailbox.append(FolderRole.SENT, mail(1), NOW)

    assert [p for p in (root / ".Sent").rglob("*") if p.is_file()] == []


def test_mails_that_are_delivered_while_it_is_read_are_all_found(root, mailbox):
    known = MemoryKnown()
    going = threading.Event()

    def deliver():
        for number in range(200):
            put(root, number)
        going.set()

    thread = threading.Thread(target=deliver)
    thread.start()
    while not going.is_set():
        known.read(mailbox, everybody)
    thread.join()
    known.read(mailbox)
    known.read(mailbox)

    assert len(known.mails) == 200
