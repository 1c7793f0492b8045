"""Silence: what we asked for and did not get, and dates that the client named and did not keep."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time

from mailhours.model.hours import Calendar
from mailhours.model.judgement import Ask, AskState, Finding
from mailhours.model.message import Message, SignalKind
from mailhours.patterns.answers import is_answer
from mailhours.patterns.story import Numbers, Story


def unanswered_feedback(story: Story) -> Iterator[Finding]:
    """Find asks that were past due: open now, or closed later than due.

    Not what the owner dropped or answered for them, and not while the person asked is away. Days
    are working days of the client.
    """
    history = story.history
    calendar = history.client.calendar
    today = calendar.local(history.now).date()
    for ask in story.asks:
        end = ask.closed or history.now
        if end <= ask.due or ask.outcome is AskState.DROPPED:
            continue
        if ask.closed is None and ask.away_until is not None and today <= ask.away_until:
            continue
        messages = [ask.message, *(history.by_key[key] for key in ask.answers)]
        numbers: Numbers = {
            "open": int(ask.closed is None),
            "days_late": len(days_between(calendar, ask.due, end)),
            "missing": sum(item.closed is None for item in ask.items),
            "kind": ask.kind,
            "ask": ask.id,
        }
        yield story.finding("unanswered_feedback", messages, numbers, about=ask.id, last=end)


def days_between(calendar: Calendar, start: datetime, end: datetime) -> tuple[int, ...]:
    """Return the working days after the local day of `start` up to that of `end`, as ordinals."""
    return calendar.working_days(calendar.local(start).date(), calendar.local(end).date())


def broken_promises(story: Story) -> Iterator[Finding]:
    """Find days that the client named for an answer or a payment and that passed without it.

    An answer is kept by the end of that day, local to the client: the asks that the mail put off
    are closed by then; where it put off none, an answer in its thread has come. A payment is kept
    when the invoice that the mail spoke of is paid, or reported paid, by then.
    """
    calendar = story.history.client.calendar
    asks: dict[str, list[Ask]] = {}
    for ask in story.asks:
        for key in ask.answers:
            asks.setdefault(key, []).append(ask)
    for message in story.history.with_signal(SignalKind.DEFER):
        day = _named(message, SignalKind.DEFER) if message.of_client else None
        if day is None:
            continue
        end = end_of(day, calendar)
        if story.history.now > end and not _kept(story, message, asks.get(message.key, []), end):
            numbers = {"promised": day.isoformat(), "what": "answer"}
            yield story.finding("broken_promise", [message], numbers)
    yield from _broken_payments(story)


def _broken_payments(story: Story) -> Iterator[Finding]:
    history = story.history
    calendar = history.client.calendar
    spoken = {key: s for s in story.invoices for key in s.messages}
    for message in history.with_signal(SignalKind.PAYMENT_PROMISED):
        day = _named(message, SignalKind.PAYMENT_PROMISED) if message.of_client else None
        if day is None or history.now <= end_of(day, calendar):
            continue
        standing = spoken.get(message.key)
        paid = standing.paid if standing else None
        reported = any(
            other.of_client and message.at < other.at <= end_of(day, calendar)
            for other in history.with_signal(SignalKind.PAYMENT_SENT)
        )
        if reported or standing is None or (paid is not None and paid <= day):
            continue
        numbers = {
            "promised": day.isoformat(),
            "what": "payment",
            "invoice": standing.invoice.number,
        }
        yield story.finding("broken_promise", [message], numbers, about=f"{message.key}:payment")


def end_of(day: date, calendar: Calendar) -> datetime:
    """Return the last second of a local day of the calendar's zone, UTC."""
    return datetime.combine(day, time(23, 59, 59), calendar.zone).astimezone(UTC)


def _named(message: Message, kind: SignalKind) -> date | None:
    """Return the last day that the message names for what it promises."""
    days = [s.due for s in message.signals if s.kind is kind and s.due is not None]
    return max(days, default=None)


def _kept(story: Story, message: Message, put_off: list[Ask], end: datetime) -> bool:
    if put_off:
        return all(ask.closed is not None and ask.closed <= end for ask in put_off)
    thread = story.history.threads[message.key]
    return any(
        other.of_client and message.at < other.at <= end and is_answer(other)
        for other in story.threads[thread]
    )
