"""Header blocks as bytes (RFC 5322 section 2.2): split, unfold, find; never raises.

Shared by the mailbox, which keys a mail by its header, and by the reading stage, which decodes it.
Fields are capped before anything else looks at them: a field of 24 KB costs a parser seconds.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

FIELD_LIMIT = 8 * 1024
BLOCK_LIMIT = 64 * 1024

# Each branch begins with the octet that it is found by, which makes the search fast.
_FOLD = re.compile(rb"\n[ \t]+|\r\n[ \t]+|\r(?!\n)[ \t]*")
# A display name, quoted or not, and the first 100 octets of it. All of a run is taken, closed or
# not, and nothing given back: it costs as much as the field is long.
_NAME = re.compile(
    rb'("(?:[^"\\]|\\.){0,100}+)(?:[^"\\]|\\.)*+("?)|([^"(),:;<>@]{1,100}+)[^"(),:;<>@]*+',
    re.DOTALL,
)
_ADDRESSED = frozenset(("from", "sender", "reply-to", "to", "cc"))
_SPACE = re.compile(rb"[ \t\r\n]+")
_KEYED = (b"message-id", b"date", b"from", b"to", b"cc", b"subject", b"in-reply-to")


def fields(block: bytes) -> list[tuple[str, bytes]]:
    """Return the fields of a header `block` in order: lower-case names, values unfolded, capped.

    Of fields of addresses it is the display names that are cut first: a sender whose name fills the
    field has an address all the same, and what stands in the name is none.
    """
    return [
        (name, (_shortened(value) if name in _ADDRESSED else value)[:FIELD_LIMIT])
        for name, value in _whole(block)
    ]


def _whole(block: bytes) -> Iterator[tuple[str, bytes]]:
    for line in _FOLD.sub(b" ", block[:BLOCK_LIMIT]).splitlines():
        if not line:
            break
        name, colon, value = line.partition(b":")
        if colon and name and b" " not in name.strip():
            yield name.strip().lower().decode("ascii", "replace"), value.strip()


def _shortened(value: bytes) -> bytes:
    if len(value) <= FIELD_LIMIT:
        return value
    return _NAME.sub(lambda name: name[3] or name[1] + name[2], value)


def content_key(block: bytes, first_text: bytes = b"") -> str:
    """Return the content key of a mail: what makes it the same mail in another folder.

    Folded Message-ID, Date, From, To, Cc, Subject and In-Reply-To; without a Message-ID also every
    Received and the first text part, because a Message-ID alone is neither always there nor always
    unique.
    """
    held = [(name, value[:FIELD_LIMIT]) for name, value in _whole(block)]
    names = set(_KEYED)
    parts = [(n, v) for n, v in held if n.encode() in names]
    if not any(n == "message-id" and v for n, v in held):
        parts += [(n, v) for n, v in held if n == "received"]
        parts.append(("text", hashlib.sha256(first_text).hexdigest().encode()))
    digest = hashlib.sha256()
    for name, value in sorted(parts):
        digest.update(name.encode() + b":" + _SPACE.sub(b" ", value) + b"\n")
    return digest.hexdigest()
