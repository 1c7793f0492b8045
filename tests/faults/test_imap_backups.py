"""A server restored from a backup: the same UIDVALIDITY, and numbers that are given out again.

What came after the backup is gone from the server, and new mail gets the numbers of what is gone.
"""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest

from fakes import NOW, MemoryKnown
from mailboxes import mail, polled, texts
from mailhours.model.faults import FolderFault
from mailhours.model.raw import FolderRole


def remarks(known, mailbox, now=NOW):
    return [remark for batch in known.read(mailbox, now=now) for remark in batch.remarks]


@pytest.fixture
def long_box(box):
    """An account with thirty mails."""
    box.inbox.put(*(mail(n) for n in range(6, 31)))
    return box


def restored(box, backup, *new):
    """Go back to the first `backup` mails, after which new ones came."""
    box.inbox.mails = dict(list(box.inbox.mails.items())[:backup])
    box.inbox.put(*(mail(n) for n in new))


@pytest.mark.parametrize("came", [1, 9, 11, 40])
def test_25_mail_that_came_after_a_restored_backup_is_logged_once(fake_imap, long_box, imap, came):
    server = fake_imap(long_box.script())
    known = MemoryKnown()
    mailbox = imap(server.port)
    polled(mailbox, known)
    restored(long_box, 20, *range(100, 100 + came))

    [told] = remarks(known, mailbox)

    assert "went back" in told
    assert known.texts() == texts(*range(1, 31), *range(100, 100 + came))
    here = {place.uid for place in known.sighted if place.folder == "INBOX"}
    assert here == {str(uid) for uid in range(1, 21 + came)}
    assert remarks(known, mailbox) == []


def test_25_a_mailbox_that_looks_as_it_did_is_seen_through_within_six_hours(
    fake_imap, long_box, imap
):
    server = fake_imap(long_box.script())
    known = MemoryKnown()
    mailbox = imap(server.port)
    polled(mailbox, known)
    restored(long_box, 20, *range(100, 110))  # as many mails, and the same UIDNEXT

    assert remarks(known, mailbox) == []
    assert len(remarks(known, mailbox, NOW + timedelta(hours=6))) == 1

    assert known.texts() == texts(*range(1, 31), *range(100, 110))


def test_25_a_backup_of_before_the_server_renumbered_loses_nothing(fake_imap, long_box, imap):
    server = fake_imap(long_box.script())
    known = MemoryKnown()
    mailbox = imap(server.port)
    polled(mailbox, known)
    long_box.inbox.validity = 8
    polled(mailbox, known)
    long_box.inbox.validity = 7
    restored(long_box, 20, *range(100, 105))

    [told] = remarks(known, mailbox)

    assert "UIDVALIDITY 7 is there again" in told
    assert known.texts() == texts(*range(1, 31), *range(100, 105))


@pytest.mark.parametrize("gone", [(), (30,), (28, 29, 30), tuple(range(24, 31))])
def test_25_a_few_numbers_that_were_given_out_again_are_enough(fake_imap, long_box, imap, gone):
    """The newest that is there tells: what is below the backup is as it was."""
    server = fake_imap(long_box.script())
    known = MemoryKnown()
    mailbox = imap(server.port)
    polled(mailbox, known)
    restored(long_box, 28 if not gone or len(gone) == 1 else 20, *range(100, 115))
    for uid in gone:
        del long_box.inbox.mails[uid]
    there = {
        n for n in range(100, 115) if any(b"<%d@" % n in m for m in long_box.inbox.mails.values())
    }

    polled(mailbox, known)

    assert known.texts() == texts(*range(1, 31), *there)


def test_25_below_a_mail_that_is_withheld_the_numbers_count_too(fake_imap, long_box, imap):
    server = fake_imap(long_box.script())
    true = long_box.script()["UID FETCH"]

    def fetch(command, wire):
        chosen, _, items = command.rest.partition(b" ")
        rows = [long_box.row(uid, items) for uid in long_box._chosen(chosen) if uid != 3]
        return b"".join(rows) + b"{tag} OK done\r\n"

    server.script["UID FETCH"] = fetch
    known = MemoryKnown()
    mailbox = imap(server.port)
    polled(mailbox, known)
    server.script["UID FETCH"] = true
    restored(long_box, 20, 100)

    polled(mailbox, known)

    assert known.texts() == texts(*range(1, 31), 100)


def test_25_numbers_that_are_trusted_again_after_a_restart_mean_nothing_old(
    fake_imap, long_box, imap
):
    """Read by content for a day: what was sighted under the numbers before is not to be trusted."""
    server = fake_imap(long_box.script())
    known = MemoryKnown()
    mailbox = imap(server.port)
    for validity in (7, 8, 9, 10, 11, 7):
        long_box.inbox.validity = validity
        polled(mailbox, known)
    restored(long_box, 20, 100)

    polled(imap(server.port), known)

    assert known.texts() == texts(*range(1, 31), 100)


def test_25_a_backup_that_is_restored_before_anything_new_came_is_told_too(
    fake_imap, long_box, imap
):
    server = fake_imap(long_box.script())
    known = MemoryKnown()
    mailbox = imap(server.port)
    polled(mailbox, known)
    restored(long_box, 20)

    assert len(remarks(known, mailbox)) == 1
    restored(long_box, 20, 100)
    assert remarks(known, mailbox) == []

    assert known.texts() == texts(*range(1, 31), 100)


def test_25_only_headers_are_read_again_after_a_restored_backup(fake_imap, long_box, imap):
    server = fake_imap(long_box.script())
    known = MemoryKnown()
    mailbox = imap(server.port)
    polled(mailbox, known)
    restored(long_box, 20, 100)
    server.heard.clear()

    polled(mailbox, known)

    assert [c.rest for c in server.heard if b"PEEK[1]" in c.rest] == [
        b"21 (UID BODY.PEEK[1]<0.262144>)"
    ]


def test_25_a_crash_after_the_numbers_went_back_loses_nothing(fake_imap, long_box, imap):
    server = fake_imap(long_box.script())
    known = MemoryKnown()
    polled(imap(server.port), known)
    restored(long_box, 20, *range(100, 115))
    for batch in imap(server.port).look(known, lambda h: True, NOW, NOW):
        known.commit(batch)
        break  # the process ends here

    assert polled(imap(server.port), known) == []

    assert known.texts() == texts(*range(1, 31), *range(100, 115))


def test_25_other_mail_under_the_same_numbers_is_held_until_the_owner_says_so(
    fake_imap, long_box, imap
):
    server = fake_imap(long_box.script())
    known = MemoryKnown()
    mailbox = imap(server.port)
    polled(mailbox, known)
    restored(long_box, 0, *range(100, 125))

    faults = polled(mailbox, known, 6)

    assert [type(fault) for fault in faults] == [FolderFault] * 6
    assert "went back" in str(faults[0])
    assert "mailhours retry main/INBOX" in faults[0].hint
    assert known.texts() == texts(*range(1, 31))

    # What the owner's word does in the ledger.
    del known.held["main", "INBOX"]
    for place in [p for p in known.sighted if p.folder == "INBOX"]:
        del known.sighted[place]
    assert polled(mailbox, known) == []
    assert known.texts() == texts(*range(1, 31), *range(100, 125))


def test_25_mail_that_is_thrown_away_is_no_backup(fake_imap, long_box, imap):
    server = fake_imap(long_box.script())
    known = MemoryKnown()
    mailbox = imap(server.port)
    polled(mailbox, known)
    restored(long_box, 12)
    long_box.inbox.next = 31

    assert remarks(known, mailbox) == []

    long_box.inbox.mails[31] = mail(31)
    long_box.inbox.next = None
    assert remarks(known, mailbox) == []
    assert known.texts() == texts(*range(1, 32))


def test_25_a_server_that_writes_single_fields_anew_is_believed_by_the_whole_header(
    fake_imap, long_box, imap
):
    true = long_box.script()["UID FETCH"]

    def fetch(command, wire):
        said = true(command, wire)
        return said.replace(b"mail ", b"MAIL ") if b"HEADER.FIELDS" in command.rest else said

    server = fake_imap({**long_box.script(), "UID FETCH": fetch})
    known = MemoryKnown()
    mailbox = imap(server.port)
    polled(mailbox, known)
    long_box.inbox.put(mail(31))

    assert remarks(known, mailbox) == []
    assert known.texts() == texts(*range(1, 32))


def test_25_a_question_that_breaks_the_connection_is_asked_three_times_and_no_more(
    fake_imap, long_box, imap
):
    true = long_box.script()["UID FETCH"]

    def fetch(command, wire):
        if b"HEADER.FIELDS" in command.rest:
            return wire.hang_up()
        return true(command, wire)

    server = fake_imap({**long_box.script(), "UID FETCH": fetch})
    known = MemoryKnown()
    mailbox = imap(server.port)
    polled(mailbox, known)
    long_box.inbox.put(mail(31))

    assert len(polled(mailbox, known, 5)) == 3
    assert known.texts() == texts(*range(1, 32))


def test_25_a_real_server_that_was_restored_from_a_backup(dovecot, imap, tmp_path):
    user = dovecot.user()
    for number in range(30):
        dovecot.deliver(user, mail(number), received=NOW)
    known = MemoryKnown()
    mailbox = imap(dovecot.port, user)
    polled(mailbox, known)
    mailbox.close()
    shutil.copytree(dovecot.mail / user, tmp_path / "backup", copy_function=shutil.copy2)
    for number in range(30, 40):
        dovecot.deliver(user, mail(number), received=NOW)
    polled(mailbox, known)
    mailbox.close()
    dovecot.restore(user, tmp_path / "backup")
    for number in range(100, 103):
        dovecot.deliver(user, mail(number), received=NOW)

    [told] = remarks(known, mailbox)

    assert "INBOX: the server's numbers went back" in told
    assert known.texts() == texts(*range(40), *range(100, 103))
    assert len(known.mails) == 43
    assert known.cursor("INBOX").role is FolderRole.INBOX
    assert polled(mailbox, known) == []
