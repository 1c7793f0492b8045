"""What follows from one client's messages: promises, asks, nudges, turns, findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from mailhours.model.client import Client, Owner, OwnerWord, Thresholds
from mailhours.model.judgement import Finding, Judgement
from mailhours.model.line import line, whole
from mailhours.model.message import Message
from mailhours.patterns.contact import bypass, escalation, wrong_approver
from mailhours.patterns.control import (
    approval_withdrawn,
    change_after_approval,
    contradiction,
    revision_rounds,
    scope_growth,
)
from mailhours.patterns.delays import delays
from mailhours.patterns.history import history
from mailhours.patterns.invoices import standings
from mailhours.patterns.nudges import nudge
from mailhours.patterns.payment import (
    late_payment,
    later_and_later,
    pays_after_reminder,
    promised_not_paid,
)
from mailhours.patterns.pestering import (
    off_hours,
    pestering,
    progress_checks,
    urgency_inflation,
)
from mailhours.patterns.phone import heat_rising, phone
from mailhours.patterns.pressing import new_thread, read_receipts, second_channel, wider_copy
from mailhours.patterns.silence import broken_promises, unanswered_feedback
from mailhours.patterns.story import Story
from mailhours.patterns.telling import Telling
from mailhours.patterns.turns import turns

RULES: Final = (
    pestering,
    off_hours,
    progress_checks,
    urgency_inflation,
    bypass,
    unanswered_feedback,
    broken_promises,
    revision_rounds,
    change_after_approval,
    scope_growth,
    late_payment,
    phone,
    new_thread,
    second_channel,
    read_receipts,
    wider_copy,
    escalation,
    wrong_approver,
    approval_withdrawn,
    contradiction,
    later_and_later,
    promised_not_paid,
    pays_after_reminder,
    heat_rising,
)
"""The rules by which patterns are found; each states itself."""


def judge(
    owner: Owner,
    client: Client,
    messages: Sequence[Message],
    words: Sequence[OwnerWord],
    thresholds: Thresholds,
    now: datetime,
) -> Judgement:
    """Judge `client` at the moment `now` (aware) by all its messages and the owner's words.

    Nothing later than `now` counts, and the order in which things were logged does not matter.

    1. Tell the history in order: what each message owes, answers, asks and chases.
    2. Count whose turn it was.
    3. Look for patterns in the whole.
    """
    past = history(owner, client, messages, words, thresholds, now)
    told = Telling(past, whole)
    told.hear(line(message, past.threads[message.key]) for message in past.messages)
    story = _story(told)
    turned = turns(owner.calendar, told.first, now, story.promises, story.asks)
    return Judgement(
        client=client.key,
        now=now,
        messages=told.messages,
        first=told.first,
        last_inbound=told.last_inbound,
        last_ours=told.last_ours,
        side=turned.side,
        clock=turned.clock,
        turns=turned.turns,
        projects=delays(story),
        promises=story.promises,
        asks=story.asks,
        nudges=story.nudges,
        findings=tuple(sorted(_findings(story), key=lambda f: (f.first, f.pattern, f.id))),
        invoices=story.invoices,
        review=told.review(),
        held=told.is_held(),
        away=told.absent(),
    )


def _story(told: Telling) -> Story:
    past = told.history
    debts = told.debts.all.values()
    threads: dict[str, list[Message]] = {}
    for message in past.messages:
        threads.setdefault(past.threads[message.key], []).append(message)
    return Story(
        history=past,
        promises=told.debts.promises(debts),
        asks=told.requests.asks(told.requests.all, told.away),
        nudges=tuple(chase for debt in debts if (chase := nudge(told.debts, debt)) is not None),
        invoices=standings(past, told.payments),
        away=told.away,
        threads={thread: tuple(held) for thread, held in threads.items()},
    )


def _findings(story: Story) -> Iterator[Finding]:
    for rule in RULES:
        yield from rule(story)
