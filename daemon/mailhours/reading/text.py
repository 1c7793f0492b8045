"""The visible text of a mail: what its writer wrote anew, apart from all that hangs on it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from mailhours.reading.attribution import is_rule, looks_quoted, next_text, opening, quoted_next
from mailhours.reading.html import from_html
from mailhours.reading.lines import Line, Mark, from_plain
from mailhours.reading.mailwords import MailWords, fold, mail_words
from mailhours.reading.signature import closing, contact, disclaimer, footer, signature_start
from mailhours.reading.zones import Zone, ZoneKind, Zones

_INITIALS = re.compile(
    r"[A-Za-z]{1,4}>(?: |$)"
)  # "AK> ", the quotation mark of FidoNet and SuperCite
_LINK = re.compile(r"[\s<>(\[]*(?:https?://|mailto:)\S*[)\]>\s]*$")
_ANSWER = re.compile(r"\[([^\W\d][^\]\n]{0,40})\]:?\s+\S")
_RULED = 8  # lines below a rule that may be a signature
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
    kinds = _kinds(lines, words)
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


def _kinds(lines: list[Line], words: MailWords) -> list[ZoneKind | None]:
    """Return the zone of each line; None for an empty line, which belongs to what stands above."""
    walk = _Walk(lines, words)
    at = 0
    while at < len(lines):
        at = walk.step(at)
    walk.only_quoted()
    return walk.kinds


class _Walk:
    """One pass over the lines, top to bottom; `below` is what a line is when nothing marks it."""

    def __init__(self, lines: list[Line], words: MailWords) -> None:
        self.lines = lines
        self.words = words
        self.kinds: list[ZoneKind | None] = [None] * len(lines)
        self.below = ZoneKind.NEW
        self.written = False  # something new stands above
        self.inline = False  # the writer says that the answers stand below
        self.attributed = False

    def step(self, at: int) -> int:
        """Judge the line `at` and return the next line to judge."""
        line = self.lines[at]
        if not line.text and not line.depth:
            return at + 1
        if line.mark is Mark.QUOTED or line.depth:
            return self._quoted(at)
        if line.mark is Mark.REST_QUOTED:
            return self._open(at, at, ZoneKind.QUOTED, certain=True)
        if line.mark is Mark.SIGNATURE:
            self.kinds[at] = ZoneKind.SIGNATURE
            return at + 1
        if looks_quoted(line.text) or _INITIALS.match(line.text):
            end = self._other_marks(at)
            if end > at:
                return end
        found = opening(self.lines, at, self.words)
        if found is not None:
            self.attributed = True
            if found.prefix and self.below is ZoneKind.NEW:
                self.lines[at].raw = line.raw[line.raw.find(line.text) :]
                self._split(at, found.prefix)
                return at + 1
            kind = ZoneKind.FORWARDED if found.forwarded else ZoneKind.QUOTED
            return self._open(at, found.end, kind, certain=found.certain)
        return self._hanging(at)

    def _split(self, at: int, prefix: str) -> None:
        """Make two lines of one: what was written before an attribution, and the attribution."""
        whole = self.lines[at]
        rest = whole.text[len(prefix) :].lstrip(" -–—")
        self.lines[at] = Line(prefix, prefix)
        self.lines.insert(at + 1, Line(rest, rest))
        self.kinds.insert(at + 1, None)
        self.kinds[at] = ZoneKind.NEW
        self.written = True

    def _open(self, at: int, end: int, kind: ZoneKind, *, certain: bool) -> int:
        """A quotation opens at `at`, its heading ends before `end`."""
        for index in range(at, end):
            if self.lines[index].text:
                self.kinds[index] = ZoneKind.ATTRIBUTION
        if quoted_next(self.lines, end):
            self.below = ZoneKind.NEW
            return self._other_marks(next_text(self.lines, end) or end) if end > at else end
        if self.written or certain:
            self._rest(end, kind)
            return len(self.lines)
        self.below = ZoneKind.NEW
        return end

    def _rest(self, start: int, kind: ZoneKind) -> None:
        """Everything from `start` on is quoted, apart from answers marked with a name."""
        answering = False
        for index in range(start, len(self.lines)):
            line = self.lines[index]
            if not line.text:
                answering = False
                continue
            found = _ANSWER.match(line.text) if line.text[0] == "[" else None
            if found is not None:
                name = fold(found[1])
                answering = name.split(":")[0] not in self.words.ignored_answers and (
                    " " in name or self.inline
                )
            self.kinds[index] = ZoneKind.NEW if answering else kind

    def _quoted(self, at: int) -> int:
        """A line with quotation marks; takes a torn rest of it along."""
        line = self.lines[at]
        self.kinds[at] = ZoneKind.QUOTED
        self.below = ZoneKind.NEW
        following = at + 1
        if following >= len(self.lines) or line.mark is Mark.QUOTED:
            return following
        after = self.lines[following]
        if after.depth or not after.text:
            return following
        again = following + 1 < len(self.lines) and self.lines[following + 1].depth > 0
        torn = len(line.raw) >= 60 and len(after.raw) <= 30 and after.text[:1].islower()
        if again and (torn or _LINK.match(after.text)):
            self.kinds[following] = ZoneKind.QUOTED
            return following + 1
        return following

    def _other_marks(self, at: int) -> int:
        """Take lines with "|", "»" or initials: two that stand together, or one introduced."""
        end = at
        while end < len(self.lines) and not self.lines[end].depth:
            text = self.lines[end].text
            if not looks_quoted(text) and not _INITIALS.match(text):
                break
            end += 1
        above = next((kind for kind in reversed(self.kinds[max(0, at - 3) : at]) if kind), None)
        introduced = above is ZoneKind.ATTRIBUTION
        table = (
            all(self.lines[index].text.endswith("|") for index in range(at, end)) and end - at > 1
        )
        if end - at < (1 if introduced else 2) or (table and not introduced):
            return at
        for index in range(at, end):
            self.kinds[index] = ZoneKind.QUOTED
            self.lines[index].depth = 1
            self.lines[index].text = self.lines[index].text.lstrip("|»│┃¦ ")
        self.below = ZoneKind.NEW
        return end

    def _hanging(self, at: int) -> int:
        """A line that opens no quotation: text, or something that hangs on below it."""
        line, words = self.lines[at], self.words
        text = line.text
        if self.below is ZoneKind.NEW and self.written and is_rule(text) and self._delimits(at):
            self.below = self.kinds[at] = ZoneKind.SIGNATURE
            return at + 1
        if self.below is ZoneKind.NEW and not self.written and text == "--":
            self.kinds[at] = self.below = ZoneKind.SIGNATURE
            return at + 1
        if footer(text, words):
            self.kinds[at] = ZoneKind.FOOTER
            if self.written:
                self.below = (
                    ZoneKind.SIGNATURE if self.below is ZoneKind.SIGNATURE else ZoneKind.FOOTER
                )
            return at + 1
        if self.written and self.below is not ZoneKind.DISCLAIMER and self._is_disclaimer(at):
            self.below = ZoneKind.DISCLAIMER
        kind = self.below
        if kind is ZoneKind.FOOTER:
            kind = ZoneKind.QUOTED  # what stands below a phone's footer is what it answers
        self.kinds[at] = kind
        if kind is ZoneKind.NEW:
            self.written = True
            if not self.inline and len(text) < 120:
                folded = fold(text)
                self.inline = any(word in folded for word in words.inline)
        return at + 1

    def _is_disclaimer(self, at: int) -> bool:
        if at and self.lines[at - 1].text and self.kinds[at - 1] is not ZoneKind.FOOTER:
            return False
        pieces: list[str] = []
        for line in self.lines[at : at + 30]:
            if not line.text or line.depth:
                break
            pieces.append(line.text)
        return disclaimer(" ".join(pieces), self.words)

    def _delimits(self, at: int) -> bool:
        """Say whether the rule at `at` stands above a signature, not between two parts."""
        text = self.lines[at].text
        if text in ("--", "—"):
            return True
        if text[0] not in "_-—=*" or len(text) < 3:
            return False
        below: list[str] = []
        for index in range(at + 1, len(self.lines)):
            line = self.lines[index]
            if line.depth or (line.text and opening(self.lines, index, self.words)):
                break
            if line.text:
                below.append(line.text)
            if len(below) > _RULED:
                return False
        if not below:
            return True
        return (
            len(below) <= _RULED
            and not any(row.endswith("?") for row in below)
            and (len(below) <= 2 or any(contact(row, self.words) for row in below))
        )

    def only_quoted(self) -> None:
        """A mail of nothing but quotation marks, introduced by nobody, is its writer's own text."""
        if self.written or self.attributed:
            return
        filled = [index for index, kind in enumerate(self.kinds) if kind]
        if any(self.kinds[index] is not ZoneKind.QUOTED for index in filled):
            return
        for index in filled:
            if self.lines[index].mark is not Mark.QUOTED:
                self.kinds[index] = ZoneKind.NEW


def _signatures(lines: Sequence[Line], kinds: list[ZoneKind | None], words: MailWords) -> None:
    """Turn the signature at the end of each new stretch into a zone of its own."""
    at = 0
    while at < len(lines):
        if kinds[at] is not ZoneKind.NEW:
            at += 1
            continue
        end = at
        while end < len(lines) and kinds[end] in (ZoneKind.NEW, None):
            end += 1
        following = kinds[end] if end < len(lines) else None
        followed = following in (ZoneKind.FOOTER, ZoneKind.DISCLAIMER, ZoneKind.SIGNATURE)
        found = signature_start([line.text for line in lines[at:end]], words, followed=followed)
        if found is not None:
            for index in range(at + found[0], at + found[1]):
                kinds[index] = ZoneKind.SIGNATURE if lines[index].text else None
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
        run = lines[at : at + sum(1 for _ in group)]
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
