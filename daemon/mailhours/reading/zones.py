"""The zones of a mail's body: what is new, what is quoted, what only hangs on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ZoneKind(StrEnum):
    """What a stretch of the body is."""

    NEW = "new"
    QUOTED = "quoted"
    ATTRIBUTION = "attribution"
    SIGNATURE = "signature"
    DISCLAIMER = "disclaimer"
    FORWARDED = "forwarded"
    FOOTER = "footer"


@dataclass(frozen=True, slots=True)
class Zone:
    """A run of whole lines of one kind; all texts, joined by newlines, are the body."""

    kind: ZoneKind
    text: str


@dataclass(frozen=True, slots=True)
class Zones:
    """The body of one mail by zones.

    `new` is the visible text: the new zones, separated by blank lines. `replies` are the stretches
    of `new` (code points, half-open) that stand directly under a quotation, each with the last
    quoted paragraph above it: the question that it answers.
    """

    new: str
    replies: tuple[tuple[int, int, str], ...]
    zones: tuple[Zone, ...]
