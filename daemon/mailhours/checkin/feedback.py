"""Reminders of what we asked a client for: three levels, each once, each in its time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime

from mailhours.checkin import restraint
from mailhours.checkin.compose import (
    Desk,
    Draft,
    addressee,
    enclose,
    item,
    mail_hours,
    next_check_in,
    next_fact,
    short,
    working_day,
    written,
)
from mailhours.checkin.limits import Limits
from mailhours.model.client import Client, Project
from mailhours.model.judgement import Ask
from mailhours.model.policy import NEVER_ALONE
from mailhours.model.reply import Cause, Past, Reply, ReplyKind, ReplyState, Withheld
from mailhours.wording.catalogue import MissingWording

# Client working days after the day an ask was due, and then between one level and the next.
CADENCE = (1, 3, 5)
KINDS = (ReplyKind.FEEDBACK_1, ReplyKind.FEEDBACK_2, ReplyKind.FEEDBACK_3)
# Client working days that the third level leaves for the answer.
LAST_CHANCE = 5
_ITEMS = 5


def reminders(desk: Desk, limits: Limits) -> Iterator[Reply | Withheld]:
    """Yield the reminders that are due, one level at a time, and those withheld."""
    s, client = desk.s, desk.client
    for ask in s.judgements[client.key].open_asks:
        level, due = next_level(s.past, client, ask)
        cause = Cause("ask", f"{ask.id}:{level}")
        if due is None or due > s.slot.due or str(cause) in s.taken:
            continue
        alone = KINDS[level - 1] not in NEVER_ALONE
        why = restraint.asked_before_first_use(s, client, ask)
        why = why or restraint.reminder(s, client, ask.person)
        if alone:
            why = why or limits.reached(client.key, ask.person, reminder=True)
        if not why:
            try:
                yield compose(desk, ask, level)
                if alone:
                    limits.add(client.key, ask.person, reminder=True)
            except MissingWording as missing:
                why = missing.what
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


def compose(desk: Desk, ask: Ask, level: int) -> Reply:
    """Return the reminder of `level` 1 to 3 for an open ask. MissingWording when a part lacks.

    Level 2 names what stands still and the new date; level 3 also the clause of the agreement that
    applies from a day on, and the last day for an answer. The third leaves after an approval, so
    that it names nothing that the next day changes.
    """
    kind, client, today = KINDS[level - 1], desk.client, desk.today
    project = client.project(ask.project)
    still = [one for one in ask.items if one.closed is None]
    asked, needed = (client.calendar.local(at).date() for at in (ask.opened, ask.due))
    given: dict[str, object] = {
        **addressee(desk, ask.person),
        "project": short(project.name, 60) if project else "",
        "needed_by": desk.day(needed),
        "asked_on": desk.day(asked),
        "as_of": desk.day(today),
        "due": desk.day(project.due) if project else "",
    }
    facts = {
        f"due:{ask.id}": ask.due.isoformat(),
        f"items:{ask.id}": " ".join(str(one.number) for one in still),
        "project": f"{project.name} {project.due}" if project else "",
    }
    if level < len(CADENCE):
        given["next_check_in"] = next_check_in(desk)
        facts |= next_fact(desk)
        given["moved_due"] = desk.day(moved_due(desk, project, today))
    else:
        last = working_day(client.calendar, today, LAST_CHANCE)
        given["last_day"] = desk.day(last)
        given["from_day"] = desk.day(working_day(client.calendar, last, 1))
        given["moved_due"] = desk.day(moved_due(desk, project, last))
        given["clause"] = facts["clause"] = clause(desk, "feedback")
        given["hours"] = mail_hours(desk)
        facts["last_day"] = last.isoformat()

    def fields(length: int) -> Mapping[str, object]:
        return {**given, "items": [item(one.text, length + 30) for one in still[:_ITEMS]]}

    causes = (Cause("ask", f"{ask.id}:{level}"),)
    made = written(desk, kind, fields)
    return enclose(desk, Draft(kind, ask.person, made, causes, facts, parent=ask.message))


def clause(desk: Desk, name: str) -> str:
    """Return where the agreement of today says it; MissingWording when it does not."""
    today = desk.s.owner.calendar.local(desk.s.slot.due).date()
    found = desk.client.agreement(today).clauses.get(name, "")
    if not found:
        raise MissingWording(f"no clause is named in the agreement: clauses.{name}")
    return found


def moved_due(desk: Desk, project: Project | None, until: date) -> date | None:
    """Return the project's date when the answer comes on `until`; None when it does not move.

    The delay ledger's days so far, and the client's working days from the slot to `until`.
    """
    if project is None or project.due is None:
        return None
    delays = desk.s.judgements[desk.client.key].projects
    delay = next((d for d in delays if d.project == project.key), None)
    if delay is None:
        return None
    days = delay.days_lost + len(desk.client.calendar.working_days(desk.today, until))
    return working_day(desk.s.owner.calendar, project.due, days) if days else None
