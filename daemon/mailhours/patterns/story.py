"""The story of one client: its history and what was judged of it before patterns are sought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from mailhours.model.client import OwnerVerb
from mailhours.model.judgement import Ask, Finding, InvoiceStanding, Nudge, Promise, short_id
from mailhours.model.message import Message
from mailhours.patterns.history import History

Numbers = dict[str, int | float | str]
"""The numbers that made a finding fire, by name."""


@dataclass(frozen=True, slots=True)
class Story:
    """What the rules look at: the history, promises, asks, nudges, invoices and absences.

    `threads` are the messages of each thread in order of time.
    """

    history: History
    promises: tuple[Promise, ...]
    asks: tuple[Ask, ...]
    nudges: tuple[Nudge, ...]
    invoices: tuple[InvoiceStanding, ...]
    away: Mapping[str, date]
    threads: Mapping[str, tuple[Message, ...]]

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
        return Finding(
            id=name,
            pattern=pattern,
            client=history.client.key,
            person=messages[0].person,
            messages=tuple(dict.fromkeys(message.key for message in messages)),
            first=messages[0].at,
            last=last or messages[-1].at,
            numbers=numbers,
            dismissed=self.is_dismissed(name, since=messages[0].at),
        )

    def is_dismissed(self, finding: str, *, since: datetime) -> bool:
        """Say whether the owner dismissed a finding."""
        return self.history.word(OwnerVerb.DISMISS, finding, since=since) is not None
