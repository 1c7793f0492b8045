"""Shares with their doubt: so many of so many, and between which limits the truth lies."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Final

Z: Final = 1.959964
"""The 97.5 % quantile of the normal distribution: intervals hold in 95 of 100 cases."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """`hits` of `of`, with Wilson's 95 % interval of the share; the keys of the mails counted."""

    hits: int
    of: int
    messages: tuple[str, ...] = ()

    @property
    def share(self) -> float | None:
        """Return the share, None where nothing was counted."""
        return self.hits / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float]:
        """Return the 95 % interval of the share."""
        return wilson(self.hits, self.of)


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval (1927) of a share; (0, 1) where nothing was counted."""
    if not of:
        return 0.0, 1.0
    share, square = hits / of, Z * Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = Z / (1 + square / of) * sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)
