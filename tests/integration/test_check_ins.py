"""Check-ins of a whole account on a Maildir: modes, volleys, brakes, races, nights and downtime."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from integration.loopback import self_signed
from integration.maildir_office import FJORD, INVOICE, KARI, OSLO, Clock, Office, check_in
from integration.sink import Sink
from mailhours.model.client import OwnerVerb
from mailhours.model.reply import ReplyKind, ReplyState
from mailhours.model.server import Security, Server
from mailhours.model.slot import Slot, SlotState
from mailhours.outbox.smtp import Submission
from mailhours.service import jobs, words
from mailhours.service.account import Account

QUESTION = "Hello Dana,\n\ncould you send me the logo?\n\nKari"
BILLED = FJORD.format(address=KARI) + INVOICE


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def office(tmp_path: Path, sink: Sink, clock: Clock) -> Office:
    return Office(tmp_path, clock, sink.port)


@contextmanager
def running(office: Office, clients: dict[str, str] | None = None) -> Iterator[Account]:
    account = office.open(clients)
    try:
        yield account
    finally:
        account.close()


def client(name: str, extra: str = "") -> str:
    return FJORD.format(address=f"kari@{name}.example") + extra


def asked(office: Office, at: str = "2026-03-02 09:30", **changes: object) -> str:
    office.clock.at(at)
    return office.mail(QUESTION, **changes)


# ----------------------------------------------------------------------------------------- modes


@pytest.mark.parametrize(
    ("mode", "replies", "sent", "drafts", "state"),
    [
        ("shadow", "", 0, 0, ReplyState.SHADOWED),
        ("draft", "", 0, 1, ReplyState.DRAFTED),
        ("send", "", 1, 0, ReplyState.FILED),
        ("shadow", 'modes = { acknowledgement = "send" }', 1, 0, ReplyState.FILED),
        ("send", 'modes = { acknowledgement = "shadow" }', 0, 0, ReplyState.SHADOWED),
        ("send", 'modes = { acknowledgement = "draft" }', 0, 1, ReplyState.DRAFTED),
    ],
)
def test_a_mode_says_how_far_a_mail_goes(
    office: Office,
    sink: Sink,
    mode: str,
    replies: str,
    sent: int,
    drafts: int,
    state: ReplyState,
) -> None:
    office.mode, office.replies = mode, replies
    with running(office) as account:
        asked(office)
        made = check_in(account, office.clock, "2026-03-02 10:00")

        assert made is not None
        assert len(sink.messages) == sent
        assert len(office.lying("Drafts")) == drafts
        assert account.ledger.outbox.state(made.replies[0].id) is state


def test_leaving_shadow_mode_releases_no_backlog(office: Office, sink: Sink) -> None:
    office.mode = "shadow"
    office.client = BILLED
    with running(office) as account:
        asked(office)
        for at in ("2026-03-02 10:00", "2026-03-05 10:00"):
            check_in(account, office.clock, at)
    office.mode = "send"
    with running(office) as account:
        for at in ("2026-03-05 15:00", "2026-03-06 10:00"):
            check_in(account, office.clock, at)

    assert not sink.messages


def test_a_shadowed_proposal_is_not_sent_by_an_approval(office: Office, sink: Sink) -> None:
    office.mode, office.client = "shadow", BILLED
    with running(office) as account:
        for at in ("2026-03-05 10:00", "2026-03-16 10:00"):
            check_in(account, office.clock, at)
        (proposed,) = account.ledger.outbox.replies(state=ReplyState.PROPOSED)
        with pytest.raises(Exception, match="shadow mode"):
            words.say(account, list, OwnerVerb.APPROVE, proposed.id)
        account.ledger.outbox.approve(proposed.id, office.clock())
        check_in(account, office.clock, "2026-03-16 15:00")

    assert not sink.messages


def test_going_back_to_shadow_stops_what_was_queued(office: Office, sink: Sink) -> None:
    with running(office) as account:
        asked(office)
        sink.answer("RCPT", "451 4.3.0 later", times=9)
        check_in(account, office.clock, "2026-03-02 10:00")
    sink.behave()
    office.mode = "shadow"
    with running(office) as account:
        check_in(account, office.clock, "2026-03-02 15:00")

    assert not sink.messages


# ---------------------------------------------------------------------------------------- volleys


def test_a_year_of_history_causes_no_mail(office: Office, sink: Sink) -> None:
    start = office.clock.now
    for week in range(52):
        at = start - timedelta(days=7 * week + 1)
        office.mail(QUESTION, subject=f"Old {week}", at=at)
        # Imported: it lies there as if it had come now.
        office.clock.now = start
        office.mail(QUESTION, subject=f"Imported {week}", at=at)
        office.mail(
            "[need: the texts]",
            sender=office.own,
            to=KARI,
            subject=f"Texts {week}",
            folder="Sent",
            at=at,
        )
    office.client = BILLED
    with running(office) as account:
        for at in ("2026-03-02 10:00", "2026-03-02 15:00", "2026-03-03 10:00", "2026-03-04 15:00"):
            check_in(account, office.clock, at)

    assert not sink.messages


def test_mail_that_was_imported_just_now_is_as_old_as_it_says(office: Office, sink: Sink) -> None:
    with running(office) as account:
        now = office.clock.at("2026-03-02 09:30")
        old = office.mail(QUESTION, at=now - timedelta(days=300))
        lying = next((office.maildir / "new").iterdir())
        mail = lying.read_bytes()
        lying.unlink()
        office.lay(mail, at=now)
        made = check_in(account, office.clock, "2026-03-02 10:00")

        assert made is not None
        assert old.encode() in mail
        assert not sink.messages


def test_a_new_client_file_causes_no_volley(office: Office, sink: Sink) -> None:
    with running(office) as account:
        for day in range(2, 27):
            at = f"2026-02-{day:02} 11:00" if day < 29 else ""
            office.clock.at(at)
            office.mail(QUESTION, sender="eva@adler.example", subject=f"Q {day}")
            office.mail(
                "[need: the texts]",
                sender=office.own,
                to="eva@adler.example",
                subject=f"N {day}",
                folder="Sent",
            )
        check_in(account, office.clock, "2026-03-02 10:00")
    adler = FJORD.format(address="eva@adler.example") + INVOICE.replace("014", "015")
    both = {"fjord": office.client, "adler": adler}
    with running(office, both) as account:
        for at in ("2026-03-02 15:00", "2026-03-03 10:00", "2026-03-03 15:00", "2026-03-04 15:00"):
            check_in(account, office.clock, at)

    assert not sink.messages


def test_a_week_of_downtime_is_caught_up_without_a_volley(office: Office, sink: Sink) -> None:
    with running(office) as account:
        jobs.tick(account)
    for day in range(2, 9):
        for hour in (9, 11, 14):
            office.clock.at(f"2026-03-0{day} {hour:02}:20")
            office.mail(QUESTION, subject=f"Day {day} {hour}")
    office.clock.at("2026-03-09 09:40")
    with running(office) as account:
        jobs.recover(account)
        jobs.tick(account)
        assert not sink.messages  # the last slot was on Friday, days ago
        office.clock.at("2026-03-09 10:00")
        jobs.tick(account)
        missed = [
            s
            for s in account.ledger.slots.history(office.clock() - timedelta(days=9))
            if s.state is SlotState.MISSED
        ]

    machine = [m for m in sink.messages if m.message["X-Loop"] and KARI in m.recipients]
    assert len(machine) == 1
    assert len(missed) >= 9


# ----------------------------------------------------------------------------------------- brakes


def test_the_fuse_stops_everything_until_the_owner_says_start(office: Office, sink: Sink) -> None:
    office.replies = "per_day = 2"
    names = [f"c{n}" for n in range(5)]
    with running(office, {name: client(name) for name in names}) as account:
        for name in names:
            asked(office, sender=f"kari@{name}.example")
        check_in(account, office.clock, "2026-03-02 10:00")
        assert len(sink.messages) == 2

        for name in names:
            asked(office, "2026-03-03 09:30", sender=f"kari@{name}.example", subject="Two")
        check_in(account, office.clock, "2026-03-03 10:00")
        assert len(sink.messages) == 2
        made = jobs.summarize(account, office.clock.now.date())
        assert made.health.fuse_blown
        assert any("fuse" in notice for notice in made.health.notices)

        words.say(account, list, OwnerVerb.START)
        check_in(account, office.clock, "2026-03-03 15:00")
        assert len(sink.messages) == 4


def test_stop_is_heard_before_every_mail(office: Office, sink: Sink) -> None:
    names = [f"c{n}" for n in range(3)]
    with running(office, {name: client(name) for name in names}) as account:
        for name in names:
            asked(office, sender=f"kari@{name}.example")
        postman = account.postman
        assert postman is not None
        submit = postman.submit

        def once(*arguments: object) -> object:
            delivery = submit(*arguments)
            words.say(account, list, OwnerVerb.STOP)
            return delivery

        vars(postman)["submit"] = once
        check_in(account, office.clock, "2026-03-02 10:00")

    assert len(sink.messages) == 1


def test_a_client_whose_mails_come_like_a_machines_is_frozen(office: Office, sink: Sink) -> None:
    domain = office.client.replace(f'"{KARI}"]', '"@fjord.example"]')
    with running(office, {"fjord": domain}) as account:
        asked(office)
        check_in(account, office.clock, "2026-03-02 10:00")
        for n in range(3):  # ever new addresses
            office.clock.later(minutes=2)
            office.mail(QUESTION, sender=f"ticket-{n}@fjord.example", subject="Re: Logo")
        check_in(account, office.clock, "2026-03-02 15:00")
        made = jobs.summarize(account, office.clock.now.date())
        assert len(sink.messages) == 1
        assert "fjord" in made.health.frozen
        assert any("fjord" in notice for notice in made.health.notices)

        office.clock.later(minutes=5)
        words.say(account, list, OwnerVerb.UNFREEZE, "fjord")
        asked(office, "2026-03-03 09:30", subject="Another")
        check_in(account, office.clock, "2026-03-03 10:00")
        assert len(sink.messages) >= 2


REPORT = """From: MAILER-DAEMON@mx.studio.example\r
To: dana@studio.example\r
Subject: {subject}\r
Date: Mon, 02 Mar 2026 10:05:00 +0100\r
Message-ID: <bounce@mx.studio.example>\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status; boundary=b\r
\r
--b\r
Content-Type: text/plain\r
\r
This is the mail system.\r
--b\r
Content-Type: message/delivery-status\r
\r
Final-Recipient: rfc822; kari@fjord.example\r
Action: failed\r
--b\r
Content-Type: {part}\r
\r
From: dana@studio.example\r
{identity}\r
\r
--b--\r
"""


@pytest.mark.parametrize("part", ["message/rfc822", "text/rfc822-headers"])
@pytest.mark.parametrize("field", ["Message-ID", "X-Mailhours-Id"])
def test_mail_of_ours_that_comes_back_freezes_the_address(
    office: Office, sink: Sink, part: str, field: str
) -> None:
    with running(office) as account:
        asked(office)
        check_in(account, office.clock, "2026-03-02 10:00")
        sent = sink.messages[0].message
        identity = f"{field}: {sent[field]}"
        subject = "Undelivered Mail Returned to Sender"
        office.clock.later(minutes=5)
        office.lay(REPORT.format(subject=subject, part=part, identity=identity).encode())
        jobs.poll(account)

        assert account.ledger.outbox.frozen() == {
            KARI: f"our mail {sent['X-Mailhours-Id']} came back"
        }
        assert any(
            KARI in note.text
            for note in account.ledger.health.notes(office.clock.now - timedelta(days=1))
        )


@pytest.mark.parametrize(
    ("subject", "identity"),
    [
        ("Delayed Mail (still being retried)", None),
        ("Successful Mail Delivery Report", None),
        ("Undelivered Mail", "Message-ID: <somebody.elses@studio.example>"),
        ("Undelivered Mail", "X-Mailhours-Id: r0"),
    ],
)
def test_other_reports_freeze_nobody(
    office: Office, sink: Sink, subject: str, identity: str | None
) -> None:
    with running(office) as account:
        asked(office)
        check_in(account, office.clock, "2026-03-02 10:00")
        known = f"Message-ID: {sink.messages[0].message['Message-ID']}"
        report = REPORT.format(subject=subject, part="message/rfc822", identity=identity or known)
        office.lay(report.encode())
        jobs.poll(account)

        assert not account.ledger.outbox.frozen()


def test_an_id_in_a_header_is_never_taken_for_the_beginning_of_one(
    office: Office, sink: Sink
) -> None:
    with running(office) as account:
        asked(office)
        made = check_in(account, office.clock, "2026-03-02 10:00")
        assert made is not None
        forged = {"X-Mailhours-Id": made.replies[0].id[:5]}
        office.clock.later(minutes=30)
        message = office.mail("Here is my answer.", headers=forged, subject="Re: Logo")
        jobs.poll(account)

        read = account.ledger.readings.by_message_id(message)[0]
        assert read.promised == ()


# ------------------------------------------------------------------------------------ SMTP faults


def test_a_grey_listing_server_gets_a_fresh_mail_at_the_next_check_in(
    office: Office, sink: Sink
) -> None:
    with running(office) as account:
        asked(office)
        sink.answer("RCPT", "450 4.2.0 greylisted, come back later")
        check_in(account, office.clock, "2026-03-02 10:00")
        assert not sink.messages
        for minutes in range(0, 290, 20):  # never between the check-ins
            office.clock.at("2026-03-02 10:01")
            office.clock.later(minutes=minutes)
            jobs.poll(account)
        assert not sink.messages
        check_in(account, office.clock, "2026-03-02 15:00")

    (mail,) = sink.messages
    assert "Tuesday 3 March, 10:00" in mail.message.get_content()


def test_what_was_put_off_is_cancelled_when_the_owner_has_answered(
    office: Office, sink: Sink
) -> None:
    with running(office) as account:
        question = asked(office)
        sink.answer("DATA", "451 4.3.0 later")
        made = check_in(account, office.clock, "2026-03-02 10:00")
        assert made is not None
        office.clock.at("2026-03-02 11:00")
        office.says("Here it is.", subject="Re: Logo", answers=question)
        check_in(account, office.clock, "2026-03-02 15:00")

        assert not sink.messages
        assert account.ledger.outbox.state(made.replies[0].id) is ReplyState.CANCELLED


@pytest.mark.parametrize("verb", ["RCPT", "BODY"])
def test_a_refusal_freezes_the_address_and_is_shown(office: Office, sink: Sink, verb: str) -> None:
    with running(office) as account:
        asked(office)
        sink.answer(verb, "550 5.1.1 no such user")
        check_in(account, office.clock, "2026-03-02 10:00")
        asked(office, "2026-03-03 09:30", subject="Two")
        made = check_in(account, office.clock, "2026-03-03 10:00")

        assert made is not None
        assert not sink.messages
        assert all("550 5.1.1 no such user" in held.reason for held in made.withheld)


def test_silence_after_the_dot_is_doubtful_and_never_sent_again(office: Office, sink: Sink) -> None:
    with running(office) as account:
        asked(office)
        sink.drop("BODY")
        check_in(account, office.clock, "2026-03-02 10:00")
        for at in ("2026-03-02 15:00", "2026-03-03 10:00", "2026-03-03 15:00"):
            check_in(account, office.clock, at)
        (doubtful,) = account.ledger.outbox.doubtful()

        assert len(sink.messages) == 1
        words.say(account, list, OwnerVerb.SETTLE, doubtful.id, "sent")
        jobs.poll(account)
        assert account.ledger.outbox.state(doubtful.id) is ReplyState.FILED


def test_no_server_leaves_everything_for_the_next_check_in(tmp_path: Path, clock: Clock) -> None:
    office = Office(tmp_path, clock, port=1)
    with running(office) as account:
        asked(office)
        check_in(account, clock, "2026-03-02 10:00")
    with Sink() as sink:
        office.port = sink.port
        with running(office) as account:
            check_in(account, clock, "2026-03-02 15:00")
        assert len(sink.messages) == 1


def test_a_refused_login_is_tried_three_times_and_then_left_alone(
    tmp_path: Path, clock: Clock
) -> None:
    with Sink(auth=True) as sink:
        office = Office(tmp_path, clock, sink.port)
        tried = 0
        for day in range(2, 6):
            for hour in ("10:00", "15:00"):
                with running(office) as account:  # a restart in between changes nothing
                    secret = replace_secret(account, sink.port, "wrong")
                    vars(account)["postman"] = secret
                    asked(office, f"2026-03-0{day} 09:{30 + tried % 20}", subject=f"{day} {hour}")
                    check_in(account, clock, f"2026-03-0{day} {hour}")
                    tried += 1

        assert not sink.messages
        assert len([one for one in sink.logins if "refused" in one]) == 3
        with running(office) as account:
            notes = account.ledger.health.notes(clock() - timedelta(days=9))
            assert any("no mail can be sent" in note.text for note in notes)


def replace_secret(account: Account, port: int, password: str) -> Submission:
    """Give the account a submission server that wants a login."""

    class Known:
        reference = "env:TEST"

        def reveal(self) -> str:
            return password

    server = Server("127.0.0.1", port, Security.NONE, "dana@studio.example", Known())
    object.__setattr__(account, "settings", replace(account.settings, submission=server))
    return Submission(server)


def test_a_certificate_that_nobody_vouches_for_sends_nothing(tmp_path: Path, clock: Clock) -> None:
    with Sink(tls=self_signed(tmp_path)) as sink:
        office = Office(tmp_path, clock, sink.port)
        with running(office) as account:
            server = Server("127.0.0.1", sink.port, Security.TLS, "")
            vars(account)["postman"] = Submission(server)
            asked(office)
            made = check_in(account, clock, "2026-03-02 10:00")
            assert made is not None
            assert account.ledger.outbox.state(made.replies[0].id) is ReplyState.QUEUED
        assert not sink.messages


# ------------------------------------------------------------------------------- races and clocks


def test_two_processes_hold_one_check_in_between_them(office: Office, sink: Sink) -> None:
    names = [f"c{n}" for n in range(4)]
    files = {name: client(name) for name in names}
    for name in names:
        asked(office, sender=f"kari@{name}.example")
    accounts = [office.open(files) for _ in range(2)]
    now = office.clock.at("2026-03-02 10:00").astimezone(UTC)
    for account in accounts:
        jobs.poll(account)
    held: list[object] = []

    def hold(account: Account) -> None:
        held.append(jobs.check_in(account, Slot(now, "2026-03-02T10:00")))

    threads = [threading.Thread(target=hold, args=(account,)) for account in accounts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for account in accounts:
        account.close()

    assert len(sink.messages) == 4
    assert sum(one is not None for one in held) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [("2026-03-28 20:00", "2026-03-31 10:05"), ("2026-10-24 20:00", "2026-10-27 10:05")],
)
def test_a_night_in_which_the_clocks_change_has_its_check_ins_once(
    office: Office, sink: Sink, before: str, after: str
) -> None:
    office.clock.at(before)
    with running(office) as account:
        end = datetime.fromisoformat(after).replace(tzinfo=OSLO)
        step = timedelta(minutes=20)
        moment = office.clock.now.astimezone(UTC)
        asked_on: set[object] = set()
        while moment <= end.astimezone(UTC):
            office.clock.now = moment.astimezone(OSLO)
            local = office.clock.now
            if local.weekday() < 5 and local.hour == 9 and local.date() not in asked_on:
                asked_on.add(local.date())
                office.mail(QUESTION, subject=f"{local:%d}")
            jobs.tick(account)
            moment += step
        slots = account.ledger.slots.history(moment - timedelta(days=9))

    done = [one.slot.key for one in slots if one.state is SlotState.DONE]
    assert len(done) == len(set(done))
    assert [key[11:] for key in done] == ["10:00", "15:00", "10:00"]
    dates = [str(m.message["Date"])[-5:] for m in sink.messages if KARI in m.recipients]
    assert dates
    assert set(dates) <= {"+0100", "+0200"}


def test_a_clock_that_was_set_back_repeats_nothing(office: Office, sink: Sink) -> None:
    with running(office) as account:
        asked(office)
        office.clock.at("2026-03-02 10:00")
        jobs.tick(account)
        for at in ("2026-03-02 09:50", "2026-03-02 10:00", "2026-03-01 10:00", "2026-03-02 10:10"):
            office.clock.at(at)
            jobs.tick(account)

    assert len([m for m in sink.messages if KARI in m.recipients]) == 1


def test_a_crash_in_a_check_in_is_gone_on_with_after_its_lease(office: Office, sink: Sink) -> None:
    with running(office) as account:
        asked(office)
        slot = Slot(office.clock.at("2026-03-02 10:00").astimezone(UTC), "2026-03-02T10:00")
        jobs.poll(account)
        account.ledger.slots.begin(slot, office.clock(), jobs.LEASE)  # and then it died
        office.clock.at("2026-03-02 10:05")
        jobs.tick(account)
        assert not sink.messages
        office.clock.at("2026-03-02 10:16")
        jobs.tick(account)

    assert [m.message["X-Mailhours-Id"] is not None for m in sink.messages] == [True]


def test_a_reminder_says_so_and_an_approval_lets_the_third_leave(
    office: Office, sink: Sink
) -> None:
    office.clock.at("2026-03-02 08:30")
    office.says("We go on with this:\n\n[need: the texts for the homepage]\n\nDana")
    with running(office) as account:
        for at in ("2026-03-04 10:00", "2026-03-09 10:00", "2026-03-16 10:00"):
            check_in(account, office.clock, at)
        kinds = [reply.kinds[0] for reply in account.ledger.outbox.replies()]
        assert kinds == [ReplyKind.FEEDBACK_1, ReplyKind.FEEDBACK_2, ReplyKind.FEEDBACK_3]
        (proposed,) = account.ledger.outbox.replies(state=ReplyState.PROPOSED)
        words.say(account, list, OwnerVerb.APPROVE, proposed.id)
        check_in(account, office.clock, "2026-03-16 15:00")

    assert [str(m.message["Auto-Submitted"]) for m in sink.messages] == ["auto-generated"] * 3
    assert "clause 4.2" in sink.messages[2].message.get_content()
    assert sink.messages[2].message["Message-ID"] == proposed.message_id


def move(office: Office, source: str, target: str) -> None:
    """Move the one mail of a folder, as a mail program does."""
    where = office.maildir / f".{source}" / "cur"
    (file,) = where.iterdir()
    file.rename(office.maildir / f".{target}" / "cur" / file.name)


def test_a_draft_that_the_owner_moves_to_check_in_leaves_at_the_next_one_once(
    office: Office, sink: Sink
) -> None:
    office.mode = "draft"
    with running(office) as account:
        asked(office)
        check_in(account, office.clock, "2026-03-02 10:00")
        (draft,) = office.lying("Drafts")
        move(office, "Drafts", "Check-in")
        for at in ("2026-03-02 15:00", "2026-03-03 10:00", "2026-03-03 15:00"):
            check_in(account, office.clock, at)

    (mail,) = sink.messages
    assert mail.message["X-Mailhours-Id"] == draft["X-Mailhours-Id"]
    assert mail.message["Auto-Submitted"] == "auto-replied"
    assert office.lying("Check-in") == []
