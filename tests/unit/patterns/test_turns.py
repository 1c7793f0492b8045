"""Whose turn it is, and the two-sided clock."""

from datetime import date

import pytest

from builders import a_client, a_message, a_project, a_thread, an_owner, moment
from mailhours.model.client import Thresholds
from mailhours.model.judgement import Clock, Side
from mailhours.patterns.judge import judge
from mailhours.patterns.turns import thread_turns
from mailhours.patterns.why import explain_judgement


def judged(messages, now, **client):
    return judge(an_owner(), a_client(**client), messages, (), Thresholds(), moment(now))


@pytest.mark.parametrize(
    ("lines", "side"),
    [
        pytest.param([], Side.NOBODY, id="nothing was written"),
        pytest.param(["mon 09:00 client: thanks"], Side.NOBODY, id="thanks"),
        pytest.param(["mon 09:00 client: ask"], Side.OURS, id="they asked"),
        pytest.param(["mon 09:00 us: ask"], Side.THEIRS, id="we asked"),
        pytest.param(
            ["mon 09:00 client: ask", "mon 10:00 us: answer"], Side.NOBODY, id="we answered"
        ),
        pytest.param(
            ["mon 09:00 client: ask", "mon 10:00 us: answer ask"], Side.THEIRS, id="we asked back"
        ),
        pytest.param(
            ["mon 09:00 us: ask", "mon 10:00 client: ask"],
            Side.OURS,
            id="both wait: ours beats theirs",
        ),
        pytest.param(
            ["mon 09:00 us: ask", "mon 10:00 client: answer"], Side.NOBODY, id="they answered"
        ),
        pytest.param(
            ["mon 09:00 us: ask", "mon 10:00 client: defer"], Side.THEIRS, id="they put it off"
        ),
        pytest.param(
            ["mon 09:00 us: ask", "mon 10:00 robot: answer"], Side.THEIRS, id="a robot answered"
        ),
        pytest.param(
            ["mon 09:00 client: ask", "mon 10:00 machine: answer"],
            Side.OURS,
            id="a machine of ours answered",
        ),
        pytest.param(["mon 09:00 machine: ask"], Side.NOBODY, id="a machine of ours asked"),
    ],
)
def test_whose_turn_it_is(lines, side):
    assert judged(a_thread(*lines), "mon 12:00").side is side


def test_turns_follow_each_other_without_gap_and_add_up():
    thread = a_thread(
        "mon 09:30 client: ask",
        "mon 11:00 us: answer ask",
        "wed 10:00 client: answer",
        "wed 12:00 client: ask",
    )
    found = judged(thread, "thu 10:00")
    spans = [(turn.side, turn.start, turn.end) for turn in found.turns]
    assert spans == [
        (Side.OURS, moment("mon 09:30"), moment("mon 11:00")),
        (Side.THEIRS, moment("mon 11:00"), moment("wed 10:00")),
        (Side.NOBODY, moment("wed 10:00"), moment("wed 12:00")),
        (Side.OURS, moment("wed 12:00"), moment("thu 10:00")),
    ]
    assert found.clock == Clock(ours=90 + 360, theirs=360 + 480 + 60, nobody=120)
    assert found.turns[0].causes == (thread[0].key,)


def test_a_turn_names_all_that_waited_in_it():
    messages = [
        a_message("mon 09:00", "ask", subject="One"),
        a_message("mon 10:00", "ask", subject="Two"),
    ]
    (turn,) = judged(messages, "mon 12:00").turns
    assert turn.causes == (messages[0].key, messages[1].key)


def test_an_answer_in_the_same_second_leaves_no_turn():
    question = a_message("mon 09:00", "ask")
    answer = a_message("mon 09:00", ours=True, replies_to=question, key="zz")
    found = judged([question, answer], "mon 12:00")
    assert [turn.side for turn in found.turns] == [Side.NOBODY]


def test_odd_seconds_do_not_lose_a_minute():
    thread = a_thread(
        "mon 09:00:20 client: ask", "mon 09:01:50 us: answer ask", "mon 09:03:10 client: answer"
    )
    clock = judged(thread, "mon 09:10:40").clock
    assert clock == Clock(ours=1, theirs=1, nobody=8)
    assert clock.total == 10


def test_projects_have_clocks_of_their_own():
    web = a_message("mon 09:00", "ask", subject="Web")
    shop = a_message("mon 12:00", "ask", subject="Shop", ours=True, project="shop")
    projects = (a_project("web"), a_project("shop"), a_project("app"))
    found = judged([web, shop], "mon 17:00", projects=projects)
    assert [delay.clock for delay in found.projects] == [
        Clock(480, 0, 0),
        Clock(0, 300, 0),
        Clock(0, 0, 0),
    ]
    assert found.clock == Clock(480, 0, 0)


def test_threads_have_turns_of_their_own():
    web = a_message("mon 09:00", "ask", subject="Web")
    shop = a_message("mon 12:00", "ask", subject="Shop", ours=True)
    found = judged([web, shop], "mon 17:00")
    calendar = an_owner().calendar
    turned = thread_turns(calendar, shop.key, shop.at, found.now, found.promises, found.asks)
    assert (turned.side, turned.clock) == (Side.THEIRS, Clock(0, 300, 0))


def test_at_the_first_message_no_time_has_passed():
    found = judged([a_message("mon 09:00", "ask")], "mon 09:00")
    assert (found.side, found.turns, found.clock.total) == (Side.OURS, (), 0)


def test_each_lost_day_names_the_mail_that_asked():
    asked = a_message("mon 09:00", "ask", ours=True, key="asked")
    found = judged([asked], "mon+1 12:00")

    (delay,) = found.projects
    assert [(lost.day, lost.asks) for lost in delay.lost] == [
        (date(2026, 3, 6), ("asked",)),
        (date(2026, 3, 9), ("asked",)),
    ]
    assert delay.days_lost == 2
    steps = explain_judgement(found, "fjord/web", an_owner(), a_client())
    assert sum(step.message == "asked" and "lost" in step.text for step in steps) == 2
