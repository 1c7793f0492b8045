"""Mails off an IMAP server: headers and trees of many, then the text of those that are wanted.

Both can be asked for ahead: the line is not idle while an answer is worked on. One bad mail spoils
the answer for a whole batch: a refused batch is halved until the bad one stands alone, and a mail
whose tree makes no sense is fetched as text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mailhours.mailbox.eml import cut
from mailhours.mailbox.imap_faults import patience, refusal, shown
from mailhours.mailbox.imap_response import Row, numbers, rows
from mailhours.mailbox.imap_session import Answer, Flight, Session
from mailhours.mailbox.mbox import date
from mailhours.mailbox.structure import (
    ATTACHED_LIMIT,
    TEXT_LIMIT,
    Choice,
    choose,
    key,
    text_part,
)
from mailhours.model.header import BLOCK_LIMIT
from mailhours.model.raw import RawMail

BATCH_OCTETS = 3 * 1024 * 1024
# So many bad mails in one batch, and few good ones, are no bad mails: the server is in trouble.
_BAD = 5
_HEADER = b"BODY.PEEK[HEADER]<0.%d>" % BLOCK_LIMIT
_HEAD = b"(UID RFC822.SIZE INTERNALDATE BODYSTRUCTURE " + _HEADER + b")"
_WHOLE = b"(UID RFC822.SIZE INTERNALDATE " + _HEADER + b" BODY.PEEK[TEXT]<0.%d>)" % TEXT_LIMIT


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a mail before its text: `whole` is set when its tree could not be read."""

    uid: int
    size: int
    received: datetime
    header: bytes
    choice: Choice
    defects: tuple[str, ...] = ()
    whole: RawMail | None = None

    @property
    def announced(self) -> int:
        """Return how many octets its text will take."""
        return TEXT_LIMIT if self.whole else self.choice.announced


@dataclass(slots=True)
class Heads:
    """The heads of a batch; `bad` are the mails that the server refuses, with its words."""

    found: dict[int, Head]
    bad: dict[int, str]


def uid_set(uids: Iterable[int]) -> bytes:
    """Return UIDs as a sequence set with ranges: `1:3,7` (RFC 9051 section 9)."""
    parts: list[list[int]] = []
    for uid in sorted(uids):
        if parts and uid == parts[-1][1] + 1:
            parts[-1][1] = uid
        else:
            parts.append([uid, uid])
    return b",".join(b"%d" % a if a == b else b"%d:%d" % (a, b) for a, b in parts)


def ask_heads(session: Session, uids: Sequence[int]) -> Flight:
    """Ask for the heads of `uids` ahead."""
    return session.send([b"UID FETCH " + uid_set(uids) + b" " + _HEAD])


def heads(
    session: Session, uids: Sequence[int], now: datetime, asked: Flight | None = None
) -> Heads:
    """Fetch the heads of `uids`, or take what was `asked` for ahead.

    A mail that is in neither part of the answer was left out.
    """
    result = Heads({}, {})
    queue = [list(uids)] if uids else []
    while queue:
        some = queue.pop()
        asked, answer = None, _fetch(session, some, _HEAD, asked)
        if not answer.ok and len(some) > 1:
            middle = len(some) // 2
            queue += [some[middle:], some[:middle]]
            continue
        if not answer.ok:
            answer = _fetch(session, some, _WHOLE)
        if not answer.ok:
            result.bad[some[0]] = f"the server refuses to hand it over: {shown(answer.text)}"
            if len(result.bad) > max(_BAD, len(result.found)):
                raise refusal(session.where, answer.text)
            continue
        for uid, row in rows(answer.lines, set(some)).items():
            if head := _head(session, row, now):
                result.found[uid] = head
    return result


def _fetch(
    session: Session, uids: Sequence[int], items: bytes, asked: Flight | None = None
) -> Answer:
    asked = asked or session.send([b"UID FETCH " + uid_set(uids) + b" " + items])
    answer = session.wait(asked)[0]
    _complain(session, answer)
    return answer


def _complain(session: Session, answer: Answer) -> None:
    """Raise what concerns the whole connection, and not the mails that were asked for."""
    if not answer.ok and patience(shown(answer.text), of_one_mail=True):
        raise refusal(session.where, answer.text)


def _head(session: Session, row: Row, now: datetime) -> Head | None:
    """Make a head of a row; None when the row lacks the header, which is no mail then."""
    header = row.sections.get(b"HEADER")
    if header is None:
        return None
    defects: tuple[str, ...] = ()
    if len(header) >= BLOCK_LIMIT:
        defects = ("header cut: longer than 64 KiB",)
    received = row.arrived
    if received is None:
        written = date(header)
        received = written if written and written <= now else now
        defects += ("arrival unknown to the server",)
    if row.nodes is not None:
        return Head(row.uid, row.size, received, header, choose(row.nodes), defects)
    text = row.sections.get(b"TEXT")
    if text is None:
        row = rows(_fetch(session, [row.uid], _WHOLE).lines, {row.uid}).get(row.uid, row)
        text = row.sections.get(b"TEXT", b"")
    raw = cut(header + text, received)
    defects += ("structure unreadable, text taken as a whole", *raw.defects)
    whole = replace(raw, header=header, size=row.size, defects=defects)
    return Head(row.uid, row.size, received, header, choose([]), defects, whole)


def first_texts(session: Session, some: Sequence[Head]) -> dict[int, bytes]:
    """Fetch the first text part of mails that have no Message-ID: it is part of their key."""
    asked = {h.uid: h.choice.texts[0].section.encode() for h in some if h.choice.texts}
    groups: dict[bytes, list[int]] = {}
    for uid, section in asked.items():
        groups.setdefault(section, []).append(uid)
    commands = [
        b"UID FETCH %b (UID BODY.PEEK[%b]<0.%d>)" % (uid_set(uids), section, TEXT_LIMIT)
        for section, uids in groups.items()
    ]
    found: dict[int, bytes] = {}
    for _ in range(2):  # all of them again where one is lacking, as with heads and texts
        lines = session.ask_all(commands)[0].lines if commands else []
        found = {
            uid: row.sections[asked[uid]]
            for uid, row in rows(lines, asked.keys()).items()
            if asked[uid] in row.sections
        }
        if len(found) == len(asked):
            break
    return found


@dataclass(slots=True)
class Mails:
    """The mails of a run; `bad` are those that the server refuses, with its words."""

    found: dict[int, RawMail]
    bad: dict[int, str]


@dataclass(frozen=True, slots=True)
class Texts:
    """The text of a run of mails, asked for: mails with the same sections share a command."""

    whole: tuple[Head, ...]
    groups: Mapping[bytes, Sequence[Head]]
    flight: Flight


def ask_mails(session: Session, some: Sequence[Head]) -> Texts:
    """Ask for the text of a run ahead, in one go."""
    groups: dict[bytes, list[Head]] = {}
    for head in some:
        groups.setdefault(b"" if head.whole else _items(head), []).append(head)
    whole = tuple(groups.pop(b"", ()))
    commands = [_command(held, items) for items, held in groups.items()]
    return Texts(whole, groups, session.send(commands))


def mails(session: Session, asked: Texts) -> Mails:
    """Take the text of a run."""
    result = Mails({head.uid: head.whole or _raw(head, {}) for head in asked.whole}, {})
    answers = session.wait(asked.flight)
    wanted = {head.uid for held in asked.groups.values() for head in held}
    found = rows(answers[0].lines, wanted) if answers else {}
    for (items, held), answer in zip(asked.groups.items(), answers, strict=True):
        if answer.ok:
            _take(result, held, found)
            continue
        _complain(session, answer)
        for head in held:
            _singly(session, head, items, result)
    return result


def _items(head: Head) -> bytes:
    texts = [b"BODY.PEEK[%b]<0.%d>" % (n.section.encode(), TEXT_LIMIT) for n in head.choice.texts]
    return b" ".join(
        texts
        + [
            b"BODY.PEEK[%b.HEADER]<0.%d>" % (node.section.encode(), ATTACHED_LIMIT)
            for node in head.choice.attached
        ]
    )


def _command(held: Sequence[Head], items: bytes) -> bytes:
    return b"UID FETCH %b (UID %b)" % (uid_set(head.uid for head in held), items)


def _take(result: Mails, held: Sequence[Head], found: Mapping[int, Row]) -> None:
    """Make mails of rows; a row that lacks a section is no mail, and is asked for again."""
    for head in held:
        row = found.get(head.uid)
        sections = [node.section.encode() for node in head.choice.texts]
        sections += [node.section.encode() + b".HEADER" for node in head.choice.attached]
        if row is not None and all(section in row.sections for section in sections):
            result.found[head.uid] = _raw(head, row.sections)


def _singly(session: Session, head: Head, items: bytes, result: Mails) -> None:
    answer = session.ask_all([_command([head], items)])[0]
    if answer.ok:
        _take(result, [head], rows(answer.lines, {head.uid}))
        return
    _complain(session, answer)
    result.bad[head.uid] = f"the server refuses to hand it over: {shown(answer.text)}"
    if len(result.bad) > max(_BAD, len(result.found)):
        raise refusal(session.where, answer.text)


def _raw(head: Head, sections: Mapping[bytes, bytes]) -> RawMail:
    choice = head.choice
    return RawMail(
        header=head.header,
        parts=tuple(text_part(n, sections.get(n.section.encode(), b"")) for n in choice.texts),
        tree=choice.tree,
        attachments=choice.attachments,
        attached=tuple(sections.get(n.section.encode() + b".HEADER", b"") for n in choice.attached),
        received=head.received,
        size=head.size,
        defects=head.defects + choice.defects,
    )


def key_of(head: Head, first: bytes | None) -> str:
    """Return the content key, given the first text part where the header does not suffice."""
    if head.whole:
        return key(head.header, head.whole.parts)
    texts = head.choice.texts
    return key(head.header, [text_part(texts[0], first)] if texts and first is not None else [])


def alive(session: Session, uids: Iterable[int]) -> set[int]:
    """Return those of `uids` that are still there: silence in a FETCH is not absence."""
    held = set(uids)
    return numbers(session.ask(b"UID SEARCH UID " + uid_set(held)).lines) & held
