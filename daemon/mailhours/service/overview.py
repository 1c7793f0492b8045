"""What the owner is told: from the ledger to the values that a summary is made of."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, time, timedelta

from mailhours.checkin import payment
from mailhours.checkin.feedback import next_level
from mailhours.model.address import Address, domain
from mailhours.model.health import Deaf, Health, Quarantined
from mailhours.model.judgement import InvoiceState, Judgement
from mailhours.model.outlook import NextReminder
from mailhours.model.reply import Cause, Mode, Past, Reply, ReplyKind, ReplyState, Withheld
from mailhours.model.slot import SlotState
from mailhours.service import brakes, held
from mailhours.service.account import Account
from mailhours.service.foresight import predictions
from mailhours.summary.daily import sheet
from mailhours.summary.day import Day, gather
from mailhours.summary.inputs import Handled, Inputs
from mailhours.summary.page import page
from mailhours.summary.text import text

# Replies in these states wait for the owner, however old they are.
_WAITING = (ReplyState.PROPOSED, ReplyState.DOUBTFUL)


def day_of(account: Account, day: date, judged: dict[str, Judgement], past: list[Past]) -> Day:
    """Return the summary of a local `day` as it stands at the moment; nothing is sent."""
    settings = account.settings
    now = account.clock()
    zone = settings.owner.calendar.zone
    start = datetime.combine(day, time(), zone)
    end = start + timedelta(days=1)
    withheld, young = _withheld(account, start, end)
    return gather(
        Inputs(
            day=day,
            now=now,
            mode=settings.policy.mode,
            owner=settings.owner,
            clients=account.book.clients,
            judgements=judged,
            replies=_handled(account, past, start, end),
            withheld=withheld,
            reminders=_reminders(account, judged, past),
            predictions=predictions(account, judged),
            health=health(account, start, end, _told_until(past, start)),
            held_waiting=young,
        )
    )


def _withheld(account: Account, start: datetime, end: datetime) -> tuple[list[Withheld], list[str]]:
    """Return what was withheld in [start, end), and the held replies that were too young.

    Of held replies only what the newest check-in said counts: the folder may have changed since.
    """
    ledger = account.ledger
    slots = [one.slot.key for one in ledger.slots.history(start) if one.slot.due < end]
    found = [one for one in ledger.outbox.withheld(since=start) if one.at < end]
    stale = [o for o in found if o.withheld.cause.kind == held.KIND and o.slot not in slots[-1:]]
    now = [one.withheld for one in found if one not in stale]
    young = [one.detail for one in now if one.reason == held.TOO_YOUNG]
    return [one for one in now if one.reason != held.TOO_YOUNG], young


def mail_of(account: Account, made: Day) -> Reply:
    """Return the summary as a mail to the owner."""
    settings = account.settings
    words = account.wording.words(settings.owner.language)
    laid_out = sheet(made, words)
    cause = Cause("slot", f"summary:{made.day.isoformat()}")
    digest = hashlib.sha256(f"{settings.account}\0{cause}".encode()).hexdigest()
    sender = settings.owner.address
    return Reply(
        id=f"r{digest[:8]}",
        slot="",
        client="",
        kinds=(ReplyKind.SUMMARY,),
        mode=Mode.SEND,
        sender=Address("mailhours", sender),
        to=Address(settings.owner.name, settings.summary_to),
        subject=laid_out.subject,
        text=text(laid_out),
        html=page(laid_out, account.wording),
        language=settings.owner.language,
        causes=(cause,),
        in_reply_to="",
        references=(),
        auto_submitted="auto-generated",
        message_id=f"<{digest[:32]}@{domain(sender)}>",
        at=settings.owner.calendar.local(account.clock()),
    )


def _told_until(past: list[Past], start: datetime) -> datetime:
    """Return when the owner was told last before `start`: what was noted since is still news."""
    told = [p.decided for p in past if ReplyKind.SUMMARY in p.kinds and p.decided < start]
    return max(told, default=start)


def health(account: Account, start: datetime, end: datetime, told: datetime) -> Health:
    """Return how the service fared in [start, end), with what was noted since `told`."""
    ledger = account.ledger
    length, head = ledger.chain.head()
    return Health(
        deaf=tuple(
            Deaf(one.start, one.end, one.why, one.mailbox)
            for one in ledger.health.deaf(start)
            if one.start < end
        ),
        quarantined=tuple(
            Quarantined(q.place.folder, q.place.uid, q.reason, f"{q.place.folder}/{q.place.uid}")
            for q in ledger.mail.quarantined()
        ),
        configuration=tuple(account.rejected),
        notices=tuple(note.text for note in ledger.health.notes(told) if note.at < end),
        frozen=ledger.outbox.frozen(),
        missed=tuple(
            one.slot.key
            for one in ledger.slots.history(start)
            if one.state is SlotState.MISSED and one.slot.due < end
        ),
        fuse_blown=brakes.fuse_blown(account),
        stopped=account.stopped,
        chain_head=head,
        chain_length=length,
    )


def _handled(account: Account, past: list[Past], start: datetime, end: datetime) -> list[Handled]:
    """Return the replies that moved in [start, end), and those that wait for the owner."""
    found = []
    for one in past:
        today = start <= one.decided < end
        if not today and one.state not in _WAITING:
            continue
        reply = account.ledger.outbox.reply(one.id)
        changes = account.ledger.outbox.changes(one.id)
        if reply is not None and changes:
            found.append(Handled(reply, one.state, changes[-1].at, changes[-1].text))
    return found


def _reminders(
    account: Account, judged: dict[str, Judgement], past: list[Past]
) -> dict[str, NextReminder]:
    """Return what comes next for each open ask and unpaid invoice: its level, its check-in."""
    calendar, now = account.settings.owner.calendar, account.clock()
    found = {}
    for key, judgement in judged.items():
        client = account.book.clients[key]
        steps = [(ask.id, *next_level(past, client, ask)) for ask in judgement.open_asks]
        began = account.ledger.health.known_since([key], now)[key]
        for standing in judgement.invoices:
            step = payment.next_step(client, standing, past, began, account.settings.days_before)
            if step is not None and standing.state is not InvoiceState.PAID:
                first = datetime.combine(step.day, time(), client.calendar.zone)
                steps.append((standing.invoice.number, step.level, first))
        for name, level, due in steps:
            moment = None if due is None else max(due, now)
            slot = None if moment is None else calendar.next_slot(moment - timedelta(seconds=1))
            if slot is not None:
                found[name] = NextReminder(level, slot.due)
    return found
