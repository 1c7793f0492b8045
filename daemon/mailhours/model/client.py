"""Who is who: the owner, the clients, and what was agreed with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from mailhours.model.address import domain, normal, untagged
from mailhours.model.duration import Duration
from mailhours.model.hours import Calendar


class Role(StrEnum):
    """What a person of a client does."""

    CONTACT = "contact"
    APPROVER = "approver"
    PAYER = "payer"
    COPY_ONLY = "copy-only"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody writing for a client."""

    name: str
    address: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Agreement:
    """What was agreed, valid from a date (None: always). Old mail is judged by its day's."""

    valid_from: date | None
    answer_within: Duration
    feedback_within: Duration
    turnaround: Duration | None = None
    contact: str = ""
    revision_rounds: int | None = None
    payment: Duration | None = None
    clauses: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Project:
    """A piece of work: `words` and the address tag `dana+KEY@` say which mail belongs to it."""

    key: str
    name: str
    due: date | None
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with its currency (ISO 4217)."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        """Write it as the client file does: `1200.00 EUR`."""
        return f"{self.amount} {self.currency}"


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice that the owner sent; `paid` comes from the owner's word or the client file."""

    number: str
    project: str
    issued: date
    due: date
    amount: Money
    paid: date | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """The paying party: one file in `clients/`, whose name is the `key`.

    `addresses` are normalised; an entry that begins with @ stands for a whole domain. `calendar` is
    the client's own: their week, zone and holidays.
    """

    key: str
    name: str
    addresses: tuple[str, ...]
    language: str
    formal: bool
    calendar: Calendar
    people: tuple[Person, ...]
    agreements: tuple[Agreement, ...]
    projects: tuple[Project, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    handover: tuple[str, ...] = ()

    def owns(self, address: str) -> bool:
        """Say whether `address` belongs to this client."""
        return (
            normal(address) in self.addresses
            or f"@{domain(address)}" in self.addresses
            or any(normal(person.address) == normal(address) for person in self.people)
        )

    def person(self, address: str) -> Person:
        """Return the person behind `address`; somebody unknown on the domain has no role."""
        for person in self.people:
            if normal(person.address) == normal(address):
                return person
        return Person("", normal(address), frozenset())

    def names(self, address: str) -> bool:
        """Say whether the client file names this very address, and not only its domain."""
        at = normal(address)
        return at in map(normal, (*self.addresses, *(person.address for person in self.people)))

    def agreement(self, day: date) -> Agreement:
        """Return what was agreed on `day`."""
        held = [a for a in self.agreements if a.valid_from is None or a.valid_from <= day]
        return held[-1] if held else self.agreements[0]

    def project(self, key: str) -> Project | None:
        """Return the project with this key."""
        return next((project for project in self.projects if project.key == key), None)


@dataclass(frozen=True, slots=True)
class Owner:
    """The person mailhours works for. `addresses` are normalised, the main one first.

    `rate` is what an hour costs a client; with it the cost of contact is counted.
    """

    name: str
    addresses: tuple[str, ...]
    colleagues: tuple[str, ...]
    language: str
    calendar: Calendar
    urgent: str = ""
    rate: Money | None = None

    @property
    def address(self) -> str:
        """Return the main address."""
        return self.addresses[0]

    def is_own(self, address: str) -> bool:
        """Say whether `address` is one of the owner's, +tags folded."""
        return normal(address) in self.addresses or untagged(address) in self.addresses

    def is_colleague(self, address: str) -> bool:
        """Say whether `address` is a colleague's."""
        return normal(address) in self.colleagues or untagged(address) in self.colleagues


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The numbers of the patterns (`[patterns]` of the configuration), with their defaults."""

    pestering_nudges: int = 3
    pestering_business_days: int = 10
    instant_nudges: int = 2
    instant_minutes: int = 30
    correction_minutes: int = 10
    phone_rounds: int = 6
    urgent_alarms: int = 2
    new_threads: int = 2
    channel_mentions: int = 1
    read_receipts: int = 3
    copy_steps: int = 2
    later_cycles: int = 3
    payment_promises: int = 2
    reminded_payments: int = 3
    heat_steps: int = 3
    learned_chases: int = 5
    learned_checks: int = 3
    interruption_minutes: int = 10


class OwnerVerb(StrEnum):
    """What the owner can say."""

    PAID = "paid"
    ANSWERED = "answered"
    NOTE = "note"
    DISMISS = "dismiss"
    HOLD = "hold"
    RESUME = "resume"
    APPROVE = "approve"
    SETTLE = "settle"
    RETRY = "retry"
    UNFREEZE = "unfreeze"
    STOP = "stop"
    START = "start"


@dataclass(frozen=True, slots=True)
class OwnerWord:
    """The owner's word: a dated fact. `target` is an id, number, client or address."""

    verb: OwnerVerb
    target: str
    at: datetime
    text: str = ""
