"""Who may be a client: people with mail both ways, found in the headers of the last months.

Header fields are looked at and nothing is kept; no text is fetched.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from mailhours.mailbox.protocol import Mailbox
from mailhours.model.address import domain, normal, untagged
from mailhours.model.header import fields
from mailhours.model.raw import Cursor
from mailhours.reading.addresses import parse
from mailhours.settings.written import FREEMAIL

# What robots and lists write (RFC 3834 section 5, RFC 2919, RFC 2369).
_ROBOT = frozenset({"list-id", "list-unsubscribe", "auto-submitted", "feedback-id"})
_NOBODY = re.compile(r"no-?reply|do-?not-?reply|mailer-daemon|postmaster|bounce|notification")
_AUTHSERV = re.compile(rb"\s*(?:\([^)]*\)\s*)?([\w.-]+)\s*(?:\d+\s*)?;")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with mail both ways, and how many mails there were."""

    name: str
    address: str
    received: int
    sent: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """A client file that could be: its `key`, whose mail it is, and who writes."""

    key: str
    name: str
    addresses: tuple[str, ...]
    people: tuple[Person, ...]

    @property
    def mails(self) -> int:
        """Return how many mails went both ways."""
        return sum(person.received + person.sent for person in self.people)


@dataclass(slots=True)
class Heads:
    """What the headers of a mailbox say: called with each header block, and wants no text."""

    own: frozenset[str]
    received: Counter[str] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)
    names: dict[str, str] = field(default_factory=dict)
    authserv: Counter[str] = field(default_factory=Counter)

    def __call__(self, header: bytes) -> bool:
        """Count one mail."""
        found: dict[str, list[bytes]] = {}
        for name, value in fields(header):
            found.setdefault(name, []).append(value)
        senders = [address for value in found.get("from", []) for address in parse(value).all]
        if not senders:
            return False
        if untagged(senders[0].spec) in self.own:
            for value in (*found.get("to", []), *found.get("cc", [])):
                for address in parse(value).all:
                    self.sent[address.normal] += 1
                    self._named(address.normal, address.name)
            return False
        if match := _AUTHSERV.match(next(iter(found.get("authentication-results", [])), b"")):
            self.authserv[match[1].decode("ascii", "replace").lower()] += 1
        if not _ROBOT & found.keys() and b"bulk" not in b"".join(found.get("precedence", [])):
            self.received[senders[0].normal] += 1
            self._named(senders[0].normal, senders[0].name)
        return False

    def _named(self, address: str, name: str) -> None:
        if name and "@" not in name:
            self.names[address] = name


class _Nothing:
    """A ledger that knows nothing, whatever it is asked: the whole horizon is looked at."""

    def cursors(self, *_: object, **__: object) -> list[Cursor]:
        return []

    def keys(self, *_: object, **__: object) -> set[str]:
        return set()

    def uids(self, *_: object, **__: object) -> set[str]:
        return set()

    def seen(self, *_: object, **__: object) -> dict[str, str]:
        return {}


def read_heads(mailbox: Mailbox, own: Iterable[str], horizon: datetime, now: datetime) -> Heads:
    """Look at all mail from `horizon` on; raises what the mailbox raises."""
    heads = Heads(frozenset(map(untagged, own)))
    for _ in mailbox.look(_Nothing(), heads, horizon, now):
        pass
    return heads


def proposals(heads: Heads) -> list[Proposal]:
    """Return who may be a client, the most mail first: a company, or one freemail user, each."""
    offices = {domain(own) for own in heads.own} - FREEMAIL
    parties: dict[str, list[Person]] = {}
    for address in heads.received.keys() & heads.sent.keys():
        at = domain(address)
        if address in heads.own or at in offices or _NOBODY.search(address):
            continue
        person = Person(
            heads.names.get(address, ""), address, heads.received[address], heads.sent[address]
        )
        parties.setdefault(address if at in FREEMAIL else at, []).append(person)
    made: list[Proposal] = []
    taken: set[str] = set()
    for party, people in sorted(parties.items()):
        everybody = sorted(people, key=lambda one: (-one.received - one.sent, one.address))
        whole = "@" not in party
        label = party.partition(".")[0] if whole else party.partition("@")[0]
        key = _free(re.sub(r"[^a-z0-9-]+", "-", label.lower()).strip("-") or "client", taken)
        name = label.replace("-", " ").title() if whole else everybody[0].name or party
        addresses = (f"@{party}",) if whole else (normal(party),)
        made.append(Proposal(key, name, addresses, tuple(everybody)))
    return sorted(made, key=lambda one: (-one.mails, one.key))


def authserv_id(heads: Heads) -> str:
    """Return who checks senders for the owner: who did so in most mail; empty when nobody does."""
    newest = heads.authserv.most_common(1)
    return newest[0][0] if newest else ""


def _free(key: str, taken: set[str]) -> str:
    number, free = 1, key
    while free in taken:
        number += 1
        free = f"{key}-{number}"
    taken.add(free)
    return free
