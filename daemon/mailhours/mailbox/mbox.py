"""mbox files (RFC 4155 and its older relations), read in place: where each mail begins and ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from mmap import mmap

from mailhours.model.header import fields
from mailhours.model.raw import RawMail

# A From_ line names a sender and a moment. One without a moment is somebody's sentence that began
# with "From" and was not quoted.
_FROM = re.compile(rb"From \S.*\b\d{1,2}:\d\d(?::\d\d)?\b.*\b\d{4}\b|From .*\b\d{4} \d\d:\d\d")
_MOMENT = re.compile(
    rb"(?P<month>[A-Z][a-z]{2}) +(?P<day>\d{1,2}) (?P<time>\d{1,2}:\d\d(?::\d\d)?)"
    rb"(?: (?P<zone>[+-]\d{4}))?(?: [A-Z]{2,5})? (?P<year>\d{4})(?: (?P<late>[+-]\d{4}))?"
)
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_LINE = 1000


def looks_like(beginning: bytes) -> bool:
    """Say whether a file that begins so is an mbox."""
    return _FROM.match(beginning.partition(b"\n")[0]) is not None


def spans(data: mmap) -> Iterator[tuple[int, int, int]]:
    """Yield for each mail where its From_ line begins, and where the mail begins and ends."""
    begun = 0
    at = 0
    while at >= 0:
        at = data.find(b"\nFrom ", at)
        if at >= 0 and not (_is_blank_before(data, at) and looks_like(data[at + 1 : at + _LINE])):
            at += 1
            continue
        end = len(data) if at < 0 else at + 1
        start = data.find(b"\n", begun, end) + 1
        if start and start < end:
            # The blank line before a From_ line is the mbox's, not the mail's.
            tail = data[end - 4 : end]
            blank = 2 if tail == b"\r\n\r\n" else 1 if tail.endswith(b"\n\n") else 0
            yield begun, start, end - blank
        if at >= 0:
            begun = at = at + 1


def _is_blank_before(data: mmap, at: int) -> bool:
    return data[at - 1 : at] == b"\n" or data[at - 2 : at] == b"\n\r" or at == 0


def arrival(header: bytes, line: bytes = b"") -> datetime | None:
    """Return when a mail came, UTC: by the newest Received, else its Date, else its From_ line.

    Programs that write an mbox put the moment of writing into the From_ line, and a file that was
    copied is as old as the copy.
    """
    return received(header) or date(header) or _of_line(line)


def received(header: bytes) -> datetime | None:
    """Return when the last server took a mail (the newest Received), UTC; None when none says."""
    for name, value in fields(header):
        if name == "received" and (at := _parsed(value.rpartition(b";")[2])):
            return at
    return None


def date(header: bytes) -> datetime | None:
    """Return the Date of a header block, UTC; None when there is none to be had."""
    value = next((value for name, value in fields(header) if name == "date"), b"")
    return _parsed(value)


def _of_line(line: bytes) -> datetime | None:
    if not (moment := _MOMENT.search(line)):
        return None
    zone = moment["zone"] or moment["late"] or b"+0000"
    time = moment["time"] if moment["time"].count(b":") == 2 else moment["time"] + b":00"
    return _parsed(b" ".join((moment["day"], moment["month"], moment["year"], time, zone)))


def _parsed(text: bytes) -> datetime | None:
    try:
        at = parsedate_to_datetime(text.decode("ascii", "replace").strip())
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def unquoted(raw: RawMail) -> RawMail:
    """Take the quotes from `>From ` lines of the text (mboxo quotes once, mboxrd any number)."""
    parts = tuple(
        replace(part, content=_QUOTED.sub(rb"\1", part.content))
        if b"\n>" in part.content or part.content.startswith(b">")
        else part
        for part in raw.parts
    )
    return replace(raw, parts=parts)
