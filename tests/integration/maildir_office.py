"""A whole account between a Maildir and an SMTP server, at a clock that a test sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from configurations import loaded
from mailhours.mailbox import maildir_files
from mailhours.model.reply import Plan
from mailhours.model.slot import Slot
from mailhours.service import jobs
from mailhours.service.account import Account, open_account

OSLO = ZoneInfo("Europe/Oslo")
MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=OSLO)
OWN, KARI = "dana@studio.example", "kari@fjord.example"
MAIN = """
schema = 1
[owner]
name = "Dana Berg"
address = "{own}"
colleagues = ["kim@studio.example"]
timezone = "Europe/Oslo"
[hours]
week = {{ mon = ["09:00-17:00"], tue = ["09:00-17:00"], wed = ["09:00-17:00"], thu = ["09:00-17:00"], fri = ["09:00-17:00"] }}
check_ins = ["10:00", "15:00"]
[agreement]
answer_within = "2 business days"
feedback_within = "1 business day"
clauses = {{ feedback = "4.2", payment = "6.1" }}
[mailbox.main]
path = "{maildir}"
[submission]
host = "127.0.0.1"
port = {port}
security = "none"
[replies]
mode = "{mode}"
authentication = "{authentication}"
{replies}
[payment]
details = "IBAN NO00"
{payment}
"""
FJORD = """
schema = 1
name = "Fjord Coffee"
addresses = ["{address}"]
language = "en"
[[person]]
name = "Kari Nordmann"
address = "{address}"
roles = ["contact", "approver", "payer"]
[project]
key = "web"
due = 2026-04-10
"""
INVOICE = '[[invoice]]\nnumber = "2026-014"\nproject = "web"\nissued = 2026-02-01\ndue = 2026-02-15\namount = "1200.00 EUR"\n'


class Clock:
    """The time that a test says."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now.astimezone(UTC)

    def at(self, text: str) -> datetime:
        """Set it: `2026-03-02 10:00`, Oslo time."""
        self.now = datetime.fromisoformat(text).replace(tzinfo=OSLO)
        return self.now

    def later(self, **time: float) -> datetime:
        self.now += timedelta(**time)
        return self.now


@dataclass
class Office:
    """One account on a Maildir; `open` joins it anew, as a restart does."""

    folder: Path
    clock: Clock
    port: int = 1
    mode: str = "send"
    replies: str = ""
    client: str = FJORD.format(address=KARI)
    own: str = OWN
    payment: str = ""
    authentication: str = "absent"

    def __post_init__(self) -> None:
        self.maildir = self.folder / "Maildir"
        if not self.maildir.exists():
            maildir_files.create(self.maildir)
            for name in (".Sent", ".Drafts", ".Check-in"):
                maildir_files.create(self.maildir / name)
        (self.folder / "state").mkdir(exist_ok=True)
        self._number = 0

    def settings(self, clients: Mapping[str, str] | None = None) -> object:
        main = MAIN.format(
            own=self.own,
            maildir=self.maildir,
            port=self.port,
            mode=self.mode,
            replies=self.replies,
            payment=self.payment,
            authentication=self.authentication,
        )
        files = {"mailhours.toml": main}
        for name, text in (clients or {"fjord": self.client}).items():
            files[f"clients/{name}.toml"] = text
        return loaded(self.folder / "config", files)

    def open(self, clients: Mapping[str, str] | None = None) -> Account:
        account = open_account(self.settings(clients), self.folder / "state", self.clock)
        account.ledger.health.first_use(self.clock())
        account.ledger.health.known_since(account.book.clients, self.clock())
        return account

    def mail(
        self,
        text: str,
        *,
        subject: str = "Logo",
        sender: str = KARI,
        to: str = "",
        folder: str = "",
        answers: str = "",
        at: datetime | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """Lay a mail into a folder of the Maildir as of now; return its Message-ID."""
        mail = EmailMessage(policy=SMTP)
        self._number += 1
        mail["From"], mail["To"], mail["Subject"] = sender, to or self.own, subject
        when = at or self.clock.now
        mail["Date"] = format_datetime(when)
        identity = f"<{when:%Y%m%d%H%M%S}.{self._number}@{sender.partition('@')[2]}>"
        mail["Message-ID"] = identity
        if answers:
            mail["In-Reply-To"] = mail["References"] = answers
        for name, value in (headers or {}).items():
            mail[name] = value
        mail.set_content(text)
        self.lay(mail.as_bytes(), folder, when)
        return identity

    def lay(self, mail: bytes, folder: str = "", at: datetime | None = None) -> None:
        where = self.maildir / f".{folder}" if folder else self.maildir
        maildir_files.deliver(where, mail, at or self.clock.now, "S" if folder else "")

    def says(self, text: str, *, subject: str = "Logo", answers: str = "") -> str:
        """Lay a mail of the owner to Kari into Sent."""
        return self.mail(
            text, subject=subject, sender=self.own, to=KARI, folder="Sent", answers=answers
        )

    def lying(self, folder: str) -> list[EmailMessage]:
        """Return the mails in a folder, parsed."""
        where = self.maildir / f".{folder}" if folder else self.maildir
        files = [*(where / "new").iterdir(), *(where / "cur").iterdir()]
        return [BytesParser(policy=SMTP).parsebytes(file.read_bytes()) for file in sorted(files)]  # type: ignore[misc]


def check_in(account: Account, clock: Clock, at: str) -> Plan | None:
    """Hold the check-in `2026-03-02 10:00`."""
    now = clock.at(at)
    return jobs.check_in(account, Slot(now.astimezone(UTC), f"{now:%Y-%m-%dT%H:%M}"))
