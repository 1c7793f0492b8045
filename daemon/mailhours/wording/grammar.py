"""What a language does to a word in a sentence: cases of weekdays, quotation marks, spaces."""

from __future__ import annotations

import re

# Nominative, genitive and accusative of the weekdays; months stand in the genitive already.
_WEEKDAYS = {
    "hr": (
        ("ponedjeljak", "ponedjeljka", "ponedjeljak"),
        ("utorak", "utorka", "utorak"),
        ("srijeda", "srijede", "srijedu"),
        ("četvrtak", "četvrtka", "četvrtak"),
        ("petak", "petka", "petak"),
        ("subota", "subote", "subotu"),
        ("nedjelja", "nedjelje", "nedjelju"),
    ),
    "ru": (
        ("понедельник", "понедельника", "понедельник"),
        ("вторник", "вторника", "вторник"),
        ("среда", "среды", "среду"),
        ("четверг", "четверга", "четверг"),
        ("пятница", "пятницы", "пятницу"),
        ("суббота", "субботы", "субботу"),
        ("воскресенье", "воскресенья", "воскресенье"),
    ),
}
# How a language quotes, and how it quotes inside of a quotation.
_MARKS = {
    "en": ('"{}"', "'{}'"),
    "nb": ("«{}»", "‘{}’"),
    "hr": ("„{}”", "‚{}’"),
    "ru": ("«{}»", "„{}“"),
    "de": ("„{}“", "‚{}‘"),
    "fr": ("«\u00a0{}\u00a0»", "“{}”"),
    "es": ("«{}»", "“{}”"),
}
# Weekdays that follow a bare `с`; the others begin with в or с and another consonant: `со`.
_AFTER_BARE_S = re.compile(r"^(?:понедельник|пятниц|суббот|воскресень|четверг)")
# A French sign of two parts stands off its word, and never begins a line.
_FRENCH = re.compile(r"(?<=[^\s-]) (?=[:;?!»])|(?<=«) ")


def genitive(day: str, language: str) -> str:
    """Return a written day, with or without its time, as it stands after `until` or `from`."""
    text = _inflected(day, language, 1)
    return text.replace(", в ", ", ") if language == "ru" else text


def accusative(day: str, language: str) -> str:
    """Return a written day as it stands after `on`."""
    return _inflected(day, language, 2)


def on(day: str, language: str) -> str:
    """Return `on Wednesday`, with its preposition, where the language inflects."""
    if language == "ru":
        return f"{'во' if day.startswith('вторник') else 'в'} {accusative(day, language)}"
    return f"u {accusative(day, language)}" if language == "hr" else day


def since(day: str, language: str) -> str:
    """Return `from Wednesday on`, with its preposition, where the language inflects."""
    if language == "ru":
        return f"{'с' if _AFTER_BARE_S.match(day) else 'со'} {genitive(day, language)}"
    return f"od {genitive(day, language)}" if language == "hr" else day


def quoted(text: str, language: str) -> str:
    """Put a name or a subject into quotation marks; those inside become the inner ones."""
    outer, inner = _MARKS[language]
    begin, _, end = inner.partition("{}")
    left, _, right = outer.replace("\u00a0", "").partition("{}")
    if left == right:  # straight marks look the same at both ends
        return outer.format(text.replace(left, begin))
    return outer.format(text.replace(left, begin).replace(right, end))


def spaced(text: str, language: str) -> str:
    """Return the text with the spaces that a language does not break at."""
    return _FRENCH.sub("\u00a0", text) if language == "fr" else text


def _inflected(day: str, language: str, case: int) -> str:
    for forms in _WEEKDAYS.get(language, ()):
        day = re.sub(rf"\b{forms[0]}\b", forms[case], day)
    return day
