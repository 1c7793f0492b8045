"""The visible text of a mail: what its writer wrote anew, apart from all that hangs on it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from mailhours.reading.html import from_html
from mailhours.reading.lines import Line, from_plain
from mailhours.reading.mailwords import MailWords, fold, mail_words
from mailhours.reading.signature import closing, signature_start
from mailhours.reading.walk import zone_kinds
from mailhours.reading.zones import Zone, ZoneKind, Zones

_QUESTION = 500  # characters of a quoted question that are kept


def visible(plain: str | None, html: str | None) -> Zones:
    """Return the zones of a body given as text/plain, as text/html, or both; never raises.

    The plain text is read unless it is empty or says only that the mail is HTML.
    """
    words = mail_words()
    if html and (not plain or _is_placeholder(plain, words)):
        lines = from_html(html)
    else:
        lines = from_plain(plain or "")
    kinds = zone_kinds(lines, words)
    _signatures(lines, kinds, words)
    return _zones(lines, kinds)


def _is_placeholder(plain: str, words: MailWords) -> bool:
    text = plain.strip()
    if not text:
        return True
    if len(text) > 400:
        return False
    folded = fold(text)
    return any(phrase in folded for phrase in words.placeholder)


def _signatures(lines: Sequence[Line], kinds: list[ZoneKind | None], words: MailWords) -> None:
    """Turn the signature at the end of each new stretch into a zone of its own."""
    at, above = 0, False
    while at < len(lines):
        if kinds[at] is not ZoneKind.NEW:
            at += 1
            continue
        end = at
        while end < len(lines) and kinds[end] in (ZoneKind.NEW, None):
            end += 1
        following = kinds[end] if end < len(lines) else None
        followed = following in (ZoneKind.FOOTER, ZoneKind.DISCLAIMER, ZoneKind.SIGNATURE)
        found = signature_start(
            [line.text for line in lines[at:end]], words, above=above, followed=followed
        )
        if found is not None:
            for index in range(at + found[0], at + found[1]):
                kinds[index] = ZoneKind.SIGNATURE if lines[index].text else None
        above = above or found is None or found[0] > 0
        at = end


def _zones(lines: Sequence[Line], kinds: Sequence[ZoneKind | None]) -> Zones:
    filled: list[ZoneKind] = []
    kind = next((kind for kind in kinds if kind), ZoneKind.NEW)
    for own in kinds:
        kind = own or kind
        filled.append(kind)
    zones: list[Zone] = []
    pieces: list[str] = []
    replies: list[tuple[int, int, str]] = []
    length = at = 0
    quoted: list[Line] = []
    for zone, group in groupby(filled):
        run = lines[at : at + len(list(group))]
        at += len(run)
        zones.append(Zone(zone, "\n".join(line.raw for line in run)))
        if zone is ZoneKind.QUOTED:
            quoted = list(run)
        if zone is not ZoneKind.NEW:
            continue
        text = _compact([line.raw for line in run])
        if not text:
            continue
        if pieces:
            length += 2
        if quoted:
            question = _question(quoted)
            if question:
                replies.append((length, length + len(text), question))
            quoted = []
        pieces.append(text)
        length += len(text)
    return Zones("\n\n".join(pieces), tuple(replies), tuple(zones))


def _compact(rows: Sequence[str]) -> str:
    """Return `rows` as text without empty lines at its ends and without two of them together."""
    kept: list[str] = []
    for row in rows:
        if row.strip() or (kept and kept[-1]):
            kept.append(row if row.strip() else "")
    while kept and not kept[-1]:
        kept.pop()
    return "\n".join(kept)


def _question(quoted: Sequence[Line]) -> str:
    """Return the last paragraph of a quotation that is not a sign-off."""
    words = mail_words()
    paragraphs: list[list[str]] = [[]]
    for line in quoted:
        if not line.text:
            paragraphs.append([])
        elif line.depth <= 1:
            paragraphs[-1].append(line.text)
    for paragraph in reversed(paragraphs):
        body = paragraph
        for index, text in enumerate(paragraph):
            if closing(text, words) is not None:
                body = paragraph[:index]
                break
        if body:
            return " ".join(body)[-_QUESTION:]
    return ""
