"""Messages: what was understood of one mail, and one mail as judgement sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from mailhours.model.address import Address


class Direction(StrEnum):
    """Which way a mail went."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Kind(StrEnum):
    """Who wrote it. Machine mail never stops a clock, closes an ask or counts as an answer."""

    HUMAN = "human"
    MACHINE = "machine"


class MayReply(StrEnum):
    """Whether a machine may answer this mail; review means that only the owner may say so."""

    REPLY = "reply"
    SUPPRESS = "suppress"
    REVIEW = "review"


class Authentication(StrEnum):
    """What the trusted Authentication-Results (RFC 8601) say of the sender."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"


class SignalKind(StrEnum):
    """What can be read in the visible text. The order is stored (`model.line`): add at the end."""

    NUDGE = "nudge"
    ASK = "ask"
    CHANGE_REQUEST = "change_request"
    APPROVAL = "approval"
    ANSWER = "answer"
    DEFER = "defer"
    URGENT = "urgent"
    PAYMENT_PROMISED = "payment_promised"
    PAYMENT_SENT = "payment_sent"
    PAYMENT_DISPUTED = "payment_disputed"
    INVOICE_SENT = "invoice_sent"
    DELIVERY = "delivery"
    DELICATE = "delicate"
    THANKS = "thanks"


@dataclass(frozen=True, slots=True)
class Signal:
    """Something read in the visible text, with the phrase that showed it and where.

    `start` and `end` are code points into the visible text, half-open. `phrase` is the id of the
    rule. `subtype` refines the kind (`fix`, `scope`; `feedback`, `approval`, `content`, `decision`
    for an ask; `marker` for a marker line; `progress`, `channel` for a nudge). `item` numbers the
    items of one mail from 1 (0: not an item). `due` is the day a date phrase names, the last day of
    its interval, resolved in the writer's time zone. `quoted` is the question of ours that this
    stands under, when it was written between quoted lines.
    """

    kind: SignalKind
    phrase: str
    start: int
    end: int
    text: str
    subtype: str = ""
    item: int = 0
    due: date | None = None
    quoted: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a mail was judged so: the rule's name, its source, and the words that showed it."""

    rule: str
    verdict: MayReply
    source: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Headers:
    """The header fields that mailhours uses, decoded. Identifiers keep their angle brackets.

    `parents` are In-Reply-To and References, each once, nearest last. `date` is the Date field in
    UTC, None when it is absent or cannot be read.
    """

    message_id: str
    parents: tuple[str, ...]
    in_reply_to: tuple[str, ...]
    date: datetime | None
    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    subject: str
    auto_submitted: str
    mailhours_id: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What one mail means, by one version of the rules. Can be made again from the facts.

    `away_until` is the last day of absence that an out-of-office names. `receipt` says that a read
    receipt was demanded (RFC 8098). `words` counts the words of the visible text.
    """

    version: str
    headers: Headers
    kind: Kind
    may_reply: MayReply
    reasons: tuple[Reason, ...]
    authentication: Authentication
    language: str
    visible_text: str
    words: int
    signals: tuple[Signal, ...]
    away_until: date | None
    receipt: bool
    defects: tuple[str, ...]

    @property
    def reason(self) -> str:
        """Return the gravest reason as one line, or the empty string."""
        if not self.reasons:
            return ""
        gravest = max(self.reasons, key=lambda r: ("reply", "review", "suppress").index(r.verdict))
        return f"{gravest.rule}: {gravest.evidence}"


@dataclass(frozen=True, slots=True)
class Message:
    """One mail of one client as logged and read: all that judgement looks at.

    `key` is the content key. `at` is the moment that counts, UTC: arrival of an inbound mail, Date
    of an outbound one. `person` is the normalised address of the other side: who wrote it, or to
    whom it went first. `addressed` are all normalised recipients. `topic` is the normalised
    subject. `parents` are message ids, nearest last. `to_own` is the own address or colleague it
    was written to. `promised` are the answer-by times that a machine mail of ours stated, each with
    the key of the message that it acknowledged. `gist` are the content words of the visible text
    (`model.gist`): with them it is seen what an answer answers, and what is asked again.
    """

    key: str
    message_id: str
    parents: tuple[str, ...]
    direction: Direction
    kind: Kind
    at: datetime
    client: str
    person: str
    addressed: tuple[str, ...]
    to_own: str
    subject: str
    topic: str
    project: str
    language: str
    signals: tuple[Signal, ...]
    words: int
    may_reply: MayReply
    authentication: Authentication
    away_until: date | None = None
    receipt: bool = False
    attachments: tuple[str, ...] = ()
    promised: tuple[tuple[str, datetime], ...] = ()
    gist: tuple[str, ...] = ()

    def has(self, *kinds: SignalKind) -> bool:
        """Say whether any of `kinds` was read in it."""
        for signal in self.signals:  # noqa: SIM110 - asked a million times in a rebuild
            if signal.kind in kinds:
                return True
        return False

    @property
    def of_client(self) -> bool:
        """Say whether a person of the client wrote it: not where the sender is perhaps forged."""
        return (
            self.direction is _INBOUND and self.kind is _HUMAN and self.authentication is not _FAIL
        )

    @property
    def of_ours(self) -> bool:
        """Say whether the owner wrote it: only such mail answers anything."""
        return self.direction is _OUTBOUND and self.kind is _HUMAN


# Asked of every message many times; a member of an enumeration is found by a slow look-up.
_INBOUND, _OUTBOUND, _HUMAN = Direction.INBOUND, Direction.OUTBOUND, Kind.HUMAN
_FAIL = Authentication.FAIL

OWED = (
    SignalKind.ASK,
    SignalKind.NUDGE,
    SignalKind.CHANGE_REQUEST,
    SignalKind.URGENT,
    SignalKind.PAYMENT_SENT,
)
"""What is owed an answer: not thanks, not "ok", not news, not a mere answer."""
