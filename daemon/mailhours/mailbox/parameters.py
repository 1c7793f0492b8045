"""Parameters of MIME fields (RFC 2045 section 5.1) and the names of attachments; never raises."""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from email.errors import MessageError
from email.header import decode_header
from urllib.parse import unquote_to_bytes

NAME_LIMIT = 200
_PARAMETER = re.compile(rb';\s*([^\s=;"]{1,80})\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^\s;"]*))')
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]+")


def words(value: bytes) -> str:
    """Return bytes of a header as text: ASCII or UTF-8, else byte by byte (ISO 8859-1)."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def field(value: bytes) -> tuple[str, dict[str, str]]:
    """Split `text/plain; charset=utf-8` into its first word, lower case, and its parameters.

    Names are lower case, values as sent without their quotes; of a repeated name the first counts.
    """
    main = value.partition(b";")[0].strip().lower()
    found: dict[str, str] = {}
    for name, quoted, bare in _PARAMETER.findall(value):
        text = _ESCAPED.sub(rb"\1", quoted) if quoted else bare
        found.setdefault(name.lower().decode("ascii", "replace"), words(text))
    return words(main), found


def filename(disposition: Mapping[str, str], content_type: Mapping[str, str]) -> str:
    """Return the decoded name of an attachment, at most NAME_LIMIT characters, or nothing."""
    for params, key in ((disposition, "filename"), (content_type, "name")):
        name = _extended(params, key) or _encoded(params.get(key, ""))
        if name:
            return _CONTROL.sub(" ", name).strip()[:NAME_LIMIT]
    return ""


def _extended(params: Mapping[str, str], key: str) -> str:
    """Join and decode `name*`, `name*0*`, `name*1` (RFC 2231)."""
    pieces = [params[f"{key}*"]] if f"{key}*" in params else []
    coded = bool(pieces)
    for number in range(20):
        if f"{key}*{number}*" in params:
            pieces.append(params[f"{key}*{number}*"])
            coded = True
        elif f"{key}*{number}" in params:
            pieces.append(params[f"{key}*{number}"])
        else:
            break
    text = "".join(pieces)[: 8 * NAME_LIMIT]
    if not coded:
        return text
    charset, quote, rest = text.partition("'")
    if not quote:
        return text
    value = unquote_to_bytes(rest.partition("'")[2])
    try:
        return value.decode(charset or "utf-8", "replace")
    except (LookupError, ValueError):
        return words(value)


def _encoded(text: str) -> str:
    """Decode encoded words (RFC 2047), which do not belong in parameters and are found there."""
    if "=?" not in text:
        return text
    try:
        return "".join(
            piece if isinstance(piece, str) else piece.decode(charset or "ascii", "replace")
            for piece, charset in decode_header(text[: 8 * NAME_LIMIT])
        )
    except (MessageError, LookupError, ValueError, binascii.Error):
        return text
