"""Why: the steps by which a promise, ask, nudge, finding, turn or invoice was judged so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from mailhours.model.client import Client, Owner
from mailhours.model.hours import Calendar
from mailhours.model.judgement import (
    Ask,
    Clock,
    Finding,
    InvoiceStanding,
    Judgement,
    Nudge,
    ProjectDelay,
    Promise,
    PromiseState,
    Side,
    Turn,
    short_id,
)
from mailhours.model.message import OWED, Message
from mailhours.patterns.asking import asking
from mailhours.patterns.history import OWNER
from mailhours.patterns.turns import thread_turns

_MINUTE: Final = timedelta(minutes=1)
_RULES: Final = {
    "pestering": "chases before our promise is due: many within the business days of the rule, or "
    "two within minutes of the first mail",
    "off_hours": "mail that expects an answer while both offices are closed",
    "progress_check": "a question on progress before the project is due",
    "urgency_inflation": "urgent mail whose answer the client then left for more than one of its "
    "business days",
    "bypass": "mail to a colleague, or past the contact that was agreed",
    "unanswered_feedback": "an ask of ours that was past due",
    "broken_promise": "a day that the client named passed without what it promised",
    "revision_rounds": "more rounds of our delivery and their change request than were agreed",
    "change_after_approval": "a change to what the client had approved",
    "scope_growth": "requests for something new",
    "late_payment": "an invoice paid, or open, later than due",
    "phone": "many rounds in one thread without a result",
    "new_thread": "new threads for what waited in another, before our promise was due",
    "second_channel": "mail that tells of a call or another channel before our promise was due",
    "read_receipts": "demands for a read receipt",
    "wider_copy": "mails in a row, each with more people in copy",
    "escalation": "a chase, urgency or threat that brings somebody new into copy",
    "wrong_approver": "an approval by somebody who is no approver",
    "approval_withdrawn": "an approval that was taken back",
    "contradiction": "two persons of the client disagree on one delivery",
    "later_and_later": "months of invoices, each paid later than the one before",
    "promised_not_paid": "days named for the payment of one invoice that passed without it",
    "pays_after_reminder": "invoices in a row that were paid only after a reminder",
    "heat_rising": "mails in a row, each hotter than the one before",
}
_TURN: Final = {
    Side.OURS: "our turn: mail of theirs waited for our answer",
    Side.THEIRS: "their turn: what we asked for was missing",
    Side.NOBODY: "nobody's turn",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an explanation; `message` is the key of the mail that shows it, or empty."""

    text: str
    at: datetime | None = None
    message: str = ""


def explain_judgement(
    judged: Judgement, reference: str, owner: Owner, client: Client
) -> tuple[Step, ...]:
    """Return the steps behind an id, empty when the judgement knows nothing of that name.

    `reference` is the id of a promise, ask, finding, nudge (`nudge_id`) or turn (`turn_id`), the
    number of an invoice, the client's key (its turns), or `client/project` (the delay ledger).
    Times in the text are the owner's local time, asks are counted in the client's.
    """
    return tuple(_Telling(judged, owner, client).steps(reference))


def explain_message(judged: Judgement, key: str, owner: Owner, client: Client) -> tuple[Step, ...]:
    """Return what was judged of one message: the promise, ask and nudge that it made."""
    made = [p.id for p in judged.promises if p.message.key == key]
    made += [a.id for a in judged.asks if a.message.key == key]
    made += [nudge_id(n) for n in judged.nudges if n.message.key == key]
    telling = _Telling(judged, owner, client)
    return tuple(step for name in made for step in telling.steps(name))


def explain_thread(
    judged: Judgement, thread: str, first: datetime, owner: Owner, client: Client
) -> tuple[Step, ...]:
    """Return whose turn it was in one thread, which began at `first`: ours and theirs, with why.

    Empty when nobody ever waited in it.
    """
    telling = _Telling(judged, owner, client)
    turned = thread_turns(owner.calendar, thread, first, judged.now, judged.promises, judged.asks)
    taken = [turn for turn in turned.turns if turn.side is not Side.NOBODY]
    if not taken:
        return ()
    told = (step for turn in taken for step in telling.turn(turn))
    return Step(f"In its thread: {_sides(turned.clock)}"), *told


def nudge_id(nudge: Nudge) -> str:
    """Return the id under which a nudge is explained."""
    return short_id("n", nudge.message.key)


def turn_id(client: str, turn: Turn) -> str:
    """Return the id under which a turn of a client is explained."""
    return short_id("t", client, turn.start.isoformat())


@dataclass(frozen=True, slots=True)
class _Telling:
    """The judgement that is explained, and the calendars in which it counts."""

    judged: Judgement
    owner: Owner
    client: Client

    def steps(self, reference: str) -> Iterator[Step]:
        """Yield the steps behind a name."""
        for name, told in self._named():
            if name == reference:
                yield from told

    def _named(self) -> Iterator[tuple[str, Iterator[Step]]]:
        """Yield what can be explained: its name, and its steps, told when they are asked for."""
        judged, key = self.judged, self.client.key
        yield from ((promise.id, self._promise(promise)) for promise in judged.promises)
        yield from ((ask.id, self._ask(ask)) for ask in judged.asks)
        yield from ((nudge_id(nudge), self._nudge(nudge)) for nudge in judged.nudges)
        yield from ((finding.id, self._finding(finding)) for finding in judged.findings)
        yield from ((held.invoice.number, self._invoice(held)) for held in judged.invoices)
        yield from ((f"{key}/{p.project}", self._project(p)) for p in judged.projects)
        for turn in judged.turns:
            yield turn_id(key, turn), self.turn(turn)
            yield key, self.turn(turn)

    def _promise(self, promise: Promise) -> Iterator[Step]:
        message, calendar = promise.message, self.owner.calendar
        shown = ", ".join(f"{s.kind.value} {s.text!r}" for s in message.signals if s.kind in OWED)
        yield Step(
            f"{message.person} wrote {message.subject!r} and is owed an answer: {shown}",
            message.at,
            message.key,
        )
        if promise.stated:
            yield Step(f"Our acknowledgement stated an answer by {self._said(promise.due)}")
        else:
            yield Step(f"On that day an answer within {promise.within} was agreed")
            opened = calendar.opens(message.at)
            if opened != message.at and "business" in promise.within:
                yield Step("It came outside office hours: the time runs from the opening", opened)
            yield Step(f"So the answer was due {self._said(promise.due)}", promise.due)
        yield self._kept(promise)

    def _kept(self, promise: Promise) -> Step:
        calendar = self.owner.calendar
        if promise.closed is None:
            rest = calendar.elapsed(self.judged.now, promise.due)
            if promise.state is PromiseState.OPEN:
                return Step(f"Open: {_length(rest)} of business time are left", self.judged.now)
            return Step(f"Overdue by {_length(-rest)} of business time", self.judged.now)
        how = "the owner's word" if promise.closed_by == OWNER else "our mail"
        if promise.state is PromiseState.KEPT:
            return Step(f"Kept: answered by {how}", promise.closed, _key(promise.closed_by))
        late = _length(calendar.elapsed(promise.due, promise.closed))
        text = f"Late by {late} of business time: answered by {how}"
        return Step(text, promise.closed, _key(promise.closed_by))

    def _ask(self, ask: Ask) -> Iterator[Step]:
        message, calendar = ask.message, self.client.calendar
        things = "; ".join(f"{item.number}. {item.text!r}" for item in ask.items)
        yield Step(f"We asked {ask.person} for {ask.kind}: {things}", message.at, message.key)
        if any(signal.due for signal in asking(message)):
            yield Step(f"Our mail named the day: due {self._said(ask.due)}", ask.due)
        else:
            within = self.client.agreement(calendar.local(message.at).date()).feedback_within
            text = f"Agreed: within {within}, counted in the client's hours: due"
            yield Step(f"{text} {self._said(ask.due)}", ask.due)
        if ask.away_until is not None:
            yield Step(f"{ask.person} announced to be away until {_day(ask.away_until)}")
        known = self._messages()
        for key in ask.answers:
            given = [f"{i.number}" for i in ask.items if i.closed_by == key]
            what = (
                f"gave item {', '.join(given)}" if given else "reacted, and gave nothing asked for"
            )
            mail = known.get(key)
            yield Step(f"Mail of the client {what}", mail.at if mail else None, key)
        if ask.closed is None:
            missing = ", ".join(str(i.number) for i in ask.items if i.closed is None)
            text = f"{ask.outcome.value}: item {missing} is missing"
        else:
            by = " by the owner's word" if ask.closed_by == OWNER else ""
            text = f"Closed{by}: {ask.outcome.value}"
        yield Step(
            f"{text}, after {_length(ask.business)} of the client's business time",
            ask.closed or self.judged.now,
            _key(ask.closed_by),
        )

    def _nudge(self, nudge: Nudge) -> Iterator[Step]:
        known = self._messages().get(nudge.chases)
        yield Step(
            "This mail of the client was waiting for us", known.at if known else None, nudge.chases
        )
        how = {
            "phrase": "chases in words",
            "asks_again": "asks again, in the same thread, and nothing new",
        }
        yield Step(
            f"{nudge.minutes_after} minutes after it, this one {how.get(nudge.rule, nudge.rule)}: "
            + ", ".join(repr(signal.text) for signal in nudge.message.signals),
            nudge.message.at,
            nudge.message.key,
        )
        yield Step(
            f"{nudge.share:.0%} of the promised time had passed; the answer was due "
            f"{self._said(nudge.due)}",
            nudge.due,
        )

    def _finding(self, finding: Finding) -> Iterator[Step]:
        yield Step(f"{finding.pattern}: {_RULES.get(finding.pattern, '')}", finding.first)
        for name, value in finding.numbers.items():
            yield Step(f"{name.replace('_', ' ')}: {value}")
        known = self._messages()
        for key in finding.messages:
            message = known.get(key)
            text = f"evidence: {message.subject!r}" if message else "evidence"
            yield Step(text, message.at if message else None, key)
        if finding.dismissed:
            yield Step("The owner dismissed it")

    def _invoice(self, standing: InvoiceStanding) -> Iterator[Step]:
        invoice = standing.invoice
        yield Step(
            f"Invoice {invoice.number} of {invoice.amount}, issued {_day(invoice.issued)}, "
            f"due {_day(invoice.due)}"
        )
        for key in standing.messages:
            yield Step("Mail of the client on the payment", message=key)
        if standing.promised is not None:
            yield Step(f"Payment was promised for {_day(standing.promised)}")
        if standing.paid is not None:
            yield Step(f"Paid {_day(standing.paid)}")
        late = f"{_days(standing.days_late)} late"
        yield Step(f"{standing.state.value}, {late}", self.judged.now)

    def _project(self, project: ProjectDelay) -> Iterator[Step]:
        yield Step(f"Business time: {_sides(project.clock)}")
        for turn in project.turns:
            yield from self.turn(turn)
        for lost in project.lost:
            for key in lost.asks:
                yield Step(f"{_day(lost.day)} was lost: this was past due", message=key)
        if project.due is not None and project.moved_due is not None:
            yield Step(
                f"{_days(project.days_lost)} lost by the client beyond what was agreed: "
                f"{_day(project.due)} becomes {_day(project.moved_due)}"
            )

    def turn(self, turn: Turn) -> Iterator[Step]:
        """Yield one turn and what it was because of."""
        until = f"until {self._said(turn.end)}, {_length(turn.business)} of business time"
        yield Step(f"{_TURN[turn.side]}, {until}", turn.start)
        known = self._messages()
        for key in turn.causes:
            message = known.get(key)
            if message is not None:
                yield Step(f"because of {message.subject!r}", message.at, key)

    def _messages(self) -> dict[str, Message]:
        """Return the messages that the judgement holds, by key."""
        judged = self.judged
        held: Iterable[Message] = (
            *(promise.message for promise in judged.promises),
            *(ask.message for ask in judged.asks),
            *(nudge.message for nudge in judged.nudges),
            *judged.review,
        )
        return {message.key: message for message in held}

    def _said(self, at: datetime) -> str:
        return _moment(at, self.owner.calendar)


def _key(closed_by: str) -> str:
    return "" if closed_by == OWNER else closed_by


def _moment(at: datetime, calendar: Calendar) -> str:
    return f"{calendar.local(at):%a %d %b %Y %H:%M %Z}"


def _day(day: date) -> str:
    return f"{day:%a %d %b %Y}"


def _sides(clock: Clock) -> str:
    return (
        f"ours {_minutes(clock.ours)}, theirs {_minutes(clock.theirs)}, "
        f"nobody's {_minutes(clock.nobody)}, together {_minutes(clock.total)}"
    )


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _length(time: timedelta) -> str:
    return _minutes(time // _MINUTE)


def _minutes(minutes: int) -> str:
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
