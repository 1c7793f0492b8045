"""The story of one client: its history and what was judged of it before patterns are sought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from mailhours.model.client import OwnerVerb
from mailhours.model.judgement import Ask, Finding, InvoiceStanding, Nudge, Promise, short_id
from mailhours.model.message import Message
from mailhours.patterns.history import History


@dataclass(frozen=True, slots=True)
class Story:
    """What the rules look at: the history, promises, asks, nudges, invoices and absences."""

    history: History
    promises: tuple[Promise, ...]
    asks: tuple[Ask, ...]
    nudges: tuple[Nudge, ...]
    invoices: tuple[InvoiceStanding, ...]
    away: Mapping[str, date]

    def finding(
        self,
        pattern: str,
        messages: Sequence[Message],
        numbers: Mapping[str, int | float | str],
        *,
        about: str = "",
        last: datetime | None = None,
    ) -> Finding:
        """Return a finding with the evidence `messages`, in order of time.

        Its id follows from the pattern and what it is `about`, by default the first message: it
        stays the same while the evidence grows, so that a dismissal is remembered.
        """
        history = self.history
        name = short_id("f", pattern, history.client.key, about or messages[0].key)
        dismissed = history.word(OwnerVerb.DISMISS, name, since=messages[0].at) is not None
        return Finding(
            id=name,
            pattern=pattern,
            client=history.client.key,
            person=messages[0].person,
            messages=tuple(dict.fromkeys(message.key for message in messages)),
            first=messages[0].at,
            last=last or messages[-1].at,
            numbers=numbers,
            dismissed=dismissed,
        )
