"""A mutation fuzzer over the example mails: damage as wires and programs do it; nothing may raise.

Two thousand mails, a hundred thousand in the campaign; the same ones each time.
"""

import os
import random
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from mailhours.mailbox.eml import cut
from mailhours.model.message import Kind, MayReply
from mailhours.model.raw import FolderRole
from mailhours.reading.read import Reader

MAIL = sorted((Path(__file__).parent.parent / "unit" / "reading" / "mail").glob("*.eml"))
COUNT = 100_000 if os.environ.get("MAILHOURS_CAMPAIGN") == "full" else 2_000
NOON = datetime(2026, 5, 1, 10, tzinfo=UTC)
OWN = ("dana@studio.example",)
NORMAL = 0.05
STUFFED = 1.0
SCRAPS = (
    *(
        b"\r",
        b"\n",
        b"\x00",
        b"\xff\xfe",
        b"=?utf-8?q?",
        b"?=",
        b"=0D=0A",
        b"(",
        b")",
        b'"',
        b"\\",
        b"<",
        b">",
        b";",
        b",",
    ),
    *(
        b"\r\n\r\n",
        b"--b1",
        b"--",
        b"> ",
        b"-- \n",
        b"=",
        b"@",
        b":",
        b"charset=utf-16",
        b"base64",
        b"multipart/mixed; boundary=",
    ),
    *(
        b"<blockquote>",
        b"<!--",
        b"&#99999999;",
        b"On 1 May 2026 Kari wrote:",
        b"From: ",
        b"until ",
        b"32/13/2026",
        b"METHOD:",
    ),
)


def damaged(rng, mails):
    """Return one mail with a few wounds, and how long its reading may take.

    Cut, doubled, spliced with another, overwritten, stuffed. A mail that was stuffed with thousands
    of the same is not one of a normal size any more, but must not stop a service either.
    """
    data = bytearray(rng.choice(mails))
    limit = NORMAL
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(8):
            case 0:
                del data[at:]
            case 1:
                del data[at : at + rng.randint(1, 40)]
            case 2:
                data[at:at] = data[at : at + rng.randint(1, 200)] * rng.randint(1, 5)
            case 3:
                other = rng.choice(mails)
                data[at:] = other[rng.randrange(len(other)) :]
            case 4:
                times = rng.choice((1, 1, 2, 50, 2000))
                data[at:at] = rng.choice(SCRAPS) * times
                limit = STUFFED if times > 1000 else limit
            case 5:
                data[at:at] = rng.randbytes(rng.randint(1, 12))
            case 6 if at < len(data):
                data[at] ^= 1 << rng.randrange(8)
            case _:
                ends = rng.choice((b"\r\n", b"\r", b"\n\n", b"\n "))
                data = bytearray(bytes(data).replace(b"\n", ends))
        if not data:
            return b"", limit
    return bytes(data), limit


def test_damaged_mail_is_read_and_robots_are_never_answered():
    reader = Reader(OWN, (), "mx.studio.example", "mailhours-1234", ZoneInfo("Europe/Oslo"))
    mails = [path.read_bytes() for path in MAIL]
    rng = random.Random(3834)
    failed, slow = [], []
    for number in range(COUNT):
        data, limit = damaged(rng, mails)
        raw = cut(data, NOON)
        took, got = timed(reader, raw, rng.choice(list(FolderRole)))
        failed += [(number, defect) for defect in got.defects if "failed" in defect]
        # The time of a busy machine is no proof: what is slow is measured again.
        if took > limit and min(timed(reader, raw)[0] for _ in range(3)) > limit:
            slow.append((number, round(took, 3), raw.size))
        assert got.kind is Kind.HUMAN or got.may_reply is not MayReply.REPLY

    assert failed == []
    assert slow == []


def timed(reader, raw, role=FolderRole.INBOX):
    start = time.process_time()
    got = reader.read(raw, role)
    return time.process_time() - start, got
