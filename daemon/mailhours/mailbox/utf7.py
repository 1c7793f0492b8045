"""Modified UTF-7, in which folder names are written (RFC 3501 section 5.1.3); never raises."""

from __future__ import annotations

import binascii
import re

from mailhours.mailbox.parameters import words

_SHIFTED = re.compile(r"&([^&-]*)-")
_OUTSIDE = re.compile(r"[^\x20-\x7e]+")


def encode(name: str) -> str:
    """Return `name` as a server or a Maildir wants it, ASCII."""

    def shift(match: re.Match[str]) -> str:
        utf16 = match[0].encode("utf-16-be", "surrogatepass")
        return f"&{binascii.b2a_base64(utf16).decode().rstrip('=' + chr(10)).replace('/', ',')}-"

    return _OUTSIDE.sub(shift, name.replace("&", "&-"))


def decode(raw: bytes | str) -> str:
    """Return a folder name for people; what is no modified UTF-7 (`Bad&XX`, 8 bits) stays."""

    def unshift(match: re.Match[str]) -> str:
        if not match[1]:
            return "&"
        padded = match[1].replace(",", "/") + "=" * (-len(match[1]) % 4)
        try:
            return binascii.a2b_base64(padded.encode()).decode("utf-16-be")
        except ValueError:
            return match[0]

    return _SHIFTED.sub(unshift, words(raw) if isinstance(raw, bytes) else raw)
