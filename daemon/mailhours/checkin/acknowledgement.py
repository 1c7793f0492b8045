"""Acknowledgements: at most one a person and check-in, of all that this person sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from mailhours.checkin import restraint
from mailhours.checkin.compose import (
    BURST_LENGTH,
    LENGTHS,
    Desk,
    Draft,
    addressee,
    bare_subject,
    enclose,
    mail_hours,
    next_check_in,
    next_fact,
    short,
    written,
)
from mailhours.checkin.limits import Limits
from mailhours.checkin.situation import Situation
from mailhours.model.client import Client
from mailhours.model.judgement import Promise
from mailhours.model.reply import Cause, Reply, ReplyKind, ReplyState, Withheld
from mailhours.wording.catalogue import MissingWording

# A client reads the mail on a phone: more subjects than these are counted, not named.
SUBJECTS_NAMED = 5
# The line on check-in hours is a hint, and no refrain.
HOURS_LINE = timedelta(days=30)
_HOURS = "hours"
# What was never read by anybody. A draft counts: the owner may have sent it.
_UNSAID = frozenset({ReplyState.PROPOSED, ReplyState.CANCELLED, ReplyState.REFUSED})


def acknowledgements(desk: Desk, limits: Limits) -> Iterator[Reply | Withheld]:
    """Yield at most one acknowledgement a person, and what is withheld."""
    s, client = desk.s, desk.client
    waiting = [
        promise
        for promise in s.judgements[client.key].open_promises
        if promise.message.at <= s.slot.due
        and str(Cause("message", promise.message.key)) not in s.taken
    ]
    by_person: dict[str, list[Promise]] = {}
    for promise in sorted(waiting, key=lambda p: (p.message.at, p.message.key)):
        why = restraint.first(rule(s, client, promise) for rule in restraint.MESSAGE_RULES)
        if why:
            yield _withheld(client, promise, why)
        else:
            by_person.setdefault(promise.message.person, []).append(promise)
    strangers = 0
    for person, promises in sorted(by_person.items()):
        rules = (*restraint.PERSON_RULES, *restraint.ACKNOWLEDGEMENT_RULES)
        why = restraint.first(rule(s, client, person) for rule in rules)
        why = why or limits.reached(client.key, person, reminder=False)
        if not (why or client.names(person)):
            strangers += 1
            why = restraint.too_many_strangers(strangers)
        if not why:
            try:
                yield compose(desk, promises)
                limits.add(client.key, person, reminder=False)
            except MissingWording as missing:
                why = missing.what
        if why:
            yield from (_withheld(client, promise, why) for promise in promises)


def compose(desk: Desk, promises: Sequence[Promise]) -> Reply:
    """Return one mail that says what arrived, when mail is read next, and when the answer comes.

    `promises` are those of one person, oldest first. MissingWording when a part is missing.
    """
    s, client, newest = desk.s, desk.client, promises[-1].message
    due: dict[str, datetime] = {}
    for promise in promises:
        subject, by = bare_subject(promise.message.subject), s.answer_due(client.key, promise)
        due[subject] = min(by, due.get(subject, by))
    due = _stated(s, due)
    said = {at: desk.moment(at) for at in set(due.values())}
    next_one = next_check_in(desk)
    hours = mail_hours(desk) if _wants_hours(s, client, promises) else ""

    def fields(length: int) -> Mapping[str, object]:
        named = [(short(subject, length), said[at]) for subject, at in due.items()]
        return {
            **addressee(desk, newest.person),
            "count": len(promises),
            "arrived": named[:SUBJECTS_NAMED],
            "more": max(0, len(named) - SUBJECTS_NAMED),
            "more_by": named[-1][1] if len(said) > 1 else "",
            "next_check_in": next_one,
            "answer_by": named[0][1] if len(due) == 1 else "",
            "answer_by_all": named[0][1] if len(due) > 1 and len(said) == 1 else "",
            "contact": _contact(s, client, promises),
            "hours": hours,
            "urgent": s.owner.urgent,
        }

    most = BURST_LENGTH if len(due) > 1 else 0
    facts = {
        f"promise:{p.message.key}": due[bare_subject(p.message.subject)].isoformat()
        for p in promises
    }
    facts |= next_fact(desk)
    if hours:
        facts[_HOURS] = hours
    kind = ReplyKind.ACKNOWLEDGEMENT
    made = written(desk, kind, fields, most=most)
    if hours and len(made.text) - len(s.owner.urgent) > (most or LENGTHS[kind]):
        del facts[_HOURS]
        hours = ""
        made = written(desk, kind, fields, most=most)
    causes = tuple(Cause("message", p.message.key) for p in promises)
    return enclose(desk, Draft(kind, newest.person, made, causes, facts, parent=newest))


def _stated(s: Situation, due: Mapping[str, datetime]) -> dict[str, datetime]:
    """Return what the mail states of each subject, never later than was agreed.

    Of one day the earliest moment holds for all. Of several days each has its own; what is only
    counted has the earliest of its own.
    """
    days = {s.owner.calendar.local(at).date() for at in due.values()}
    if len(days) == 1:
        return dict.fromkeys(due, min(due.values()))
    counted = list(due)[SUBJECTS_NAMED:]
    together = dict.fromkeys(counted, min((due[subject] for subject in counted), default=None))
    return {subject: together.get(subject) or at for subject, at in due.items()}


def _contact(s: Situation, client: Client, promises: Sequence[Promise]) -> str:
    """Return the agreed contact when one of the mails went past it."""
    contact = client.agreement(s.owner.calendar.local(s.slot.due).date()).contact
    for promise in promises:
        addressed = promise.message.addressed
        # Any address of the owner's is the owner.
        met = any(map(s.owner.is_own, addressed)) if s.owner.is_own(contact) else False
        if contact and not met and contact not in addressed:
            return contact
    return ""


def _wants_hours(s: Situation, client: Client, promises: Sequence[Promise]) -> bool:
    """Say whether check-in hours are named: to who sent several mails or chased, once a month."""
    keys = {promise.message.key for promise in promises}
    chased = any(nudge.message.key in keys for nudge in s.judgements[client.key].nudges)
    if len(promises) == 1 and not chased:
        return False
    person = promises[-1].message.person
    return not any(
        past.person == person
        and past.decided > s.slot.due - HOURS_LINE
        and (_HOURS in past.facts or ReplyKind.HOURS_LETTER in past.kinds)
        and past.state not in _UNSAID
        for past in s.past
    )


def _withheld(client: Client, promise: Promise, why: str) -> Withheld:
    message = promise.message
    return Withheld(client.key, message.person, Cause("message", message.key), why, message.subject)
