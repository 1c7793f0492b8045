"""What every mailbox does, whatever lies behind it: memory, Maildir, archives, a real IMAP server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fakes import HORIZON, NOW, MemoryKnown, MemoryMailbox
from integration.dovecot import Dovecot
from mailboxes import Word, mail, settings
from mailhours.mailbox.archive import ArchiveMailbox
from mailhours.mailbox.imap import ImapMailbox
from mailhours.mailbox.maildir import MaildirMailbox
from mailhours.mailbox.maildir_files import create, deliver
from mailhours.mailbox.protocol import Mailbox
from mailhours.model.faults import ServerFault
from mailhours.model.raw import FolderRole, Place
from mailhours.model.server import Security, Server

FOLDERS = {
    FolderRole.SENT: "Sent",
    FolderRole.DRAFTS: "Drafts",
    FolderRole.HELD: "Check-in",
    FolderRole.OTHER: "Junk",
}


@dataclass
class Source:
    """A mailbox, and the outside world that delivers into it."""

    mailbox: Mailbox
    deliver: Callable[..., None]


def memory(tmp_path: Path, request: pytest.FixtureRequest) -> Source:
    box = MemoryMailbox()

    def put(
        data: bytes, role: FolderRole = FolderRole.INBOX, at: datetime = NOW, flags: str = ""
    ) -> None:
        place = box.deliver(data, at, role)
        if "R" in flags:
            box.marked.add(place)

    return Source(box, put)


def maildir(tmp_path: Path, request: pytest.FixtureRequest) -> Source:
    create(tmp_path)

    def put(
        data: bytes, role: FolderRole = FolderRole.INBOX, at: datetime = NOW, flags: str = ""
    ) -> None:
        folder = tmp_path / f".{FOLDERS[role]}" if role in FOLDERS else tmp_path
        create(folder)
        deliver(folder, data.replace(b"\r\n", b"\n"), at, flags)

    return Source(MaildirMailbox(settings(path=str(tmp_path))), put)


def archived_maildir(tmp_path: Path, request: pytest.FixtureRequest) -> Source:
    live = maildir(tmp_path, request)

    def put(data: bytes, role: FolderRole = FolderRole.INBOX, at: datetime = NOW) -> None:
        live.deliver(dated(data, at), role, at)

    return Source(ArchiveMailbox("main", tmp_path), put)


def eml_folder(tmp_path: Path, request: pytest.FixtureRequest) -> Source:
    def put(data: bytes, role: FolderRole = FolderRole.INBOX, at: datetime = NOW) -> None:
        folder = tmp_path / FOLDERS.get(role, "Inbox")
        folder.mkdir(exist_ok=True)
        (folder / f"{len(list(folder.iterdir()))}.eml").write_bytes(dated(data, at))

    return Source(ArchiveMailbox("main", tmp_path), put)


def mboxes(tmp_path: Path, request: pytest.FixtureRequest) -> Source:
    def put(data: bytes, role: FolderRole = FolderRole.INBOX, at: datetime = NOW) -> None:
        with (tmp_path / f"{FOLDERS.get(role, 'Inbox')}.mbox").open("ab") as file:
            line = b"From kari@fjord.example Mon Mar  9 09:30:00 2026\n"
            file.write(line + dated(data, at).replace(b"\r\n", b"\n") + b"\n")

    return Source(ArchiveMailbox("main", tmp_path), put)


def imap(tmp_path: Path, request: pytest.FixtureRequest) -> Source:
    server: Dovecot = request.getfixturevalue("dovecot")
    user = server.user()

    def put(
        data: bytes, role: FolderRole = FolderRole.INBOX, at: datetime = NOW, flags: str = ""
    ) -> None:
        server.deliver(user, data, FOLDERS.get(role, "INBOX"), received=at, flags=flags)

    login = Server("127.0.0.1", server.port, Security.NONE, user, Word(server.password))
    box = ImapMailbox(settings(server=login))
    request.addfinalizer(box.close)
    return Source(box, put)


def dated(data: bytes, at: datetime) -> bytes:
    """An old file has no time of arrival of its own: its Date stands for it."""
    head, _, body = data.partition(b"\r\n\r\n")
    kept = [line for line in head.split(b"\r\n") if not line.startswith(b"Date:")]
    return b"\r\n".join([*kept, f"Date: {at:%a, %d %b %Y %H:%M:%S +0000}".encode(), b"", body])


ON_DOVECOT = pytest.param(imap, marks=pytest.mark.server, id="imap")
LIVING = [pytest.param(memory, id="memory"), pytest.param(maildir, id="maildir"), ON_DOVECOT]
ARCHIVES = [pytest.param(make, id=make.__name__) for make in (archived_maildir, eml_folder, mboxes)]


@pytest.fixture(params=LIVING + ARCHIVES)
def place(request, tmp_path):
    """Every mailbox there is."""
    return request.param(tmp_path, request)


@pytest.fixture(params=LIVING)
def filing(request, tmp_path):
    """The mailboxes in which mail of ours is filed."""
    return request.param(tmp_path, request)


@pytest.fixture(params=LIVING[1:])
def maildir_or_imap(request, tmp_path):
    """The mailboxes whose mails carry flags."""
    return request.param(tmp_path, request)


@pytest.fixture(params=ARCHIVES)
def archive(request, tmp_path):
    """The mailboxes that are only read."""
    return request.param(tmp_path, request)


def test_new_mail_is_handed_over_once(place):
    known = MemoryKnown()
    place.deliver(mail(1))
    place.deliver(mail(2))

    known.read(place.mailbox)
    again = known.read(place.mailbox)

    assert known.texts() == [b"text 1", b"text 2"]
    assert [sighting for batch in again for sighting in batch.sightings] == []


def test_what_comes_later_is_found_later(place):
    known = MemoryKnown()
    place.deliver(mail(1))
    known.read(place.mailbox)

    place.deliver(mail(2))
    known.read(place.mailbox)

    assert known.texts() == [b"text 1", b"text 2"]


def test_a_batch_that_was_not_committed_is_handed_over_again(place):
    known = MemoryKnown()
    place.deliver(mail(1))
    for _ in place.mailbox.look(known, lambda header: True, HORIZON, NOW):
        break  # the machine stops here, before the batch is committed

    known.read(place.mailbox)

    assert known.texts() == [b"text 1"]


def test_mail_older_than_the_horizon_is_left_alone(place):
    known = MemoryKnown()
    place.deliver(mail(1), at=HORIZON - timedelta(days=30))
    place.deliver(mail(2), at=NOW)

    known.read(place.mailbox)

    assert known.texts() == [b"text 2"]


def test_the_time_of_arrival_is_kept_in_utc(place):
    known = MemoryKnown()
    at = datetime(2026, 2, 27, 16, 58, tzinfo=UTC)
    place.deliver(mail(1), at=at)

    known.read(place.mailbox)

    [raw] = known.mails.values()
    assert raw.received == at


def test_mail_that_concerns_no_client_is_sighted_and_not_kept(place):
    known = MemoryKnown()
    place.deliver(mail(1))
    place.deliver(mail(2, From="news@shop.example"))

    known.read(place.mailbox, lambda header: b"fjord.example>" in header and b"shop" not in header)

    assert len(known.sighted) == 2
    assert known.texts() == [b"text 1"]


class OnlyLogged(MemoryKnown):
    """What is known when the horizon is read again: mails that were kept, and no cursor."""

    def __init__(self, known):
        super().__init__()
        self.mails = known.mails
        self.sighted = {p: key for p, key in known.sighted.items() if key in known.mails}


def test_the_mail_of_a_client_who_is_added_later_is_read_again(place):
    known = MemoryKnown()
    place.deliver(mail(1))
    place.deliver(mail(2, From="per@fjell.example"))
    known.read(place.mailbox, lambda header: b"kari@" in header)
    assert known.texts() == [b"text 1"]

    again = OnlyLogged(known)
    batches = again.read(place.mailbox)

    assert again.texts() == [b"text 1", b"text 2"]
    assert sum(len(batch.sightings) for batch in batches) == 1


def test_the_same_mail_in_two_folders_is_one_mail_in_two_places(place):
    known = MemoryKnown()
    place.deliver(mail(1))
    place.deliver(mail(1), FolderRole.SENT)

    known.read(place.mailbox)

    assert len(known.sighted) == 2
    assert known.texts() == [b"text 1"]


def test_a_message_id_that_is_used_twice_hides_nothing(place):
    known = MemoryKnown()
    place.deliver(mail(1, "the first"))
    place.deliver(mail(1, "the second", Subject="another"))

    known.read(place.mailbox)

    assert known.texts() == [b"the first", b"the second"]


def test_mails_without_a_message_id_are_told_apart(place):
    known = MemoryKnown()
    for text in ("one", "two"):
        place.deliver(mail(1, text, **{"Message-ID": ""}))

    known.read(place.mailbox)

    assert known.texts() == [b"one", b"two"]


def test_sent_mail_is_known_as_sent(place):
    known = MemoryKnown()
    place.deliver(mail(1), FolderRole.SENT)

    batches = known.read(place.mailbox)

    [role] = [sighting.role for batch in batches for sighting in batch.sightings]
    assert role is FolderRole.SENT


def test_attachments_are_named_and_never_kept(place):
    known = MemoryKnown()
    place.deliver(
        mail(
            1,
            "\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nSee the file.\r\n--b\r\n"
            "Content-Type: application/pdf; name=offer.pdf\r\nContent-Transfer-Encoding: base64\r\n"
            "Content-Disposition: attachment; filename=offer.pdf\r\n\r\nc2VjcmV0IQ==\r\n--b--",
            **{"Content-Type": "multipart/mixed; boundary=b"},
        )
    )

    known.read(place.mailbox)

    [raw] = known.mails.values()
    assert [part.content for part in raw.parts] == [b"See the file."]
    assert raw.parts[0].params == {"charset": "utf-8"}
    assert [(a.name, a.content_type) for a in raw.attachments] == [("offer.pdf", "application/pdf")]
    assert [(t.section, t.content_type) for t in raw.tree] == [
        ("", "multipart/mixed"),
        ("1", "text/plain"),
        ("2", "application/pdf"),
    ]


def test_the_key_of_a_mail_is_the_same_everywhere(place):
    known = MemoryKnown()
    with_id = mail(1)
    without = mail(2, "no id, two\r\nlines", **{"Message-ID": ""})
    for data in (with_id, without):
        place.deliver(dated(data, NOW))

    known.read(place.mailbox)

    reference = MemoryKnown()
    box = MemoryMailbox()
    for data in (with_id, without):
        box.deliver(dated(data, NOW), NOW)
    reference.read(box)
    assert set(known.mails) == set(reference.mails)


def test_a_mail_that_is_no_mail_stops_nothing(place):
    known = MemoryKnown()
    place.deliver(b"\x00\xff\xfe just bytes \x80\r\n")
    place.deliver(mail(1))

    known.read(place.mailbox, horizon=datetime(1970, 1, 1, tzinfo=UTC))

    assert b"text 1" in known.texts()


def test_what_is_filed_can_be_found_and_fetched(filing):
    written = mail(7, "our answer")

    filing.mailbox.append(FolderRole.SENT, written, NOW)

    [found] = filing.mailbox.find(FolderRole.SENT, "<7@fjord.example>")
    whole = filing.mailbox.fetch(found)
    assert whole is not None
    assert whole.replace(b"\r\n", b"\n") == written.replace(b"\r\n", b"\n")


def test_only_the_exact_message_id_is_found(filing):
    filing.mailbox.append(FolderRole.SENT, mail(77), NOW)

    assert filing.mailbox.find(FolderRole.SENT, "<7@fjord.example>") == ()
    assert filing.mailbox.find(FolderRole.SENT, "7@fjord.example") == ()


def test_what_we_filed_ourselves_is_sighted_like_any_mail(filing):
    known = MemoryKnown()
    filing.mailbox.append(FolderRole.SENT, mail(7), NOW)

    known.read(filing.mailbox)

    assert known.texts() == [b"text 7"]


def test_a_held_reply_moves_to_sent(filing):
    filing.deliver(mail(5), FolderRole.HELD)
    [held] = filing.mailbox.find(FolderRole.HELD, "<5@fjord.example>")

    filing.mailbox.move(held, FolderRole.SENT)

    assert filing.mailbox.find(FolderRole.HELD, "<5@fjord.example>") == ()
    assert len(filing.mailbox.find(FolderRole.SENT, "<5@fjord.example>")) == 1


def test_a_mail_that_moved_is_sighted_anew_and_logged_once(filing):
    known = MemoryKnown()
    filing.deliver(mail(5), FolderRole.HELD)
    known.read(filing.mailbox)
    [held] = filing.mailbox.find(FolderRole.HELD, "<5@fjord.example>")

    filing.mailbox.move(held, FolderRole.SENT)
    known.read(filing.mailbox)

    assert len(known.mails) == 1
    assert len(known.sighted) == 2


def test_moving_what_is_gone_does_nothing(filing):
    filing.deliver(mail(5), FolderRole.HELD)
    [held] = filing.mailbox.find(FolderRole.HELD, "<5@fjord.example>")
    filing.mailbox.move(held, FolderRole.SENT)

    filing.mailbox.move(held, FolderRole.SENT)

    assert filing.mailbox.fetch(held) is None
    assert len(filing.mailbox.find(FolderRole.SENT, "<5@fjord.example>")) == 1


def test_a_draft_is_filed_as_a_draft(filing):
    filing.mailbox.append(FolderRole.DRAFTS, mail(9), NOW)

    assert len(filing.mailbox.find(FolderRole.DRAFTS, "<9@fjord.example>")) == 1


def test_what_lies_in_a_folder_is_listed_with_size_and_arrival(filing):
    filing.deliver(mail(6), FolderRole.HELD, NOW)
    filing.deliver(mail(5), FolderRole.HELD, NOW - timedelta(hours=1))

    lying = filing.mailbox.lying(FolderRole.HELD)

    assert [one.received for one in lying] == [NOW - timedelta(hours=1), NOW]
    assert [
        f"<{n}@fjord.example>".encode() in one.header for n, one in zip((5, 6), lying, strict=True)
    ]
    whole = filing.mailbox.fetch(lying[0].place)
    assert whole is not None
    assert lying[0].size == len(whole)


def test_what_is_marked_as_deleted_does_not_lie_there(maildir_or_imap):
    maildir_or_imap.deliver(mail(5), FolderRole.HELD, NOW, "DST")
    maildir_or_imap.deliver(mail(6), FolderRole.HELD, NOW, "DS")

    [one] = maildir_or_imap.mailbox.lying(FolderRole.HELD)

    assert b"<6@fjord.example>" in one.header


def test_an_empty_folder_holds_nothing(filing):
    assert filing.mailbox.lying(FolderRole.HELD) == ()


def test_only_what_is_named_is_removed(filing):
    filing.deliver(mail(5), FolderRole.HELD)
    filing.deliver(mail(6), FolderRole.HELD)
    [five] = filing.mailbox.find(FolderRole.HELD, "<5@fjord.example>")

    filing.mailbox.remove(five)
    filing.mailbox.remove(five)

    assert filing.mailbox.fetch(five) is None
    assert len(filing.mailbox.lying(FolderRole.HELD)) == 1


def test_what_was_marked_as_answered_is_told(filing):
    known = MemoryKnown()
    filing.deliver(mail(1), flags="S")
    filing.deliver(mail(2), flags="RS")
    known.read(filing.mailbox)

    answered = filing.mailbox.answered([*known.sighted, Place("main", "gone", 7, "1")])

    assert [known.mails[known.sighted[place]].parts[0].content.strip() for place in answered] == [
        b"text 2"
    ]


def test_mail_elsewhere_is_found_by_its_sender_once(filing):
    known = MemoryKnown()
    filing.deliver(mail(1), FolderRole.OTHER)
    filing.deliver(mail(2, From="Ola <ola@NEVA.example>"), FolderRole.OTHER)
    filing.deliver(mail(3, From="news@shop.example"), FolderRole.OTHER)
    filing.deliver(mail(4), FolderRole.INBOX)
    filing.deliver(mail(5), FolderRole.DRAFTS)
    senders = ["kari@fjord.example", "@neva.example"]
    known.read(filing.mailbox)

    for _ in range(2):
        for batch in filing.mailbox.elsewhere(known, lambda header: True, senders, HORIZON, NOW):
            assert batch.cursor.role is FolderRole.OTHER
            known.commit(batch)

    assert known.texts() == [b"text 1", b"text 2", b"text 4", b"text 5"]


def test_a_folder_that_was_only_searched_is_read_whole_once_it_is_one_of_those_that_are_read(
    maildir_or_imap,
):
    place, known = maildir_or_imap, MemoryKnown()
    for number in range(60):
        place.deliver(mail(number, From="dana@studio.example"), FolderRole.OTHER)
    place.deliver(mail(60), FolderRole.OTHER)
    found = place.mailbox.elsewhere(known, lambda h: True, ["@fjord.example"], HORIZON, NOW)
    for batch in found:
        known.commit(batch)
    assert known.texts() == [b"text 60"]
    place.mailbox.close()

    held = place.mailbox._settings
    place.mailbox._settings = replace(held, folders=("INBOX", FOLDERS[FolderRole.OTHER]))
    known.read(place.mailbox)

    assert len(known.mails) == 61


def test_mail_elsewhere_is_searched_for_nobody_when_there_are_no_clients(filing):
    filing.deliver(mail(1), FolderRole.OTHER)

    found = list(filing.mailbox.elsewhere(MemoryKnown(), lambda h: True, [], HORIZON, NOW))

    assert found == []


def test_what_moved_elsewhere_is_no_new_mail(filing):
    known = MemoryKnown()
    filing.deliver(mail(1))
    filing.deliver(mail(2, From="news@shop.example"), FolderRole.OTHER)  # the folder is there
    known.read(filing.mailbox)
    filing.deliver(mail(1), FolderRole.OTHER)

    found = filing.mailbox.elsewhere(known, lambda h: True, ["@fjord.example"], HORIZON, NOW)

    assert [s.raw for batch in found for s in batch.sightings] == [None]


def test_nothing_is_filed_in_an_archive(archive):
    with pytest.raises(ServerFault, match="archive"):
        archive.mailbox.append(FolderRole.SENT, mail(1), NOW)
    with pytest.raises(ServerFault, match="archive"):
        archive.mailbox.move(Place("main", "INBOX", 0, "1"), FolderRole.SENT)
    with pytest.raises(ServerFault, match="archive"):
        archive.mailbox.remove(Place("main", "INBOX", 0, "1"))
    assert archive.mailbox.find(FolderRole.SENT, "<1@fjord.example>") == ()
    assert archive.mailbox.lying(FolderRole.HELD) == ()
    assert archive.mailbox.answered([Place("main", "INBOX", 0, "1")]) == set()
