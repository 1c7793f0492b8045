"""Nudges: chases before the promise is due."""

from datetime import date

import pytest

from builders import OLA, a_client, a_message, a_project, a_signal, a_thread, an_owner, moment
from mailhours.model.client import Thresholds
from mailhours.model.gist import gist
from mailhours.patterns.judge import judge


def nudges(messages, now="fri+1 17:00", **client):
    return judge(an_owner(), a_client(**client), messages, (), Thresholds(), moment(now)).nudges


def said(at, text, *signals, replies_to=(), **changes):
    return a_message(
        at, *signals, gist=gist(text), words=len(text.split()), replies_to=replies_to, **changes
    )


def test_a_chase_before_the_promise_is_a_nudge():
    (nudge,) = nudges(a_thread("mon 09:00 client: ask", "mon 13:00 client: nudge"))
    assert (nudge.minutes_after, nudge.due, nudge.rule) == (240, moment("tue 09:00"), "phrase")
    assert nudge.share == 0.5


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        pytest.param(["mon 09:00 client: nudge"], 0, id="nothing waits"),
        pytest.param(
            ["mon 09:00 client: thanks", "mon 10:00 client: nudge"], 0, id="thanks do not wait"
        ),
        pytest.param(
            ["mon 09:00 client: ask", "mon 10:00 us: answer", "mon 11:00 client: nudge"],
            0,
            id="answered",
        ),
        pytest.param(
            ["mon 09:00 client: ask", "tue 08:59 client: nudge"], 1, id="a minute before it is due"
        ),
        pytest.param(["mon 09:00 client: ask", "tue 09:00 client: nudge"], 0, id="when it is due"),
        pytest.param(
            ["mon 09:00 client: ask", "mon 15:00 client: nudge", "tue 10:00 client: nudge"],
            1,
            id="a chase of a chase has the promise of the first mail",
        ),
        pytest.param(
            ["mon 09:00 client: ask", "mon 10:00 machine: answer", "mon 11:00 client: nudge"],
            1,
            id="a machine answers nothing",
        ),
        pytest.param(
            ["mon 09:00 client: ask", "mon 10:00 robot: nudge"], 0, id="robots do not chase"
        ),
        pytest.param(
            ["mon 09:00 client: ask", "mon 10:00 us: nudge"], 0, id="we do not chase ourselves"
        ),
        pytest.param(
            ["sun 23:00 client: ask", "mon+1 08:00 client: nudge"], 1, id="before office hours"
        ),
    ],
)
def test_what_is_a_nudge(lines, count):
    assert len(nudges(a_thread(*lines))) == count


def test_a_colleague_may_chase():
    first = a_message("mon 09:00", "ask")
    (nudge,) = nudges([first, a_message("mon 11:00", "nudge", person=OLA, subject="Hello")])
    assert (nudge.chases, nudge.message.person) == (first.key, OLA)


def test_minutes_count_from_the_newest_mail_that_waits():
    messages = [
        a_message("mon 09:00", "ask", subject="One"),
        a_message("mon 10:00", "ask", subject="Two"),
        a_message("mon 10:30", "thanks", subject="Three"),
        a_message("mon 11:00", "nudge", subject="One more"),
    ]
    (nudge,) = nudges(messages)
    assert (nudge.chases, nudge.minutes_after) == (messages[1].key, 60)


def test_in_a_thread_whose_promise_we_broke_it_is_our_debt_though_something_newer_waits():
    first = a_message("mon 09:00", "ask", subject="One")
    messages = [
        first,
        a_message("tue 10:00", "ask", subject="Two"),
        a_message("tue 11:00", "nudge", subject="Re: One", replies_to=first),
    ]
    assert nudges(messages) == ()


@pytest.mark.parametrize(
    ("again", "signals", "changes", "count"),
    [
        pytest.param(
            "Could you send me the draft of the brochure?", ["ask"], {}, 1, id="the same words"
        ),
        pytest.param("Brochure draft, please.", ["ask"], {}, 1, id="other words for the same"),
        pytest.param("Could you send the invoice as well?", ["ask"], {}, 0, id="a new request"),
        pytest.param(
            "Could you send the draft of the brochure?",
            ["ask"],
            {"attachments": ("a.pdf",)},
            0,
            id="something new attached",
        ),
        pytest.param(
            "Could you send the draft of the brochure in green?",
            ["ask", "change_request"],
            {},
            0,
            id="a change",
        ),
        pytest.param("The draft of the brochure.", [], {}, 0, id="it asks nothing"),
    ],
)
def test_asking_again_and_nothing_new(again, signals, changes, count):
    first = said("mon 09:00", "Could you send the draft of the brochure?", "ask")
    second = said("mon 13:00", again, *signals, replies_to=first, **changes)
    found = nudges([first, second])
    assert len(found) == count
    assert all(nudge.rule == "asks_again" for nudge in found)


def test_asking_again_in_another_thread_is_a_new_question():
    first = said("mon 09:00", "Could you send the draft of the brochure?", "ask")
    second = said("mon 13:00", "Could you send the draft of the brochure?", "ask", subject="Other")
    assert nudges([first, second]) == ()


def test_without_the_gist_the_words_of_the_asks_are_compared():
    question = a_signal("ask", "Which colour shall the header have?")
    first = a_message("mon 09:00", question)
    again = a_message("mon 13:00", question, replies_to=first)
    other = a_message("mon 14:00", a_signal("ask", "could you"), replies_to=first)
    assert [nudge.message.key for nudge in nudges([first, again, other])] == [again.key]


@pytest.mark.parametrize(
    ("at", "signals", "changes", "count"),
    [
        pytest.param("mon 09:10", ["ask"], {}, 0, id="asked again within ten minutes"),
        pytest.param("mon 09:11", ["ask"], {}, 1, id="asked again after eleven"),
        pytest.param(
            "mon 09:05", ["nudge"], {"attachments": ("a.pdf",)}, 0, id="the forgotten attachment"
        ),
        pytest.param("mon 09:05", ["nudge"], {}, 1, id="chasing in words after five minutes"),
        pytest.param(
            "mon 09:15", ["nudge"], {"attachments": ("a.pdf",)}, 1, id="chasing with a file later"
        ),
    ],
)
def test_a_correction_within_ten_minutes_is_none(at, signals, changes, count):
    first = said("mon 09:00", "Could you print the brochure?", "ask")
    second = said(at, "Could you print the brochure?", *signals, replies_to=first, **changes)
    assert len(nudges([first, second])) == count


@pytest.mark.parametrize(
    ("due", "count"),
    [
        pytest.param(date(2026, 3, 3), 0, id="before the project is due"),
        pytest.param(date(2026, 3, 2), 1, id="on the day it is due"),
        pytest.param(None, 1, id="without a due date"),
    ],
)
def test_a_question_on_progress_is_no_nudge_before_the_due_date(due, count):
    first = a_message("mon 09:00", "ask")
    progress = a_message("mon 13:00", a_signal("nudge", subtype="progress"), replies_to=first)
    assert len(nudges([first, progress], projects=(a_project(due=due),))) == count


def test_the_share_of_a_promise_without_business_time_runs_on_the_wall():
    from builders import an_agreement

    thread = a_thread("sat 09:00 client: ask", "sat 10:00 client: nudge")
    (nudge,) = nudges(thread, agreements=(an_agreement("4 hours"),))
    assert nudge.share == 0.25
