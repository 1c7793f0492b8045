"""Synthetic months as mails: every act as the bytes of a mail, read again by the reading stage."""

from __future__ import annotations

from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from builders import DANA, KIM
from mailhours.mailbox.eml import cut
from mailhours.model.message import Direction, Kind, Message
from mailhours.model.raw import FolderRole
from mailhours.reading.read import Reader
from mailhours.service.attribution import AddressBook, message
from personas import OSLO, Month

NAMES = {DANA: "Dana Berg", "kari@fjord.example": "Kari Nordmann", "ola@fjord.example": "Ola"}


def mail(one: Message, text: str) -> bytes:
    """Return a message of a month as the bytes of a plain mail."""
    made = EmailMessage(policy=SMTP)
    ours = one.direction is Direction.OUTBOUND
    sender = DANA if ours else one.person
    made["From"] = f"{NAMES[sender]} <{sender}>"
    made["To"] = ", ".join(one.addressed)
    made["Subject"] = one.subject
    made["Date"] = format_datetime(one.at.astimezone(OSLO))
    made["Message-ID"] = one.message_id
    if one.parents:
        made["In-Reply-To"] = one.parents[-1]
        made["References"] = " ".join(one.parents)
    if one.kind is Kind.MACHINE:
        made["Auto-Submitted"] = "auto-replied"
    made.set_content(text)
    for name in one.attachments:
        made.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename=name)
    return made.as_bytes()


def reader() -> Reader:
    """Return the reader of the office of the tests."""
    return Reader((DANA, "hello@studio.example"), (KIM,), "", "mark", OSLO)


def read_again(one: Month, reading: Reader) -> Month:
    """Return the month with what the reading stage makes of its mails; keys stay as they were."""
    book = AddressBook(one.owner, [one.client])
    found = []
    for planned in one.messages:
        raw = cut(mail(planned, one.texts[planned.key]), planned.at)
        role = FolderRole.SENT if planned.direction is Direction.OUTBOUND else FolderRole.INBOX
        made = reading.read(raw, role, (one.language,))
        found.append(message(book, planned.key, raw, role, made, {}))
    return replace(one, messages=tuple(found))
