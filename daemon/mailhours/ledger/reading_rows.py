"""A reading as rows, and back exactly: the message that is judged, and what it rests on."""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from mailhours.ledger import tables
from mailhours.ledger.fields import join, split
from mailhours.ledger.sqlite import as_stored, stored_moment, stored_moments
from mailhours.model.address import Address
from mailhours.model.line import RECEIPT, VERDICT, VERDICTS, Line, marks
from mailhours.model.message import (
    Headers,
    MayReply,
    Message,
    Reading,
    Reason,
    Signal,
    SignalKind,
)
from mailhours.model.thread import Names, hashed, woven

EVIDENCE = tables.of(tables.Evidence)
READING = tables.of(tables.Reading)

# As they are stored: thousands are read at once, and SQLAlchemy's conversions would cost as much as
# all the rest.
MESSAGE = tuple(
    as_stored(READING.c[name])
    for name in (
        "at",
        "key",
        "marks",
        "names",
        "person",
        "topic",
        "message_id",
        "client",
        "rest",
    )
)


class _BlankMessage:
    """A message that is being filled: a frozen one would take a call for each of its fields."""

    __slots__ = Message.__slots__


class _BlankSignal:
    """A signal that is being filled."""

    __slots__ = Signal.__slots__


_NO_MORE = ("", 0, "", "")  # what most signals have beside the first five fields
_KINDS = {kind.value: kind for kind in SignalKind}
_rest = json.JSONDecoder().raw_decode
_line = partial(tuple.__new__, Line)


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
    at, key, marks, _, person, topic, message_id, client, rest = row
    (
        parents,
        addressed,
        to_own,
        subject,
        project,
        language,
        signals,
        words,
        away_until,
        attachments,
        promised,
        gist,
    ) = _rest(rest)[0]
    made: Any = _BlankMessage()
    made.key = key
    made.message_id = message_id
    made.parents = tuple(parents)
    made.direction, made.kind, made.may_reply, made.authentication = VERDICTS[marks & VERDICT]
    made.at = stored_moment(at)
    made.client = client
    made.person = person
    made.addressed = tuple(addressed)
    made.to_own = to_own
    made.subject = subject
    made.topic = topic
    made.project = project
    made.language = language
    made.signals = tuple(map(_signal, signals)) if signals else ()
    made.words = words
    made.away_until = date.fromisoformat(away_until) if away_until else None
    made.receipt = marks & RECEIPT != 0
    made.attachments = tuple(attachments)
    made.promised = tuple([(name, datetime.fromisoformat(due)) for name, due in promised])
    made.gist = tuple(gist)
    made.__class__ = Message
    held: Message = made
    return held


def lines(rows: Sequence[Sequence[Any]]) -> tuple[list[Line], Names[int]]:
    """Return rows of MESSAGE, all of one client in order, as lines, with their threads.

    A line's source is its row: `message` makes the whole of it.
    """
    if not rows:
        return [], Names([], {})
    ats, keys, marks, names, persons, topics, *_ = zip(*rows, strict=True)
    threads, known = woven(keys, map(_unpacked, names))
    columns = (stored_moments(ats), keys, threads, marks, persons, topics, rows)
    return list(map(_line, zip(*columns, strict=True))), known


def addressed(rest: str) -> Sequence[str]:
    """Return all recipients of a message by the rest of its row."""
    found: list[str] = _rest(rest)[0][1]
    return found


def message_row(held: Message) -> dict[str, Any]:
    """Return the row of a message in READING, without its account."""
    rest = (
        held.parents,
        held.addressed,
        held.to_own,
        held.subject,
        held.project,
        held.language,
        [_fields(signal) for signal in held.signals],
        held.words,
        held.away_until.isoformat() if held.away_until else "",
        held.attachments,
        [(key, _moment(at)) for key, at in held.promised],
        held.gist,
    )
    names = hashed(held)
    if sys.byteorder == "big":
        names.byteswap()
    return {
        "client": held.client,
        "at": held.at,
        "key": held.key,
        "marks": marks(held),
        "names": names.tobytes(),
        "person": held.person,
        "topic": held.topic,
        "message_id": held.message_id,
        "rest": json.dumps(rest, ensure_ascii=False, separators=(",", ":")),
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


def _swapped(stored: bytes) -> array[int]:
    names = array("Q", stored)
    names.byteswap()
    return names


_unpacked = partial(array, "Q") if sys.byteorder == "little" else _swapped


def _fields(s: Signal) -> list[Any]:
    """Return a signal as JSON; what most signals do not have is left out."""
    short = [s.kind.value, s.phrase, s.start, s.end, s.text]
    more = [s.subtype, s.item, s.due.isoformat() if s.due else "", s.quoted]
    return short if tuple(more) == _NO_MORE else short + more


def _signal(fields: Sequence[Any]) -> Signal:
    made: Any = _BlankSignal()
    kind, made.phrase, made.start, made.end, made.text, *more = fields
    made.kind = _KINDS[kind]
    made.subtype, made.item, due, made.quoted = more or _NO_MORE
    made.due = date.fromisoformat(due) if due else None
    made.__class__ = Signal
    held: Signal = made
    return held


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
