"""What leaves at a check-in, what does not, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from builders import (
    KARI,
    KIM,
    OLA,
    a_client,
    a_message,
    a_person,
    a_signal,
    a_word,
    an_agreement,
    an_owner,
    moment,
)
from mailhours.checkin.plan import plan
from mailhours.checkin.situation import Situation
from mailhours.model.client import OwnerWord, Thresholds
from mailhours.model.message import Authentication, MayReply, Message
from mailhours.model.policy import ReplyPolicy
from mailhours.model.reply import Cause, Mode, Past, Plan, ReplyKind, ReplyState
from mailhours.model.slot import Slot
from mailhours.patterns.judge import judge
from mailhours.wording.render import Wording

WORDING = Wording()
MON_10 = Slot(moment("mon 10:00"), "2026-03-02T10:00")
TUE_10 = Slot(moment("tue 10:00"), "2026-03-03T10:00")
THU_10 = Slot(moment("thu+1 10:00"), "2026-03-12T10:00")
SEND = ReplyPolicy(mode=Mode.SEND)


def a_plan(
    *messages: Message,
    slot: Slot = MON_10,
    policy: ReplyPolicy = SEND,
    past: Sequence[Past] = (),
    words: Sequence[OwnerWord] = (),
    client: object = None,
    owner: object = None,
    **changes: object,
) -> Plan:
    """Plan one check-in over one client's messages, judged at that moment."""
    client = client or a_client()
    owner = owner or an_owner()
    held = [m for m in messages if m.at <= slot.due]
    judged = judge(owner, client, held, words, Thresholds(), slot.due)
    situation = Situation(
        slot=slot,
        owner=owner,
        policy=policy,
        clients={client.key: client},
        judgements={client.key: judged},
        recent={client.key: tuple(sorted(held, key=lambda m: m.at))},
        past=tuple(past),
        taken=frozenset(str(c) for p in past for c in p.causes),
        since=moment("2026-01-01 00:00"),
    )
    return plan(replace(situation, **changes), WORDING)


def reasons(made: Plan) -> list[str]:
    return [held.reason for held in made.withheld]


def sent(
    at: str, *causes: Cause, kind: ReplyKind = ReplyKind.ACKNOWLEDGEMENT, person: str = KARI
) -> Past:
    decided = moment(at)
    return Past(f"r-{at}", at, "fjord", person, (kind,), ReplyState.FILED, tuple(causes), decided)


QUESTION = a_message("mon 09:30", "ask", subject="Logo")


def test_a_question_is_acknowledged_with_the_next_check_in_and_the_answer_by() -> None:
    made = a_plan(QUESTION)

    (reply,) = made.replies
    assert reply.kinds == (ReplyKind.ACKNOWLEDGEMENT,)
    assert reply.to.spec == KARI
    assert reply.in_reply_to == QUESTION.message_id
    assert reply.auto_submitted == "auto-replied"
    assert "Monday 2 March, 15:00 (Oslo)" in reply.text
    assert "Tuesday 3 March, 09:30 (Oslo)" in reply.text
    assert reply.facts[f"promise:{QUESTION.key}"] == moment("tue 09:30").isoformat()


def test_it_says_received_and_not_yet_read() -> None:
    text = a_plan(QUESTION).replies[0].text

    assert "has arrived" in text
    assert "not read it yet" in text
    assert "confirm" not in text.lower()


@pytest.mark.parametrize("signal", ["thanks", "answer", "approval", "defer"])
def test_what_is_owed_no_answer_gets_none(signal: str) -> None:
    made = a_plan(a_message("mon 09:30", signal))

    assert not made.replies
    assert not made.withheld


def test_a_burst_gets_one_mail_that_names_every_subject() -> None:
    made = a_plan(
        a_message("mon 09:00", "ask", subject="Logo"),
        a_message("mon 09:10", "ask", subject="Colours"),
        a_message("mon 09:20", "ask", subject="Re: Logo"),
    )

    (reply,) = made.replies
    assert len(reply.causes) == 3
    assert "Logo" in reply.text
    assert "Colours" in reply.text


def test_nobody_reads_what_a_colleague_wrote() -> None:
    made = a_plan(
        a_message("mon 09:00", "ask", subject="Salary of Ola"),
        a_message("mon 09:10", "ask", subject="Colours", person=OLA),
    )

    texts = {reply.to.spec: reply.text for reply in made.replies}
    assert set(texts) == {KARI, OLA}
    assert "Salary" not in texts[OLA]
    assert "Colours" not in texts[KARI]


def test_what_the_owner_answered_needs_no_machine() -> None:
    answer = a_message("mon 09:45", ours=True, replies_to=QUESTION)

    assert not a_plan(QUESTION, answer).replies


def test_a_cause_that_had_its_mail_gets_no_second_one() -> None:
    past = sent("mon 10:00", Cause("message", QUESTION.key))

    assert not a_plan(QUESTION, slot=Slot(moment("mon 15:00"), "x"), past=[past]).replies


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"may_reply": MayReply.SUPPRESS}, "written by a machine", id="robot"),
        pytest.param({"may_reply": MayReply.REVIEW}, "perhaps written by a machine", id="perhaps"),
        pytest.param({"authentication": Authentication.UNKNOWN}, "no authentication", id="unknown"),
    ],
)
def test_in_doubt_about_the_sender_nothing_leaves(changes: dict[str, object], reason: str) -> None:
    made = a_plan(replace(QUESTION, **changes))

    assert not made.replies
    assert reason in reasons(made)[0]


def test_without_authentication_results_the_owner_may_say_that_it_is_so() -> None:
    unknown = replace(QUESTION, authentication=Authentication.UNKNOWN)

    assert a_plan(unknown, policy=replace(SEND, authentication_required=False)).replies


def test_a_delicate_matter_is_for_the_owner() -> None:
    made = a_plan(a_message("mon 09:30", "ask", "delicate"))

    assert not made.replies
    assert "delicate" in reasons(made)[0]


def test_history_is_no_question_that_waits() -> None:
    made = a_plan(QUESTION, since=moment("mon 09:45"))

    assert not made.replies
    assert "before mailhours began" in reasons(made)[0]


def test_an_answer_that_is_due_before_the_next_check_in_is_not_promised() -> None:
    made = a_plan(a_message("fri 09:30", "ask"), slot=Slot(moment("mon+1 10:00"), "x"))

    assert not made.replies
    assert "before the next check-in" in reasons(made)[0]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"stopped": True}, "stopped"),
        ({"frozen": {KARI: "550 nobody"}}, "frozen: 550 nobody"),
        ({"answered": frozenset({QUESTION.key})}, "marked as answered"),
    ],
)
def test_the_owners_word_and_the_servers_hold_mail_back(
    changes: dict[str, object], reason: str
) -> None:
    made = a_plan(QUESTION, **changes)

    assert not made.replies
    assert reason in reasons(made)[0]


def test_a_client_on_hold_gets_nothing() -> None:
    made = a_plan(QUESTION, words=[a_word("hold", "fjord", "mon 09:00")])

    assert not made.replies
    assert "on hold" in reasons(made)[0]


def test_a_machine_does_not_cut_into_a_conversation() -> None:
    elsewhere = a_message("mon 09:40", ours=True, subject="Something else")

    made = a_plan(QUESTION, elsewhere)

    assert not made.replies
    assert "you wrote to them" in reasons(made)[0]


def test_a_word_of_the_owner_before_the_question_is_no_answer_to_it() -> None:
    before = a_message("mon 09:20", ours=True, subject="Something else")

    assert a_plan(QUESTION, before).replies


def test_who_is_in_copy_only_gets_no_mail() -> None:
    client = a_client(people=(a_person(roles=["copy-only"]),))

    assert not a_plan(QUESTION, client=client).replies


def test_a_third_acknowledgement_waits_for_a_word_of_the_owner() -> None:
    past = [sent("2026-02-26 10:00"), sent("2026-02-27 10:00")]

    made = a_plan(QUESTION, past=past)

    assert not made.replies
    assert "two acknowledgements" in reasons(made)[0]


@pytest.mark.parametrize(
    ("policy", "past", "reason"),
    [
        (replace(SEND, per_person_per_day=1), [sent("mon 09:00")], "a day to one person"),
        (replace(SEND, per_client_per_week=1), [sent("mon 09:00", person=OLA)], "a week"),
        (replace(SEND, per_day=1), [replace(sent("mon 09:00"), client="other")], "the fuse"),
    ],
)
def test_every_limit_holds(policy: ReplyPolicy, past: list[Past], reason: str) -> None:
    made = a_plan(QUESTION, policy=policy, past=past)

    assert not made.replies
    assert reason in reasons(made)[0]


def test_a_language_that_is_not_there_means_no_mail() -> None:
    made = a_plan(QUESTION, client=a_client(language="fi"))

    assert not made.replies
    assert "fi" in reasons(made)[0]


def test_who_wrote_to_a_colleague_reads_whom_to_write_to() -> None:
    bypass = replace(QUESTION, to_own=KIM, addressed=(KIM,))

    text = a_plan(bypass).replies[0].text

    assert "dana@studio.example" in text


ASKED = a_message(
    "mon 11:00",
    a_signal("ask", "approve the draft", subtype="approval"),
    ours=True,
    subject="Draft",
)


def test_an_open_ask_is_reminded_of_one_working_day_after_it_was_due() -> None:
    assert not a_plan(ASKED, slot=Slot(moment("fri 10:00"), "x")).replies

    (reply,) = a_plan(ASKED, slot=Slot(moment("fri 15:00"), "y")).replies
    assert reply.kinds == (ReplyKind.FEEDBACK_1,)
    assert reply.auto_submitted == "auto-generated"
    assert "approve the draft" in reply.text
    assert "Thursday 5 March" in reply.text


def test_no_reminder_while_we_owe_that_client_an_answer() -> None:
    made = a_plan(ASKED, a_message("tue 09:00", "ask", subject="Other"), slot=THU_10)

    assert not [r for r in made.replies if ReplyKind.FEEDBACK_1 in r.kinds]
    assert any("you owe" in reason for reason in reasons(made))


def test_any_mail_of_theirs_holds_a_reminder_for_one_slot() -> None:
    made = a_plan(ASKED, a_message("wed+1 16:00", "thanks", subject="Hello"), slot=THU_10)

    assert not made.replies
    assert "they wrote" in reasons(made)[0]


def test_an_absence_shifts_the_reminder() -> None:
    away = a_message("tue 09:00", machine=True, away_until=date(2026, 3, 20))

    made = a_plan(ASKED, away, slot=THU_10)

    assert not made.replies
    assert "away until" in reasons(made)[0]


def test_a_level_is_used_once_and_the_next_one_takes_its_time() -> None:
    judged = a_plan(ASKED, slot=THU_10).replies[0]
    past = Past("r1", "x", "fjord", KARI, judged.kinds, ReplyState.FILED, judged.causes, THU_10.due)

    again = a_plan(ASKED, slot=Slot(moment("fri+1 10:00"), "z"), past=[past])

    assert not again.replies
    assert not again.withheld


def test_mails_of_one_day_have_one_answer_by_the_earliest() -> None:
    early, late = a_message("mon 09:00", "ask"), a_message("mon 09:40", "ask", subject="Colours")

    (reply,) = a_plan(early, late).replies

    assert "my answer to all of them by Tuesday 3 March, 09:00 (Oslo)" in reply.text
    assert "answer by:" not in reply.text
    assert {reply.facts[f"promise:{m.key}"] for m in (early, late)} == {
        moment("tue 09:00").isoformat()
    }


def test_mails_of_two_days_have_each_their_own_answer_by() -> None:
    patient = a_client(agreements=(an_agreement("2 business days"),))
    early, late = a_message("fri 16:00", "ask"), a_message("mon+1 09:40", "ask", subject="Colours")

    (reply,) = a_plan(early, late, slot=Slot(moment("mon+1 10:00"), "x"), client=patient).replies

    assert "(answer by Tuesday 10 March, 16:00 (Oslo))" in reply.text
    assert "(answer by Wednesday 11 March, 09:40 (Oslo))" in reply.text


def test_what_is_only_counted_is_never_promised_later_than_was_agreed() -> None:
    patient = a_client(agreements=(an_agreement("2 business days"),))
    mails = [a_message(f"fri 1{n}:00", "ask", subject=f"S{n}") for n in range(6)]
    late = a_message("mon+1 09:40", "ask", subject="Colours")

    (reply,) = a_plan(*mails, late, slot=Slot(moment("mon+1 10:00"), "x"), client=patient).replies

    assert "- S0 (answer by Tuesday 10 March, 10:00 (Oslo))" in reply.text
    assert "- and 2 more (answer by Tuesday 10 March, 15:00 (Oslo))" in reply.text
    assert reply.facts[f"promise:{late.key}"] == moment("tue+1 15:00").isoformat()


def test_a_chase_is_answered_with_what_it_chases() -> None:
    patient = a_client(agreements=(an_agreement("2 business days"),))
    first = a_message("mon 09:30", "ask")
    chase = a_message("mon 14:00", "nudge", replies_to=first)

    (reply,) = a_plan(first, chase, slot=Slot(moment("mon 15:00"), "x"), client=patient).replies

    assert "my answer by Wednesday 4 March, 09:30 (Oslo)" in reply.text
    assert reply.facts[f"promise:{chase.key}"] == moment("wed 09:30").isoformat()


def test_a_chase_whose_answer_is_due_before_the_next_check_in_is_the_owners() -> None:
    first = a_message("mon 09:30", "ask")
    acknowledged = sent("mon 10:00", Cause("message", first.key))
    chase = a_message("mon 16:00", "nudge", replies_to=first)

    made = a_plan(first, chase, slot=Slot(moment("mon 17:00"), "x"), past=[acknowledged])

    assert reasons(made) == ["your answer is due before the next check-in"]


def test_ever_new_addresses_of_a_client_are_not_all_acknowledged_at_once() -> None:
    client = a_client(addresses=("@fjord.example",))
    strangers = [
        a_message(f"mon 09:{n:02}", "ask", person=f"bot-{n}@fjord.example", subject=f"Offer {n}")
        for n in range(9)
    ]

    made = a_plan(QUESTION, *strangers, client=client)

    assert len(made.replies) == 3  # two of them, and Kari whom the file names
    assert set(reasons(made)) == {"two acknowledgements went out and you have not written since"}
