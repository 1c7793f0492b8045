"""The folders of an IMAP account: listed, told apart, made when they are missing."""

from __future__ import annotations

from collections.abc import Sequence

from mailhours.mailbox import utf7
from mailhours.mailbox.folders import Assigned, Folder, assign
from mailhours.mailbox.imap_response import inboxed, listed, statuses
from mailhours.mailbox.imap_session import Session
from mailhours.model.faults import FolderFault
from mailhours.model.raw import FolderRole
from mailhours.model.server import MailboxSettings


def quoted(text: bytes | str) -> bytes:
    """Return a folder name or a word as a quoted string (RFC 9051 section 4.3)."""
    raw = text.encode() if isinstance(text, str) else text
    # A line break would end the command; no folder that a server lists has one.
    raw = raw.replace(b"\r", b"").replace(b"\n", b"").replace(b"\0", b"")
    return b'"' + raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def folders(session: Session) -> list[Folder]:
    """List the account's folders; one with an odd name costs only itself."""
    command = b'LIST "" "*"'
    if {"SPECIAL-USE", "LIST-EXTENDED"} <= session.capabilities:
        command += b" RETURN (SPECIAL-USE)"
    found = [
        Folder(utf7.decode(raw), raw, flags, delimiter)
        for raw, flags, delimiter in listed(session.ask(command).lines)
    ]
    if not any(folder.name.upper() == "INBOX" for folder in found):
        found.insert(0, Folder("INBOX", b"INBOX"))
    return found


def standing(session: Session, held: Sequence[Folder]) -> list[dict[str, int]]:
    """Ask for the STATUS of all folders in one go; nothing is known of one that is refused."""
    more = b" HIGHESTMODSEQ)" if "CONDSTORE" in session.capabilities else b")"
    items = b" (MESSAGES UIDNEXT UIDVALIDITY" + more
    answers = session.ask_all([b"STATUS " + quoted(folder.raw) + items for folder in held])
    said = statuses(answers[0].lines) if answers else {}
    return [
        said.get(inboxed(folder.raw), {}) if answer.ok else {}
        for answer, folder in zip(answers, held, strict=True)
    ]


def assigned(session: Session, settings: MailboxSettings) -> Assigned:
    """Return the folders that are read; Check-in and Drafts are made when they are missing."""
    held = folders(session)
    result = assign(held, settings)
    made = False
    for role in (FolderRole.HELD, FolderRole.DRAFTS):
        if name := result.missing.get(role):
            made = create(session, held, name) or made
    return assign(folders(session), settings) if made else result


def create(session: Session, held: list[Folder], name: str) -> bool:
    """Make a folder where the account keeps its own; False when the server does not let us."""
    raw = quoted(utf7.encode(f"{_prefix(held)}{name}"))
    answers = session.ask_all([b"CREATE " + raw, b"SUBSCRIBE " + raw])
    return answers[0].ok or b"ALREADYEXISTS" in answers[0].text


def need(session: Session, settings: MailboxSettings, role: FolderRole) -> Folder:
    """Return the folder of a role, made now if there is none; FolderFault if there can be none."""
    result = assign(held := folders(session), settings)
    if folder := result.of(role):
        return folder
    if role in result.missing and create(session, held, result.missing[role]):
        result = assign(folders(session), settings)
        if folder := result.of(role):
            return folder
    if result.problems:
        raise result.problems[0]
    raise FolderFault(f"{settings.name}: there is no folder for {role.value}, and none can be made")


def _prefix(held: list[Folder]) -> str:
    """Return what the names of own folders begin with: some servers keep all below INBOX."""
    others = [folder for folder in held if folder.name.upper() != "INBOX"]
    delimiter = next((folder.delimiter for folder in held if folder.delimiter), "/")
    if others and all(f.name.upper().startswith(f"INBOX{delimiter}") for f in others):
        return f"INBOX{delimiter}"
    return ""
