"""Whose mail is it: from a reading to a message of one client, by the client files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from mailhours.model.address import Address, domain, normal, tag
from mailhours.model.client import Client, Owner, Project
from mailhours.model.gist import gist
from mailhours.model.header import fields
from mailhours.model.message import Authentication, Direction, Message, Reading
from mailhours.model.raw import FolderRole, RawMail
from mailhours.model.thread import topic


class AddressBook:
    """Who owns an address: the owner's office and the clients of the configuration.

    `digest` changes when an address changes hands.
    """

    def __init__(self, owner: Owner, clients: Iterable[Client]) -> None:
        """Index the addresses of `owner` and `clients`."""
        self.owner = owner
        self.clients = {client.key: client for client in clients}
        self._exact: dict[str, str] = {}
        self._domains: dict[str, str] = {}
        for client in self.clients.values():
            for address in (*client.addresses, *(p.address for p in client.people)):
                held = self._domains if address.startswith("@") else self._exact
                held[normal(address).removeprefix("@")] = client.key
        # What `wanted` looks for in a header before anything is parsed.
        self._needles = tuple(k.encode() for k in (*self._exact, *self._domains))
        self._own = tuple(own.encode() for own in owner.addresses)
        whose = sorted([*self._exact.items(), *self._domains.items()])
        self.digest = hashlib.sha256(repr((whose, owner.addresses)).encode()).hexdigest()[:16]

    @property
    def senders(self) -> list[str]:
        """Return whom a search for mail of clients looks for: addresses, and domains with an @."""
        return [*self._exact, *(f"@{domain}" for domain in self._domains)]

    def client(self, address: str) -> str:
        """Return the key of the client that `address` belongs to, or the empty string."""
        return self._exact.get(normal(address)) or self._domains.get(domain(address), "")

    def is_ours(self, address: str) -> bool:
        """Say whether `address` belongs to the owner or a colleague."""
        return self.owner.is_own(address) or self.owner.is_colleague(address)

    def wanted(self, header: bytes) -> bool:
        """Say whether a header block names an address of a client, as far as bytes can tell.

        Only From, To, Cc and Reply-To count. So do reports on mail that came back, and what the
        owner answers to a mail of ours. A mail that only looks like one of a client is sorted out
        when it is read; nothing of it is kept then.
        """
        by_owner = answers = False
        for name, value in fields(header):
            if name in _ADDRESSED:
                lower = value.lower()
                if any(needle in lower for needle in self._needles):
                    return True
                by_owner |= name == "from" and any(own in lower for own in self._own)
            elif name == "content-type" and b"multipart/report" in value.lower():
                return True
            elif name == "in-reply-to":
                answers |= OURS.search(value) is not None
        return by_owner and answers


# The form of our Message-IDs: 32 hex digits before the @.
OURS = re.compile(rb"<[0-9a-f]{32}@[^<>\s@]+>")
_ADDRESSED = frozenset({"from", "to", "cc", "reply-to", "sender", "x-failed-recipients"})


def direction(book: AddressBook, reading: Reading, role: FolderRole) -> Direction:
    """Return which way a mail went; a colleague's answer is ours as the owner's is.

    Neither is when the provider betrays a forgery.
    """
    headers = reading.headers
    if book.owner.is_colleague(headers.sender.spec):
        forged = reading.authentication is Authentication.FAIL
        return Direction.INBOUND if forged else Direction.OUTBOUND
    from mailhours.reading.read import direction as way

    return way(headers, role, book.owner.addresses, reading.authentication)


def message(
    book: AddressBook,
    key: str,
    raw: RawMail,
    role: FolderRole,
    reading: Reading,
    promised: Mapping[str, datetime],
) -> Message:
    """Return the message as judgement sees it; without client and content when it is nobody's.

    An inbound mail belongs to the client who wrote it, an outbound one to the first client among
    its recipients: a mail has one client. `promised` are the answer-by times it stated, by key.
    """
    headers = reading.headers
    went = direction(book, reading, role)
    recipients = (*headers.to, *headers.cc)
    if went is Direction.INBOUND:
        person = normal(headers.sender.spec)
    else:
        person = next((a.normal for a in recipients if book.client(a.spec)), "")
    arrived = raw.received if went is Direction.INBOUND else headers.date or raw.received
    client = book.clients.get(book.client(person))
    if client is None:
        return _of_nobody(key, went, reading, arrived)
    to_own = next((a.spec for a in recipients if book.is_ours(a.spec)), "")
    return Message(
        key=key,
        message_id=headers.message_id,
        parents=headers.parents,
        direction=went,
        kind=reading.kind,
        at=arrived,
        client=client.key,
        person=person,
        addressed=tuple(dict.fromkeys(a.normal for a in recipients)),
        to_own=normal(to_own),
        subject=headers.subject,
        topic=topic(headers.subject),
        project=_project(client, recipients, headers.subject, reading.visible_text),
        language=reading.language,
        signals=reading.signals,
        words=reading.words,
        may_reply=reading.may_reply,
        authentication=reading.authentication,
        away_until=reading.away_until,
        receipt=reading.receipt,
        attachments=tuple(a.name for a in raw.attachments),
        promised=tuple(sorted(promised.items())),
        gist=gist(reading.visible_text),
    )


def _of_nobody(key: str, went: Direction, reading: Reading, at: datetime) -> Message:
    """Return a message of which nothing is kept but that it was read."""
    return Message(
        key=key,
        message_id="",
        parents=(),
        direction=went,
        kind=reading.kind,
        at=at,
        client="",
        person="",
        addressed=(),
        to_own="",
        subject="",
        topic="",
        project="",
        language="",
        signals=(),
        words=0,
        may_reply=reading.may_reply,
        authentication=reading.authentication,
    )


def _project(client: Client, recipients: Iterable[Address], subject: str, text: str) -> str:
    """Return the project's key: by an address's +tag, by its words, or because it is the one."""
    tags = {tag(address.spec) for address in recipients}
    for project in client.projects:
        if project.key.casefold() in tags:
            return project.key
    for words in (subject.casefold(), text.casefold()):
        found = [project for project in client.projects if _named(project, words)]
        if len(found) == 1:
            return found[0].key
    return client.projects[0].key if len(client.projects) == 1 else ""


def _named(project: Project, words: str) -> bool:
    return any(word.casefold() in words for word in project.words)
