"""False alarms: how often the owner dismissed what a rule had found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mailhours.model.judgement import Finding
from mailhours.model.ratio import wilson


@dataclass(frozen=True, slots=True)
class Precision:
    """One rule's findings, how many the owner dismissed, and its precision with its interval."""

    pattern: str
    found: int
    dismissed: int

    @property
    def share(self) -> float:
        """Return the share of findings that the owner let stand."""
        return (self.found - self.dismissed) / self.found

    @property
    def interval(self) -> tuple[float, float]:
        """Return Wilson's 95 % interval of the share."""
        return wilson(self.found - self.dismissed, self.found)


def precision(findings: Iterable[Finding]) -> tuple[Precision, ...]:
    """Return the precision of every rule that found something, by name."""
    counts: dict[str, list[int]] = {}
    for finding in findings:
        held = counts.setdefault(finding.pattern, [0, 0])
        held[0] += 1
        held[1] += finding.dismissed
    return tuple(Precision(pattern, *held) for pattern, held in sorted(counts.items()))
