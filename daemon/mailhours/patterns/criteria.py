"""The criteria of parting as cases that are counted: how many of how many, month by month."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from mailhours.model.client import Client, Owner
from mailhours.model.judgement import Judgement
from mailhours.model.message import Message, SignalKind
from mailhours.model.portrait import Criterion, State
from mailhours.model.ratio import Ratio, wilson
from mailhours.patterns.control import is_change
from mailhours.patterns.effort import month_of

LIMIT: Final = 0.25
"""Too much: a quarter of all mails press, a quarter of all rounds or changes are unpaid."""

# Of fewer cases than these nothing is said.
_FEW = 5
_PRESSING = frozenset({"progress_check", "off_hours", "urgency_inflation", "second_channel"})


Case = tuple[datetime, bool, str]
"""When something was counted, whether it was a hit, and the mail that shows it."""


def counted(
    messages: Sequence[Message], judged: Judgement, client: Client, owner: Owner
) -> dict[str, list[Case]]:
    """Return the cases of involvement, revisions and scope, each in order of time."""
    pressing = {nudge.message.key for nudge in judged.nudges}
    after: set[str] = set()
    for finding in judged.findings:
        if not finding.dismissed and finding.pattern in _PRESSING:
            pressing.update(finding.messages)
        if not finding.dismissed and finding.pattern == "change_after_approval":
            after.update(finding.messages[1:])
    owed = [p.message for p in judged.promises]
    changes = [
        m
        for m in messages
        if m.of_client and m.has(SignalKind.CHANGE_REQUEST) and m.at <= judged.now
    ]
    return {
        "involvement": [(m.at, m.key in pressing, m.key) for m in owed],
        "revisions": list(_rounds(messages, after, client, owner, judged.now)),
        "scope": [(m.at, _adds(m), m.key) for m in changes],
    }


def _adds(message: Message) -> bool:
    return any(
        s.kind is SignalKind.CHANGE_REQUEST and s.subtype == "scope" for s in message.signals
    )


def _rounds(
    messages: Iterable[Message], after: set[str], client: Client, owner: Owner, now: datetime
) -> Iterator[Case]:
    """Yield the revision rounds of each project: a delivery of ours, then a change of theirs.

    Beyond the number agreed on that day, counted until an approval, they are hits; so is what
    changes something approved.
    """
    delivered: set[str] = set()
    rounds: dict[str, int] = {}
    for message in messages:
        if message.at > now:
            return
        work = message.project
        if message.of_ours and message.has(SignalKind.DELIVERY):
            delivered.add(work)
        elif message.of_client and is_change(message, fix=False, scope=False):
            if work not in delivered and message.key not in after:
                continue
            delivered.discard(work)
            rounds[work] = rounds.get(work, 0) + 1
            agreed = client.agreement(owner.calendar.local(message.at).date()).revision_rounds
            beyond = agreed is not None and rounds[work] > agreed
            yield message.at, beyond or message.key in after, message.key
        elif message.of_client and message.has(SignalKind.APPROVAL):
            rounds.pop(work, None)


def ratio(cases: Iterable[Case]) -> Ratio:
    """Return how many of `cases` are hits, with the mails that show them."""
    held = list(cases)
    hits = tuple(key for _, hit, key in held if hit)
    return Ratio(len(hits), len(held), hits)


def criterion(
    name: str, cases: Sequence[Case], owner: Owner, start: datetime, now: datetime
) -> Criterion:
    """Return a criterion over [start, now] by its cases."""
    within = [case for case in cases if start <= case[0] <= now]
    months: dict[str, list[Case]] = {}
    for case in within:
        months.setdefault(month_of(owner, case[0]), []).append(case)
    by_months = tuple((month, ratio(held)) for month, held in sorted(months.items()))
    return judged_by(name, ratio(within), LIMIT, by_months)


def judged_by(
    name: str, total: Ratio, limit: float, months: tuple[tuple[str, Ratio], ...]
) -> Criterion:
    """Return a criterion by its shares: met or not where the whole interval lies on one side."""
    low, high = total.interval
    state = State.OPEN
    if total.of >= _FEW:
        state = State.MET if low > limit else State.NOT_MET if high < limit else State.OPEN
    change = total.hits - int(limit * total.of)
    return Criterion(name, total, limit, months, state, _trend(months), change)


def _trend(months: Sequence[tuple[str, Ratio]]) -> str:
    """Return whether the newest month lies outside the interval of all months before."""
    if len(months) < 2:
        return "unknown"
    newest = months[-1][1]
    hits, of = sum(r.hits for _, r in months[:-1]), sum(r.of for _, r in months[:-1])
    if newest.share is None or min(newest.of, of) < _FEW:
        return "unknown"
    low, high = wilson(hits, of)
    return "rising" if newest.share > high else "falling" if newest.share < low else "steady"
