"""Survival estimates: how long until something happens, where some were cut off before it did.

Kaplan and Meier (1958) for the curve, Greenwood's formula on the log-log scale for its band,
Brookmeyer and Crowley (1982) for the interval of a quantile, the log-rank test (Mantel 1966) for
the difference of two curves. Times are numbers of one unit of the caller's choice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import erfc, exp, log, sqrt

from mailhours.model.ratio import Z


@dataclass(frozen=True, slots=True)
class Spell:
    """One wait: how long it was watched, and whether it ended by what is watched for."""

    length: float
    event: bool


@dataclass(frozen=True, slots=True)
class Point:
    """The curve from `at` on: the share that still waits, and its 95 % band."""

    at: float
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Quantile:
    """The time by which a share has ended; None where the curve (or its band) never comes there."""

    at: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Curve:
    """A survival curve: a step down at each point, 1 before the first."""

    spells: int
    events: int
    points: tuple[Point, ...]

    def share(self, at: float) -> float:
        """Return the share that still waits after `at`."""
        left = 1.0
        for point in self.points:
            if point.at > at:
                break
            left = point.share
        return left

    def quantile(self, ended: float) -> Quantile:
        """Return when the share `ended` (0 to 1, exclusive) has ended, with its interval."""
        rest = 1 - ended
        return Quantile(
            self._below(rest, lambda point: point.share),
            self._below(rest, lambda point: point.low),
            self._below(rest, lambda point: point.high),
        )

    def next(self, age: float) -> float | None:
        """Return the median time of the end for what has waited for `age` already, or None."""
        half = self.share(age) / 2
        return next((p.at for p in self.points if p.at > age and p.share <= half + _TINY), None)

    def _below(self, rest: float, value: Callable[[Point], float]) -> float | None:
        return next((p.at for p in self.points if value(p) <= rest + _TINY), None)


# Shares are products of fractions; a half may come out as 0.5000000000000001.
_TINY = 1e-9


def curve(spells: Iterable[Spell]) -> Curve:
    """Return the Kaplan-Meier estimate of `spells`; what is cut off at an event's time is at risk.

    The band is exp(-exp(log(-log S) +- z * se)) with Greenwood's variance; where the curve is 0 it
    is that of the point before.
    """
    held = sorted(spells, key=lambda spell: spell.length)
    risk, share, variance = len(held), 1.0, 0.0
    points: list[Point] = []
    n = 0
    while n < len(held):
        at, ends, same = held[n].length, 0, n
        while n < len(held) and held[n].length == at:
            ends += held[n].event
            n += 1
        if ends:
            share *= 1 - ends / risk
            if share > 0:
                variance += ends / (risk * (risk - ends))
                points.append(Point(at, share, *_band(share, variance)))
            else:
                low, high = (points[-1].low, points[-1].high) if points else (0.0, 1.0)
                points.append(Point(at, 0.0, min(low, 0.0), high))
        risk -= n - same
    return Curve(len(held), sum(spell.event for spell in held), tuple(points))


def _band(share: float, variance: float) -> tuple[float, float]:
    if share >= 1:
        return 1.0, 1.0
    middle = log(-log(share))
    spread = Z * sqrt(variance) / abs(log(share))
    return exp(-exp(middle + spread)), exp(-exp(middle - spread))


def log_rank(one: Sequence[Spell], other: Sequence[Spell]) -> float:
    """Return the probability of so great a difference of two curves by chance (two-sided)."""
    times = sorted({spell.length for spell in (*one, *other) if spell.event})
    difference = variance = 0.0
    for at in times:
        first = sum(spell.length >= at for spell in one)
        both = first + sum(spell.length >= at for spell in other)
        ends = sum(s.event and s.length == at for s in one)
        all_ends = ends + sum(s.event and s.length == at for s in other)
        difference += ends - all_ends * first / both
        if both > 1:
            variance += (
                all_ends * first / both * (1 - first / both) * (both - all_ends) / (both - 1)
            )
    return erfc(abs(difference) / sqrt(2 * variance)) if variance else 1.0
