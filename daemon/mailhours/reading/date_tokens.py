"""A text to words and numbers with the codes that tell which role each plays in a date."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from mailhours.reading.date_words import (
    BEFORE_DOUBTFUL,
    COMPOUNDS,
    DAYS_OF_TWO,
    DOUBTFUL,
    NOT_TOMORROW,
    PARTS_OF_DAY,
    THIS,
    codes,
    dated_words,
    telling_words,
)
from mailhours.reading.sentences import WORD, fold

_DAY_MONTH: Final = (
    r"\d{1,2}(?:\.[ ]?\d{1,2}(?:\.(?:[ ]?\d{4}|\d{2})?|(?![\d.,])(?!\s*(?:%|€|h\b|uhr\b)))"
    r"|/\d{1,2}(?:/\d{2,4})?)"
)
_ORDINAL: Final = r"st\b|nd\b|rd\b|th\b|er\b|\.(?=\s|$)|-?го\b|-?му\b|\s+числа\b|º"
_TOKEN: Final = re.compile(
    rf"(?P<word>(?!\d){WORD})"
    r"|(?P<iso>\b\d{4}-\d{2}-\d{2}\b)"
    rf"|(?P<numeric>(?<![\d.,/]){_DAY_MONTH}(?![\d/]))"
    rf"|(?P<number>(?<![\d.,:])(?P<digits>\d{{1,4}})(?![\d:%]|[.,]\d)(?P<ordinal>{_ORDINAL})?)"
    rf"|(?P<rest>{WORD})|(?P<stop>[.!?;\n])"
)
_DIGIT: Final = re.compile(r"\d")


@dataclass(slots=True)  # not frozen: a mail makes hundreds, and freezing takes most of the time
class Token:
    """A word or number with its place (start, end), code and value; `.` is of no matter."""

    start: int
    end: int
    text: str
    code: str
    value: int = 0


def may_name_day(text: str, words: Iterable[str]) -> bool:
    """Say whether `text`, which has these folded `words`, can name a day: most texts do not."""
    return not telling_words().isdisjoint(words) or _DIGIT.search(text) is not None


def tokens(text: str) -> list[Token]:
    """Return the words, numbers, numeric dates and stops of `text` with their codes."""
    found: list[Token] = []
    matters = dated_words()
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        raw = match.group()
        kind = match.lastgroup
        if kind in ("word", "rest"):
            word = fold(raw)
            if word in matters:
                found += _word(raw, word, start, end, found)
            else:
                found.append(Token(start, end, word, "."))
        elif kind in ("iso", "numeric"):
            found.append(Token(start, end, raw, "D"))
        elif kind == "number":
            code = "o" if match.group("ordinal") else "#"
            found.append(Token(start, end, raw, code, int(match.group("digits"))))
        else:
            found.append(Token(start, end, raw, "|"))
    return _settled(found)


def _word(raw: str, word: str, start: int, end: int, before: list[Token]) -> list[Token]:
    """Return the token of a folded word that plays a role, two for a compound."""
    if word in COMPOUNDS:
        return [Token(start, end, word, part) for part in COMPOUNDS[word]]
    last = before[-1].text if before else ""
    counted = bool(before) and before[-1].code in "#o"
    code, value = codes().get(word, (".", 0))
    if (last, word) in DAYS_OF_TWO:
        code, value = "d", DAYS_OF_TWO[last, word]
    elif last in THIS and word in PARTS_OF_DAY:
        code, value = "d", 0
    elif (word in {"morgen", "manana"} and last in NOT_TOMORROW) or (
        word in DOUBTFUL and not (counted or last in BEFORE_DOUBTFUL or _is_name(raw))
    ):
        code = "."
    elif word == "des" and not counted:
        code = "f"  # German and French; "5. des" is Norwegian
    return [Token(start, end, word, code, value)]


def _is_name(raw: str) -> bool:
    """Say whether the capital makes it a day or month; "Mon" begins French sentences."""
    return raw[0].isupper() and raw != "Mon"


# Words that mean another thing before such a code: "en" is one in Norwegian, here it is in.
_SETTLED_BY: Final = {
    ("en", "1"): "i",
    ("en", "#"): "i",
    ("en", "m"): "i",
    ("mi", "m"): "x",
    ("roku", "1"): "i",
    ("roku", "#"): "i",
}
# The words without a code that `_settled` may give one; all others without one are passed over.
_UNSETTLED: Final = frozenset(
    {word for word, _ in _SETTLED_BY} | {"til", "pasado", "week", "siden", "fin"}
)


def _settled(found: list[Token]) -> list[Token]:
    """Settle words that mean one thing or another by what follows them."""
    for at, (token, after) in enumerate(pairwise(found)):
        if token.code == "." and token.text not in _UNSETTLED:
            continue
        if (token.text, after.code) in _SETTLED_BY:
            found[at] = replace(token, code=_SETTLED_BY[token.text, after.code])
        elif token.code == "1" and after.code == "1":
            found[at] = replace(token, code="f")  # "a couple", "et par"
        elif token.text == "til" and after.text in {"uka", "uken"}:
            found[at] = replace(token, code="n")  # the one that comes
        elif token.text == "roku" and after.text == "od":
            found[at], found[at + 1] = replace(token, code="i"), replace(after, code="f")
        elif token.text == "pasado" and after.text == "manana":
            found[at] = replace(token, code=".")
        elif token.text == "week" and after.text == "end":
            found[at], found[at + 1] = replace(token, code="."), replace(after, code="k")
        elif token.text == "siden" and after.code in "wmD":
            if not at or found[at - 1].code != "y":
                found[at] = replace(token, code="s")
        elif token.text == "fin" and [t.text for t in found[at + 1 : at + 3]] == ["de", "semana"]:
            found[at] = replace(token, code=".")
            found[at + 2] = replace(found[at + 2], code="k")
    return found
