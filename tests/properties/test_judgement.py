"""What holds of every judgement, whatever was written and in whatever order it was logged."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from histories import CLIENT, OWNER, histories, nows, words
from mailhours.model.client import Thresholds
from mailhours.model.judgement import AskState, Judgement, PromiseState, Side
from mailhours.patterns.judge import judge
from mailhours.patterns.why import explain_judgement, nudge_id, turn_id


def judged(messages, said, now) -> Judgement:
    return judge(OWNER, CLIENT, messages, said, Thresholds(), now)


@given(histories(), words, nows, st.randoms(use_true_random=False))
def test_the_order_of_logging_does_not_matter(messages, said, now, chance):
    shuffled, words_shuffled = list(messages), list(said)
    chance.shuffle(shuffled)
    chance.shuffle(words_shuffled)
    assert repr(judged(messages, said, now)) == repr(judged(shuffled, words_shuffled, now))


@given(histories(), words, nows)
def test_ours_theirs_and_nobodys_are_the_whole_time_to_the_minute(messages, said, now):
    found = judged(messages, said, now)
    past = [m for m in messages if m.at <= now]
    for clock, turns, first in [
        (found.clock, found.turns, min((m.at for m in past), default=now)),
        *(
            (d.clock, d.turns, min((m.at for m in past if m.project == d.project), default=now))
            for d in found.projects
        ),
    ]:
        whole = OWNER.calendar.elapsed(first, now)
        assert clock.total == whole // timedelta(minutes=1)
        assert min(clock.ours, clock.theirs, clock.nobody) >= 0
        assert sum((turn.business for turn in turns), timedelta()) == whole


@given(histories(), words, nows)
def test_turns_follow_each_other_and_change_sides(messages, said, now):
    found = judged(messages, said, now)
    for before, after in zip(found.turns, found.turns[1:], strict=False):
        assert before.end == after.start
        assert before.side is not after.side
    assert all(turn.start < turn.end for turn in found.turns)
    assert all(turn.causes for turn in found.turns if turn.side is not Side.NOBODY)
    if found.turns:
        assert (found.turns[0].start, found.turns[-1].end) == (found.first, now)


@given(histories(), words, nows)
def test_whose_turn_it_is_follows_from_what_is_open(messages, said, now):
    found = judged(messages, said, now)
    if found.open_promises:
        assert found.side is Side.OURS
    elif found.open_asks:
        assert found.side is Side.THEIRS
    else:
        assert found.side is Side.NOBODY


@given(histories(), words, nows)
def test_machine_mail_closes_nothing_and_opens_nothing(messages, said, now):
    found = judged(messages, said, now)
    human = {m.key for m in messages if m.of_client or m.of_ours}
    for promise in found.promises:
        assert promise.message.of_client
        assert promise.closed_by in human | {"", "owner"}
    for ask in found.asks:
        assert ask.message.of_ours
        assert ask.closed_by in human | {"", "owner"}
        assert {*ask.answers} <= human
    assert all(nudge.message.of_client for nudge in found.nudges)


@given(histories(), words, nows)
def test_what_is_closed_is_closed_after_it_began_and_not_after_now(messages, said, now):
    found = judged(messages, said, now)
    for promise in found.promises:
        assert promise.closed is None or promise.message.at <= promise.closed <= now
        assert (promise.closed is None) == (
            promise.state in (PromiseState.OPEN, PromiseState.OVERDUE)
        )
    for ask in found.asks:
        assert ask.closed is None or ask.opened <= ask.closed <= now
        assert (ask.closed is None) == (
            ask.outcome in (AskState.OPEN, AskState.PARTIAL, AskState.DEFERRED)
        )
        assert (ask.closed is None) == any(item.closed is None for item in ask.items)


@given(histories(), words, nows)
def test_a_nudge_comes_before_the_promise_of_a_mail_that_waits(messages, said, now):
    found = judged(messages, said, now)
    promises = {promise.message.key: promise for promise in found.promises}
    for nudge in found.nudges:
        chased = promises[nudge.chases]
        assert chased.message.at <= nudge.message.at < nudge.due
        assert chased.closed is None or chased.closed > nudge.message.at
        assert 0 <= nudge.share <= 1
        assert nudge.minutes_after >= 0


@given(histories(), words, nows)
def test_everything_has_one_id_and_can_be_explained(messages, said, now):
    found = judged(messages, said, now)
    names = [
        *(promise.id for promise in found.promises),
        *(ask.id for ask in found.asks),
        *(finding.id for finding in found.findings),
        *(nudge_id(nudge) for nudge in found.nudges),
        *(turn_id(found.client, turn) for turn in found.turns),
    ]
    assert len(names) == len(set(names))
    keys = {m.key for m in messages}
    for name in (*names, *(s.invoice.number for s in found.invoices), "fjord/web"):
        steps = explain_judgement(found, name, OWNER, CLIENT)
        assert steps
        assert all(step.text for step in steps)
        assert {step.message for step in steps} <= keys | {""}


@given(histories(), nows)
def test_a_finding_names_its_evidence_in_order(messages, now):
    found = judged(messages, [], now)
    at = {m.key: m.at for m in messages}
    for finding in found.findings:
        times = [at[key] for key in finding.messages]
        assert times == sorted(times)
        assert finding.first <= finding.last <= max(now, finding.last)
        assert finding.messages or finding.pattern == "late_payment"


@given(histories(), nows, st.integers(1, 5 * 24 * 60))
def test_what_was_closed_stays_closed_and_nudges_stay_nudges(messages, now, minutes):
    """The future adds; of the past it only ever joins threads, which these histories do not."""
    plain = [m for m in messages if not m.promised]
    before, after = judged(plain, [], now), judged(plain, [], now + timedelta(minutes=minutes))
    closed = {p.id: p.closed for p in before.promises if p.closed}
    assert closed.items() <= {p.id: p.closed for p in after.promises}.items()
    assert {n.message.key for n in before.nudges} <= {n.message.key for n in after.nudges}
