"""Synthetic months read again as mails: how much is found when the signals are read, not given.

The thresholds are modest: what they guard is that reading and judgement fit together. Sentences of
the simulator are nobody's phrases, and some languages have fewer phrases than others.
"""

from __future__ import annotations

import pytest

from mailhours.model.client import Thresholds
from mailhours.patterns.judge import judge
from persona_mails import read_again, reader
from personas import Persona, month

SIDES = ("ours", "theirs", "nobody")


def found_again(truth: frozenset, found: set) -> float:
    both = truth | found
    return len(truth & found) / len(both) if both else 1.0


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_most_of_a_month_is_found_when_its_mails_are_read():
    reading = reader()
    chases, asks, wrong, whole = [], [], 0, 0
    for persona in Persona:
        for seed in (1, 2):
            one = read_again(month(persona, seed), reading)
            made = judge(one.owner, one.client, one.messages, (), Thresholds(), one.now)
            nudged = {(n.message.key, n.minutes_after, n.due) for n in made.nudges}
            asked = {(a.message.key, a.closed, a.closed_by) for a in made.asks}
            chases.append(found_again(one.truth.nudges, nudged))
            asks.append(found_again(one.truth.asks, asked))
            wrong += sum(abs(getattr(one.truth, s) - getattr(made.clock, s)) for s in SIDES) // 2
            whole += made.clock.total
            if persona in (Persona.GOOD, Persona.BUSY):
                assert "pestering" not in {finding.pattern for finding in made.findings}
            if persona is Persona.HANDS_ON:
                assert "pestering" in {finding.pattern for finding in made.findings}
    assert sum(chases) / len(chases) >= 0.8
    assert sum(asks) / len(asks) >= 0.6
    assert wrong <= 0.15 * whole
