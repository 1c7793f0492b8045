"""Synthetic months: what was planned is found again, and good clients are not taken for bad ones."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace

import pytest

from mailhours.model.client import Thresholds
from mailhours.model.judgement import Judgement
from mailhours.patterns.judge import judge
from personas import Month, Persona, month

SEEDS = range(int(os.environ.get("MAILHOURS_SEEDS", "50")))
# What the plan knows the truth of.
KNOWN = frozenset(
    {
        "pestering",
        "off_hours",
        "progress_check",
        "bypass",
        "unanswered_feedback",
        "broken_promise",
        "revision_rounds",
        "change_after_approval",
        "scope_growth",
        "late_payment",
    }
)


@dataclass
class Score:
    """How much of a truth was found: right ones, and wrong or missing ones."""

    right: int = 0
    wrong: int = 0

    def add(self, truth: frozenset, found: Iterable) -> None:
        held = set(found)
        self.right += len(truth & held)
        self.wrong += len(truth ^ held)

    @property
    def share(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0


def judged(one: Month) -> Judgement:
    return judge(one.owner, one.client, one.messages, (), Thresholds(), one.now)


def nudges(found: Judgement) -> set:
    return {(n.message.key, n.minutes_after, n.due) for n in found.nudges}


def asks(found: Judgement) -> set:
    return {(a.message.key, a.closed, a.closed_by) for a in found.asks}


def patterns(found: Judgement) -> set:
    return {f.pattern for f in found.findings}


def minutes_wrong(one: Month, found: Judgement) -> int:
    """Return the minutes that stand on the wrong side."""
    sides = ("ours", "theirs", "nobody")
    return sum(abs(getattr(one.truth, s) - getattr(found.clock, s)) for s in sides) // 2


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("persona", Persona)
def test_what_a_persona_did_is_found_again(persona):
    chased, asked, noticed = Score(), Score(), Score()
    wrong = whole = 0
    for seed in SEEDS:
        one = month(persona, seed)
        found = judged(one)
        chased.add(one.truth.nudges, nudges(found))
        asked.add(one.truth.asks, asks(found))
        noticed.add(one.truth.patterns, patterns(found) & KNOWN)
        wrong += minutes_wrong(one, found)
        whole += found.clock.total
    figures = {
        "nudges": chased.share,
        "asks": asked.share,
        "patterns": noticed.share,
        "minutes": 1 - wrong / whole,
    }
    assert min(figures.values()) >= 0.98, figures


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("persona", [Persona.GOOD, Persona.BUSY])
def test_a_good_client_is_never_called_a_pest(persona):
    for seed in SEEDS:
        found = judged(month(persona, seed))
        assert not found.nudges, seed
        assert patterns(found) <= {"unanswered_feedback", "broken_promise", "phone"}, seed


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_hands_on_client_always_is():
    for seed in SEEDS:
        assert "pestering" in patterns(judged(month(Persona.HANDS_ON, seed))), seed


def test_the_same_seed_is_the_same_month():
    one, again, other = (month(Persona.HANDS_ON, seed) for seed in (3, 3, 4))

    assert (one.messages, one.truth) == (again.messages, again.truth)
    assert one.messages != other.messages


@pytest.mark.parametrize("persona", Persona)
def test_the_order_of_logging_changes_nothing(persona):
    one = month(persona, 7)
    backwards = replace(one, messages=one.messages[::-1])

    assert repr(judged(one)) == repr(judged(backwards))
