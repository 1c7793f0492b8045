"""A body as lines: how deep each is quoted, and what its markup said about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

LIMIT = 400_000  # characters of one body that are looked at; the rest is quotation or worse
_LINES = 10_000
_BREAKS = re.compile(r"[\r\x0b\x0c\x85\u2028\u2029]")
_INVISIBLE = dict.fromkeys(
    [0x00, 0xAD, 0x034F, 0x061C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F),
     *range(0x2060, 0x2065), *range(0x2066, 0x2070), 0xFEFF]
)  # fmt: skip
_SPACES = {0xA0: " ", 0x2007: " ", 0x202F: " ", 0x3000: " ", 0xFF1E: ">", 0xFF1A: ":"}
_TIDY = {**_INVISIBLE, **_SPACES}
# ">" of RFC 3676 section 4.5; up to three spaces before it, as some programs stuff them.
_QUOTE = re.compile(r" {0,3}>[> ]{0,60}")
_ESCAPED = re.compile(r"(?:&gt;[> ]?)+")  # what some programs make of HTML
_DECORATED = re.compile(r"^[> ]+[^<>]{1,120}<{2,}[< ]*$")


class Mark(StrEnum):
    """What markup says about a line."""

    NONE = ""
    ATTRIBUTION = "attribution"
    QUOTED = "quoted"
    REST_QUOTED = "rest_quoted"
    SIGNATURE = "signature"


@dataclass(slots=True)
class Line:
    """One line: `raw` as it stood, `text` without quotation marks and outer space, its depth."""

    raw: str
    text: str
    depth: int = 0
    mark: Mark = Mark.NONE


def tidy(text: str) -> str:
    """Return `text` with newlines as line ends, without characters that cannot be seen."""
    if len(text) > LIMIT:
        text = text[: text.rfind("\n", 0, LIMIT) if "\n" in text[:LIMIT] else LIMIT]
    if not text.isprintable():
        text = _BREAKS.sub("\n", text.replace("\r\n", "\n"))
    return text if text.isascii() else text.translate(_TIDY)


def from_plain(text: str) -> list[Line]:
    """Return the lines of a text/plain body."""
    lines = []
    for raw in tidy(text).split("\n", _LINES)[:_LINES]:
        row = raw.rstrip()
        stripped = row.lstrip()
        if stripped[:1] not in (">", "&") or _DECORATED.match(stripped):
            lines.append(Line(row, stripped))
            continue
        found = _QUOTE.match(row) or _ESCAPED.match(row)
        if found is None:
            lines.append(Line(row, stripped))
        else:
            lines.append(Line(row, row[found.end() :].strip(), max(found.group().count(">"), 1)))
    return lines
