"""One client's record, gathered: work, turns, asks, answers, money, findings, with evidence.

Everything here is a fact with its message ids; the words come later, and they stay neutral.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from mailhours.model.client import Client, Owner
from mailhours.model.judgement import (
    Ask,
    Clock,
    Finding,
    InvoiceStanding,
    InvoiceState,
    Judgement,
    ProjectDelay,
    Promise,
    PromiseState,
)
from mailhours.model.message import Message, SignalKind
from mailhours.summary.clean import QUOTATION, clean
from mailhours.summary.week import median_span

_LINES = 2
# A pattern of a hundred mails is shown by its newest; all ids stand in the JSON.
_SHOWN = 6
# These stand in full among requests and invoices.
_STATED = frozenset({"unanswered_feedback", "late_payment"})


@dataclass(frozen=True, slots=True)
class Quotation:
    """Two lines of a message as evidence, with its id; no lines when the text is not kept."""

    message_id: str
    at: datetime
    person: str
    ours: bool
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A finding with the messages that show it."""

    finding: Finding
    quotations: tuple[Quotation, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Asked:
    """An ask with what was done about it: reminders sent, and what the client answered with."""

    ask: Ask
    late: timedelta
    reminders: int
    answers: tuple[Quotation, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A promise of ours that was not kept in time; `late` is business time of the owner."""

    promise: Promise
    late: timedelta


@dataclass(frozen=True, slots=True)
class Rounds:
    """The revision rounds of one project: our delivery, then their change request.

    `approved` is the approval that ended them; None while there is none.
    """

    project: str
    rounds: tuple[tuple[Message, Message], ...]
    agreed: int | None
    approved: Message | None = None


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a dossier is made from.

    `messages` are the client's, by key; `texts` their visible texts, as far as they are kept.
    `reminders` counts the reminders sent for an ask, by its id. `reason` is the owner's sentence,
    given only for the final report; `parting` makes it one.
    """

    owner: Owner
    client: Client
    judgement: Judgement
    messages: Mapping[str, Message]
    texts: Mapping[str, str] = field(default_factory=dict)
    reminders: Mapping[str, int] = field(default_factory=dict)
    chain_head: str = ""
    chain_length: int = 0
    parting: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Dossier:
    """The record of one client up to `judgement.now`. Tuples are in order of time.

    `ids` maps the keys of its messages to their message ids.
    """

    owner: Owner
    client: Client
    judgement: Judgement
    ids: Mapping[str, str]
    received: int
    sent: int
    delivered: tuple[Message, ...]
    approved: tuple[Message, ...]
    rounds: tuple[Rounds, ...]
    asks: tuple[Asked, ...]
    answered: int
    kept: int
    our_median: timedelta | None
    their_median: timedelta | None
    late_answers: tuple[Answer, ...]
    findings: tuple[Evidence, ...]
    parting: bool
    reason: str
    chain_head: str
    chain_length: int

    @property
    def clock(self) -> Clock:
        """Return the two-sided clock of all projects together."""
        return self.judgement.clock

    @property
    def delays(self) -> tuple[ProjectDelay, ...]:
        """Return the delay ledger, project by project."""
        return self.judgement.projects

    @property
    def evidence(self) -> tuple[str, ...]:
        """Return the keys of the messages that the record rests on, in order of time."""
        judged = self.judgement
        messages = [*self.delivered, *self.approved, *(asked.ask.message for asked in self.asks)]
        messages += [one for rounds in self.rounds for both in rounds.rounds for one in both]
        messages += [answer.promise.message for answer in self.late_answers]
        keys = {message.key for message in messages}
        keys.update(key for asked in self.asks for key in asked.ask.answers)
        keys.update(key for one in self.findings for key in one.finding.messages)
        keys.update(key for standing in judged.invoices for key in standing.messages)
        return tuple(key for key in self.ids if key in keys)

    @property
    def open_invoices(self) -> tuple[InvoiceStanding, ...]:
        """Return the invoices that are not paid."""
        return tuple(i for i in self.judgement.invoices if i.state is not InvoiceState.PAID)

    @property
    def today(self) -> date:
        """Return the owner's day of the record."""
        return self.owner.calendar.local(self.judgement.now).date()


def quoted(judgement: Judgement) -> tuple[str, ...]:
    """Return the keys of the messages that a dossier quotes: their texts are wanted."""
    answers = [key for ask in judgement.asks for key in ask.answers]
    shown = [key for finding in judgement.findings for key in finding.messages[-_SHOWN:]]
    return tuple(dict.fromkeys((*answers, *shown)))


def gather(inputs: Inputs) -> Dossier:
    """Return the record. Machine mail counts neither as work nor as an answer."""
    judged, owner = inputs.judgement, inputs.owner
    messages = sorted(inputs.messages.values(), key=lambda m: (m.at, m.key))
    closed = [promise for promise in judged.promises if promise.closed is not None]
    ours = [owner.calendar.elapsed(p.message.at, p.closed) for p in closed if p.closed is not None]
    theirs = [ask.business for ask in judged.asks if ask.closed is not None]
    return Dossier(
        owner=owner,
        client=inputs.client,
        judgement=judged,
        ids={message.key: message.message_id for message in messages},
        received=sum(message.of_client for message in messages),
        sent=sum(message.of_ours for message in messages),
        delivered=tuple(m for m in messages if m.of_ours and m.has(SignalKind.DELIVERY)),
        approved=tuple(m for m in messages if m.of_client and m.has(SignalKind.APPROVAL)),
        rounds=tuple(_rounds(inputs, messages)),
        asks=tuple(_asked(inputs, ask) for ask in judged.asks),
        answered=len(closed),
        kept=sum(promise.state is PromiseState.KEPT for promise in closed),
        our_median=median_span(ours),
        their_median=median_span(theirs),
        late_answers=tuple(_late(inputs)),
        findings=tuple(
            _evidence(inputs, finding)
            for finding in judged.findings
            if not finding.dismissed and finding.pattern not in _STATED
        ),
        parting=inputs.parting,
        reason=clean(inputs.reason, 400),
        chain_head=inputs.chain_head,
        chain_length=inputs.chain_length,
    )


def quote(message: Message, text: str) -> Quotation:
    """Return two lines of `text`: those with the first thing read in it, else the first ones."""
    start = min((signal.start for signal in message.signals), default=0)
    # Back to the beginning of the line in which it stands.
    begin = text.rfind("\n", 0, min(start, len(text))) + 1
    lines = [clean(line, QUOTATION) for line in text[begin : begin + 4000].splitlines()]
    kept = tuple([line for line in lines if line][:_LINES])
    return Quotation(message.message_id, message.at, message.person, message.of_ours, kept)


def _quotations(inputs: Inputs, keys: Sequence[str]) -> tuple[Quotation, ...]:
    known = (inputs.messages[key] for key in keys if key in inputs.messages)
    return tuple(quote(message, inputs.texts.get(message.key, "")) for message in known)


def _asked(inputs: Inputs, ask: Ask) -> Asked:
    until = ask.closed or inputs.judgement.now
    late = inputs.client.calendar.elapsed(ask.due, until) if until > ask.due else timedelta()
    reminders = inputs.reminders.get(ask.id, 0)
    return Asked(ask, late, reminders, _quotations(inputs, ask.answers))


def _late(inputs: Inputs) -> Iterator[Answer]:
    for promise in inputs.judgement.promises:
        if promise.state in (PromiseState.LATE, PromiseState.OVERDUE):
            until = promise.closed or inputs.judgement.now
            yield Answer(promise, inputs.owner.calendar.elapsed(promise.due, until))


def _evidence(inputs: Inputs, finding: Finding) -> Evidence:
    quotations = _quotations(inputs, finding.messages[-_SHOWN:])
    return Evidence(finding, quotations, len(finding.messages) - len(quotations))


def _rounds(inputs: Inputs, messages: Sequence[Message]) -> Iterator[Rounds]:
    """Yield the rounds of each project up to an approval.

    A round is a delivery and then the first change request, counted as the pattern
    `revision_rounds` counts: mending our mistakes and adding to the scope is none.
    """
    delivered: dict[str, Message] = {}
    rounds: dict[str, list[tuple[Message, Message]]] = {}
    runs: list[tuple[str, list[tuple[Message, Message]], Message | None]] = []
    for message in messages:
        project = message.project
        if message.of_ours and message.has(SignalKind.DELIVERY):
            delivered[project] = message
        elif _is_change(message) and project in delivered:
            rounds.setdefault(project, []).append((delivered.pop(project), message))
        elif message.of_client and message.has(SignalKind.APPROVAL) and project in rounds:
            runs.append((project, rounds.pop(project), message))
    runs += [(project, found, None) for project, found in rounds.items()]
    for project, found, approved in sorted(runs, key=lambda run: run[1][0][0].at):
        day = inputs.owner.calendar.local(found[-1][1].at).date()
        agreed = inputs.client.agreement(day).revision_rounds
        yield Rounds(project, tuple(found), agreed, approved)


def _is_change(message: Message) -> bool:
    return message.of_client and any(
        signal.kind is SignalKind.CHANGE_REQUEST and signal.subtype not in ("fix", "scope")
        for signal in message.signals
    )
