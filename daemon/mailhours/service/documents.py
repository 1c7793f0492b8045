"""Judgements as JSON: the document of `backtest --json`, and one client's part of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from mailhours.model.judgement import AskState, Judgement
from mailhours.model.reply import Cause
from mailhours.patterns.scorecard import Office
from mailhours.service.backtest import Backtest
from mailhours.service.figures import portrait_document, precision_document
from mailhours.service.portraits import Portrait, office_of, portrait


def document(test: Backtest) -> dict[str, Any]:
    """Return the backtest as the document of `backtest --json`, times with the owner's offset."""
    ids = {m.key: m.message_id or m.key for rows in test.messages.values() for m in rows}
    local = test.settings.owner.calendar.local
    office = office_of(test.settings, test.messages)
    return {
        "from": local(test.start).isoformat(),
        "to": local(test.end).isoformat(),
        "messages": len(ids),
        "clients": {
            key: {
                **client_document(j, ids, local),
                **portrait_document(_portrait(test, key, office), ids, local),
            }
            for key, j in test.judgements.items()
        },
        "precision": precision_document(f for j in test.judgements.values() for f in j.findings),
        "replies": [
            {
                "slot": plan.slot.key,
                "client": reply.client,
                "kinds": [kind.value for kind in reply.kinds],
                "to": reply.to.spec,
                "subject": reply.subject,
                "causes": _cause_ids(reply.causes, test.judgements[reply.client], ids),
                "text": reply.text,
            }
            for plan in test.plans
            for reply in plan.replies
        ],
        "withheld": [
            {
                "slot": plan.slot.key,
                "client": held.client,
                "message_id": next(
                    iter(_cause_ids((held.cause,), test.judgements[held.client], ids)), ""
                ),
                "reason": held.reason,
            }
            for plan in test.plans
            for held in plan.withheld
        ],
    }


def _portrait(test: Backtest, key: str, office: Office) -> Portrait:
    client = next(one for one in test.settings.clients if one.key == key)
    return portrait(
        test.settings, client, test.messages.get(key, ()), test.judgements[key], (), office
    )


def client_document(
    judgement: Judgement, ids: Mapping[str, str], local: Callable[[datetime], datetime]
) -> dict[str, Any]:
    """Return one client's judgement as JSON data; `ids` maps keys to Message-IDs."""

    def time(at: datetime | None) -> str | None:
        return None if at is None else local(at).isoformat()

    def mail(key: str) -> str:
        return ids.get(key, key)

    return {
        "nudges": [
            {
                "message_id": mail(nudge.message.key),
                "minutes_after": nudge.minutes_after,
                "promise_due": time(nudge.due),
                "rule": nudge.rule,
                "chases": mail(nudge.chases),
            }
            for nudge in judgement.nudges
        ],
        "asks": [
            {
                "id": ask.id,
                "message_id": mail(ask.message.key),
                "opened": time(ask.opened),
                "due": time(ask.due),
                "closed": time(ask.closed),
                "closed_by": mail(ask.closed_by) if ask.closed_by else None,
                "outcome": "none" if ask.outcome is AskState.OPEN else ask.outcome.value,
                "business_minutes": int(ask.business.total_seconds() // 60),
                "text": ask.text,
            }
            for ask in judgement.asks
        ],
        "findings": [
            {
                "id": finding.id,
                "pattern": finding.pattern,
                "message_ids": [mail(key) for key in finding.messages],
                "first": time(finding.first),
                "last": time(finding.last),
                "numbers": dict(finding.numbers),
                "person": finding.person,
                "dismissed": finding.dismissed,
            }
            for finding in judgement.findings
        ],
        "invoices": [
            {
                "number": standing.invoice.number,
                "state": standing.state.value,
                "due": standing.invoice.due.isoformat(),
                "paid": standing.paid and standing.paid.isoformat(),
                "days_late": standing.days_late,
                "message_ids": [mail(key) for key in standing.messages],
            }
            for standing in judgement.invoices
        ],
        "projects": {
            delay.project: {
                "time": asdict(delay.clock),
                "due": delay.due and delay.due.isoformat(),
                "days_lost": delay.days_lost,
                "moved_due": delay.moved_due and delay.moved_due.isoformat(),
                "lost": [
                    {"day": one.day.isoformat(), "message_ids": [mail(key) for key in one.asks]}
                    for one in delay.lost
                ],
            }
            for delay in judgement.projects
        },
        "promises": [
            {
                "id": promise.id,
                "message_id": mail(promise.message.key),
                "due": time(promise.due),
                "closed": time(promise.closed),
                "state": promise.state.value,
            }
            for promise in judgement.promises
        ],
        "time": asdict(judgement.clock),
        "turn": judgement.side.value,
    }


def _cause_ids(causes: Iterable[Cause], judgement: Judgement, ids: Mapping[str, str]) -> list[str]:
    """Return the Message-IDs behind causes: the message, the mail that asked, those on an invoice.

    An invoice that nobody wrote of has none.
    """
    behind: dict[tuple[str, str], tuple[str, ...]] = {
        ("ask", ask.id): (ask.message.key,) for ask in judgement.asks
    }
    for standing in judgement.invoices:
        behind["invoice", standing.invoice.number] = standing.messages
    found: dict[str, None] = {}
    for cause in causes:
        target = cause.target.rpartition(":")[0] or cause.target
        keys = (cause.target,) if cause.kind == "message" else behind.get((cause.kind, target), ())
        found.update((ids[key], None) for key in keys if key in ids)
    return list(found)
