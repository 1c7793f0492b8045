"""Reminders, payment notices, pauses and status notes: which leaves when, and which waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from builders import (
    KARI,
    OLA,
    a_client,
    a_message,
    a_person,
    a_signal,
    a_word,
    an_agreement,
    an_invoice,
    an_owner,
    moment,
)
from mailhours.checkin.plan import plan
from mailhours.checkin.situation import Situation
from mailhours.model.client import Client, OwnerWord, Thresholds
from mailhours.model.message import Message
from mailhours.model.outlook import Prediction
from mailhours.model.policy import ReplyPolicy
from mailhours.model.reply import Cause, Mode, Past, Plan, ReplyKind, ReplyState
from mailhours.model.slot import Slot
from mailhours.patterns.judge import judge
from mailhours.wording.render import Wording

WORDING = Wording()
SEND = ReplyPolicy(mode=Mode.SEND)
CLAUSES = an_agreement(clauses={"feedback": "4.2", "payment": "6.1"})
# Due on Sunday 2026-02-15.
BILLED = a_client(invoices=(an_invoice(),), agreements=(CLAUSES,))
ASKED = a_message(
    "mon 11:00",
    a_signal("ask", "approve the draft", subtype="approval"),
    ours=True,
    subject="Draft",
)


def slot(at: str) -> Slot:
    return Slot(moment(at), f"slot {at}")


def planned(
    at: str,
    *messages: Message,
    client: Client = BILLED,
    past: Sequence[Past] = (),
    words: Sequence[OwnerWord] = (),
    **changes: object,
) -> Plan:
    """Plan the check-in `at` for one client."""
    here, owner = slot(at), an_owner()
    held = sorted((m for m in messages if m.at <= here.due), key=lambda m: m.at)
    situation = Situation(
        slot=here,
        owner=owner,
        policy=SEND,
        clients={client.key: client},
        judgements={client.key: judge(owner, client, held, words, Thresholds(), here.due)},
        recent={client.key: tuple(held)},
        past=tuple(past),
        taken=frozenset(str(c) for p in past for c in p.causes),
        since=moment("2026-01-01 00:00"),
    )
    return plan(replace(situation, **changes), WORDING)


def kinds(made: Plan) -> list[str]:
    return [kind.value for reply in made.replies for kind in reply.kinds]


def level(
    number: int, at: str, state: ReplyState = ReplyState.FILED, *, what: str = "invoice:2026-014"
) -> Past:
    """Return the notice or reminder of that level, decided at that moment."""
    names = {"invoice": ["payment_0", "payment_1", "payment_2", "payment_3", "work_paused"]}
    kind, _, target = what.partition(":")
    value = names[kind][number] if kind in names else f"feedback_{number}"
    cause = Cause(kind, f"{target}:{number}")
    return Past(f"r-{value}", at, "fjord", KARI, (ReplyKind(value),), state, (cause,), moment(at))


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        pytest.param("2026-02-16 10:00", [], id="the morning after"),
        pytest.param("2026-02-17 15:00", [], id="two working days"),
        pytest.param("2026-02-18 10:00", ["payment_1"], id="three working days"),
        pytest.param("2026-03-30 10:00", ["payment_1"], id="weeks of downtime: the lowest unsent"),
    ],
)
def test_the_first_notice_leaves_on_the_third_working_day(at: str, expected: list[str]) -> None:
    assert kinds(planned(at)) == expected


def test_levels_keep_their_distance() -> None:
    first = level(1, "2026-02-18 10:00")

    assert kinds(planned("2026-02-26 15:00", past=[first])) == []
    assert kinds(planned("2026-02-27 10:00", past=[first])) == ["payment_2"]
    late = level(1, "2026-03-09 10:00")
    assert kinds(planned("2026-03-17 15:00", past=[late])) == []
    assert kinds(planned("2026-03-18 10:00", past=[late])) == ["payment_2"]


def test_the_third_notice_and_the_pause_need_those_before_them_to_have_left() -> None:
    two = [level(1, "2026-02-18 10:00"), level(2, "2026-02-27 10:00")]
    assert kinds(planned("2026-03-16 10:00", past=two)) == ["payment_3"]

    three = [*two, level(3, "2026-03-16 10:00")]
    assert kinds(planned("2026-03-25 10:00", past=three)) == ["work_paused"]
    unsent = [*two, level(3, "2026-03-16 10:00", ReplyState.PROPOSED)]
    assert "work_paused" not in kinds(planned("2026-03-25 10:00", past=unsent))


def test_a_notice_before_the_due_date_leaves_only_where_it_was_asked_for() -> None:
    assert kinds(planned("2026-02-11 10:00")) == []
    assert kinds(planned("2026-02-10 10:00", days_before=3)) == []
    assert kinds(planned("2026-02-11 10:00", days_before=3)) == ["payment_0"]
    before = level(0, "2026-02-11 10:00")
    assert kinds(planned("2026-02-13 10:00", days_before=3, past=[before])) == []
    assert kinds(planned("2026-02-18 10:00", days_before=3, past=[before])) == ["payment_1"]


def test_notices_go_to_who_pays() -> None:
    people = (a_person(roles=["contact"]), a_person("Ola Nordmann", OLA, ["payer"]))

    (reply,) = planned("2026-02-18 10:00", client=replace(BILLED, people=people)).replies

    assert reply.to.spec == OLA
    assert reply.subject == "Invoice 2026-014"
    assert reply.in_reply_to == ""


def test_a_client_file_without_a_payer_means_no_mail() -> None:
    made = planned("2026-02-18 10:00", client=replace(BILLED, people=()))

    assert not made.replies
    assert "nobody who pays" in made.withheld[0].reason


def test_the_next_notice_joins_the_thread_of_the_one_that_left() -> None:
    (first,) = planned("2026-02-18 10:00").replies
    past = replace(level(1, "2026-02-18 10:00"), slot=first.slot)

    (second,) = planned("2026-02-27 10:00", past=[past]).replies

    assert second.in_reply_to == first.message_id
    assert second.subject == "Re: Invoice 2026-014"


@pytest.mark.parametrize(
    ("signal", "reason"),
    [
        (a_signal("payment_disputed", "2026-014 is wrong"), "they dispute"),
        (a_signal("payment_sent", "2026-014 is paid"), "they say it is paid"),
        (a_signal("payment_promised", "2026-014", due=date(2026, 3, 3)), "promised"),
    ],
)
def test_what_they_say_of_the_payment_ends_the_notices(signal: object, reason: str) -> None:
    said = a_message("2026-02-24 11:00", signal, subject="Invoice")
    answer = a_message("2026-02-24 16:00", ours=True, replies_to=said, subject="Re: Invoice")

    made = planned("2026-03-02 10:00", said, answer)

    assert not made.replies
    assert reason in made.withheld[0].reason


def test_a_promise_has_a_day_of_grace_and_then_the_notices_go_on() -> None:
    signal = a_signal("payment_promised", "2026-014", due=date(2026, 3, 3))
    said = a_message("2026-02-24 11:00", signal, subject="Invoice")

    assert not planned("2026-03-04 10:00", said).replies
    assert kinds(planned("2026-03-05 10:00", said)) == ["payment_1"]


def test_a_paid_invoice_is_not_mentioned() -> None:
    made = planned("2026-03-02 10:00", words=[a_word("paid", "2026-014", "2026-02-25 10:00")])

    assert not made.replies
    assert not made.withheld


def test_work_goes_on_when_the_money_has_come() -> None:
    past = [level(4, "2026-03-25 10:00")]
    words = [a_word("paid", "2026-014", "2026-03-30 09:00")]

    (reply,) = planned("2026-03-30 10:00", past=past, words=words).replies

    assert reply.kinds == (ReplyKind.WORK_RESUMED,)
    assert "Monday 30 March" in reply.text
    assert "Wednesday 15 April" in reply.text  # due 10 April, and three working days of pause
    again = [
        *past,
        Past(
            "r9",
            "x",
            "fjord",
            KARI,
            reply.kinds,
            ReplyState.FILED,
            reply.causes,
            moment("2026-03-30 10:00"),
        ),
    ]
    assert not planned("2026-03-30 15:00", past=again, words=words).replies


def test_without_a_pause_that_left_nothing_is_resumed() -> None:
    past = [level(4, "2026-03-25 10:00", ReplyState.PROPOSED)]
    words = [a_word("paid", "2026-014", "2026-03-30 09:00")]

    made = planned("2026-03-30 10:00", past=past, words=words)

    assert not made.replies
    assert made.cancelled == ("r-work_paused",)


def test_an_old_debt_is_no_reason_for_a_mail_on_the_first_day() -> None:
    first_day = {"known_since": {"fjord": moment("mon 08:00")}}

    assert not planned("mon 10:00", **first_day).replies
    assert not planned("wed 15:00", **first_day).replies
    assert kinds(planned("thu 10:00", **first_day)) == ["payment_1"]


def test_asks_from_before_the_clients_file_are_history() -> None:
    made = planned(
        "thu+1 10:00", ASKED, client=a_client(), known_since={"fjord": moment("wed 08:00")}
    )

    assert not made.replies
    assert "before mailhours began" in made.withheld[0].reason


def test_a_reminder_and_a_notice_never_share_a_check_in_and_payment_is_last() -> None:
    made = planned("fri 15:00", ASKED)

    assert kinds(made) == ["feedback_1"]
    assert [held.cause.kind for held in made.withheld] == ["invoice"]
    assert "another mail" in made.withheld[0].reason


def test_many_invoices_make_one_mail_a_check_in() -> None:
    invoices = tuple(an_invoice(f"2026-0{n}") for n in range(10, 20))

    made = planned("2026-02-18 10:00", client=replace(BILLED, invoices=invoices))

    assert len(made.replies) == 1
    assert len(made.withheld) == 9


def test_the_second_reminder_says_what_stands_still_and_the_new_date() -> None:
    ask_id = planned("fri 15:00", ASKED, client=a_client()).replies[0].causes[0].target
    first = level(1, "fri 15:00", what=f"ask:{ask_id.partition(':')[0]}")

    (reply,) = planned("wed+1 15:00", ASKED, client=a_client(), past=[first]).replies

    assert reply.kinds == (ReplyKind.FEEDBACK_2,)
    assert "stands still" in reply.text
    assert "Monday 2 March" in reply.text
    assert "Thursday 16 April" in reply.text  # four working days after Friday 10 April


THIRD = [level(1, "fri 15:00", what="ask:X"), level(2, "wed+1 15:00", what="ask:X")]


def the_third(client: Client) -> list[Past]:
    ask_id = (
        planned("fri 15:00", ASKED, client=client).replies[0].causes[0].target.partition(":")[0]
    )
    return [
        replace(p, causes=(Cause("ask", f"{ask_id}:{n}"),)) for n, p in enumerate(THIRD, start=1)
    ]


def test_the_third_reminder_needs_its_clause() -> None:
    client = a_client()

    made = planned("thu+2 10:00", ASKED, client=client, past=the_third(client))

    assert not made.replies
    assert "clauses.feedback" in made.withheld[0].reason


def proposed(made: Plan, state: ReplyState = ReplyState.PROPOSED) -> Past:
    (reply,) = made.replies
    return Past(
        reply.id,
        reply.slot,
        reply.client,
        reply.to.normal,
        reply.kinds,
        state,
        reply.causes,
        made.slot.due,
        reply.facts,
    )


AGREED = a_client(agreements=(CLAUSES,))


def test_a_proposal_waits_and_an_approval_leaves_as_it_was_approved() -> None:
    before = the_third(AGREED)
    made = planned("thu+2 10:00", ASKED, client=AGREED, past=before)
    assert kinds(made) == ["feedback_3"]

    waits = planned("fri+2 10:00", ASKED, client=AGREED, past=[*before, proposed(made)])
    assert (waits.replies, waits.leaving, waits.cancelled) == ((), (), ())

    approved = proposed(made, ReplyState.APPROVED)
    leaves = planned("fri+2 10:00", ASKED, client=AGREED, past=[*before, approved])
    assert leaves.replies == ()
    assert leaves.leaving == (approved.id,)


def test_an_approval_lapses_when_a_fact_in_the_mail_changes() -> None:
    before = the_third(AGREED)
    approved = proposed(
        planned("thu+2 10:00", ASKED, client=AGREED, past=before), ReplyState.APPROVED
    )
    changed = replace(AGREED, agreements=(an_agreement(clauses={"feedback": "5.1"}),))

    made = planned("fri+2 10:00", ASKED, client=changed, past=[*before, approved])

    assert made.leaving == ()
    assert made.cancelled == (approved.id,)
    assert kinds(made) == ["feedback_3"]
    assert "5.1" in made.replies[0].text


def test_an_approval_lapses_when_its_last_day_has_passed() -> None:
    before = the_third(AGREED)
    approved = proposed(
        planned("thu+2 10:00", ASKED, client=AGREED, past=before), ReplyState.APPROVED
    )

    made = planned("mon+4 10:00", ASKED, client=AGREED, past=[*before, approved])

    assert made.cancelled == (approved.id,)
    assert made.leaving == ()


def test_a_proposal_whose_reason_has_gone_is_taken_back() -> None:
    before = the_third(AGREED)
    waiting = proposed(planned("thu+2 10:00", ASKED, client=AGREED, past=before))
    answer = a_message("thu+2 11:00", "approval", replies_to=ASKED, subject="Re: Draft")

    made = planned("mon+3 10:00", ASKED, answer, client=AGREED, past=[*before, waiting])

    assert made.cancelled == (waiting.id,)


def test_an_approval_that_may_not_leave_today_waits() -> None:
    before = the_third(AGREED)
    approved = proposed(
        planned("thu+2 10:00", ASKED, client=AGREED, past=before), ReplyState.APPROVED
    )

    for changes in ({"stopped": True}, {"awaited": frozenset({KARI})}, {"fuse": True}):
        made = planned("fri+2 10:00", ASKED, client=AGREED, past=[*before, approved], **changes)
        assert (made.leaving, made.cancelled, made.replies) == ((), (), ())
    shadow = planned(
        "fri+2 10:00", ASKED, client=AGREED, past=[*before, approved], policy=ReplyPolicy()
    )
    assert shadow.leaving == ()


QUESTION = a_message("mon 09:30", "ask", subject="Logo")


@pytest.mark.parametrize("state", [ReplyState.DEFERRED, ReplyState.QUEUED])
def test_what_the_server_put_off_is_written_anew(state: ReplyState) -> None:
    patient = a_client(agreements=(an_agreement("2 business days"),))
    put_off = proposed(planned("mon 10:00", QUESTION, client=patient), state)

    made = planned("mon 15:00", QUESTION, client=patient, past=[put_off])

    assert made.cancelled == (put_off.id,)
    assert "Tuesday 3 March, 10:00" in made.replies[0].text


@pytest.mark.parametrize("state", [ReplyState.DEFERRED, ReplyState.QUEUED])
def test_what_the_owner_answered_meanwhile_is_cancelled(state: ReplyState) -> None:
    put_off = proposed(planned("mon 10:00", QUESTION, client=a_client()), state)
    answer = a_message("mon 11:00", ours=True, replies_to=QUESTION)

    made = planned("mon 15:00", QUESTION, answer, client=a_client(), past=[put_off])

    assert made.cancelled == (put_off.id,)
    assert not made.replies


def test_what_a_crash_left_over_leaves_in_its_own_check_in() -> None:
    queued = proposed(planned("mon 10:00", QUESTION, client=a_client()), ReplyState.QUEUED)

    made = planned("mon 10:00", QUESTION, client=a_client(), past=[queued])

    assert made.leaving == (queued.id,)
    assert not made.replies


def test_the_fuse_stops_everything_and_the_plan_says_so() -> None:
    made = planned("mon 10:00", QUESTION, client=a_client(), policy=replace(SEND, per_day=0))

    assert not made.replies
    assert made.fuse
    blown = planned("mon 10:00", QUESTION, client=a_client(), fuse=True)
    assert "say start" in blown.withheld[0].reason


def test_a_frozen_client_gets_nothing_from_a_machine() -> None:
    made = planned("mon 10:00", QUESTION, client=a_client(), frozen={"fjord": "a loop"})

    assert "the client is frozen: a loop" in made.withheld[0].reason


def test_an_address_that_not_every_server_can_write_to_is_the_owners() -> None:
    mail = a_message("mon 09:30", "ask", person="kåri@fjord.example")

    made = planned("mon 10:00", mail, client=a_client())

    assert not made.replies
    assert "not every server" in made.withheld[0].reason


EXPECTED = Prediction("fjord", KARI, moment("mon 16:00"), moment("mon 14:00"), 4)


def test_a_status_note_is_a_draft_one_check_in_before_it_should_leave() -> None:
    predictions = {"fjord": EXPECTED}

    (reply,) = planned("mon 10:00", client=a_client(), predictions=predictions).replies
    assert reply.kinds == (ReplyKind.STATUS_NOTE,)
    assert reply.mode is Mode.DRAFT
    assert "Friday 10 April" in reply.text
    early = {"fjord": replace(EXPECTED, at=moment("wed 16:00"), send_by=moment("wed 10:00"))}
    assert not planned("mon 10:00", client=a_client(), predictions=early).replies
    past = {"fjord": replace(EXPECTED, at=moment("mon 09:00"), send_by=moment("mon 08:00"))}
    assert not planned("mon 10:00", client=a_client(), predictions=past).replies


def test_a_status_note_speaks_of_the_day_on_which_it_should_leave() -> None:
    due = {"fjord": replace(EXPECTED, at=moment("tue 11:30"), send_by=moment("tue 10:00"))}

    assert not planned("mon 10:00", client=a_client(), predictions=due).replies
    (reply,) = planned("mon 15:00", client=a_client(), predictions=due).replies

    assert "as of Tuesday 3 March" in reply.text


@pytest.mark.parametrize("at", ["tue 10:00", "tue 15:00"])
def test_a_status_note_that_the_owner_lets_leave_does_so(at: str) -> None:
    due = {"fjord": replace(EXPECTED, at=moment("tue 11:30"), send_by=moment("tue 10:00"))}
    made = planned("mon 15:00", client=a_client(), predictions=due)
    moved = {"fjord": replace(due["fjord"], at=moment("wed 09:30"), send_by=moment("tue 15:00"))}

    for expected in (due, moved):  # what is expected may have moved since
        approved = proposed(made, ReplyState.APPROVED)
        later = planned(at, client=a_client(), past=[approved], predictions=expected)
        assert later.leaving == (made.replies[0].id,)
        assert not later.replies


def test_a_status_note_whose_list_has_changed_is_written_anew() -> None:
    due = {"fjord": replace(EXPECTED, at=moment("wed 11:30"), send_by=moment("wed 10:00"))}
    asked = a_message("mon 11:00", a_signal("ask", "the texts"), ours=True, subject="Texts")
    made = planned("tue 15:00", asked, client=a_client(), predictions=due)
    assert "the texts" in made.replies[0].text
    past = [proposed(made, ReplyState.APPROVED)]

    later = planned("wed 10:00", client=a_client(), past=past, predictions=due)  # they have come

    assert later.leaving == ()
    assert later.cancelled == (made.replies[0].id,)
    assert "the texts" not in later.replies[0].text


def test_one_status_note_a_week_is_enough() -> None:
    made = planned("mon 10:00", client=a_client(), predictions={"fjord": EXPECTED})
    laid = proposed(made, ReplyState.DRAFTED)
    later = {"fjord": replace(EXPECTED, at=moment("wed 16:00"), send_by=moment("wed 14:00"))}

    assert not planned("wed 10:00", client=a_client(), past=[laid], predictions=later).replies


def test_the_line_on_hours_is_said_once_a_month() -> None:
    burst = (QUESTION, a_message("mon 09:40", "ask", subject="Colours"))
    said = planned("mon 10:00", *burst, client=a_client())
    assert "10:00 and 15:00" in said.replies[0].text

    more = (
        a_message("tue 09:10", "ask", subject="Prices"),
        a_message("tue 09:20", "ask", subject="Photos"),
    )
    again = planned("tue 10:00", *more, client=a_client(), past=[proposed(said, ReplyState.FILED)])
    assert "10:00 and 15:00" not in again.replies[0].text


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize(
    ("kind", "state", "again"),
    [
        (ReplyKind.ACKNOWLEDGEMENT, ReplyState.DRAFTED, False),
        (ReplyKind.ACKNOWLEDGEMENT, ReplyState.SHADOWED, False),
        (ReplyKind.ACKNOWLEDGEMENT, ReplyState.CANCELLED, True),
        (ReplyKind.HOURS_LETTER, ReplyState.DRAFTED, False),
        (ReplyKind.HOURS_LETTER, ReplyState.PROPOSED, True),
    ],
)
def test_who_was_told_the_hours_is_not_told_again_in_any_language(
    kind: ReplyKind, state: ReplyState, again: bool, language: str
) -> None:
    burst = (QUESTION, a_message("mon 09:40", "ask", subject="Colours"))
    facts = {} if kind is ReplyKind.HOURS_LETTER else {"hours": "Monday-Friday"}
    told = Past(
        "r0", "", "fjord", KARI, (kind,), state, (), moment("2026-02-10 10:00"), facts=facts
    )

    made = planned("mon 10:00", *burst, client=a_client(language=language), past=[told])

    assert any("hours" in reply.facts for reply in made.replies) is again
