"""Held replies on real mailboxes and a real SMTP dialogue: what leaves, to whom, and what stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from configurations import MAIN, loaded
from integration.dovecot import Dovecot
from integration.sink import Sink
from mailboxes import Word
from mailhours.mailbox.imap import ImapMailbox
from mailhours.mailbox.maildir import MaildirMailbox
from mailhours.mailbox.maildir_files import create, deliver
from mailhours.model.address import Address
from mailhours.model.faults import Busy, ConfigurationFault, FolderFault, Problem
from mailhours.model.raw import FolderRole
from mailhours.model.reply import Cause, Mode, Reply, ReplyKind, ReplyState
from mailhours.model.server import Security, Server
from mailhours.model.slot import Slot
from mailhours.outbox.form import form
from mailhours.outbox.smtp import Submission
from mailhours.reading.read import Reader
from mailhours.service import jobs, judging, overview
from mailhours.service.account import Account, open_account

MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=ZoneInfo("Europe/Oslo"))
WRITTEN = (
    b"From: Dana Berg <dana@studio.example>\r\nTo: Kari <kari@fjord.example>\r\n"
    b"Subject: Re: Logo\r\nDate: Sun, 01 Mar 2026 23:40:00 +0100\r\n"
    b"Message-ID: <draft.1@studio.example>\r\n\r\nHei Kari,\r\n\r\nhere it is.\r\n"
)
QUESTION = (
    b"From: Kari <kari@fjord.example>\r\nTo: dana@studio.example\r\nSubject: Logo\r\n"
    b"Message-ID: <q1@fjord.example>\r\nDate: Mon, 02 Mar 2026 09:10:00 +0100\r\n\r\n"
    b"Hei Dana,\r\n\r\nkan du sende meg logoen?\r\n\r\nKari\r\n"
)


class Clock:
    """The time that a test says."""

    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> datetime:
        return self.now.astimezone(ZoneInfo("UTC"))


@dataclass
class Office:
    """An account between a mailbox and a sink."""

    account: Account
    sink: Sink
    clock: Clock
    put: Callable[..., None]

    def check_in(self) -> jobs.Plan | None:
        at = self.clock()
        return jobs.check_in(self.account, Slot(at, f"{self.clock.now:%Y-%m-%dT%H:%M}"))

    def later(self, **time: int) -> None:
        self.clock.now += timedelta(**time)

    def hold(self, mail: bytes = WRITTEN, minutes: int = 60, flags: str = "DS") -> None:
        self.put(mail, "Check-in", self.clock() - timedelta(minutes=minutes), flags)

    def lying(self) -> list[bytes]:
        return [one.header for one in self.account.mailboxes[0].lying(FolderRole.HELD)]

    def in_sent(self, message_id: str = "<draft.1@studio.example>") -> int:
        return len(self.account.mailboxes[0].find(FolderRole.SENT, message_id))

    def reasons(self) -> list[str]:
        made = self.check_in()
        assert made is not None
        return [one.reason for one in made.withheld]


def configured(folder: Path, mailbox: str, sink: Sink, mode: str = "shadow") -> object:
    text = MAIN[: MAIN.index("[mailbox.main]")]
    text += f"""
[mailbox.main]
{mailbox}
[submission]
host = "127.0.0.1"
port = {sink.port}
security = "none"
[replies]
mode = "{mode}"
authentication = "absent"
"""
    return loaded(folder / "config", {"mailhours.toml": text}, SECRET="pass")


READERS: list[Reader] = []


def read_quickly(account: Account) -> None:
    """Give it the reader that the first account made: its phrases take a second to load."""
    if not READERS:
        READERS.append(account.reader)
    vars(account)["reader"] = READERS[0]


def opened(tmp_path: Path, mailbox: str, sink: Sink, clock: Clock, mode: str) -> Account:
    state = tmp_path / "state"
    state.mkdir()
    account = open_account(configured(tmp_path, mailbox, sink, mode), state, clock)
    read_quickly(account)
    account.ledger.health.first_use(clock() - timedelta(days=1))
    return account


def on_maildir(tmp_path, request, sink, clock, mode):
    root = tmp_path / "Maildir"
    create(root)

    def put(mail: bytes, folder: str, at: datetime, flags: str = "") -> None:
        where = root if folder == "INBOX" else root / f".{folder}"
        create(where)
        deliver(where, mail, at, flags)

    return opened(tmp_path, f'source = "maildir"\npath = "{root}"', sink, clock, mode), put


def on_dovecot(tmp_path, request, sink, clock, mode):
    server: Dovecot = request.getfixturevalue("dovecot")
    user = server.user()

    def put(mail: bytes, folder: str, at: datetime, flags: str = "") -> None:
        server.deliver(user, mail, folder, flags=flags, received=at)

    login = f'host = "127.0.0.1"\nport = {server.port}\nsecurity = "none"\nuser = "{user}"'
    return opened(tmp_path, f'{login}\npassword = "env:SECRET"', sink, clock, mode), put


@pytest.fixture(
    params=[
        pytest.param(on_maildir, id="maildir"),
        pytest.param(on_dovecot, id="imap", marks=pytest.mark.server),
    ]
)
def make(request, tmp_path, sink, monkeypatch):
    monkeypatch.setenv("SECRET", "pass")
    opened_ones = []

    def made(mode: str = "shadow") -> Office:
        clock = Clock()
        account, put = request.param(tmp_path, request, sink, clock, mode)
        opened_ones.append(account)
        return Office(account, sink, clock, put)

    yield made
    for account in opened_ones:
        account.close()


@pytest.fixture
def office(make) -> Office:
    return make()


def test_it_leaves_at_the_check_in_is_filed_and_is_gone_from_the_folder(office):
    office.hold()

    made = office.check_in()

    [mail] = office.sink.messages
    assert mail.recipients == ("kari@fjord.example",)
    assert mail.sender == "dana@studio.example"
    assert mail.message["Message-ID"] == "<draft.1@studio.example>"
    assert mail.message["Date"] == "Mon, 02 Mar 2026 10:00:00 +0100"
    assert mail.message["Auto-Submitted"] is None
    assert mail.raw.endswith(b"\r\n\r\nHei Kari,\r\n\r\nhere it is.\r\n")
    assert [reply.kinds for reply in made.replies] == [(ReplyKind.HELD,)]
    assert office.lying() == []
    assert office.in_sent() == 1


def test_it_leaves_once_however_many_check_ins_follow(office):
    office.hold()
    for _ in range(3):
        office.check_in()
        office.later(hours=1)

    assert len(office.sink.messages) == 1
    assert office.in_sent() == 1


def test_a_mailbox_that_refuses_to_search_holds_up_no_check_in(office, monkeypatch):
    def refused(*_: object) -> None:
        raise FolderFault("Sent: the server refuses to search")

    monkeypatch.setattr(office.account.mailboxes[0], "find", refused)
    office.hold()

    made = office.check_in()

    assert office.sink.messages == []
    [withheld] = made.withheld
    assert "refuses to search" in withheld.reason
    assert len(office.lying()) == 1
    monkeypatch.undo()
    office.later(hours=5)
    office.check_in()
    assert len(office.sink.messages) == 1


def test_its_copy_in_sent_is_seen_and_no_draft(office, request):
    office.hold()
    office.check_in()

    [place] = office.account.mailboxes[0].find(FolderRole.SENT, "<draft.1@studio.example>")
    box = office.account.mailboxes[0]
    if isinstance(box, MaildirMailbox):
        assert box._file(place).name.endswith(":2,S")
    elif isinstance(box, ImapMailbox):
        session = box._fresh()
        session.ask(b"EXAMINE Sent")
        said = session.ask(b"UID FETCH %d (FLAGS)" % int(place.uid)).lines[0][0]
        assert b"\\Seen" in said
        assert b"\\Draft" not in said


def test_one_that_is_younger_than_ten_minutes_waits_and_is_shown(office):
    office.hold(minutes=9)

    made = office.check_in()
    office.later(minutes=5)

    assert office.sink.messages == []
    assert [one.reason for one in made.withheld] == [
        "it came less than ten minutes before the check-in"
    ]
    day = overview.day_of(office.account, office.clock.now.date(), {}, [])
    assert day.held_waiting == ("Re: Logo",)
    office.later(hours=5)
    office.check_in()
    assert len(office.sink.messages) == 1
    assert overview.day_of(office.account, office.clock.now.date(), {}, []).held_waiting == ()


def test_an_older_version_waits_while_a_newer_one_lies_beside_it(office):
    office.hold(WRITTEN.replace(b"here it", b"hier it"), minutes=60)
    office.hold(minutes=5)

    assert office.reasons() == [
        "a newer version of it lies beside it",
        "it came less than ten minutes before the check-in",
    ]
    assert office.sink.messages == []


def test_an_older_version_does_not_leave_after_the_newer_one(office):
    office.hold(WRITTEN.replace(b"here it", b"hier it"), minutes=60)
    office.hold(minutes=30)

    office.check_in()
    office.later(hours=5)

    [why] = office.reasons()
    assert why.startswith("a newer version of it lay beside it")
    [mail] = office.sink.messages
    assert b"here it is" in mail.raw


def test_of_two_versions_of_one_second_one_leaves(office):
    office.hold(WRITTEN.replace(b"here it", b"hier it"))
    office.hold()
    for _ in range(2):
        office.check_in()
        office.later(hours=5)

    assert len(office.sink.messages) == 1


def test_a_draft_that_was_moved_there_a_moment_ago_waits_although_it_is_old(office):
    office.later(minutes=-1)
    jobs.poll(office.account)
    office.later(minutes=1)
    office.hold(minutes=120)  # a server keeps the time of arrival of what is moved

    first = office.reasons()
    office.later(minutes=9)
    jobs.poll(office.account)
    office.later(minutes=2)

    assert first == ["it came less than ten minutes before the check-in"]
    assert office.reasons() == []
    assert len(office.sink.messages) == 1


def test_a_look_that_is_cut_short_takes_nothing_off_the_ten_minutes(office):
    office.later(minutes=-1)
    jobs.poll(office.account)
    office.later(minutes=1)
    office.hold(minutes=120)

    def end() -> None:
        raise Busy("the service is ending")

    object.__setattr__(office.account, "breathe", end)
    with pytest.raises(Busy):
        jobs.poll(office.account)
    object.__setattr__(office.account, "breathe", lambda: None)

    assert office.reasons() == ["it came less than ten minutes before the check-in"]


def test_a_time_of_arrival_in_the_future_holds_it_up_for_ten_minutes_and_no_longer(office):
    office.hold(minutes=-300)

    assert office.reasons() == ["it came less than ten minutes before the check-in"]
    office.later(minutes=11)
    office.check_in()

    assert len(office.sink.messages) == 1


def test_the_same_words_dropped_there_again_stay_and_are_told(office):
    office.hold()
    office.check_in()
    office.later(days=30)
    office.hold()

    [why] = office.reasons()

    assert why.startswith("it has left before, word for word")
    assert len(office.lying()) == 1
    assert len(office.sink.messages) == 1


def test_a_draft_that_its_writer_deleted_does_not_leave(office):
    office.hold(flags="DST")

    office.check_in()

    assert office.sink.messages == []


def test_all_recipients_get_it_in_one_transaction_and_bcc_stays_blind(office):
    office.hold(
        WRITTEN.replace(b"Subject", b"Cc: ola@fjord.example\r\nBcc: tax@office.example\r\nSubject")
    )

    office.check_in()

    [mail] = office.sink.messages
    assert mail.recipients == ("kari@fjord.example", "ola@fjord.example", "tax@office.example")
    assert b"tax@office.example" not in mail.raw


def test_whom_the_server_turns_away_is_told_and_the_others_get_it_once(office):
    office.hold(WRITTEN.replace(b"Subject", b"Cc: nobody@fjord.example\r\nSubject"))
    office.sink.answer("RCPT", "550 5.1.1 no such user", about="nobody@", times=9)

    office.check_in()
    office.later(hours=5)
    office.check_in()

    [mail] = office.sink.messages
    assert mail.recipients == ("kari@fjord.example",)
    [note] = office.account.ledger.health.notes(MONDAY - timedelta(days=1))
    assert "not to nobody@fjord.example: 550" in note.text
    assert office.lying() == []


def test_what_nobody_may_get_stays_and_is_shown(office):
    office.hold()
    office.sink.answer("RCPT", "550 5.1.1 no such user", times=9)

    first = office.reasons()
    office.later(hours=5)

    assert first == ["refused: 5.1.1 no such user"]
    assert office.reasons() == ["refused: 5.1.1 no such user"]
    assert office.sink.heard.count("RCPT TO:<kari@fjord.example>") == 1
    assert len(office.lying()) == 1


def test_a_server_that_says_later_is_asked_at_the_next_check_in(office):
    office.hold()
    office.sink.answer("RCPT", "451 4.7.1 later")

    assert office.reasons() == ["not now, said the server: 4.7.1 later"]
    assert office.account.ledger.outbox.replies() == []
    office.later(hours=5)
    office.check_in()

    assert len(office.sink.messages) == 1
    assert office.lying() == []


def test_a_server_that_is_down_delays_it_to_the_next_check_in(office):
    office.hold()
    office.sink.answer("EHLO", "421 4.3.2 gone", times=2)
    office.sink.answer("HELO", "421 4.3.2 gone", times=2)
    office.sink.drop("CONNECT")

    [why] = office.reasons()
    assert why.startswith("the server takes no mail")
    office.sink.behave()
    office.later(hours=5)
    office.check_in()

    assert len(office.sink.messages) == 1


def login_of(account: Account, sink: Sink, secret: object) -> Submission:
    server = Server("127.0.0.1", sink.port, Security.NONE, "dana@studio.example", secret)
    object.__setattr__(account, "settings", replace(account.settings, submission=server))
    return Submission(server)


def test_a_login_that_is_refused_is_tried_three_times_and_not_at_every_check_in(office):
    with Sink(auth=True) as strict:
        postman = login_of(office.account, strict, Word("wrong"))
        vars(office.account)["postman"] = postman
        office.hold()
        reasons = []
        for _ in range(6):
            reasons += office.reasons()
            office.later(hours=5)

        assert len([one for one in strict.logins if "refused" in one]) == 3
    assert len(reasons) == 6
    assert office.account.ledger.outbox.doubtful() == []


def test_a_password_that_cannot_be_had_leaves_nothing_in_doubt(office):
    class Locked:
        reference = "command:token"

        def reveal(self) -> str:
            raise ConfigurationFault((Problem("mailhours.toml", 1, "token", "failed"),))

    with Sink(auth=True) as strict:
        vars(office.account)["postman"] = login_of(office.account, strict, Locked())
        office.hold()

        [why] = office.reasons()

    assert why.startswith("the server takes no mail")
    assert office.account.ledger.outbox.replies() == []
    assert len(office.lying()) == 1


def test_in_doubt_it_stays_and_the_owner_says_what_became_of_it(office):
    office.hold()
    office.sink.drop("BODY")

    [why] = office.reasons()
    assert why.startswith("doubtful")
    [reply] = office.account.ledger.outbox.doubtful()
    office.later(hours=5)
    assert "settle" in office.reasons()[0]
    assert len(office.sink.messages) == 1
    assert len(office.lying()) == 1

    office.account.ledger.outbox.resolve(reply.id, office.clock(), sent=True)
    office.later(hours=5)
    office.check_in()
    assert office.lying() == []
    assert office.in_sent() == 1
    assert len(office.sink.messages) == 1


def test_what_was_lost_leaves_again_at_the_next_check_in(office):
    office.hold()
    office.sink.drop("BODY")
    office.check_in()
    [reply] = office.account.ledger.outbox.doubtful()

    office.account.ledger.outbox.resolve(reply.id, office.clock(), sent=False)
    office.later(hours=5)
    office.check_in()

    assert len(office.sink.messages) == 2
    assert office.in_sent() == 1
    assert office.lying() == []


def test_a_doubt_ends_when_the_provider_has_filed_it(office):
    office.hold()
    office.sink.drop("BODY")
    office.check_in()
    office.put(office.sink.messages[0].raw, "Sent", office.clock(), "S")

    office.later(hours=5)
    office.check_in()

    assert office.account.ledger.outbox.doubtful() == []
    assert office.in_sent() == 1
    assert office.lying() == []
    assert len(office.sink.messages) == 1


def test_mail_of_somebody_else_never_leaves(office):
    office.hold(QUESTION)

    assert office.reasons() == ["it is from kari@fjord.example, and not from you"]
    assert office.sink.messages == []
    assert len(office.lying()) == 1


def test_stop_holds_the_owners_mail_too(office):
    from mailhours.model.client import OwnerVerb, OwnerWord

    office.account.ledger.words.say(OwnerWord(OwnerVerb.STOP, "", office.clock()))
    office.hold()

    assert office.reasons() == ["sending is stopped"]
    assert office.sink.messages == []


def test_it_is_threaded_to_what_it_answers(office):
    office.put(QUESTION, "INBOX", office.clock() - timedelta(hours=1))
    office.hold()

    office.check_in()

    [mail] = office.sink.messages
    assert mail.message["In-Reply-To"] == "<q1@fjord.example>"
    assert mail.message["References"] == "<q1@fjord.example>"


def test_whom_the_owner_answers_gets_no_acknowledgement_beside_it(make):
    office = make("send")
    office.put(QUESTION, "INBOX", office.clock() - timedelta(minutes=50))
    office.hold()

    office.check_in()

    assert [mail.message["Subject"] for mail in office.sink.messages] == ["Re: Logo"]
    judged = judging.judgement(office.account, "fjord", office.clock())
    assert judged.open_promises == ()


def test_a_held_reply_is_no_answer_before_it_has_left(make):
    office = make("send")
    office.put(QUESTION, "INBOX", office.clock() - timedelta(minutes=50))
    office.hold(minutes=2)

    made = office.check_in()

    assert len(judging.judgement(office.account, "fjord", office.clock()).open_promises) == 1
    assert office.sink.messages == []  # nor is it acknowledged: they are being written to
    assert made.replies == ()


def test_a_draft_is_neither_logged_nor_an_answer(office):
    office.put(QUESTION, "INBOX", office.clock() - timedelta(minutes=50))
    office.put(WRITTEN, "Drafts", office.clock(), "DS")

    jobs.poll(office.account)

    assert office.account.ledger.mail.count() == 1
    assert len(judging.judgement(office.account, "fjord", office.clock()).open_promises) == 1


def test_a_message_id_that_was_used_is_not_used_again(office):
    office.put(WRITTEN.replace(b"here it is", b"the first"), "Sent", office.clock(), "S")
    office.hold()

    office.check_in()

    [mail] = office.sink.messages
    assert mail.message["Message-ID"] != "<draft.1@studio.example>"
    assert office.in_sent(mail.message["Message-ID"]) == 1


def test_an_answered_flag_withholds_and_closes_nothing(make):
    office = make("send")
    office.put(QUESTION, "INBOX", office.clock() - timedelta(minutes=50), "RS")

    assert office.reasons() == ["marked as answered in your mailbox"]
    assert office.sink.messages == []
    assert len(judging.judgement(office.account, "fjord", office.clock()).open_promises) == 1


def proposed(office: Office) -> Reply:
    reply = Reply(
        id="r12345678",
        slot="",
        client="fjord",
        kinds=(ReplyKind.FEEDBACK_3,),
        mode=Mode.DRAFT,
        sender=Address("Dana Berg", "dana@studio.example"),
        to=Address("Kari", "kari@fjord.example"),
        subject="The logo",
        text="Hei Kåre,\n\nwe are waiting for the logo.\n",
        language="en",
        causes=(Cause("ask", "a1:3"),),
        in_reply_to="",
        references=(),
        auto_submitted="auto-generated",
        message_id="<12345678aaaa@studio.example>",
        at=office.clock() - timedelta(hours=2),
    )
    office.account.ledger.outbox.propose([reply], ReplyState.PROPOSED, office.clock())
    return reply


def test_a_draft_of_ours_left_as_it_was_goes_the_machines_way(make):
    office = make("send")
    reply = proposed(office)
    office.hold(form(reply, office.account.mark))

    office.check_in()

    # The ask is not open: an approval lapses when what it states is no more.
    assert office.account.ledger.outbox.state(reply.id) is not ReplyState.PROPOSED
    assert office.sink.messages == []


def test_a_draft_of_ours_sends_nothing_in_shadow_mode(office):
    reply = proposed(office)
    office.hold(form(reply, office.account.mark))

    assert office.reasons() == ["a draft of mailhours, which sends nothing in shadow mode"]
    assert office.sink.messages == []


def test_a_draft_of_ours_that_was_rewritten_is_the_owners_mail(office):
    reply = proposed(office)
    office.hold(form(reply, office.account.mark).replace(b"waiting", b"longing"))

    office.check_in()

    [mail] = office.sink.messages
    assert b"longing" in mail.raw
    assert mail.message["Auto-Submitted"] is None
    assert mail.message["X-Mailhours-Id"] is None
    assert mail.message["Message-ID"] != reply.message_id
    assert office.account.ledger.outbox.state(reply.id) is ReplyState.CANCELLED


def test_a_dry_run_shows_it_and_touches_nothing(office):
    office.hold()

    made = jobs.preview(office.account, Slot(office.clock(), "2026-03-02T10:00"))

    assert [reply.subject for reply in made.replies] == ["Re: Logo"]
    assert office.sink.messages == []
    assert office.account.ledger.outbox.replies() == []
    assert len(office.lying()) == 1


def test_mail_of_clients_in_junk_is_logged_and_told(office):
    office.put(QUESTION, "Junk", office.clock() - timedelta(minutes=50))
    jobs.poll(office.account)

    jobs.search_elsewhere(office.account)
    jobs.search_elsewhere(office.account)

    assert len(judging.judgement(office.account, "fjord", office.clock()).open_promises) == 1
    [note] = office.account.ledger.health.notes(MONDAY - timedelta(days=1))
    assert note.text == (
        "mail of clients lay in folders that are not read: Junk: Fjord Coffee AS (1)"
    )


def test_other_folders_are_searched_once_a_day_before_the_first_check_in(office):
    office.put(QUESTION, "Junk", office.clock() - timedelta(hours=6))
    office.clock.now = MONDAY.replace(hour=4)
    jobs.tick(office.account)
    assert office.account.ledger.mail.count() == 0

    office.clock.now = MONDAY.replace(hour=5)
    jobs.tick(office.account)

    assert office.account.ledger.mail.count() == 1
    office.put(QUESTION.replace(b"q1", b"q2"), "Junk", office.clock())
    office.clock.now = MONDAY.replace(hour=8)
    jobs.tick(office.account)
    assert office.account.ledger.mail.count() == 1
    office.clock.now += timedelta(days=1)
    jobs.tick(office.account)
    assert office.account.ledger.mail.count() == 2
