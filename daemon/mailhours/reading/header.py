"""A header block to the fields that mailhours uses, decoded; never raises.

What is wrong with a header is told in defects: short words, which rules and people read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz

from mailhours.model.address import Address
from mailhours.model.header import BLOCK_LIMIT, FIELD_LIMIT, fields
from mailhours.model.message import Headers
from mailhours.reading.addresses import Addresses, parse
from mailhours.reading.mime import words

NOBODY = Address("", "")

_ID = re.compile(rb"<([^<>]{1,998})>")
# Bounded, because it may begin at any octet.
_BARE_ID = re.compile(rb"[^\s<>@,;\"]{1,100}@[^\s<>@,;\"]{1,250}")
_SPACE = re.compile(rb"\s+")
_MANY_PARENTS = 100
# Zones that mail programs write though no standard names them; minutes east of Greenwich.
# RFC 5322 section 4.3 has the American ones, which the standard library knows.
_ZONES = {
    "wet": 0,
    "west": 60,
    "bst": 60,
    "cet": 60,
    "met": 60,
    "mez": 60,
    "cest": 120,
    "mest": 120,
    "mesz": 120,
    "eet": 120,
    "sast": 120,
    "eest": 180,
    "msk": 180,
    "trt": 180,
    "msd": 240,
    "ist": 330,
    "hkt": 480,
    "sgt": 480,
    "awst": 480,
    "jst": 540,
    "kst": 540,
    "aest": 600,
    "aedt": 660,
    "nzst": 720,
    "nzdt": 780,
}
# Fields whose loss matters when they are cut; others may be as long as they like.
_READ = frozenset(
    (
        *("from", "sender", "to", "cc", "reply-to", "subject", "date", "message-id", "in-reply-to"),
        *("references", "auto-submitted", "return-path", "content-type", "x-loop"),
    )
)
_FARTHEST_ZONE = 24 * 3600
_NO_YEAR = re.compile(r"[A-Za-z]{3,9}[ -]0\d{3}\b")  # the library takes 0001 for 2001
_FIRST_YEAR, _LAST_YEAR = 1971, 2200


@dataclass(frozen=True, slots=True)
class Opened:
    """A header block split and decoded: raw values by lower-case name, in order of the block.

    `order` keeps every field where it stood (Authentication-Results are believed by place).
    """

    headers: Headers
    order: Sequence[tuple[str, bytes]]
    values: dict[str, list[bytes]]
    senders: Addresses
    defects: tuple[str, ...]
    texts: dict[str, str] = field(default_factory=dict)

    def all(self, name: str) -> list[bytes]:
        """Return the raw values of every field called `name` (lower case)."""
        return self.values.get(name, [])

    def first(self, name: str) -> str:
        """Return the decoded value of the first field called `name`, or the empty string."""
        held = self.values.get(name)
        return words(held[0]) if held else ""


def opened(block: bytes, hint: str = "") -> Opened:
    """Return `block` opened; `hint` is the charset of the mail's text, for raw 8-bit headers."""
    order = fields(block)
    values: dict[str, list[bytes]] = {}
    for name, value in order:
        values.setdefault(name, []).append(value)
    defects: list[str] = []
    if len(block) >= BLOCK_LIMIT:
        defects.append("header: longer than 64 KiB, cut")
    defects += [
        f"header: {name} longer than 8 KiB, cut"
        for name, value in order
        if len(value) == FIELD_LIMIT and name in _READ
    ]

    def listed(name: str) -> Addresses:
        held = values.get(name)
        if not held:
            return Addresses(())
        return parse(held[0] if len(held) == 1 else b", ".join(held)[:FIELD_LIMIT], hint)

    senders, to, cc, reply_to = listed("from"), listed("to"), listed("cc"), listed("reply-to")
    for name, read in (("From", senders), ("To", to), ("Cc", cc), ("Reply-To", reply_to)):
        defects += [f"header: {name}: {what}" for what in read.wrong]
    if not senders.all:
        defects.append("header: no sender")
    date_raw = values.get("date", [b""])[0]
    sent = date(date_raw)
    if sent is None:
        defects.append("header: no date" if not date_raw else "header: date cannot be read")
    ids = identifiers(values.get("message-id", [b""])[0], bare=True)
    answered = _each(values.get("in-reply-to"))
    headers = Headers(
        message_id=ids[0] if ids else "",
        parents=_parents(_each(values.get("references")), answered),
        in_reply_to=answered,
        date=sent,
        sender=senders.all[0] if senders.all else NOBODY,
        to=to.all,
        cc=cc.all,
        reply_to=reply_to.all,
        subject=words(values["subject"][0], hint) if "subject" in values else "",
        auto_submitted=words(values["auto-submitted"][0]) if "auto-submitted" in values else "",
        mailhours_id=words(values["x-mailhours-id"][0]) if "x-mailhours-id" in values else "",
    )
    return Opened(headers, order, values, senders, tuple(dict.fromkeys(defects)))


def identifiers(value: bytes, *, bare: bool = False) -> tuple[str, ...]:
    """Return the message ids (RFC 5322 section 3.6.4) in `value`, in angle brackets, each once.

    Raw bytes and one expression: folding inside an id is undone, encoded words around it too.
    `bare` accepts an id without brackets.
    """
    if b"=?" in value:
        value = words(value).encode("utf-8", "replace")
    found = [_SPACE.sub(b"", one) for one in _ID.findall(value)]
    if not found and bare:
        found = _BARE_ID.findall(value)[:1]
    ids = (b"<" + one + b">" for one in found if one)
    return tuple(dict.fromkeys(one.decode("utf-8", "replace") for one in ids))


def date(value: bytes) -> datetime | None:
    """Return a Date field (RFC 5322 sections 3.3 and 4.3) in UTC; None when it makes no sense."""
    text = words(value)
    try:
        parsed = parsedate_tz(text)
        if parsed is None:
            return _iso(text)
        year, month, day, hour, minute, second = parsed[:6]
        offset = parsed[9] or 0
        if not offset:
            offset = 60 * _ZONES.get(text.rpartition(" ")[2].strip("()").lower(), 0)
        if abs(offset) > _FARTHEST_ZONE or _NO_YEAR.search(text):
            return None
        moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
        moment -= timedelta(seconds=offset)
    except (ValueError, IndexError, TypeError, OverflowError, AttributeError):
        return None
    return moment if _FIRST_YEAR <= moment.year <= _LAST_YEAR else None


def _iso(text: str) -> datetime | None:
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    moment = moment.astimezone(UTC)
    return moment if _FIRST_YEAR <= moment.year <= _LAST_YEAR else None


def _each(values: list[bytes] | None) -> tuple[str, ...]:
    if not values:
        return ()
    return tuple(dict.fromkeys(one for value in values for one in identifiers(value)))


def _parents(references: tuple[str, ...], answered: tuple[str, ...]) -> tuple[str, ...]:
    above = [one for one in references if one not in answered]
    ids = [*above, *answered]
    if len(ids) > _MANY_PARENTS:
        ids = [ids[0], *ids[1 - _MANY_PARENTS :]]
    return tuple(ids)
