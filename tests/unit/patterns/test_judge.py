"""The judgement as a whole: what stands in it besides promises, asks and findings."""

import pytest

from builders import OLA, a_client, a_message, a_thread, a_word, an_owner, moment
from mailhours.model.client import Thresholds
from mailhours.model.message import MayReply
from mailhours.patterns.judge import judge


def judged(messages, now="fri 12:00", words=()):
    return judge(an_owner(), a_client(), messages, words, Thresholds(), moment(now))


def test_nothing_written_is_judged_too():
    found = judged([])
    assert (found.messages, found.first, found.turns, found.findings) == (0, None, (), ())
    assert found.clock.total == 0


def test_what_is_another_clients_is_left_alone():
    assert judged([a_message("mon 09:00", "ask", client="other")]).messages == 0


def test_a_message_given_twice_counts_once():
    question = a_message("mon 09:00", "ask")
    assert len(judged([question, question]).promises) == 1


def test_when_who_wrote_last():
    thread = a_thread("mon 09:00 client: ask", "mon 10:00 us: answer", "tue 09:00 robot: answer")
    found = judged(thread)
    assert (found.first, found.last_inbound, found.last_ours) == (
        moment("mon 09:00"),
        moment("mon 09:00"),
        moment("mon 10:00"),
    )


@pytest.mark.parametrize(
    ("words", "held"),
    [
        pytest.param([], False, id="nothing said"),
        pytest.param([a_word("hold", "fjord", "mon 10:00")], True, id="held"),
        pytest.param(
            [a_word("hold", "fjord", "mon 10:00"), a_word("resume", "fjord", "tue 10:00")],
            False,
            id="resumed",
        ),
        pytest.param([a_word("hold", "other", "mon 10:00")], False, id="another client"),
        pytest.param([a_word("hold", "fjord", "sat 10:00")], False, id="later than now"),
    ],
)
def test_whether_the_client_is_held(words, held):
    assert judged([a_message("mon 09:00", "ask")], words=words).held is held


def review(at="mon 09:00", **changes):
    return a_message(at, "ask", may_reply=MayReply.REVIEW, **changes)


def test_what_only_the_owner_may_answer_stands_in_review():
    held = review()
    assert judged([held]).review == (held,)


def test_robots_in_doubt_stand_in_review_too():
    assert len(judged([review(machine=True)]).review) == 1


@pytest.mark.parametrize("verb", ["answered", "dismiss"])
def test_the_owners_word_ends_the_review(verb):
    held = review()
    assert judged([held], words=[a_word(verb, held.message_id, "tue 09:00")]).review == ()


def test_our_answer_in_the_thread_ends_the_review_of_what_came_before_it():
    held = review()
    answer = a_message("tue 09:00", ours=True, replies_to=held)
    again = review("wed 09:00", replies_to=held, key="again")
    assert judged([held, answer, again]).review == (again,)


def test_a_dismissed_finding_says_so():
    late = a_message("mon 22:00", "urgent", "ask")
    (finding,) = judged([late], "tue 08:00").findings
    assert not finding.dismissed
    (finding,) = judged([late], "tue 09:00", [a_word("dismiss", finding.id, "tue 08:30")]).findings
    assert finding.dismissed


def test_a_finding_keeps_its_id_while_its_evidence_grows():
    lines = ["mon 09:00 client: ask", "mon 09:10 client: nudge", "mon 09:20 client: nudge"]
    (before,) = judged(a_thread(*lines), "mon 10:00").findings
    (after,) = judged(a_thread(*lines, "mon 11:00 client: nudge"), "mon 12:00").findings
    assert before.id == after.id
    assert len(after.messages) == len(before.messages) + 1


def test_two_people_of_one_client_share_its_turn():
    messages = [
        a_message("mon 09:00", ours=True),
        a_message("mon 10:00", "ask", person=OLA, subject="Hi"),
    ]
    assert judged(messages).side == "ours"
