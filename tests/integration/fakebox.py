"""A small IMAP account for the scripted server: correct unless a test spoils one of its answers.

box = FakeBox()
box.inbox.put(mail)
server = fake_imap(box.script())
server.script["UID FETCH"] = ...            # spoil it; box.script()["UID FETCH"] is the true one
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from integration.fakeimap import Answer, Command, Handler, Wire

PLAIN = b'("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "7BIT" %d 1 NIL NIL NIL NIL)'
NUMBER = re.compile(rb"\d+")


@dataclass
class FakeFolder:
    """One folder: its mails by UID, and what the server says of it."""

    flags: bytes = b""
    validity: int | None = 7
    mails: dict[int, bytes] = field(default_factory=dict)
    next: int | None = None  # what UIDNEXT says, when not the truth
    says_next: bool = True
    extra: bytes = b""
    structure: dict[int, bytes] = field(default_factory=dict)
    date: dict[int, bytes] = field(default_factory=dict)

    def put(self, *mails: bytes) -> None:
        for mail in mails:
            self.mails[max(self.mails, default=0) + 1] = mail

    def state(self) -> dict[bytes, int]:
        said = {b"MESSAGES": len(self.mails)}
        if self.says_next:
            said[b"UIDNEXT"] = self.next or max(self.mails, default=0) + 1
        if self.validity is not None:
            said[b"UIDVALIDITY"] = self.validity
        return said


class FakeBox:
    """INBOX, Sent, Drafts and Check-in."""

    def __init__(self) -> None:
        self.folders = {
            b"INBOX": FakeFolder(),
            b"Sent": FakeFolder(b"\\Sent"),
            b"Drafts": FakeFolder(b"\\Drafts"),
            b"Check-in": FakeFolder(),
        }
        self.inbox = self.folders[b"INBOX"]
        self.sent = self.folders[b"Sent"]
        self.open = self.inbox
        self.capabilities = b"IMAP4rev1 UIDPLUS MOVE UNSELECT IDLE"

    def script(self) -> dict[str, Answer]:
        return {
            "CAPABILITY": b"* CAPABILITY " + self.capabilities + b"\r\n{tag} OK done\r\n",
            "LIST": self._list,
            "STATUS": self._status,
            "EXAMINE": self._examine,
            "SELECT": self._examine,
            "UNSELECT": b"{tag} OK done\r\n",
            "UID SEARCH": self._search,
            "UID FETCH": self._fetch,
            "FETCH": self._fetch_by_place,
            "APPEND": self._append,
        }

    def _list(self, command: Command, wire: Wire) -> bytes:
        lines = (
            b'* LIST (%b) "/" "%b"\r\n' % (folder.flags, name)
            for name, folder in self.folders.items()
        )
        return b"".join(lines) + b"{tag} OK done\r\n"

    def _named(self, rest: bytes) -> tuple[bytes, FakeFolder | None]:
        name = rest.split(b'"')[1] if b'"' in rest else rest.split()[0]
        return name, self.folders.get(name)

    def _status(self, command: Command, wire: Wire) -> bytes:
        name, folder = self._named(command.rest)
        if folder is None:
            return b"{tag} NO no such folder\r\n"
        said = b" ".join(b"%b %d" % pair for pair in folder.state().items())
        return b'* STATUS "%b" (%b)\r\n{tag} OK done\r\n' % (name, said)

    def _examine(self, command: Command, wire: Wire) -> bytes:
        _, folder = self._named(command.rest)
        if folder is None:
            return b"{tag} NO [NONEXISTENT] no such folder\r\n"
        self.open = folder
        lines = [b"* %d EXISTS\r\n* 0 RECENT\r\n* FLAGS (\\Seen)\r\n" % len(folder.mails)]
        lines += [
            b"* OK [%b %d] ok\r\n" % (name, value)
            for name, value in folder.state().items()
            if name != b"MESSAGES"
        ]
        return b"".join(lines) + folder.extra + b"{tag} OK done\r\n"

    def _chosen(self, text: bytes) -> list[int]:
        found = []
        for part in text.split(b","):
            low, _, high = part.partition(b":")
            top = int(high or low) if high != b"*" else 2**32
            found += [uid for uid in sorted(self.open.mails) if int(low) <= uid <= top]
        return found

    def _search(self, command: Command, wire: Wire) -> bytes:
        rest = command.rest
        if rest.startswith(b"UID "):
            uids = self._chosen(rest.split()[1])
        elif b"HEADER" in rest:
            wanted = rest.split(b'"')[1::2]
            found = self.open.mails.items()
            uids = [uid for uid, mail in found if any(word in mail for word in wanted)]
        else:
            uids = sorted(self.open.mails)
        return b"* SEARCH %b\r\n{tag} OK done\r\n" % b" ".join(b"%d" % uid for uid in uids)

    def _fetch(self, command: Command, wire: Wire) -> bytes:
        chosen, _, items = command.rest.partition(b" ")
        rows = b"".join(self.row(uid, items) for uid in self._chosen(chosen))
        return rows + b"{tag} OK done\r\n"

    def _fetch_by_place(self, command: Command, wire: Wire) -> bytes:
        chosen, _, items = command.rest.partition(b" ")
        uids = sorted(self.open.mails)
        if chosen.endswith(b":*"):
            uids = uids[int(chosen[:-2]) - 1 :]
        else:
            uids = [uids[int(n) - 1] for n in NUMBER.findall(chosen) if int(n) <= len(uids)]
        return b"".join(self.row(uid, items) for uid in uids) + b"{tag} OK done\r\n"

    def row(self, uid: int, items: bytes) -> bytes:
        mail = self.open.mails[uid]
        header, _, text = mail.partition(b"\r\n\r\n")
        header += b"\r\n\r\n"
        place = sorted(self.open.mails).index(uid) + 1
        said = [b"UID %d" % uid]
        if b"RFC822.SIZE" in items:
            said.append(b"RFC822.SIZE %d" % len(mail))
        if b"INTERNALDATE" in items:
            date = self.open.date.get(uid, b'"01-Mar-2026 10:00:00 +0100"')
            said.append(b"INTERNALDATE " + date)
        if b"BODYSTRUCTURE" in items:
            said.append(b"BODYSTRUCTURE " + self.open.structure.get(uid, PLAIN % len(text)))
        for section in re.findall(rb"BODY\.PEEK\[([^\]]*)\]", items):
            content = {b"": mail, b"HEADER": header}.get(section.partition(b".")[0], text)
            partial = b"<0>" if b"<0." in items else b""
            said.append(b"BODY[%b]%b {%d}\r\n%b" % (section, partial, len(content), content))
        return b"* %d FETCH (%b)\r\n" % (place, b" ".join(said))

    def _append(self, command: Command, wire: Wire) -> bytes:
        _, folder = self._named(command.rest)
        if folder is None:
            return b"{tag} NO [TRYCREATE] no such folder\r\n"
        data = command.rest[command.rest.index(b"}\r\n") + 3 :]
        folder.put(data)
        return b"{tag} OK [APPENDUID %d %d] done\r\n" % (folder.validity or 0, max(folder.mails))


def once(spoilt: bytes | Handler, true: Answer) -> list[bytes | Handler]:
    """Answer wrongly the first time and truly ever after."""
    assert not isinstance(true, list)
    return [spoilt, true]
