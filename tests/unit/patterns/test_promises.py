"""Promises: one for each message owed an answer."""

from dataclasses import replace
from datetime import date

import pytest

from builders import (
    OLA,
    a_client,
    a_message,
    a_thread,
    a_word,
    an_agreement,
    an_owner,
    moment,
)
from mailhours.model.client import Thresholds
from mailhours.model.judgement import PromiseState, short_id
from mailhours.patterns.judge import judge


def judged(messages, now, *, words=(), client=None, owner=None):
    return judge(
        owner or an_owner(), client or a_client(), messages, words, Thresholds(), moment(now)
    )


@pytest.mark.parametrize(
    ("signals", "owed"),
    [
        pytest.param(["ask"], True, id="a question"),
        pytest.param(["change_request"], True, id="a change request"),
        pytest.param(["urgent"], True, id="urgency"),
        pytest.param(["payment_sent"], True, id="a reported payment to confirm"),
        pytest.param(["nudge"], True, id="a chase"),
        pytest.param([], False, id="news"),
        pytest.param(["thanks"], False, id="thanks"),
        pytest.param(["approval"], False, id="a mere approval"),
        pytest.param(["answer"], False, id="a mere answer"),
        pytest.param(["defer"], False, id="a promise to answer"),
        pytest.param(["answer", "ask"], True, id="an answer with a question"),
    ],
)
def test_what_is_owed_an_answer(signals, owed):
    assert bool(judged([a_message("mon 09:00", *signals)], "mon 10:00").promises) is owed


def test_robots_are_owed_nothing():
    assert not judged([a_message("mon 09:00", "ask", machine=True)], "mon 10:00").promises


@pytest.mark.parametrize(
    ("now", "state"),
    [
        pytest.param("tue 09:00", PromiseState.OPEN, id="open until the due time"),
        pytest.param("tue 09:00:01", PromiseState.OVERDUE, id="overdue after it"),
    ],
)
def test_the_state_of_an_unanswered_promise(now, state):
    assert judged(a_thread("mon 09:00 client: ask"), now).promises[0].state is state


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        pytest.param("tue 09:00", PromiseState.KEPT, id="kept at the due time"),
        pytest.param("tue 09:00:01", PromiseState.LATE, id="late a second after it"),
    ],
)
def test_the_state_of_an_answered_promise(answer, state):
    thread = a_thread("mon 09:00 client: ask", f"{answer} us: answer")
    promise = judged(thread, "wed 09:00").promises[0]
    assert promise.state is state
    assert promise.closed_by == thread[1].key


def test_old_mail_is_judged_by_the_agreement_of_its_day():
    client = a_client(
        agreements=(
            an_agreement("1 business day"),
            an_agreement("4 business hours", valid_from=date(2026, 3, 4)),
        )
    )
    messages = [
        a_message("tue 10:00", "ask", subject="One"),
        a_message("wed 10:00", "ask", subject="Two"),
    ]
    found = judged(messages, "thu 09:00", client=client).promises
    assert [promise.due for promise in found] == [moment("wed 10:00"), moment("wed 14:00")]
    assert [promise.within for promise in found] == ["1 business day", "4 business hours"]


def test_our_human_mail_to_another_person_of_the_thread_answers():
    question = a_message("mon 09:00", "ask")
    answer = a_message(
        "mon 11:00", ours=True, person=OLA, subject="Re: Homepage", replies_to=question
    )
    assert judged([question, answer], "mon 12:00").promises[0].closed == answer.at


def test_our_mail_under_the_same_subject_to_another_person_does_not():
    question = a_message("mon 09:00", "ask")
    answer = a_message("mon 11:00", ours=True, person=OLA, subject="Homepage")
    assert judged([question, answer], "mon 12:00").promises[0].closed is None


def test_an_empty_subject_joins_nothing():
    question = a_message("mon 09:00", "ask", subject="")
    answer = a_message("mon 11:00", ours=True, subject="", key="other")
    assert judged([question, answer], "mon 12:00").promises[0].closed is None


def test_a_mail_that_references_a_message_answers_it_even_when_the_thread_is_only_joined_later():
    question = a_message("mon 09:00", "ask", subject="One")
    answer = a_message("mon 11:00", ours=True, subject="Two", replies_to=question)
    assert judged([answer, question], "mon 12:00").promises[0].closed == answer.at


def test_what_our_acknowledgement_stated_first_wins():
    question = a_message("mon 09:00", "ask")
    said = a_message(
        "mon 10:00",
        ours=True,
        machine=True,
        replies_to=question,
        promised=((question.key, moment("tue 15:00")),),
    )
    again = replace(
        said, key="again", at=moment("mon 15:00"), promised=((question.key, moment("fri 15:00")),)
    )
    promise = judged([question, said, again], "mon 16:00").promises[0]
    assert (promise.due, promise.stated, promise.closed) == (moment("tue 15:00"), True, None)


def test_a_robot_of_theirs_states_nothing():
    question = a_message("mon 09:00", "ask")
    robot = a_message("mon 09:01", machine=True, promised=((question.key, moment("fri 15:00")),))
    assert not judged([question, robot], "mon 16:00").promises[0].stated


@pytest.mark.parametrize("target", ["key", "message_id", "id"])
def test_the_owner_may_say_answered_in_three_ways(target):
    question = a_message("mon 09:00", "ask")
    name = short_id("p", question.key) if target == "id" else getattr(question, target)
    promise = judged(
        [question], "mon 16:00", words=[a_word("answered", name, "mon 12:00")]
    ).promises[0]
    assert (promise.closed, promise.closed_by, promise.state) == (
        moment("mon 12:00"),
        "owner",
        "kept",
    )


def test_the_first_of_mail_and_word_counts():
    thread = a_thread("mon 09:00 client: ask", "mon 11:00 us: answer")
    words = [a_word("answered", thread[0].key, "mon 12:00")]
    assert judged(thread, "mon 16:00", words=words).promises[0].closed == moment("mon 11:00")


def test_nothing_later_than_now_counts():
    thread = a_thread("mon 09:00 client: ask", "mon 11:00 us: answer")
    found = judged(thread, "mon 10:00", words=[a_word("answered", thread[0].key, "mon 10:30")])
    assert found.promises[0].closed is None
    assert found.messages == 1


def test_a_chase_of_a_chase_is_closed_with_the_first_mail():
    first = a_message("mon 09:00", "ask", subject="Offer")
    second = a_message("mon 11:00", "nudge", subject="Hello")
    third = a_message("mon 13:00", "nudge", subject="Hello again")
    answer = a_message("mon 15:00", ours=True, subject="Re: Offer", replies_to=first)
    found = judged([first, second, third, answer], "mon 16:00").promises
    assert [promise.closed for promise in found] == [answer.at] * 3


def test_a_chase_may_be_answered_alone():
    first = a_message("mon 09:00", "ask", subject="Offer")
    second = a_message("mon 11:00", "nudge", subject="Hello")
    answer = a_message("mon 15:00", ours=True, subject="Re: Hello", replies_to=second)
    found = judged([first, second, answer], "mon 16:00").promises
    assert [promise.closed for promise in found] == [None, answer.at]


def test_open_promises_come_by_due_time():
    messages = [
        a_message("mon 09:00", "ask", subject="One"),
        a_message("mon 10:00", "ask", subject="Two"),
    ]
    found = judged(messages, "mon 16:00").open_promises
    assert [promise.message.subject for promise in found] == ["One", "Two"]


def test_a_chase_before_the_owners_word_is_closed_by_it_too():
    thread = a_thread("mon 09:00 client: ask", "mon 11:00 client: nudge")
    words = [a_word("answered", thread[0].key, "mon 15:00")]
    found = judged(thread, "mon 16:00", words=words)
    assert [promise.closed for promise in found.promises] == [moment("mon 15:00")] * 2
    assert len(found.nudges) == 1


def test_a_chase_after_the_owners_word_chases_nothing():
    thread = a_thread("mon 09:00 client: ask", "mon 15:30 client: nudge")
    words = [a_word("answered", thread[0].key, "mon 15:00")]
    found = judged(thread, "mon 16:00", words=words)
    assert [promise.closed for promise in found.promises] == [moment("mon 15:00"), None]
    assert found.nudges == ()
