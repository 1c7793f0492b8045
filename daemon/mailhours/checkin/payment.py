"""Payment: notices at rising levels, the paused work, and the word that it goes on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from mailhours.checkin import restraint
from mailhours.checkin.compose import (
    Desk,
    Draft,
    addressee,
    clean,
    enclose,
    mail_hours,
    message_id,
    short,
    today_of,
    working_day,
    written,
)
from mailhours.checkin.feedback import clause, moved_due
from mailhours.checkin.limits import Limits
from mailhours.checkin.situation import Situation
from mailhours.model.address import normal
from mailhours.model.client import Client, Role
from mailhours.model.judgement import InvoiceStanding, InvoiceState
from mailhours.model.policy import NEVER_ALONE
from mailhours.model.reply import Cause, Past, Reply, ReplyKind, ReplyState, Withheld
from mailhours.wording.catalogue import MissingWording

# Client working days after the due date. A level that comes late pushes the next ones back.
CADENCE = {1: 3, 2: 10, 3: 21, 4: 28}
KINDS = {
    0: ReplyKind.PAYMENT_0,
    1: ReplyKind.PAYMENT_1,
    2: ReplyKind.PAYMENT_2,
    3: ReplyKind.PAYMENT_3,
    4: ReplyKind.WORK_PAUSED,
}
PAUSED = 4
# Client working days that a last date lies ahead.
LAST_CHANCE = {3: 5, PAUSED: 2}
_RESUMED = "resumed"
_LEFT = frozenset(
    {
        ReplyState.SUBMITTED,
        ReplyState.FILED,
        ReplyState.DOUBTFUL,
        ReplyState.DRAFTED,
        ReplyState.SHADOWED,
    }
)


@dataclass(frozen=True, slots=True)
class Step:
    """The notice that comes next for an invoice, and the client's day from which it is due."""

    level: int
    day: date


def notices(desk: Desk, limits: Limits) -> Iterator[Reply | Withheld]:
    """Yield the notices that are due, the work-resumed notes, and what is withheld."""
    s, client = desk.s, desk.client
    to = payer(client)
    for standing in s.judgements[client.key].invoices:
        if standing.state is InvoiceState.PAID:
            yield from _resumed(desk, standing, to, limits)
            continue
        step = next_step(client, standing, s.past, s.began(client.key), s.days_before)
        if step is None or today_of(s, client) < step.day:
            continue
        cause = _cause(standing, step.level)
        if str(cause) in s.taken:
            continue
        alone = KINDS[step.level] not in NEVER_ALONE
        why = "" if to else "the client file names nobody who pays"
        why = why or restraint.payment(s, client, standing) or restraint.reminder(s, client, to)
        if alone:
            why = why or limits.reached(client.key, to, reminder=True)
        if not why:
            try:
                yield compose(desk, standing, step.level, to)
                if alone:
                    limits.add(client.key, to, reminder=True)
            except MissingWording as missing:
                why = missing.what
        if why:
            yield Withheld(client.key, to, cause, why, standing.invoice.number)


def payer(client: Client) -> str:
    """Return who pays: the payer, else the contact; empty when the client file names neither."""
    for role in (Role.PAYER, Role.CONTACT):
        for person in client.people:
            if role in person.roles:
                return person.address
    return ""


def next_step(
    client: Client,
    standing: InvoiceStanding,
    past: Iterable[Past],
    began: datetime,
    days_before: int | None,
) -> Step | None:
    """Return the lowest level that was not used, and its day; None when there is no further one.

    The clock starts at the due date, or when mailhours came to know the client: an old debt is no
    reason for a mail on the first day. Missed levels are not made up for in a volley: between two
    lie the days that lie between them in CADENCE. `began` is when mailhours came to know the
    client; `days_before` is as in a Situation.
    """
    invoice, calendar = standing.invoice, client.calendar
    sent = _sent(past, invoice.number)
    if not sent and days_before is not None and standing.days_late == 0:
        back = days_before + calendar.is_working_day(invoice.due)
        ahead = calendar.working_days(invoice.issued, invoice.due)[-back:]
        return Step(0, date.fromordinal(ahead[0]) if ahead else invoice.due)
    level = max((*sent, 0)) + 1
    if level > PAUSED or (level == PAUSED and sent[PAUSED - 1].state not in _LEFT):
        return None
    start = max(invoice.due, calendar.local(began).date())
    day = working_day(calendar, start, CADENCE[level])
    if level - 1 in sent and level > 1:
        before = calendar.local(sent[level - 1].decided).date()
        day = max(day, working_day(calendar, before, CADENCE[level] - CADENCE[level - 1]))
    return Step(level, day)


def compose(desk: Desk, standing: InvoiceStanding, level: int, to: str) -> Reply:
    """Return the notice of `level` (4: the work is paused). MissingWording when a part lacks.

    Interest and fees are never computed; levels 3 and 4 name the clause of the agreement.
    """
    kind, invoice, client, today = KINDS[level], standing.invoice, desk.client, desk.today
    details = desk.s.payment_details.strip()
    project = client.project(invoice.project)
    given: dict[str, object] = {
        **addressee(desk, to),
        "number": clean(invoice.number),
        "amount": desk.wording.words(client.language).money(invoice.amount),
        "due": desk.day(invoice.due),
        "details": details,
        "project": short(project.name, 60) if project else "",
        "as_of": desk.day(today),
        "days": (today - invoice.due).days,
        "project_due": desk.day(project.due) if project else "",
    }
    facts = {
        f"invoice:{invoice.number}": f"{invoice.amount} {invoice.due.isoformat()}",
        "details": details,
    }
    if level > 1:
        given["hours"] = mail_hours(desk)
    if level in LAST_CHANCE:
        last = working_day(client.calendar, today, LAST_CHANCE[level])
        given["last_day"] = desk.day(last)
        given["from_day"] = desk.day(working_day(client.calendar, last, 1))
        given["clause"] = facts["clause"] = clause(desk, "payment")
        facts["last_day"] = last.isoformat()
    made = written(desk, kind, lambda _: given)
    causes = (_cause(standing, level),)
    earlier = () if level == PAUSED else _thread(desk.s, standing, to)
    return enclose(desk, Draft(kind, to, made, causes, facts, earlier=earlier))


def _resumed(
    desk: Desk, standing: InvoiceStanding, to: str, limits: Limits
) -> Iterator[Reply | Withheld]:
    """Yield the note that work goes on, when a pause was announced and the money has come."""
    s, client = desk.s, desk.client
    cause = Cause("invoice", f"{standing.invoice.number}:{_RESUMED}")
    paused = _sent(s.past, standing.invoice.number).get(PAUSED)
    if paused is None or paused.state not in _LEFT or not to or str(cause) in s.taken:
        return
    rules = (restraint.their_hours, *restraint.UNASKED_RULES)
    why = restraint.first(rule(s, client, to) for rule in rules)
    why = why or limits.reached(client.key, to, reminder=False)
    if not why:
        try:
            yield _compose_resumed(desk, standing, paused, to)
            limits.add(client.key, to, reminder=False)
        except MissingWording as missing:
            why = missing.what
    if why:
        yield Withheld(client.key, to, cause, why, standing.invoice.number)


def _compose_resumed(desk: Desk, standing: InvoiceStanding, paused: Past, to: str) -> Reply:
    """Return the thanks with the new date: the delay ledger's, and the days of the pause."""
    invoice = standing.invoice
    project = desk.client.project(invoice.project)
    paid = standing.paid or desk.today
    moved = None
    if project is not None and project.due is not None:
        calendar = desk.s.owner.calendar
        so_far = moved_due(desk, project, desk.today) or project.due
        days = len(calendar.working_days(calendar.local(paused.decided).date(), paid))
        moved = working_day(calendar, so_far, days)
    given = {
        **addressee(desk, to),
        "number": clean(invoice.number),
        "paid": desk.day(paid),
        "project": short(project.name, 60) if project else "",
        "moved_due": desk.day(moved),
    }
    facts = {"paid": paid.isoformat()}
    kind = ReplyKind.WORK_RESUMED
    causes = (Cause("invoice", f"{invoice.number}:{_RESUMED}"),)
    return enclose(desk, Draft(kind, to, written(desk, kind, lambda _: given), causes, facts))


def _thread(s: Situation, standing: InvoiceStanding, to: str) -> tuple[str, ...]:
    """Return the ids of the notices that left for this invoice before, oldest first."""
    left = [
        past
        for past in _sent(s.past, standing.invoice.number).values()
        if past.person == normal(to) and past.state in (ReplyState.SUBMITTED, ReplyState.FILED)
    ]
    left.sort(key=lambda past: past.decided)
    own = s.owner.address
    return tuple(message_id(past.slot, past.person, past.causes, own) for past in left)


def _sent(past: Iterable[Past], number: str) -> dict[int, Past]:
    """Return what was decided for an invoice, by level; what was taken back does not count."""
    found = {}
    for earlier in past:
        for cause in earlier.causes:
            name, _, level = cause.target.rpartition(":")
            of_it = cause.kind == "invoice" and name == number and level.isdecimal()
            if of_it and earlier.state is not ReplyState.CANCELLED:
                found[int(level)] = earlier
    return found


def _cause(standing: InvoiceStanding, level: int) -> Cause:
    return Cause("invoice", f"{standing.invoice.number}:{level}")
