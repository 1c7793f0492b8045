"""How well mailhours itself is: what the owner must hear of, in each summary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mailhours.model.faults import Problem


@dataclass(frozen=True, slots=True)
class Deaf:
    """A time without a successful poll; `end` is None while it lasts. Moments are UTC."""

    start: datetime
    end: datetime | None
    why: str
    mailbox: str = ""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A mail that could not be understood; `id` is what `retry` takes."""

    folder: str
    uid: str
    reason: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """The state of the machine room on the day of a summary.

    `notices` are sentences that the owner is to read once (a folder that is gone, a missing
    template). `frozen` maps addresses that refused our mail to the reason. `configuration` are the
    problems of a rejected configuration while the old one goes on. `missed` are the keys of missed
    check-ins. `chain_head` is the head of the hash chain as hex digits, `chain_length` its entries.
    """

    deaf: tuple[Deaf, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    notices: tuple[str, ...] = ()
    configuration: tuple[Problem, ...] = ()
    frozen: Mapping[str, str] = field(default_factory=dict)
    missed: tuple[str, ...] = ()
    fuse_blown: bool = False
    stopped: bool = False
    chain_head: str = ""
    chain_length: int = 0

    @property
    def deaf_now(self) -> bool:
        """Say whether a deaf period lasts."""
        return any(period.end is None for period in self.deaf)
