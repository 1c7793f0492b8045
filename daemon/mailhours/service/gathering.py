"""Gather all that a check-in looks at: from the ledger to one value."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta

from mailhours.checkin.situation import Situation
from mailhours.model.judgement import Standing
from mailhours.model.slot import Slot
from mailhours.service import brakes, polling
from mailhours.service.account import Account

# How far back restraint looks at what was sent: the longest cadence with room to spare.
PAST = timedelta(weeks=26)
RECENT = timedelta(weeks=2)


def situation(
    account: Account, slot: Slot, judged: Mapping[str, Standing], awaited: Collection[str] = ()
) -> Situation:
    """Return the state of the house at `slot`, with how it stands with every client.

    `awaited` are people to whom something of the owner's own is on its way.
    """
    ledger, settings = account.ledger, account.settings
    open_causes = [p.message.key for one in judged.values() for p in one.open_promises]
    return Situation(
        slot=slot,
        owner=settings.owner,
        policy=settings.policy,
        clients=account.book.clients,
        judgements=judged,
        recent={k: tuple(ledger.readings.history(k, since=slot.due - RECENT)) for k in judged},
        past=tuple(ledger.outbox.past(since=slot.due - PAST)),
        taken=frozenset(ledger.outbox.taken()),
        since=ledger.health.first_use(account.clock()),
        stopped=account.stopped,
        frozen=ledger.outbox.frozen(),
        answered=polling.answered(account, open_causes),
        payment_details=settings.payment_details,
        days_before=settings.days_before,
        known_since=ledger.health.known_since(account.book.clients, account.clock()),
        fuse=brakes.fuse_blown(account),
        awaited=frozenset(awaited),
    )
