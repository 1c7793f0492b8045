"""Tests of the robot table: what a mail consists of (reports, calendars, ciphers).

Each returns the words that show it, or the empty string; nothing here raises. The verdicts stand in
`automation.py`.
"""

from __future__ import annotations

import re

from mailhours.reading.letter import Letter
from mailhours.reading.mime import transfer

_METHOD = re.compile(rb"^METHOD(?:;[^:\r\n]*)?:[ \t]*([A-Za-z-]+)", re.MULTILINE | re.IGNORECASE)
_REPORTS = frozenset(
    (
        *("multipart/report", "message/delivery-status", "message/global-delivery-status"),
        *("message/disposition-notification", "message/global-disposition-notification"),
        *("message/feedback-report", "message/tracking-status"),
    )
)


def report(letter: Letter) -> str:
    """A report of delivery, reading or abuse, as a whole or as a part."""
    for node in letter.raw.tree:
        if _is_report(node.content_type) and not _inside_attached(letter, node.section):
            return f"{node.content_type} {node.params.get('report-type', '')}".strip()
    return ""


def report_attached(letter: Letter) -> str:
    """A report inside an attached mail: somebody forwards it."""
    for node in letter.raw.tree:
        if _is_report(node.content_type) and _inside_attached(letter, node.section):
            return f"attached: {node.content_type}"
    return ""


def calendar(letter: Letter) -> str:
    """An invitation or an answer to one: a calendar part with a METHOD, or Exchange's class."""
    for node in letter.raw.tree:
        if node.content_type in ("text/calendar", "application/ics"):
            method = node.params.get("method", "").strip('"').upper()
            if method and method != "PUBLISH":
                return f"{node.content_type}; method={method}"
    for part in letter.raw.parts:
        if part.content_type == "text/calendar":
            method_line = _METHOD.search(transfer(part.content[:16_384], part.encoding))
            if method_line and method_line[1].upper() != b"PUBLISH":
                return f"METHOD:{method_line[1].decode('ascii').upper()}"
    found = letter.opened.first("content-class")
    if found.lower().endswith("calendarmessage"):
        return f"Content-Class: {found}"
    is_calendar = any(
        a.content_type in ("text/calendar", "application/ics") for a in letter.raw.attachments
    )
    subject = letter.words.calendar.at(letter.subject) if is_calendar else ""
    return f"Subject: {subject}, with a calendar" if subject else ""


def not_a_text(letter: Letter) -> str:
    """The whole mail is a piece of one, a reference to one, or another mail."""
    top = letter.raw.tree[0].content_type if letter.raw.tree else ""
    return top if top in ("message/partial", "message/external-body", "message/rfc822") else ""


def encrypted(letter: Letter) -> str:
    """An encrypted mail may be answered, but nothing of it quoted, its subject neither."""
    top = letter.raw.tree[0] if letter.raw.tree else None
    if top is None:
        return ""
    kind = top.params.get("smime-type", "").lower()
    is_smime = top.content_type in ("application/pkcs7-mime", "application/x-pkcs7-mime")
    if top.content_type == "multipart/encrypted" or (is_smime and not kind.startswith("signed")):
        return top.content_type
    return ""


def _is_report(content_type: str) -> bool:
    return content_type in _REPORTS


def _inside_attached(letter: Letter, section: str) -> bool:
    return any(
        node.content_type in ("message/rfc822", "message/global")
        and section.startswith(f"{node.section}.")
        for node in letter.raw.tree
    )
