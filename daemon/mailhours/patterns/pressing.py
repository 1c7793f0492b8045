"""Relatives of pestering: new threads, other channels, read receipts, a growing list in copy.

None of them counts while a promise of ours to the client is overdue: then it is our debt.
"""

from __future__ import annotations

from collections.abc import Iterator

from mailhours.model.judgement import Finding, Promise
from mailhours.model.message import Message, SignalKind
from mailhours.patterns.pestering import is_overdue
from mailhours.patterns.runs import runs
from mailhours.patterns.story import Story

# Another mail speaks of the same thing when this share of its content words is known already; a few
# words in common are how people write ("please update the page").
_SAME, _FEW = 0.8, 3


def new_thread(story: Story) -> Iterator[Finding]:
    """Find new threads for what waits already: two, each within 20 business days of the one before.

    A mail of the client opens a thread while an earlier one waits in another, before its promise is
    due, and it chases, or four of five of its content words stand in the one that waits. Not within
    ten minutes of it: that is a correction.
    """
    limits, threads = story.history.thresholds, story.history.threads
    chases = {nudge.message.key for nudge in story.nudges}
    opened: list[Message] = []
    waiting: list[Promise] = []
    for promise in story.promises:
        message = promise.message
        if threads[message.key] == message.key and waiting:
            waiting = [p for p in waiting if p.closed is None or p.closed > message.at]
            late = any(p.due <= message.at for p in waiting)
            if not late and any(_again(story, p, message, chases) for p in waiting):
                opened.append(message)
        waiting.append(promise)
    calendar = story.history.owner.calendar
    for run in runs(calendar, opened, 2 * limits.pestering_business_days):
        if len(run) >= limits.new_threads:
            yield story.finding("new_thread", run, {"threads": len(run)})


def _again(story: Story, before: Promise, message: Message, chases: set[str]) -> bool:
    minutes = (message.at - before.message.at).total_seconds() / 60
    if minutes <= story.history.thresholds.correction_minutes:
        return False
    if message.key in chases:
        return True
    known = len(set(message.gist).intersection(before.message.gist))
    return known >= _FEW and known >= _SAME * len(message.gist)


def second_channel(story: Story) -> Iterator[Finding]:
    """Find "I called": mail that tells of another channel, while an earlier one waits in time.

    One finding for mails within 20 business days of each other.
    """
    limits = story.history.thresholds
    told = [
        nudge.message
        for nudge in story.nudges
        if any(s.kind is SignalKind.NUDGE and s.subtype == "channel" for s in nudge.message.signals)
        and not is_overdue(story, nudge.message)
    ]
    calendar = story.history.owner.calendar
    for run in runs(calendar, told, 2 * limits.pestering_business_days):
        if len(run) >= limits.channel_mentions:
            yield story.finding("second_channel", run, {"mentions": len(run)})


def read_receipts(story: Story) -> Iterator[Finding]:
    """Find demands for a read receipt (RFC 8098): three, each within 20 business days of the last.

    Not what came while a promise of ours was overdue.
    """
    limits = story.history.thresholds
    asked = [m for m in story.history.heard if m.receipt]
    asked = [m for m in asked if not is_overdue(story, m)]
    calendar = story.history.owner.calendar
    for run in runs(calendar, asked, 2 * limits.pestering_business_days):
        if len(run) >= limits.read_receipts:
            yield story.finding("read_receipts", run, {"receipts": len(run)})


def wider_copy(story: Story) -> Iterator[Finding]:
    """Find mails of one thread that go to more and more people while the client waits in time.

    Two mails in a row, without an answer of ours between, each to all of the one before it and to
    somebody more. Whom we wrote to in that thread ourselves is nobody more.
    """
    limits = story.history.thresholds
    threads = story.history.threads
    for thread in dict.fromkeys(threads[m.key] for m in story.history.heard if m.addressed[1:]):
        for run in _widening(story.threads[thread]):
            steps = len(run) - 1
            if steps >= limits.copy_steps and not is_overdue(story, run[-1]):
                added = len(set(run[-1].addressed) - set(run[0].addressed))
                numbers = {"steps": steps, "added": added}
                yield story.finding("wider_copy", run, numbers)


def _widening(messages: tuple[Message, ...]) -> Iterator[list[Message]]:
    """Yield the client's mails of a thread whose readers grow, from one answer to the next."""
    run: list[Message] = []
    invited: set[str] = set()
    for message in messages:
        if message.of_ours:
            yield run
            run = []
            invited.update(message.addressed)
        elif message.of_client:
            if run and not _wider(run[-1], message, invited):
                yield run
                run = []
            run.append(message)
    yield run


def _wider(before: Message, message: Message, invited: set[str]) -> bool:
    earlier, now = {before.person, *before.addressed}, {message.person, *message.addressed}
    return earlier < now and not now - earlier <= invited
