"""MIME as it is sent, not as it should be: words of headers, bodies of parts; never raises.

RFC 2047 (encoded words), RFC 2045 (transfer encodings), RFC 3676 (format=flowed). The standard
library's `policy.default` is not used: its header objects raise on access and cost ten times more.
"""

from __future__ import annotations

import binascii
import re

from mailhours.model.raw import TextPart
from mailhours.reading.charset import decode

# Each piece is bounded by what it may not contain, so that no input makes it backtrack far.
_ENCODED = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN = re.compile(r"(\?=)[ \t\r\n]+(?==\?)")
_CONTROLS = re.compile(
    r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+"
)
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_META_CHARSET = re.compile(
    rb"<meta\b[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE
)
_BREAKS = re.compile(r"\r\n?|\n")


def words(value: bytes, hint: str = "") -> str:
    """Return an unstructured header `value` as text: encoded words and raw 8 bit decoded.

    Control and direction-changing characters become a space: what hides in an encoded word can
    neither start a header line nor turn the text around.
    """
    if value.isascii() and b"=?" not in value:
        return clean(value.decode("ascii"))  # nearly every field
    return clean(decode_words(decode(value, hint=hint)))


def decode_words(text: str) -> str:
    """Return `text` with its encoded words (RFC 2047) decoded, whatever they hide."""
    if "=?" not in text:
        return text
    joined = _BETWEEN.sub(r"\1", text)  # space between two encoded words is not text (section 6.2)
    pieces: list[str] = []
    charset, held, end = "", b"", 0
    for found in _ENCODED.finditer(joined):
        label = found[1].lower()
        data = _word_bytes(found[2], found[3])
        if found.start() == end and label == charset and held:
            held += data  # a character may be torn between two words, against section 5
            end = found.end()
            continue
        pieces += (decode(held, charset), joined[end : found.start()])
        charset, held, end = label, data, found.end()
    pieces += (decode(held, charset), joined[end:])
    return "".join(pieces)


def clean(text: str) -> str:
    """Return `text` as one line without control or bidirectional-override characters."""
    return " ".join(_CONTROLS.sub(" ", text).split())


def body(part: TextPart) -> str:
    """Return the text of `part`: transfer encoding and charset undone, line ends as newlines."""
    data = transfer(part.content, part.encoding)
    label = part.params.get("charset", "")
    if not label and part.content_type == "text/html":
        found = _META_CHARSET.search(data[:2048])
        label = found[1].decode("ascii", "replace") if found else ""
    text = _BREAKS.sub("\n", decode(data, label)).replace("\x00", "").removeprefix("\ufeff")
    if part.content_type == "text/plain" and _is(part, "format", "flowed"):
        return unflow(text, joined=_is(part, "delsp", "yes"))
    return text


def transfer(data: bytes, encoding: str) -> bytes:
    """Return `data` without its Content-Transfer-Encoding; what cannot be undone stays as it is."""
    match encoding.strip().lower().strip("\"'").partition(";")[0].strip():
        case "base64":
            return _base64(data)
        case "quoted-printable":
            return binascii.a2b_qp(data)
        case "x-uuencode" | "uuencode" | "x-uue" | "uue":
            return _uuencoded(data)
        case _:
            return data


def unflow(text: str, *, joined: bool = False) -> str:
    """Return format=flowed `text` with its soft line breaks closed (RFC 3676 section 4).

    `joined` is DelSp=yes: the space before a soft break goes too. Quoted lines keep their marks.
    """
    out: list[str] = []
    soft, depth_before = False, 0
    for line in text.split("\n"):
        inner = line.lstrip(">")
        depth = len(line) - len(inner)
        inner = inner.removeprefix(" ")  # space-stuffing, section 4.4
        signature = inner == "-- "
        if soft and depth == depth_before and not signature:
            out[-1] += inner
        else:
            out.append((">" * depth + " " if depth else "") + inner)
        soft = inner.endswith(" ") and not signature
        if soft and joined:
            out[-1] = out[-1][:-1]
        depth_before = depth
    return "\n".join(out)


def _is(part: TextPart, name: str, value: str) -> bool:
    return part.params.get(name, "").strip().strip('"').lower() == value


def _word_bytes(encoding: str, payload: str) -> bytes:
    data = payload.encode("utf-8", "replace")
    if encoding in "bB":
        return _base64(data)
    return binascii.a2b_qp(data.replace(b" ", b"_"), header=True)


def _base64(data: bytes) -> bytes:
    end = data.find(b"=")
    kept = _NOT_BASE64.sub(b"", data if end < 0 else data[:end])
    if len(kept) % 4 == 1:
        kept = kept[:-1]
    try:
        return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))
    except binascii.Error:
        return data


def _uuencoded(data: bytes) -> bytes:
    lines: list[bytes] = []
    for line in data.splitlines():
        if line.startswith(b"begin ") or not line.strip():
            continue
        if line.strip() == b"end":
            break
        try:
            lines.append(binascii.a2b_uu(line))
        except binascii.Error:
            return data
    return b"".join(lines)
