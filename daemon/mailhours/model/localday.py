"""One local day's office hours: on its wall clock, and as moments."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from mailhours.model.timeline import Stretch, instant


@dataclass(frozen=True, slots=True)
class LocalDay:
    """The hours that begin on this day, in microseconds: `walls` since its midnight, `spans` UTC.

    `midnight` is where its wall clock begins; where no clock changes until its hours end, `ahead`
    is the UTC offset.
    """

    midnight: int
    ahead: int | None
    walls: tuple[Stretch, ...]
    spans: tuple[Stretch, ...]

    def at(self, zone: ZoneInfo, of_day: int) -> int:
        """Return the moment of a time of this day."""
        if self.ahead is None:
            return instant(zone, self.midnight + of_day)
        return self.midnight + of_day - self.ahead

    def clamped(self, zone: ZoneInfo, of_day: int) -> int:
        """Return the moment of a time of this day, moved into its hours."""
        for opening, closing in self.walls:
            if of_day < closing:
                return self.at(zone, max(of_day, opening))
        return self.at(zone, self.walls[-1][1])
