"""The scorecard: the four criteria of parting, with figures, doubt, and what would change them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from mailhours.model.client import Client, Owner, OwnerWord, Thresholds
from mailhours.model.judgement import Judgement
from mailhours.model.message import Message
from mailhours.model.portrait import Band, Criterion, Effort, PlanState, Scorecard, State
from mailhours.model.ratio import Ratio
from mailhours.patterns.criteria import counted, criterion, judged_by
from mailhours.patterns.effort import by_month, cost, effort, month_of
from mailhours.patterns.repair import repair_plan

PERIOD: Final = timedelta(days=183)
"""How far back a scorecard looks."""

# A client takes too much room with more than twice its even share of all mail.
_FAIR = 2


@dataclass(frozen=True, slots=True)
class Office:
    """All clients together: their number, and the effort of each month."""

    clients: int
    months: Mapping[str, Effort]


def scorecard(
    messages: Sequence[Message],
    judged: Judgement,
    owner: Owner,
    client: Client,
    thresholds: Thresholds,
    now: datetime,
    *,
    words: Sequence[OwnerWord] = (),
    office: Office | None = None,
) -> Scorecard:
    """Judge by the four criteria what `client` did in the half year before `now`.

    `messages` are in order of time, `words` are the owner's. Without `office` nothing is said of
    the room for others.

    1. involvement: mails that press (early chases, progress checks, mail at night that expects an
       answer, empty urgency, other channels) of all mails that were owed an answer.
    2. revisions: rounds beyond the agreement and changes after an approval, of all rounds.
    3. scope: additions of all change requests.
    4. room: the client's mails of those of all clients; too much is twice the even share.

    Keep while none is surely met; fix the terms when one is; part ways only when two are, and a
    repair plan has failed.
    """
    start = max(now - PERIOD, judged.first or now)
    cases = counted(messages, judged, client, owner)
    held = [m for m in messages if start <= m.at <= now]
    criteria = [criterion(name, of, owner, start, now) for name, of in cases.items()]
    if office is not None and office.clients > 1:
        criteria.append(_room(by_month(held, owner, thresholds), office, owner, start))
    plan = repair_plan(words, cases, client, owner, PERIOD, now)
    spent = effort(held, owner, thresholds)
    met = sum(one.state is State.MET for one in criteria)
    band = Band.FIX if met else Band.KEEP
    if met > 1 and plan is not None and plan.state is PlanState.FAILED:
        band = Band.PART
    price = cost(spent, owner, client, start)
    return Scorecard(client.key, start, now, tuple(criteria), band, plan, spent, price)


def _room(own: Mapping[str, Effort], office: Office, owner: Owner, start: datetime) -> Criterion:
    """Return the client's share of all mail; whose time goes to one client has none for others."""
    first = month_of(owner, start)
    months = tuple(
        (month, Ratio(min(own.get(month, Effort()).mails, spent.mails), spent.mails))
        for month, spent in sorted(office.months.items())
        if month >= first and spent.mails
    )
    total = Ratio(sum(r.hits for _, r in months), sum(r.of for _, r in months))
    limit = min(0.5, _FAIR / office.clients) if office.clients > _FAIR else 0.75
    return judged_by("room", total, limit, months)
