"""Files without problems to Settings: everything filled in, nothing left to decide."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from mailhours.model.client import Client, Owner, Thresholds
from mailhours.model.faults import Problem
from mailhours.model.hours import Calendar
from mailhours.model.policy import ReplyPolicy
from mailhours.settings import holiday
from mailhours.settings.agreements import agreements
from mailhours.settings.calendars import (
    calendar_key,
    client_calendar,
    hours_key,
    owner_calendar,
    periods,
)
from mailhours.settings.clients import client_of, key_of
from mailhours.settings.invoices import Row
from mailhours.settings.schema import ClientFile, MainFile, OwnerTable, RepliesTable
from mailhours.settings.servers import SUBMISSION_PORTS, mailbox_of, server_of
from mailhours.settings.validation import Reading
from mailhours.settings.values import Settings
from mailhours.settings.warnings import warned

Expand = Callable[[str], Mapping[date, str]]


@dataclass(slots=True)
class Files:
    """What was read of a directory."""

    problems: list[Problem] = field(default_factory=list)
    contents: dict[str, str] = field(default_factory=dict)
    paths: list[Path] = field(default_factory=list)
    main: Reading[MainFile] | None = None
    clients: list[Reading[ClientFile]] = field(default_factory=list)
    invoices: dict[str, list[Row]] = field(default_factory=dict)
    templates: dict[str, str] = field(default_factory=dict)
    phrases: dict[str, str] = field(default_factory=dict)


def built(
    files: Files, main: Reading[MainFile], directory: Path, environ: Mapping[str, str]
) -> Settings:
    """Return the settings of files that have no problems."""
    values = main.values
    expanded: dict[str, Mapping[date, str]] = {}

    def expand(code: str) -> Mapping[date, str]:
        if code not in expanded:
            expanded[code] = holiday.expand(code, values.owner.language)
        return expanded[code]

    owner = _owner(values.owner, owner_calendar(values, expand))
    clients = _clients(files, values, expand)
    mailboxes = tuple(mailbox_of(name, main, directory, environ) for name in values.mailbox)
    submission = None
    if values.submission:
        at = ("submission",)
        submission = server_of(at, values.submission, SUBMISSION_PORTS, main, directory, environ)
    return Settings(
        directory=directory,
        account=owner.address,
        owner=owner,
        clients=clients,
        policy=_policy(values.replies),
        thresholds=Thresholds(**values.patterns.model_dump()),
        mailboxes=mailboxes,
        submission=submission,
        catch_up=periods(values.hours)[-1].catch_up,
        summary_at=values.summary.at,
        summary_to=values.summary.to or owner.address,
        keep=values.storage.keep,
        payment_details=values.payment.details.strip(),
        days_before=values.payment.days_before,
        templates=files.templates,
        phrases=files.phrases,
        warnings=tuple(warned(main, files.clients, mailboxes, submission, files.templates)),
        digest=_digest(files.contents, expanded),
        files=tuple(files.paths),
        documents=(main.document, *(client.document for client in files.clients)),
    )


def _owner(table: OwnerTable, calendar: Calendar) -> Owner:
    return Owner(
        name=table.name,
        addresses=tuple(dict.fromkeys((table.address, *table.aliases))),
        colleagues=tuple(dict.fromkeys(table.colleagues)),
        language=table.language,
        calendar=calendar,
        urgent=table.urgent,
        rate=table.rate,
    )


def _clients(files: Files, main: MainFile, expand: Expand) -> tuple[Client, ...]:
    calendars: dict[object, Calendar] = {}
    equal: dict[object, Calendar] = {}
    clients = []
    for client in files.clients:
        shared = calendar_key(client.values)
        if shared not in calendars:
            made = client_calendar(main, client.values, expand)
            calendars[shared] = equal.setdefault(hours_key(made), made)
        agreed = agreements(main.agreement, client.values.agreement)
        found = (row.invoice(agreed) for row in files.invoices[key_of(client)])
        invoices = [invoice for invoice in found if invoice]
        clients.append(client_of(client, main, calendars[shared], agreed, invoices))
    return tuple(clients)


def _policy(table: RepliesTable) -> ReplyPolicy:
    return ReplyPolicy(
        mode=table.mode,
        modes=table.modes,
        authserv_id=table.authserv_id,
        authentication_required=table.authentication == "required",
        per_person_per_day=table.per_person_per_day,
        per_client_per_week=table.per_client_per_week,
        reminders_per_client_per_week=table.reminders_per_client_per_week,
        per_day=table.per_day,
    )


def _digest(contents: Mapping[str, str], expanded: Mapping[str, Mapping[date, str]]) -> str:
    whole = hashlib.sha256()
    for part in (sorted(contents.items()), sorted((c, [*d]) for c, d in expanded.items())):
        whole.update(repr(part).encode("utf-8", "backslashreplace"))
    return whole.hexdigest()
