"""Promises: one for each message owed an answer, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from mailhours.model.client import OwnerVerb
from mailhours.model.judgement import Promise, PromiseState, short_id
from mailhours.model.message import Direction, Kind, Message
from mailhours.patterns.history import OWNER, History


@dataclass(slots=True, eq=False)
class Debt:
    """A message that waits for us, while the history is told.

    `chases` is the debt that a chase waits with. `closed` may lie ahead of the telling: the owner's
    word is known from the start.
    """

    message: Message
    id: str
    thread: str
    due: datetime
    stated: bool
    within: str
    chases: Debt | None = None
    chasers: list[Debt] = field(default_factory=list)
    closed: datetime | None = None
    closed_by: str = ""

    def waits(self, at: datetime) -> bool:
        """Say whether it is unanswered at a moment."""
        return self.closed is None or self.closed > at

    @property
    def first(self) -> Debt:
        """Return what is chased in the end: itself where it chases nothing."""
        return self.chases.first if self.chases else self

    def settle(self, at: datetime, by: str) -> None:
        """Close it and all that chase it, unless it was closed before."""
        if not self.waits(at):
            return
        self.closed, self.closed_by = at, by
        for chaser in self.chasers:
            chaser.settle(max(at, chaser.message.at), by)


class Debts:
    """What we owe while the history is told message by message."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._stated = stated(history.messages)
        self._threads: dict[str, list[Debt]] = {}
        self._topics: dict[tuple[str, str], list[Debt]] = {}
        self._waiting: list[Debt] = []
        self.all: list[Debt] = []

    def newest(self, at: datetime) -> Debt | None:
        """Return the newest message of the client that waits for us."""
        return _newest(self._waiting, at)

    def newest_in(self, thread: str, at: datetime) -> Debt | None:
        """Return the newest message of a thread that waits for us."""
        return _newest(self._threads.get(thread, []), at)

    def owe(self, message: Message, chased: Debt | None) -> Debt:
        """Owe `message` an answer; one that chases waits with the message it chases.

        Due is the arrival plus the agreement of that day in the owner's business time. A time that
        an acknowledgement of ours stated is a fact and wins.
        """
        thread = self._history.threads[message.key]
        within = self._history.agreement(message.at).answer_within
        said = self._stated.get(message.key)
        due = said or self._history.owner.calendar.due(message.at, within)
        name = short_id("p", message.key)
        debt = Debt(message, name, thread, due, said is not None, str(within), chased)
        word = self._history.word(
            OwnerVerb.ANSWERED, name, message.key, message.message_id, since=message.at
        )
        if word is not None:
            debt.settle(word.at, OWNER)
        if chased is not None:
            chased.chasers.append(debt)
            if chased.closed is not None:
                debt.settle(chased.closed, chased.closed_by)
        self._waiting.append(debt)
        self._threads.setdefault(thread, []).append(debt)
        if message.topic:
            self._topics.setdefault((message.person, message.topic), []).append(debt)
        self.all.append(debt)
        return debt

    def answer(self, message: Message) -> None:
        """Close what our human `message` answers.

        That is all that waits in its thread, and all that waits of a person it went to under the
        same normalised subject.
        """
        answered = self._threads.pop(self._history.threads[message.key], [])
        if message.topic:
            for person in (message.person, *message.addressed):
                answered += self._topics.pop((person, message.topic), [])
        for debt in answered:
            debt.settle(message.at, message.key)

    def promises(self) -> tuple[Promise, ...]:
        """Return what became of every debt, in order of time."""
        return tuple(_promise(debt, self._history.now) for debt in self.all)


def stated(messages: Iterable[Message]) -> dict[str, datetime]:
    """Return the answer-by times that our acknowledgements stated, by key; the first one holds."""
    said: dict[str, datetime] = {}
    for message in messages:
        if message.promised and message.direction is Direction.OUTBOUND:
            for key, due in message.promised:
                if message.kind is Kind.MACHINE:
                    said.setdefault(key, due)
    return said


def _newest(debts: list[Debt], at: datetime) -> Debt | None:
    while debts and not debts[-1].waits(at):
        debts.pop()
    return debts[-1] if debts else None


def _promise(debt: Debt, now: datetime) -> Promise:
    if debt.closed is None:
        state = PromiseState.OPEN if now <= debt.due else PromiseState.OVERDUE
    else:
        state = PromiseState.KEPT if debt.closed <= debt.due else PromiseState.LATE
    return Promise(
        debt.id,
        debt.message,
        debt.thread,
        debt.due,
        debt.stated,
        debt.within,
        debt.closed,
        debt.closed_by,
        state,
    )
