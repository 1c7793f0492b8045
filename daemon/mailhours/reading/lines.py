"""A body as lines: how deep each is quoted, and what its markup said about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

LIMIT = 400_000  # characters of one body that are looked at; the rest is quotation or worse
_LINES = 10_000
_BREAKS = re.compile(r"[\r\x0b\x0c\x85\u2028\u2029]")
_INVISIBLE = re.compile(
    "[\x00\xad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)
_SPACES = re.compile("[\xa0\u2007\u202f\u3000]")
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
    """One line: `raw` as it stood, `text` without quotation marks and outer space, its depth.

    `ends` says that an attribution may end here, `opens` that one may begin here, `heads` that a
    heading of Lotus Notes may; see `attribution.foresee`.
    """

    raw: str
    text: str
    depth: int = 0
    mark: Mark = Mark.NONE
    ends: bool = True
    opens: bool = True
    heads: bool = True


def tidy(text: str) -> str:
    """Return `text` with newlines as line ends, without characters that cannot be seen."""
    if len(text) > LIMIT:
        text = text[: text.rfind("\n", 0, LIMIT) if "\n" in text[:LIMIT] else LIMIT]
    if not text.isprintable():
        text = _BREAKS.sub("\n", text.replace("\r\n", "\n"))
    if text.isascii():
        return text
    text = _SPACES.sub(" ", _INVISIBLE.sub("", text))
    return text.replace("\uff1e", ">").replace("\uff1a", ":")


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
