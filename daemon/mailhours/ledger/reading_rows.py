"""A reading as rows, and back exactly: the message that is judged, and what it rests on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mailhours.ledger import tables
from mailhours.ledger.fields import join, join_signals, split, split_signals
from mailhours.ledger.sqlite import as_stored, stored_day, stored_moment
from mailhours.model.address import Address
from mailhours.model.message import (
    Authentication,
    Direction,
    Headers,
    Kind,
    MayReply,
    Message,
    Reading,
    Reason,
)

EVIDENCE = tables.of(tables.Evidence)
READING = tables.of(tables.Reading)

# In the order of Message's fields: a row becomes one by position. As they are stored: thousands are
# read at once, and SQLAlchemy's conversions would cost as much as all the rest.
MESSAGE = tuple(
    as_stored(READING.c[name])
    for name in (
        "key",
        "message_id",
        "parents",
        "direction",
        "kind",
        "at",
        "client",
        "person",
        "addressed",
        "to_own",
        "subject",
        "topic",
        "project",
        "language",
        "signals",
        "words",
        "may_reply",
        "authentication",
        "away_until",
        "receipt",
        "attachments",
        "promised",
        "gist",
    )
)
_DIRECTION = {one.value: one for one in Direction}
_KIND = {one.value: one for one in Kind}
_MAY_REPLY = {one.value: one for one in MayReply}
_AUTHENTICATION = {one.value: one for one in Authentication}


@dataclass(frozen=True, slots=True)
class Read:
    """What was understood of the mail `key` by `version` of the rules, and the message it became.

    The message's client is "" when no client file owns it.
    """

    key: str
    version: str
    reading: Reading
    message: Message


def message(row: Sequence[Any]) -> Message:
    """Return a row of MESSAGE as what it was written from."""
    return Message(
        row[0],
        row[1],
        split(row[2]),
        _DIRECTION[row[3]],
        _KIND[row[4]],
        stored_moment(row[5]),
        row[6],
        row[7],
        split(row[8]),
        row[9],
        row[10],
        row[11],
        row[12],
        row[13],
        split_signals(row[14]),
        row[15],
        _MAY_REPLY[row[16]],
        _AUTHENTICATION[row[17]],
        stored_day(row[18]) if row[18] else None,
        row[19] == 1,
        split(row[20]),
        _promises(row[21]) if row[21] else (),
        split(row[22]),
    )


def message_row(held: Message) -> dict[str, Any]:
    """Return the row of a message in READING, without its account."""
    promised = [part for key, at in held.promised for part in (key, _moment(at))]
    return {
        "client": held.client,
        "at": held.at,
        "key": held.key,
        "message_id": held.message_id,
        "parents": join(held.parents),
        "direction": held.direction,
        "kind": held.kind,
        "person": held.person,
        "addressed": join(held.addressed),
        "to_own": held.to_own,
        "subject": held.subject,
        "topic": held.topic,
        "project": held.project,
        "language": held.language,
        "signals": join_signals(held.signals),
        "words": held.words,
        "may_reply": held.may_reply,
        "authentication": held.authentication,
        "away_until": held.away_until,
        "receipt": held.receipt,
        "attachments": join(held.attachments),
        "promised": join(promised),
        "gist": join(held.gist),
    }


def evidence_row(read: Read) -> dict[str, Any]:
    """Return the row of `read` in EVIDENCE, without its account."""
    held = read.reading
    return {
        "key": read.key,
        "version": read.version,
        "text": held.visible_text,
        "headers": _dump_headers(held.headers),
        "reasons": json.dumps([[r.rule, r.verdict, r.source, r.evidence] for r in held.reasons]),
        "defects": join((held.version, *held.defects)),
    }


def reading(held: Message, row: Any) -> Reading:  # noqa: ANN401 - a row of EVIDENCE
    """Return the reading of a message and its row of EVIDENCE."""
    version, *defects = split(row.defects)
    return Reading(
        version=version,
        headers=_load_headers(row.headers),
        kind=held.kind,
        may_reply=held.may_reply,
        reasons=tuple(
            Reason(rule, MayReply(verdict), source, evidence)
            for rule, verdict, source, evidence in json.loads(row.reasons)
        ),
        authentication=held.authentication,
        language=held.language,
        visible_text=row.text,
        words=held.words,
        signals=held.signals,
        away_until=held.away_until,
        receipt=held.receipt,
        defects=tuple(defects),
    )


def encodable(read: Read) -> Read:
    """Return `read` with every lone surrogate, which has no UTF-8, replaced by a question mark."""
    cleaned = _clean(read)
    if not isinstance(cleaned, Read):  # pragma: no cover - it has the shape of what it was given
        raise TypeError(read)
    return cleaned


def _clean(value: object) -> object:
    if isinstance(value, str):
        plain = value.encode("utf-8", "replace").decode()
        return value if plain == value else plain
    if isinstance(value, tuple):
        return tuple(_clean(part) for part in value)
    names = getattr(type(value), "__dataclass_fields__", None)
    if names is None:
        return value
    return type(value)(**{name: _clean(getattr(value, name)) for name in names})


def _promises(promised: str) -> tuple[tuple[str, datetime], ...]:
    parts = iter(split(promised))
    return tuple((key, datetime.fromisoformat(at)) for key, at in zip(parts, parts, strict=True))


def _moment(at: datetime) -> str:
    if at.utcoffset() is None:
        raise ValueError(f"a promised moment has no zone: {at}")
    return at.astimezone(UTC).isoformat()


def _dump_headers(headers: Headers) -> str:
    return json.dumps(
        [
            headers.message_id,
            headers.parents,
            headers.in_reply_to,
            headers.date.isoformat() if headers.date else None,
            [headers.sender.name, headers.sender.spec],
            [[one.name, one.spec] for one in headers.to],
            [[one.name, one.spec] for one in headers.cc],
            [[one.name, one.spec] for one in headers.reply_to],
            headers.subject,
            headers.auto_submitted,
            headers.mailhours_id,
        ],
        separators=(",", ":"),
    )


def _load_headers(held: str) -> Headers:
    (message_id, parents, in_reply_to, date, sender, to, cc, reply_to, *rest) = json.loads(held)
    subject, auto_submitted, mailhours_id = rest
    return Headers(
        message_id,
        tuple(parents),
        tuple(in_reply_to),
        datetime.fromisoformat(date) if date else None,
        Address(*sender),
        tuple(Address(*one) for one in to),
        tuple(Address(*one) for one in cc),
        tuple(Address(*one) for one in reply_to),
        subject,
        auto_submitted,
        mailhours_id,
    )
