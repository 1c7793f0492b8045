"""Lines: messages in short, as a telling goes through them by the million.

Most messages of a long history change nothing, and that is seen by their marks. What else they say
is looked up where it matters. Marks are stored: a new one takes the next free bit, and a new kind
of signal goes to the end of its enumeration.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

from mailhours.model.message import (
    OWED,
    Authentication,
    Direction,
    Kind,
    MayReply,
    Message,
    SignalKind,
)

INBOUND: Final = 1 << 0
HUMAN: Final = 1 << 1
REVIEW: Final = 1 << 2
SUPPRESS: Final = 1 << 3
FAIL: Final = 1 << 4
UNKNOWN: Final = 1 << 5
RECEIPT: Final = 1 << 6
AWAY: Final = 1 << 7
PROMISED: Final = 1 << 8
ATTACHED: Final = 1 << 9
_SIGNALS: Final = 10  # the first bit of a kind of signal

SIGNAL: Final = {kind: 1 << (_SIGNALS + n) for n, kind in enumerate(SignalKind)}
"""The mark of each kind of signal."""


def signalled(*kinds: SignalKind) -> int:
    """Return the marks of `kinds`."""
    return sum(SIGNAL[kind] for kind in kinds)


ANY_SIGNAL: Final = signalled(*SignalKind)
OWED_MARKS: Final = signalled(*OWED)


class Line(NamedTuple):
    """A message in short: when, which, in which thread, its marks, with whom, under what topic.

    `source` is what the whole message can be made of: itself, or a row of the ledger.
    """

    at: datetime
    key: str
    thread: str
    marks: int
    person: str
    topic: str
    source: Any


def marks(message: Message) -> int:
    """Return the marks of a message."""
    found = 0
    for signal in message.signals:
        found |= SIGNAL[signal.kind]
    if message.direction is Direction.INBOUND:
        found |= INBOUND
    if message.kind is Kind.HUMAN:
        found |= HUMAN
    found |= _MAY_REPLY[message.may_reply] | _AUTHENTICATION[message.authentication]
    found |= RECEIPT * message.receipt | AWAY * (message.away_until is not None)
    return found | PROMISED * bool(message.promised) | ATTACHED * bool(message.attachments)


def line(message: Message, thread: str) -> Line:
    """Return the line of a message in its thread."""
    return Line(
        message.at,
        message.key,
        thread,
        marks(message),
        message.person,
        message.topic,
        message,
    )


def whole(message: Message) -> Message:
    """Return the message that a line was made of by `line`."""
    return message


_MAY_REPLY: Final = {MayReply.REPLY: 0, MayReply.REVIEW: REVIEW, MayReply.SUPPRESS: SUPPRESS}
_AUTHENTICATION: Final = {
    Authentication.PASS: 0,
    Authentication.FAIL: FAIL,
    Authentication.UNKNOWN: UNKNOWN,
}

VERDICTS: Final = {
    direction_mark | kind_mark | reply_mark | believed_mark: (direction, kind, reply, believed)
    for direction, direction_mark in ((Direction.INBOUND, INBOUND), (Direction.OUTBOUND, 0))
    for kind, kind_mark in ((Kind.HUMAN, HUMAN), (Kind.MACHINE, 0))
    for reply, reply_mark in _MAY_REPLY.items()
    for believed, believed_mark in _AUTHENTICATION.items()
}
"""What the lowest six marks say: direction, kind, whether to reply, whether to believe it."""
VERDICT: Final = INBOUND | HUMAN | REVIEW | SUPPRESS | FAIL | UNKNOWN
