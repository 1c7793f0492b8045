"""Headings of what is quoted: blocks of header fields, and the table of Lotus Notes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailhours.reading.lines import Line
from mailhours.reading.mailwords import Field, MailWords, fold
from mailhours.reading.signs import address_in, date_in, is_rule

LINE = 300  # characters of a line that are looked at: what opens a quotation is short
CELLS = 15  # lines that the heading of Lotus Notes may have below its first
_FIELD = re.compile(r"^[\s*_>|•\-\[]{0,8}([^\W\d][^:\n]{0,28}?)[\s*_\]]{0,4}:[*_]{0,2}")
_NOTES_FIELD = re.compile(r"^(\S{1,12})(?:\t| {2,}|$)")


@dataclass(frozen=True, slots=True)
class Opening:
    """Lines that open a quotation: up to `end` (exclusive); `prefix` is new text before it.

    `certain` says that a separator or header block opens it, below which nobody answers.
    """

    end: int
    forwarded: bool = False
    prefix: str = ""
    certain: bool = False


def field_of(text: str, words: MailWords) -> Field | None:
    """Return which header field `text` shows, or None."""
    if ":" not in text[:50]:
        return None
    found = _FIELD.match(text)
    return words.fields.get(fold(found[1].replace("*", "").strip())) if found else None


def header_block(lines: Sequence[Line], at: int, words: MailWords) -> Opening | None:
    """Return the opening made by a block of header fields (From, Sent, To, Subject)."""
    text = lines[at].text
    if field_of(text, words) is None:
        return _notes_block(lines, at, words)
    fields: set[Field] = set()
    end, misses, blanks = at, 0, 0
    for index in range(at, min(at + 40, len(lines))):
        line = lines[index]
        if line.depth and not lines[at].depth:
            break
        if not line.text:
            blanks += 1
            if blanks > 1:
                break
            continue
        field = field_of(line.text, words)
        if field is None:
            if is_rule(line.text) or line.text[:3] == "---":
                break
            misses += 1
            if misses > 3 or (blanks and misses > 1):
                break
            continue
        fields.add(field)
        end, misses, blanks = index + 1, 0, 0
    fields.discard(Field.OTHER)
    block = [lines[index].text[:LINE] for index in range(at, end)]
    return Opening(end, certain=True) if _is_block(fields, block, words) else None


def _is_block(fields: set[Field], block: Sequence[str], words: MailWords) -> bool:
    """A list of bookings has From, To and Date too: an address or a subject tells them apart."""
    if len(fields) < 2 or not fields & {Field.FROM, Field.TO}:
        return False
    if any(address_in(text) for text in block):
        return bool(fields & {Field.FROM, Field.SENT}) or len(fields) >= 3
    dated = any(field_of(text, words) is Field.SENT and re.search(r"\d", text) for text in block)
    return len(fields) >= 3 and Field.FROM in fields and Field.SUBJECT in fields and dated


def _notes_block(lines: Sequence[Line], at: int, words: MailWords) -> Opening | None:
    """Lotus Notes: name and date, then "To", "cc", "Subject" as cells of a table."""
    text = lines[at].text
    if not lines[at].heads or len(text) > 160 or not (address_in(text) or date_in(text)):
        return None
    fields: set[Field] = set()
    end = at
    for index in range(at + 1, min(at + CELLS + 1, len(lines))):
        if lines[index].depth:
            break
        field = notes_field(lines[index].text, words)
        if field is not None:
            fields.add(field)
            end = index + 1
    if not {Field.TO, Field.SUBJECT} <= fields:
        return None
    if end < len(lines) and _NOTES_FIELD.match(lines[end - 1].text) and lines[end].text:
        after = _NOTES_FIELD.match(lines[end - 1].text)
        if after and after.end() == len(lines[end - 1].text):
            end += 1  # the cell of the subject came as a line of its own
    return Opening(end, certain=True)


def notes_field(text: str, words: MailWords) -> Field | None:
    """Return which field of a heading of Lotus Notes `text` shows, or None."""
    found = _NOTES_FIELD.match(text)
    field = words.fields.get(fold(found[1]).strip(":")) if found else None
    return field if field in (Field.TO, Field.CC, Field.SUBJECT) else None
