"""What a message of the client answers: item by item, by what was read in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from mailhours.model.gist import gist
from mailhours.model.message import Message, SignalKind

REPLIES: Final = (SignalKind.ANSWER, SignalKind.APPROVAL, SignalKind.CHANGE_REQUEST)
"""Signals that give what an ask may want."""

# Sentences of these kinds give nothing that was asked for, and how many words they take at least: a
# signal's text is often only the phrase that showed it, not its sentence.
_EMPTY: Final = {
    SignalKind.THANKS: 4,
    SignalKind.NUDGE: 12,
    SignalKind.ASK: 12,
    SignalKind.URGENT: 4,
    SignalKind.DEFER: 12,
}
# Words of a mail that must be left to be an answer: with content words, without ("Got it, will
# do"), and beside such sentences.
_TELLING, _BARE, _BESIDE = 2, 6, 6
# Members of an enumeration are found by a slow look-up.
_ASK, _NUDGE = SignalKind.ASK, SignalKind.NUDGE
_DEFER, _DELICATE = SignalKind.DEFER, SignalKind.DELICATE
# What people call the things that they are asked for, and the files that these come as.
_FILES: Final = {
    frozenset({"svg", "eps", "ai", "png", "jpg", "jpeg", "webp", "tif", "tiff", "psd", "heic"}): (
        "logo logos photo photos picture pictures image images icon banner bilde bilder foto fotos "
        "slika slike logotip логотип фото картинка изображение"
    ),
    frozenset({"doc", "docx", "odt", "txt", "rtf", "md", "pages", "pdf"}): (
        "text texts copy wording content contract agreement document brief tekst tekster innhold "
        "tekstovi ugovor dokument vertrag texte contrat текст тексты договор документ"
    ),
    frozenset({"xls", "xlsx", "csv", "ods", "numbers"}): (
        "list table prices spreadsheet liste tabell priser tablica cijene tabelle preise список "
        "таблица цены"
    ),
}


@dataclass(slots=True, eq=False)
class Item:
    """One thing asked for, and when it was given."""

    number: int
    text: str
    kind: str
    closed: datetime | None = None
    closed_by: str = ""
    _words: tuple[frozenset[str], frozenset[str]] | None = None

    @property
    def stems(self) -> frozenset[str]:
        """Return its content words."""
        return (self._words or self._read())[0]

    @property
    def options(self) -> frozenset[str]:
        """Return the options that it offers, single capital letters."""
        return (self._words or self._read())[1]

    def _read(self) -> tuple[frozenset[str], frozenset[str]]:
        # When it is first needed: what is asked for is often given as a whole.
        words = frozenset(gist(self.text))
        options = frozenset([word for word in words if len(word) == 1])
        self._words = words - options, options
        return self._words


def is_answer(message: Message) -> bool:
    """Say whether a client's message may answer something: no mere thanks, chase, question, delay.

    Signals of an answer, approval or change and attachments make it one. Else it is one when
    enough words are left beside thanks, chases, questions and promises to answer later.
    """
    if message.has(*REPLIES) or message.attachments:
        return True
    if message.has(_DELICATE) or message.away_until:
        return False
    empty = [signal for signal in message.signals if signal.kind in _EMPTY]
    spent = sum(max(_EMPTY[signal.kind], len(signal.text.split())) for signal in empty)
    alone = _TELLING if message.gist else _BARE
    return message.words - spent >= (_BESIDE if empty else alone)


class Offer(NamedTuple):
    """What a message may give: words, files, numbered answers, and lines under quoted questions."""

    words: frozenset[str]
    files: frozenset[str]
    numbers: frozenset[int]
    quoted: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.words or self.files or self.quoted or self.numbers)


def offer(message: Message) -> Offer:
    """Return what `message` may give."""
    signals = message.signals
    return Offer(
        _words(message),
        _files(message) if message.attachments else frozenset(),
        frozenset([s.item for s in signals if s.item and s.kind in REPLIES]),
        tuple([s.quoted for s in signals if s.quoted and s.kind not in _EMPTY]),
    )


def given(items: list[Item], offer: Offer, *, replied_to: bool) -> list[Item]:
    """Return those of `items` that an offer shows to answer, one by one.

    An item is given when it is answered under its quoted line, by its number (in a reply to the
    ask), by its own content words, by one of its options, or by a file of its kind.
    """
    numbers = offer.numbers if replied_to and len(items) > 1 else frozenset()
    if not (offer.words or offer.files or offer.quoted or numbers):
        return []
    words, files, quoted = offer.words, offer.files, offer.quoted
    return [
        item
        for item in items
        if (not item.stems.isdisjoint(words) and _speaks_of(item, words))
        or item.number in numbers
        or not item.options.isdisjoint(words)
        or not item.stems.isdisjoint(files)
        or (quoted and any(_stands_under(item, question) for question in quoted))
    ]


def same_thing(new: Item, old: Item) -> bool:
    """Say whether two items ask for the same thing: half of the content words of the shorter."""
    shorter = min(len(new.stems), len(old.stems))
    return bool(shorter) and 2 * len(new.stems & old.stems) >= shorter


def _stands_under(item: Item, quoted: str) -> bool:
    question, text = quoted.casefold(), item.text.casefold()
    if text in question or question in text:
        return True
    stems = frozenset(gist(quoted))
    return bool(stems & item.stems) and 2 * len(stems & item.stems) >= min(
        len(stems), len(item.stems)
    )


def _speaks_of(item: Item, words: frozenset[str]) -> bool:
    return 2 * len(item.stems & words) >= len(item.stems)


def _words(message: Message) -> frozenset[str]:
    """Return the content words that may answer: not those that ask back, chase or put off."""
    puts_off = message.has(_DEFER)
    asks_back = message.has(_ASK, _NUDGE) and not message.has(*REPLIES)
    if message.gist and not puts_off and not asks_back:
        return frozenset(message.gist)
    return frozenset(w for s in message.signals if s.kind in REPLIES for w in gist(s.text))


def _files(message: Message) -> frozenset[str]:
    """Return the content words of the attachments: of their names, and what their types are for."""
    words: set[str] = set()
    for name in message.attachments:
        stem, _, extension = name.rpartition(".")
        words.update(gist(stem.replace("_", " ").replace("-", " ")))
        for extensions, things in _FILES.items():
            if extension.lower() in extensions:
                words.update(gist(things))
    return frozenset(words)
