"""Bookmarks: a telling left off, and gone on with later as if it had never stopped.

What is closed is final and is left behind; what is open, and the threads, are kept. Going on with a
newer message gives the same as telling the whole history anew. An older one, or one that joins two
threads, changes what was told: then the history is told again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from mailhours.model.client import Client, Owner, OwnerVerb, OwnerWord, Thresholds
from mailhours.model.judgement import AskState, InvoiceState
from mailhours.model.line import Line, line, whole
from mailhours.model.message import Message
from mailhours.model.thread import Strands
from mailhours.patterns.asking import asking, items_of
from mailhours.patterns.asks import Request, Requests
from mailhours.patterns.history import History
from mailhours.patterns.invoices import PaymentWord, unsettled
from mailhours.patterns.promises import Debt, Debts
from mailhours.patterns.telling import Telling

CLOSING = frozenset({OwnerVerb.ANSWERED, OwnerVerb.DISMISS, OwnerVerb.PAID})
"""The owner's words that may close what is open."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a telling goes by besides the messages: who, by which words, until when."""

    owner: Owner
    client: Client
    words: tuple[OwnerWord, ...]
    spoken: Mapping[tuple[OwnerVerb, str], tuple[OwnerWord, ...]]
    thresholds: Thresholds
    now: datetime

    def history(self) -> History:
        """Return the history that a telling needs; rules that look at the past need more."""
        return History(
            owner=self.owner,
            client=self.client,
            messages=(),
            by_key={},
            threads={},
            heard=(),
            signalled={},
            words=self.words,
            spoken=self.spoken,
            thresholds=self.thresholds,
            now=self.now,
        )


def tell(terms: Terms, lines: Iterable[Line], read: Callable[[Any], Message] = whole) -> Telling:
    """Tell a whole history: the client's messages in order of (at, key), none later than now.

    `read` makes the whole message of a line's source.
    """
    told = Telling(terms.history(), read)
    told.hear(lines)
    return told


def tell_on(told: Telling, strands: Strands, terms: Terms, messages: Sequence[Message]) -> bool:
    """Go on with newer `messages`, in order; False when they join what was apart.

    Then neither `told` nor `strands` can be used any more, and the whole must be told again. A
    telling that is gone on with is one that was `resumed`.
    """
    lines = []
    for message in messages:
        thread = strands.join(message)
        if thread is None:
            return False
        lines.append(line(message, thread))
    told.go_on(terms.history())
    told.hear(lines)
    return True


def names(told: Telling) -> frozenset[str]:
    """Return all names by which the owner may speak of what is open."""
    found: set[str] = set()
    for debt in told.debts.all.values():
        found.update((debt.id, debt.line.key, told.read(debt.line.source).message_id))
    for request in told.requests.all:
        found.update((request.id, request.message.key, request.message.message_id))
    found.update(invoice.number for invoice in told.history.client.invoices)
    return frozenset(found)


def left(told: Telling) -> str:
    """Return what is open in a telling as text: the same for the same history, however told.

    ValueError when nothing has been told yet.
    """
    if told.through is None:
        raise ValueError("nothing has been told yet")
    at, key = told.through
    return json.dumps(
        {
            "through": [at.isoformat(), key],
            "messages": told.messages,
            "first": _time(told.first),
            "inbound": _time(told.last_inbound),
            "ours": _time(told.last_ours),
            "debts": [_left_debt(debt) for debt in told.debts.waiting(at)],
            "requests": [_left_request(request) for request in told.requests.waiting(at)],
            "away": {person: day.isoformat() for person, day in sorted(told.away.items())},
            "payments": [_left_word(word) for word in unsettled(told.history, told.payments)],
            "doubtful": [[doubt.key, doubt.thread] for doubt in told.doubtful],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def needed(state: Mapping[str, Any]) -> list[str]:
    """Return the keys of the messages without which a state cannot be gone on with."""
    return [row[0] for table in ("debts", "requests", "doubtful") for row in state[table]]


def resumed(state: Mapping[str, Any], terms: Terms, messages: Mapping[str, Message]) -> Telling:
    """Return the telling that a state was left by; KeyError when a message is missing."""
    history = terms.history()
    told = Telling(history, whole)
    told.through = _at(state["through"][0]), state["through"][1]
    told.messages = state["messages"]
    told.first, told.last_inbound = _moment(state["first"]), _moment(state["inbound"])
    told.last_ours = _moment(state["ours"])
    if state["debts"]:
        told.debts = Debts(history, whole, _debts(state["debts"], messages))
    if state["requests"]:
        waiting = [_request(row, messages) for row in state["requests"]]
        told.requests = Requests(history, whole, waiting)
    told.away = {person: date.fromisoformat(day) for person, day in state["away"].items()}
    told.payments = [_word(row) for row in state["payments"]]
    told.doubtful = [line(messages[key], thread) for key, thread in state["doubtful"]]
    return told


def _left_debt(debt: Debt) -> list[Any]:
    return [
        debt.line.key,
        debt.line.thread,
        debt.chases.line.key if debt.chases else "",
        debt.rule,
        [debt.after[0], debt.after[1].isoformat()] if debt.after else None,
        _time(debt.stated),
        _time(debt.closed),
        debt.closed_by,
    ]


def _debts(rows: Iterable[Sequence[Any]], messages: Mapping[str, Message]) -> Iterable[Debt]:
    """Return debts in order; what one chases is open as well, and came before it."""
    made: dict[str, Debt] = {}
    for key, thread, chases, rule, after, stated, closed, by in rows:
        made[key] = Debt(
            line(messages[key], thread),
            made[chases] if chases else None,
            rule,
            (after[0], _at(after[1])) if after else None,
            _moment(stated),
            _moment(closed),
            by,
        )
    return made.values()


def _left_request(request: Request) -> list[Any]:
    return [
        request.message.key,
        request.thread,
        [[item.number, _time(item.closed), item.closed_by] for item in request.items],
        _time(request.closed),
        request.closed_by,
        request.outcome.value,
        request.answers,
        request.said.value,
    ]


def _request(row: Sequence[Any], messages: Mapping[str, Message]) -> Request:
    key, thread, items, closed, by, outcome, answers, said = row
    message = messages[key]
    known = {item.number: item for item in items_of(message, asking(message))}
    kept = []
    for number, given, giver in items:
        item = known[number]
        item.closed, item.closed_by = _moment(given), giver
        kept.append(item)
    return Request(
        message,
        thread,
        kept,
        _moment(closed),
        by,
        AskState(outcome),
        list(answers),
        AskState(said),
    )


def _left_word(word: PaymentWord) -> list[Any]:
    day = word.promised.isoformat() if word.promised else None
    return [word.key, word.at.isoformat(), word.text, word.state.value, day]


def _word(row: Sequence[Any]) -> PaymentWord:
    key, at, text, state, day = row
    promised = date.fromisoformat(day) if day else None
    return PaymentWord(key, _at(at), text, InvoiceState(state), promised)


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _moment(at: str | None) -> datetime | None:
    return None if at is None else datetime.fromisoformat(at)


def _at(at: str) -> datetime:
    return datetime.fromisoformat(at)
