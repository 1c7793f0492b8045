"""Which language a text is in: script, the languages its writer is known for, a vote of words.

No library: the phrases go by the words that each language knows (`matching.py`), so this guess only
has to be good enough to answer in.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from importlib import resources

_WORD = re.compile(r"[^\W\d_]+")
# The same for ASCII, several times faster: what stands between words becomes space.
_BETWEEN = {code: " " for code in range(128) if not chr(code).isalpha()}
_LOOKED_AT = 1500
# Letters that only some languages write: they count more than a word.
_LETTERS = {
    "å": "nb sv da",
    "ø": "nb da",
    "æ": "nb da",
    "ö": "sv de fi",
    "ä": "sv de fi",
    "ß": "de",
    "ü": "de",
    "ñ": "es",
    "¿": "es",
    "ã": "pt",
    "õ": "pt",
    "đ": "hr",
    "ł": "pl",
    "ż": "pl",
    "ą": "pl",
    "ę": "pl",
    "ś": "pl",
    "ř": "cs",
    "ě": "cs",
    "ů": "cs",
    "ā": "lv",
    "ī": "lv",
    "ņ": "lv",
    "ļ": "lv",
    "ы": "ru",
    "э": "ru",
    "ё": "ru",
    "ъ": "ru",
    "і": "uk",
    "ї": "uk",
    "є": "uk",
    "ù": "fr it",
    "ç": "fr pt",
    "œ": "fr",
    "ê": "fr pt",
    "è": "fr it",
    "ć": "hr pl",
}
_SCRIPTS = (
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
)
_OTHER_SCRIPT = re.compile(f"[{''.join(letter.pattern[1:-1] for _, letter in _SCRIPTS)}]")
_CYRILLIC = frozenset(("ru", "uk", "bg", "sr", "be", "mk"))
_SURE = 3


class Languages:
    """The small words of each language, loaded once."""

    def __init__(self) -> None:
        """Load the packaged words."""
        source = resources.files("mailhours.reading").joinpath("data", "languages.toml")
        self._by_word: dict[str, list[str]] = {}
        for name, words in tomllib.loads(source.read_text("utf-8")).items():
            for word in dict.fromkeys(words.split()):
                self._by_word.setdefault(word, []).append(name)

    def of(self, text: str, known: Sequence[str] = ()) -> str:
        """Return the ISO 639-1 code of the language of `text`, or the empty string.

        `known` are the languages that the writer is known for, likeliest first: one of them is
        meant unless the text says otherwise clearly.
        """
        beginning = text[:_LOOKED_AT]
        fallback = known[0] if known else ""
        script = _script(beginning)
        if script and script != "ru":
            return script
        votes: Counter[str] = Counter()
        lowered = beginning.lower()
        is_ascii = lowered.isascii()
        all_words = lowered.translate(_BETWEEN).split() if is_ascii else _WORD.findall(lowered)
        for word, times in Counter(filter(self._by_word.__contains__, all_words)).items():
            names = self._by_word[word]
            for name in names:
                votes[name] += 2 * times if len(names) == 1 else times
        if not is_ascii:
            for letter, writers in _LETTERS.items():
                if letter in lowered:
                    for name in writers.split():
                        votes[name] += 2
        if script == "ru":
            votes = Counter({n: v for n, v in votes.items() if n in _CYRILLIC})
            fallback = next((n for n in known if n in _CYRILLIC), "ru")
        if not votes:
            return fallback
        (best, count), *others = votes.most_common(2)
        is_tie = bool(others) and others[0][1] == count
        for name in known:
            # A language that the writer is known for needs no majority, only no defeat.
            if name in votes and votes[name] * 3 >= count * 2:
                return name
        return best if count >= _SURE and not is_tie else fallback


def _script(text: str) -> str:
    """Return the language that the writing system stands for when most letters are in it."""
    if text.isascii() or _OTHER_SCRIPT.search(text) is None:
        return ""
    letters = sum(map(str.isalpha, text))
    for name, letter in _SCRIPTS:
        if len(letter.findall(text)) * 2 > letters:
            return name
    return ""
