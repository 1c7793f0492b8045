"""How servers are reached, and secrets that are only ever referred to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from mailhours.model.faults import ConfigurationFault, ServerFault


class Security(StrEnum):
    """How a connection is protected. `none` is allowed on loopback only."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


class Secret(Protocol):
    """A password or token by reference; its value is read when needed and never shown."""

    @property
    def reference(self) -> str:
        """Return where it comes from: `credential:imap-password`."""

    def reveal(self) -> str:
        """Return the value; ConfigurationFault when it cannot be had."""


def revealed(secret: Secret) -> str:
    """Return the value of a secret that a login needs now; ServerFault when it cannot be had.

    That may pass: a keyring is locked, a program that fetches a token finds no network.
    """
    try:
        return secret.reveal()
    except ConfigurationFault as fault:
        what = fault.what
    raise ServerFault(what)  # outside: not even the context of a fault holds what was read


@dataclass(frozen=True, slots=True)
class Server:
    """A server with the login to use; `token` stands for OAuth in place of a password."""

    host: str
    port: int
    security: Security
    user: str
    password: Secret | None = None
    token: Secret | None = None


@dataclass(frozen=True, slots=True)
class MailboxSettings:
    """One mailbox to read (`[mailbox.NAME]`). `path` is for a Maildir, `server` for IMAP.

    `sent`, `drafts` and `held` are folder names, or `auto`.
    """

    name: str
    source: str
    server: Server | None
    path: str
    folders: tuple[str, ...]
    sent: str
    drafts: str
    held: str
    poll_every: timedelta
    idle: bool
    history: timedelta
