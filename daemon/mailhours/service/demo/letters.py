"""From the script to bytes: the headers, forms and signatures of common mail programs."""

from __future__ import annotations

import base64
import hashlib
import html
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.quoprimime import body_encode
from email.utils import format_datetime, formataddr

from mailhours.model.address import Address, domain
from mailhours.service.demo.quotation import Quotation, Quoted, quotation
from mailhours.service.demo.script import Scripted, Writer

_PROGRAMS: Mapping[str, Mapping[str, str]] = {
    "apple": {"X-Mailer": "Apple Mail (2.3826.400.131.1.6)"},
    "iphone": {"X-Mailer": "iPhone Mail (22D82)"},
    "thunderbird": {"User-Agent": "Mozilla Thunderbird", "Content-Language": "en-US"},
    "outlook": {"Accept-Language": "en-GB, en-US", "X-Originating-IP": "[192.0.2.81]"},
    "yandex": {"X-Mailer": "Yamail 5.0"},
}
# These write a page beside the text.
_WITH_PAGE = frozenset({"outlook", "gmail"})
_ANSWER = ("re:", "sv:")
_TYPES = {"jpg": "image/jpeg", "pdf": "application/pdf", "csv": "text/csv"}
_WIDTH = 72


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as its writer's program made it; servers on the way put their lines above `data`."""

    message_id: str
    references: tuple[str, ...]
    subject: str
    sender: Address
    to: Address
    at: datetime
    text: str
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a mail: the value of its Content-Type, more fields, and its content."""

    content_type: str
    content: str
    fields: tuple[tuple[str, str], ...] = ()

    def lines(self) -> str:
        head = [("Content-Type", self.content_type), *self.fields]
        return "".join(f"{name}: {value}\n" for name, value in head) + "\n" + self.content


def letter(mail: Scripted, before: Letter | None) -> Letter:
    """Return the mail; `before` is what it answers. The same script gives the same bytes."""
    subject, references = mail.subject, tuple[str, ...]()
    if before is not None:
        references = (*before.references, before.message_id)
        known = before.subject.lower().startswith(_ANSWER)
        subject = subject or (before.subject if known else f"Re: {before.subject}")
    writer, message_id = mail.writer, _message_id(mail)
    quoted = _quotation(writer, before) if mail.quotes and before is not None else None
    part = _part(mail, quoted)
    fields = [
        ("From", _address(writer.address)),
        ("To", ", ".join(map(_address, mail.to))),
        ("Cc", ", ".join(map(_address, mail.cc))),
        ("Subject", _words(subject)),
        ("Date", format_datetime(mail.at.astimezone(writer.zone))),
        ("Message-ID", message_id),
        ("In-Reply-To", references[-1] if references else ""),
        ("References", "\n ".join(references)),
        *_PROGRAMS.get(writer.program, {}).items(),
        *mail.headers.items(),
        ("MIME-Version", "1.0"),
    ]
    head = "".join(f"{name}: {value}\n" for name, value in fields if value)
    data = (head + part.lines()).replace("\n", "\r\n").encode()
    text = _text(mail, quoted)
    return Letter(message_id, references, subject, writer.address, mail.to[0], mail.at, text, data)


def _quotation(writer: Writer, before: Letter) -> Quotation:
    quoted = Quoted(before.sender, before.to, before.at, before.subject, before.text)
    return quotation(writer.program, writer.language, writer.zone, quoted)


def _text(mail: Scripted, quoted: Quotation | None) -> str:
    """Return the plain text: what is new on top, as most people answer."""
    signature = mail.writer.signature
    if signature and mail.writer.mark:
        signature = f"-- \n{signature}"
    blocks = (mail.text, signature, quoted.text if quoted else "")
    return "\n\n".join(block for block in blocks if block) + "\n"


def _part(mail: Scripted, quoted: Quotation | None) -> _Part:
    if mail.content_type:
        return _Part(mail.content_type, mail.body)
    if mail.html:
        return _encoded("text/html; charset=utf-8", mail.html)
    program, text = mail.writer.program, _text(mail, quoted)
    if program in _WITH_PAGE:
        alternatives = (
            _encoded("text/plain; charset=utf-8", text),
            _encoded("text/html; charset=utf-8", _page(mail, quoted)),
        )
        made = _multipart("alternative", mail.id, alternatives)
    elif program == "thunderbird":
        flowed = _flowed(text)
        made = _Part(
            "text/plain; charset=utf-8; format=flowed",
            flowed,
            (("Content-Transfer-Encoding", "7bit" if flowed.isascii() else "8bit"),),
        )
    else:
        made = _encoded("text/plain; charset=utf-8", text)
    if mail.attachments:
        return _multipart("mixed", mail.id, (made, *map(_attachment, mail.attachments)))
    return made


def _encoded(content_type: str, text: str) -> _Part:
    encoded = body_encode(text.encode().decode("latin-1"))
    return _Part(content_type, encoded, (("Content-Transfer-Encoding", "quoted-printable"),))


def _multipart(subtype: str, name: str, parts: Iterable[_Part]) -> _Part:
    boundary = f"----=_{subtype}_{name}"
    body = "".join(f"--{boundary}\n{part.lines()}\n" for part in parts)
    return _Part(f'multipart/{subtype}; boundary="{boundary}"', f"{body}--{boundary}--\n")


def _attachment(name: str) -> _Part:
    """Return a file that is only its name: attachments are never opened."""
    kind = _TYPES[name.rpartition(".")[2]]
    content = base64.encodebytes(f"{name} of the story\n".encode() * 20).decode()
    return _Part(
        f'{kind}; name="{name}"',
        content,
        (
            ("Content-Transfer-Encoding", "base64"),
            ("Content-Disposition", f'attachment; filename="{name}"'),
        ),
    )


def _flowed(text: str) -> str:
    """Return text as format=flowed (RFC 3676): long lines end in a space where they go on."""
    lines = []
    for line in text.splitlines():
        if line == "-- ":
            lines.append(line)
            continue
        depth = len(line) - len(line.lstrip(">"))
        rest = line[depth:].removeprefix(" ").rstrip()
        mark = line[:depth] + " " * bool(depth and rest)
        wrapped = textwrap.wrap(rest, _WIDTH - len(mark), break_long_words=False) or [""]
        stuffed = [
            f" {one}" if not mark and one.startswith((" ", ">", "From ")) else one
            for one in wrapped
        ]
        lines += [f"{mark}{one} " for one in stuffed[:-1]] + [f"{mark}{stuffed[-1]}"]
    return "\n".join(lines) + "\n"


def _page(mail: Scripted, quoted: Quotation | None) -> str:
    """Return the page that Outlook or Gmail writes beside the text."""
    quote = quoted.markup if quoted else ""
    signature = "<br>\n".join(html.escape(line) for line in mail.writer.signature.splitlines())
    if mail.writer.program == "gmail":
        text = "".join(
            f"<div>{html.escape(line) or '<br>'}</div>" for line in mail.text.splitlines()
        )
        return (
            f'<div dir="ltr">{text}<div><br></div><span class="gmail_signature_prefix">-- </span>'
            f'<br><div dir="ltr" class="gmail_signature">{signature}</div></div><br>{quote}\n'
        )
    text = "\n".join(
        f'<p class="MsoNormal">{html.escape(line) or "<o:p>&nbsp;</o:p>"}</p>'
        for line in mail.text.splitlines()
    )
    return (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal'
        '{margin:0cm;font-size:11.0pt;font-family:"Calibri",sans-serif}</style></head>\n'
        f'<body lang="EN-GB"><div class="WordSection1">{text}\n<p class="MsoNormal">'
        f'<o:p>&nbsp;</o:p></p><p class="MsoNormal">{signature}</p>{quote}</div></body></html>\n'
    )


def _message_id(mail: Scripted) -> str:
    digest = hashlib.sha256(f"{mail.id} {mail.at.isoformat()}".encode()).hexdigest().upper()
    host = domain(mail.writer.address.spec)
    match mail.writer.program:
        case "apple" | "iphone" | "thunderbird":
            groups = (digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32])
            return f"<{'-'.join(groups)}@{host}>"
        case "outlook":
            return f"<{digest[:28]}@LO4P123MB{digest[30:34]}.{host}>"
        case _:
            return f"<{digest[:24].lower()}.{int(mail.at.timestamp())}@{host}>"


def _address(address: Address) -> str:
    if address.name.isascii():
        return formataddr((address.name, address.spec))
    return f"{Header(address.name, 'utf-8').encode()} <{address.spec}>"


def _words(text: str) -> str:
    return text if text.isascii() else Header(text, "utf-8", header_name="Subject").encode()
