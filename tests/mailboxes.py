"""Settings, secrets and mails for the tests of mailboxes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fakes import HORIZON, NOW, MemoryKnown, everybody
from mailhours.mailbox.imap import ImapMailbox
from mailhours.mailbox.imap_cursor import BATCH
from mailhours.mailbox.protocol import Mailbox
from mailhours.model.faults import Fault
from mailhours.model.server import MailboxSettings, Security, Server


@dataclass
class Word:
    """A secret that a test knows; a list of values is one a call, the last one stays."""

    value: str | list[str]
    reference: str = "test:"

    def reveal(self) -> str:
        if isinstance(self.value, str):
            return self.value
        return self.value.pop(0) if len(self.value) > 1 else self.value[0]


def settings(**changes: object) -> MailboxSettings:
    return replace(
        MailboxSettings(
            name="main",
            source="",
            server=None,
            path="",
            folders=("INBOX",),
            sent="auto",
            drafts="auto",
            held="Check-in",
            poll_every=timedelta(minutes=3),
            idle=False,
            history=timedelta(days=90),
        ),
        **changes,
    )


def imap_mailbox(
    port: int,
    user: str = "dana",
    *,
    stall: float = 0.5,
    exchange: float = 1.5,
    clock: Callable[[], float] | None = None,
    batch: int = BATCH,
    **login: object,
) -> ImapMailbox:
    """An IMAP mailbox on loopback that waits half a second and no more."""
    server = Server("127.0.0.1", port, Security.NONE, user, Word("pass"))
    more = {"clock": clock} if clock else {}
    return ImapMailbox(
        settings(server=replace(server, **login)),
        stall=stall,
        exchange=exchange,
        batch=batch,
        **more,
    )


def polled(
    mailbox: Mailbox,
    known: MemoryKnown,
    times: int = 1,
    *,
    now: datetime = NOW,
    horizon: datetime = HORIZON,
) -> list[Fault]:
    """Poll so often and return the faults."""
    faults: list[Fault] = []
    for _ in range(times):
        try:
            known.read(mailbox, everybody, now=now, horizon=horizon)
        except Fault as fault:
            faults.append(fault)
    return faults


def mail(number: int, text: str = "", **fields: str) -> bytes:
    """A mail of a client as it comes over the wire; a field set to "" is left out."""
    head = {
        "From": "kari@fjord.example",
        "To": "dana@studio.example",
        "Message-ID": f"<{number}@fjord.example>",
        "Date": f"Mon, 02 Mar 2026 08:{number % 60:02}:00 +0100",
        "Subject": f"mail {number}",
        **fields,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items() if value)
    return f"{lines}\r\n{text or f'text {number}'}\r\n".encode()


def texts(*numbers: int) -> list[bytes]:
    """What MemoryKnown.texts() says when these mails were kept."""
    return sorted(f"text {number}".encode() for number in numbers)
