"""Tests of the robot table: the words of robots in subject and text (`data/robots.toml`).

Each returns the words that show it, or the empty string; nothing here raises. The verdicts stand in
`automation.py`.
"""

from __future__ import annotations

from mailhours.reading.letter import Letter
from mailhours.reading.robotwords import alone
from mailhours.reading.rules_people import role_address

_ANSWERED = ("re:", "fwd:", "fw:", "sv:", "aw:", "wg:", "vs:", "vb:", "rv:", "tr:", "odp:", "pd:")
_RETURNED = ("message/rfc822", "message/global", "text/rfc822-headers")


def auto_reply_subject(letter: Letter) -> str:
    """A subject that programs write when they answer for somebody who is away."""
    if letter.by_hand:
        return ""
    subject = letter.subject
    found = letter.words.reply.at(subject)
    if found and alone(subject, found):
        return f"Subject: {found}"
    if letter.answers:
        found = letter.words.reply_answering.at(subject)
        if found and alone(subject, found):
            return f"Subject: {found}, in answer to a mail"
    if " is out of the office" in subject and (
        "(returning" in subject or "(will return" in subject
    ):
        return "Subject: is out of the office (returning"
    return ""


def away_subject(letter: Letter) -> str:
    """A subject of absence that people write too."""
    if letter.by_hand:
        return ""
    tables = (letter.words.reply, letter.words.reply_answering, letter.words.reply_maybe)
    found = next((phrase for table in tables if (phrase := table.at(letter.subject))), "")
    is_name = " " not in found or letter.words.reply.at(letter.subject)
    if is_name and not alone(letter.subject, found):
        found = ""  # "Holiday photos", "Automatic reply of our form is broken"
    if not found and (
        " is out of the office" in letter.subject or "(out of office)" in letter.subject
    ):
        found = "out of office"
    return f"Subject: {found}" if found else ""


def says_automatic(letter: Letter) -> str:
    """A sentence in which a program calls itself one."""
    return letter.words.reply_says.sentence(letter.beginning)


def bounce_subject(letter: Letter) -> str:
    """A subject that mail servers write, and no sign of a person."""
    if letter.by_hand:
        return ""
    found = letter.words.bounce.at(letter.subject)
    if found and alone(letter.subject, found):
        return f"Subject: {found}"
    maybe = found or letter.words.bounce_maybe.at(letter.subject)
    is_role = bool(role_address(letter))
    is_nobody = is_role or not letter.opened.senders.all
    if not maybe and not is_nobody:
        return ""
    lines = letter.words.bounce_lines.count(letter.beginning)
    if maybe and (lines > 1 or (lines and _returned(letter))):
        return f"Subject: {maybe}, and lines of a delivery report"
    if is_nobody and (lines or maybe or (is_role and _returned(letter))) and not _is_answer(letter):
        return f"a mail system sends {maybe or 'a mail back'}"
    return ""


def bounce_text(letter: Letter) -> str:
    """The text begins as mail servers begin theirs."""
    if letter.by_hand or letter.subject.startswith(
        ("re:", "fwd:", "fw:", "sv:", "aw:", "wg:", "vs:")
    ):
        return ""
    return letter.words.bounce_opens.at(letter.beginning.lstrip())


def maybe_bounce(letter: Letter) -> str:
    """A subject of a bounce that people write too."""
    found = letter.words.bounce.at(letter.subject) or letter.words.bounce_maybe.at(letter.subject)
    if " " not in found and not letter.words.bounce_lines.count(letter.beginning):
        return ""  # "Delivered", "Rejected": anybody's words
    return f"Subject: {found}"


def receipt(letter: Letter) -> str:
    """A read receipt that is no report: subject and first words together."""
    found = letter.words.receipt.at(letter.subject)
    said = letter.words.receipt_says.at(letter.beginning.lstrip()) if found else ""
    if found and said and not letter.by_hand:
        return f"Subject: {found}; text: {said}"
    return ""


def no_answer_wanted(letter: Letter) -> str:
    """A sentence that asks not to answer."""
    return letter.words.no_answer.sentence(letter.beginning)


def challenge(letter: Letter) -> str:
    """A subject of systems that confirm what they got, or want to be confirmed."""
    found = letter.words.challenge.at(letter.subject)
    return f"Subject: {found}" if found else ""


def _is_answer(letter: Letter) -> bool:
    """Say whether the subject is that of an answer or a forwarded mail: a person was at work."""
    return letter.subject.startswith(_ANSWERED)


def _returned(letter: Letter) -> bool:
    """Say whether another mail, or its header, comes with this one."""
    return any(n.content_type in _RETURNED for n in letter.raw.tree)
