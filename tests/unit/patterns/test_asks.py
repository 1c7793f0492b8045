"""Asks: what we requested, and what answers it."""

from dataclasses import replace
from datetime import date

import pytest

from builders import (
    KARI,
    OLA,
    a_calendar,
    a_client,
    a_message,
    a_signal,
    a_thread,
    a_word,
    an_owner,
    moment,
)
from mailhours.model.client import Thresholds
from mailhours.model.gist import gist
from mailhours.model.judgement import AskState, short_id
from mailhours.patterns.asking import marked_kind
from mailhours.patterns.judge import judge


def asks(messages, now="fri+1 17:00", words=(), **client):
    return judge(an_owner(), a_client(**client), messages, words, Thresholds(), moment(now)).asks


def the_ask(messages, now="fri+1 17:00", **client):
    (ask,) = asks(messages, now, **client)
    return ask


def asked(*signals, at="mon 09:00", text="", subject="Draft", **changes):
    return a_message(at, *signals, ours=True, subject=subject, gist=gist(text), **changes)


def reply(to, at="tue 10:00", *signals, text="", **changes):
    changes = {
        "subject": f"Re: {to.subject}",
        "words": len(text.split()),
        "gist": gist(text),
        **changes,
    }
    return a_message(at, *signals, replies_to=to, **changes)


@pytest.mark.parametrize(
    ("text", "signals", "changes", "outcome"),
    [
        pytest.param("We take the blue one.", [], {}, AskState.FULL, id="plain words"),
        pytest.param("Blue please", [], {}, AskState.FULL, id="two words"),
        pytest.param("", ["answer"], {}, AskState.FULL, id="an answer"),
        pytest.param("", [], {"attachments": ("x.pdf",)}, AskState.FULL, id="a file"),
        pytest.param("Thanks a lot!", ["thanks"], {}, AskState.OPEN, id="thanks"),
        pytest.param("Ok", [], {}, AskState.OPEN, id="ok"),
        pytest.param("Got it, will do!", [], {}, AskState.OPEN, id="got it"),
        pytest.param("When do you need it?", ["ask"], {}, AskState.OPEN, id="a question back"),
        pytest.param("Where is my draft?", ["nudge"], {}, AskState.OPEN, id="a chase"),
        pytest.param("I will look at it tomorrow.", ["defer"], {}, AskState.DEFERRED, id="put off"),
        pytest.param(
            "I am in hospital for some weeks.", ["delicate"], {}, AskState.OPEN, id="delicate"
        ),
        pytest.param(
            "Half of it; the rest tomorrow.", ["answer", "defer"], {}, AskState.PARTIAL, id="half"
        ),
        pytest.param(
            "Blue. And by the way we open a second shop in the harbour in May; could you tell us a price?",
            ["ask"],
            {},
            AskState.FULL,
            id="an answer and a question",
        ),
    ],
)
def test_what_answers_the_one_thing_that_is_open(text, signals, changes, outcome):
    question = asked(a_signal("ask", "Which colour do you prefer?", subtype="decision"))
    assert (
        the_ask([question, reply(question, "tue 10:00", *signals, text=text, **changes)]).outcome
        is outcome
    )


@pytest.mark.parametrize(
    ("kind", "signal", "closed"),
    [
        ("feedback", "change_request", True),
        ("feedback", "approval", True),
        ("approval", "approval", True),
        ("approval", "change_request", False),
        ("content", "approval", False),
        ("content", "change_request", False),
    ],
)
def test_elsewhere_approvals_and_changes_answer_what_fits_them(kind, signal, closed):
    question = asked(a_signal("ask", subtype=kind))
    other = a_message("tue 10:00", signal, subject="Something else", person=OLA)
    assert (the_ask([question, other]).closed is not None) is closed


def test_elsewhere_plain_words_answer_nothing():
    question = asked(a_signal("ask", "the logo", subtype="content"))
    other = a_message("tue 10:00", subject="Weather", gist=gist("Lovely weather in the harbour"))
    assert the_ask([question, other]).outcome is AskState.OPEN


def test_elsewhere_an_answer_finds_its_question_by_the_words():
    logo = asked(a_signal("ask", "the logo", subtype="content"), subject="Logo")
    hours = asked(a_signal("ask", "your opening hours"), subject="Hours", at="mon 10:00")
    other = a_message(
        "tue 10:00", "answer", subject="For you", gist=gist("Our opening hours are 9-17")
    )
    first, second = asks([logo, hours, other])
    assert (first.outcome, second.outcome) == (AskState.OPEN, AskState.FULL)


def test_elsewhere_an_answer_to_nothing_in_particular_closes_nothing_when_two_things_are_open():
    messages = [
        asked("ask", subject="One"),
        asked("ask", subject="Two", at="mon 10:00"),
        a_message("tue 10:00", "answer", subject="Three"),
    ]
    assert [ask.outcome for ask in asks(messages)] == [AskState.OPEN, AskState.OPEN]


def test_elsewhere_an_answer_after_two_weeks_is_about_something_else():
    messages = [asked("ask"), a_message("tue+2 10:00", "answer", subject="Three")]
    assert the_ask(messages, "wed+2 10:00").outcome is AskState.OPEN


def test_an_answer_in_a_thread_where_we_wrote_answers_that_and_not_something_else():
    question = asked("ask", subject="One")
    other = a_message("mon 12:00", ours=True, subject="Two")
    assert the_ask([question, other, reply(other, "tue 10:00", "answer")]).outcome is AskState.OPEN


def test_a_new_mail_under_the_same_subject_counts_as_the_thread():
    question = asked("ask", subject="Draft")
    other = a_message("tue 10:00", subject="Re: Draft", words=12, person=OLA)
    assert the_ask([question, other]).closed_by == other.key


def test_answers_before_the_ask_answer_nothing():
    early = a_message("mon 08:00", "answer", subject="Draft")
    question = asked("ask", replies_to=early)
    assert the_ask([early, question]).outcome is AskState.OPEN


NUMBERED = (
    a_signal("ask", "the logo", subtype="content", item=1),
    a_signal("ask", "photos of the shop", subtype="content", item=2),
    a_signal("ask", "option A or B for the header", subtype="decision", item=3),
)


@pytest.mark.parametrize(
    ("text", "signals", "changes", "closed"),
    [
        pytest.param(
            "", ["answer"], {"attachments": ("logo.svg",)}, {1, 2}, id="a picture may be both"
        ),
        pytest.param(
            "", ["answer"], {"attachments": ("fjord-logo.pdf",)}, {1}, id="by the name of a file"
        ),
        pytest.param("The photos are on the drive.", ["answer"], {}, {2}, id="by words"),
        pytest.param("B", ["answer"], {}, {3}, id="by option"),
        pytest.param("", [a_signal("answer", item=2)], {}, {2}, id="by number"),
        pytest.param(
            "", [a_signal("answer", quoted="> 1. the logo")], {}, {1}, id="under the quoted line"
        ),
        pytest.param("All is on the drive.", [], {}, {1, 2, 3}, id="nothing shows which: all"),
        pytest.param("The photos will come tomorrow.", ["defer"], {}, set(), id="put off in words"),
        pytest.param(
            "Which photos do you mean exactly?", ["ask"], {}, set(), id="asked back in words"
        ),
        pytest.param(
            "The logo is there; photos next week.",
            ["answer", "defer"],
            {},
            set(),
            id="half, not known which",
        ),
    ],
)
def test_items_are_closed_one_by_one(text, signals, changes, closed):
    question = asked(*NUMBERED)
    ask = the_ask([question, reply(question, "tue 10:00", *signals, text=text, **changes)])
    assert {item.number for item in ask.items if item.closed} == closed
    assert (ask.closed is not None) == (len(closed) == 3)


def test_the_last_item_closes_the_ask():
    question = asked(*NUMBERED)
    first = reply(question, "tue 10:00", a_signal("answer", item=1), a_signal("answer", item=2))
    second = reply(question, "wed 10:00", a_signal("answer", item=3))
    ask = the_ask([question, first, second])
    assert (ask.outcome, ask.closed, ask.answers) == (
        AskState.FULL,
        second.at,
        (first.key, second.key),
    )


def test_marker_lines_leave_other_asks_aside():
    question = asked(
        a_signal("ask", "logo", subtype="marker"),
        a_signal("ask", "texts", subtype="marker"),
        a_signal("ask", "What do you think?"),
    )
    assert [(i.number, i.text) for i in the_ask([question]).items] == [(1, "logo"), (2, "texts")]


@pytest.mark.parametrize(
    ("again", "count"),
    [
        pytest.param([a_signal("ask", "the logo file")], 1, id="in the same words"),
        pytest.param(["nudge", a_signal("ask", "it")], 1, id="as a chase"),
        pytest.param([a_signal("ask", "your opening hours")], 2, id="something new"),
        pytest.param(
            ["nudge", a_signal("ask", "texts", subtype="marker")], 2, id="a marker always counts"
        ),
    ],
)
def test_asking_again_opens_nothing_new(again, count):
    question = asked(a_signal("ask", "the logo"))
    second = asked(*again, at="wed 09:00", subject="Re: Draft", replies_to=question)
    answer = reply(second, "thu 10:00", text="It is all on the shared drive.")
    found = asks([question, second, answer])
    assert len(found) == count
    assert {ask.outcome for ask in found} == {AskState.FULL}


def test_a_reply_to_the_first_of_two_asks_leaves_the_later_open():
    first = asked(a_signal("ask", "the logo"))
    second = asked(
        a_signal("ask", "opening hours"), at="tue 09:00", subject="Re: Draft", replies_to=first
    )
    answer = reply(first, "wed 09:00", text="Take the brighter one.")
    assert [ask.outcome for ask in asks([first, second, answer])] == [AskState.FULL, AskState.OPEN]


@pytest.mark.parametrize(
    ("signal", "due"),
    [
        pytest.param(a_signal("ask"), "thu 09:00", id="by the agreement"),
        pytest.param(
            a_signal("ask", due=date(2026, 3, 6)), "fri 23:59:59", id="a day that it names"
        ),
        pytest.param(a_signal("ask", due=date(2026, 2, 27)), "thu 09:00", id="a day that was past"),
    ],
)
def test_when_an_ask_is_due(signal, due):
    assert the_ask([asked(signal)]).due == moment(due)


def test_an_ask_is_due_in_the_clients_own_days():
    calendar = a_calendar(zone="Asia/Tokyo", closed={date(2026, 3, 3): "Hinamatsuri"})
    ask = the_ask([asked("ask")], calendar=calendar)  # 09:00 in Oslo is 17:00 in Tokyo: closed
    assert calendar.local(ask.due).isoformat() == "2026-03-09T09:00:00+09:00"


@pytest.mark.parametrize(
    ("signals", "kind"),
    [
        ([a_signal("ask", subtype="approval")], "approval"),
        (["delivery", "ask"], "feedback"),
        (["ask"], "content"),
        ([a_signal("ask", subtype="marker")], "content"),
    ],
)
def test_what_kind_of_ask_it_is(signals, kind):
    assert the_ask([asked(*signals)]).kind == kind


def test_machine_mail_opens_and_closes_nothing():
    question = asked("ask")
    robot = reply(question, "tue 10:00", "answer", machine=True)
    reminder = asked("ask", at="wed 10:00", machine=True, subject="Reminder")
    ask = the_ask([question, robot, reminder])
    assert (ask.message.key, ask.outcome) == (question.key, AskState.OPEN)


def test_an_absence_stands_with_the_ask_of_the_absent():
    question = asked("ask")
    robot = reply(question, "mon 09:01", machine=True, away_until=date(2026, 3, 6))
    assert the_ask([question, robot]).away_until == date(2026, 3, 6)
    earlier = replace(
        robot, at=moment("2026-02-02 09:00"), away_until=date(2026, 2, 6), key="early"
    )
    assert the_ask([earlier, question]).away_until is None


def test_the_newest_word_on_an_absence_counts_while_it_lasts():
    robot = a_message("mon 09:01", machine=True, away_until=date(2026, 3, 6))
    later = a_message("tue 09:01", machine=True, away_until=date(2026, 3, 4))
    found = judge(an_owner(), a_client(), [robot, later], (), Thresholds(), moment("wed 09:00"))
    assert found.away == {KARI: date(2026, 3, 4)}
    found = judge(an_owner(), a_client(), [robot, later], (), Thresholds(), moment("thu 09:00"))
    assert found.away == {}


@pytest.mark.parametrize(
    ("verb", "outcome"), [("answered", AskState.FULL), ("dismiss", AskState.DROPPED)]
)
def test_the_owners_word_closes_an_ask(verb, outcome):
    question = asked(*NUMBERED)
    half = reply(question, "tue 10:00", a_signal("answer", item=1))
    word = a_word(verb, short_id("a", question.key), "wed 09:00")
    (ask,) = asks([question, half], words=[word])
    assert (ask.outcome, ask.closed, ask.closed_by) == (outcome, moment("wed 09:00"), "owner")
    assert [item.closed_by for item in ask.items] == [half.key, "owner", "owner"]


def test_an_answer_before_the_owners_word_closes_the_ask():
    question = asked("ask")
    answer = reply(question, "tue 10:00", "answer")
    (ask,) = asks([question, answer], words=[a_word("dismiss", question.key, "wed 09:00")])
    assert (ask.outcome, ask.closed_by) == (AskState.FULL, answer.key)


def test_after_the_owners_word_nothing_answers_it_any_more():
    question = asked("ask")
    answer = reply(question, "thu 10:00", "answer")
    (ask,) = asks([question, answer], words=[a_word("dismiss", question.key, "wed 09:00")])
    assert (ask.outcome, ask.answers) == (AskState.DROPPED, ())


def test_waiting_is_counted_in_the_clients_business_time():
    thread = a_thread("fri 16:00 us: ask", "mon+1 10:00 client: answer")
    assert the_ask(thread).business.total_seconds() == 2 * 3600


def test_of_the_asks_of_an_invoice_mail_only_those_that_say_what_they_want_count():
    plain = asked("invoice_sent", "ask")
    assert asks([plain]) == ()
    both = asked("invoice_sent", "ask", a_signal("ask", "the logo", subtype="content"))
    assert [item.text for item in the_ask([both]).items] == ["the logo"]


def test_open_asks_come_by_due_time():
    late = asked(a_signal("ask", due=date(2026, 3, 20)), subject="One")
    soon = asked(a_signal("ask", due=date(2026, 3, 10)), subject="Two", at="mon 10:00")
    found = judge(an_owner(), a_client(), [late, soon], (), Thresholds(), moment("tue 09:00"))
    assert [ask.message.subject for ask in found.open_asks] == ["Two", "One"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("approval of the offer by Friday", "approval"),
        ("your comments on the draft", "feedback"),
        ("decision: A or B", "decision"),
        ("logo by 27 Nov", "content"),
        ("Freigabe der Startseite", "approval"),
        ("tilbakemelding på utkastet", "feedback"),
        ("одобрение макета", "approval"),
    ],
)
def test_a_marker_line_wants_what_its_words_say(text, kind):
    assert marked_kind(text) == kind
