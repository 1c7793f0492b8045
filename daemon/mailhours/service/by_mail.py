"""The owner's word by mail: a reply to the summary, taken from the account's own Sent folder.

Who can write into Sent owns the mailbox; what arrives is never taken, whoever it says it is from.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailhours.model.client import OwnerVerb
from mailhours.model.faults import UsageFault
from mailhours.model.header import fields
from mailhours.model.judgement import Judgement
from mailhours.model.message import Reading
from mailhours.model.raw import FolderRole, RawMail
from mailhours.model.reply import Reply, ReplyKind
from mailhours.service import brakes, journal, words
from mailhours.service.account import Account
from mailhours.service.attribution import OURS

NOTE = "word"
# A reply that was filed longer ago than this is history, not a word.
RECENT = timedelta(days=3)
# Nobody settles more in one mail; the rest is told to be too much.
MOST = 50
_LINE_LENGTH = 200
# So many sentences of the summary in a reply are no chance: it is quoted.
_QUOTED = 2
# Without its text nobody knows which lines are quoted.
_EMPTIED = "not done: `forget` has emptied that summary; say it in answer to a newer one"


@dataclass(frozen=True, slots=True)
class Command:
    """One line of a reply that is a command."""

    verb: OwnerVerb
    target: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Garbled:
    """A line that begins like a command and is none, with what is wrong."""

    line: str
    why: str


# What follows each verb: target, and text.
_SHAPES = {
    OwnerVerb.PAID: r"(\S+)(?:\s+(\d{4}-\d\d-\d\d))?",
    OwnerVerb.ANSWERED: r"(\S+)(?:\s+(?:by|--by)\s+(.+))?",
    OwnerVerb.NOTE: r"(\S+)\s+(.+)",
    OwnerVerb.DISMISS: r"(\S+)",
    OwnerVerb.HOLD: r"(\S+)",
    OwnerVerb.RESUME: r"(\S+)",
    OwnerVerb.APPROVE: r"(\S+)",
    OwnerVerb.SETTLE: r"(\S+)\s+(sent|lost)",
    OwnerVerb.RETRY: r"(.+)",
    OwnerVerb.UNFREEZE: r"(\S+)",
    OwnerVerb.STOP: r"",
    OwnerVerb.START: r"",
}
_USES = {
    OwnerVerb.PAID: "paid NUMBER",
    OwnerVerb.ANSWERED: "answered ID",
    OwnerVerb.NOTE: "note CLIENT TEXT",
    OwnerVerb.SETTLE: "settle REPLY sent, or lost",
}


def commands(text: str) -> tuple[Command | Garbled, ...]:
    """Return the commands in the visible text of a reply: each line is exactly one, or none.

    A line whose first word is no verb is not looked at: people greet and sign.
    """
    found: list[Command | Garbled] = []
    for raw in text.splitlines():
        line = " ".join(raw.split())
        word, _, rest = line.partition(" ")
        try:
            verb = OwnerVerb(word.casefold().rstrip("."))
        except ValueError:
            continue
        if len(found) >= MOST:
            return (*found, Garbled(line[:_LINE_LENGTH], f"more than {MOST} lines"))
        match = re.fullmatch(_SHAPES[verb], rest.rstrip(" .")) if len(line) < _LINE_LENGTH else None
        if match is None:
            use = _USES.get(verb, f"{verb.value} alone" if not _SHAPES[verb] else f"{verb} ID")
            found.append(Garbled(line[:_LINE_LENGTH], f"write {use}"))
        else:
            groups = [group or "" for group in match.groups()]
            found.append(Command(verb, *groups))
    return tuple(found)


def hear(
    account: Account, judged: Callable[[], Iterable[Judgement]], logged: datetime | None = None
) -> int:
    """Act on new replies to summaries that lie in Sent; return how many lines were commands.

    With `logged` only what was logged from then on is looked at.

    1. Only what was sighted in Sent, is from the owner to the address of the summary, and answers
       a summary of ours by its Message-ID.
    2. Each mail once: it is ticked off when all its lines were acted on, so that none is lost; a
       crash in between repeats lines of the same minute.
    3. What became of each line stands in the next summary.
    """
    done = 0
    since, slots = account.clock() - RECENT, account.ledger.slots
    for key, raw in account.ledger.mail.lying_in(FolderRole.SENT, since, logged):
        if not _may_answer_us(raw) or slots.happened(f"word:{key}"):
            continue
        reading = account.reader.read(raw, FolderRole.SENT)
        summary = _answered_summary(account, reading)
        if summary is None:
            continue
        said = commands(unquoted(reading.visible_text, summary.text))
        if said and not summary.text:
            _tell(account, "your answer to a summary", _EMPTIED)
            said = ()
        for one in said:
            done += 1
            _tell(account, *_heard(account, judged, one))
        slots.once(f"word:{key}", account.clock())
    return done


def _heard(
    account: Account, judged: Callable[[], Iterable[Judgement]], one: Command | Garbled
) -> tuple[str, str]:
    """Act on one line; return it and what became of it."""
    if isinstance(one, Garbled):
        return one.line, f"not understood: {one.why}"
    line = " ".join(part for part in (one.verb.value, one.target, one.text) if part)
    try:
        words.say(account, judged, one.verb, one.target, one.text)
    except UsageFault as fault:
        return line, f"not done: {fault.what}" + (f" ({fault.hint})" if fault.hint else "")
    return line, "done"


def _tell(account: Account, line: str, answer: str) -> None:
    account.ledger.health.note(NOTE, f"{line}: {answer}", account.clock())
    journal.heard(line, answer)


def _may_answer_us(raw: RawMail) -> bool:
    """Say from the bytes whether it could be a reply to a mail of ours: most mail is not."""
    return any(
        name == "in-reply-to" and OURS.search(value) is not None
        for name, value in fields(raw.header)
    )


def unquoted(text: str, summary: str) -> str:
    """Return a reply without the lines of a summary that it quotes without marks.

    Some mail programs repeat what they answer as if it were new, and a summary is full of commands
    that may be said. A line that it has too counts as often as the summary does not have it.
    """
    ours = Counter(map(_bare, summary.splitlines()))
    lines = [(line, _bare(line)) for line in text.splitlines()]
    told = {bare for _, bare in lines if bare in ours and " " in bare and not commands(bare)}
    if len(told) < _QUOTED:
        return text
    left = Counter(bare for _, bare in lines) - ours
    kept = []
    for line, bare in lines:
        if left[bare] > 0:
            left[bare] -= 1
            kept.append(line)
    return "\n".join(kept)


def _bare(line: str) -> str:
    return " ".join(line.split()).strip("-•*> ")


def _answered_summary(account: Account, reading: Reading) -> Reply | None:
    """Return the summary of ours that the owner answers to themselves; None when it is none."""
    headers = reading.headers
    owner, to = account.settings.owner, account.settings.summary_to
    if not owner.is_own(headers.sender.spec) or not headers.in_reply_to:
        return None
    addressed = {address.normal for address in (*headers.to, *headers.cc)}
    if not any(owner.is_own(a) or a == to for a in addressed):
        return None
    parent = brakes.ours(account, headers.in_reply_to[-1])
    return parent if parent is not None and ReplyKind.SUMMARY in parent.kinds else None
