"""The telling: one client's messages in order of time, and what each of them opens and closes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, Final

from mailhours.model.client import OwnerVerb
from mailhours.model.judgement import Side, Standing
from mailhours.model.line import (
    AWAY,
    FAIL,
    HUMAN,
    INBOUND,
    OWED_MARKS,
    PROMISED,
    REVIEW,
    Line,
    signalled,
)
from mailhours.model.message import Message, SignalKind
from mailhours.patterns.asks import Requests
from mailhours.patterns.history import History
from mailhours.patterns.invoices import (
    SAID,
    PaymentWord,
    billed_from,
    payment_word,
    standings,
    unsettled,
)
from mailhours.patterns.nudges import chased, nudge
from mailhours.patterns.promises import Debts

_WRITER: Final = INBOUND | HUMAN | FAIL
_OF_CLIENT: Final = INBOUND | HUMAN
_ASK: Final = signalled(SignalKind.ASK)
_PAYMENT: Final = signalled(*SAID)
_DOUBTED: Final = REVIEW | FAIL | AWAY


class Telling:
    """What has been told of a client's history so far. It can be left and gone on with.

    `through` is where it stands: the moment and key of the last message, None before the first.
    Most messages are told by their marks alone; `read` makes the whole of one from its line's
    source, where more of it matters.
    """

    def __init__(self, history: History, read: Callable[[Any], Message]) -> None:
        """Begin at the beginning."""
        self.history = history
        self.read = read
        self.debts = Debts(history, read)
        self.requests = Requests(history, read)
        self.through: tuple[datetime, str] | None = None
        self.messages = 0
        self.first: datetime | None = None
        self.last_inbound: datetime | None = None
        self.last_ours: datetime | None = None
        self.away: dict[str, date] = {}
        self.payments: list[PaymentWord] = []
        self._billed = billed_from(history.client)
        self.doubtful: list[Line] = []

    def go_on(self, history: History) -> None:
        """Go on with `history`: other words and another moment of the same client."""
        self.history = self.debts.history = self.requests.history = history

    def hear(self, lines: Iterable[Line]) -> None:
        """Tell what comes next, in order: what each message owes, answers, asks and chases.

        A message that changes nothing costs a few comparisons here, and nothing else.
        """
        line: Line | None = None
        for line in lines:
            marks = line.marks
            self.messages += 1
            if marks & _WRITER == _OF_CLIENT:
                self._of_client(line, marks)
            elif marks & (INBOUND | HUMAN) == HUMAN:
                self._of_ours(line, marks)
            elif marks & (PROMISED | INBOUND | HUMAN) == PROMISED:
                self.debts.state(line)
            if marks & _DOUBTED and marks & INBOUND:
                self._in_doubt(line)
            if self.first is None:
                self.first = line.at
        if line is not None:
            self.through = line.at, line.key

    def _of_client(self, line: Line, marks: int) -> None:
        self.last_inbound = line.at
        if marks & OWED_MARKS:
            self.debts.owe(line, *chased(self.history, self.debts, line))
        if self.requests.open:
            self.requests.hear(line)
        if marks & _PAYMENT and line.at >= self._billed:
            self._of_payment(line)

    def _of_ours(self, line: Line, marks: int) -> None:
        self.last_ours = line.at
        if self.debts.open:
            self.debts.answer(line)
        if marks & _ASK:
            self.requests.ask(line)
        if self.doubtful:
            self._cleared(line)

    def _of_payment(self, line: Line) -> None:
        word = payment_word(self.read(line.source))
        if word is not None:
            self.payments.append(word)

    def _cleared(self, line: Line) -> None:
        """Drop what our human message in the same thread has answered."""
        self.doubtful = [
            doubt for doubt in self.doubtful if doubt.thread != line.thread or doubt.at >= line.at
        ]

    def _in_doubt(self, line: Line) -> None:
        """Note an absence, and what only the owner may answer or is perhaps forged."""
        if line.marks & AWAY:
            until = self.read(line.source).away_until
            if until is not None:
                self.away[line.person] = until
        if line.marks & REVIEW or line.marks & (FAIL | HUMAN) == FAIL | HUMAN:
            self.doubtful.append(line)

    # What follows from it at the moment of its history.

    def review(self) -> tuple[Message, ...]:
        """Return the client's mail that only the owner may answer and has not answered yet."""
        word = self.history.word
        return tuple(
            doubt
            for doubt in map(self.read, (line.source for line in self.doubtful))
            if not self.history.spoken
            or not any(
                word(verb, doubt.key, doubt.message_id, since=doubt.at)
                for verb in (OwnerVerb.ANSWERED, OwnerVerb.DISMISS)
            )
        )

    def is_held(self) -> bool:
        """Say whether the owner's last word on the client was to hold what leaves."""
        spoken, key = self.history.spoken, self.history.client.key
        hold, resume = spoken.get((OwnerVerb.HOLD, key)), spoken.get((OwnerVerb.RESUME, key))
        if not hold:
            return False
        return not resume or (resume[-1].at, OwnerVerb.RESUME) < (hold[-1].at, OwnerVerb.HOLD)

    def absent(self) -> dict[str, date]:
        """Return who is away today, local to the client, and until when."""
        if not self.away:
            return {}
        today = self.history.client.calendar.local(self.history.now).date()
        return {person: day for person, day in sorted(self.away.items()) if day >= today}

    def standing(self) -> Standing:
        """Return how it stands: all that is open."""
        history = self.history
        debts = self.debts.waiting(history.now)
        requests = self.requests.waiting(history.now)
        nudges = (nudge(self.debts, debt) for debt in debts if debt.after is not None)
        nobody = Side.THEIRS if requests else Side.NOBODY
        return Standing(
            client=history.client.key,
            now=history.now,
            messages=self.messages,
            first=self.first,
            last_inbound=self.last_inbound,
            last_ours=self.last_ours,
            side=Side.OURS if debts else nobody,
            promises=self.debts.promises(debts),
            asks=self.requests.asks(requests, self.away),
            nudges=tuple(chase for chase in nudges if chase is not None),
            invoices=standings(history, unsettled(history, self.payments)),
            review=self.review(),
            held=self.is_held(),
            away=self.absent(),
        )
