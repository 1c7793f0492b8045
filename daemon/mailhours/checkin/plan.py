"""What leaves at a check-in: from a situation to a list of replies and a list of withheld ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from mailhours.checkin import compose, restraint
from mailhours.checkin.situation import Situation
from mailhours.model.client import Client
from mailhours.model.judgement import Ask, Promise
from mailhours.model.reply import Cause, Past, Plan, Reply, ReplyState, Withheld
from mailhours.wording.render import MissingWording, Wording

# Client working days after the day an ask was due, and then between one level and the next.
CADENCE = (1, 3, 5)


def plan(situation: Situation, wording: Wording) -> Plan:
    """Return what leaves at the situation's slot and what is withheld, with reasons.

    1. For each person: one acknowledgement of all that came and is owed an answer.
    2. For each open ask that is past due: the reminder of the next level.
    At most one mail a person; an acknowledgement goes before a reminder.
    """
    limits = restraint.Limits(situation)
    replies: list[Reply] = []
    withheld: list[Withheld] = []
    for key in sorted(situation.judgements):
        client = situation.clients[key]
        for outcome in (
            *_acknowledgements(situation, client, limits, wording),
            *_reminders(situation, client, limits, wording),
        ):
            if isinstance(outcome, Reply):
                replies.append(outcome)
            else:
                withheld.append(outcome)
    return Plan(situation.slot, tuple(replies), tuple(withheld))


def _acknowledgements(
    s: Situation, client: Client, limits: restraint.Limits, wording: Wording
) -> Iterator[Reply | Withheld]:
    """Yield at most one acknowledgement a person, and what is withheld."""
    waiting = [
        promise
        for promise in s.judgements[client.key].open_promises
        if promise.message.at <= s.slot.due
        and str(Cause("message", promise.message.key)) not in s.taken
    ]
    by_person: dict[str, list[Promise]] = {}
    for promise in sorted(waiting, key=lambda p: (p.message.at, p.message.key)):
        why = _first(rule(s, client, promise) for rule in restraint.MESSAGE_RULES)
        if why:
            yield _withheld(client, promise, why)
        else:
            by_person.setdefault(promise.message.person, []).append(promise)
    for person, promises in sorted(by_person.items()):
        rules = (*restraint.PERSON_RULES, *restraint.ACKNOWLEDGEMENT_RULES)
        why = _first(rule(s, client, person) for rule in rules)
        why = why or limits.reached(client.key, person, reminder=False)
        if not why:
            try:
                reply = compose.acknowledgement(s, client, promises, wording)
            except MissingWording as missing:
                why = missing.what
            else:
                limits.add(client.key, person, reminder=False)
                yield reply
        if why:
            yield from (_withheld(client, promise, why) for promise in promises)


def _reminders(
    s: Situation, client: Client, limits: restraint.Limits, wording: Wording
) -> Iterator[Reply | Withheld]:
    """Yield the reminders that are due, one level at a time, and those withheld."""
    for ask in s.judgements[client.key].open_asks:
        level, due = next_level(s.past, client, ask)
        if due is None or due > s.slot.due:
            continue
        cause = Cause("ask", f"{ask.id}:{level}")
        why = _first(rule(s, client, ask) for rule in restraint.REMINDER_RULES)
        why = why or _first(rule(s, client, ask.person) for rule in restraint.PERSON_RULES)
        why = why or limits.reached(client.key, ask.person, reminder=True)
        if not why:
            try:
                reply = compose.feedback_reminder(s, client, ask, level, wording)
            except MissingWording as missing:
                why = missing.what
            else:
                limits.add(client.key, ask.person, reminder=True)
                yield reply
        if why:
            yield Withheld(client.key, ask.person, cause, why, ask.text)


def next_level(past: Iterable[Past], client: Client, ask: Ask) -> tuple[int, datetime | None]:
    """Return the level that comes next and from when; (3, None) when all three were used."""
    sent = {
        cause.target.rpartition(":")[2]: earlier.decided
        for earlier in past
        for cause in earlier.causes
        if cause.kind == "ask"
        and cause.target.startswith(f"{ask.id}:")
        and earlier.state is not ReplyState.CANCELLED
    }
    level = len(sent) + 1
    if level > len(CADENCE):
        return len(CADENCE), None
    start = max(sent.values(), default=ask.due)
    return level, client.calendar.add_business_days(start, CADENCE[level - 1])


def _withheld(client: Client, promise: Promise, why: str) -> Withheld:
    message = promise.message
    return Withheld(client.key, message.person, Cause("message", message.key), why, message.subject)


def _first(words: Iterable[str]) -> str:
    return next((word for word in words if word), "")
