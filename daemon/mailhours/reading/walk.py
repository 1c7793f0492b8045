"""One walk over the lines of a body: which zone each line belongs to."""

from __future__ import annotations

import re
from collections import Counter

from mailhours.reading.attribution import foresee, opening
from mailhours.reading.headings import field_of
from mailhours.reading.lines import Line, Mark
from mailhours.reading.mailwords import MailWords, fold
from mailhours.reading.signature import contact, disclaimer, footer
from mailhours.reading.signs import is_rule, looks_quoted, next_text, quoted_next
from mailhours.reading.zones import ZoneKind

_INITIALS = re.compile(r"[A-Za-z]{1,4}>(?: |$)")  # "AK> ", as FidoNet and SuperCite quote
_LINK = re.compile(r"[\s<>(\[]*(?:https?://|mailto:)\S*[)\]>\s]*$")
_ANSWER = re.compile(
    r"(?:\[(?P<mark>[^\W\d][^\]\n]{0,40})\]:?"
    r"|(?P<name>[^\W\d_a-z][\w.'-]{1,20}(?: [\w.'-]{1,20})?):)\s+\S"
)
_PICTURE = re.compile(
    r"(?:\[(?:cid:|image|bild|inline image|bilde)[^\]]*\]|<[\w-]+\.(?:png|jpe?g|gif)>)\s*$",
    re.IGNORECASE,
)
_ARMOUR = re.compile(r"-----(BEGIN|END) PGP ([A-Z ]{3,30})-----")
_RULED = 8  # lines below a rule that may be a signature


def zone_kinds(lines: list[Line], words: MailWords) -> list[ZoneKind | None]:
    """Return the zone of each line; None for an empty line, which belongs to what stands above."""
    foresee(lines, words)
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
        if line.text[0] == "-" and _ARMOUR.match(line.text):
            return self._armour(at)
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

    def _armour(self, at: int) -> int:
        """OpenPGP armour (RFC 9580 section 6): its head hides, its signature ends the text."""
        found = _ARMOUR.match(self.lines[at].text)
        signature = found is not None and found[2] == "SIGNATURE"
        end = at + 1
        while end < len(self.lines) and (signature or self.lines[end].text):
            ended = _ARMOUR.match(self.lines[end].text)
            end += 1
            if ended is not None:
                break
        for index in range(at, end):
            if self.lines[index].text:
                self.kinds[index] = ZoneKind.SIGNATURE
        return end

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
        names = self._answering(start)
        answering = False
        for index in range(start, len(self.lines)):
            line = self.lines[index]
            if not line.text:
                answering = False
                continue
            found = _ANSWER.match(line.text) if names else None
            if found is not None:
                answering = (found["mark"] or found["name"]) in names
            self.kinds[index] = ZoneKind.NEW if answering else kind

    def _announced(self) -> bool:
        """Say whether the writer says that answers stand below."""
        new = [
            line.text[:200]
            for line, kind in zip(self.lines, self.kinds, strict=True)
            if kind is ZoneKind.NEW
        ]
        folded = fold("\n".join(new[:40]))
        return any(words in folded for words in self.words.inline)

    def _answering(self, start: int) -> frozenset[str]:
        """Return the name that answers in the quotation from `start` on ("[Ole Hansen] Yes.")."""
        if not self._announced():
            return frozenset()
        marks: Counter[str] = Counter()
        names: Counter[str] = Counter()
        for line in self.lines[start:]:
            found = _ANSWER.match(line.text)
            if found is None:
                continue
            if found["mark"]:
                marks[found["mark"]] += 1
            elif field_of(line.text, self.words) is None:
                names[found["name"]] += 1
        own = [mark for mark in marks if not self.words.ignored_answers & {*fold(mark).split()}]
        often = [name for name, count in names.items() if count > 1]
        if own:
            return frozenset(own[:1])
        return frozenset(often) if len(often) == 1 else frozenset()

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
        if self.below is ZoneKind.NEW and self.written and self._delimits(at):
            self.below = self.kinds[at] = ZoneKind.SIGNATURE
            return at + 1
        if self.below is ZoneKind.NEW and not self.written and text == "--":
            self.kinds[at] = self.below = ZoneKind.SIGNATURE
            return at + 1
        if text[0] in "[<" and _PICTURE.match(text):
            self.kinds[at] = ZoneKind.FOOTER
            return at + 1
        if not self.written and self._is_banner(at):
            while at < len(self.lines) and self.lines[at].text:
                self.kinds[at] = ZoneKind.FOOTER
                at += 1
            return at
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
        return at + 1

    def _is_disclaimer(self, at: int) -> bool:
        if at and self.lines[at - 1].text and self.kinds[at - 1] is not ZoneKind.FOOTER:
            return False
        return disclaimer(self._paragraph(at), self.words)

    def _is_banner(self, at: int) -> bool:
        """Say whether a mail server warns here of what comes from outside."""
        paragraph = fold(self._paragraph(at))
        return 20 < len(paragraph) < 600 and any(words in paragraph for words in self.words.banner)

    def _paragraph(self, at: int) -> str:
        pieces: list[str] = []
        for line in self.lines[at : at + 30]:
            if not line.text or line.depth:
                break
            pieces.append(line.text)
        return " ".join(pieces)

    def _delimits(self, at: int) -> bool:
        """Say whether the rule at `at` stands above a signature, not between two parts."""
        text = self.lines[at].text
        if text in ("--", "—", "- --"):
            return True
        if text[0] not in "_-—=*~" or len(text) < 3 or not is_rule(text):
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
