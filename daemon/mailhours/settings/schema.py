"""Every key of the configuration: its type, and whether it may be left out.

This table is the reference: the example in `config/` is tested against it. A key that may not be
left out carries `needed`, the words that say what to write; its default here is only a placeholder
that lets the rest be checked. `absent` says what holds when an optional key is left out.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import time, timedelta
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    create_model,
)

from mailhours.model.client import Thresholds
from mailhours.model.reply import Mode
from mailhours.model.server import Security
from mailhours.settings import written
from mailhours.settings.kinds import (
    Address,
    Addresses,
    Amount,
    AnyDuration,
    CheckIns,
    Clause,
    Clock,
    Command,
    Country,
    Day,
    Days,
    Edition,
    HalfDay,
    Host,
    Key,
    Kind,
    Language,
    Limit,
    Line,
    Name,
    Names,
    Part,
    Password,
    Port,
    Protection,
    Replies,
    Spans,
    Terms,
    Text,
    Wall,
    Zone,
)


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
    rate: Amount | None = optional("none")


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
    check_ins: CheckIns | None = optional("as before, else 10:00, 15:00")
    holidays: Country | None = optional("as before, else none")
    closed: list[Days] = []
    half_days: dict[Day, HalfDay] = {}
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
    clauses: dict[Clause, Name] | None = optional("as agreed before or in general")


class ServerTable(Table):
    """How a server is reached."""

    host: Host | None = optional("")
    port: Port | None = optional("by security")
    security: Protection = Security.TLS
    user: Name | None = optional("the owner's address")
    password: Password | None = optional("none")
    token_command: Command | None = optional("none")


class MailboxTable(ServerTable):
    """One mailbox."""

    source: Annotated[str, PlainValidator(written.choice("imap", "maildir"))] | None = optional(
        "maildir if there is a path, else imap"
    )
    path: Name | None = optional("none")
    folders: Names = ["INBOX"]
    sent: Name = "auto"
    drafts: Name = "auto"
    held: Name = "Check-in"
    poll_every: Wall = timedelta(minutes=3)
    idle: bool = True
    history: Wall = timedelta(days=90)


class RepliesTable(Table):
    """How far replies may go."""

    mode: Replies = Mode.SHADOW
    modes: dict[Kind, Replies] = {}
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
    """What payment notices quote, and whether one leaves before the due date."""

    details: Text = ""
    days_before: Annotated[int, Field(ge=1, le=30)] | None = optional("no notice before it is due")


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
    roles: list[Part] = []


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
    addresses: Addresses = needed('write addresses = ["kari@fjord.example"]', [])
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
