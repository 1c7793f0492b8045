"""Replies: what we owe to send, what became of it, and why something was withheld."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mailhours.model.address import Address
from mailhours.model.slot import Slot


class ReplyKind(StrEnum):
    """What a mail of ours is for. One mail may join several."""

    ACKNOWLEDGEMENT = "acknowledgement"
    STATUS_NOTE = "status_note"
    FEEDBACK_1 = "feedback_1"
    FEEDBACK_2 = "feedback_2"
    FEEDBACK_3 = "feedback_3"
    PAYMENT_0 = "payment_0"
    PAYMENT_1 = "payment_1"
    PAYMENT_2 = "payment_2"
    PAYMENT_3 = "payment_3"
    WORK_PAUSED = "work_paused"
    WORK_RESUMED = "work_resumed"
    HOURS_LETTER = "hours_letter"
    HELD = "held"
    SUMMARY = "summary"


class Mode(StrEnum):
    """How far a reply may go by itself."""

    SHADOW = "shadow"
    DRAFT = "draft"
    SEND = "send"


class ReplyState(StrEnum):
    """Where a reply stands. Doubtful: it may have left; only the owner can settle that."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    QUEUED = "queued"
    CLAIMED = "claimed"
    SUBMITTED = "submitted"
    FILED = "filed"
    DRAFTED = "drafted"
    SHADOWED = "shadowed"
    DEFERRED = "deferred"
    REFUSED = "refused"
    DOUBTFUL = "doubtful"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a reply is owed. A cause gets at most one reply, ever.

    `kind` is `message`, `ask`, `invoice`, `finding`, `slot`, `letter` or `held`; `target` the key,
    id or number, with the level where there are several (`a1b2c3d4:2`).
    """

    kind: str
    target: str

    def __str__(self) -> str:
        """Write it as the ledger keys it."""
        return f"{self.kind}:{self.target}"


@dataclass(frozen=True, slots=True)
class Reply:
    """An outbound mail to one person, complete: `outbox.form` only turns it into MIME.

    `facts` are what the text states (moments, subjects): an approval lapses when they change.
    `auto_submitted` is `auto-replied` or `auto-generated` (RFC 3834 section 5.2). `message_id` is
    fixed before the first byte leaves. `at` is its Date, in the owner's zone. `answer_by` is the
    promise that the text states. `html` is only for the summary, `raw` only for a held reply,
    which leaves as the owner wrote it.
    """

    id: str
    slot: str
    client: str
    kinds: tuple[ReplyKind, ...]
    mode: Mode
    sender: Address
    to: Address
    subject: str
    text: str
    language: str
    causes: tuple[Cause, ...]
    in_reply_to: str
    references: tuple[str, ...]
    auto_submitted: str
    message_id: str
    at: datetime
    answer_by: datetime | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    html: str = ""
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Withheld:
    """Something that would have been a reply, and the reason why it is none."""

    client: str
    person: str
    cause: Cause
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What leaves at a slot and what is withheld: data, printed by a dry run, run by the outbox.

    `cancelled` are ids of earlier replies whose reason has gone, or which are decided anew: they
    must not leave any more. `leaving` are ids of earlier replies that do leave now: approved, or
    left over from a check-in that was cut short. `fuse` says that the daily number was reached.
    """

    slot: Slot
    replies: tuple[Reply, ...]
    withheld: tuple[Withheld, ...]
    cancelled: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()
    fuse: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """A reply that was decided earlier, as restraint looks at it."""

    id: str
    slot: str
    client: str
    person: str
    kinds: tuple[ReplyKind, ...]
    state: ReplyState
    causes: tuple[Cause, ...]
    decided: datetime
    facts: Mapping[str, str] = field(default_factory=dict)


class Outcome(StrEnum):
    """What the server said of a mail. Anything that is not certain is doubtful."""

    SUBMITTED = "submitted"
    DEFERRED = "deferred"
    REFUSED = "refused"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Delivery:
    """The outcome of one submission with the server's code and words (RFC 5321 section 4.2).

    `verb` is the command that was answered so; only a refusal of RCPT or DATA speaks of the client.
    """

    outcome: Outcome
    code: int
    text: str
    verb: str = ""
