"""Judgements: what follows from facts, readings, configuration and a moment; never stored only."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from mailhours.model.client import Invoice
from mailhours.model.message import Message


def short_id(letter: str, *parts: str) -> str:
    """Return the id under which the owner speaks of a judgement: a letter and eight hex digits.

    The same facts give the same id, whenever and in whatever order they were logged.
    """
    return letter + hashlib.sha256("\0".join(parts).encode()).hexdigest()[:8]


class PromiseState(StrEnum):
    """What became of a promise of ours."""

    OPEN = "open"
    OVERDUE = "overdue"
    KEPT = "kept"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Promise:
    """One for each message owed an answer: arrival plus the agreed business time.

    `stated` says that a mail of ours named the time; that wins over what is computed. `closed_by`
    is the key of our answer, or the owner's word.
    """

    id: str
    message: Message
    thread: str
    due: datetime
    stated: bool
    within: str
    closed: datetime | None
    closed_by: str
    state: PromiseState


class AskState(StrEnum):
    """What became of something we asked for."""

    OPEN = "open"
    FULL = "full"
    PARTIAL = "partial"
    DEFERRED = "deferred"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class AskItem:
    """One numbered thing of an ask, closed on its own."""

    number: int
    text: str
    closed: datetime | None = None
    closed_by: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """Something we requested from a client. `outcome` is open until a full answer closes it.

    `kind` is feedback, approval, content or decision. `business` is the client's business time
    from `opened` to `closed`, or to the moment of judgement. `answers` are the keys of the mails
    that answered or deferred it, in order.
    """

    id: str
    message: Message
    person: str
    project: str
    thread: str
    kind: str
    items: tuple[AskItem, ...]
    opened: datetime
    due: datetime
    closed: datetime | None
    closed_by: str
    outcome: AskState
    answers: tuple[str, ...]
    business: timedelta
    away_until: date | None = None

    @property
    def text(self) -> str:
        """Return what was asked for, in our own words."""
        return "; ".join(item.text for item in self.items)


@dataclass(frozen=True, slots=True)
class Nudge:
    """A message that chases an earlier one before its promise is due.

    `minutes_after` is wall-clock time since the client's newest earlier waiting message, whose key
    is `chases`; `due` is the promise that it did not wait for; `share` is how much of it had
    elapsed in business time, 0 to 1. `rule` names why it counts: `phrase` or `asks_again`.
    """

    message: Message
    chases: str
    minutes_after: int
    due: datetime
    share: float
    rule: str


class Side(StrEnum):
    """Whose turn it is."""

    OURS = "ours"
    THEIRS = "theirs"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Turn:
    """A stretch of time on one side: [start, end), its business time, the mails that made it so."""

    side: Side
    start: datetime
    end: datetime
    business: timedelta
    causes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clock:
    """The two-sided clock: business minutes on each side; their sum is the whole time."""

    ours: int
    theirs: int
    nobody: int

    @property
    def total(self) -> int:
        """Return all business minutes."""
        return self.ours + self.theirs + self.nobody


@dataclass(frozen=True, slots=True)
class LostDay:
    """A working day of the client that it lost; `asks` are the keys of the mails that asked."""

    day: date
    asks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProjectDelay:
    """A project's delay ledger: whose turn it was, and where the date moves by the client's days.

    `days_lost` counts the client's business days beyond what was agreed for each ask; `lost` are
    these days, each with what was missing then.
    """

    project: str
    clock: Clock
    turns: tuple[Turn, ...]
    due: date | None
    days_lost: int
    moved_due: date | None
    lost: tuple[LostDay, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One instance of a pattern, with its evidence: keys of messages and the numbers that fired."""

    id: str
    pattern: str
    client: str
    person: str
    messages: tuple[str, ...]
    first: datetime
    last: datetime
    numbers: Mapping[str, int | float | str]
    dismissed: bool = False


class InvoiceState(StrEnum):
    """Where an invoice stands on the day of judgement."""

    OPEN = "open"
    OVERDUE = "overdue"
    PROMISED = "promised"
    REPORTED = "reported"
    DISPUTED = "disputed"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class InvoiceStanding:
    """One invoice with what mails and owner say of it; `messages` are the keys that show it."""

    invoice: Invoice
    state: InvoiceState
    paid: date | None
    promised: date | None
    days_late: int
    messages: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How it stands with a client at the moment `now`: all that is open, nothing that is past.

    `side` is whose turn it is. `promises`, `asks` and `nudges` are those that are open, in order of
    time; `messages` counts all. `last_inbound` is when the client last wrote. `review` is mail that
    only the owner may answer. `held` says that the owner put the client on hold. `away` maps
    persons to the last day of an absence that they announced.
    """

    client: str
    now: datetime
    messages: int
    first: datetime | None
    last_inbound: datetime | None
    last_ours: datetime | None
    side: Side
    promises: tuple[Promise, ...]
    asks: tuple[Ask, ...]
    nudges: tuple[Nudge, ...]
    invoices: tuple[InvoiceStanding, ...]
    review: tuple[Message, ...]
    held: bool
    away: Mapping[str, date]
    projects: tuple[ProjectDelay, ...] = ()

    @property
    def open_promises(self) -> tuple[Promise, ...]:
        """Return what we owe, by due time."""
        owed = (p for p in self.promises if p.state in (PromiseState.OPEN, PromiseState.OVERDUE))
        return tuple(sorted(owed, key=lambda p: (p.due, p.id)))

    @property
    def open_asks(self) -> tuple[Ask, ...]:
        """Return what they owe, by due time."""
        owed = (a for a in self.asks if a.closed is None)
        return tuple(sorted(owed, key=lambda a: (a.due, a.id)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement(Standing):
    """Everything judged of one client at the moment `now`: how it stands, and all of the past.

    Promises, asks and nudges are all there ever were. `turns` cover the time from the first message
    to `now` without gap or overlap.
    """

    clock: Clock
    turns: tuple[Turn, ...]
    findings: tuple[Finding, ...]
