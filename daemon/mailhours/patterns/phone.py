"""Pick up the phone: a thread that goes back and forth without a result, or grows hotter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from mailhours.model.judgement import Finding
from mailhours.model.message import Message, SignalKind
from mailhours.patterns.story import Story


def phone(story: Story) -> Iterator[Finding]:
    """Find threads of 6 rounds within 10 business days without a result.

    A round is mail of the client and our answer to it. An approval or thanks of the client is a
    result: the count begins anew.
    """
    for thread, messages in story.threads.items():
        if len(messages) < 2 * story.history.thresholds.phone_rounds:
            continue
        for run in _runs(messages):
            fired = _fires(story, run)
            if fired:
                evidence = [message for pair in fired for message in pair]
                yield story.finding(
                    "phone", evidence, {"rounds": len(fired)}, about=f"{thread}:{run[0][0].key}"
                )


def _runs(messages: Sequence[Message]) -> Iterator[list[tuple[Message, Message]]]:
    """Yield the rounds of a thread, from one result to the next."""
    run: list[tuple[Message, Message]] = []
    written: Message | None = None
    for message in messages:
        if message.of_client:
            if message.has(SignalKind.APPROVAL, SignalKind.THANKS):
                yield run
                run, written = [], None
            else:
                written = written or message
        elif message.of_ours and written is not None:
            run.append((written, message))
            written = None
    yield run


def _fires(story: Story, run: list[tuple[Message, Message]]) -> list[tuple[Message, Message]]:
    """Return the rounds from the first that belongs to enough of them in time; empty when none."""
    limits, calendar = story.history.thresholds, story.history.owner.calendar
    many = limits.phone_rounds
    for n in range(len(run) - many + 1):
        end = calendar.add_business_days(run[n][0].at, limits.pestering_business_days)
        if run[n + many - 1][1].at <= end:
            return run[n:]
    return []


def heat_rising(story: Story) -> Iterator[Finding]:
    """Find threads that grow hotter: three mails of the client in a row, each hotter than the last.

    Heat is one each for a chase, for urgency, for "!!", "??" or a subject in capitals, and two for
    a dispute or a word of lawyers and ends. Thanks or an approval cools: the count begins anew.
    """
    limits = story.history.thresholds
    hot = (m for m in story.history.with_signal(*_HOT) if m.of_client)
    threads = Counter(story.history.threads[message.key] for message in hot)
    for thread, mails in threads.items():
        if mails < limits.heat_steps:
            continue
        run: list[Message] = []
        best: list[Message] = []
        for message in story.threads[thread]:
            if not message.of_client:
                continue
            heat = _heat(message)
            if message.has(SignalKind.APPROVAL, SignalKind.THANKS) or not heat:
                run = []
            elif run and heat > _heat(run[-1]):
                run.append(message)
            else:
                run = [message]
            best = max(best, run, key=len).copy()
        if len(best) >= limits.heat_steps:
            numbers = {"mails": len(best), "heat": _heat(best[-1])}
            yield story.finding("heat_rising", best, numbers, about=f"heat:{thread}")


def _heat(message: Message) -> int:
    grave = message.has(SignalKind.DELICATE, SignalKind.PAYMENT_DISPUTED)
    texts = (message.subject, *(signal.text for signal in message.signals))
    loud = any("!!" in text or "??" in text for text in texts)
    shouts = len(message.subject) > _WORD and message.subject.isupper()
    return (
        message.has(SignalKind.NUDGE)
        + message.has(SignalKind.URGENT)
        + (loud or shouts)
        + 2 * grave
    )


# A subject of a few capitals is an abbreviation.
_WORD: Final = 5
_HOT: Final = (
    SignalKind.NUDGE,
    SignalKind.URGENT,
    SignalKind.DELICATE,
    SignalKind.PAYMENT_DISPUTED,
)
