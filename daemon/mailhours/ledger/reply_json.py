"""A Reply as canonical JSON, and back exactly; the bytes of a held reply are kept beside it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from mailhours.ledger.chain import canonical
from mailhours.model.address import Address
from mailhours.model.raw import Place
from mailhours.model.reply import Cause, Mode, Reply, ReplyKind


def dump(reply: Reply) -> str:
    """Return all of `reply` but `raw`."""
    return canonical(
        {
            "id": reply.id,
            "slot": reply.slot,
            "client": reply.client,
            "kinds": [kind.value for kind in reply.kinds],
            "mode": reply.mode.value,
            "sender": [reply.sender.name, reply.sender.spec],
            "to": [reply.to.name, reply.to.spec],
            "subject": reply.subject,
            "text": reply.text,
            "language": reply.language,
            "causes": [[cause.kind, cause.target] for cause in reply.causes],
            "in_reply_to": reply.in_reply_to,
            "references": list(reply.references),
            "auto_submitted": reply.auto_submitted,
            "message_id": reply.message_id,
            "at": _with_offset(reply.at),
            "answer_by": _moment(reply.answer_by) if reply.answer_by else None,
            "facts": dict(reply.facts),
            "html": reply.html,
        }
    ).decode()


def load(content: str, raw: bytes) -> Reply:
    """Return the reply that `dump` was given."""
    held = json.loads(content)
    return Reply(
        id=held["id"],
        slot=held["slot"],
        client=held["client"],
        kinds=tuple(map(ReplyKind, held["kinds"])),
        mode=Mode(held["mode"]),
        sender=Address(*held["sender"]),
        to=Address(*held["to"]),
        subject=held["subject"],
        text=held["text"],
        language=held["language"],
        causes=causes(held),
        in_reply_to=held["in_reply_to"],
        references=tuple(held["references"]),
        auto_submitted=held["auto_submitted"],
        message_id=held["message_id"],
        at=datetime.fromisoformat(held["at"]),
        answer_by=datetime.fromisoformat(held["answer_by"]) if held["answer_by"] else None,
        facts=held["facts"],
        html=held["html"],
        raw=raw,
    )


def causes(held: dict[str, list[list[str]]]) -> tuple[Cause, ...]:
    """Return the causes of a reply whose JSON was loaded."""
    return tuple(Cause(kind, target) for kind, target in held["causes"])


def dump_place(place: Place) -> str:
    """Return `place` as JSON."""
    return json.dumps([place.mailbox, place.folder, place.validity, place.uid])


def _moment(at: datetime) -> str:
    _with_offset(at)
    return at.astimezone(UTC).isoformat()


def _with_offset(at: datetime) -> str:
    """Return a moment with its own offset: the Date of the mail tells the owner's local time."""
    if at.utcoffset() is None:
        raise ValueError(f"a moment of a reply has no zone: {at}")
    return at.isoformat()
