"""The delay ledger: whose turn a project's time was, and where its date moves."""

from __future__ import annotations

from datetime import date, timedelta

from mailhours.model.client import Project
from mailhours.model.hours import Calendar
from mailhours.model.judgement import Ask, AskState, LostDay, ProjectDelay, Side
from mailhours.patterns.silence import days_between
from mailhours.patterns.story import Story
from mailhours.patterns.turns import Turns, turns


def delays(story: Story) -> tuple[ProjectDelay, ...]:
    """Return the delay of each project of the client, in the order of the client file."""
    return tuple(_delay(story, project) for project in story.history.client.projects)


def _delay(story: Story, project: Project) -> ProjectDelay:
    history = story.history
    first = next((m.at for m in history.messages if m.project == project.key), None)
    promises = [p for p in story.promises if p.message.project == project.key]
    asks = [ask for ask in story.asks if ask.project == project.key]
    turned = turns(history.owner.calendar, first, history.now, promises, asks)
    lost = days_lost(story, asks, turned)
    moved = None
    if project.due is not None:
        moved = _later(history.owner.calendar, project.due, len(lost))
    return ProjectDelay(
        project.key, turned.clock, turned.turns, project.due, len(lost), moved, lost
    )


def days_lost(story: Story, asks: list[Ask], turned: Turns) -> tuple[LostDay, ...]:
    """Return the days that the client lost: its working days after an ask was due, to the answer.

    A day counts once, however many asks are late, and only when it was the client's turn at some
    time of it. What the owner dropped costs no day.
    """
    history = story.history
    calendar = history.client.calendar
    late: dict[int, list[str]] = {}
    for ask in asks:
        end = ask.closed or history.now
        if end > ask.due and ask.outcome is not AskState.DROPPED:
            for day in days_between(calendar, ask.due, end):
                late.setdefault(day, []).append(ask.message.key)
    if not late:
        return ()
    theirs: set[int] = set()
    for turn in turned.turns:
        if turn.side is Side.THEIRS:
            start, last = calendar.local(turn.start).date(), calendar.local(turn.end).date()
            theirs.update(range(start.toordinal(), last.toordinal() + 1))
    return tuple(
        LostDay(date.fromordinal(day), tuple(late[day])) for day in sorted(late.keys() & theirs)
    )


def _later(calendar: Calendar, day: date, days: int) -> date:
    """Return `day` moved by working days of the owner, who does the work."""
    empty = 0
    while days and empty < 366:
        day += timedelta(days=1)
        if calendar.is_working_day(day):
            days, empty = days - 1, 0
        else:
            empty += 1
    return day
