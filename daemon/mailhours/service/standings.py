"""How it stands with every client, without telling all that is past again.

Each client's telling is kept where it was left: in memory while the service lives, in the ledger
across its lives (`ledger.bookmarks`). Both are only for speed: what they say is what the whole
history says, and `rebuild` proves it.
"""

from __future__ import annotations

import gc
import hashlib
import json
import sys
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mailhours
from mailhours.ledger.bookmarks import Bookmark
from mailhours.ledger.reading_rows import message
from mailhours.model.client import Client
from mailhours.model.faults import Busy
from mailhours.model.judgement import Standing
from mailhours.model.message import Message
from mailhours.model.thread import Strands
from mailhours.patterns.bookmark import (
    CLOSING,
    Terms,
    left,
    names,
    needed,
    resumed,
    tell,
    tell_on,
)
from mailhours.patterns.history import by_target
from mailhours.patterns.telling import Telling

if TYPE_CHECKING:
    from mailhours.ledger.store import Ledger
    from mailhours.settings.values import Settings

_AT_ONCE = 50  # clients whose bookmarks are written in one transaction during a rebuild


@dataclass(frozen=True, slots=True)
class Told:
    """A telling in memory; `until` is the moment up to which `words` of the owner counted."""

    telling: Telling
    until: datetime
    words: int


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild found: how many clients and messages, and whose bookmark had been wrong."""

    clients: int
    messages: int
    wrong: tuple[str, ...]


class Standings:
    """The standings of an account's clients."""

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        """Begin with nothing in memory."""
        self._settings = settings
        self._ledger = ledger
        self._clients = {client.key: client for client in settings.clients}
        self._told: dict[str, Told] = {}
        self._serial = 0
        self._ahead: set[str] = set()  # clients with mail that is later than the last moment asked

    def at(self, now: datetime) -> dict[str, Standing]:
        """Return how it stands with every client at `now`; costs what is new and what is open."""
        words = _Words(self._settings, self._ledger, now)
        self._refresh(words)
        return {key: self._standing(client, words) for key, client in self._clients.items()}

    def of(self, client: str, now: datetime) -> Standing:
        """Return how it stands with one client at `now`."""
        words = _Words(self._settings, self._ledger, now)
        self._refresh(words)
        return self._standing(self._clients[client], words)

    def rebuild(self, now: datetime, progress: Callable[[int, int], None]) -> Rebuilt:
        """Tell every history anew and compare; `progress` hears of messages done and of all.

        What was kept is brought up to `now` as ever, and then all is told again from the readings,
        from the first message to the last: the thread of each, what it owes, answers, asks and
        chases. What is open in the end, and the threads, must be the same, byte for byte.

        Nothing else is kept, so nothing else can be wrong: turns, findings and scores are judged in
        full, by the same telling, whenever they are asked for. Readings are not made again here;
        that happens by itself when the rules of reading change.
        """
        words = _Words(self._settings, self._ledger, now)
        newest = self._ledger.readings.newest()
        current, behind = set(), set()
        for mark in self._ledger.bookmarks.all():
            if mark.client in self._clients and mark.digest == self._digest(mark.client):
                current.add(mark.client)
                if mark.at_key != newest.get(mark.client) or words.said_since(mark):
                    behind.add(mark.client)
        for key in self._clients.keys() - current:
            self._told.pop(key, None)  # told by other rules: nothing to compare
        self._refresh(words, behind)
        with _unwalked():
            return self._anew_all(words, current, progress)

    def _anew_all(
        self, words: _Words, current: Collection[str], progress: Callable[[int, int], None]
    ) -> Rebuilt:
        whole = sum(count.messages for count in self._ledger.readings.clients().values())
        done, wrong, batch = 0, [], []
        for key in self._clients:
            telling, strands = self._anew(key, words)
            done += telling.messages
            known = self._ledger.bookmarks.place(key) if key in current else None
            if known is None or known != _place(telling, strands):
                if known is not None:
                    wrong.append(key)
                row = self._kept(key, telling, strands, words)
                batch += [row] if row is not None else []
            if len(batch) >= _AT_ONCE:
                self._ledger.bookmarks.keep(batch)
                batch = []
            progress(done, whole)
        self._ledger.bookmarks.keep(batch)
        return Rebuilt(len(self._clients), done, tuple(wrong))

    def _refresh(self, words: _Words, only: Collection[str] | None = None) -> None:
        """Go on with what came since, and begin with what is not in memory; of all, or `only`."""
        self._serial, changed = self._ledger.readings.changed(self._serial)
        unknown = self._clients.keys() - self._told.keys()
        stale = (changed | self._ahead | unknown) & self._clients.keys()
        stale |= {key for key, told in self._told.items() if words.change(told)}
        if only is not None:
            stale &= set(only)
        if not stale:
            return
        self._ahead -= stale
        few = None if len(stale) > len(self._clients) // 2 else stale
        marks = {
            mark.client: (mark, json.loads(mark.state))
            for mark in self._ledger.bookmarks.all(few)
            if mark.client in stale and mark.digest == self._digest(mark.client)
        }
        held = self._ledger.readings.by_keys(
            k for _, state in marks.values() for k in needed(state)
        )
        newest = self._ledger.readings.newest(few)
        rows = []
        for key in sorted(stale):
            mark, state = marks.get(key, (None, {}))
            if mark is not None and held.keys() >= set(needed(state)):
                row = self._go_on(
                    mark, state, held, words, is_newest=mark.at_key == newest.get(key)
                )
            else:
                row = self._tell(key, words)
            if row is not None:
                rows.append(row)
        # Where somebody else is writing it is told again next time.
        with suppress(Busy):
            self._ledger.bookmarks.keep(rows)

    def _go_on(
        self,
        mark: Bookmark,
        state: dict[str, Any],
        held: dict[str, Message],
        words: _Words,
        *,
        is_newest: bool,
    ) -> tuple[Bookmark, bytes] | None:
        """Bring one client up to now and return its new bookmark; None when it is as it was."""
        key = mark.client
        terms = words.terms(self._clients[key])
        news = [] if is_newest else self._ledger.readings.after(key, mark.at, mark.key)
        due = [held for held in news if held.at <= words.now]
        if len(due) < len(news):
            self._ahead.add(key)
        strands = Strands.unpacked(self._ledger.bookmarks.threads(key) if due else b"")
        told = Told(resumed(state, terms, held), mark.told, mark.words)
        if words.change(told) or not tell_on(told.telling, strands, terms, due):
            return self._tell(key, words)
        if due:
            return self._kept(key, told.telling, strands, words)
        self._told[key] = told
        return None

    def _tell(self, key: str, words: _Words) -> tuple[Bookmark, bytes] | None:
        """Tell a whole history; None when there is none."""
        return self._kept(key, *self._anew(key, words), words)

    def _anew(self, key: str, words: _Words) -> tuple[Telling, Strands]:
        history = self._ledger.readings.lines(key, words.now)
        if history.later:
            self._ahead.add(key)
        telling = tell(words.terms(self._clients[key]), history.lines, message)
        return telling, Strands.of(history.threads)

    def _kept(
        self, key: str, telling: Telling, strands: Strands, words: _Words
    ) -> tuple[Bookmark, bytes] | None:
        if telling.through is None:
            self._told[key] = Told(telling, words.now, words.closing)
            return None
        at, last = telling.through
        state = left(telling)
        mark = Bookmark(key, self._digest(key), at, last, words.now, words.closing, state)
        # Gone on with from what was left: what is closed must not stay in memory.
        data = json.loads(state)
        held = self._ledger.readings.by_keys(needed(data))
        telling = resumed(data, words.terms(self._clients[key]), held)
        self._told[key] = Told(telling, words.now, words.closing)
        return mark, strands.packed()

    def _standing(self, client: Client, words: _Words) -> Standing:
        telling, terms = self._told[client.key].telling, words.terms(client)
        if telling.through is not None and telling.through[0] > words.now:
            # Asked about an earlier moment: told for once.
            telling = tell(terms, self._ledger.readings.lines(client.key, words.now).lines, message)
        telling.go_on(terms.history())
        return telling.standing()

    def _digest(self, key: str) -> str:
        client, owner = self._clients[key], self._settings.owner
        goes_by = (
            _rules(),
            str(owner.calendar.zone),
            self._settings.thresholds.correction_minutes,
            [(project.key, project.due) for project in client.projects],
            str(client.calendar.zone),
            [(invoice.number, invoice.issued, invoice.paid) for invoice in client.invoices],
        )
        return hashlib.sha256(repr(goes_by).encode()).hexdigest()


@contextmanager
def _unwalked() -> Iterator[None]:
    """Keep the collector from walking all that is there, again and again, for what comes."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _place(telling: Telling, strands: Strands) -> tuple[str, bytes] | None:
    return None if telling.through is None else (left(telling), strands.packed())


class _Words:
    """The owner's words until a moment, sorted once for all clients."""

    def __init__(self, settings: Settings, ledger: Ledger, now: datetime) -> None:
        self.now = now
        self._settings = settings
        self._words, self._spoken = by_target(ledger.words.words(), now)
        closing = [word for word in self._words if word.verb in CLOSING]
        self._times = [word.at for word in closing]
        self._targets = [word.target for word in closing]
        self.closing = len(closing)

    def terms(self, client: Client) -> Terms:
        """Return what a telling of `client` goes by."""
        settings = self._settings
        return Terms(
            settings.owner, client, self._words, self._spoken, settings.thresholds, self.now
        )

    def said_since(self, mark: Bookmark) -> bool:
        """Say whether a bookmark may not have heard all words."""
        return not bisect_right(self._times, mark.told) == mark.words == self.closing

    def change(self, told: Told) -> bool:
        """Say whether a telling must be told again for words that it has not heard."""
        if not self.closing and not told.words:
            return False
        heard = bisect_right(self._times, told.until)
        if heard != told.words:
            return True  # a word of an earlier moment came later, or an earlier moment is asked for
        return heard < self.closing and not names(told.telling).isdisjoint(self._targets[heard:])


@cache
def _rules() -> str:
    """Return a digest of the rules: of the source of all that judges."""
    package = Path(mailhours.__file__).parent
    whole = hashlib.sha256(f"{mailhours.__version__} {sys.byteorder}".encode())
    for path in sorted((*package.glob("patterns/*.py"), *package.glob("model/*.py"))):
        whole.update(path.read_bytes())
    return whole.hexdigest()
