from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from builders import a_calendar, a_client, a_message, an_owner, moment
from mailhours.model.health import Deaf, Health
from mailhours.model.message import Message
from mailhours.model.outlook import Prediction
from mailhours.model.reply import Cause, ReplyKind, ReplyState, Withheld
from mailhours.summary.actions import actions
from mailhours.summary.day import gather, worth_sending
from mailhours.summary.inputs import Handled
from unit.summary.office import (
    NOW,
    a_finding,
    a_judgement,
    a_promise,
    a_quiet_day,
    a_reply,
    the_inputs,
)

SUNDAY = date(2026, 3, 8)


def a_sunday(**changes: object):
    return replace(a_quiet_day(), day=SUNDAY, now=moment("sun 16:45"), **changes)


def test_what_we_owe_is_late_first_and_then_by_due_time():
    day = gather(the_inputs())

    subjects = [owed.promise.message.subject for owed in day.owed]
    assert subjects == [
        "Colours on the homepage",
        "Checkout page: three changes",
        "Can the logo be bigger?",
    ]
    assert [owed.late for owed in day.owed] == [True, False, False]


def test_a_promise_knows_how_much_of_its_time_is_gone_and_how_often_it_was_chased():
    late, *_, tomorrow = gather(the_inputs()).owed

    assert (late.used, late.chased) == (100, 1)
    assert late.left.total_seconds() == -(10 * 60 + 25) * 60
    assert (tomorrow.used, tomorrow.chased) == (68, 0)


def test_what_they_owe_is_overdue_first_by_age_and_invoices_by_money_times_age():
    day = gather(the_inputs())

    assert [owing.days for owing in day.owing] == [5, 2, 0]
    assert [debt.standing.invoice.number for debt in day.debts] == ["2026-014", "2026-011"]
    assert day.debts[0].weight == Decimal(17 * 1200)
    assert day.not_yet_due == 1
    assert day.overdue_money() == {"EUR": Decimal("2400.00")}


def test_a_days_replies_are_told_apart_by_their_state():
    day = gather(the_inputs())

    assert [h.reply.subject for h in day.sent] == ["Re: Homepage", "Re: Checkout page"]
    assert [h.reply.subject for h in day.released] == ["Offer for phase two"]
    assert [h.reply.subject for h in day.proposed] == ["Re: Invoice 2026-014"]


def test_the_summary_itself_is_no_news():
    summary = a_reply("yesterday's summary", kinds=(ReplyKind.SUMMARY,))
    day = gather(a_quiet_day(replies=(Handled(summary, ReplyState.FILED, NOW),)))

    assert day.sent == ()


def test_a_cause_withheld_at_two_check_ins_is_told_once():
    twice = Withheld("fjord", "kari@fjord.example", Cause("ask", "a1:1"), "the client is on hold")
    day = gather(a_quiet_day(withheld=(twice, twice)))

    assert [len(group.withheld) for group in day.withheld] == [1]


def test_findings_are_new_since_the_last_summary_unless_they_are_given():
    evening = replace(a_finding("off_hours"), last=moment("tue 20:00"))
    told = replace(a_finding("bypass"), last=moment("tue 11:00"))
    judgement = a_judgement(
        findings=(told, evening, a_finding(), a_finding("phone", dismissed=True))
    )
    inputs = a_quiet_day(judgements={"fjord": judgement})

    assert gather(inputs).findings == (evening, a_finding())
    assert gather(replace(inputs, since=moment("wed 09:00"))).findings == (a_finding(),)
    assert gather(replace(inputs, findings=(told,))).findings == (told,)


def test_mondays_summary_has_what_came_at_the_weekend():
    saturday = replace(a_finding("off_hours"), last=moment("sat 20:00"))
    judgements = {"fjord": a_judgement(findings=(saturday,))}
    monday = replace(
        a_quiet_day(judgements=judgements), day=date(2026, 3, 9), now=moment("mon+1 16:45")
    )

    assert gather(monday).findings == (saturday,)
    assert not worth_sending(gather(a_sunday(judgements=judgements)))


def test_the_summary_of_an_earlier_day_has_the_findings_of_that_day():
    judgement = a_judgement(
        findings=(a_finding(), replace(a_finding("bypass"), last=moment("thu 09:00")))
    )
    inputs = replace(a_quiet_day(judgements={"fjord": judgement}), now=moment("mon+1 09:00"))

    assert gather(inputs).findings == (a_finding(),)


def test_what_stands_among_their_debts_is_not_noticed_again_every_day():
    judgement = a_judgement(findings=(a_finding("unanswered_feedback"), a_finding("late_payment")))

    assert gather(a_quiet_day(judgements={"fjord": judgement})).findings == ()


def test_a_broken_promise_is_news_after_the_day_that_it_named():
    broken = a_finding(
        "broken_promise",
        last=moment("mon 09:00"),
        numbers={"promised": "2026-03-03", "what": "answer"},
    )
    judgements = {"fjord": a_judgement(findings=(broken,))}

    assert gather(a_quiet_day(judgements=judgements)).findings == (broken,)
    thursday = replace(
        a_quiet_day(judgements=judgements), day=date(2026, 3, 5), now=moment("thu 16:45")
    )
    assert gather(thursday).findings == ()


def test_a_prediction_for_the_past_or_a_far_week_is_not_shown():
    said = {
        key: Prediction(key, "x@fjord.example", moment(at), moment(at), 3)
        for key, at in {"a": "tue 09:00", "b": "fri 09:00", "c": "mon+2 09:00"}.items()
    }
    inputs = a_quiet_day(
        clients={key: a_client(key=key) for key in said}, judgements={}, predictions=said
    )

    assert [p.client for p in gather(inputs).predictions] == ["b"]


def test_a_judgement_without_its_client_file_is_passed_over():
    assert gather(a_quiet_day(clients={})).owed == ()


def test_the_next_three_check_ins_are_named():
    assert [slot.key for slot in gather(a_quiet_day()).slots] == [
        "2026-03-05T10:00",
        "2026-03-05T15:00",
        "2026-03-06T10:00",
    ]


def test_a_working_day_always_has_a_summary():
    assert worth_sending(gather(a_quiet_day()))


def test_an_empty_closed_day_has_none():
    assert not worth_sending(gather(a_sunday()))
    holiday = an_owner(calendar=a_calendar(closed={a_quiet_day().day: "holiday"}))
    assert not worth_sending(gather(a_quiet_day(owner=holiday)))


def test_what_merely_waits_is_no_news_on_a_closed_day():
    waiting = a_message("fri 14:00", "ask")
    judgement = a_judgement(promises=(a_promise(waiting, "mon+1 14:00"),))

    assert not worth_sending(gather(a_sunday(judgements={"fjord": judgement})))


def test_a_delicate_mail_of_friday_is_told_on_friday_and_on_monday():
    judgement = a_judgement(review=(a_message("fri 11:00", "delicate"),))

    assert not worth_sending(gather(a_sunday(judgements={"fjord": judgement})))


def a_delicate_mail() -> Message:
    return a_message("sun 11:00", "delicate")


@pytest.mark.parametrize(
    "news",
    [
        pytest.param(
            {"judgements": {"fjord": a_judgement(review=(a_delicate_mail(),))}},
            id="a delicate mail",
        ),
        pytest.param(
            {"health": Health(deaf=(Deaf(moment("sun 03:00"), None, "no answer"),))}, id="deafness"
        ),
        pytest.param(
            {"replies": (Handled(a_reply(), ReplyState.DOUBTFUL, moment("sun 15:00")),)},
            id="a doubtful mail",
        ),
    ],
)
def test_a_closed_day_with_news_has_a_summary(news):
    assert worth_sending(gather(a_sunday(**news)))


def test_every_action_is_one_line_and_the_most_urgent_comes_first():
    doubtful = Handled(a_reply("Re: Doubt"), ReplyState.DOUBTFUL, NOW)
    inputs = the_inputs()
    offered = actions(gather(replace(inputs, replies=(*inputs.replies, doubtful))))

    assert [action.kind for action in offered] == [
        "doubtful", "approve", "hold", "late", "invoice", "invoice", "ask", "ask", "finding", "quarantine",
    ]  # fmt: skip
    assert offered[0].command == f"settle {doubtful.reply.id} sent"
    assert offered[0].alternative == f"settle {doubtful.reply.id} lost"
    assert offered[4].command == "paid 2026-014"
    assert all("\n" not in action.command for action in offered)
