"""Filing on an IMAP server that forgets, forbids or breaks off; crashes and clocks."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest

from fakes import HORIZON, NOW, MemoryKnown
from integration.fakebox import once
from mailboxes import mail, polled, texts
from mailhours.mailbox.imap_faults import Lost
from mailhours.model.faults import FolderFault, Throttled
from mailhours.model.raw import FolderRole, Place


def test_40_a_folder_that_is_read_only_is_left_alone_and_reading_goes_on(fake_imap, box, imap):
    box.folders[b"Check-in"].put(mail(7))
    true = box.script()["SELECT"]

    def select(command, wire):
        said = true(command, wire)
        return said.replace(b"{tag} OK done", b"{tag} OK [READ-ONLY] done")

    server = fake_imap({**box.script(), "SELECT": select})
    known = MemoryKnown()
    mailbox = imap(server.port)
    polled(mailbox, known)
    [held] = [place for place in known.sighted if place.folder == "Check-in"]

    with pytest.raises(FolderFault, match="nothing be moved"):
        mailbox.move(held, FolderRole.SENT)

    box.inbox.put(mail(8))
    assert polled(mailbox, known) == []
    assert b"text 8" in known.texts()


def test_40_a_folder_that_is_missing_is_made_once(fake_imap, box, imap):
    del box.folders[b"Sent"]
    made = []

    def create(command, wire):
        made.append(command.rest)
        box.folders[b"Sent"] = box.sent
        return b"{tag} OK made\r\n"

    server = fake_imap({**box.script(), "CREATE": create, "SUBSCRIBE": b"{tag} OK done\r\n"})
    mailbox = imap(server.port)

    mailbox.append(FolderRole.SENT, mail(1), NOW)
    mailbox.append(FolderRole.SENT, mail(2), NOW)

    assert made == [b'"Sent"']
    assert len(box.sent.mails) == 2


def test_40_without_move_it_is_copied_and_only_that_mail_is_expunged(fake_imap, box, imap):
    box.capabilities = b"IMAP4rev1"
    held = box.folders[b"Check-in"]
    held.put(mail(1), mail(2))
    done = []

    def note(command, wire):
        done.append(f"{command.verb} {command.rest.decode()}")
        return b"{tag} OK done\r\n"

    script = {**box.script(), "UID COPY": note, "UID STORE": note, "EXPUNGE": note}
    server = fake_imap(script)
    true = box.script()["UID SEARCH"]
    server.script["UID SEARCH"] = lambda c, w: (
        b"* SEARCH 1 2\r\n{tag} OK done\r\n" if c.rest == b"DELETED" else true(c, w)
    )

    imap(server.port).move(Place("main", "Check-in", 7, "2"), FolderRole.SENT)

    assert 'UID COPY 2 "Sent"' in done
    assert "EXPUNGE " not in done  # mail 1 is marked too: the owner's business


def test_41_a_copy_whose_answer_is_lost_is_found_by_its_message_id(fake_imap, box, imap):
    true = box.script()["APPEND"]

    def append(command, wire):
        true(command, wire)
        wire.hang_up()

    server = fake_imap({**box.script(), "APPEND": append})
    mailbox = imap(server.port)

    with pytest.raises(Lost):
        mailbox.append(FolderRole.SENT, mail(7), NOW)

    [place] = mailbox.find(FolderRole.SENT, "<7@fjord.example>")
    assert place == Place("main", "Sent", 7, "1")
    assert len(box.sent.mails) == 1


NO_OR = [pytest.param(b"OR", id="no OR"), pytest.param(b"HEADER", id="no HEADER")]


def unsearching(box, word):
    """Return a SEARCH that refuses every command with that word."""
    true = box.script()["UID SEARCH"]
    refused = b"{tag} BAD unknown search key\r\n"
    return lambda command, wire: refused if word in command.rest else true(command, wire)


@pytest.mark.parametrize("word", [*NO_OR, pytest.param(b"Id", id="no field of ours")])
def test_41_a_server_that_does_not_search_for_it_has_it_found_all_the_same(
    fake_imap, box, imap, word
):
    server = fake_imap({**box.script(), "UID SEARCH": unsearching(box, word)})
    mailbox = imap(server.port)
    ours = mail(7).replace(b"\r\n\r\n", b"\r\nX-Mailhours-Id: r0000001\r\n\r\n", 1)
    renamed = ours.replace(b"<7@", b"<provider@").replace(b"r0000001", b"r0000002")
    box.sent.put(mail(1), ours, renamed, mail(17))

    def found(message_id: str, mark: str = "") -> list[str]:
        return [one.uid for one in mailbox.find(FolderRole.SENT, message_id, mark)]

    assert found("<7@fjord.example>", "r0000001") == ["2"]
    assert found("<never@fjord.example>", "r0000002") == ["3"]
    assert found("<never@fjord.example>", "r0000003") == []
    assert found("<17@fjord.example>") == ["4"]


@pytest.mark.parametrize("word", NO_OR)
def test_41_where_it_is_not_searched_for_a_copy_is_filed_once(fake_imap, box, imap, word):
    true = box.script()["APPEND"]

    def lost(command, wire):
        true(command, wire)
        wire.hang_up()

    script = {**box.script(), "UID SEARCH": unsearching(box, word), "APPEND": once(lost, true)}
    mailbox = imap(fake_imap(script).port)

    for _ in range(3):  # as filing does at each poll until it knows where the copy lies
        with suppress(Lost):
            if not mailbox.find(FolderRole.SENT, "<7@fjord.example>", "r0000001"):
                mailbox.append(FolderRole.SENT, mail(7), NOW)

    assert len(box.sent.mails) == 1


def test_41_a_server_that_wants_to_be_left_alone_is_not_asked_in_other_words(fake_imap, box, imap):
    busy = b"{tag} NO [LIMIT] too many searches\r\n"
    server = fake_imap({**box.script(), "UID SEARCH": busy})
    mailbox = imap(server.port)
    box.sent.put(mail(1))

    with pytest.raises(Throttled):
        mailbox.find(FolderRole.SENT, "<1@fjord.example>", "r0000001")

    assert server.verbs().count("UID SEARCH") == 1


@pytest.mark.parametrize("stop", range(4))
def test_42_a_crash_between_batches_repeats_and_doubles_nothing(dovecot, stop, imap):
    user = dovecot.user()
    for number in range(500):
        dovecot.deliver(user, mail(number), received=NOW)
    known = MemoryKnown()
    mailbox = imap(dovecot.port, user)
    for count, batch in enumerate(mailbox.look(known, lambda h: True, HORIZON, NOW)):
        if count == stop:
            break  # the batch is lost with the process
        known.commit(batch)

    polled(imap(dovecot.port, user), known)

    assert len(known.mails) == 500
    assert len([p for p in known.sighted if p.folder == "INBOX"]) == 500


def test_a_renumbered_folder_never_moves_the_wrong_mail(fake_imap, box, imap):
    box.folders[b"Check-in"].put(mail(1))
    box.folders[b"Check-in"].validity = 8
    server = fake_imap(box.script())
    mailbox = imap(server.port)

    with pytest.raises(FolderFault, match="renumbered"):
        mailbox.move(Place("main", "Check-in", 7, "1"), FolderRole.SENT)
    with pytest.raises(FolderFault, match="renumbered"):
        mailbox.fetch(Place("main", "Check-in", 7, "1"))


def test_reading_changes_no_flag(fake_imap, box, imap):
    server = fake_imap(box.script())

    polled(imap(server.port), MemoryKnown(), 2)

    assert not {"SELECT", "UID STORE", "STORE"} & set(server.verbs())
    assert all(b"BODY[" not in command.rest for command in server.heard)


@pytest.mark.parametrize("days", [-1, 1, 400])
def test_46_a_clock_that_jumps_skips_no_mail(fake_imap, box, days, imap):
    server = fake_imap(box.script())
    known = MemoryKnown()
    mailbox = imap(server.port)
    polled(mailbox, known)
    box.inbox.put(mail(6))

    polled(mailbox, known, now=NOW + timedelta(days=days))
    box.inbox.put(mail(7))
    polled(mailbox, known)

    assert known.texts() == texts(1, 2, 3, 4, 5, 6, 7)
