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
from mailhours.model.reply import Cause, Mode, Reply, ReplyKind, Withheld
from mailhours.wording.catalogue import MissingWording

# One note a week reassures; more would be what it wants to prevent.
BETWEEN = timedelta(days=7)
_ITEMS = 3


def notes(desk: Desk) -> Iterator[Reply | Withheld]:
    """Yield a status note when this is the last check-in before it should be there."""
    s, client = desk.s, desk.client
    expected = s.predictions.get(client.key)
    project = _project(s, client)
    if expected is None or project is None or expected.at <= s.slot.due:
        return
    if s.next_slot is not None and expected.send_by >= s.next_slot.due:
        return
    cause = Cause("finding", f"chase:{client.key}:{client.calendar.local(expected.at).date()}")
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


def compose(desk: Desk, project: Project, expected: Prediction, cause: Cause) -> Reply:
    """Return the note: the date, what we owe, what we still need. It is a draft in every mode."""
    judged = desk.s.judgements[desk.client.key]
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
        "as_of": desk.day(desk.today),
        "due": desk.day(project.due),
        "moved_due": desk.day(moved_due(desk, project, desk.today)),
        "answer_by": desk.moment(owed) if owed else "",
        "hours": mail_hours(desk),
    }

    def fields(length: int) -> Mapping[str, object]:
        return {**given, "items": [item(text, length) for text in still[:_ITEMS]]}

    kind = ReplyKind.STATUS_NOTE
    facts = {"project": f"{project.name} {project.due}", "last_day": str(desk.today)}
    made = written(desk, kind, fields)
    reply = enclose(desk, Draft(kind, expected.person, made, (cause,), facts))
    return replace(reply, mode=Mode.DRAFT) if reply.mode is Mode.SEND else reply


def _project(s: Situation, client: Client) -> Project | None:
    """Return the project that the client last wrote of, or the only one."""
    spoken = [message.project for message in s.recent.get(client.key, ()) if message.project]
    if spoken:
        return client.project(spoken[-1])
    return client.projects[0] if len(client.projects) == 1 else None
