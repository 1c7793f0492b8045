"""Status notes: a draft for the owner, in time before a client is likely to ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from mailhours.checkin import restraint
from mailhours.checkin.compose import (
    Desk,
    Draft,
    addressee,
    enclose,
    item,
    mail_hours,
    short,
    written,
)
from mailhours.checkin.feedback import moved_due
from mailhours.checkin.situation import Situation
from mailhours.model.client import Client, Project
from mailhours.model.outlook import Prediction
from mailhours.model.reply import Cause, Mode, Past, Reply, ReplyKind, Withheld
from mailhours.wording.catalogue import MissingWording

# One note a week reassures; more would be what it wants to prevent.
BETWEEN = timedelta(days=7)
_ITEMS = 3


def notes(desk: Desk) -> Iterator[Reply | Withheld]:
    """Yield a status note one check-in before it should leave: so the owner can let it leave then.

    What the owner let leave later than that leaves on the day of which it speaks.
    """
    s, client = desk.s, desk.client
    approved = _approved(s, client)
    expected = s.predictions.get(client.key)
    project = _project(s, client, approved)
    if approved is not None:
        expected = Prediction(client.key, approved.person, s.slot.due, s.slot.due, 0)
    elif expected is not None and not _is_time(s, expected):
        return
    if expected is None or project is None:
        return
    day = client.calendar.local(expected.at).date()
    cause = approved.causes[0] if approved else Cause("finding", f"chase:{client.key}:{day}")
    recent = (
        past
        for past in s.past
        if past.client == client.key
        and ReplyKind.STATUS_NOTE in past.kinds
        and past.decided > s.slot.due - BETWEEN
    )
    if str(cause) in s.taken or any(recent):
        return
    why = restraint.first(
        rule(s, client, expected.person)
        for rule in (restraint.delicate_matter, *restraint.UNASKED_RULES)
    )
    if not why:
        try:
            yield compose(desk, project, expected, cause)
        except MissingWording as missing:
            why = missing.what
    if why:
        yield Withheld(client.key, expected.person, cause, why, project.name)


def _approved(s: Situation, client: Client) -> Past | None:
    """Return the note that the owner let leave; what was expected may have moved or passed."""
    notes = (
        p for p in s.approved if p.client == client.key and p.kinds == (ReplyKind.STATUS_NOTE,)
    )
    return next(notes, None)


def _is_time(s: Situation, expected: Prediction) -> bool:
    """Say whether no later check-in than this one is early enough to write it."""
    if expected.at <= s.slot.due:
        return False
    return s.next_slot is None or expected.send_by <= s.next_slot.due


def compose(desk: Desk, project: Project, expected: Prediction, cause: Cause) -> Reply:
    """Return the note: the date, what we owe, what we still need. It is a draft in every mode.

    It speaks of the day on which it should leave.
    """
    judged = desk.s.judgements[desk.client.key]
    as_of = max(desk.today, desk.client.calendar.local(expected.send_by).date())
    owed = max((p.due for p in judged.open_promises), default=None)
    still = [
        one.text
        for ask in judged.open_asks
        if ask.person == expected.person and ask.project in ("", project.key)
        for one in ask.items
        if one.closed is None
    ]
    given = {
        **addressee(desk, expected.person),
        "project": short(project.name, 60),
        "as_of": desk.day(as_of),
        "due": desk.day(project.due),
        "moved_due": desk.day(moved_due(desk, project, as_of)),
        "answer_by": desk.moment(owed) if owed else "",
        "hours": mail_hours(desk),
    }

    def fields(length: int) -> Mapping[str, object]:
        return {**given, "items": [item(text, length) for text in still[:_ITEMS]]}

    kind = ReplyKind.STATUS_NOTE
    facts = {
        "project": _stands_as(project),
        "items": "; ".join(still),
        "answer_by": owed.isoformat() if owed else "",
        "last_day": str(as_of),
    }
    made = written(desk, kind, fields)
    reply = enclose(desk, Draft(kind, expected.person, made, (cause,), facts))
    return replace(reply, mode=Mode.DRAFT) if reply.mode is Mode.SEND else reply


def _project(s: Situation, client: Client, approved: Past | None) -> Project | None:
    """Return the project of the note: as approved, else the last spoken of, else the only one."""
    if approved is not None:
        name = approved.facts.get("project", "")
        return next((p for p in client.projects if _stands_as(p) == name), None)
    spoken = [message.project for message in s.recent.get(client.key, ()) if message.project]
    if spoken:
        return client.project(spoken[-1])
    return client.projects[0] if len(client.projects) == 1 else None


def _stands_as(project: Project) -> str:
    """Return a project and its date as a fact of the note."""
    return f"{project.name} {project.due}"
