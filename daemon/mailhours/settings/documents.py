"""The files of a configuration directory: which there are, their text, and their TOML."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from mailhours.model.faults import Problem
from mailhours.settings.lines import Place, find, line_of
from mailhours.settings.syntax import explain

MAIN = "mailhours.toml"
CLIENTS = "clients"
TEMPLATES = "templates"
PHRASES = "phrases.d"
# Far above what anybody writes by hand: a wrong file in the folder must not fill the memory.
SIZE_LIMIT = 1024 * 1024
MISSING = "is not there"


@dataclass(frozen=True)
class Document:
    """One TOML file: `file` as problems name it, `name` relative to the directory, its `data`."""

    file: str
    name: str
    text: str = field(repr=False)
    data: Mapping[str, Any] = field(repr=False)

    @cached_property
    def lines(self) -> Mapping[Place, int]:
        """Return the line of every key; worked out only when something has to be said."""
        return find(self.text)

    def line(self, path: Place) -> int:
        """Return the line of `path`, or of the nearest table around it."""
        return line_of(self.lines, path)

    def problem(self, path: Place, what: str) -> Problem:
        """Return a problem with the key at `path`; indices are left to the line."""
        key = ".".join(part for part in path if isinstance(part, str))
        return Problem(self.file, self.line(path), key, what)

    def has(self, path: Place) -> bool:
        """Say whether `path` is written in the file, rightly or wrongly."""
        value: Any = self.data
        for part in path:
            if isinstance(value, list):
                value = dict(enumerate(value))
            if isinstance(value, Mapping) and part in value:
                value = value[part]
            elif part != 0:  # a single table counts as a list of one
                return False
        return True


def shown(path: Path) -> str:
    """Return `path` as text that can be printed, whatever bytes its name has."""
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def listed(directory: Path) -> list[Path]:
    """Return the files that make up the configuration in `directory`, in a fixed order.

    Hidden files and the backups of editors are not part of it. OSError: a folder cannot be read.
    """
    return [Path(name) for name in names(os.fspath(directory))]


def names(directory: str) -> list[str]:
    """Return the names of those files: strings are enough, and quicker, to see what changed."""
    return [
        f"{directory}/{MAIN}",
        *_files(f"{directory}/{CLIENTS}"),
        *_files(f"{directory}/{PHRASES}"),
        *_tree(f"{directory}/{TEMPLATES}"),
    ]


def exists(path: Path) -> bool:
    """Say whether there is something at `path`; never raises, whatever the name."""
    return os.path.exists(path)  # noqa: PTH110 - Path.exists raises on a name too long


def read_text(path: Path) -> str | Problem:
    """Return the text of a file, BOM and CRLF folded, or what is wrong with it."""
    name = shown(path)
    try:
        if not os.path.isfile(path):  # noqa: PTH113 - Path.is_file raises where this says no
            return Problem(name, 1, "", "is not a file" if exists(path) else MISSING)
        with path.open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        return Problem(name, 1, "", f"cannot be read: {error.strerror or 'no access'}")
    if len(data) > SIZE_LIMIT:
        return Problem(name, 1, "", "is larger than 1 MB; is it the right file?")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Problem(name, 1, "", "is saved as UTF-16; save it as UTF-8")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what = f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8"
        return Problem(name, line, "", what)


def parse(path: Path, name: str, text: str) -> Document | Problem:
    """Return the TOML `text` of a file as a document, or where it stops being TOML."""
    try:
        data = tomllib.loads(text)
    except RecursionError:
        return Problem(shown(path), 1, "", "is nested too deeply")
    except ValueError as error:  # TOMLDecodeError, and numbers of thousands of digits
        line, what = explain(text, str(error))
        return Problem(shown(path), line, "", what)
    return Document(shown(path), name, text, data)


def _files(folder: str) -> Iterator[str]:
    if os.path.isdir(folder):  # noqa: PTH112 - no Path is made at every tick, for every client
        for name in sorted(os.listdir(folder)):  # noqa: PTH208
            if name.endswith(".toml") and not _aside(name):
                yield f"{folder}/{name}"


def _tree(folder: str) -> Iterator[str]:
    if not os.path.isdir(folder):  # noqa: PTH112
        return
    for name in sorted(os.listdir(folder)):  # noqa: PTH208
        path = f"{folder}/{name}"
        if _aside(name):
            continue
        if not os.path.isdir(path):  # noqa: PTH112
            yield path
        elif not os.path.islink(path):  # noqa: PTH114 - a link back up would never end
            yield from _tree(path)


def _aside(name: str) -> bool:
    return name.startswith((".", "#")) or name.endswith("~")
