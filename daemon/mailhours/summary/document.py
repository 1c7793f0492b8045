"""A dossier as one JSON document: facts with message ids, moments with their offset."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta

from mailhours.model.message import Message
from mailhours.summary.dossier import Dossier, Quotation


def document(d: Dossier) -> dict[str, object]:
    """Return plain values for `json.dumps`; business times are whole minutes."""
    judged = d.judgement
    return {
        "schema": 1,
        "kind": "final_report" if d.parting else "dossier",
        "client": {"key": d.client.key, "name": d.client.name},
        "owner": {"name": d.owner.name, "address": d.owner.address},
        "made": _at(d, judged.now),
        "first": _at(d, judged.first),
        "reason": d.reason,
        "messages": {"received": d.received, "sent": d.sent},
        "time": asdict(d.clock),
        "answers": {
            "given": d.answered,
            "in_time": d.kept,
            "our_median_minutes": _minutes(d.our_median),
            "their_median_minutes": _minutes(d.their_median),
        },
        "projects": [
            {
                "project": delay.project,
                "time": asdict(delay.clock),
                "due": _day(delay.due),
                "days_lost": delay.days_lost,
                "moved_due": _day(delay.moved_due),
            }
            for delay in d.delays
        ],
        "turns": [
            {
                "side": turn.side.value,
                "start": _at(d, turn.start),
                "end": _at(d, turn.end),
                "business_minutes": _minutes(turn.business),
                "causes": [d.ids.get(key, key) for key in turn.causes],
            }
            for turn in judged.turns
        ],
        "delivered": [_mail(d, message) for message in d.delivered],
        "approvals": [_mail(d, message) for message in d.approved],
        "asks": [
            {
                "id": asked.ask.id,
                "kind": asked.ask.kind,
                "person": asked.ask.person,
                "project": asked.ask.project,
                "message_id": asked.ask.message.message_id,
                "items": [
                    {"number": item.number, "text": item.text, "closed": _at(d, item.closed)}
                    for item in asked.ask.items
                ],
                "opened": _at(d, asked.ask.opened),
                "due": _at(d, asked.ask.due),
                "closed": _at(d, asked.ask.closed),
                "outcome": asked.ask.outcome.value,
                "business_minutes": _minutes(asked.ask.business),
                "late_minutes": _minutes(asked.late),
                "reminders": asked.reminders,
                "answers": [_quotation(d, quotation) for quotation in asked.answers],
            }
            for asked in d.asks
        ],
        "revision_rounds": [
            {
                "project": rounds.project,
                "agreed": rounds.agreed,
                "approved": None if rounds.approved is None else _mail(d, rounds.approved),
                "rounds": [
                    {"delivered": _mail(d, delivery), "change_request": _mail(d, change)}
                    for delivery, change in rounds.rounds
                ],
            }
            for rounds in d.rounds
        ],
        "our_late_answers": [
            {
                "id": answer.promise.id,
                "message": _mail(d, answer.promise.message),
                "due": _at(d, answer.promise.due),
                "answered": _at(d, answer.promise.closed),
                "late_minutes": _minutes(answer.late),
            }
            for answer in d.late_answers
        ],
        "invoices": [
            {
                "number": standing.invoice.number,
                "issued": _day(standing.invoice.issued),
                "due": _day(standing.invoice.due),
                "amount": str(standing.invoice.amount),
                "state": standing.state.value,
                "paid": _day(standing.paid),
                "days_late": standing.days_late,
            }
            for standing in judged.invoices
        ],
        "findings": [
            {
                "id": evidence.finding.id,
                "pattern": evidence.finding.pattern,
                "person": evidence.finding.person,
                "first": _at(d, evidence.finding.first),
                "last": _at(d, evidence.finding.last),
                "numbers": dict(evidence.finding.numbers),
                "messages": [d.ids.get(key, key) for key in evidence.finding.messages],
                "evidence": [_quotation(d, quotation) for quotation in evidence.quotations],
            }
            for evidence in d.findings
        ],
        "handover": list(d.client.handover) if d.parting else [],
        "chain": {"head": d.chain_head, "length": d.chain_length},
    }


def _at(d: Dossier, at: datetime | None) -> str | None:
    return None if at is None else d.owner.calendar.local(at).isoformat()


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _minutes(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds() // 60)


def _mail(d: Dossier, message: Message) -> dict[str, object]:
    return {
        "message_id": message.message_id,
        "at": _at(d, message.at),
        "person": message.person,
        "subject": message.subject,
    }


def _quotation(d: Dossier, quotation: Quotation) -> dict[str, object]:
    return {
        "message_id": quotation.message_id,
        "at": _at(d, quotation.at),
        "person": quotation.person,
        "ours": quotation.ours,
        "lines": list(quotation.lines),
    }
