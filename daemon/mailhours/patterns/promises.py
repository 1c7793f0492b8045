"""Promises: one for each message owed an answer, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mailhours.model.client import OwnerVerb
from mailhours.model.judgement import Promise, PromiseState, short_id
from mailhours.model.line import Line
from mailhours.model.message import Message
from mailhours.patterns.history import OWNER, History


@dataclass(slots=True, eq=False)
class Debt:
    """A message that waits for us, while the history is told; `line` is all of it that is at hand.

    `chases` is the debt that a chase waits with, `rule` why it is a chase, `after` the key and the
    moment of the newest message that waited when it came. `stated` is the answer-by time that a
    mail of ours named. `closed` may lie ahead of the telling: the owner's word is known from the
    start.
    """

    line: Line
    chases: Debt | None = None
    rule: str = ""
    after: tuple[str, datetime] | None = None
    stated: datetime | None = None
    closed: datetime | None = None
    closed_by: str = ""
    chasers: tuple[Debt, ...] = ()

    @property
    def id(self) -> str:
        """Return the id of the promise."""
        return short_id("p", self.line.key)

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
            chaser.settle(max(at, chaser.line.at), by)


class Debts:
    """What we owe while the history is told message by message."""

    def __init__(
        self, history: History, read: Callable[[Any], Message], waiting: Iterable[Debt] = ()
    ) -> None:
        """Begin with what was `waiting` when the telling was left, in order."""
        self.history = history
        self.read = read
        self._threads: dict[str, list[Debt]] = {}
        self._topics: dict[str, list[Debt]] = {}
        self.open: list[Debt] = []  # with what was closed of late
        self.all: dict[str, Debt] = {}
        for debt in waiting:
            self._add(debt)

    def newest(self, at: datetime) -> Debt | None:
        """Return the newest message of the client that waits for us."""
        return _newest(self.open, at)

    def newest_in(self, thread: str, at: datetime) -> Debt | None:
        """Return the newest message of a thread that waits for us."""
        return _newest(self._threads.get(thread, []), at)

    def waiting(self, at: datetime) -> list[Debt]:
        """Return all that waits at a moment, in order."""
        return [debt for debt in self.all.values() if debt.closed is None or debt.closed > at]

    def owe(self, line: Line, chased: Debt | None, rule: str) -> None:
        """Owe a message an answer; one that chases waits with the message it chases."""
        debt = Debt(line, chased, rule)
        if self.history.spoken:
            names = (debt.id, line.key, self.read(line.source).message_id)
            word = self.history.word(OwnerVerb.ANSWERED, *names, since=line.at)
            if word is not None:
                debt.settle(word.at, OWNER)
        if chased is not None:
            newest = self.newest(line.at) or chased
            debt.after = newest.line.key, newest.line.at
            if chased.closed is not None:
                debt.settle(chased.closed, chased.closed_by)
        self._add(debt)

    def answer(self, line: Line) -> None:
        """Close what our human message answers.

        That is all that waits in its thread, and all that waits of a person it went to under the
        same normalised subject.
        """
        at = line.at
        for debt in self._threads.pop(line.thread, ()):
            debt.settle(at, line.key)
        same = self._topics.pop(line.topic, None)
        left = [debt for debt in same if debt.waits(at)] if same else None
        if left:
            to = {line.person, *self.read(line.source).addressed}
            for debt in left:
                if debt.line.person in to:
                    debt.settle(at, line.key)
            self._topics[line.topic] = left
        _newest(self.open, at)

    def state(self, line: Line) -> None:
        """Note the answer-by times that an acknowledgement of ours stated; the first holds."""
        for key, due in self.read(line.source).promised:
            debt = self.all.get(key)
            if debt is not None and debt.stated is None:
                debt.stated = due

    def due(self, debt: Debt) -> datetime:
        """Return when the answer is due.

        The arrival plus the agreement of that day in the owner's business time. A time that an
        acknowledgement of ours stated is a fact and wins.
        """
        return debt.stated or self.history.owner.calendar.due(
            debt.line.at, self.history.agreement(debt.line.at).answer_within
        )

    def promises(self, debts: Iterable[Debt]) -> tuple[Promise, ...]:
        """Return what became of debts."""
        return tuple(self._promise(debt) for debt in debts)

    def _add(self, debt: Debt) -> None:
        line = debt.line
        if debt.chases is not None:
            debt.chases.chasers += (debt,)
        self.open.append(debt)
        self.all[line.key] = debt
        for index, name in ((self._threads, line.thread), (self._topics, line.topic)):
            if name in index:
                index[name].append(debt)
            elif name:
                index[name] = [debt]

    def _promise(self, debt: Debt) -> Promise:
        due, now = self.due(debt), self.history.now
        if debt.closed is None:
            state = PromiseState.OPEN if now <= due else PromiseState.OVERDUE
        else:
            state = PromiseState.KEPT if debt.closed <= due else PromiseState.LATE
        return Promise(
            debt.id,
            self.read(debt.line.source),
            debt.line.thread,
            due,
            debt.stated is not None,
            str(self.history.agreement(debt.line.at).answer_within),
            debt.closed,
            debt.closed_by,
            state,
        )


def _newest(debts: list[Debt], at: datetime) -> Debt | None:
    """Return the newest of `debts` that waits; those after it are taken away for good."""
    while debts:
        closed = debts[-1].closed
        if closed is None or closed > at:
            return debts[-1]
        debts.pop()
    return None
