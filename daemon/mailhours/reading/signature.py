"""What hangs on below the text: sign-off with its block, phone footers, disclaimers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mailhours.reading.mailwords import PUNCTUATION, WORD_HEAD, MailWords, fold
from mailhours.reading.signs import NUMERIC_DATE, address_in

_AROUND = PUNCTUATION + "/"
_TAIL = 30  # lines of a stretch, from its end, in which a sign-off is looked for
_PHONE = re.compile(r"\+?\(?\d[\d ()/.\-–]{5,}\d")
_WEB = re.compile(
    r"(?:https?://|www\.)\S{3,}|(?<![\w@.])[\w-]{2,}\.(?:com|net|org|eu|io|no|se|dk|fi|hr|rs|si|de"
    r"|at|ch|ru|ua|fr|be|es|it|pt|br|nl|pl|cz|sk|hu|tr|uk)\b(?!\.\w)"
)
_LABELLED = re.compile(r"[^\w\s]{0,3}[^\W\d]{1,12}\.?(?: ?/ ?[^\W\d]{1,8})?\s?[.:]\s?\+?\(?\d")
_NAME = re.compile(r"[^\W\d_][\w.'’\-–]*(?:[ ,&/|]+[\w.'’\-–&()]+){0,5},?")
_BESIDE = 6  # words that may stand beside contact data; more are a sentence that names it


def contact(text: str, words: MailWords) -> int:
    """Return how much contact data a line shows: telephone, address, web, registration."""
    if len(text) > 160 or text.endswith("?"):
        return 0
    found = 0
    if sum(part.isalpha() for part in text.split()) <= _BESIDE:
        phone = _PHONE.search(text)
        if phone is not None and NUMERIC_DATE.match(phone.group()) is None:
            digits = sum(character.isdigit() for character in phone.group())
            found += digits >= 8 or (digits >= 6 and _LABELLED.match(text) is not None)
        found += address_in(text) is not None
        found += _WEB.search(text) is not None and not (found and "@" in text)
    return found or (len(text) <= 120 and words.registration.search(fold(text)) is not None)


def footer(text: str, words: MailWords) -> bool:
    """Say whether `text` is a line that a program or provider adds ("Sent from my iPhone")."""
    if len(text) > 170 or ("?" in text and "?" in text.split("<", 1)[0].split("http", 1)[0]):
        return False
    folded = fold(text.replace("[", " "))
    head = folded[:3].partition(" ")[0]
    if head.isalnum() and not (head in words.footer_heads or head[:2] in words.footer_heads):
        for word in words.footer_words:
            if word in folded:
                break
        else:
            return False  # most lines are done with here
    return words.footer.match(folded[:200]) is not None


def disclaimer(paragraph: str, words: MailWords) -> bool:
    """Say whether `paragraph` says that the mail is confidential and what to do if it strayed."""
    if len(paragraph) < 40:
        return False
    folded = fold(paragraph[:1500])
    heads = {word[:WORD_HEAD] for word in folded.split(" ")} if len(paragraph) >= 50 else set()
    if any(
        phrase in folded for head in heads & words.strong.keys() for phrase in words.strong[head]
    ):
        return True
    if len(paragraph) < 80 or not any(stem in folded for stem in words.secret):
        return False
    return sum(stem in folded for stem in words.about) >= 2


def closing(text: str, words: MailWords) -> str | None:
    """Return the name that stands behind a sign-off in `text` ("" if none), None if it is none."""
    if len(text) > 90:
        return None
    text = text.strip(_AROUND)
    first, *_ = text.split(maxsplit=1) or [""]
    # folding may make of a word several, or nothing but marks
    head = fold(first).lstrip(PUNCTUATION).partition(" ")[0].rstrip(PUNCTUATION)
    if head and head not in words.closing_heads:
        return None  # most lines are done with here
    parts = text.split()
    if not parts or len(parts) > 14:
        return None
    folded = [fold(part) for part in parts]
    for start in range(min(5, len(parts))):
        if start and not _is_thanks(folded[:start], words):
            continue
        for end in range(min(len(parts), start + 6), start, -1):
            if " ".join(folded[start:end]).strip(PUNCTUATION) not in words.closings and (
                " ".join(folded[start:end]) not in words.closings
            ):
                continue
            name = " ".join(parts[end:]).strip(_AROUND)
            if name and fold(name).split(" ", 1)[0] in ("/", "|", "i", "and", "og", "und", "och"):
                name = ""
            if _is_second_closing(name, words):
                return ""
            if not name or is_name(name):
                return name
    return None


def _is_second_closing(name: str, words: MailWords) -> bool:
    return "/" in name and fold(name.rsplit("/", 1)[-1]).strip(PUNCTUATION) in words.closings


def _is_thanks(folded: Sequence[str], words: MailWords) -> bool:
    joined = " ".join(folded).strip(PUNCTUATION)
    for length in range(len(folded), 0, -1):
        if " ".join(folded[:length]).strip(PUNCTUATION) in words.thanks:
            return len(folded) - length <= 1
    return joined in words.thanks


def is_name(text: str) -> bool:
    """Say whether `text` can be a person's or a firm's name: few words, most of them capital."""
    if len(text) > 60 or text[-1:] in "?!:" or not _NAME.fullmatch(text):
        return False
    parts = [part for part in re.split(r"[ ,&/|]+", text) if part]
    capital = sum(1 for part in parts if part[:1].isupper() or not part[:1].islower())
    return len(parts) <= 6 and capital * 2 >= len(parts) and not parts[0][:1].islower()


def _is_sentence(text: str) -> bool:
    """Say whether `text` reads as running text, not as a line of a signature."""
    if text.endswith("?"):
        return True
    count = len(text.split())
    return count > 14 or (count >= 5 and text[-1:] in ".!:" and not any(map(str.isdigit, text)))


def signature_start(
    texts: Sequence[str], words: MailWords, *, above: bool, followed: bool
) -> tuple[int, int] | None:
    """Return the lines (half-open) of the signature in `texts`, one new stretch, or None.

    `above` says that new text stands above the stretch, `followed` that a footer or disclaimer
    stands below. A bare sign-off ("Best regards, Anna") belongs to the text; it is a signature
    where a block of it follows (title, firm, telephone), or a footer or disclaimer.
    """
    texts = [text.replace("*", "").strip() if "*" in text else text for text in texts]
    filled = [index for index, text in enumerate(texts) if text]
    for index in filled[0 if above else 1 :][-_TAIL:]:
        name = closing(texts[index], words)
        if name is None:
            continue
        below = [other for other in filled if other > index]
        end, evidence = _block_end(texts, below, words)
        lines = sum(1 for other in below if other < end) - (0 if name else 1)
        if evidence or (end == len(texts) and (lines >= 1 or followed)):
            return index, end
        if end == len(texts):
            return None
    return _contact_block(texts, filled, words)


def _block_end(texts: Sequence[str], below: Sequence[int], words: MailWords) -> tuple[int, bool]:
    """Return where the block under a sign-off ends, and whether contact data stands in it."""
    evidence = False
    for index in below:
        text = texts[index]
        postscript = words.postscript.match(fold(text)) is not None
        running = _is_sentence(text) and not contact(text, words)
        if postscript or (running and (not evidence or text.endswith("?"))):
            return index, evidence
        evidence = evidence or contact(text, words) > 0
    return len(texts), evidence


def _contact_block(
    texts: Sequence[str], filled: Sequence[int], words: MailWords
) -> tuple[int, int] | None:
    """Return the block of name and contact data at the end of `texts`, or None."""
    block: list[int] = []
    for index in reversed(filled[1:][-14:]):
        text = texts[index]
        running = _is_sentence(text) or len(text) > 80 or text[-1] in "?!:"
        if running and not contact(text, words):
            break
        block.insert(0, index)
    starts = [
        index
        for index in block
        if is_name(texts[index])
        and not contact(texts[index], words)
        and (not texts[index - 1] or _is_thanks_line(texts[index - 1], words))
        and not _is_thanks_line(texts[index], words)
        and texts[max(other for other in filled if other < index)][-1] != ":"
    ]
    for index in reversed(starts):
        inside = sum(contact(texts[other], words) for other in block if other >= index)
        size = sum(1 for other in block if other >= index)
        if inside >= 2 or (inside == 1 and size >= 3):
            return index, len(texts)
    return None


def _is_thanks_line(text: str, words: MailWords) -> bool:
    return fold(text).strip(PUNCTUATION) in words.thanks
