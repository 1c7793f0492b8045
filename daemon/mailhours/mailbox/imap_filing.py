"""Mail of ours on an IMAP server: listed, appended, found, moved, removed, fetched whole."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime

from mailhours.mailbox.folders import Folder
from mailhours.mailbox.imap_faults import refusal
from mailhours.mailbox.imap_fetch import alive, heads, key_of, uid_set
from mailhours.mailbox.imap_folders import folders, need, quoted
from mailhours.mailbox.imap_response import numbers, rows, selected
from mailhours.mailbox.imap_session import Session
from mailhours.mailbox.sight import has_id
from mailhours.model.faults import FolderFault, Throttled
from mailhours.model.raw import FolderRole, Lying, Place
from mailhours.model.server import MailboxSettings

WHOLE = 64 * 1024 * 1024
_LISTED = 500
_NEWEST = 100  # mails among which one is looked for by X-Mailhours-Id
_LOOKED_AT = 1000  # mails whose header tells, where the server does not search for it
_APPENDED = re.compile(rb"\[APPENDUID (\d{1,18}) (\d{1,18})\]", re.IGNORECASE)
_FLAGS = {FolderRole.SENT: b"(\\Seen)", FolderRole.DRAFTS: b"(\\Seen \\Draft)"}
_LINE_END = re.compile(rb"\r\n|\r|\n")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def append(
    session: Session, settings: MailboxSettings, role: FolderRole, mail: bytes, at: datetime
) -> Place | None:
    """File `mail`; where, when the server says so (UIDPLUS, RFC 4315)."""
    folder = need(session, settings, role)
    when = f'"{at.day:2d}-{_MONTHS[at.month - 1]}-{at:%Y %H:%M:%S %z}"'.encode()
    command = b" ".join((b"APPEND", quoted(folder.raw), _FLAGS.get(role, b"()"), when))
    answer = session.append(command, _LINE_END.sub(b"\r\n", mail))
    match = _APPENDED.search(answer.text)
    return Place(settings.name, folder.name, int(match[1]), match[2].decode()) if match else None


def find(
    session: Session, settings: MailboxSettings, folder: Folder, message_id: str, mark: str = ""
) -> tuple[Place, ...]:
    """Return where `message_id` lies in `folder`, or a mail whose X-Mailhours-Id is `mark`.

    SEARCH finds parts of words, so it is checked. What a server does not search for is looked for
    among the newest mails: where our mail was filed, and is filed again if it is not found.
    """
    state = _examine(session, folder)
    exists = state.get("EXISTS", 0)
    if not exists:
        return ()
    sought = [b"HEADER Message-ID " + quoted(message_id)]
    if mark:  # among the newest: no server keeps such a field at hand, and reads the whole mails
        sought.append(_newest(exists, _NEWEST) + b" HEADER X-Mailhours-Id " + quoted(mark))
    found = _matching(session, sought)
    if found is None:
        some = b"FETCH " + _newest(exists, _LOOKED_AT)
    elif found:
        some = b"UID FETCH " + uid_set(found)
    else:
        return ()
    answer = session.ask(some + b" (UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID X-MAILHOURS-ID)])")
    uids = [
        uid
        for uid, row in sorted(rows(answer.lines).items())
        if any(has_id(header, message_id, mark) for header in row.sections.values())
    ]
    validity = state.get("UIDVALIDITY", 0)
    return tuple(Place(settings.name, folder.name, validity, str(uid)) for uid in uids)


def _newest(exists: int, count: int) -> bytes:
    return b"%d:*" % max(1, exists - count + 1)


def _matching(session: Session, sought: Sequence[bytes]) -> set[int] | None:
    """Return what a SEARCH finds by any of the criteria; None when the server does not take them.

    Some know no OR: then they are asked for one by one.
    """
    both = b"OR %b (%b)" % tuple(sought) if len(sought) > 1 else sought[0]
    for criteria in ([both], sought):
        answers = session.ask_all([b"UID SEARCH " + one for one in criteria])
        refused = [refusal(session.where, one.text) for one in answers if not one.ok]
        if not refused:
            return numbers(answers[0].lines)
        if any(isinstance(fault, Throttled) for fault in refused):
            raise refused[0]
    return None


def fetch(session: Session, place: Place, now: datetime) -> bytes | None:
    """Return the whole mail at `place`, None when it is gone; FolderFault when it is too long."""
    folder = _folder(session, place)
    if folder is None:
        return None
    state = _examine(session, folder)
    uid = _uid(session, place, state, now)
    if uid is None:
        return None
    answer = session.ask(b"UID FETCH %d (UID RFC822.SIZE)" % uid)
    row = rows(answer.lines).get(uid)
    if row is None:
        return None
    if row.size > WHOLE:
        raise FolderFault(
            f"{place.mailbox}: {place.folder}: a mail of {row.size} octets is too long"
        )
    whole = session.ask(b"UID FETCH %d (UID BODY.PEEK[])" % uid, literal_limit=WHOLE)
    row = rows(whole.lines).get(uid)
    return row.sections.get(b"") if row else None


def move(
    session: Session, settings: MailboxSettings, place: Place, role: FolderRole, now: datetime
) -> None:
    """Move what lies at `place`; in Sent it is seen, and no draft.

    FolderFault when the server lets nothing be moved.
    """
    target = need(session, settings, role)
    folder = _folder(session, place)
    if folder is None or folder.raw == target.raw:
        return
    answer = session.ask(b"SELECT " + quoted(folder.raw))
    session.selected = folder.raw
    if b"[READ-ONLY]" in answer.text.upper():
        raise FolderFault(f"{place.mailbox}: {place.folder}: the server lets nothing be moved")
    uid = _uid(session, place, selected(answer.lines), now)
    if uid is None or not alive(session, [uid]):
        return
    if role is FolderRole.SENT:
        session.ask_all(
            [
                b"UID STORE %d +FLAGS.SILENT (\\Seen)" % uid,
                b"UID STORE %d -FLAGS.SILENT (\\Draft)" % uid,
            ]
        )
    name = quoted(target.raw)
    if "MOVE" in session.capabilities:
        session.ask(b"UID MOVE %d %b" % (uid, name))
        return
    session.ask(b"UID COPY %d %b" % (uid, name))
    _expunge(session, uid)


def remove(session: Session, place: Place, now: datetime) -> None:
    """Remove what lies at `place`; nothing else that is marked as deleted.

    FolderFault when the server lets nothing be removed.
    """
    folder = _folder(session, place)
    if folder is None:
        return
    answer = session.ask(b"SELECT " + quoted(folder.raw))
    session.selected = folder.raw
    if b"[READ-ONLY]" in answer.text.upper():
        raise FolderFault(f"{place.mailbox}: {place.folder}: the server lets nothing be removed")
    uid = _uid(session, place, selected(answer.lines), now)
    if uid is not None:
        _expunge(session, uid)


def lying(
    session: Session, settings: MailboxSettings, folder: Folder, now: datetime
) -> tuple[Lying, ...]:
    """Return what lies in `folder`, the oldest arrival first; at most five hundred mails."""
    state = _examine(session, folder)
    if not state.get("EXISTS"):
        return ()
    uids = sorted(numbers(session.ask(b"UID SEARCH UNDELETED").lines))[:_LISTED]
    validity = state.get("UIDVALIDITY", 0)
    found = []
    for at in range(0, len(uids), 100):
        for uid, head in heads(session, uids[at : at + 100], now).found.items():
            name = str(uid) if validity else key_of(head, None)
            place = Place(settings.name, folder.name, validity, name)
            found.append(Lying(place, head.size, head.received, head.header))
    return tuple(sorted(found, key=lambda one: one.received))


def answered(session: Session, places: Collection[Place]) -> set[Place]:
    r"""Return those of `places` that carry \Answered; places without numbers are passed over."""
    by_folder: dict[tuple[str, int], dict[int, Place]] = {}
    for place in places:
        if place.validity:
            held = by_folder.setdefault((place.folder, place.validity), {})
            held[int(place.uid)] = place
    there = {folder.name: folder for folder in folders(session)} if by_folder else {}
    found: set[Place] = set()
    for (name, validity), held in by_folder.items():
        if name not in there or _examine(session, there[name]).get("UIDVALIDITY") != validity:
            continue
        uids = sorted(held)
        for at in range(0, len(uids), 500):
            some = uid_set(uids[at : at + 500])
            said = session.ask(b"UID SEARCH UID " + some + b" ANSWERED")
            found |= {held[uid] for uid in numbers(said.lines) if uid in held}
    return found


def _expunge(session: Session, uid: int) -> None:
    session.ask(b"UID STORE %d +FLAGS.SILENT (\\Deleted)" % uid)
    if "UIDPLUS" in session.capabilities:
        session.ask(b"UID EXPUNGE %d" % uid)
    elif numbers(session.ask(b"UID SEARCH DELETED").lines) == {uid}:
        session.ask(b"EXPUNGE")  # never what the owner has marked and not yet thrown away


def _folder(session: Session, place: Place) -> Folder | None:
    return next((f for f in folders(session) if f.name == place.folder), None)


def _examine(session: Session, folder: Folder) -> dict[str, int]:
    answer = session.ask(b"EXAMINE " + quoted(folder.raw))
    session.selected = folder.raw
    return selected(answer.lines)


def _uid(session: Session, place: Place, state: dict[str, int], now: datetime) -> int | None:
    """Return the UID of `place` today; a place without numbers is looked for by its key."""
    if place.validity:
        if state.get("UIDVALIDITY") != place.validity:
            raise FolderFault(
                f"{place.mailbox}: {place.folder}: the server has renumbered it",
                hint="the next look finds the mail again",
            )
        return int(place.uid)
    uids = sorted(numbers(session.ask(b"UID SEARCH ALL").lines)) if state.get("EXISTS") else []
    for at in range(0, len(uids), 100):
        found = heads(session, uids[at : at + 100], now).found
        for uid, head in found.items():
            if key_of(head, None) == place.uid:
                return uid
    return None
