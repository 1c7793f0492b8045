"""What follows from one client's messages: promises, asks, nudges, turns, findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Final

from mailhours.model.client import Client, Owner, OwnerVerb, OwnerWord, Thresholds
from mailhours.model.judgement import Finding, Judgement, Nudge
from mailhours.model.message import Direction, MayReply, Message
from mailhours.patterns.asks import Requests
from mailhours.patterns.contact import bypass, escalation, wrong_approver
from mailhours.patterns.control import (
    approval_withdrawn,
    change_after_approval,
    contradiction,
    revision_rounds,
    scope_growth,
)
from mailhours.patterns.delays import delays
from mailhours.patterns.history import History, history
from mailhours.patterns.invoices import standings
from mailhours.patterns.nudges import chased, nudge
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
from mailhours.patterns.promises import Debts
from mailhours.patterns.silence import broken_promises, unanswered_feedback
from mailhours.patterns.story import Story
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
    story = _told(past)
    first = past.messages[0].at if past.messages else None
    turned = turns(owner.calendar, first, now, story.promises, story.asks)
    today = client.calendar.local(now).date()
    return Judgement(
        client=client.key,
        now=now,
        messages=len(past.messages),
        first=first,
        last_inbound=past.heard[-1].at if past.heard else None,
        last_ours=next((m.at for m in reversed(past.messages) if m.of_ours), None),
        side=turned.side,
        clock=turned.clock,
        turns=turned.turns,
        projects=delays(story),
        promises=story.promises,
        asks=story.asks,
        nudges=story.nudges,
        findings=tuple(sorted(_findings(story), key=lambda f: (f.first, f.pattern, f.id))),
        invoices=story.invoices,
        review=_review(past),
        held=_is_held(past),
        away={person: day for person, day in sorted(story.away.items()) if day >= today},
    )


def _told(past: History) -> Story:
    debts, requests = Debts(past), Requests(past)
    nudges: list[Nudge] = []
    away: dict[str, date] = {}
    for message in past.messages:
        if message.of_client:
            before, rule = chased(past, debts, message)
            if before is not None:
                chase = nudge(past, debts.newest(message.at), before, message, rule)
                if chase is not None:
                    nudges.append(chase)
            if message.owed_an_answer:
                debts.owe(message, before)
            requests.hear(message)
        elif message.of_ours:
            debts.answer(message)
            requests.ask(message)
        if message.away_until is not None and message.direction is Direction.INBOUND:
            away[message.person] = message.away_until
    threads: dict[str, list[Message]] = {}
    for message in past.messages:
        threads.setdefault(past.threads[message.key], []).append(message)
    return Story(
        history=past,
        promises=debts.promises(),
        asks=requests.asks(away),
        nudges=tuple(nudges),
        invoices=standings(past),
        away=away,
        threads={thread: tuple(held) for thread, held in threads.items()},
    )


def _findings(story: Story) -> Iterator[Finding]:
    for rule in RULES:
        yield from rule(story)


def _review(past: History) -> tuple[Message, ...]:
    """Return the client's mail that only the owner may answer and has not answered yet."""
    doubtful = [
        message
        for message in past.messages
        if message.may_reply is MayReply.REVIEW and message.direction is Direction.INBOUND
    ]
    if not doubtful:
        return ()
    answered = {past.threads[m.key]: m.at for m in past.messages if m.of_ours}
    return tuple(
        message
        for message in doubtful
        if answered.get(past.threads[message.key], message.at) <= message.at
        and not any(
            past.word(verb, message.key, message.message_id, since=message.at)
            for verb in (OwnerVerb.ANSWERED, OwnerVerb.DISMISS)
        )
    )


def _is_held(past: History) -> bool:
    """Say whether the owner's last word on the client was to hold what leaves."""
    verbs = [
        word.verb
        for word in past.words
        if word.verb in {OwnerVerb.HOLD, OwnerVerb.RESUME} and word.target == past.client.key
    ]
    return bool(verbs) and verbs[-1] is OwnerVerb.HOLD
