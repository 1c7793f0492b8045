"""UIDs, UIDVALIDITY, UIDNEXT, SEARCH and STATUS that are not what they should be."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fakes import NOW, MemoryKnown
from integration.fakebox import once
from mailboxes import mail, polled, texts
from mailhours.model.faults import (
    FolderFault,
)
from mailhours.model.raw import FolderRole

ALL = texts(1, 2, 3, 4, 5)


def test_24_a_renumbered_folder_is_read_again_and_logs_nothing_twice(dovecot, imap):
    user = dovecot.user()
    for number in range(30):
        dovecot.deliver(user, mail(number), received=NOW)
    known = MemoryKnown()
    mailbox = imap(dovecot.port, user)
    polled(mailbox, known)
    mailbox.close()
    dovecot.reset_uidvalidity(user)
    before = mailbox.traffic[0]

    assert polled(mailbox, known, 2) == []

    assert len(known.mails) == 30
    assert len({place.validity for place in known.sighted if place.folder == "INBOX"}) == 2
    assert mailbox.traffic[0] - before < 30 * 1500  # headers only, no text again


def test_25_a_folder_that_was_replaced_is_held_until_the_owner_says_so(dovecot, imap):
    user = dovecot.user()
    for number in range(30):
        dovecot.deliver(user, mail(number), received=NOW)
    known = MemoryKnown()
    mailbox = imap(dovecot.port, user)
    polled(mailbox, known)
    old = known.cursor("INBOX")
    mailbox.close()
    dovecot.reset_uidvalidity(user)
    dovecot.empty(user)
    for number in range(100, 130):
        dovecot.deliver(user, mail(number), received=NOW)

    faults = polled(mailbox, known, 6)

    assert [type(fault) for fault in faults] == [FolderFault] * 6
    assert "replaced" in faults[0].hint
    assert len(known.mails) == 30
    assert known.cursor("INBOX") == old

    # The owner's word is a cursor with the new number, read from the fault's words or the server.
    validity = int(str(faults[0]).rpartition("now ")[2].rstrip(")"))
    known.held["main", "INBOX"] = replace(old, validity=validity, settled=0, floor=0, hint="")
    assert polled(mailbox, known) == []
    assert len(known.mails) == 60


@pytest.mark.parametrize(
    "extra",
    [
        pytest.param(None, id="26 missing"),
        pytest.param(0, id="26 zero"),
        pytest.param(b"* NO [UIDNOTSTICKY] not lasting\r\n", id="26 not sticky"),
    ],
)
def test_a_folder_whose_numbers_do_not_last_is_read_by_content(fake_imap, box, extra, imap):
    if isinstance(extra, bytes):
        box.inbox.extra = extra
    else:
        box.inbox.validity = extra
    server = fake_imap(box.script())
    known = MemoryKnown()
    mailbox = imap(server.port)
    remarks = [r for batch in known.read(mailbox) for r in batch.remarks]

    box.inbox.put(mail(6))
    box.inbox.mails = {uid + 100: held for uid, held in box.inbox.mails.items()}
    again = [r for batch in known.read(mailbox) for r in batch.remarks]

    assert known.texts() == texts(1, 2, 3, 4, 5, 6)
    assert len(known.sighted) == 6
    assert len(remarks) == 1
    assert "do not last" in remarks[0]
    assert again == []


def test_26_a_new_number_each_time_ends_in_reading_by_content(fake_imap, box, imap):
    server = fake_imap(box.script())
    known = MemoryKnown()
    mailbox = imap(server.port)
    remarks = []
    for number in range(8):
        box.inbox.validity = 100 + number
        remarks += [r for batch in known.read(mailbox) for r in batch.remarks]

    assert known.texts() == ALL
    assert len(remarks) == 1
    server.heard.clear()
    polled(mailbox, known)
    assert "UID FETCH" not in server.verbs()  # nothing is new, and STATUS says so


def test_26_a_held_reply_in_such_a_folder_can_still_be_fetched_and_moved(fake_imap, box, imap):
    held = box.folders[b"Check-in"]
    held.validity = None
    held.put(mail(1), mail(2))
    moved = []
    server = fake_imap(
        {
            **box.script(),
            "UID STORE": b"{tag} OK done\r\n",
            "UID MOVE": lambda c, w: moved.append(c.rest) or b"{tag} OK done\r\n",
        }
    )
    known = MemoryKnown()
    mailbox = imap(server.port)
    polled(mailbox, known)
    [place] = [
        p for p, key in known.sighted.items()
        if p.folder == "Check-in" and known.mails[key].parts[0].content.startswith(b"text 2")
    ]  # fmt: skip

    assert mailbox.fetch(place) == mail(2)
    mailbox.move(place, FolderRole.SENT)
    assert moved == [b'2 "Sent"']


@pytest.mark.parametrize(
    ("says_next", "next_uid"),
    [
        pytest.param(False, None, id="27 UIDNEXT missing"),
        pytest.param(True, 4_000_000_000, id="27 UIDNEXT far above"),
    ],
)
def test_uidnext_is_not_needed_and_gaps_are_no_alarm(fake_imap, box, says_next, next_uid, imap):
    box.inbox.says_next, box.inbox.next = says_next, next_uid
    server = fake_imap(box.script())
    known = MemoryKnown()
    mailbox = imap(server.port)

    assert polled(mailbox, known, 2) == []
    box.inbox.mails[900] = mail(900)
    assert polled(mailbox, known, 2) == []

    assert known.texts() == sorted([*ALL, b"text 900"])
    assert server.verbs().count("UID SEARCH") < 20


@pytest.mark.parametrize("next_uid", [1, 3, 5])
def test_27_a_uidnext_that_cannot_be_is_as_good_as_none(fake_imap, box, imap, next_uid):
    box.inbox.next = next_uid
    server = fake_imap(box.script())
    known = MemoryKnown()
    mailbox = imap(server.port)

    assert polled(mailbox, known) == []
    box.inbox.put(mail(6))
    assert polled(mailbox, known) == []

    assert known.texts() == texts(1, 2, 3, 4, 5, 6)


def test_27_a_server_that_does_not_say_how_many_mails_there_are_is_read(fake_imap, box, imap):
    true = box.script()["EXAMINE"]

    def examine(command, wire):
        lines = true(command, wire).splitlines(keepends=True)
        return b"".join(line for line in lines if b"EXISTS" not in line)

    server = fake_imap({**box.script(), "EXAMINE": examine})
    known = MemoryKnown()

    assert polled(imap(server.port), known) == []
    assert known.texts() == ALL


@pytest.mark.parametrize("said", [b"UIDNEXT 6", b"UIDNEXT 5"])
def test_33_a_folder_that_is_opened_as_it_was_before_its_status_is_looked_at_again(
    fake_imap, box, imap, said
):
    """The machines of a cluster need not know the same at the same moment."""
    late = box.inbox.mails.pop(5)
    true = box.script()
    server = fake_imap(true)
    known = MemoryKnown()
    mailbox = imap(server.port)
    polled(mailbox, known)
    box.inbox.mails[5] = late

    def examine(command, wire):
        lines = true["EXAMINE"](command, wire).replace(b"5 EXISTS", b"4 EXISTS")
        return lines.replace(b"UIDNEXT 6", said)

    def search(command, wire):
        return true["UID SEARCH"](command, wire).replace(b" 5\r\n", b"\r\n")

    server.script.update({"EXAMINE": examine, "UID SEARCH": search})
    polled(mailbox, known)
    server.script.update(true)
    polled(mailbox, known)

    assert known.texts() == ALL


def test_28_a_lower_uid_that_becomes_visible_later_is_found(fake_imap, box, imap):
    late = box.inbox.mails.pop(3)
    server = fake_imap(box.script())
    known = MemoryKnown()
    mailbox = imap(server.port)
    polled(mailbox, known)

    box.inbox.mails[3] = late
    polled(mailbox, known)

    assert known.texts() == ALL


def test_28_even_far_below_it_is_found_within_six_hours(fake_imap, box, imap):
    box.inbox.mails = {1: mail(1), 2000: mail(2000)}
    server = fake_imap(box.script())
    known = MemoryKnown()
    mailbox = imap(server.port)
    polled(mailbox, known)
    box.inbox.mails[7] = mail(7)

    polled(mailbox, known, now=NOW + timedelta(hours=6))

    assert known.texts() == texts(1, 7, 2000)


def test_46_a_clock_that_is_set_back_a_week_delays_no_full_look(fake_imap, box, imap):
    box.inbox.mails = {1: mail(1), 2000: mail(2000)}
    server = fake_imap(box.script())
    known = MemoryKnown()
    mailbox = imap(server.port)
    polled(mailbox, known, now=NOW + timedelta(days=7))
    box.inbox.mails[7] = mail(7)

    polled(mailbox, known)

    assert known.texts() == texts(1, 7, 2000)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b"* SEARCH 5 3 1 4 2\r\n", id="29 unsorted"),
        pytest.param(b"* SEARCH 1 1 2 3 3 4 5 5\r\n", id="29 doubled"),
        pytest.param(b"* SEARCH 1 2\r\n* SEARCH 3 4 5\r\n", id="29 two lines"),
        pytest.param(b"* SEARCH 1 2 3 4 5 99999\r\n", id="29 a number that was not asked for"),
    ],
)
def test_a_search_is_taken_however_it_comes(fake_imap, box, said, imap):
    server = fake_imap({**box.script(), "UID SEARCH": said + b"{tag} OK done\r\n"})
    known = MemoryKnown()

    assert polled(imap(server.port), known) == []
    assert known.texts() == ALL


def finds_nothing(command, wire):
    return b"* SEARCH\r\n{tag} OK done\r\n"


def test_29_a_server_whose_search_finds_nothing_is_read_all_the_same(fake_imap, box, imap):
    box.inbox.mails[6] = mail(1006)
    box.inbox.date[1] = b'"01-Mar-2024 10:00:00 +0100"'  # before the horizon
    box.inbox.date[3] = b'"garbage"'
    server = fake_imap({**box.script(), "UID SEARCH": finds_nothing})
    known = MemoryKnown()
    mailbox = imap(server.port)

    assert polled(mailbox, known) == []
    assert known.texts() == texts(2, 3, 4, 5, 1006)
    box.inbox.mails[7] = mail(1007)
    assert polled(mailbox, known) == []

    assert known.texts() == texts(2, 3, 4, 5, 1006, 1007)
    assert len(known.sighted) == 6
    assert known.cursor("INBOX").settled == 7


def test_29_what_a_search_hid_at_first_is_found_within_six_hours(fake_imap, box, imap):
    true = box.script()
    server = fake_imap(true)
    known = MemoryKnown()
    mailbox = imap(server.port)
    polled(mailbox, known)
    box.inbox.mails = {uid: mail(uid) for uid in (100, 101)}
    box.inbox.next = 102
    said = b'* STATUS "INBOX" (MESSAGES 5 UIDNEXT 6 UIDVALIDITY 7)\r\n{tag} OK done\r\n'
    server.script.update({"UID SEARCH": finds_nothing, "STATUS": said})

    assert polled(mailbox, known) == []
    assert known.texts() == ALL
    polled(mailbox, known, now=NOW + timedelta(hours=6))

    assert known.texts() == sorted([*ALL, b"text 100", b"text 101"])


def test_29_a_folder_of_old_mail_is_not_listed_at_each_look(fake_imap, box, imap):
    true = box.script()["UID SEARCH"]

    def search(command, wire):
        return (finds_nothing if b"SINCE" in command.rest else true)(command, wire)

    server = fake_imap({**box.script(), "UID SEARCH": search})
    known = MemoryKnown()
    mailbox = imap(server.port)
    polled(mailbox, known)
    server.heard.clear()

    polled(mailbox, known, now=NOW + timedelta(hours=6))

    assert known.mails == {}
    assert not any(b"UID FETCH 1:" in c.verb.encode() + b" " + c.rest for c in server.heard)


def withholding(box, *uids):
    """Leave mails out of every FETCH, as if they were not there."""

    def fetch(command, wire):
        chosen, _, items = command.rest.partition(b" ")
        rows = [box.row(uid, items) for uid in box._chosen(chosen) if uid not in uids]
        return b"".join(rows) + b"{tag} OK done\r\n"

    return fetch


def test_30_a_mail_that_is_withheld_stops_the_cursor_and_no_other_mail(fake_imap, box, imap):
    server = fake_imap({**box.script(), "UID FETCH": withholding(box, 3)})
    known = MemoryKnown()
    mailbox = imap(server.port)

    assert polled(mailbox, known) == []
    assert known.texts() == texts(1, 2, 4, 5)
    assert known.cursor("INBOX").settled == 2
    assert known.quarantined == {}

    server.script.update(box.script())
    assert polled(mailbox, known) == []
    assert known.texts() == ALL
    assert known.cursor("INBOX").settled == 5
    assert len(known.sighted) == 5


def test_30_a_mail_that_is_withheld_for_hours_is_set_aside_even_across_restarts(
    fake_imap, box, imap
):
    server = fake_imap({**box.script(), "UID FETCH": withholding(box, 3)})
    known = MemoryKnown()
    for number in range(6):
        polled(imap(server.port), known, now=NOW + timedelta(minutes=20 * number))

    [place] = known.quarantined
    assert place.uid == "3"
    assert known.cursor("INBOX").settled == 5
    assert known.cursor("INBOX").hint.startswith("UIDNEXT")


def test_30_a_mail_whose_text_is_withheld_is_never_stored_half(fake_imap, box, imap):
    true = box.script()["UID FETCH"]

    def fetch(command, wire):
        if b"BODYSTRUCTURE" in command.rest:
            return true(command, wire)
        return withholding(box, 3)(command, wire)

    server = fake_imap({**box.script(), "UID FETCH": fetch})
    known = MemoryKnown()
    mailbox = imap(server.port)

    assert polled(mailbox, known) == []
    assert known.texts() == texts(1, 2, 4, 5)
    server.script.update(box.script())
    assert polled(mailbox, known) == []
    assert known.texts() == ALL


NOISE = [
    pytest.param(lambda box: b"* 2 FETCH (UID 2 FLAGS (\\Seen))\r\n", id="31 flags only"),
    pytest.param(lambda box: b"* 2 FETCH (FLAGS (\\Seen))\r\n", id="31 no UID"),
    pytest.param(
        lambda box: b"* 9 FETCH (UID 999 BODY[HEADER]<0> {2}\r\n\r\n BODY[1]<0> {2}\r\nno)\r\n",
        id="31 a mail that was not asked for",
    ),
    pytest.param(
        lambda box: box.row(3, b"UID RFC822.SIZE INTERNALDATE"), id="31 the same UID twice"
    ),
    pytest.param(lambda box: b"* 1 EXPUNGE\r\n* 7 EXISTS\r\n* 0 RECENT\r\n", id="31 other news"),
    pytest.param(lambda box: b"* OK still here\r\n* FLAGS (\\Odd)\r\n", id="31 still here"),
    pytest.param(lambda box: b"* 3 FETCH (UID 3 BODY[HEADER]<0>\r\n", id="31 a row cut short"),
]


@pytest.mark.parametrize("noise", NOISE)
@pytest.mark.parametrize("before", [True, False])
def test_what_was_not_asked_for_is_not_taken(fake_imap, box, noise, before, imap):
    def fetch(command, wire):
        rows = withholding(box)(command, wire)
        said = noise(box)
        end = b"{tag} OK done\r\n"
        return said + rows if before else rows.removesuffix(end) + said + end

    server = fake_imap({**box.script(), "UID FETCH": fetch})
    known = MemoryKnown()

    assert polled(imap(server.port), known, 2) == []
    assert known.texts() == ALL
    assert len(known.sighted) == 5


def test_31_a_row_without_its_header_is_asked_for_again(fake_imap, box, imap):
    def fetch(command, wire):
        return box.row(3, b"UID RFC822.SIZE") + b"{tag} OK done\r\n"

    server = fake_imap(box.script())
    server.script["UID FETCH"] = once(fetch, box.script()["UID FETCH"])
    known = MemoryKnown()

    assert polled(imap(server.port), known) == []
    assert known.texts() == ALL


def test_32_a_mail_that_is_thrown_away_while_it_is_read_is_settled(fake_imap, box, imap):
    true = box.script()["UID FETCH"]

    def fetch(command, wire):
        box.inbox.mails.pop(3, None)
        return true(command, wire)

    server = fake_imap({**box.script(), "UID FETCH": fetch})
    known = MemoryKnown()
    mailbox = imap(server.port)

    assert polled(mailbox, known, 2) == []
    assert known.texts() == texts(1, 2, 4, 5)
    assert known.cursor("INBOX").settled == 5


STATUS = b"(MESSAGES 0 UIDNEXT 1 UIDVALIDITY 7)\r\n"


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b"* STATUS Other " + STATUS, id="33 of another folder"),
        pytest.param(
            b'* STATUS INBOX (MESSAGES 5 UIDNEXT 6 UIDVALIDITY 7)\r\n* STATUS "INBOX" ' + STATUS,
            id="33 twice",
        ),
        pytest.param(b'* STATUS "INBOX" ()\r\n', id="33 without data"),
        pytest.param(b"* STATUS\r\n", id="33 empty"),
        pytest.param(b"* STATUS (((\r\n", id="33 nonsense"),
        pytest.param(b"", id="33 none"),
    ],
)
def test_a_status_that_lies_delays_mail_and_loses_none(fake_imap, box, said, imap):
    server = fake_imap({**box.script(), "STATUS": said + b"{tag} OK done\r\n"})
    known = MemoryKnown()
    mailbox = imap(server.port)
    polled(mailbox, known)
    assert known.texts() == ALL

    box.inbox.put(mail(6))
    polled(mailbox, known)
    polled(mailbox, known, now=NOW + timedelta(hours=6))

    assert known.texts() == texts(1, 2, 3, 4, 5, 6)


def test_a_row_that_ran_into_its_neighbour_hides_no_mail(fake_imap, box, imap):
    """Lost bytes can join the beginning of one row and the end of another: 1 [lost] 2 is UID 12."""
    true = box.script()["UID FETCH"]

    def joined(command, wire):
        _, _, items = command.rest.partition(b" ")
        wrong = box.row(4, items).replace(b"UID 4", b"UID 2", 1)
        rows = box.row(1, items) + box.row(2, items) + wrong + box.row(5, items)
        return rows + b"{tag} OK done\r\n"

    server = fake_imap(box.script())
    server.script["UID FETCH"] = once(joined, true)
    known = MemoryKnown()

    assert polled(imap(server.port), known, 2) == []
    assert known.texts() == ALL
    assert len(set(known.sighted.values())) == 5


def test_the_twin_of_a_mail_that_cannot_be_read_does_not_hide_it(fake_imap, box, imap):
    box.inbox.mails = {1: mail(1), 2: mail(1)}
    true = box.script()["UID FETCH"]

    def fetch(command, wire):
        if b"BODYSTRUCTURE" in command.rest:
            return true(command, wire)
        return withholding(box, 1)(command, wire)

    server = fake_imap({**box.script(), "UID FETCH": fetch})
    known = MemoryKnown()
    mailbox = imap(server.port)
    polled(mailbox, known)
    server.script.update(box.script())
    polled(mailbox, known)

    assert known.texts() == texts(1)
    assert len(known.sighted) == 2
