"""What is expected: the next chase of a client, the next reminder of ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Prediction:
    """When a client is likely to chase next, learned from when they did (UTC).

    `send_by` is when a word of ours would come before it. `seen` counts the chases that it was
    learned from; `messages` are the keys of the mails of ours or theirs that it speaks of. A chase
    of mail that waits comes after some `minutes` in the middle of all cases; a question before a
    due date so many `days_before` it, about a `project`.
    """

    client: str
    person: str
    at: datetime
    send_by: datetime
    seen: int
    messages: tuple[str, ...] = ()
    project: str = ""
    days_before: int | None = None
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class NextReminder:
    """The reminder that comes next for an ask or an invoice: its level and its check-in, UTC."""

    level: int
    at: datetime
