"""Address lists as people and programs write them (RFC 5322 section 3.4); never raises, linear.

The standard library's parsers are not used: `parseaddr` believes `alice@good)bob@bad`
(CVE-2023-27043), and the structured one recurses and takes seconds for a long list.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailhours.model.address import Address, normal
from mailhours.reading.charset import decode
from mailhours.reading.mime import clean, decode_words

# One token each; a quoted string that never closes ends with the field.
_TOKEN = re.compile(
    r'(?P<quoted>"(?:[^"\\]|\\.)*"?)|(?P<encoded>=\?[^?\s]+\?[bBqQ]\?[^?]*\?=)|(?P<mark>[<>,;:()])'
    r"|(?P<space>[ \t\r\n]+)|(?P<literal>\[[^\][\s]*\])|(?P<atom>(?:(?!=\?)[^\s\"<>,;:()\[])+|.)",
    re.DOTALL,
)
# The common form, one mailbox: it needs no tokens.
_PLAIN = re.compile(
    r"\s*(?:\"([^\"\\]*)\"|([^\"<>,;:()@\[\]\\]*))\s*"
    r"<([^\s<>@,;:()\[\]\"\\]+@[^\s<>@,;:()\[\]\"\\]+)>\s*"
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_IN_COMMENT = re.compile(r"[()]|(?:[^()\\]|\\.|\\$)+", re.DOTALL)
_RESCUE = re.compile(
    r"<\s*([^<>\s\"]+@[^<>\s\"]+)\s*>"
    r"|([^\s<>\"'(),;:=?]{1,100}@[^\s<>\"'(),;:=?]{1,250})"
)
_SPEC = re.compile(r"[^\s<>@]+@[^\s<>@]+")
_INSIDE = re.compile(r"[\w.!#$%&*+/=^`{|}~'-]{1,100}@[\w-]{1,100}(?:\.[\w-]{1,100}){1,9}")


@dataclass(frozen=True, slots=True)
class Addresses:
    """The mailboxes of one field in order, and what was wrong with it (short words, maybe none)."""

    all: tuple[Address, ...]
    wrong: tuple[str, ...] = ()


def parse(value: bytes, hint: str = "") -> Addresses:
    """Return the mailboxes of an address field; groups are flattened, comments become names."""
    text = decode(value, hint=hint)
    if plain := _PLAIN.fullmatch(text):
        name = clean(decode_words(plain[1] or plain[2] or "")).strip("'\" ")
        return Addresses((Address(name, plain[3].removeprefix("mailto:")),))
    reader = _Reader()
    at = 0
    while found := _TOKEN.match(text, at):
        at = found.end()
        if found[0] == "(":
            said, at = _comment(text, at)
            reader.unclosed |= at < 0
            if at < 0:
                break
            reader.comment(said)
        else:
            reader.take(found.lastgroup or "atom", found[0])
    reader.close()
    if reader.unclosed:
        # A quote or comment that never ends hid what follows it: take what looks like addresses.
        seen = [Address("", found[1] or found[2]) for found in _RESCUE.finditer(text)]
        return Addresses(tuple(_distinct(seen)), ("never-ending quote or comment",))
    return Addresses(tuple(reader.found), tuple(dict.fromkeys(reader.wrong)))


def hidden(address: Address) -> str:
    """Return an address that the display name shows and that is not the addr-spec, or nothing."""
    for shown in _INSIDE.findall(address.name):
        if normal(shown.strip("'")) != address.normal:
            return str(shown)
    return ""


def _comment(text: str, at: int) -> tuple[str, int]:
    """Return the comment that begins before `at` and where it ends; -1 when it never does."""
    depth, said = 1, []
    while depth:
        found = _IN_COMMENT.match(text, at)
        if found is None:
            return "", -1
        at = found.end()
        if found[0] == "(":
            depth += 1
        elif found[0] == ")":
            depth -= 1
        else:
            said.append(found[0])
    return _ESCAPED.sub(r"\1", "".join(said)).strip(), at


def _distinct(addresses: list[Address]) -> list[Address]:
    return list({address.normal: address for address in addresses}.values())


class _Reader:
    """The state between two tokens of one field."""

    def __init__(self) -> None:
        self.found: list[Address] = []
        self.wrong: list[str] = []
        self.unclosed = False
        self._words: list[str] = []
        self._comment: list[str] = []
        self._angle: list[str] | None = None
        self._spec = ""
        self._spaced = False

    def take(self, kind: str, text: str) -> None:
        if self._angle is not None:
            self._take_angle(kind, text)
        elif kind == "mark":
            self._take_mark(text)
        elif kind == "space":
            self._spaced = bool(self._words)
        else:
            if kind == "quoted":
                self.unclosed |= len(text) < 2 or not text.endswith('"')
                text = _ESCAPED.sub(r"\1", text[1:-1])
            if self._spec:
                self.wrong.append("words after the address")
            self._words.append((" " if self._spaced and self._words else "") + text)
            self._spaced = False

    def comment(self, text: str) -> None:
        self._comment.append(text)
        self._spaced = bool(self._words)

    def _take_angle(self, kind: str, text: str) -> None:
        if self._angle is None or kind == "space":
            return
        if text == ">":
            self._spec = "".join(self._angle)
            self._angle = None
        elif text == "<":
            self.wrong.append("brackets in brackets")
            self._angle = []
        else:
            self._angle.append(text)

    def _take_mark(self, text: str) -> None:
        match text:
            case "<":
                if self._spec:
                    self.wrong.append("several addresses without a comma")
                    self._finish()
                self._angle = []
            case ",":
                self._finish()
            case ";":
                self._finish()
            case ":":
                if self._words and "@" in "".join(self._words):
                    self._words.append(text)
                else:
                    self._words.clear()  # the name of a group
            case _:
                self.wrong.append(f"stray {text}")

    def close(self) -> None:
        if self._angle is not None:
            self._spec = "".join(self._angle)
            self._angle = None
            self.wrong.append("unclosed bracket")
        self._finish()

    def _finish(self) -> None:
        words, comment = "".join(self._words), " ".join(self._comment)
        spec, name = self._spec, words
        if not spec and words:
            bare = [w for w in words.split() if "@" in w]
            if len(bare) == 1 or (bare and " " not in words):
                spec, name = bare[0], words.replace(bare[0], " ")
            elif bare:
                self.wrong.append("several addresses without a comma")
                for one in bare:
                    self._add(one, "")
            else:
                self.wrong.append("a name without an address")
        if spec:
            self._add(spec, name if name.strip() else comment)
        self._words, self._comment, self._spec, self._spaced = [], [], "", False

    def _add(self, spec: str, name: str) -> None:
        if spec.startswith("@"):
            spec = spec.partition(":")[2]  # an obsolete route, RFC 5322 section 4.4
            self.wrong.append("a route before the address")
        spec = clean(spec.removeprefix("mailto:"))
        if not _SPEC.fullmatch(spec):
            self.wrong.append("not an address")
            if "@" in spec:
                self.wrong.append("several @")
                spec = spec.replace(" ", "")
            else:
                return
        decoded = clean(decode_words(name)).strip("'\" ")
        self.found.append(Address(decoded, spec))
