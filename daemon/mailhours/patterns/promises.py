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

    `chases` is the debt that a chase waits with, `rule` why it is a chase, `after` the key and the
    moment of the newest message that waited when it came. `stated` is the answer-by time that a
    mail of ours named. `closed` may lie ahead of the telling: the owner's word is known from the
    start.
    """

    message: Message
    thread: str
    chases: Debt | None = None
    rule: str = ""
    after: tuple[str, datetime] | None = None
    stated: datetime | None = None
    closed: datetime | None = None
    closed_by: str = ""
    chasers: list[Debt] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Return the id of the promise."""
        return short_id("p", self.message.key)

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

    def __init__(self, history: History, waiting: Iterable[Debt] = ()) -> None:
        """Begin with what was `waiting` when the telling was left, in order."""
        self.history = history
        self._threads: dict[str, list[Debt]] = {}
        self._topics: dict[tuple[str, str], list[Debt]] = {}
        self._waiting: list[Debt] = []
        self.all: dict[str, Debt] = {}
        for debt in waiting:
            self._add(debt)

    def newest(self, at: datetime) -> Debt | None:
        """Return the newest message of the client that waits for us."""
        return _newest(self._waiting, at)

    def newest_in(self, thread: str, at: datetime) -> Debt | None:
        """Return the newest message of a thread that waits for us."""
        return _newest(self._threads.get(thread, []), at)

    def waiting(self, at: datetime) -> list[Debt]:
        """Return all that waits at a moment, in order."""
        return [debt for debt in self.all.values() if debt.waits(at)]

    def owe(self, message: Message, chased: Debt | None, rule: str) -> None:
        """Owe `message` an answer; one that chases waits with the message it chases."""
        debt = Debt(message, self.history.threads[message.key], chased, rule)
        if self.history.spoken:
            word = self.history.word(
                OwnerVerb.ANSWERED, debt.id, message.key, message.message_id, since=message.at
            )
            if word is not None:
                debt.settle(word.at, OWNER)
        if chased is not None:
            newest = self.newest(message.at) or chased
            debt.after = newest.message.key, newest.message.at
            if chased.closed is not None:
                debt.settle(chased.closed, chased.closed_by)
        self._add(debt)

    def answer(self, message: Message) -> None:
        """Close what our human `message` answers.

        That is all that waits in its thread, and all that waits of a person it went to under the
        same normalised subject.
        """
        if not self._waiting:
            return
        answered = self._threads.pop(self.history.threads[message.key], [])
        if message.topic:
            for person in (message.person, *message.addressed):
                answered += self._topics.pop((person, message.topic), [])
        for debt in answered:
            debt.settle(message.at, message.key)

    def state(self, message: Message) -> None:
        """Note the answer-by times that our acknowledgement `message` stated; the first holds."""
        if message.direction is Direction.OUTBOUND and message.kind is Kind.MACHINE:
            for key, due in message.promised:
                debt = self.all.get(key)
                if debt is not None and debt.stated is None:
                    debt.stated = due

    def due(self, debt: Debt) -> datetime:
        """Return when the answer is due.

        The arrival plus the agreement of that day in the owner's business time. A time that an
        acknowledgement of ours stated is a fact and wins.
        """
        return debt.stated or self.history.owner.calendar.due(
            debt.message.at, self.history.agreement(debt.message.at).answer_within
        )

    def promises(self, debts: Iterable[Debt]) -> tuple[Promise, ...]:
        """Return what became of debts."""
        return tuple(self._promise(debt) for debt in debts)

    def _add(self, debt: Debt) -> None:
        message = debt.message
        if debt.chases is not None:
            debt.chases.chasers.append(debt)
        self._waiting.append(debt)
        self._threads.setdefault(debt.thread, []).append(debt)
        if message.topic:
            self._topics.setdefault((message.person, message.topic), []).append(debt)
        self.all[message.key] = debt

    def _promise(self, debt: Debt) -> Promise:
        due, now = self.due(debt), self.history.now
        if debt.closed is None:
            state = PromiseState.OPEN if now <= due else PromiseState.OVERDUE
        else:
            state = PromiseState.KEPT if debt.closed <= due else PromiseState.LATE
        return Promise(
            debt.id,
            debt.message,
            debt.thread,
            due,
            debt.stated is not None,
            str(self.history.agreement(debt.message.at).answer_within),
            debt.closed,
            debt.closed_by,
            state,
        )


def _newest(debts: list[Debt], at: datetime) -> Debt | None:
    while debts and not debts[-1].waits(at):
        debts.pop()
    return debts[-1] if debts else None
