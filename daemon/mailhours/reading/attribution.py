"""Where a quotation begins: attribution lines, header blocks, separators.

No standard says how a mail program introduces what it quotes. These are the forms that the common
programs write, in the languages of `data/mail`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mailhours.reading.headings import CELLS, LINE, Opening, header_block, notes_field
from mailhours.reading.lines import Line, Mark
from mailhours.reading.mailwords import MailWords, fold
from mailhours.reading.signs import (
    QUOTES,
    address_in,
    date_in,
    is_rule,
    looks_quoted,
    next_text,
    quoted_next,
)

_SPAN = 5  # lines that an attribution may be broken over, as Polymail and its like do
_TRAILING = " \t\x0b\x0c\x1c\x1d\x1e\x1f\x85\u1680.-*_"  # what may stand behind its last word
_BRACKETED = re.compile(r"[<(\[«].{0,160}?@[^\s<>]{1,120}[>)\]»]|<mailto:|mailto:\S+@")
_DIGIT = re.compile(r"\d")
_TIME = re.compile(r"(?<!\d)\d{1,2}[:.h]\d\d(?!\d)")
_YEAR = re.compile(r"(?<!\d)(?:20|25)\d\d(?!\d)")  # the 25th century is Thailand's
_EDGE = "-_=—–*~#<>"  # of the characters of which the edges of a separator are made
_EDGES = re.compile(r"^[\s>]*([-_=—–*~#<>]*)\s*(.*?)\s*([-_=—–*~#<>]*)\s*:?\s*([-_=—–*]*)$")
_NAME = re.compile(r"^(?:[^\W\d_a-z][\w.'’-]*,? ?){2,5}$")


def foresee(lines: Sequence[Line], words: MailWords) -> None:
    """Note for each line whether an attribution may end or begin there, or a heading of Notes.

    One short look at each line spares most of them the looks for dates, names and verbs in several.
    """
    quoted = opens = heads = blanks = 0  # for how many lines more, going up
    for line in reversed(lines):
        text = line.text
        if text:
            line.ends = quoted > 0 or _may_end(text, line.raw, words)
            quoted = QUOTES if line.depth or looks_quoted(text) else 0
        elif line.depth:
            quoted = QUOTES
        else:
            quoted -= 1
            blanks += 1
        if line.ends and (text or line.depth):
            opens, blanks = _SPAN + 2, 0
        line.opens = opens > 0 and blanks < 2
        line.heads = heads > 0
        opens -= 1
        heads -= 1
        if notes_field(text, words) is not None:
            heads = CELLS


def _may_end(text: str, raw: str, words: MailWords) -> bool:
    """Say whether an attribution may end with `text` though no quotation follows.

    It ends in a verb, a colon or a bracket. Of a long line the beginning is read, with what stands
    before the text or without.
    """
    if len(raw) > LINE and raw != text and _may_end(raw[:LINE], "", words):
        return True
    ending = text[:LINE].rstrip(_TRAILING)
    last = ending[-2:].lower()
    if last.isascii() and last not in words.verb_lasts:
        return last[-1:] in ("", ":", ">", ")")
    ending = fold(ending).rstrip(_TRAILING)
    return ending[-1:] in ("", ":", ">", ")") or ending.endswith(words.verb_ends)


def opening(lines: Sequence[Line], at: int, words: MailWords) -> Opening | None:
    """Return the opening of a quotation at line `at`, or None."""
    line = lines[at]
    if line.mark is Mark.ATTRIBUTION:
        end = at + 1
        while end < len(lines) and lines[end].mark is Mark.ATTRIBUTION:
            end += 1
        return Opening(end)
    text = line.text
    if is_rule(text):
        following = next_text(lines, at + 1, 6)
        if following is None or lines[following].depth or is_rule(lines[following].text):
            return None
        found = opening(lines, following, words)
        return found if found and not found.prefix else None
    return (
        separator(lines, at, words)
        or header_block(lines, at, words)
        or attribution(lines, at, words)
    )


def separator(lines: Sequence[Line], at: int, words: MailWords) -> Opening | None:
    """Return the opening made by a line such as "-----Original Message-----"."""
    text = lines[at].text
    announces = text.rstrip("* ").endswith(":")
    if len(text) > 120 or not (announces or text[0] in "-_=*—–~<"):
        return None
    if not announces and text[1:2] not in _EDGE and text[-1] not in _EDGE:
        return None  # an item of a list
    found = _EDGES.match(text)
    if found is None or not found[2]:
        return None
    dashes = any(len(edge) >= 2 for edge in (found[1], found[3], found[4]))
    if not dashes and not announces:
        return None
    phrase = fold(found[2]).strip(" *:")
    for names, forwarded in ((words.forwarded, True), (words.original, False)):
        if phrase in names or (dashes and len(phrase) < 90 and phrase.startswith(names)):
            end = at + 1
            following = next_text(lines, end, 3)
            if following is not None and not lines[following].depth:
                block = header_block(lines, following, words)
                found_line = attribution(lines, following, words)
                end = (block or found_line or Opening(end)).end
            return Opening(end, forwarded, certain=True)
    return None


def attribution(lines: Sequence[Line], at: int, words: MailWords) -> Opening | None:
    """Return the opening made by an attribution ("On 12 Nov 2025, X wrote:"), often torn."""
    if not lines[at].opens:
        return None
    text = lines[at].text[:LINE]
    start = _start(text, words)
    if start is None:
        return None
    joined, blanks = text[start:], 0
    for index in range(at, min(at + _SPAN + 2, len(lines))):
        line = lines[index]
        if index > at:
            if not line.text and not line.depth:
                blanks += 1
                if blanks > 1:
                    return None
                continue
            if blanks and not joined.count("<") and line.text[:1] not in ("<", "("):
                return None
            torn = joined.count("<") > joined.count(">")  # an address broken before its ">"
            if (line.depth > lines[at].depth and not torn) or _heads(line.text, words):
                return None
            joined = f"{joined} {line.raw[:LINE] if torn else line.text[:LINE]}"
        if len(joined) > 500:
            return None
        if line.ends and _complete(joined, lines, index + 1, words):
            end = index + 1 + _is_remainder(lines, index + 1, words)
            return Opening(end, prefix=text[:start].rstrip(" -–—"))
        if index > at + _SPAN:
            return None
    return None


def _is_remainder(lines: Sequence[Line], at: int, words: MailWords) -> bool:
    """Say whether line `at` is the end of an attribution that was complete without it."""
    if at >= len(lines) or lines[at].depth or len(lines[at].text) > 30:
        return False
    text = lines[at].text
    return text[-1:] == ":" and (len(text) <= 5 or words.verb.match(fold(text)) is not None)


def _heads(text: str, words: MailWords) -> bool:
    """Say whether `text` opens an attribution of its own, and does not continue one."""
    date = date_in(text[:60])
    if date is None:
        return False
    before = text[: date.start()].split()
    return len(before) <= 3 and not (before and words.verb.match(fold(text)))


def _start(text: str, words: MailWords) -> int | None:
    """Return where in `text` an attribution may begin, or None."""
    date = date_in(text)
    if date is not None:
        before = text[: date.start()]
        lead = words.lead.search(before)
        if lead is not None and "@" not in before:
            return lead.start(1)
        if len(before.split()) <= 4 and len(before) <= 45:
            return 0
        return 0 if "@" in text or words.verb.search(fold(text)) else None
    if "@" in text or "mailto:" in text:
        return 0
    if text[-1] in ":-" or text[0] in "-—":
        return 0
    if len(text) <= 120 and words.verb.search(fold(text)):
        return 0
    return None


def _complete(joined: str, lines: Sequence[Line], after: int, words: MailWords) -> bool:
    """Say whether `joined` is a whole attribution, given what follows it."""
    ending = joined.rstrip("*_ ")
    closed = ending[-1:] in (":", "-", "—", ".", ">", ")", "]", "»", '"') or len(joined) < 120
    if not closed or joined.count("<") > joined.count(">"):
        return False
    quoted = quoted_next(lines, after)
    # who, when or a quotation: without a sign of any, no verb makes it one
    shown = "@" in joined or "mailto:" in joined or _DIGIT.search(joined) is not None
    if not (quoted or shown or ending.startswith("--")):
        return False
    folded = fold(joined)
    verb = words.verb.search(folded)
    if verb is not None and words.verb_at_end.search(folded):
        return _complete_with_verb(joined, ending, quoted=quoted)
    if _complete_with_date(joined, ending, quoted=quoted, verb=verb is not None):
        return True
    if ending[-1:] != ":":
        return False
    if verb is not None and (date_in(joined) or _TIME.search(joined)):
        return quoted or _NAME.match(joined[: verb.start()].strip()) is not None
    return words.quoting.match(folded) is not None and (quoted or "@" in joined)


def _complete_with_verb(joined: str, ending: str, *, quoted: bool) -> bool:
    if ending.startswith("--") and ending.endswith("--"):
        return True
    if _BRACKETED.search(joined) or (ending[-1:] == ":" and address_in(joined)):
        return True
    date = date_in(joined)
    if date is not None and (quoted or _TIME.search(joined) or _named(joined)):
        return True
    return quoted and len(joined) <= 160 and (ending[-1:] == ":" or date is not None)


def _complete_with_date(joined: str, ending: str, *, quoted: bool, verb: bool) -> bool:
    """Say whether a date and an address make `joined` an attribution, in whatever language."""
    if not quoted and "@" not in joined and "mailto:" not in joined:
        return False
    time = _TIME.search(joined)
    date = date_in(joined) or (time and _YEAR.search(joined))
    if date is None:
        return False
    colon = ending[-1:] == ":"
    first = date.start() <= 3
    if _BRACKETED.search(joined) or (colon and address_in(joined)):
        if colon:
            return first or quoted or verb or time is not None
        return (
            ending[-1:] in (">", ")")
            and date.start() <= 30
            and (quoted or (first and time is not None))
        )
    if not quoted:
        return False
    return (colon and len(joined) < 200) or (first and time is not None and len(joined) < 100)


def _named(joined: str) -> bool:
    """Say whether the last words before the verb are a name, not "you" or "the printer"."""
    before = joined.rstrip(" :.-").rsplit(",", 1)[-1].split()
    return sum(1 for word in before if word[:1].isupper()) >= 2
