"""What a mail of ours asks for: its items, their kinds, and when they are due."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Final

from mailhours.model.message import Message, Signal, SignalKind
from mailhours.patterns.answers import Item
from mailhours.patterns.history import History

KINDS: Final = ("feedback", "approval", "content", "decision")
"""What an ask may want, as the subtype of its signal."""

# Members of an enumeration are found by a slow look-up.
_ASK, _DELIVERY, _INVOICE = SignalKind.ASK, SignalKind.DELIVERY, SignalKind.INVOICE_SENT
_MARKER: Final = "marker"
# How a marker line says so, in the languages that are read: beginnings and middles of words.
_MARKED: Final = {
    "approval": "approv sign-off signoff godkjen freigabe genehmig odobr suglasn одобр согласов "
    "approba validation aprob visto",
    "feedback": "feedback comment review tilbakemeld kommentar rückmeld povratn osvrt komentar "
    "отзыв коммент retour avis comentario opini",
    "decision": "decision decide choice choose beslut avgjør velg valg entscheid auswahl odluk "
    "odabir решени выбор décision choix decisión elecci elige",
}


def asking(message: Message) -> list[Signal]:
    """Return the signals by which our `message` asks: its marker lines, else its asks.

    A mail with an invoice asks for the payment, which is tracked with the invoice: of its asks only
    those count that say what they want.
    """
    asks = [signal for signal in message.signals if signal.kind is _ASK]
    if not asks:
        return []
    markers = [signal for signal in asks if signal.subtype == _MARKER]
    if markers:
        return markers
    if message.has(_INVOICE):
        return [signal for signal in asks if signal.subtype in KINDS]
    return asks


def items_of(message: Message, signals: list[Signal]) -> list[Item]:
    """Return the items of an ask: numbered ones and marker lines one by one, else all as one."""
    default = "feedback" if message.has(_DELIVERY) else ""
    marked = all(map(is_marker, signals))
    numbered = [
        (signal.item or (n if marked else 0), signal)
        for n, signal in enumerate(signals, 1)
        if marked or signal.item
    ]
    if not numbered:
        text = "; ".join([signal.text for signal in signals])
        kinds = [signal.subtype for signal in signals if signal.subtype in KINDS]
        return [Item(1, text, kinds[0] if kinds else default)]
    found: dict[int, Item] = {}
    for number, signal in numbered:
        if number not in found:
            found[number] = Item(number, signal.text, _kind(signal, default))
    return list(found.values())


def _kind(signal: Signal, default: str) -> str:
    if signal.subtype == _MARKER:
        return marked_kind(signal.text)
    return signal.subtype if signal.subtype in KINDS else default


def marked_kind(text: str) -> str:
    """Return what a marker line wants by its words: approval, feedback, decision, else content."""
    words = text.casefold()
    found = [
        (words.index(stem), kind)
        for kind, stems in _MARKED.items()
        for stem in stems.split()
        if stem in words
    ]
    return min(found)[1] if found else "content"


def due_of(history: History, message: Message, signals: list[Signal]) -> datetime:
    """Return when an ask is due: the end of the first day stated in it, the client's local time.

    Without a day, or with one that was past already, the agreed business time of the client.
    """
    calendar = history.client.calendar
    days = [signal.due for signal in signals if signal.due is not None]
    if days:
        asked = calendar.local(message.at).date()
        first = min((day for day in days if day >= asked), default=None)
        if first is not None:
            return datetime.combine(first, time(23, 59, 59), calendar.zone).astimezone(UTC)
    return calendar.due(message.at, history.agreement(message.at).feedback_within)


def is_marker(signal: Signal) -> bool:
    """Say whether a signal is a marker line, `[need: logo by 27 Nov]`."""
    return signal.subtype == _MARKER
