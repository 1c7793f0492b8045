"""A RawMail as two blobs, and back exactly: the header block, and all the rest in one.

The rest is a length (4 octets), that much JSON which says what there is, and then the contents one
after the other. Not compressed: that would cost more than all else that logging a mail does.
"""

from __future__ import annotations

import json
from datetime import datetime

from mailhours.model.raw import Attachment, PartType, RawMail, TextPart


def pack(raw: RawMail) -> tuple[bytes, bytes]:
    """Return the header block and the rest; `received` and `size` are columns of their own."""
    what = json.dumps(
        {
            "parts": [
                [p.section, p.content_type, dict(p.params), p.encoding, len(p.content), p.cut]
                for p in raw.parts
            ],
            "tree": [[node.section, node.content_type, dict(node.params)] for node in raw.tree],
            "attachments": [[a.name, a.content_type, a.size] for a in raw.attachments],
            "attached": [len(block) for block in raw.attached],
            "defects": raw.defects,
        },
        separators=(",", ":"),
    ).encode()
    contents = [part.content for part in raw.parts]
    return raw.header, b"".join([len(what).to_bytes(4, "big"), what, *contents, *raw.attached])


def unpack(header: bytes, rest: bytes, received: datetime, size: int) -> RawMail:
    """Return the mail; ValueError when the blob is not what `pack` writes."""
    position = 4 + int.from_bytes(rest[:4], "big")
    what = json.loads(rest[4:position])
    parts = []
    for section, content_type, params, encoding, length, cut in what["parts"]:
        content = rest[position : position + length]
        parts.append(TextPart(section, content_type, params, encoding, content, cut))
        position += length
    attached = []
    for length in what["attached"]:
        attached.append(rest[position : position + length])
        position += length
    if position != len(rest):
        raise ValueError("a stored mail is shorter or longer than it says")
    return RawMail(
        header,
        tuple(parts),
        tuple(PartType(*node) for node in what["tree"]),
        tuple(Attachment(*one) for one in what["attachments"]),
        tuple(attached),
        received,
        size,
        tuple(what["defects"]),
    )
