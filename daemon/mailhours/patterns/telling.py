"""The telling: one client's messages in order of time, and what each of them opens and closes."""

from __future__ import annotations

from datetime import date, datetime

from mailhours.model.client import OwnerVerb
from mailhours.model.judgement import Side, Standing
from mailhours.model.message import Authentication, Direction, Kind, MayReply, Message
from mailhours.patterns.asks import Requests
from mailhours.patterns.history import History
from mailhours.patterns.invoices import PaymentWord, payment_word, standings, unsettled
from mailhours.patterns.nudges import chased, nudge
from mailhours.patterns.promises import Debts


class Telling:
    """What has been told of a client's history so far. It can be left and gone on with.

    `through` is where it stands: the moment and key of the last message, None before the first.
    """

    def __init__(self, history: History) -> None:
        """Begin at the beginning; `hear` tells the messages of `history` one by one, in order."""
        self.history = history
        self.debts = Debts(history)
        self.requests = Requests(history)
        self.through: tuple[datetime, str] | None = None
        self.messages = 0
        self.first: datetime | None = None
        self.last_inbound: datetime | None = None
        self.last_ours: datetime | None = None
        self.away: dict[str, date] = {}
        self.payments: list[PaymentWord] = []
        self.doubtful: list[tuple[Message, str]] = []

    def go_on(self, history: History) -> None:
        """Go on with `history`: other messages, words and moment of the same client."""
        self.history = self.debts.history = self.requests.history = history

    def hear(self, message: Message) -> None:
        """Tell the next message: what it owes, answers, asks and chases."""
        self.through = message.at, message.key
        self.messages += 1
        if self.first is None:
            self.first = message.at
        if message.of_client:
            self._of_client(message)
        elif message.of_ours:
            self._of_ours(message)
        elif message.promised:
            self.debts.state(message)
        if message.direction is Direction.INBOUND:
            if message.away_until is not None:
                self.away[message.person] = message.away_until
            if message.may_reply is MayReply.REVIEW or _is_forged(message):
                self.doubtful.append((message, self.history.threads[message.key]))

    def _of_client(self, message: Message) -> None:
        self.last_inbound = message.at
        if message.owed_an_answer:
            self.debts.owe(message, *chased(self.history, self.debts, message))
        self.requests.hear(message)
        word = payment_word(message)
        if word is not None:
            self.payments.append(word)

    def _of_ours(self, message: Message) -> None:
        self.last_ours = message.at
        self.debts.answer(message)
        self.requests.ask(message)
        if self.doubtful:
            thread = self.history.threads[message.key]
            self.doubtful = [
                (doubt, where)
                for doubt, where in self.doubtful
                if where != thread or doubt.at >= message.at
            ]

    # What follows from it at the moment of its history.

    def review(self) -> tuple[Message, ...]:
        """Return the client's mail that only the owner may answer and has not answered yet."""
        word = self.history.word
        return tuple(
            doubt
            for doubt, _ in self.doubtful
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


def _is_forged(message: Message) -> bool:
    return message.authentication is Authentication.FAIL and message.kind is Kind.HUMAN
