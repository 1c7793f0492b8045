"""Where a key of a TOML text stands: its line, by path.

tomllib says what a text means but not where; this says where, for texts that tomllib accepts.
A path is a tuple of keys and indices: `("person", 0, "roles", 1)`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress

Place = tuple[str | int, ...]

# TOML 1.0: four kinds of strings (a multi-line one may end in up to five quotes), comments,
# punctuation, and anything else as a bare word.
_TOKEN = re.compile(
    r'"""(?:\\[\s\S]|[^\\])*?"{3,5}'
    r"|'''[\s\S]*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|[\[\]{},=.\n]"
    r"|[^\s\"'\[\]{},=.\#]+"
)
_END_OF_SCALAR = frozenset(",]}\n")


def find(text: str) -> dict[Place, int]:
    """Return the line, from 1, of every key, table and list item of a valid TOML `text`."""
    finder = _Finder(text)
    with suppress(IndexError, RecursionError):  # the places found so far still help
        finder.document()
    return finder.lines


def line_of(lines: Mapping[Place, int], path: Place) -> int:
    """Return the line of `path`, or of the nearest table around it; 1 when nothing is known.

    A single table counts as a list of one: an index that is not written is passed over.
    """
    found: Place = ()
    for part in path:
        if (*found, part) in lines:
            found = (*found, part)
        elif part != 0:
            break
    return lines.get(found, 1)


class _Finder:
    """One pass over the tokens of a text."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Place, int] = {}
        self.tokens = list(_tokens(text))
        self.at = 0
        self.lists: dict[Place, int] = {}

    def document(self) -> None:
        table: Place = ()
        while self.at < len(self.tokens):
            word, line = self.tokens[self.at]
            if word == "\n":
                self.at += 1
            elif word == "[":
                table = self.header(line)
            else:
                self.pair(table)

    def header(self, line: int) -> Place:
        self.at += 1
        is_list = self.tokens[self.at][0] == "["
        self.at += is_list
        *above, last = self.key("]")
        self.at += 1 + is_list
        table: Place = ()
        for part in above:
            table = self.into((*table, part), line)
        table = (*table, last)
        if not is_list:
            return self.into(table, line)
        self.lines.setdefault(table, line)
        self.lists[table] = self.lists.get(table, -1) + 1
        table = (*table, self.lists[table])
        self.lines[table] = line
        return table

    def into(self, table: Place, line: int) -> Place:
        self.lines.setdefault(table, line)
        return (*table, self.lists[table]) if table in self.lists else table

    def key(self, end: str) -> list[str]:
        parts = []
        while (word := self.tokens[self.at][0]) != end:
            if word != ".":
                parts.append(_unquoted(word))
            self.at += 1
        return parts

    def pair(self, table: Place) -> None:
        line = self.tokens[self.at][1]
        path = table
        for part in self.key("="):
            path = (*path, part)
            self.lines.setdefault(path, line)
        self.at += 1
        self.value(path)

    def value(self, path: Place) -> None:
        opening = self.tokens[self.at][0]
        if opening == "[":
            self.items(path)
        elif opening == "{":
            self.at += 1
            while (word := self.tokens[self.at][0]) != "}":
                if word in ",\n":
                    self.at += 1
                else:
                    self.pair(path)
            self.at += 1
        else:
            while self.at < len(self.tokens) and self.tokens[self.at][0] not in _END_OF_SCALAR:
                self.at += 1

    def items(self, path: Place) -> None:
        self.at += 1
        index = 0
        while (token := self.tokens[self.at])[0] != "]":
            if token[0] in ",\n":
                self.at += 1
                continue
            self.lines[*path, index] = token[1]
            self.value((*path, index))
            index += 1
        self.at += 1


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    line, seen = 1, 0
    for match in _TOKEN.finditer(text):
        line += text.count("\n", seen, match.start())
        seen = match.start()
        if not match[0].startswith("#"):
            yield match[0], line


def _unquoted(word: str) -> str:
    if word.startswith("'"):
        return word.strip("'")
    if word.startswith('"'):
        return str(tomllib.loads(f"key = {word}")["key"])
    return word
