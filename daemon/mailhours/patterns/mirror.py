"""The mirror: the rules that judge clients, held up to the owner."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from statistics import median

from mailhours.model.client import Client, Owner, Thresholds
from mailhours.model.hours import Calendar
from mailhours.model.judgement import Judgement, Nudge, PromiseState
from mailhours.model.message import Message, SignalKind
from mailhours.model.portrait import Mirror
from mailhours.model.ratio import Ratio
from mailhours.model.reward import is_rewarded
from mailhours.patterns.asking import asking


def mirror(
    messages: Sequence[Message],
    judged: Judgement,
    owner: Owner,
    client: Client,
    thresholds: Thresholds,
    now: datetime,
) -> Mirror:
    """Judge the owner by the same rules as `client`, by its `messages` in order of time."""
    del client, thresholds
    ours = [m for m in messages if m.of_ours and m.at <= now]
    due = [p for p in judged.promises if p.state is not PromiseState.OPEN]
    late = [p for p in due if p.state is not PromiseState.KEPT]
    over = [owner.calendar.elapsed(p.due, p.closed or now).total_seconds() for p in late]
    undated = [a for a in judged.asks if not any(s.due for s in asking(a.message))]
    named, broken = _named(ours, owner.calendar, now)
    rewarded = _rewarded(judged, owner.calendar)
    night = [m for m in ours if not owner.calendar.is_open(m.at)]
    return Mirror(
        client=judged.client,
        late=Ratio(len(late), len(due), tuple(p.message.key for p in late)),
        median_late=timedelta(seconds=median(over)) if over else None,
        broken=Ratio(len(broken), named, tuple(broken)),
        undated=Ratio(len(undated), len(judged.asks), tuple(a.message.key for a in undated)),
        rewarded=Ratio(len(rewarded), len(judged.nudges), tuple(n.message.key for n in rewarded)),
        off_hours=Ratio(len(night), len(ours), tuple(m.key for m in night)),
    )


def _rewarded(judged: Judgement, calendar: Calendar) -> list[Nudge]:
    answered = {promise.message.key: promise.closed for promise in judged.promises}
    return [
        nudge
        for nudge in judged.nudges
        if is_rewarded(calendar, nudge.message.at, answered.get(nudge.chases))
    ]


def _named(ours: Sequence[Message], calendar: Calendar, now: datetime) -> tuple[int, list[str]]:
    """Return how many days our mails named that are over, and the mails that were not kept.

    "You will have it by Friday" is kept by a further mail of ours that answers or delivers, to the
    same person under the same subject or in reply, by the end of that day.
    """
    count, broken = 0, []
    for n, message in enumerate(ours):
        days = [s.due for s in message.signals if s.kind is SignalKind.DEFER and s.due]
        if not days:
            continue
        end = datetime.combine(max(days), time(23, 59, 59), calendar.zone).astimezone(UTC)
        if end >= now:
            continue
        count += 1
        if not any(
            later.at <= end
            and (message.message_id in later.parents or later.topic == message.topic)
            and later.has(SignalKind.ANSWER, SignalKind.DELIVERY)
            for later in ours[n + 1 :]
        ):
            broken.append(message.key)
    return count, broken
