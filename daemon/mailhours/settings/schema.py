"""Every key of the configuration: its type, and whether it may be left out.

This table is the reference: the example in `config/` is tested against it. A key that may not be
left out carries `needed`, the words that say what to write; its default here is only a placeholder
that lets the rest be checked. `absent` says what holds when an optional key is left out.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import date, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_type_hints
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    create_model,
)

from mailhours.model.client import Money, Role, Thresholds
from mailhours.model.duration import Duration
from mailhours.model.hours import Block
from mailhours.model.reply import Mode, ReplyKind
from mailhours.model.server import Security
from mailhours.settings import written
from mailhours.settings.holiday import country
from mailhours.settings.secrets import Reference, command, reference

_Item = TypeVar("_Item")

CLAUSES = ("feedback", "payment", "revisions", "scope", "contact", "turnaround", "termination")


def needed(what: str, placeholder: object) -> Any:  # noqa: ANN401 - pydantic's own Field is Any
    """Return a field that must be written, with `what` to write."""
    return Field(default=placeholder, json_schema_extra={"needed": what})


def optional(what: str) -> Any:  # noqa: ANN401 - as above
    """Return a field that is None when left out, with `what` holds then."""
    return Field(default=None, json_schema_extra={"absent": what})


def since() -> Any:  # noqa: ANN401 - as above
    """Return the field `from` of dated tables."""
    return Field(default=None, alias="from", json_schema_extra={"absent": "always"})


def _one_or_more(value: object) -> object:
    return [value] if isinstance(value, dict) else value


def _mode(value: object) -> Mode:
    return Mode(written.choice(*Mode)(value))


def _kind(value: object) -> ReplyKind:
    known = [kind for kind in ReplyKind if kind not in (ReplyKind.HELD, ReplyKind.SUMMARY)]
    return ReplyKind(written.choice(*known)(value))


def _role(value: object) -> Role:
    return Role(written.choice(*Role)(value))


def _security(value: object) -> Security:
    return Security(written.choice(*Security)(value))


def _in_order(blocks: list[Block]) -> list[Block]:
    placed = sorted(blocks, key=lambda block: block.start)
    for before, after in pairwise(placed):
        if before.end > after.start:
            raise ValueError("two time spans overlap")
    if placed and placed[-1].end - 1440 > placed[0].start:
        raise ValueError("the time span over midnight runs into itself")
    return placed


def _check_ins(times: list[time]) -> list[time]:
    if not times:
        raise ValueError('without check-ins nothing ever leaves; write ["10:00", "15:00"]')
    return _once(sorted(times))


def _once(values: list[_Item]) -> list[_Item]:
    for place, value in enumerate(values):
        if value in values[:place]:
            raise ValueError(f"{value} stands here twice")
    return values


def _some(values: list[str]) -> list[str]:
    if not values:
        raise ValueError("is an empty list")
    return values


Text = Annotated[str, PlainValidator(written.text)]
Line = Annotated[str, PlainValidator(written.line)]
Name = Annotated[str, PlainValidator(written.name)]
Key = Annotated[str, PlainValidator(written.key)]
Address = Annotated[str, PlainValidator(written.address)]
AddressOrDomain = Annotated[str, PlainValidator(written.address_or_domain)]
Host = Annotated[str, PlainValidator(written.host)]
Clock = Annotated[time, PlainValidator(written.clock)]
Day = Annotated[date, PlainValidator(written.day)]
Days = Annotated[tuple[date, date], PlainValidator(written.days)]
Zone = Annotated[ZoneInfo, PlainValidator(written.zone)]
Language = Annotated[str, PlainValidator(written.language)]
Country = Annotated[str, PlainValidator(country)]
AnyDuration = Annotated[Duration, PlainValidator(written.duration)]
Wall = Annotated[timedelta, PlainValidator(written.wall)]
Terms = Annotated[Duration, PlainValidator(written.terms)]
Amount = Annotated[Money, PlainValidator(written.money)]
Password = Annotated[Reference, PlainValidator(reference)]
Command = Annotated[Reference, PlainValidator(command)]
Span = Annotated[Block, PlainValidator(written.block)]
Spans = Annotated[list[Span], AfterValidator(_in_order)]
Edition = Annotated[int, Field(ge=1, le=1)]
Port = Annotated[int, Field(ge=1, le=65535)]
Limit = Annotated[int, Field(ge=0, le=1000)]


class Table(BaseModel):
    """A table of a file: unknown keys are refused, numbers are not guessed out of text."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, hide_input_in_errors=True, populate_by_name=False
    )


class OwnerTable(Table):
    """Who mailhours works for."""

    name: Name = needed('write name = "Dana Berg"', "")
    address: Address = needed('write address = "dana@studio.example"', "")
    aliases: list[Address] = []
    colleagues: list[Address] = []
    timezone: Zone = needed('write timezone = "Europe/Oslo"', ZoneInfo("UTC"))
    language: Language = "en"
    urgent: Line = ""


class Week(Table):
    """Office hours by weekday; a day that is left out is off."""

    mon: Spans = []
    tue: Spans = []
    wed: Spans = []
    thu: Spans = []
    fri: Spans = []
    sat: Spans = []
    sun: Spans = []


class HoursTable(Table):
    """Office hours and check-ins from a date on; what a later one leaves out stays as it was."""

    valid_from: Day | None = since()
    week: Week | None = optional("as before")
    check_ins: Annotated[list[Clock], AfterValidator(_check_ins)] | None = optional(
        "as before, else 10:00, 15:00"
    )
    holidays: Country | None = optional("as before, else none")
    closed: list[Days] = []
    half_days: dict[Day, Annotated[Spans, AfterValidator(_some)]] = {}
    catch_up: Wall | None = optional("as before, else 1 hour")


class AgreementTable(Table):
    """What was agreed from a date on; what is left out stays as it was."""

    valid_from: Day | None = since()
    answer_within: AnyDuration | None = optional("as agreed before or in general")
    feedback_within: AnyDuration | None = optional("as agreed before or in general")
    turnaround: AnyDuration | None = optional("as agreed before or in general")
    contact: Address | None = optional("as agreed before or in general")
    revision_rounds: Annotated[int, Field(ge=0, le=100)] | None = optional(
        "as agreed before or in general"
    )
    payment: Terms | None = optional("as agreed before or in general")
    clauses: dict[Annotated[str, PlainValidator(written.choice(*CLAUSES))], Name] | None = optional(
        "as agreed before or in general"
    )


class ServerTable(Table):
    """How a server is reached."""

    host: Host | None = optional("")
    port: Port | None = optional("by security")
    security: Annotated[Security, PlainValidator(_security)] = Security.TLS
    user: Name | None = optional("the owner's address")
    password: Password | None = optional("none")
    token_command: Command | None = optional("none")


class MailboxTable(ServerTable):
    """One mailbox."""

    source: Annotated[str, PlainValidator(written.choice("imap", "maildir"))] | None = optional(
        "maildir if there is a path, else imap"
    )
    path: Name | None = optional("none")
    folders: Annotated[list[Name], AfterValidator(_some), AfterValidator(_once)] = ["INBOX"]
    sent: Name = "auto"
    drafts: Name = "auto"
    held: Name = "Check-in"
    poll_every: Wall = timedelta(minutes=3)
    idle: bool = True
    history: Wall = timedelta(days=90)


class RepliesTable(Table):
    """How far replies may go."""

    mode: Annotated[Mode, PlainValidator(_mode)] = Mode.SHADOW
    modes: dict[
        Annotated[ReplyKind, PlainValidator(_kind)], Annotated[Mode, PlainValidator(_mode)]
    ] = {}
    authserv_id: Line = ""
    authentication: Annotated[str, PlainValidator(written.choice("required", "absent"))] = (
        "required"
    )
    per_person_per_day: Limit = 2
    per_client_per_week: Limit = 8
    reminders_per_client_per_week: Limit = 2
    per_day: Limit = 50


class SummaryTable(Table):
    """The daily mail to the owner."""

    at: Clock = time(16, 45)
    to: Address | None = optional("the owner's address")


class StorageTable(Table):
    """What is kept, where, how long."""

    database: Annotated[str, PlainValidator(written.choice("sqlite"))] = "sqlite"
    keep: Wall = timedelta(days=720)


class PaymentTable(Table):
    """What payment notices quote."""

    details: Text = ""


def _thresholds() -> type[Table]:
    """Return `[patterns]`: the numbers of model.client.Thresholds, by its own names."""
    hints = get_type_hints(Thresholds)
    columns: dict[str, Any] = {}
    for threshold in fields(Thresholds):
        least = 0 if threshold.name.endswith("_minutes") else 1  # of nothing there is no pattern
        limits = Field(default=threshold.default, ge=least, le=100_000)
        columns[threshold.name] = (hints[threshold.name], limits)
    return create_model("PatternsTable", __base__=Table, **columns)


if TYPE_CHECKING:
    PatternsTable = Table
else:
    PatternsTable = _thresholds()


class MainFile(Table):
    """mailhours.toml."""

    edition: Edition = Field(default=1, alias="schema")
    owner: OwnerTable = needed("write [owner] with name, address and timezone", OwnerTable())
    hours: Annotated[list[HoursTable], BeforeValidator(_one_or_more)] = needed(
        "write [hours] with week and check_ins", []
    )
    agreement: Annotated[list[AgreementTable], BeforeValidator(_one_or_more)] = []
    mailbox: dict[Key, MailboxTable] = needed("write [mailbox.main] with host and password", {})
    submission: ServerTable | None = optional("none")
    replies: RepliesTable = RepliesTable()
    summary: SummaryTable = SummaryTable()
    storage: StorageTable = StorageTable()
    payment: PaymentTable = PaymentTable()
    patterns: PatternsTable = PatternsTable()


class PersonTable(Table):
    """Somebody who writes for a client."""

    name: Line = ""
    address: Address = needed('write address = "kari@fjord.example"', "")
    roles: list[Annotated[Role, PlainValidator(_role)]] = []


class ProjectTable(Table):
    """A piece of work."""

    key: Key = needed('write key = "web"', "")
    name: Name | None = optional("its key")
    due: Day | None = optional("none")
    words: list[Name] = []


class InvoiceTable(Table):
    """An invoice that the owner sent."""

    number: Name = needed('write number = "2026-014"', "")
    project: Line = ""
    issued: Day = needed("write issued = 2026-02-01", written.FIRST_DAY)
    due: Day | None = optional("by the agreed payment terms")
    amount: Amount | None = needed('write amount = "1200.00 EUR"', None)
    paid: Day | None = optional("open")


class HandoverTable(Table):
    """What is handed over when the work ends."""

    items: list[Name] = []


class ClientFile(Table):
    """clients/KEY.toml."""

    edition: Edition = Field(default=1, alias="schema")
    name: Name = needed('write name = "Fjord Coffee AS"', "")
    addresses: Annotated[list[AddressOrDomain], AfterValidator(_some)] = needed(
        'write addresses = ["kari@fjord.example"]', []
    )
    language: Language | None = optional("the owner's")
    form: Annotated[str, PlainValidator(written.choice("formal", "informal"))] = "formal"
    timezone: Zone | None = optional("the owner's")
    holidays: Country | None = optional("the owner's")
    week: Week | None = optional("the owner's")
    closed: list[Days] = []
    invoices: Name | None = optional("none")
    person: Annotated[list[PersonTable], BeforeValidator(_one_or_more)] = []
    agreement: Annotated[list[AgreementTable], BeforeValidator(_one_or_more)] = []
    project: Annotated[list[ProjectTable], BeforeValidator(_one_or_more)] = []
    invoice: Annotated[list[InvoiceTable], BeforeValidator(_one_or_more)] = []
    handover: HandoverTable = HandoverTable()
