"""Asks: what we requested from a client, and whether it has been given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from mailhours.model.client import OwnerVerb
from mailhours.model.judgement import Ask, AskItem, AskState, short_id
from mailhours.model.line import ANY_SIGNAL, ATTACHED, SIGNAL, Line, signalled
from mailhours.model.message import Message, SignalKind
from mailhours.patterns.answers import (
    REPLIES,
    Item,
    Offer,
    given,
    is_answer,
    offer,
    same_thing,
)
from mailhours.patterns.asking import asking, due_of, is_marker, items_of
from mailhours.patterns.history import OWNER, History

# An answer in another thread, without words of the question, is believed for so long.
_ELSEWHERE: Final = timedelta(days=14)
# Members of an enumeration are found by a slow look-up.
_ANSWER, _APPROVAL, _CHANGE = REPLIES
_CHASES, _PUTS_OFF, _DELIVERY = SignalKind.NUDGE, SignalKind.DEFER, SignalKind.DELIVERY
_FULL, _PARTIAL = AskState.FULL, AskState.PARTIAL
_DEFER: Final = SIGNAL[SignalKind.DEFER]
_GIVES: Final = signalled(*REPLIES) | ATTACHED


@dataclass(slots=True, eq=False)
class Request:
    """An ask while the history is told.

    `closed` may lie ahead, with what the owner's word made of it: that is known from the start.
    """

    message: Message
    thread: str
    items: list[Item]
    closed: datetime | None = None
    closed_by: str = ""
    outcome: AskState = AskState.OPEN
    answers: list[str] = field(default_factory=list)
    said: AskState = AskState.FULL

    @property
    def id(self) -> str:
        """Return the id of the ask."""
        return short_id("a", self.message.key)

    @property
    def kind(self) -> str:
        """Return what it wants as a whole: what its first item says, else by what came with it."""
        for thing in self.items:
            if thing.kind:
                return thing.kind
        return "feedback" if self.message.has(_DELIVERY) else "content"

    def waits(self, at: datetime) -> bool:
        """Say whether something of it is still missing at a moment."""
        return self.closed is None or self.closed > at

    def missing(self) -> list[Item]:
        """Return the items that were not given yet."""
        return [item for item in self.items if item.closed is None]

    def take(self, items: list[Item], at: datetime, key: str) -> None:
        """Close `items` by the message `key` of the moment `at`; the last closes the ask."""
        for thing in items:
            thing.closed, thing.closed_by = at, key
        self.noted(key)
        if self.missing():
            self.outcome = _PARTIAL
        else:
            self.outcome = _FULL
            self.closed, self.closed_by = at, key

    def noted(self, key: str, outcome: AskState | None = None) -> None:
        """Keep that a message reacted; an outcome counts only while nothing was given."""
        if key not in self.answers:
            self.answers.append(key)
        if outcome is not None and self.outcome is not AskState.PARTIAL:
            self.outcome = outcome


class Requests:
    """What we asked for while the history is told message by message."""

    def __init__(
        self, history: History, read: Callable[[Any], Message], waiting: Iterable[Request] = ()
    ) -> None:
        """Begin with what was `waiting` when the telling was left, in order."""
        self.history = history
        self.read = read
        self.open: list[Request] = []
        self._threads: dict[str, list[Request]] = {}
        self._topics: dict[str, list[Request]] = {}
        self.all: list[Request] = []
        for request in waiting:
            self._add(request)

    def waiting(self, at: datetime) -> list[Request]:
        """Return all of which something is missing at a moment, in order."""
        return [request for request in self.all if request.waits(at)]

    def ask(self, line: Line) -> None:
        """Open what our human message asks for.

        Marker lines always count, and where there are any only they; else every ask read in it.
        What is open already in the thread, or with that person under that subject, is asked again
        and not anew.
        """
        message = self.read(line.source)
        signals = asking(message)
        if not signals:
            return
        items = items_of(message, signals)
        before = self._near(line)
        if before and message.has(_CHASES) and not any(map(is_marker, signals)):
            return
        known = [thing for request in before for thing in request.missing()]
        items = [new for new in items if not any(same_thing(new, old) for old in known)]
        if items:
            self._open_request(message, line.thread, items)

    def hear(self, line: Line) -> None:
        """Close what the client's human message answers, in whatever thread and by whomever.

        1. In the ask's thread (or under its subject): what it shows to give; an approval gives
           approval and feedback, a change request feedback; else, when nothing shows which item it
           answers, everything asked there. A promise to answer later gives only what it shows.
        2. Elsewhere, an answer, approval, change, file or plain words: what it shows to give; else,
           within 14 days and where it opens a thread, the one thing that is open.
        """
        near = self._near(line)
        elsewhere = bool(line.marks & _GIVES) or not line.marks & ANY_SIGNAL
        if not (near or elsewhere or line.marks & _DEFER):
            return
        if line.marks & _DEFER:
            waiting = near or self._waiting(line.at)
            if near or len(waiting) == 1:
                for request in waiting:
                    request.noted(line.key, AskState.DEFERRED)
        elif len(near) == 1 and line.marks & _GIVES:
            missing = near[0].missing()
            if len(missing) == 1:
                self._take(near[0], missing, line.at, line.key)  # there is nothing else to answer
                return
        if not (near or elsewhere):
            return
        message = self.read(line.source)
        if not is_answer(message):
            return
        offered = offer(message)
        if not self._hear_near(near, message, offered) and elsewhere:
            self._hear_far(message, offered, fresh=line.thread == line.key)

    def asks(self, requests: Iterable[Request], away: Mapping[str, date]) -> tuple[Ask, ...]:
        """Return what became of requests; `away` are announced absences."""
        return tuple(self._judged(request, away) for request in requests)

    def _open_request(self, message: Message, thread: str, items: list[Item]) -> None:
        request = Request(message, thread, items)
        if self.history.spoken:
            names = (request.id, message.key, message.message_id)
            for verb, outcome in (
                (OwnerVerb.ANSWERED, AskState.FULL),
                (OwnerVerb.DISMISS, AskState.DROPPED),
            ):
                word = self.history.word(verb, *names, since=message.at)
                if word is not None and request.waits(word.at):
                    request.closed, request.closed_by, request.said = word.at, OWNER, outcome
        self._add(request)

    def _add(self, request: Request) -> None:
        self.open.append(request)
        self._threads.setdefault(request.thread, []).append(request)
        if request.message.topic:
            self._topics.setdefault(request.message.topic, []).append(request)
        self.all.append(request)

    def _waiting(self, at: datetime) -> list[Request]:
        """Return what is missing at a moment, oldest first; forget what was given."""
        self.open = [request for request in self.open if request.waits(at)]
        return self.open

    def _take(self, request: Request, items: list[Item], at: datetime, key: str) -> None:
        """Close items of a request; what is complete is looked at no more."""
        request.take(items, at, key)
        if request.missing():
            return
        self.open = [other for other in self.open if other is not request]
        for index, name in (
            (self._threads, request.thread),
            (self._topics, request.message.topic),
        ):
            if request in index.get(name, ()):
                index[name].remove(request)

    def _near(self, line: Line) -> list[Request]:
        """Return what is missing in a mail's thread or under its subject, oldest first."""
        here, same = self._threads.get(line.thread, ()), self._topics.get(line.topic, ())
        if not here and not same:
            return []
        both = {
            request.message.key: request for request in (*here, *same) if request.waits(line.at)
        }
        if len(both) == 1:
            return list(both.values())
        return sorted(both.values(), key=lambda r: (r.message.at, r.message.key))

    def _hear_near(self, near: list[Request], message: Message, offered: Offer) -> bool:
        """Close what is answered in the ask's own thread; False when nothing was."""
        shown = False
        for request in near:
            found = _shown(request, message, offered)
            if found:
                self._take(request, found, message.at, message.key)
                shown = True
        if shown or not near:
            return shown
        if message.has(_PUTS_OFF):
            for request in near:
                some = message.has(*REPLIES) or message.attachments
                request.noted(message.key, AskState.PARTIAL if some else None)
            return True
        direct = next((r for r in near if _replies_to(message, r)), near[-1])
        for request in near:
            if request.message.at <= direct.message.at:
                self._take(request, request.missing(), message.at, message.key)
        return True

    def _hear_far(self, message: Message, offered: Offer, *, fresh: bool) -> None:
        shown = False
        for request in self._waiting(message.at) if offered else ():
            found = given(request.missing(), offered, replied_to=False)
            if found:
                self._take(request, found, message.at, message.key)
                shown = True
        if shown or not fresh or message.has(_PUTS_OFF):
            return
        able = []
        for request in reversed(self._waiting(message.at)):
            if message.at - request.message.at > _ELSEWHERE:
                break
            if _could_be(request, message):
                able.append(request)
        if len(able) == 1 and len(able[0].missing()) == 1:
            self._take(able[0], able[0].missing(), message.at, message.key)

    def _judged(self, request: Request, away: Mapping[str, date]) -> Ask:
        message, history = request.message, self.history
        end = request.closed or history.now
        absent = away.get(message.person) if away else None
        if absent is not None and absent < history.client.calendar.local(message.at).date():
            absent = None
        by_word = request.closed if request.closed_by == OWNER else None
        return Ask(
            id=request.id,
            message=message,
            person=message.person,
            project=message.project,
            thread=request.thread,
            kind=request.kind,
            items=tuple(
                AskItem(i.number, i.text, i.closed or by_word, i.closed_by or OWNER * bool(by_word))
                for i in request.items
            ),
            opened=message.at,
            due=due_of(history, message, asking(message)),
            closed=request.closed,
            closed_by=request.closed_by,
            outcome=request.said if by_word else request.outcome,
            answers=tuple(request.answers),
            business=history.client.calendar.elapsed(message.at, end),
            away_until=absent,
        )


def _replies_to(message: Message, request: Request) -> bool:
    return bool(message.parents) and message.parents[-1] == request.message.message_id


def _shown(request: Request, message: Message, offered: Offer) -> list[Item]:
    """Return what a message in the thread shows to give of a request."""
    missing, fitting = request.missing(), _fitting(message)
    fit = [item for item in missing if (item.kind or request.kind) in fitting] if fitting else []
    if len(fit) == len(missing):
        return fit
    found = given(missing, offered, replied_to=_replies_to(message, request))
    return found + [item for item in fit if item not in found]


def _fitting(message: Message) -> tuple[str, ...]:
    """Return the kinds of asks that an approval or a change request in `message` answers."""
    if message.has(_APPROVAL):
        return "approval", "feedback"
    return ("feedback",) if message.has(_CHANGE) else ()


def _could_be(request: Request, message: Message) -> bool:
    """Say whether a message elsewhere may be the answer to a request: its kind and project."""
    if message.project and request.message.project and message.project != request.message.project:
        return False
    if message.has(_ANSWER) and not message.attachments:
        return True
    if message.attachments and not message.has(SignalKind.ASK) and request.kind == "content":
        return True  # what comes with a request belongs to that, and a file is no opinion
    return request.kind in _fitting(message)
