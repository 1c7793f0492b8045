"""Made mail for measuring: texts, pages with pictures and big attachments, the same for a seed."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

WORDS = (  # noqa: SIM905 - words read better so than in a list
    "the a we you our project invoice draft design meeting review feedback logo website launch "
    "budget question please could would today tomorrow again waiting answer file version change "
    "small one more thing also approve send page image colour delivery estimate revision brief "
    "plan next week know check see attached thanks"
).split(" ")
FROM = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
CLIENTS = 40


def mails(count: int, seed: int = 1, start: int = 0) -> Iterator[tuple[bool, datetime, bytes]]:
    """Yield (is it in Sent, arrival, mail): of ten, seven are text, two pages, one has a file."""
    for number in range(start, start + count):
        dice = random.Random(f"{seed}.{number}")
        at = FROM + timedelta(minutes=20 * number)
        client = f"c{dice.randrange(CLIENTS)}@client{dice.randrange(CLIENTS):04}.example"
        owner = "Dana Berg <dana@studio.example>"
        is_sent = dice.random() < 0.4
        sender, to = (owner, client) if is_sent else (client, owner)
        head = [
            f"Received: from mx.example\r\n\tby in.example; {format_datetime(at)}",
            "DKIM-Signature: v=1; a=rsa-sha256; d=example; s=s1;\r\n\tb=" + "x" * 300,
            f"From: {sender}",
            f"To: {to}",
            f"Subject: {' '.join(dice.choices(WORDS, k=5))}",
            f"Date: {format_datetime(at)}",
            f"Message-ID: <{seed}.{number}@bench.example>",
            "MIME-Version: 1.0",
        ]
        text = _text(dice, dice.randint(400, 6000))
        kind = number % 10
        if kind == 9:
            size = dice.randint(500_000, 1_500_000)
            body = _multipart("mixed", _plain(text), _file("application/pdf", "offer.pdf", size))
        elif kind in (3, 6):
            page = f"<html><body><p>{text}</p></body></html>"
            picture = _file("image/png", "picture.png", dice.randint(50_000, 150_000))
            body = _multipart("related", _plain(page, "html"), picture)
        else:
            body = _plain(text)
        yield is_sent, at, "\r\n".join(head).encode() + b"\r\n" + body


def _text(dice: random.Random, size: int) -> str:
    lines = []
    while size > 0:
        line = " ".join(dice.choices(WORDS, k=11)).capitalize() + "."
        lines.append(line)
        size -= len(line)
    return "\r\n".join(lines)


def _plain(text: str, subtype: str = "plain") -> bytes:
    head = f"Content-Type: text/{subtype}; charset=utf-8\r\n"
    return f"{head}Content-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n".encode()


def _file(kind: str, name: str, size: int) -> bytes:
    content = base64.encodebytes(bytes(range(256)) * (size * 3 // 4 // 256)).replace(b"\n", b"\r\n")
    head = f"Content-Type: {kind}; name={name}\r\nContent-Transfer-Encoding: base64\r\n"
    return f"{head}Content-Disposition: attachment; filename={name}\r\n\r\n".encode() + content


def _multipart(subtype: str, *parts: bytes) -> bytes:
    pieces = b"".join(b"--=_bench\r\n" + part + b"\r\n" for part in parts)
    head = f'Content-Type: multipart/{subtype}; boundary="=_bench"\r\n\r\n'
    return head.encode() + pieces + b"--=_bench--\r\n"
