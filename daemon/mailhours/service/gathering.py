"""Gather all that a check-in looks at: from the ledger to one value."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta

from mailhours.checkin.situation import Situation
from mailhours.model.judgement import Standing
from mailhours.model.outlook import Prediction
from mailhours.model.reply import Past, ReplyKind, ReplyState
from mailhours.model.slot import Slot
from mailhours.service import brakes, foresight, judging, polling
from mailhours.service.account import Account

# How far back restraint looks at what was sent: the longest cadence with room to spare.
PAST = timedelta(weeks=26)
RECENT = timedelta(weeks=2)  # of the mail that a check-in reads in full
IMPORTED = timedelta(days=3)  # between the writing and the arrival of a mail
_ACK = ReplyKind.ACKNOWLEDGEMENT


def situation(
    account: Account, slot: Slot, judged: Mapping[str, Standing], awaited: Collection[str] = ()
) -> Situation:
    """Return the state of the house at `slot`, with how it stands with every client.

    `awaited` are people to whom something of the owner's own is on its way.
    """
    ledger, settings = account.ledger, account.settings
    foreseen = _predictions(account, slot, judged)
    past = _past(account, slot, judged)
    waiting = {one.client for one in past if one.state is ReplyState.APPROVED}
    open_causes = [p.message.key for one in judged.values() for p in one.open_promises]
    return Situation(
        slot=slot,
        owner=settings.owner,
        policy=settings.policy,
        clients=account.book.clients,
        judgements=judged,
        recent={
            key: tuple(ledger.readings.history(key, since=slot.due - RECENT))
            for key, one in judged.items()
            if one.open_promises
            or one.open_asks
            or one.invoices
            or key in foreseen
            or key in waiting
        },
        past=tuple(past),
        taken=frozenset(ledger.outbox.taken()),
        since=ledger.health.first_use(account.clock()),
        stopped=account.stopped,
        frozen=ledger.outbox.frozen(),
        answered=polling.answered(account, open_causes),
        imported=_imported(account, open_causes),
        predictions=foreseen,
        payment_details=settings.payment_details,
        days_before=settings.days_before,
        known_since=ledger.health.known_since(account.book.clients, account.clock()),
        fuse=brakes.fuse_blown(account),
        awaited=frozenset(awaited),
    )


def _past(account: Account, slot: Slot, judged: Mapping[str, Standing]) -> list[Past]:
    """Return what was decided in the last half-year.

    And older acknowledgements where the owner has not written since: a machine that answers each
    one would else get two in every half-year.
    """
    outbox, since = account.ledger.outbox, slot.due - PAST
    older: list[Past] = []
    for key, one in judged.items():
        if one.open_promises and (one.last_ours is None or one.last_ours < since):
            older += [p for p in outbox.past(key) if p.decided < since and _ACK in p.kinds]
    return [*older, *outbox.past(since=since)]


def _imported(account: Account, keys: Collection[str]) -> frozenset[str]:
    """Return those of `keys` whose mails were written days before they came.

    An import files old mail as if it came now; a mail that was so long under way is rare.
    """
    found = set()
    for key in keys:
        read = account.ledger.readings.reading(key)
        written = read.reading.headers.date if read else None
        if read and written and read.message.at - written > IMPORTED:
            found.add(key)
    return frozenset(found)


def _predictions(
    account: Account, slot: Slot, judged: Mapping[str, Standing]
) -> Mapping[str, Prediction]:
    """Return the chases to come of clients who wrote of late; worked out once a day."""
    day = account.settings.owner.calendar.local(slot.due).date().isoformat()
    if day not in account.foreseen:
        since = slot.due - RECENT
        busy = [k for k, one in judged.items() if one.last_inbound and one.last_inbound > since]
        account.foreseen.clear()
        account.foreseen[day] = foresight.predictions(
            account, (judging.judgement(account, client, slot.due) for client in busy)
        )
    return account.foreseen[day]
