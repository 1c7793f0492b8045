"""What was learned of a client, and of the owner with it: values that are counted and shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from mailhours.model.client import Money
from mailhours.model.outlook import Prediction
from mailhours.model.ratio import Ratio


class State(StrEnum):
    """Whether a criterion of parting is met: surely, surely not, or the figures leave it open."""

    MET = "met"
    NOT_MET = "not met"
    OPEN = "open"


class Band(StrEnum):
    """What the figures advise."""

    KEEP = "keep"
    FIX = "fix the terms"
    PART = "part ways"


class PlanState(StrEnum):
    """What became of a repair plan."""

    RUNNING = "running"
    KEPT = "kept"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion: its share over the period and by month (`2026-03`), with the limit.

    `name` is involvement, revisions, scope or room. `trend` compares the newest month with those
    before: rising, falling, steady, or unknown. `change` is how many cases fewer would bring the
    share to the limit (negative: so many more until it passes).
    """

    name: str
    total: Ratio
    limit: float
    months: tuple[tuple[str, Ratio], ...]
    state: State
    trend: str
    change: int


@dataclass(frozen=True, slots=True)
class RepairPlan:
    """A repair plan that the owner noted: from when to when, its goals, how they stand.

    The goals are the criteria that were met when it began; it failed when one of them is still
    above its limit in the time of the plan. Shares in that time stand in `measured`.
    """

    start: datetime
    until: date
    text: str
    goals: tuple[str, ...]
    measured: Mapping[str, Ratio]
    state: PlanState


@dataclass(frozen=True, slots=True)
class Effort:
    """Mails of theirs and of ours, interruptions in office hours, and the minutes they took.

    Minutes are an estimate: reading, writing, and `interruption_minutes` for each interruption.
    """

    received: int = 0
    sent: int = 0
    interruptions: int = 0
    minutes: int = 0

    @property
    def mails(self) -> int:
        """Return the mails of both sides."""
        return self.received + self.sent

    def __add__(self, other: Effort) -> Effort:
        return Effort(
            self.received + other.received,
            self.sent + other.sent,
            self.interruptions + other.interruptions,
            self.minutes + other.minutes,
        )


@dataclass(frozen=True, slots=True)
class Cost:
    """The price of contact at the owner's rate, beside what was invoiced in the same time."""

    contact: Money
    revenue: Money

    @property
    def share(self) -> float | None:
        """Return the share of the revenue that contact took; None where nothing was invoiced."""
        if not self.revenue.amount:
            return None
        return float(self.contact.amount / self.revenue.amount)


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One client's scorecard over [start, end)."""

    client: str
    start: datetime
    end: datetime
    criteria: tuple[Criterion, ...]
    band: Band
    plan: RepairPlan | None
    effort: Effort
    cost: Cost | None

    @property
    def met(self) -> tuple[Criterion, ...]:
        """Return the criteria that are met."""
        return tuple(one for one in self.criteria if one.state is State.MET)


@dataclass(frozen=True, slots=True)
class Mirror:
    """How the owner fared with one client.

    `late`: answers later than promised, and what is overdue now, of all that was promised.
    `median_late` is in the owner's business time. `broken`: days that our own mails named and that
    passed without a further mail of ours in the thread. `undated`: asks that named no day.
    `rewarded`: early chases that were answered at once, outside the check-ins, of all that there
    were. `off_hours`: mails of ours written while the office was closed: they teach that we read
    at night.
    """

    client: str
    late: Ratio
    median_late: timedelta | None
    broken: Ratio
    undated: Ratio
    rewarded: Ratio
    off_hours: Ratio


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a client waits before it chases; `enough` is False where there is too little data.

    Half of all chases come within `half` minutes, in 95 of 100 cases between `low` and `high`; None
    where most mails are answered before. The minutes are the client's business time with
    `in_business`, else wall clock. `before_due` is so many days before a project's due date.
    `after_status` is later, earlier or none: what early status did to their patience.
    """

    chases: int
    enough: bool
    half: float | None
    low: float | None
    high: float | None
    in_business: bool
    before_due: float | None
    after_status: str
    prediction: Prediction | None
