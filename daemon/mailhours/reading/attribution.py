"""Where a quotation begins: attribution lines, header blocks, separators.

No standard says how a mail program introduces what it quotes. These are the forms that the common
programs write, in the languages of `data/mail`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from mailhours.reading.lines import Line, Mark
from mailhours.reading.mailwords import Field, MailWords, fold

_LINE = 300  # characters of a line that are looked at: attributions are short
_SPAN = 5  # lines that an attribution may be broken over, as Polymail and its like do
_MONTH = r"[^\W\d_]{3,12}+"
DATE = re.compile(
    r"(?<!\d)(?=\d)(?:"
    r"\d{1,2}[./-] ?\d{1,2}[./-] ?\d{2,4}(?!\d)"
    r"|\d{4} ?[./-] ?\d{1,2} ?[./-] ?\d{1,2}(?!\d)"
    r"|\d{1,2}(?:st|nd|rd|th|er|\.|º)?[ -](?:de |of |d')?" + _MONTH + r"[.,]{0,2}[ -]"
    r"(?:de |del |of |г\. )?(?:\d{4}|\d{2}(?=[, ]))"
    r"|\d{1,2}(?:st|nd|rd|th|er|\.|º)?[ -](?:de |of |d')?" + _MONTH + r"[.,]{0,2},? "
    r"(?:[^\W\d]{1,5}\.?,? )?\d{1,2}[:.h]\d\d"
    r"|\d{4} ?[年년]"
    r"|\d{4}\.? " + _MONTH + r"\.? \d{1,2}"
    r")"
    r"|(?<![^\W_])" + _MONTH + r"\.? \d{1,2}(?:st|nd|rd|th|\.)?,? (?:\d{4}|(?:at )?\d{1,2}:\d\d)"
)
ADDRESS = re.compile(r"[\w.+'/=-]{1,80}@[\w-]{1,63}(?:\.[\w-]{1,63})+|<?mailto:")
_BRACKETED = re.compile(r"[<(\[«].{0,160}?@[^\s<>]{1,120}[>)\]»]|<mailto:|mailto:\S+@")
_TIME = re.compile(r"(?<!\d)\d{1,2}[:.h]\d\d(?!\d)")
_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"(?<!\d)(?:20|25)\d\d(?!\d)")  # the 25th century is Thailand's
_RULE = re.compile(r"^[\s>*]*[-_=—–~*#]{2,}[\s\-_=—–~*#]*$")
_EDGES = re.compile(r"^[\s>]*([-_=—–*~#<>]*)\s*(.*?)\s*([-_=—–*~#<>]*)\s*:?\s*([-_=—–*]*)$")
_FIELD = re.compile(r"^[\s*_>|•\-\[]{0,8}([^\W\d][^:\n]{0,28}?)[\s*_\]]{0,4}:[*_]{0,2}")
_NOTES_FIELD = re.compile(r"^(\S{1,12})(?:\t| {2,}|$)")
_NAME = re.compile(r"^(?:[^\W\d_a-z][\w.'’-]*,? ?){2,5}$")


@lru_cache(maxsize=8)  # a line is asked several times
def date_in(text: str) -> re.Match[str] | None:
    """Return the first date in `text`; most lines have no digit and are not searched."""
    return DATE.search(text) if _DIGIT.search(text) else None


def address_in(text: str) -> re.Match[str] | None:
    """Return the first mail address in `text`; most lines have no sign of one."""
    return ADDRESS.search(text) if "@" in text or "mailto:" in text else None


@dataclass(frozen=True, slots=True)
class Opening:
    """Lines that open a quotation: up to `end` (exclusive); `prefix` is new text before it.

    `certain` says that a separator or header block opens it, below which nobody answers.
    """

    end: int
    forwarded: bool = False
    prefix: str = ""
    certain: bool = False


def next_text(lines: Sequence[Line], at: int, reach: int = 4) -> int | None:
    """Return the index of the next line with text at or after `at`, within `reach` lines."""
    for index in range(at, min(at + reach, len(lines))):
        if lines[index].text or lines[index].depth:
            return index
    return None


def is_rule(text: str) -> bool:
    """Say whether `text` is nothing but dashes or their like."""
    return bool(text) and text[0] in "-_=—–~*#>" and _RULE.match(text) is not None


def quoted_next(lines: Sequence[Line], at: int) -> bool:
    """Say whether the next text at or after `at` carries quotation marks."""
    index = next_text(lines, at)
    return index is not None and (lines[index].depth > 0 or looks_quoted(lines[index].text))


def looks_quoted(text: str) -> bool:
    """Say whether `text` starts with a quotation mark other than ">"."""
    return text[:1] in ("|", "»", "│", "┃", "¦") and (len(text) == 1 or text[1] in " |»│")


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
    if len(text) > 120 or not (text[0] in "-_=*—–~<" or text.rstrip("* ")[-1:] == ":"):
        return None
    found = _EDGES.match(text)
    if found is None or not found[2]:
        return None
    dashes = sum(1 for edge in (found[1], found[3], found[4]) if len(edge) >= 2)
    phrase = fold(found[2]).strip(" *:")
    if not dashes and not (text.rstrip("* ").endswith(":")):
        return None
    for names, forwarded in ((words.forwarded, True), (words.original, False)):
        for name in names:
            if phrase == name or (dashes and len(phrase) < 90 and phrase.startswith(name)):
                end = at + 1
                following = next_text(lines, end, 3)
                if following is not None and not lines[following].depth:
                    block = header_block(lines, following, words)
                    found_line = attribution(lines, following, words)
                    end = (block or found_line or Opening(end)).end
                return Opening(end, forwarded, certain=True)
    return None


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
    block = [lines[index].text[:_LINE] for index in range(at, end)]
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
    if len(text) > 160 or not (address_in(text) or date_in(text)):
        return None
    fields: set[Field] = set()
    end = at
    for index in range(at + 1, min(at + 16, len(lines))):
        if lines[index].depth:
            break
        found = _NOTES_FIELD.match(lines[index].text)
        field = words.fields.get(fold(found[1]).strip(":")) if found else None
        if field is not None and field in (Field.TO, Field.CC, Field.SUBJECT):
            fields.add(field)
            end = index + 1
    if not {Field.TO, Field.SUBJECT} <= fields:
        return None
    if end < len(lines) and _NOTES_FIELD.match(lines[end - 1].text) and lines[end].text:
        after = _NOTES_FIELD.match(lines[end - 1].text)
        if after and after.end() == len(lines[end - 1].text):
            end += 1  # the cell of the subject came as a line of its own
    return Opening(end, certain=True)


def attribution(lines: Sequence[Line], at: int, words: MailWords) -> Opening | None:
    """Return the opening made by an attribution ("On 12 Nov 2025, X wrote:"), often torn."""
    text = lines[at].text[:_LINE]
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
            joined = f"{joined} {line.raw[:_LINE] if torn else line.text[:_LINE]}"
        if len(joined) > 500:
            return None
        verdict = _complete(joined, lines, index + 1, words)
        if verdict:
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
