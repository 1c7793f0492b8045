"""Portraits: what was learned of each client, and of the owner with it, from all its mail."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mailhours.model.client import Client, OwnerWord
from mailhours.model.judgement import Judgement
from mailhours.model.message import Message
from mailhours.model.portrait import Effort, Mirror, Scorecard
from mailhours.patterns.effort import by_month
from mailhours.patterns.impatience import Impatience, impatience
from mailhours.patterns.judge import judge
from mailhours.patterns.mirror import mirror
from mailhours.patterns.scorecard import PERIOD, Office, scorecard
from mailhours.service.account import Account
from mailhours.settings.values import Settings
from mailhours.summary.scorecard import Card


@dataclass(frozen=True, slots=True)
class Portrait:
    """One client: the judgement, its patience, the owner's mirror, the scorecard."""

    judgement: Judgement
    patience: Impatience
    mirror: Mirror
    scorecard: Scorecard


def portrait(
    settings: Settings,
    client: Client,
    messages: Sequence[Message],
    judged: Judgement,
    words: Sequence[OwnerWord],
    office: Office | None,
) -> Portrait:
    """Return the portrait of a client at the moment of `judged`, from its mail in order of time."""
    owner, limits, now = settings.owner, settings.thresholds, judged.now
    held = (messages, judged, owner, client, limits, now)
    return Portrait(
        judged,
        impatience(*held),
        mirror(*held),
        scorecard(*held, words=words, office=office),
    )


def portraits(account: Account, now: datetime, chosen: Collection[str] = ()) -> dict[str, Portrait]:
    """Return the portraits of all clients, or of those `chosen`, from the ledger."""
    settings, readings = account.settings, account.ledger.readings
    words = account.ledger.words.words()
    office = office_of(
        settings, {c.key: readings.history(c.key, since=now - PERIOD) for c in settings.clients}
    )
    found = {}
    for client in settings.clients:
        if not chosen or client.key in chosen:
            messages = readings.history(client.key)
            judged = judge(settings.owner, client, messages, words, settings.thresholds, now)
            found[client.key] = portrait(settings, client, messages, judged, words, office)
    return found


def cards(account: Account, made: Mapping[str, Portrait]) -> list[Card]:
    """Return the portraits as what a page of scorecards shows."""
    return [
        Card(account.book.clients[key], one.scorecard, one.patience.patience, one.mirror)
        for key, one in made.items()
    ]


def office_of(settings: Settings, messages: Mapping[str, Sequence[Message]]) -> Office:
    """Return the effort of each month over all clients, those with mail in it."""
    months: dict[str, Effort] = {}
    for held in messages.values():
        for month, spent in by_month(held, settings.owner, settings.thresholds).items():
            months[month] = months.get(month, Effort()) + spent
    return Office(sum(bool(held) for held in messages.values()), months)
