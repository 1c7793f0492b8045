"""Nudges: messages that chase an earlier one before its promise is due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from mailhours.model.gist import gist
from mailhours.model.judgement import Nudge
from mailhours.model.message import Message, Signal, SignalKind
from mailhours.patterns.history import History
from mailhours.patterns.promises import Debt, Debts

_NEWS = (
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


def chased(history: History, debts: Debts, message: Message) -> tuple[Debt | None, str]:
    """Return what `message` chases, and by which rule; None when it chases nothing.

    `phrase`: it says so (signal nudge), and an earlier message of the client waits. `asks_again`:
    it asks what a waiting message of the same thread asked, and nothing new. What stands within ten
    minutes of the message before it, and does not chase in words alone, is a correction. A question
    on progress before the project's due date is no chase.
    """
    newest = debts.newest(message.at)
    if newest is None:
        return None, ""
    if not message.signals:
        return None, ""
    in_thread = debts.newest_in(history.threads[message.key], message.at)
    if message.has(SignalKind.NUDGE):
        if is_progress_check(history, message) or (
            message.attachments and _is_correction(history, newest, message)
        ):
            return None, ""
        return in_thread or newest, "phrase"
    if (
        in_thread is not None
        and not _is_correction(history, in_thread, message)
        and any(_asks_again(before.message, message) for before in _chain(in_thread))
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
    message, root = debt.message, debt.first
    key, at = debt.after
    due = debts.due(root)
    if message.at >= due:
        return None
    minutes = int((message.at - at) / timedelta(minutes=1))
    share = _share(debts.history, root.message.at, message.at, due)
    return Nudge(message, key, minutes, due, share, debt.rule)


def is_progress_check(history: History, message: Message) -> bool:
    """Say whether it chases progress only, while its project's due date is still ahead."""
    chases = [signal for signal in message.signals if signal.kind is SignalKind.NUDGE]
    if not chases or any(signal.subtype != "progress" for signal in chases):
        return False
    project = history.client.project(message.project)
    return project is not None and project.due is not None and history.day(message.at) < project.due


def _is_correction(history: History, before: Debt, message: Message) -> bool:
    within = timedelta(minutes=history.thresholds.correction_minutes)
    return message.at - before.message.at <= within


def _chain(debt: Debt | None) -> Iterator[Debt]:
    """Yield what waits, what that chases, and so on to the first mail."""
    while debt is not None:
        yield debt
        debt = debt.chases


def _asks_again(before: Message, message: Message) -> bool:
    """Say whether `message` asks what `before` asked, and nothing new."""
    if not message.has(SignalKind.ASK) or message.has(*_NEWS) or message.attachments:
        return False
    again, known = _asked(message), _asked(before)
    return bool(again) and len(again & known) >= _KNOWN * len(again)


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
