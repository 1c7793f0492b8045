"""Repair plans: what was tried before parting, and whether it worked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from mailhours.model.client import Client, Owner, OwnerVerb, OwnerWord
from mailhours.model.portrait import PlanState, RepairPlan, State
from mailhours.patterns.criteria import LIMIT, Case, criterion, ratio

_PLAN = re.compile(r"repair plan until (\d{4}-\d\d-\d\d)", re.IGNORECASE)


def repair_plan(
    words: Sequence[OwnerWord],
    counted: Mapping[str, Sequence[Case]],
    client: Client,
    owner: Owner,
    period: timedelta,
    now: datetime,
) -> RepairPlan | None:
    """Return the newest repair plan that the owner noted: "repair plan until 2026-05-01: ...".

    Its goals are the criteria that were met in the `period` before.
    """
    noted = [
        (word, found[1])
        for word in sorted(words, key=lambda w: (w.at, w.text))
        if word.verb is OwnerVerb.NOTE and word.target == client.key and word.at <= now
        for found in [_PLAN.search(word.text)]
        if found is not None and _is_day(found[1])
    ]
    if not noted:
        return None
    word, named = noted[-1]
    until = date.fromisoformat(named)
    end = datetime.combine(until, time(23, 59, 59), owner.calendar.zone).astimezone(UTC)
    before = {
        name: criterion(name, cases, owner, word.at - period, word.at)
        for name, cases in counted.items()
    }
    goals = tuple(name for name, one in before.items() if one.state is State.MET)
    measured = {
        name: ratio(case for case in counted[name] if word.at < case[0] <= min(end, now))
        for name in goals
    }
    state = PlanState.RUNNING
    if now > end:
        failed = any(ratio.hits > LIMIT * ratio.of for ratio in measured.values())
        state = PlanState.FAILED if failed else PlanState.KEPT
    return RepairPlan(word.at, until, word.text, goals, measured, state)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
