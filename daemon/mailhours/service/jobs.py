"""The pipeline, from top to bottom: look, understand, judge, check in, send, sum up.

Walk this file to find any behaviour: each job is a few named steps, and each step lives in the
stage that it names. Decide, then act; persist, then act, then settle. Every job may be repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from mailhours.checkin import slots
from mailhours.ledger.reading_rows import Read
from mailhours.ledger.readings import Logged
from mailhours.model.faults import Fault, LoginRefused, ServerFault
from mailhours.model.reply import Plan, Reply, ReplyState
from mailhours.model.slot import Slot, SlotState
from mailhours.service import (
    brakes,
    journal,
    judging,
    polling,
    sending,
    status,
)
from mailhours.service.account import Account
from mailhours.service.attribution import message

# What only a check-in or a summary needs is imported there: the first poll does not wait for it,
# and a service that has held none does not hold it.
if TYPE_CHECKING:
    from mailhours.summary.day import Day

# A slot that a crashed process began may be taken over after this long.
LEASE = timedelta(minutes=15)
UNDERSTOOD_AT_ONCE = 200
SUMMARY_TRIES = 3
ELSEWHERE_FROM = 5  # o'clock, the owner's time: before anybody's first check-in


@dataclass(frozen=True, slots=True)
class Polled:
    """What one poll did: `logged` new messages of clients; `faults` of mailboxes that were deaf."""

    logged: int
    faults: tuple[Fault, ...]

    @property
    def complete(self) -> bool:
        """Say whether every mailbox was read to its end."""
        return not self.faults


# --------------------------------------------------------------------------------------- mail in


def poll(account: Account, progress: Callable[[int], None] = lambda _: None) -> Polled:
    """Read what is new and understand it.

    1. Look: each mailbox hands out batches; a batch and its cursor are one transaction.
    2. Understand what was logged (and what older rules had understood).
    3. Hear what the owner says in answer to a summary.
    4. File copies of our own mail that are not yet in Sent.
    """
    logged, faults, began = 0, [], account.clock()
    _reread_when_clients_changed(account)
    account.rung.clear()
    for mailbox in account.mailboxes:
        new, fault = polling.look(account, mailbox, progress)
        logged += new
        if fault is not None:
            faults.append(fault)
    understand(account)
    if logged:
        _hear(account, began)
        journal.polled(logged)
    sending.lay_copies(account)
    return Polled(logged, tuple(faults))


def _hear(account: Account, logged: datetime | None = None) -> None:
    """Act on what the owner says in answer to a summary.

    A poll looks at what it has just `logged`; a check-in and a summary, at all of the last days:
    what a crash left unheard, or what lay elsewhere before it lay in Sent.
    """
    from mailhours.service import by_mail

    by_mail.hear(account, lambda: judging.judgements(account, account.clock()), logged)


def _reread_when_clients_changed(account: Account) -> None:
    """Look at the whole horizon again when client files changed: a sender may be a client's now."""
    ledger = account.ledger.mail
    if ledger.interest() != account.book.digest:
        ledger.forget_unwanted()
        ledger.set_interest(account.book.digest)
        account.ledger.health.known_since(account.book.clients, account.clock())


def search_elsewhere(account: Account) -> None:
    """Log mail of clients that filters put into other folders, Junk too, and warn the owner."""
    found = polling.elsewhere(account)
    understand(account)
    polling.warn_of(account, found)


def understand(account: Account) -> int:
    """Read every mail that this version of the rules has not read yet; return how many."""
    done = 0
    while rows := account.ledger.readings.unread(account.version, UNDERSTOOD_AT_ONCE):
        account.ledger.readings.write([_read(account, row) for row in rows])
        for row in rows:
            brakes.take_report(account, row.key, row.raw)
        done += len(rows)
        account.breathe()
    return done


def _read(account: Account, row: Logged) -> Read:
    """Understand one mail and say whose it is; of mail that is no client's nothing is kept."""
    reading = account.reader.read(row.raw, row.role)
    ours = brakes.ours(account, reading.headers.mailhours_id)
    promised = {} if ours is None else _promises_in(ours)
    held = message(account.book, row.key, row.raw, row.role, reading, promised)
    if not held.client:
        reading = replace(reading, visible_text="", signals=(), reasons=())
    return Read(row.key, account.version, reading, held)


def _promises_in(reply: Reply) -> dict[str, datetime]:
    """Return the answer-by times that a mail of ours stated, by message."""
    prefix = "promise:"
    return {
        name.removeprefix(prefix): datetime.fromisoformat(value)
        for name, value in reply.facts.items()
        if name.startswith(prefix)
    }


# -------------------------------------------------------------------------------------- check-in


def check_in(account: Account, slot: Slot) -> Plan | None:
    """Hold one check-in; None when it was held before, or must wait for the mailbox.

    1. Poll every folder right now, or nothing leaves (invariant 6): tried again at the next tick.
    2. Take the slot: it happens once.
    3. Let the owner's own mail leave first (`held`), and read what it says to whom.
    4. Freeze what loops; judge, and plan what leaves and what is withheld.
    5. Persist the plan: a cause that has had its reply gets no second one.
    6. Send, one by one: claim, submit, settle; file the copies.
    """
    from mailhours.service import held

    polled = poll(account)
    if not polled.complete:
        journal.check_in_waits(slot, polled.faults[0])
        return None
    try:
        lying = held.look(account)
    except (ServerFault, LoginRefused) as fault:
        journal.check_in_waits(slot, fault)
        return None
    if not account.ledger.slots.begin(slot, account.clock(), LEASE):
        return None
    _hear(account)
    own = held.release(account, slot, lying)
    # What has just left is an answer: without having read it a machine has nothing to add.
    hears = not own.left or poll(account).complete
    brakes.freeze_loops(account)
    made = plan_of(account, slot, own.awaited) if hears else Plan(slot, (), ())
    made = replace(made, withheld=(*own.withheld, *made.withheld))
    sending.send(account, sending.queue(account, made))
    if made.fuse:
        brakes.blow_fuse(account, slot.key)
    account.ledger.slots.end(slot, SlotState.DONE, account.clock())
    made = replace(made, replies=(*own.left, *made.replies))
    journal.checked_in(made)
    return made


def preview(account: Account, slot: Slot) -> Plan:
    """Return what would leave at `slot`, the owner's own mail too; nothing is done."""
    from mailhours.service import held

    try:
        own = held.release(account, slot, held.look(account), dry=True)
    except (ServerFault, LoginRefused) as fault:
        journal.not_asked("Check-in", fault)
        own = held.Release()
    made = plan_of(account, slot, own.awaited)
    replies, withheld = (*own.left, *made.replies), (*own.withheld, *made.withheld)
    return replace(made, replies=replies, withheld=withheld)


def plan_of(account: Account, slot: Slot, awaited: Collection[str] = ()) -> Plan:
    """Return what would leave at `slot`, deciding only: a dry run ends here.

    `awaited` are people to whom something of the owner's own is on its way.
    """
    from mailhours.checkin.plan import plan
    from mailhours.service import gathering

    judged = judging.at_check_in(account, slot.due)
    return plan(gathering.situation(account, slot, judged, awaited), account.wording)


# --------------------------------------------------------------------------------------- summary


def summarize(account: Account, day: date) -> Day:
    """Gather the summary of a local `day` as it stands now; nothing is sent."""
    from mailhours.service import gathering, overview

    past = account.ledger.outbox.past(since=account.clock() - gathering.PAST)
    return overview.day_of(account, day, judging.for_summary(account, account.clock()), past)


def send_summary(account: Account, day: date) -> bool:
    """Send the summary of `day` to the owner, once; False when there was nothing to say.

    The same way as every mail: queued with its cause, claimed, submitted, settled.
    """
    from mailhours.service import overview
    from mailhours.summary.day import worth_sending

    _hear(account)
    made = summarize(account, day)
    if not worth_sending(made):
        return False
    reply = overview.mail_of(account, made)
    account.ledger.outbox.propose([reply], ReplyState.QUEUED, account.clock())
    sending.send(account, sending.unsent_summaries(account))
    return True


# ------------------------------------------------------------------------------------- the clock


def recover(account: Account) -> None:
    """Look after what an earlier process left: what it had claimed may have gone out."""
    for reply in account.ledger.outbox.recover(account.clock()):
        journal.doubtful(reply)
    account.ledger.health.first_use(account.clock())


def tick(account: Account) -> None:
    """Do what is due now, in this order.

    1. Poll, when the last poll is as old as `poll_every` or the server rang.
    2. Once a day, search the folders that are not read.
    3. Hold the newest check-in that is due; record those that are missed.
    4. Send the summary of the day, once, from `summary.at` on.
    5. Keep the status at hand for whoever asks.
    """
    now = account.clock()
    if _poll_is_due(account, now):
        poll(account)
    _search_elsewhere_when_due(account)
    _check_in_when_due(account)
    _sum_up_when_due(account)
    status.keep(account)


def _poll_is_due(account: Account, now: datetime) -> bool:
    if account.rung.is_set():
        return True
    every = min((m.poll_every for m in account.settings.mailboxes), default=timedelta.max)
    polls = {state.mailbox: state.succeeded for state in account.ledger.health.polls()}
    looked = [account.looked.get(m.name) or polls.get(m.name) for m in account.mailboxes]
    return any(at is None or not timedelta(0) <= now - at < every for at in looked)


def _search_elsewhere_when_due(account: Account) -> None:
    """Once a day, early enough for the first check-in; after a fault again in an hour."""
    now, slots_held = account.clock(), account.ledger.slots
    here = account.settings.owner.calendar.local(now)
    day = f"elsewhere:{here.date().isoformat()}"
    if here.hour < ELSEWHERE_FROM or slots_held.happened(day):
        return
    if not slots_held.once(f"{day}T{here.hour:02}", now):
        return
    try:
        search_elsewhere(account)
    except (ServerFault, LoginRefused) as fault:
        journal.not_asked("other folders", fault)
    else:
        slots_held.once(day, now)


def _check_in_when_due(account: Account) -> None:
    now, ledger = account.clock(), account.ledger
    last = ledger.slots.last() or ledger.health.first_use(now)
    slot, missed = slots.due(account.settings.owner.calendar, last, now, account.settings.catch_up)
    gone = [one for one in missed if ledger.slots.missed(one, now)]
    journal.missed(gone)
    if slot is not None:
        check_in(account, slot)


def _sum_up_when_due(account: Account) -> None:
    """Send the summary of the day, once; what cannot be made is tried again at the next ticks."""
    here = account.settings.owner.calendar.local(account.clock())
    day, key, held = here.date(), f"summary:{here.date()}", account.ledger.slots
    if here.time() < account.settings.summary_at or held.happened(key):
        return
    tries = range(1, SUMMARY_TRIES + 1)
    number = next((n for n in tries if held.once(f"{key}/{n}", account.clock())), None)
    if number is None:
        _give_up_summary(account, day, "the service ended while it was made")
        return
    try:
        sent = send_summary(account, day)
    except Exception as error:
        if number == SUMMARY_TRIES:
            # What an unforeseen error says may quote a mail.
            told = error.what if isinstance(error, Fault) else type(error).__name__
            _give_up_summary(account, day, told)
        raise
    held.once(key, account.clock())
    journal.summed_up(day.isoformat(), sent=sent)


def _give_up_summary(account: Account, day: date, why: str) -> None:
    """Tell the owner that the summary could not be made: so much at least leaves on that day."""
    from mailhours.service import overview

    account.ledger.slots.once(f"summary:{day}", account.clock())
    reply = overview.failure_of(account, day, why, SUMMARY_TRIES)
    account.ledger.outbox.propose([reply], ReplyState.QUEUED, account.clock())
    sending.send(account, sending.unsent_summaries(account))
