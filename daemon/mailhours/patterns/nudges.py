"""Nudges: messages that chase an earlier one before its promise is due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from mailhours.model.gist import gist
from mailhours.model.judgement import Nudge
from mailhours.model.line import ANY_SIGNAL, ATTACHED, SIGNAL, Line, signalled
from mailhours.model.message import Message, Signal, SignalKind
from mailhours.patterns.history import History
from mailhours.patterns.promises import Debt, Debts

_NUDGE: Final = SIGNAL[SignalKind.NUDGE]
_ASK: Final = SIGNAL[SignalKind.ASK]
_NEWS: Final = signalled(
    SignalKind.ANSWER,
    SignalKind.APPROVAL,
    SignalKind.CHANGE_REQUEST,
    SignalKind.DEFER,
    SignalKind.PAYMENT_SENT,
    SignalKind.PAYMENT_DISPUTED,
    SignalKind.PAYMENT_PROMISED,
    SignalKind.DELIVERY,
)
# A repeated question may be put in other words: this share of its content words must be known.
_KNOWN = 0.66


def chased(history: History, debts: Debts, line: Line) -> tuple[Debt | None, str]:
    """Return what a message chases, and by which rule; None when it chases nothing.

    `phrase`: it says so (signal nudge), and an earlier message of the client waits. `asks_again`:
    it asks what a waiting message of the same thread asked, and nothing new. What stands within ten
    minutes of the message before it, and does not chase in words alone, is a correction. A question
    on progress before the project's due date is no chase.
    """
    newest = debts.newest(line.at)
    if newest is None or not line.marks & ANY_SIGNAL:
        return None, ""
    in_thread = debts.newest_in(line.thread, line.at)
    if line.marks & _NUDGE:
        if (line.marks & ATTACHED and _is_correction(history, newest, line)) or is_progress_check(
            history, debts.read(line.source)
        ):
            return None, ""
        return in_thread or newest, "phrase"
    if (
        in_thread is not None
        and line.marks & (_ASK | _NEWS | ATTACHED) == _ASK
        and not _is_correction(history, in_thread, line)
        and _asks_again(debts, in_thread, line)
    ):
        return in_thread, "asks_again"
    return None, ""


def nudge(debts: Debts, debt: Debt) -> Nudge | None:
    """Return the nudge that a debt is when it chases before the promise is due.

    After it, it is our debt. The minutes count from the client's newest earlier waiting message.
    The promise is that of the message chased; where that is a chase itself, of the message which it
    chased.
    """
    if debt.after is None:
        return None
    line, root = debt.line, debt.first
    key, at = debt.after
    due = debts.due(root)
    if line.at >= due:
        return None
    minutes = int((line.at - at) / timedelta(minutes=1))
    share = _share(debts.history, root.line.at, line.at, due)
    return Nudge(debts.read(line.source), key, minutes, due, share, debt.rule)


def is_progress_check(history: History, message: Message) -> bool:
    """Say whether it chases progress only, while its project's due date is still ahead."""
    chases = [signal for signal in message.signals if signal.kind is SignalKind.NUDGE]
    if not chases or any(signal.subtype != "progress" for signal in chases):
        return False
    project = history.client.project(message.project)
    return project is not None and project.due is not None and history.day(message.at) < project.due


def _is_correction(history: History, before: Debt, line: Line) -> bool:
    within = timedelta(minutes=history.thresholds.correction_minutes)
    return line.at - before.line.at <= within


def _asks_again(debts: Debts, waiting: Debt, line: Line) -> bool:
    """Say whether a message asks what waits, or what that chases, and nothing new."""
    again = _asked(debts.read(line.source))
    if not again:
        return False
    return any(
        len(again & _asked(debts.read(before.line.source))) >= _KNOWN * len(again)
        for before in _chain(waiting)
    )


def _chain(debt: Debt | None) -> Iterator[Debt]:
    """Yield what waits, what that chases, and so on to the first mail."""
    while debt is not None:
        yield debt
        debt = debt.chases


def _asked(message: Message) -> frozenset[str]:
    """Return the content words of the message, or where these are not known, of what it asks."""
    if message.gist:
        return frozenset(message.gist)
    asks = [_words(signal) for signal in message.signals if signal.kind is SignalKind.ASK]
    return frozenset(word for words in asks for word in words)


def _words(signal: Signal) -> tuple[str, ...]:
    return gist(signal.text)


def _share(history: History, start: datetime, at: datetime, due: datetime) -> float:
    """Return how much of a promise had elapsed, in business time."""
    calendar = history.owner.calendar
    whole = calendar.elapsed(start, due)
    if not whole:
        return round((at - start) / (due - start), 4) if due > start else 1.0
    return round(min(1.0, calendar.elapsed(start, at) / whole), 4)
