"""Deaf periods, back-off, notes and secrets."""

from __future__ import annotations

from datetime import timedelta

from builders import moment
from ledgers import MINUTE
from mailhours.ledger.health import DeafPeriod, PollState
from mailhours.ledger.store import Ledger

AT = moment("mon 09:00")
DAY = timedelta(days=1)


def test_a_mailbox_that_answers_is_never_deaf(ledger):
    for minute in range(10):
        assert not ledger.health.poll_succeeded("main", AT + minute * MINUTE)

    assert ledger.health.deaf(AT - DAY) == []
    assert ledger.health.polls() == [PollState("main", AT + 9 * MINUTE, None, "")]


def test_a_deaf_period_lasts_from_the_last_success_to_the_next(ledger):
    ledger.health.poll_succeeded("main", AT)

    assert ledger.health.poll_failed("main", "no route", AT + 3 * MINUTE)
    assert not ledger.health.poll_failed("main", "no route", AT + 6 * MINUTE)
    assert ledger.health.poll_failed("main", "login refused", AT + 9 * MINUTE)
    assert ledger.health.deaf(AT) == [DeafPeriod("main", AT, None, "login refused")]
    assert ledger.health.polls()[0].failing == AT + 3 * MINUTE

    assert ledger.health.poll_succeeded("main", AT + 12 * MINUTE)
    assert ledger.health.deaf(AT) == [DeafPeriod("main", AT, AT + 12 * MINUTE, "login refused")]
    assert ledger.health.deaf(AT + 12 * MINUTE) == []
    assert not ledger.health.poll_succeeded("main", AT + 15 * MINUTE)


def test_a_failure_right_after_a_success_is_news_and_so_is_the_next_success(ledger):
    ledger.health.poll_succeeded("main", AT)

    assert ledger.health.poll_failed("main", "cut", AT + timedelta(seconds=1))
    assert ledger.health.poll_succeeded("main", AT + timedelta(seconds=2))


def test_a_first_poll_that_fails_is_deaf_from_then(ledger):
    ledger.health.poll_failed("main", "no route", AT)

    assert ledger.health.deaf(AT) == [DeafPeriod("main", AT, None, "no route")]


def test_a_long_silence_between_two_successes_was_deaf(ledger):
    ledger.health.poll_succeeded("main", AT)

    assert ledger.health.poll_succeeded("main", AT + 60 * MINUTE)

    (period,) = ledger.health.deaf(AT)
    assert (period.start, period.end) == (AT, AT + 60 * MINUTE)
    assert "not running" in period.why


def test_a_silence_as_long_as_wished_is_none(ledger):
    ledger.health.poll_succeeded("main", AT, every=30 * MINUTE)

    assert not ledger.health.poll_succeeded("main", AT + 60 * MINUTE, every=30 * MINUTE)
    assert ledger.health.deaf(AT) == []


def test_a_clock_that_was_set_back_is_no_deaf_period(ledger):
    ledger.health.poll_succeeded("main", AT)

    assert not ledger.health.poll_succeeded("main", AT - DAY)
    assert ledger.health.deaf(AT - 2 * DAY) == []


def test_mailboxes_are_deaf_one_by_one(ledger):
    ledger.health.poll_succeeded("main", AT)
    ledger.health.poll_failed("office", "no route", AT)

    assert [period.mailbox for period in ledger.health.deaf(AT)] == ["office"]


def test_back_off_outlives_the_process(tmp_path):
    with Ledger.open(tmp_path / "l.db", "a@b.example") as ledger:
        assert ledger.health.block("main") == ""
        ledger.health.set_block("main", '{"tries": 2}')
        ledger.health.set_block("main", '{"tries": 2}')

    with Ledger.open(tmp_path / "l.db", "a@b.example") as ledger:
        assert ledger.health.block("main") == '{"tries": 2}'
        assert ledger.health.polls() == []


def test_a_note_is_not_repeated_within_a_day(ledger):
    assert ledger.health.note("configuration", "line 3", AT)
    assert not ledger.health.note("configuration", "line 3", AT + MINUTE)
    assert ledger.health.note("fuse", "line 3", AT + MINUTE)
    assert ledger.health.note("configuration", "line 4", AT + 2 * MINUTE)
    assert ledger.health.note("configuration", "line 3", AT + 3 * MINUTE)
    assert ledger.health.note("configuration", "line 3", AT + DAY + 3 * MINUTE)

    kinds = [note.kind for note in ledger.health.notes(AT + MINUTE)]
    assert kinds == ["fuse", "configuration", "configuration", "configuration"]


def test_a_secret_is_made_once(tmp_path):
    with Ledger.open(tmp_path / "l.db", "a@b.example") as ledger:
        mark = ledger.health.secret("loop-mark")
        assert ledger.health.secret("other") != mark
        assert ledger.health.secret("loop-mark") == mark

    with Ledger.open(tmp_path / "l.db", "a@b.example") as ledger:
        assert ledger.health.secret("loop-mark") == mark
    assert len(mark) == 32


def test_the_first_use_stays_the_first(ledger):
    assert ledger.health.first_use(AT) == AT
    assert ledger.health.first_use(AT + DAY) == AT
