"""Whose turn it is: the two-sided clock, for a thread, a project and a client.

Ours while a message waits for us, else theirs while something that we asked for is missing, else
nobody's. Counted in the owner's business time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailhours.model.hours import Calendar
from mailhours.model.judgement import Ask, Clock, Promise, Side, Turn

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Turns:
    """The turns from the first message to now, without gap or overlap, and whose it is now."""

    side: Side
    turns: tuple[Turn, ...]
    clock: Clock


def turns(
    calendar: Calendar,
    first: datetime | None,
    now: datetime,
    promises: Iterable[Promise],
    asks: Iterable[Ask],
) -> Turns:
    """Return the turns over [first, now): ours beats theirs, theirs beats nobody's."""
    if first is None:
        return Turns(Side.NOBODY, (), Clock(0, 0, 0))
    waiting: dict[Side, dict[str, None]] = {Side.OURS: {}, Side.THEIRS: {}}
    side, start = Side.NOBODY, first
    causes: dict[str, None] = {}
    found: list[Turn] = []
    for at, begins, which, key in _changes(promises, asks, now):
        if begins:
            waiting[which][key] = None
        else:
            waiting[which].pop(key, None)
        after = _side(waiting)
        if after is not side:
            _close(found, calendar, Turn(side, start, at, timedelta(), tuple(causes)))
            side, start, causes = after, at, dict(waiting.get(after, {}))
        elif begins and which is side:
            causes[key] = None
    _close(found, calendar, Turn(side, start, now, timedelta(), tuple(causes)))
    return Turns(side, tuple(found), _clock(found, calendar.elapsed(first, now)))


def thread_turns(
    calendar: Calendar,
    thread: str,
    first: datetime,
    now: datetime,
    promises: Sequence[Promise],
    asks: Sequence[Ask],
) -> Turns:
    """Return the turns of one thread."""
    return turns(
        calendar,
        first,
        now,
        (promise for promise in promises if promise.thread == thread),
        (ask for ask in asks if ask.thread == thread),
    )


def _changes(
    promises: Iterable[Promise], asks: Iterable[Ask], now: datetime
) -> list[tuple[datetime, bool, Side, str]]:
    """Return when something begins and ceases to wait, in order of time."""
    changes = []
    waits = [(p.message.at, p.closed, Side.OURS, p.message.key) for p in promises]
    waits += [(a.opened, a.closed, Side.THEIRS, a.message.key) for a in asks]
    for start, end, side, key in waits:
        if end is None or end > now:
            changes.append((start, True, side, key))
        elif end > start:
            changes.append((start, True, side, key))
            changes.append((end, False, side, key))
    return sorted(changes)


def _side(waiting: dict[Side, dict[str, None]]) -> Side:
    if waiting[Side.OURS]:
        return Side.OURS
    return Side.THEIRS if waiting[Side.THEIRS] else Side.NOBODY


def _close(found: list[Turn], calendar: Calendar, turn: Turn) -> None:
    """Add a finished turn; one of no length leaves nothing, equal neighbours become one."""
    if turn.start >= turn.end:
        return
    start, causes = turn.start, turn.causes
    if found and found[-1].side is turn.side:
        before = found.pop()
        start, causes = before.start, tuple(dict.fromkeys((*before.causes, *causes)))
    found.append(Turn(turn.side, start, turn.end, calendar.elapsed(start, turn.end), causes))


def _clock(turns: Sequence[Turn], whole: timedelta) -> Clock:
    """Return whole minutes on each side; what rounding leaves over is nobody's."""
    sums = dict.fromkeys(Side, timedelta())
    for turn in turns:
        sums[turn.side] += turn.business
    ours, theirs = sums[Side.OURS] // _MINUTE, sums[Side.THEIRS] // _MINUTE
    return Clock(ours, theirs, whole // _MINUTE - ours - theirs)
