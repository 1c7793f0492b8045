"""From a decision to a complete reply: recipient, thread, words. What is missing means no mail."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from mailhours.checkin.situation import Situation
from mailhours.model.address import Address, domain
from mailhours.model.client import Client
from mailhours.model.judgement import Ask, Promise
from mailhours.model.message import Message
from mailhours.model.reply import Cause, Reply, ReplyKind
from mailhours.wording.render import Wording

# A client reads the mail on a phone: more subjects than these are counted, not named.
SUBJECTS_NAMED = 5
_SUBJECT_LENGTH = 70
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_REPLY_PREFIX = re.compile(r"^(?:(?:re|aw|sv|vs|tr|rv|antw|odp|отв?|ha)\s*:\s*)+", re.IGNORECASE)


def acknowledgement(
    s: Situation, client: Client, promises: Sequence[Promise], wording: Wording
) -> Reply:
    """Return one mail that says what arrived, when mail is read next, and when the answer comes.

    `promises` are those of one person, oldest first. MissingWording when a part is missing.
    """
    newest = promises[-1].message
    person = client.person(newest.person)
    next_slot = s.next_slot
    if next_slot is None:
        raise ValueError("an acknowledgement names the next check-in; there is none")
    by_subject: dict[str, list[Promise]] = {}
    for promise in promises:
        # "Hero" and "Re: Hero" are one matter to who wrote both.
        subject = _short(_REPLY_PREFIX.sub("", promise.message.subject))
        by_subject.setdefault(subject, []).append(promise)
    due = {subject: min(p.due for p in group) for subject, group in by_subject.items()}
    zone, other = s.owner.calendar.zone, client.calendar.zone
    moments = {
        at: wording.moment(at, zone, client.language, other)
        for at in (next_slot.due, *due.values())
    }
    named = [(subject, moments[at]) for subject, at in due.items()]
    text = wording.render(
        "acknowledgement.txt",
        client.language,
        {
            "name": person.name,
            "formal": client.formal,
            "arrived": named[:SUBJECTS_NAMED],
            "more": max(0, len(named) - SUBJECTS_NAMED),
            "next_check_in": moments[next_slot.due],
            # One time for all, or each subject with its own.
            "answer_by": named[0][1] if len(set(due.values())) == 1 else "",
            "answer_by_all": moments[max(due.values())],
            "contact": _contact(s, client, promises),
            "urgent": s.owner.urgent,
            "owner": s.owner.name,
        },
    )
    return _reply(
        s,
        client,
        newest,
        to=newest.person,
        kind=ReplyKind.ACKNOWLEDGEMENT,
        text=text,
        causes=tuple(Cause("message", p.message.key) for p in promises),
        facts={
            f"promise:{p.message.key}": due[subject].isoformat()
            for subject, group in by_subject.items()
            for p in group
        },
    )


def feedback_reminder(
    s: Situation, client: Client, ask: Ask, level: int, wording: Wording
) -> Reply:
    """Return the reminder of `level` 1 to 3 for an open ask. MissingWording when a part lacks."""
    kind = (ReplyKind.FEEDBACK_1, ReplyKind.FEEDBACK_2, ReplyKind.FEEDBACK_3)[level - 1]
    person = client.person(ask.person)
    project = client.project(ask.project)
    next_slot = s.next_slot
    if next_slot is None:
        raise ValueError("a reminder names the next check-in; there is none")
    zone, other = s.owner.calendar.zone, client.calendar.zone
    text = wording.render(
        f"feedback_{level}.txt",
        client.language,
        {
            "name": person.name,
            "formal": client.formal,
            "project": project.name if project else "",
            "items": [_short(item.text, 120) for item in ask.items if item.closed is None],
            "why": "",
            "needed_by": wording.day(client.calendar.local(ask.due).date(), client.language),
            "next_check_in": wording.moment(next_slot.due, zone, client.language, other),
            "owner": s.owner.name,
        },
    )
    return _reply(
        s,
        client,
        ask.message,
        to=ask.person,
        kind=kind,
        text=text,
        causes=(Cause("ask", f"{ask.id}:{level}"),),
        facts={f"due:{ask.id}": ask.due.isoformat()},
    )


def _reply(
    s: Situation,
    client: Client,
    parent: Message,
    *,
    to: str,
    kind: ReplyKind,
    text: str,
    causes: tuple[Cause, ...],
    facts: dict[str, str],
) -> Reply:
    """Return the reply to `parent`'s thread, from the address that the client wrote to."""
    own = parent.to_own if s.owner.is_own(parent.to_own) else s.owner.address
    digest = hashlib.sha256("\0".join([s.slot.key, to, *map(str, causes)]).encode()).hexdigest()
    answers = any(cause.kind == "message" for cause in causes)
    return Reply(
        id=f"r{digest[:8]}",
        slot=s.slot.key,
        client=client.key,
        kinds=(kind,),
        mode=s.policy.mode_of(kind),
        sender=Address(s.owner.name, own),
        to=Address(client.person(to).name, to),
        subject=f"Re: {_clean(_REPLY_PREFIX.sub('', parent.subject))}".strip(),
        text=text,
        language=client.language,
        causes=causes,
        in_reply_to=parent.message_id,
        references=(*parent.parents, parent.message_id) if parent.message_id else (),
        auto_submitted="auto-replied" if answers else "auto-generated",
        message_id=f"<{digest[:32]}@{domain(own)}>",
        at=s.slot.due,
        facts=facts,
    )


def _contact(s: Situation, client: Client, promises: Sequence[Promise]) -> str:
    """Return the agreed contact when one of the mails went to somebody else instead."""
    contact = client.agreement(s.owner.calendar.local(s.slot.due).date()).contact
    if contact and any(contact not in p.message.addressed for p in promises):
        return contact
    return ""


def _clean(text: str) -> str:
    return _UNSAFE.sub(" ", text).strip()


def _short(text: str, length: int = _SUBJECT_LENGTH) -> str:
    clean = _clean(text)
    return clean if len(clean) <= length else f"{clean[: length - 1].rstrip()}…"
