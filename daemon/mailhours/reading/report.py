"""A reading as `mailhours read --json` prints it: one object a mail, plain values only."""

from __future__ import annotations

from collections.abc import Mapping

from mailhours.model.message import Direction, Reading, Signal
from mailhours.model.thread import topic


def report(file: str, reading: Reading, way: Direction) -> dict[str, object]:
    """Return the reading of the mail in `file` as one JSON object; days and times are ISO 8601."""
    headers = reading.headers
    return {
        "file": file,
        "message_id": headers.message_id,
        "direction": way.value,
        "kind": reading.kind.value,
        "may_reply": reading.may_reply.value,
        "reason": reading.reason,
        "reasons": [
            {"rule": r.rule, "verdict": r.verdict.value, "source": r.source, "evidence": r.evidence}
            for r in reading.reasons
        ],
        "authentication": reading.authentication.value,
        "from": headers.sender.spec,
        "date": headers.date.isoformat() if headers.date else None,
        "subject": headers.subject,
        "topic": topic(headers.subject),
        "parents": list(headers.parents),
        "language": reading.language,
        "visible_text": reading.visible_text,
        "words": reading.words,
        "signals": [_signal(signal) for signal in reading.signals],
        "away_until": reading.away_until.isoformat() if reading.away_until else None,
        "receipt": reading.receipt,
        "defects": list(reading.defects),
    }


def _signal(signal: Signal) -> Mapping[str, object]:
    return {
        "kind": signal.kind.value,
        "phrase": signal.phrase,
        "start": signal.start,
        "end": signal.end,
        "text": signal.text,
        "subtype": signal.subtype,
        "item": signal.item,
        "due": signal.due.isoformat() if signal.due else None,
        "quoted": signal.quoted,
    }
