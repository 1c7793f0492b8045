"""Between two summaries nothing is lost: what one could not tell yet, the next one tells."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date
from pathlib import Path

import pytest

from integration.maildir_office import KARI, OWN, Clock, Office, check_in
from integration.sink import Sink
from mailhours.model.faults import Problem
from mailhours.model.raw import Batch, Cursor, FolderRole
from mailhours.model.reply import Cause, Withheld
from mailhours.model.slot import Slot
from mailhours.service import jobs, polling
from mailhours.service.account import Account
from mailhours.summary.daily import sheet
from mailhours.summary.day import Day
from mailhours.summary.page import page
from mailhours.summary.text import text

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
QUESTION = "Hi Dana,\n\ncould you please send me the new price list?\n\nKari"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def office(tmp_path: Path, clock: Clock, sink: Sink) -> Office:
    return Office(tmp_path, clock, port=sink.port)


@pytest.fixture
def account(office: Office) -> Iterator[Account]:
    held = office.open()
    yield held
    held.close()


def told(account: Account, day: date) -> str:
    made = jobs.summarize(account, day)
    return text(sheet(made, account.wording.words("en")))


def bodies(sink: Sink) -> list[str]:
    """Return the plain text of what came to the owner, on one line each."""
    mails = [mail for mail in sink.messages if OWN in mail.recipients]
    return [
        " ".join(mail.message.get_body(("plain",)).get_content().split())  # type: ignore[union-attr]
        for mail in mails
    ]


def day_of(account: Account, day: date) -> Day:
    return jobs.summarize(account, day)


def test_what_left_after_the_summary_stands_in_the_next_one(office, account, clock):
    clock.at("2026-03-02 14:30")
    assert jobs.send_summary(account, MONDAY)
    office.mail(QUESTION)
    check_in(account, clock, "2026-03-02 15:00")
    clock.at("2026-03-03 14:30")

    made = day_of(account, TUESDAY)

    assert [handled.reply.slot for handled in made.sent] == ["2026-03-02T15:00"]
    assert "acknowledgement" in told(account, TUESDAY)


def test_what_one_summary_told_the_next_one_does_not_repeat(office, account, clock):
    office.mail(QUESTION)
    check_in(account, clock, "2026-03-02 10:00")
    clock.at("2026-03-02 16:45")
    assert day_of(account, MONDAY).sent
    assert jobs.send_summary(account, MONDAY)
    jobs.poll(account)  # the copy is filed only now
    clock.at("2026-03-03 16:45")

    made = day_of(account, TUESDAY)

    assert made.sent == ()
    assert made.since == clock.at("2026-03-02 16:45")


def test_the_summary_of_today_looks_the_same_before_and_after_it_was_sent(office, account, clock):
    office.mail(QUESTION)
    check_in(account, clock, "2026-03-02 10:00")
    clock.at("2026-03-02 16:45")
    before = day_of(account, MONDAY)
    jobs.send_summary(account, MONDAY)

    assert day_of(account, MONDAY).sent == before.sent


def test_what_was_withheld_after_the_summary_stands_in_the_next_one(office, account, clock):
    clock.at("2026-03-02 14:30")
    jobs.send_summary(account, MONDAY)
    office.mail("Our lawyer will contact you about the contract. Can you answer today?")
    check_in(account, clock, "2026-03-02 15:00")
    clock.at("2026-03-03 14:30")

    assert len(day_of(account, TUESDAY).withheld) == 1


def test_a_summary_that_waited_for_the_server_counts_by_what_it_told(office, account, clock, sink):
    clock.at("2026-03-02 14:30")
    sink.answer("MAIL", "451 4.3.0 later")
    jobs.send_summary(account, MONDAY)
    office.mail(QUESTION)
    check_in(account, clock, "2026-03-02 15:00")
    clock.at("2026-03-02 18:00")
    jobs.sending.send(account, jobs.sending.unsent_summaries(account))
    clock.at("2026-03-03 14:30")

    assert len(day_of(account, TUESDAY).sent) == 1


def test_a_check_in_given_up_after_the_summary_is_told_the_day_after(account, clock):
    clock.at("2026-03-02 16:45")
    jobs.send_summary(account, MONDAY)
    clock.at("2026-03-02 17:10")
    due = clock.at("2026-03-02 15:00").astimezone(UTC)
    clock.at("2026-03-02 17:10")
    account.ledger.slots.missed(Slot(due, "2026-03-02T15:00"), clock())
    clock.at("2026-03-03 16:45")

    assert day_of(account, TUESDAY).health.missed == ("2026-03-02T15:00",)


def test_two_mailboxes_deaf_for_one_reason_are_one_line(account, clock):
    health = account.ledger.health
    for name in ("main", "kim"):
        health.poll_succeeded(name, clock())
    clock.at("2026-03-02 09:00")
    for name in ("main", "kim"):
        health.poll_failed(name, "imap.studio.example cannot be reached", clock())
        clock.later(seconds=40)
    clock.at("2026-03-02 11:00")
    for name in ("main", "kim"):
        health.poll_succeeded(name, clock())
        clock.later(seconds=40)
    clock.at("2026-03-02 16:45")

    [deaf] = day_of(account, MONDAY).health.deaf
    assert deaf.end == clock.at("2026-03-02 11:00").replace(second=40)
    assert told(account, MONDAY).count("cannot be reached") == 1


def test_one_of_two_deaf_mailboxes_is_named(account, clock):
    account.ledger.health.poll_succeeded("main", clock())
    account.ledger.health.poll_failed("old", "it is gone", clock())

    assert "Deaf since Mon 2 Mar, 08:00: old: it is gone" in told(account, MONDAY)


def test_problems_of_a_refused_configuration_are_told_once(account, clock):
    problem = Problem("mailhours.toml", 12, "hours.week", "25:00 is no time")
    account.rejected.append(problem)
    account.ledger.health.note("configuration", f"rejected: {problem}", clock())

    assert told(account, MONDAY).count("25:00 is no time") == 1


def test_what_a_mailbox_remarks_of_a_folder_is_told_once(account, clock):
    remark = "main: INBOX: the server's numbers do not last"
    cursor = Cursor("main", "INBOX", FolderRole.INBOX, 0, 0, 0, "", None)

    class Remarking:
        name = "main"

        def look(self, *_: object) -> Iterator[Batch]:
            yield Batch((), (), cursor, (remark,))

    for _ in range(2):
        polling.look(account, Remarking(), lambda _: None)

    assert day_of(account, MONDAY).health.notices == (remark,)


@contextmanager
def a_corrupt_row(account: Account) -> Iterator[None]:
    """Leave a row as a bad disk would; of all the service only the summary reads it."""
    withheld = Withheld("fjord", KARI, Cause("message", "secret"), "not for the log")
    account.ledger.outbox.withhold([withheld], "2026-03-02T10:00", account.clock())
    with closing(sqlite3.connect(account.ledger.path)) as disk, disk:
        disk.execute("update withheld set cause = 'secret'")
    yield
    with closing(sqlite3.connect(account.ledger.path)) as disk, disk:
        disk.execute("delete from withheld")


def test_a_summary_that_cannot_be_made_at_first_leaves_at_the_next_tick(account, clock, sink):
    clock.at("2026-03-02 16:45")
    with a_corrupt_row(account):
        with pytest.raises(TypeError, match="missing 1 required"):
            jobs.tick(account)
        assert sink.messages == []

    for _ in range(3):
        jobs.tick(account)
        clock.later(seconds=20)

    [told] = bodies(sink)
    assert "could not be made" not in told


def test_a_summary_that_never_can_be_made_is_told_of_once_and_the_next_one_tells_all(
    office, account, clock, sink
):
    office.mail(QUESTION)
    check_in(account, clock, "2026-03-02 10:00")
    clock.at("2026-03-02 16:45")
    with a_corrupt_row(account):
        for _ in range(jobs.SUMMARY_TRIES):
            with pytest.raises(TypeError, match="missing 1 required"):
                jobs.tick(account)
            clock.later(seconds=20)
        jobs.tick(account)

    [told] = bodies(sink)
    assert "Today’s summary could not be made: TypeError." in told
    assert "It was tried 3 times." in told
    clock.at("2026-03-03 16:45")
    assert [handled.reply.slot for handled in day_of(account, TUESDAY).sent] == ["2026-03-02T10:00"]


def test_a_process_that_dies_over_its_summary_does_not_die_of_it_for_ever(
    office, account, clock, sink
):
    clock.at("2026-03-02 16:45")
    for number in range(1, jobs.SUMMARY_TRIES + 1):
        account.ledger.slots.once(f"summary:2026-03-02/{number}", clock())

    jobs.tick(account)
    jobs.tick(account)

    [told] = bodies(sink)
    assert "the service ended while it was made" in told


def test_a_crash_after_the_summary_was_queued_sends_no_second_one(office, account, clock, sink):
    clock.at("2026-03-02 16:45")
    assert jobs.send_summary(account, MONDAY)  # and then the process ended

    jobs.tick(account)
    jobs.tick(account)

    assert len(sink.messages) == 1


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_summary_with_nothing_in_it_is_still_a_page(account, clock, language):
    made = day_of(account, MONDAY)

    assert "<h1" in page(sheet(made, account.wording.words(language)), account.wording)
