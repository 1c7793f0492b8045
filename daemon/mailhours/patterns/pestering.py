"""Pestering and its relatives: chases, mail at night, progress checks, urgency that was none."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta

from mailhours.model.judgement import Finding, Nudge
from mailhours.model.message import Message, SignalKind
from mailhours.patterns.nudges import is_progress_check
from mailhours.patterns.story import Numbers, Story

_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)


def pestering(story: Story) -> Iterator[Finding]:
    """Find pestering: 3 nudges within 10 business days, or 2 within 30 minutes of the first mail.

    Business days are the owner's, counted from the first nudge of the three. One finding goes on
    while each further nudge comes within the same number of business days of the one before it.
    """
    for episode in _episodes(story):
        firing = _fires(story, episode)
        if firing:
            yield _pestering(story, episode, firing)


def _episodes(story: Story) -> Iterator[list[Nudge]]:
    """Yield nudges that follow each other within the business days of the rule."""
    days = story.history.thresholds.pestering_business_days
    episode: list[Nudge] = []
    for nudge in story.nudges:
        if episode and nudge.message.at > _later(story, episode[-1].message.at, days):
            yield episode
            episode = []
        episode.append(nudge)
    if episode:
        yield episode


def _fires(story: Story, episode: list[Nudge]) -> str:
    """Return the rule that makes an episode a finding: `count`, `instant`, or nothing."""
    limits = story.history.thresholds
    many = limits.pestering_nudges
    for first, last in zip(episode, episode[many - 1 :], strict=False):
        end = _later(story, first.message.at, limits.pestering_business_days)
        if last.message.at <= end:
            return "count"
    return "instant" if len(_instant(story, episode)) >= limits.instant_nudges else ""


def _instant(story: Story, episode: list[Nudge]) -> list[Nudge]:
    """Return the most nudges that came within `instant_minutes` of one first mail."""
    within = timedelta(minutes=story.history.thresholds.instant_minutes)
    groups: dict[str, list[Nudge]] = {}
    roots = _roots(story)
    for nudge in episode:
        root = roots[nudge.message.key]
        if nudge.message.at - root.at <= within:
            groups.setdefault(root.key, []).append(nudge)
    return max(groups.values(), key=len, default=[])


def _roots(story: Story) -> dict[str, Message]:
    """Return for each nudge the first mail that it chases, through the chases between."""
    messages = story.history.by_key
    roots: dict[str, Message] = {}
    for nudge in story.nudges:
        roots[nudge.message.key] = roots.get(nudge.chases, messages[nudge.chases])
    return roots


def _pestering(story: Story, episode: list[Nudge], rule: str) -> Finding:
    limits = story.history.thresholds
    chased = {nudge.chases for nudge in episode}
    evidence = [nudge.message for nudge in episode]
    first = [story.history.by_key[key] for key in chased]
    numbers: Numbers = {
        "rule": rule,
        "nudges": len(episode),
        "business_days": limits.pestering_business_days,
        "instant": sum(n.minutes_after <= limits.instant_minutes for n in episode),
        "early": sum(n.share <= 0.5 for n in episode),
        "burst": _burst(story, evidence),
        "minutes_after": min(nudge.minutes_after for nudge in episode),
        "channel": _subtyped(evidence, "channel"),
        "receipts": sum(message.receipt for message in evidence),
        "new_threads": sum(not message.parents for message in evidence),
    }
    together = {m.key: m for m in (*first, *evidence)}
    ordered = sorted(together.values(), key=lambda m: (m.at, m.key))
    return story.finding("pestering", ordered, numbers, about=evidence[0].key)


def _burst(story: Story, evidence: list[Message]) -> int:
    """Return the most mails of the client in an hour that begins or ends with a nudge."""
    times = [message.at for message in story.history.heard]
    most = 0
    for at in (message.at for message in evidence):
        here, after = bisect_left(times, at), bisect_right(times, at)
        most = max(
            most,
            bisect_right(times, at + _HOUR) - here,
            after - bisect_left(times, at - _HOUR),
        )
    return most


def _subtyped(messages: list[Message], subtype: str) -> int:
    return sum(any(s.subtype == subtype for s in message.signals) for message in messages)


def _later(story: Story, at: datetime, days: int) -> datetime:
    return story.history.owner.calendar.add_business_days(at, days)


def off_hours(story: Story) -> Iterator[Finding]:
    """Find mail that expects an answer at night, at the weekend or on a holiday.

    Both offices are closed (the client's Sunday shift is no offence, a lunch break no night), and
    the mail chases or is urgent. Not while a promise of ours to them is overdue. One finding for
    each night, weekend or holiday.
    """
    history = story.history
    ours, theirs = history.owner.calendar, history.client.calendar
    expecting = {nudge.message.key: nudge.message for nudge in story.nudges}
    for message in history.with_signal(SignalKind.NUDGE, SignalKind.URGENT):
        if message.of_client:
            expecting[message.key] = message
    found: dict[datetime, list[Message]] = {}
    for message in sorted(expecting.values(), key=lambda m: (m.at, m.key)):
        if ours.is_open(message.at) or theirs.is_open(message.at):
            continue
        opening = ours.opens(message.at)
        if _is_break(story, message.at, opening) or is_overdue(story, message):
            continue
        found.setdefault(opening, []).append(message)
    for opening, messages in found.items():
        numbers = {
            "mails": len(messages),
            "hours_before_opening": round((opening - messages[0].at) / _HOUR, 1),
        }
        yield story.finding("off_hours", messages, numbers)


def _is_break(story: Story, at: datetime, opening: datetime) -> bool:
    """Say whether a closed moment lies between two blocks of one working day."""
    day = story.history.day(at)
    calendar = story.history.owner.calendar
    if story.history.day(opening) != day:
        return False
    midnight = calendar.local(at).replace(hour=0, minute=0, second=0, microsecond=0)
    return calendar.opens(midnight) < at


def is_overdue(story: Story, message: Message) -> bool:
    """Say whether a promise of ours to this client was broken and open when it wrote."""
    return any(
        promise.due < message.at and (promise.closed is None or promise.closed >= message.at)
        for promise in story.promises
    )


def progress_checks(story: Story) -> Iterator[Finding]:
    """Find questions on progress while the project's due date is ahead and no promise is broken."""
    history = story.history
    for message in history.with_signal(SignalKind.NUDGE):
        if not message.of_client:
            continue
        if not is_progress_check(history, message) or is_overdue(story, message):
            continue
        project = history.client.project(message.project)
        if project is not None and project.due is not None:
            days = (project.due - history.day(message.at)).days
            yield story.finding(
                "progress_check", [message], {"project": project.key, "days_before_due": days}
            )


def urgency_inflation(story: Story) -> Iterator[Finding]:
    """Find urgency that was none: two such mails, each within 20 business days of the one before.

    An urgent mail was none when our answer to it asked for or delivered something, and the client
    then left that for more than one business day of theirs, or put it off.
    """
    limits = story.history.thresholds
    hollow = list(_hollow(story))
    days = 2 * limits.pestering_business_days
    runs: list[list[Message]] = []
    for message in hollow:
        if runs and message.at <= _later(story, runs[-1][-1].at, days):
            runs[-1].append(message)
        else:
            runs.append([message])
    urgent = [m for m in story.history.with_signal(SignalKind.URGENT) if m.of_client]
    for run in runs:
        if len(run) >= limits.urgent_alarms:
            among = sum(run[0].at <= m.at <= run[-1].at for m in urgent)
            yield story.finding("urgency_inflation", run, {"hollow": len(run), "urgent": among})


def _hollow(story: Story) -> Iterator[Message]:
    calendar = story.history.client.calendar
    by_key = story.history.by_key
    for promise in story.promises:
        answer = by_key.get(promise.closed_by)
        if answer is None or not promise.message.has(SignalKind.URGENT):
            continue
        if not answer.has(SignalKind.ASK, SignalKind.DELIVERY):
            continue
        rest = story.threads[story.history.threads[answer.key]]
        after = next((m for m in rest if m.of_client and m.at > answer.at), None)
        limit = calendar.add_business_days(answer.at, 1)
        reacted = after.at if after is not None else story.history.now
        if reacted > limit or (after is not None and after.has(SignalKind.DEFER)):
            yield promise.message
