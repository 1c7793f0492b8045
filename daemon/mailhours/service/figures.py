"""Portraits as JSON: patience, mirror and scorecard with their figures and their doubt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from mailhours.model.judgement import Finding
from mailhours.model.portrait import Mirror, RepairPlan, Scorecard
from mailhours.model.ratio import Ratio
from mailhours.patterns.impatience import Impatience
from mailhours.patterns.precision import precision
from mailhours.patterns.survival import Curve, Quantile
from mailhours.service.portraits import Portrait

Local = Callable[[datetime], datetime]


def portrait_document(made: Portrait, ids: Mapping[str, str], local: Local) -> dict[str, Any]:
    """Return a portrait as JSON data; `ids` maps keys to Message-IDs. Shares are 0 to 1."""
    return {
        "patience": _patience(made.patience, ids, local),
        "mirror": _mirror(made.mirror, ids),
        "scorecard": scorecard_document(made.scorecard, ids, local),
    }


def precision_document(findings: Iterable[Finding]) -> dict[str, Any]:
    """Return how often each rule was right by the owner's word."""
    return {
        one.pattern: {
            "found": one.found,
            "dismissed": one.dismissed,
            "precision": round(one.share, 4),
            "interval": _pair(one.interval),
        }
        for one in precision(findings)
    }


def scorecard_document(card: Scorecard, ids: Mapping[str, str], local: Local) -> dict[str, Any]:
    """Return a scorecard as JSON data."""
    return {
        "from": local(card.start).isoformat(),
        "to": local(card.end).isoformat(),
        "band": card.band.value,
        "criteria": {
            one.name: {
                **_ratio(one.total, ids),
                "limit": round(one.limit, 4),
                "state": one.state.value,
                "trend": one.trend,
                "change": one.change,
                "months": {
                    month: {"hits": ratio.hits, "of": ratio.of} for month, ratio in one.months
                },
            }
            for one in card.criteria
        },
        "repair_plan": None if card.plan is None else _plan(card.plan, local),
        "effort": {
            "received": card.effort.received,
            "sent": card.effort.sent,
            "interruptions": card.effort.interruptions,
            "minutes": card.effort.minutes,
        },
        "cost": None
        if card.cost is None
        else {
            "contact": str(card.cost.contact),
            "revenue": str(card.cost.revenue),
            "share": card.cost.share,
        },
    }


def _plan(plan: RepairPlan, local: Local) -> dict[str, Any]:
    return {
        "from": local(plan.start).isoformat(),
        "until": plan.until.isoformat(),
        "text": plan.text,
        "goals": list(plan.goals),
        "measured": {name: {"hits": r.hits, "of": r.of} for name, r in plan.measured.items()},
        "state": plan.state.value,
    }


def _mirror(made: Mirror, ids: Mapping[str, str]) -> dict[str, Any]:
    late = made.median_late
    return {
        "late": _ratio(made.late, ids),
        "median_late_business_minutes": None if late is None else int(late.total_seconds() // 60),
        "broken_promises": _ratio(made.broken, ids),
        "asks_without_a_day": _ratio(made.undated, ids),
        "rewarded_chases": _ratio(made.rewarded, ids),
        "off_hours": _ratio(made.off_hours, ids),
    }


def _patience(made: Impatience, ids: Mapping[str, str], local: Local) -> dict[str, Any]:
    due, status, next_one = made.before_due, made.status, made.prediction
    return {
        "waits": made.wall.spells,
        "chases": made.wall.events,
        "enough": made.enough,
        "measured_in": "business" if made.in_business else "wall",
        "wall_minutes": _curve(made.wall),
        "business_minutes": _curve(made.business),
        "days_before_due": None
        if due is None
        else {"cases": list(due.days), "median": due.median, "interval": [due.low, due.high]},
        "early_status": None
        if status is None
        else {"effect": status.said, "chance": round(status.chance, 4)},
        "prediction": None
        if next_one is None
        else {
            "at": local(next_one.at).isoformat(),
            "send_by": local(next_one.send_by).isoformat(),
            "person": next_one.person,
            "message_ids": [ids.get(key, key) for key in next_one.messages],
        },
    }


def _curve(made: Curve) -> dict[str, Any]:
    return {
        "quartile": _quantile(made.quantile(0.25)),
        "median": _quantile(made.quantile(0.5)),
        "points": [
            [point.at, round(point.share, 4), round(point.low, 4), round(point.high, 4)]
            for point in made.points
        ],
    }


def _quantile(one: Quantile) -> dict[str, float | None]:
    return {"at": one.at, "low": one.low, "high": one.high}


def _ratio(ratio: Ratio, ids: Mapping[str, str]) -> dict[str, Any]:
    return {
        "hits": ratio.hits,
        "of": ratio.of,
        "interval": _pair(ratio.interval),
        "message_ids": [ids.get(key, key) for key in ratio.messages],
    }


def _pair(interval: tuple[float, float]) -> list[float]:
    return [round(end, 4) for end in interval]
