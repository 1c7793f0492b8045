"""Text to sentences of folded words, each word with its place in the text.

Folding makes one word of many spellings: lower case, no diacritics, one kind of apostrophe. What a
writer without the keys types instead of a diacritic (`fuer`, `loesning`, `dj`) is not undone here:
a pattern knows both spellings of its own words (`variants`).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

# Letters that NFD does not take apart.
_SPECIAL: Final = {
    "ø": "o",
    "æ": "ae",
    "đ": "d",
    "ß": "ss",
    "ł": "l",
    "ı": "i",
    "œ": "oe",
    "þ": "th",
}
_TYPED: Final = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "đ": "dj"}
_RANGES: Final = (range(0xC0, 0x250), range(0x1E00, 0x1F00), range(0x400, 0x500))


def _table() -> dict[int, str | None]:
    table: dict[int, str | None] = dict.fromkeys(range(0x300, 0x370))
    for code in (code for codes in _RANGES for code in codes):
        letter = chr(code).lower()
        plain = _SPECIAL.get(letter) or "".join(
            part for part in unicodedata.normalize("NFD", letter) if not unicodedata.combining(part)
        )
        if plain != chr(code):
            table[code] = plain
    return table


_FOLD: Final = _table()

_LONGEST: Final = 120
"""Words of a sentence; what is longer lacks its full stops and is cut."""

ADDRESS: Final = "@url"
"""The word that stands for an address, of the web or of mail."""

WORD: Final = r"(?:[^\W_]++|[\u0300-\u036f]++)++"
_URL: Final = (
    r"(?P<url>(?:https?://|www\.)[^\s<>]*[^\s<>.,;:!?)\]]"
    r"|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+)|"
)
_MARKS: Final = (
    r"|(?P<line>\n[\s>]*)"
    r"|(?P<end>[.!?…]+)"
    r"|(?P<dash>(?<=\s)[-–—]+(?=\s)|—|;)"
    r"|(?P<clause>[,:()\[\]\"«»“”„]|[-–—](?=\s))"
)
_RUN: Final = r"[^\W_]+(?: [^\W_]+)*"
# A word that a space follows begins no address; the last of a run may, so a sign of one ends it.
_CAREFUL_RUN: Final = r"[^\W_]++(?: [^\W_]++(?= ))*+(?: [^\W_]++(?![@.+:_-]))?"
_TOKEN: Final = re.compile(rf"(?P<words>{_RUN}){_MARKS}")
_ADDRESSED_TOKEN: Final = re.compile(rf"{_URL}(?P<words>{_CAREFUL_RUN}){_MARKS}")
_MARKED_TOKEN: Final = re.compile(rf"{_URL}(?P<words>{WORD}){_MARKS}")
_COMBINING: Final = re.compile(r"[\u0300-\u036f]")
_ADDRESS_LINE: Final = re.compile(r"[ \t>]*<?(?:https?://|www\.)[^\s<>]+>?[ \t\r]*")
_BULLET: Final = re.compile(r"[ \t]*(?:[-*•–·]|\(?\d{1,2}[.)]|[a-z]\))[ \t]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A full stop after these ends no sentence; a word of one letter never does.
_ABBREVIATIONS: Final = _words(
    "mr mrs ms dr st nr no ca bl eks evt osv inkl ekskl kl bzw usw ggf evtl vgl inkl str tel bspw"
    " jf jfr vedr iht mht ang np itd tzv npr sl br god ul стр гг тел см др пр им ул etc ref sr sra"
    " dpto pag approx incl vs"
    " mme mlle env max min fig pp mvh jan feb mar apr jun jul aug sep sept okt oct nov dec des"
)
_MONTHS: Final = _words(
    "januar jänner februar mars märz april mai juni juli august september oktober november desember"
    " dezember januara sijecnja veljace ozujka travnja svibnja lipnja srpnja kolovoza rujna"
    " listopada studenog studenoga prosinca"
)


def fold(word: str) -> str:
    """Return `word` in lower case without diacritics, ё as е."""
    return word.translate(_FOLD).lower() if not word.isascii() else word.lower()


def variants(word: str) -> tuple[str, ...]:
    """Return the folded spellings of a pattern's word: without diacritics, and as typed instead."""
    word = word.lower()
    plain = fold(word)
    if word.isascii():
        return (plain,)
    typed = fold("".join(_TYPED.get(letter, letter) for letter in word))
    return (plain,) if typed == plain else (plain, typed)


@dataclass(slots=True)  # not frozen: a mail makes hundreds, and freezing takes most of the time
class Sentence:
    """One sentence: its folded words, and the `runs` of the text that they stand in.

    A run is where it begins and its words as written, with one space between each two.
    `starts` are the words that open a clause. `marks` is the punctuation it ends with. `item` says
    that it is a line of a list. `names` are the words behind the first that begin with a capital
    and go on small: who writes so has hardly slipped.
    """

    start: int
    end: int
    words: list[str]
    runs: list[tuple[int, list[str]]]
    starts: set[int]
    marks: str
    item: bool
    names: set[int]

    @property
    def question(self) -> bool:
        """Say whether it ends with a question mark."""
        return "?" in self.marks

    def place(self, number: int) -> tuple[int, int]:
        """Return where the word with this number stands in the text (start, end), half-open."""
        for start, words in self.runs:
            if number < len(words):
                at = start + sum(map(len, words[:number])) + number
                return at, at + len(words[number])
            number -= len(words)
        raise IndexError(number)

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Return the place of the words from `first` up to and without `last`."""
        return self.place(first)[0], self.place(last - 1)[1]


class _Builder:
    """Collects the words of the sentence that is being read."""

    def __init__(self) -> None:
        self.done: list[Sentence] = []
        self.item = False
        self._begin()

    def _begin(self) -> None:
        self.words: list[str] = []
        self.runs: list[tuple[int, list[str]]] = []
        self.end = 0
        self.starts: set[int] = {0}
        self.names: set[int] = set()

    def add_address(self, address: str, start: int) -> None:
        """Take an address, which counts as one word."""
        self.words.append(ADDRESS)
        self.runs.append((start, [address]))
        self.end = start + len(address)

    def add_run(self, run: str, start: int) -> None:
        """Take words that one space each parts; the sentence is cut where it grows too long."""
        words = run.split(" ")
        room = _LONGEST - len(self.words)
        if len(words) > room:
            here, there = words[:room], words[room:]
            if here:
                self.add_run(" ".join(here), start)
                start += sum(map(len, here)) + room
            self.close(start)
            self.add_run(" ".join(there), start)
            return
        count = len(self.words)
        if not run[0 if count else len(words[0]) :].islower():
            for number, word in enumerate(words, count):
                if number and word[0].isupper() and word[-1].islower():
                    self.names.add(number)
        self.words += fold(run).split(" ")
        self.runs.append((start, words))
        self.end = start + len(run)

    def close(self, end: int, marks: str = "") -> None:
        """End the sentence at `end`; without words it is one only if it asks."""
        if self.words:
            start, end = self.runs[0][0], max(end, self.end)
        elif "?" in marks:
            start = end - len(marks)
        else:
            self.item = False
            return
        self.done.append(
            Sentence(start, end, self.words, self.runs, self.starts, marks, self.item, self.names)
        )
        self._begin()
        self.item = False


def sentences(text: str, *, limit: int = 3000) -> tuple[Sentence, ...]:
    """Cut `text` into sentences; what comes after `limit` words is not read.

    A line break ends a sentence unless the line was full, as a mail program breaks it. A line that
    is an address and nothing else is never full, and one that ends with an address only if the next
    goes on in small letters.
    """
    builder = _Builder()
    bullet = _BULLET.match(text)
    builder.item = bullet is not None
    said = bullet.end() if bullet else 0  # up to here is the bullet, which is no word
    line_start = 0
    left = limit
    for token in _expression(text).finditer(text):
        start, end = token.span()
        if start < said:
            continue
        kind = token.lastgroup
        if kind == "words":
            run = token.group()
            left -= run.count(" ") + 1
            if left < 0:
                run = " ".join(run.split(" ")[:left])
            if run:
                builder.add_run(run, start)
            if left < 0:
                break
        elif kind == "url":
            builder.add_address(token.group(), start)
            if set(builder.words) == {ADDRESS}:
                builder.starts.add(len(builder.words))
        elif kind == "line":
            following = text.rfind("\n", start, end) + 1
            bullet = _BULLET.match(text, following)
            if bullet or not _wrapped(text, line_start, start, token.group(), builder.words):
                builder.close(start)
                builder.item = bullet is not None
            said = bullet.end() if bullet else following
            line_start = end
        else:
            _punctuate(builder, text, token)
    builder.close(builder.end if builder.words else len(text))
    return tuple(builder.done)


def _expression(text: str) -> re.Pattern[str]:
    """Return what cuts `text` into tokens, of which words that one space each parts are one.

    Where combining marks stand, each word is a token.
    """
    if not text.isascii() and _COMBINING.search(text):
        return _MARKED_TOKEN
    return _ADDRESSED_TOKEN if "@" in text or "://" in text or "www." in text else _TOKEN


def _punctuate(builder: _Builder, text: str, token: re.Match[str]) -> None:
    """End the sentence or open a clause at a mark that is no line break."""
    kind = token.lastgroup
    start, end = token.span()
    if kind == "dash":
        builder.close(start)
    elif kind == "end" and _ends(text, builder.words, token):
        builder.close(end, token.group())
    else:
        builder.starts.add(len(builder.words))
        if token.group() == ":" and text[end : end + 1] == "\n":
            builder.close(end, ":")


def _ends(text: str, words: list[str], token: re.Match[str]) -> bool:
    marks = token.group()
    if marks != ".":
        return True
    after = text[token.end() : token.end() + 1]
    if not after:
        return True
    last = words[-1] if words else ""
    if not after.isspace():
        # "done.Please" is a missing space, "27.11" and "e.g." are not
        return after.isupper() and len(last) > 2 and not last.isdigit()
    if last in _ABBREVIATIONS or (len(last) == 1 and not last.isdigit()):
        return False
    if last.isdigit():
        following = re.compile(rf"\s+({WORD})").match(text, token.end())
        if following is None:
            return True
        word = following.group(1)
        return len(last) > 2 or not (word.islower() or fold(word) in _MONTHS or word.isdigit())
    return True


def _wrapped(text: str, line_start: int, start: int, gap: str, words: list[str]) -> bool:
    if gap.count("\n") > 1 or not words:
        return False
    following = text[start + len(gap) : start + len(gap) + 1]
    if words[-1] == ADDRESS and not (
        following.islower() and _ADDRESS_LINE.fullmatch(text, line_start, start) is None
    ):
        return False
    if start - line_start >= 56:
        return True
    return start - line_start >= 40 and following.islower()
