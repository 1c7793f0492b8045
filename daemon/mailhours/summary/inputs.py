"""What a daily summary is made from: everything that is known at one moment, as one value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from mailhours.model.client import Client, Owner
from mailhours.model.health import Health
from mailhours.model.judgement import Finding, Judgement
from mailhours.model.outlook import NextReminder, Prediction
from mailhours.model.reply import Mode, Reply, ReplyState, Withheld


@dataclass(frozen=True, slots=True)
class Handled:
    """A reply and where it stands; `at` is when it came to that (UTC), `detail` what was said."""

    reply: Reply
    state: ReplyState
    at: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that the summary of `day` (a local day of the owner) is made from.

    `clients` and `judgements` share their keys; a judgement without a client file is passed over.
    `replies` are those that came to their state on the day, and those of any day that wait for the
    owner (proposed, drafted, doubtful). `withheld` are the day's, all check-ins. `findings` are
    those that are new; None takes the ones whose newest evidence is younger than `since`, the
    moment of the last summary (None: the working day before, at the same time). `reminders` are
    keyed by ask id and invoice number. `predictions` are keyed by client. `held_waiting` are the
    subjects of held replies that are too young to leave.
    """

    day: date
    now: datetime
    mode: Mode
    owner: Owner
    clients: Mapping[str, Client]
    judgements: Mapping[str, Judgement]
    replies: Sequence[Handled] = ()
    withheld: Sequence[Withheld] = ()
    findings: Sequence[Finding] | None = None
    since: datetime | None = None
    reminders: Mapping[str, NextReminder] = field(default_factory=dict)
    predictions: Mapping[str, Prediction] = field(default_factory=dict)
    held_waiting: Sequence[str] = ()
    health: Health = field(default_factory=Health)
