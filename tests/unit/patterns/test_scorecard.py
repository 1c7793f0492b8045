"""The four criteria of parting."""

from dataclasses import replace
from decimal import Decimal

import pytest

from builders import a_word, moment
from mailhours.model.client import Money, OwnerVerb, OwnerWord, Thresholds
from mailhours.model.portrait import Band, Effort, PlanState, Scorecard, State
from mailhours.model.ratio import Ratio
from mailhours.patterns.criteria import judged_by
from mailhours.patterns.judge import judge
from mailhours.patterns.precision import precision
from mailhours.patterns.scorecard import Office, scorecard
from personas import Month, Persona, month


def card(one: Month, words=(), office=None, now=None, owner=None) -> Scorecard:
    owner, now = owner or one.owner, now or one.now
    judged = judge(owner, one.client, one.messages, words, Thresholds(), now)
    return scorecard(
        one.messages, judged, owner, one.client, Thresholds(), now, words=words, office=office
    )


def named(made: Scorecard) -> dict:
    return {one.name: one for one in made.criteria}


def noted(one: Month, at: str, text: str) -> OwnerWord:
    return a_word("note", one.client.key, at, text)


@pytest.mark.parametrize("persona", [Persona.GOOD, Persona.BUSY])
@pytest.mark.parametrize("seed", range(5))
def test_a_good_client_is_kept(persona, seed):
    made = card(month(persona, seed))

    assert made.band is Band.KEEP
    assert made.met == ()


def test_a_hands_on_client_calls_for_other_terms():
    made = card(month(Persona.HANDS_ON, 1))

    assert made.band is Band.FIX
    involvement = named(made)["involvement"]
    assert involvement.state is State.MET
    assert involvement.total.interval[0] > involvement.limit
    assert 0 < involvement.change <= involvement.total.hits
    assert [name for name, _ in involvement.months] == ["2026-03"]


def test_a_controlling_client_has_rounds_beyond_the_agreement():
    made = named(card(month(Persona.CONTROLLING, 1)))

    assert made["revisions"].total.hits > 0
    assert made["scope"].total.hits > 0
    assert made["involvement"].total.hits == 0


def test_parting_needs_two_criteria_and_a_failed_repair_plan():
    one = month(Persona.HANDS_ON, 1)
    mails = sum(m.of_client or m.of_ours for m in one.messages)
    office = Office(5, {"2026-03": Effort(received=mails + 40, sent=0)})
    plan = [noted(one, "mon+2 09:00", "Repair plan until 2026-03-25: write once a day")]

    assert card(one, office=office).band is Band.FIX
    running = card(one, plan, office, now=moment("tue+3 09:00"))
    assert (running.band, running.plan.state) == (Band.FIX, PlanState.RUNNING)
    failed = card(one, plan, office)
    assert failed.plan.goals == ("involvement",)
    assert (failed.band, failed.plan.state) == (Band.PART, PlanState.FAILED)


def test_a_plan_that_worked_keeps_the_client():
    one = month(Persona.HANDS_ON, 1)
    calm = replace(one, messages=tuple(m for m in one.messages if m.at < moment("mon+2 09:00")))
    plan = [noted(one, "mon+2 10:00", "repair plan until 2026-03-20: write once a day")]
    made = card(calm, plan)

    assert made.plan.state is PlanState.KEPT
    assert made.band is Band.FIX, "the half year still has the figures of before"


@pytest.mark.parametrize("text", ["Call her.", "repair plan until 2026-13-45: nothing"])
def test_another_note_is_no_plan(text):
    one = month(Persona.GOOD, 1)

    assert card(one, [noted(one, "mon+1 09:00", text)]).plan is None


def test_few_cases_leave_it_open():
    assert judged_by("scope", Ratio(4, 4), 0.25, ()).state is State.OPEN
    assert judged_by("scope", Ratio(5, 5), 0.25, ()).state is State.MET
    assert judged_by("scope", Ratio(0, 20), 0.25, ()).state is State.NOT_MET
    assert judged_by("scope", Ratio(7, 20), 0.25, ()).state is State.OPEN
    assert judged_by("scope", Ratio(7, 20), 0.25, ()).change == 2


@pytest.mark.parametrize(
    ("newest", "trend"),
    [
        pytest.param(Ratio(9, 10), "rising", id="far above what was"),
        pytest.param(Ratio(0, 10), "falling", id="far below"),
        pytest.param(Ratio(3, 10), "steady", id="as before"),
        pytest.param(Ratio(3, 3), "unknown", id="too few"),
    ],
)
def test_a_trend_is_what_lies_outside_the_interval_of_before(newest, trend):
    months = (("2026-01", Ratio(6, 20)), ("2026-02", Ratio(5, 20)), ("2026-03", newest))

    assert judged_by("scope", Ratio(0, 0), 0.25, months).trend == trend


def test_without_a_rate_contact_has_no_price():
    one = month(Persona.GOOD, 1)
    made = card(one)
    priced = card(one, owner=replace(one.owner, rate=Money(Decimal("95.00"), "EUR")))

    assert made.cost is None
    assert made.effort.interruptions > 0
    assert priced.cost.contact.amount == round(Decimal(95) * priced.effort.minutes / 60, 2)
    assert priced.cost.revenue == Money(Decimal("2400.00"), "EUR")


def test_dismissals_lower_the_precision_of_a_rule():
    one = month(Persona.HANDS_ON, 1)
    judged = judge(one.owner, one.client, one.messages, (), Thresholds(), one.now)
    finding = next(f for f in judged.findings if f.pattern == "off_hours")
    word = OwnerWord(OwnerVerb.DISMISS, finding.id, one.now)
    judged = judge(one.owner, one.client, one.messages, (word,), Thresholds(), one.now)
    rules = {rule.pattern: rule for rule in precision(judged.findings)}

    assert rules["off_hours"].dismissed == 1
    assert rules["off_hours"].share < 1
    assert rules["pestering"].share == 1
