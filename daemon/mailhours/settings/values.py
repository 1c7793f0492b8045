"""The configuration as values: what the rest of the house gets to see of the files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path

from mailhours.model.client import Client, Owner, Thresholds
from mailhours.model.faults import Problem
from mailhours.model.policy import ReplyPolicy
from mailhours.model.server import MailboxSettings, Server
from mailhours.settings.documents import Document


@dataclass(frozen=True, slots=True)
class Settings:
    """One account, complete and checked.

    `account` is the owner's main address. `catch_up` is how late a slot still runs. `summary_at` is
    a local time of the owner. `templates` maps relative names to texts that override packaged ones,
    `phrases` file names of phrases.d to their TOML. `warnings` are no obstacle. `digest` is the
    sha256 of everything that was read and of the holidays behind it; secrets are not in the files.
    `days_before` is how many working days of a client before the due date a payment notice leaves,
    None for none. `files` are all files that were read, `documents` the TOML among them, for
    `check --show`.
    """

    directory: Path
    account: str
    owner: Owner
    clients: tuple[Client, ...] = field(repr=False)
    policy: ReplyPolicy
    thresholds: Thresholds
    mailboxes: tuple[MailboxSettings, ...]
    submission: Server | None
    catch_up: timedelta
    summary_at: time
    summary_to: str
    keep: timedelta
    payment_details: str = field(repr=False)
    templates: Mapping[str, str] = field(repr=False)
    phrases: Mapping[str, str] = field(repr=False)
    warnings: tuple[Problem, ...]
    digest: str
    files: tuple[Path, ...] = field(default=(), repr=False)
    documents: tuple[Document, ...] = field(default=(), repr=False)
    days_before: int | None = None

    def client(self, key: str) -> Client | None:
        """Return the client with this key."""
        return next((client for client in self.clients if client.key == key), None)
