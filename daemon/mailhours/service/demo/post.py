"""The post of the demo: mail comes into Maildirs, what leaves lies in a folder as files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path

from mailhours.model.address import domain, normal
from mailhours.model.reply import Delivery, Outcome
from mailhours.service.demo.letters import Letter
from mailhours.service.demo.script import Scripted

PROVIDER = "mx.studio.example"
SENT = ".Sent"
# What the provider finds out about a sender (RFC 8601).
_FOUND = {
    "pass": (
        "dkim=pass header.d={origin} header.s=s1;\r\n spf=pass smtp.mailfrom={envelope};\r\n"
        " dmarc=pass header.from={origin}"
    ),
    "fail": (
        "dkim=none;\r\n spf=softfail smtp.mailfrom={envelope};\r\n"
        " dmarc=fail (p=quarantine) header.from={origin}"
    ),
    "none": "none",
}


@dataclass(slots=True)
class Postman:
    """Hands mail over as `outbox.courier.Postman` wants it: a file each, none beyond this machine.

    Mail for the office lies in its inbox a moment later, as with a real server.
    """

    folder: Path
    inboxes: Mapping[str, Path]
    clock: Callable[[], datetime]
    files: list[Path] = field(default_factory=list)

    def submit(self, mail: bytes, sender: str, recipient: str) -> Delivery:
        """Write the mail into the folder."""
        now = self.clock()
        name = f"{len(self.files) + 1:03}-{now:%Y-%m-%dT%H%M}Z-{recipient}.eml"
        path = self.folder / name
        path.write_bytes(mail)
        self.files.append(path)
        inbox = self.inboxes.get(normal(recipient))
        if inbox is not None:
            top = _on_the_way(sender, recipient, now, "pass", name)
            lay(inbox, top + mail, now, "")
        return Delivery(Outcome.SUBMITTED, 250, "2.0.0 Ok", "DATA")

    def post(self, mail: bytes, sender: str, recipients: Sequence[str]) -> Delivery:
        """Write the mail into the folder, once for each recipient."""
        return [self.submit(mail, sender, recipient) for recipient in recipients][-1]

    def close(self) -> None:
        """Nothing is held open."""


def bring(mail: Scripted, letter: Letter, inboxes: Mapping[str, Path]) -> bytes:
    """Put a mail where it belongs and return it as it lies there.

    What the office wrote lies in Sent; what it wrote to itself, and all that others wrote, in the
    inboxes of those who are addressed, or of the one who reads the mailing list.
    """
    sender = normal(mail.writer.address.spec)
    laid = []
    if sender in inboxes:
        lay(inboxes[sender] / SENT, letter.data, mail.at, "S")
        laid.append(letter.data)
    addressed = [normal(a.spec) for a in (*mail.to, *mail.cc)]
    found = [a for a in addressed if a in inboxes and a != sender]
    if not found and not laid:
        found = [next(iter(inboxes))]
    for address in found:
        envelope = sender if mail.return_path is None else mail.return_path
        top = _on_the_way(envelope, address, mail.at, mail.auth, mail.id, sender)
        lay(inboxes[address], top + letter.data, mail.at, "")
        laid.append(top + letter.data)
    return laid[0]


def lay(maildir: Path, mail: bytes, at: datetime, flags: str) -> None:
    """Lay a mail into a Maildir as of a moment; a demo need not survive a power cut."""
    digest = hashlib.sha256(mail).hexdigest()[:16]
    name = f"{int(at.timestamp())}.{digest}.{PROVIDER}"
    waiting = maildir / "tmp" / name
    waiting.write_bytes(mail)
    os.utime(waiting, (at.timestamp(), at.timestamp()))
    waiting.rename(maildir / "cur" / f"{name}:2,{flags}" if flags else maildir / "new" / name)


def _on_the_way(
    envelope: str, recipient: str, at: datetime, auth: str, name: str, sender: str = ""
) -> bytes:
    """Return what servers put above a mail: the office's provider checks the sender."""
    origin = domain(sender or envelope)
    digest = hashlib.sha256(name.encode()).hexdigest()
    date = format_datetime(at)
    host, ip = f"out.{domain(envelope) or origin}", f"203.0.113.{int(digest[:2], 16)}"
    found = _FOUND[auth].format(origin=origin, envelope=envelope)
    into = f" with ESMTPS id {digest[12:22].upper()}\r\n for <{recipient}>"
    lines = [
        f"Return-Path: <{envelope}>",
        f"Delivered-To: {recipient}",
        f"Received: by mda.studio.example with LMTP id {digest[:12]}; {date}",
        f"Authentication-Results: {PROVIDER};\r\n {found}",
        f"Received: from {host} ({host} [{ip}]) by {PROVIDER} (Postfix)\r\n{into}; {date}",
    ]
    return "".join(f"{line}\r\n" for line in lines).encode()
