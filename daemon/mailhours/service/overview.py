"""What the owner is told: from the ledger to the values that a summary is made of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from mailhours.checkin import payment
from mailhours.checkin.feedback import next_level
from mailhours.ledger.health import DeafPeriod
from mailhours.model.address import Address, domain
from mailhours.model.health import Deaf, Health, Quarantined
from mailhours.model.judgement import InvoiceState, Judgement
from mailhours.model.outlook import NextReminder
from mailhours.model.reply import Cause, Mode, Past, Reply, ReplyKind, ReplyState, Withheld
from mailhours.model.slot import SlotState
from mailhours.service import brakes, held
from mailhours.service.account import Account
from mailhours.service.foresight import predictions
from mailhours.summary.daily import failed, sheet
from mailhours.summary.day import Day, gather
from mailhours.summary.inputs import Handled, Inputs
from mailhours.summary.page import page
from mailhours.summary.sheet import Sheet
from mailhours.summary.text import text

# Replies in these states wait for the owner, however old they are.
_WAITING = (ReplyState.PROPOSED, ReplyState.DOUBTFUL)
_FILED = (ReplyState.FILED, ReplyState.DRAFTED)
# A summary in one of these states told the owner nothing.
_NEVER_READ = (ReplyState.REFUSED, ReplyState.CANCELLED)
_SUMMARY = "summary:"
# So many may have waited for a server and left in any order.
_SUMMARIES = 7
_ONE = timedelta(days=1)
# The longest silence that the first summary of all looks back over.
_LONGEST = timedelta(days=31)
# So long after it left the fate of a mail may still change: put off by the server, or settled.
_SETTLES = timedelta(days=14)
# In so much time every mailbox has been asked once.
_ONE_ROUND = timedelta(minutes=5)


def day_of(account: Account, day: date, judged: dict[str, Judgement], past: list[Past]) -> Day:
    """Return the summary of a local `day` as it stands at the moment; nothing is sent."""
    settings = account.settings
    now = account.clock()
    midnight = datetime.combine(day, time(), settings.owner.calendar.zone)
    end = midnight + _ONE
    told = _told(account, past, day)
    start = told or _from_the_beginning(account, midnight)
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
            since=told,
            reminders=_reminders(account, judged, past),
            predictions=predictions(account, judged.values()),
            health=health(account, start, end),
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
    words = account.wording.words(account.settings.owner.language)
    return _mail(account, f"{_SUMMARY}{made.day.isoformat()}", sheet(made, words))


def failure_of(account: Account, day: date, why: str, tries: int) -> Reply:
    """Return what the owner gets instead of a summary that could not be made.

    It counts as no summary: the next one tells of this day as well.
    """
    words = account.wording.words(account.settings.owner.language)
    return _mail(account, f"no-{_SUMMARY}{day.isoformat()}", failed(day, why, tries, words))


def _mail(account: Account, slot: str, laid_out: Sheet) -> Reply:
    settings = account.settings
    cause = Cause("slot", slot)
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


def _told(account: Account, past: list[Past], day: date) -> datetime | None:
    """Return the moment that the newest summary of a day before `day` spoke of; None without one.

    Not when it left: a server that was down may have let it wait.
    """
    before = f"{_SUMMARY}{day.isoformat()}"
    summaries = [
        one.id
        for one in past
        if ReplyKind.SUMMARY in one.kinds
        and one.state not in _NEVER_READ
        and all(_SUMMARY <= cause.target < before for cause in one.causes)
    ]
    replies = map(account.ledger.outbox.reply, summaries[-_SUMMARIES:])
    return max((reply.at for reply in replies if reply is not None), default=None)


def _from_the_beginning(account: Account, midnight: datetime) -> datetime:
    """Return from when on all is news to an owner who has had no summary yet."""
    first = account.ledger.health.first_use(account.clock())
    return max(min(midnight, first), midnight - _LONGEST)


def health(account: Account, start: datetime, end: datetime) -> Health:
    """Return how the service fared in [start, end), and what was noted in it."""
    ledger = account.ledger
    length, head = ledger.chain.head()
    return Health(
        deaf=tuple(_deaf(account, start, end)),
        quarantined=tuple(
            Quarantined(q.place.folder, q.place.uid, q.reason, f"{q.place.folder}/{q.place.uid}")
            for q in ledger.mail.quarantined()
        ),
        configuration=tuple(account.rejected),
        # While the problems themselves are shown, the note that there are some says nothing more.
        notices=tuple(
            note.text
            for note in ledger.health.notes(start)
            if note.at < end and not (account.rejected and note.kind == "configuration")
        ),
        frozen=ledger.outbox.frozen(),
        missed=tuple(
            one.slot.key
            for one in ledger.slots.history(start - _ONE)
            # One that was due before the last summary may have been given up after it.
            if one.state is SlotState.MISSED and start <= (one.ended or one.slot.due) < end
        ),
        fuse_blown=brakes.fuse_blown(account),
        stopped=account.stopped,
        chain_head=head,
        chain_length=length,
    )


def _deaf(account: Account, start: datetime, end: datetime) -> Iterator[Deaf]:
    """Yield the deaf times that touch [start, end): one for all mailboxes that shared it.

    The mailbox is named only where another one was heard.
    """
    together: list[list[DeafPeriod]] = []
    for one in account.ledger.health.deaf(start):
        if one.start >= end:
            continue
        same = next((found for found in together if _is_same(found[0], one)), None)
        if same is None:
            together.append([one])
        else:
            same.append(one)
    mailboxes = {mailbox.name for mailbox in account.settings.mailboxes}
    for found in together:
        names = {one.mailbox for one in found}
        first, ends = min(one.start for one in found), [one.end for one in found if one.end]
        last = max(ends) if len(ends) == len(found) else None
        named = "" if names >= mailboxes else ", ".join(sorted(names))
        yield Deaf(first, last, found[0].why, named)


def _is_same(one: DeafPeriod, other: DeafPeriod) -> bool:
    """Say whether two mailboxes were deaf for one reason: they are asked one after the other."""
    if one.mailbox == other.mailbox or one.why != other.why or (not one.end) != (not other.end):
        return False
    ends = abs(one.end - other.end) if one.end and other.end else timedelta()
    return max(abs(one.start - other.start), ends) <= _ONE_ROUND


def _handled(account: Account, past: list[Past], start: datetime, end: datetime) -> list[Handled]:
    """Return the replies that moved in [start, end), and those that wait for the owner."""
    found = []
    for one in past:
        waits = one.state in _WAITING
        if not waits and not start - _SETTLES <= one.decided < end:
            continue
        reply = account.ledger.outbox.reply(one.id)
        # That a copy was filed later is no news.
        changes = [c for c in account.ledger.outbox.changes(one.id) if c.state not in _FILED]
        if reply is not None and changes and (waits or start <= changes[-1].at < end):
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
