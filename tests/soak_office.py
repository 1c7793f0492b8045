"""The office of the soak: its files, the people who write to it, and a disk that can be full."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Self

CLIENTS = tuple(f"client-{number}" for number in range(1, 25))
PEOPLE = ("ada", "kim", "lee")
OWN = "dana@studio.example"
QUESTIONS = (
    "Could you send me the logo?",
    "When will the website be ready?",
    "Did you get my mail? Please answer.",
    "Thanks, all fine!",
    "The headline is wrong, please change it.",
    "Here is the text that you asked for.",
)
ANSWERS = (
    "Here is the new draft. Could you please send me your feedback by Friday?",
    *("Yes, that is done.", "I have changed it.", "Next week.", "No, that stays as it is.") * 2,
)
MAIN = """\
schema = 1
[owner]
name = "Dana Berg"
address = "dana@studio.example"
timezone = "Europe/Oslo"
[hours]
week = {{ mon = ["09:00-17:00"], tue = ["09:00-17:00"], wed = ["09:00-17:00"], thu = ["09:00-17:00"], fri = ["09:00-15:00"] }}
check_ins = ["10:00", "{second}"]
[mailbox.main]
host = "127.0.0.1"
port = {imap}
security = "none"
user = "{user}"
password = "file:mail-password"
poll_every = "20 min"
[submission]
host = "127.0.0.1"
port = {smtp}
security = "none"
[replies]
mode = "send"
authentication = "absent"
per_day = 500
"""


@dataclass(frozen=True, slots=True)
class Written:
    """A mail that somebody sent, and when it came: it lies in `folder`, whatever happens."""

    folder: str
    data: bytes
    at: datetime


class Office:
    """The configuration of one account, and all who write."""

    def __init__(self, folder: Path, imap: int, smtp: int, user: str, password: str) -> None:
        self.config, self.state = folder / "config", folder / "state"
        self._servers = {"imap": imap, "smtp": smtp, "user": user}
        self._dice = random.Random(7)
        self._number = 0
        self._last: dict[str, tuple[str, str]] = {}
        self._waiting: dict[str, str] = {}
        self.inbound: set[str] = set()
        self.outbound: set[str] = set()
        (self.config / "clients").mkdir(parents=True)
        secret = self.config / "mail-password"
        secret.write_text(password)
        secret.chmod(0o600)
        self.write("15:00")
        for client in CLIENTS:
            self.add(client)

    def write(self, second: str) -> None:
        """Write mailhours.toml with this time of the second check-in."""
        path = self.config / "mailhours.toml"
        path.write_text(MAIN.format(second=second, **self._servers))

    def add(self, key: str) -> None:
        """Write a client file; also over one that is there."""
        people = "".join(
            f'[[person]]\nname = "{name.title()} of {key}"\naddress = "{name}@{key}.example"\n'
            for name in PEOPLE
        )
        path = self.config / f"clients/{key}.toml"
        path.write_text(
            f'schema = 1\nname = "{key}"\naddresses = ["@{key}.example"]\nlanguage = "en"\n{people}'
        )

    def mails(self, count: int, now: datetime) -> Iterator[Written]:
        """Yield what arrives now: of ten mails five are of clients, four the owner's answers.

        So what waits stays as much as it is, and what the service holds of it must as well.
        """
        for _ in range(count):
            self._number += 1
            throw = self._dice.randrange(10)
            person = f"{self._dice.choice(PEOPLE)}@{self._dice.choice(CLIENTS)}.example"
            if throw < 4 and self._waiting:
                yield self._answer(next(iter(self._waiting)), now)
            elif throw == 4:
                yield self._mail("INBOX", f"ada@stranger-{self._number}.example", OWN, "", now)
            else:
                yield self._question(person, now)

    def _question(self, person: str, now: datetime) -> Written:
        """Return what a client's person writes, often in the thread that runs already."""
        subject, above = self._last.get(person, ("", ""))
        if not above or self._dice.random() < 0.6:
            subject, above = f"Matter {self._number}", ""
        identity = self._identity(person)
        self.inbound.add(identity)
        self._last[person] = subject, identity
        self._waiting[identity] = person
        words = self._dice.choice(QUESTIONS)
        return self._mail("INBOX", person, OWN, words, now, subject, above)

    def _answer(self, above: str, now: datetime) -> Written:
        """Return the owner's answer to the mail that waits longest."""
        person = self._waiting.pop(above)
        subject = f"Matter {above[1:].partition('@')[0]}"
        if self._last[person][1] == above:
            subject = self._last[person][0]
            self._last[person] = subject, self._identity(OWN)
        self.outbound.add(self._identity(OWN))
        words = self._dice.choice(ANSWERS)
        return self._mail("Sent", OWN, person, words, now, subject, above)

    def _identity(self, sender: str) -> str:
        return f"<{self._number}@{sender.partition('@')[2]}>"

    def _mail(
        self,
        folder: str,
        sender: str,
        to: str,
        words: str,
        now: datetime,
        subject: str = "",
        above: str = "",
    ) -> Written:
        data = (
            f"From: {sender}\r\nTo: {to}\r\nSubject: {'Re: ' if above else ''}{subject}\r\n"
            f"Date: {format_datetime(now)}\r\nMessage-ID: {self._identity(sender)}\r\n"
            + (f"In-Reply-To: {above}\r\nReferences: {above}\r\n" if above else "")
            + f"\r\n{words} ({self._number})\r\n"
        )
        return Written(folder, data.encode(), now)


class SmallDisk:
    """A folder on a disk of its own that can be made full; without the right to mount, never so."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self.mounted = self._mount("-t", "tmpfs", "-o", "size=2g,mode=700", "tmpfs")

    def fill(self) -> bool:
        """Leave no room; return whether that could be done."""
        used = os.statvfs(self._folder)
        pages = used.f_blocks - used.f_bfree
        return self.mounted and self._mount("-o", f"remount,size={pages * used.f_frsize}")

    def free(self) -> None:
        """Make room again."""
        if self.mounted:
            self._mount("-o", "remount,size=2g")

    def _mount(self, *words: str) -> bool:
        with suppress(OSError):
            command = ["mount", *words, str(self._folder)]
            return subprocess.run(command, capture_output=True, check=False).returncode == 0
        return False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.mounted:
            subprocess.run(["umount", "-l", str(self._folder)], check=False)
