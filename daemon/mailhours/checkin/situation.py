"""All that a check-in looks at, as one value: so that a plan can be made again, and tested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from mailhours.model.client import Client, Owner
from mailhours.model.judgement import Promise, Standing
from mailhours.model.message import Message
from mailhours.model.outlook import Prediction
from mailhours.model.policy import ReplyPolicy
from mailhours.model.reply import Past, ReplyState
from mailhours.model.slot import Slot

# States in which a mail has left, may have left, or is about to: it counts against the limits.
# Shadowed mail counts too, so that shadow mode shows what sending would really do.
_COUNTED = frozenset(ReplyState) - {
    ReplyState.CANCELLED,
    ReplyState.REFUSED,
    ReplyState.PROPOSED,
    ReplyState.DRAFTED,
}


@dataclass(frozen=True)
class Situation:
    r"""The state of the house at one slot.

    `recent` are the last two weeks of messages of each client, in order of time. `past` are the
    replies decided before, as far back as the limits and cadences look. `taken` are the causes
    that have had their reply. `frozen` maps addresses that refused our mail, and clients whose
    automation is frozen, to the reason. `since` is the moment of first use, `known_since` that of
    each client file: older mail never causes a mail of ours. `answered` are keys of messages that
    carry \Answered on the server, `imported` of those that were written days before they came.
    `predictions` are keyed by client. `payment_details` are quoted in payment notices;
    `days_before` is how many working days of the client before the due date a notice leaves, None
    for none. `fuse` says that the fuse has blown and the owner not said start. `awaited` are people
    to whom a mail of the owner's own is on its way. `approved` is what the owner let leave and
    has not left.
    """

    slot: Slot
    owner: Owner
    policy: ReplyPolicy
    clients: Mapping[str, Client]
    judgements: Mapping[str, Standing]
    recent: Mapping[str, tuple[Message, ...]]
    past: tuple[Past, ...]
    taken: frozenset[str]
    since: datetime
    stopped: bool = False
    frozen: Mapping[str, str] = field(default_factory=dict)
    answered: frozenset[str] = frozenset()
    imported: frozenset[str] = frozenset()
    predictions: Mapping[str, Prediction] = field(default_factory=dict)
    payment_details: str = ""
    days_before: int | None = None
    known_since: Mapping[str, datetime] = field(default_factory=dict)
    fuse: bool = False
    awaited: frozenset[str] = frozenset()
    approved: tuple[Past, ...] = ()

    @cached_property
    def next_slot(self) -> Slot | None:
        """Return the check-in after this one."""
        return self.owner.calendar.next_slot(self.slot.due)

    @cached_property
    def previous_slot(self) -> Slot | None:
        """Return the check-in before this one, when it was in the last four weeks."""
        before = self.slot.due - timedelta(weeks=4)
        earlier = [s for s in self.owner.calendar.slots(before, self.slot.due) if s != self.slot]
        return earlier[-1] if earlier else None

    @cached_property
    def counted(self) -> tuple[Past, ...]:
        """Return the earlier replies that count against the limits."""
        return tuple(past for past in self.past if past.state in _COUNTED)

    def answer_due(self, client: str, promise: Promise) -> datetime:
        """Return by when a mail is answered: a chase is answered with what it chases."""
        nudges = self.judgements[client].nudges
        chased = (nudge.due for nudge in nudges if nudge.message.key == promise.message.key)
        return min((promise.due, *chased))

    def began(self, client: str) -> datetime:
        """Return from when on mail of `client` may cause mail of ours."""
        return max(self.since, self.known_since.get(client, self.since))
