"""Runs: mails that follow each other closely enough to be one matter."""

from __future__ import annotations

from collections.abc import Iterable

from mailhours.model.hours import Calendar
from mailhours.model.message import Message


def runs(calendar: Calendar, messages: Iterable[Message], days: int) -> list[list[Message]]:
    """Return `messages`, in order, as runs: each within `days` business days of the one before."""
    found: list[list[Message]] = []
    for message in messages:
        if found and message.at <= calendar.add_business_days(found[-1][-1].at, days):
            found[-1].append(message)
        else:
            found.append([message])
    return found
