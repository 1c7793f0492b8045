"""The phrase files: what clients and owners write, one TOML table for a phrase.

Packaged files are `phrases/LANG.toml`; the owner's `phrases.d/*.toml` add to them, replace a phrase
by its id, or switch it off (`off = ["en.nudge.waiting"]`). An id is the file's name and the
phrase's own `id`. People mix languages: each sentence is matched in those that it may be in.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

from mailhours.model.faults import ConfigurationFault, Problem
from mailhours.model.message import SignalKind
from mailhours.reading.alternatives import PatternError
from mailhours.reading.elements import END, Pattern
from mailhours.reading.lexicon import LANGUAGES
from mailhours.reading.pattern import Compiler
from mailhours.reading.typos import Typos
from mailhours.reading.vocabulary import Entry, Phrase, Vocabulary

GUARD: Final = "guard"
_KINDS: Final = {GUARD, *SignalKind}
_CHOICES: Final = {
    "where": ("any", "question", "statement", "first"),
    "role": ("any", "client", "owner"),
    "scope": ("span", "after", "sentence", "before", "message"),
}
_KEYS: Final = frozenset(
    (
        "id",
        "kind",
        "subtype",
        "match",
        "where",
        "role",
        "not",
        "chases",
        "mutes",
        "scope",
        "examples",
        "counter",
    )
)
# Examples are for people and tests; left out before parsing, which halves the time to load.
_EXAMPLES: Final = re.compile(
    r"^(?:examples|counter) = \[(?:[^\n]*\]|\n(?:    [^\n]*\n)*\])$", re.MULTILINE
)


@dataclass(slots=True)
class Phrases:
    """All phrases, indexed by the word classes they are anchored at.

    `version` is a digest of every file that was read. `fillers` and `greetings` are the words that
    may stand before the beginning of a clause proper. `tongueless` has -1 where there are patterns
    of no language. `needs` are all needs of each language, as bits, and `ending` those that the end
    of a sentence meets. Words are looked up as they are `written`, or with slips `mended`.
    """

    version: str
    all: tuple[Phrase, ...]
    fillers: frozenset[str]
    greetings: frozenset[str]
    tongueless: tuple[int, ...]
    needs: tuple[int, ...]
    ending: tuple[int, ...]
    written: Vocabulary
    mended: Vocabulary

    @classmethod
    def load(cls, overrides: Mapping[str, str]) -> Phrases:
        """Load the packaged phrases and the owner's files (name -> TOML text).

        Raises ConfigurationFault with every problem of the owner's files as FILE:LINE.
        """
        return _Loading().load(_packaged(), overrides)


def version(overrides: Mapping[str, str]) -> str:
    """Return the digest of the packaged phrases and the owner's, without compiling them."""
    digest = hashlib.sha256()
    for name, text in (*_packaged().items(), *sorted(overrides.items())):
        digest.update(f"{name}\0{len(text)}\0{text}".encode())
    return digest.hexdigest()[:16]


def _packaged() -> dict[str, str]:
    folder = resources.files(__package__).joinpath("phrases")
    files = [folder.joinpath(f"{language}.toml") for language in LANGUAGES]
    return {file.name: file.read_text(encoding="utf-8") for file in files if file.is_file()}


class _Loading:
    """Collects phrases and problems from file after file."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.compiler = Compiler()
        self.phrases: dict[str, tuple[Phrase, tuple[Pattern, ...]]] = {}
        self.sets: dict[str, dict[str, str]] = {}
        self.tongue = -1

    def load(self, packaged: Mapping[str, str], overrides: Mapping[str, str]) -> Phrases:
        for name, text in packaged.items():
            self._file(name, text, tomllib.loads(_EXAMPLES.sub("", text)))
            self.compiler.forget_file()
        for name, text in sorted(overrides.items()):
            try:
                table = tomllib.loads(text)
            except tomllib.TOMLDecodeError as error:
                line = re.search(r"at line (\d+)", str(error))
                self._problem(name, int(line.group(1)) if line else 1, "", str(error))
                continue
            self._file(name, text, table)
        if self.problems:
            raise ConfigurationFault(tuple(self.problems))
        lexicon = self.compiler.lexicon
        index: dict[int, list[Entry]] = {}
        for phrase, patterns in self.phrases.values():
            for pattern in patterns:
                index.setdefault(pattern.anchor, []).append((pattern.needs, phrase, pattern))
        return Phrases(
            version=version(overrides),
            all=tuple(phrase for phrase, _ in self.phrases.values()),
            fillers=self._words("filler"),
            greetings=self._words("greeting"),
            tongueless=(-1,) if lexicon.needs[-1] else (),
            needs=tuple((1 << count) - 1 for count in lexicon.needs),
            ending=lexicon.met(END),
            written=Vocabulary(lexicon, index),
            mended=Vocabulary(lexicon, index, Typos(lexicon.words)),
        )

    def _words(self, name: str) -> frozenset[str]:
        return frozenset(
            word
            for sets in self.sets.values()
            if name in sets
            for word in self.compiler.alternatives.sides(sets[name], sets)[0]
        )

    def _problem(self, file: str, line: int, key: str, what: str) -> None:
        self.problems.append(Problem(file, line, key, what))

    def _file(self, name: str, text: str, table: dict[str, Any]) -> None:
        """Take over one file: sets first, then what is switched off, then phrases."""
        stem = name.removesuffix(".toml")
        language = table.get("language", stem)
        self.tongue = LANGUAGES.index(language) if language in LANGUAGES else -1
        self.compiler.tongue = self.tongue
        sets = self.sets.setdefault(stem, dict(self.sets.get(table.get("language", ""), {})))
        for key in table.keys() - {"language", "sets", "off", "phrase", "schema"}:
            self._problem(name, _line(text, key), key, "unknown key")
        own = table.get("sets", {})
        if not (isinstance(own, dict) and all(isinstance(value, str) for value in own.values())):
            self._problem(name, _line(text, "[sets]"), "sets", "each set is one text: a|b|c")
            own = {}
        sets.update(own)
        off = table.get("off", [])
        if not isinstance(off, list):
            self._problem(name, _line(text, "off"), "off", "a list of phrase ids is wanted")
            off = []
        for identity in off:
            if self.phrases.pop(identity, None) is None:
                self._problem(name, _line(text, "off"), "off", f"there is no phrase {identity!r}")
        entries = table.get("phrase", [])
        if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
            self._problem(name, _line(text, "phrase"), "phrase", "write each as [[phrase]]")
            return
        for number, entry in enumerate(entries):
            try:
                self._phrase(stem, entry, sets)
            except PatternError as error:
                self._problem(
                    name, _phrase_line(text, number), str(entry.get("id", "phrase")), str(error)
                )

    def _phrase(self, stem: str, entry: dict[str, Any], sets: Mapping[str, str]) -> None:
        """Take over one phrase. Raises PatternError with what is wrong."""
        if unknown := entry.keys() - _KEYS:
            raise PatternError(f"unknown key {min(unknown)!r}; known: {' '.join(sorted(_KEYS))}")
        if not isinstance(entry.get("id"), str) or not entry["id"]:
            raise PatternError("an id is missing")
        if entry.get("kind") not in _KINDS:
            raise PatternError(f"kind must be one of {' '.join(sorted(_KINDS))}")
        for key, choices in _CHOICES.items():
            if entry.get(key, choices[0]) not in choices:
                raise PatternError(f"{key} must be one of {' '.join(choices)}")
        for key in ("match", "not", "mutes", "examples", "counter"):
            value = entry.get(key, [])
            if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
                raise PatternError(f"{key} must be a list of texts")
        if not entry.get("match"):
            raise PatternError("match is missing")
        if wrong := set(entry.get("mutes", [])) - _KINDS:
            raise PatternError(f"mutes: there is no kind {min(wrong)!r}")
        phrase = Phrase(
            id=f"{stem}.{entry['id']}",
            kind=entry["kind"],
            subtype=str(entry.get("subtype", "")),
            where=entry.get("where", "any"),
            role=entry.get("role", "any"),
            chases=bool(entry.get("chases", False)),
            mutes=frozenset(entry.get("mutes", [])),
            scope=entry.get("scope", "span"),
            exceptions=self._patterns(entry.get("not", []), sets),
            tongue=self.tongue,
        )
        self.phrases[phrase.id] = (phrase, self._patterns(entry["match"], sets))

    def _patterns(self, sources: Iterable[str], sets: Mapping[str, str]) -> tuple[Pattern, ...]:
        return tuple(
            pattern for source in sources for pattern in self.compiler.compile(source, sets)
        )


def _line(text: str, start: str) -> int:
    """Return the number of the first line that begins so, or 1."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith(start):
            return number
    return 1


def _phrase_line(text: str, index: int) -> int:
    """Return the line of the [[phrase]] with this index, or 1."""
    heads = [n for n, line in enumerate(text.splitlines(), 1) if line.strip() == "[[phrase]]"]
    return heads[index] if index < len(heads) else 1
