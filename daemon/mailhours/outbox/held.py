"""A mail that the owner wrote, made ready to leave: pure, bytes in, bytes and recipients out.

The body stays as it was written, octet for octet; only line ends become those of the wire. In the
header, what belongs to the moment of leaving is made right, and what belongs to a draft goes.
"""

from __future__ import annotations

import binascii
import email.utils
import quopri
import re
from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.header import Header, decode_header, make_header

from mailhours.model.address import Address, normal
from mailhours.model.faults import Fault

LIMIT = 40 * 1024 * 1024
"""Octets of the largest mail that is sent; what providers take ends at 20 to 35 million."""
RECIPIENTS = 100  # RFC 5321 section 4.5.3.1.8: as many as every server must take

_LINE_END = re.compile(rb"\r\n|\r|\n")
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:")
_ID = re.compile(r"<[^<>\s@]+@[^<>\s@]+>")
_SPEC = re.compile(r'(?:"[^"\s]+"|[^\s@<>()\[\],;:"\\]+)@[^\s@<>()\[\],;:"\\]+')
_ANCESTORS = 20
# What only a machine's mail carries; a draft of ours that the owner rewrote is the owner's.
_OURS = frozenset((b"auto-submitted", b"x-auto-response-suppress", b"x-mailhours-id"))
# Bookkeeping of mail programs, and what an earlier journey left: none of it is for the reader.
_PRIVATE = frozenset(
    (
        *(b"bcc", b"fcc", b"status", b"x-status", b"x-uid", b"x-keywords", b"x-unsent"),
        *(b"x-identity-key", b"x-account-key", b"x-uniform-type-identifier"),
        *(b"x-universally-unique-identifier", b"return-path", b"delivered-to", b"received"),
        *(b"dkim-signature", b"authentication-results"),
    )
)
_PRIVATE_BEGIN = (b"x-mozilla-", b"x-apple-", b"x-evolution-", b"x-kmail-", b"arc-")
_MADE_RIGHT = frozenset((b"date", b"message-id", b"in-reply-to", b"references"))
_ADDRESSED = (b"to", b"cc", b"bcc")


class HeldFault(Fault):
    """The mail cannot leave as it is; it stays where it lies and the owner is told."""


@dataclass(frozen=True, slots=True)
class Written:
    """A held mail, read. `fields` are (lower-case name, whole field without its line end).

    `recipients` are To, Cc and Bcc, each address once. `sender` has an empty spec where there is no
    From. Identifiers keep their angle brackets; what is no identifier is left out.
    """

    fields: tuple[tuple[bytes, bytes], ...]
    body: bytes
    sender: Address
    recipients: tuple[Address, ...]
    subject: str
    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    mailhours_id: str


def opened(mail: bytes) -> Written:
    """Read a held mail; HeldFault says why it cannot leave: no mail, too big, a wrong address."""
    if len(mail) > LIMIT:
        raise HeldFault(f"it is larger than {LIMIT // 1024**2} MB, which no provider takes")
    if b"\0" in mail:
        raise HeldFault("it is no mail: it holds NUL octets")
    fields, body = _split(mail)
    recipients: dict[str, Address] = {}
    for name in _ADDRESSED:
        for address in _addresses(fields, name):
            recipients.setdefault(address.normal, address)
    ids = _ID.findall(_value(fields, b"message-id"))
    parents = _ID.findall(_value(fields, b"in-reply-to"))
    return Written(
        fields,
        body,
        next(iter(_addresses(fields, b"from")), Address("", "")),
        tuple(recipients.values()),
        _decoded(_value(fields, b"subject")),
        ids[0] if len(ids) == 1 else "",
        parents[0] if parents else "",
        tuple(dict.fromkeys(_ID.findall(_value(fields, b"references")))),
        _value(fields, b"x-mailhours-id").strip(),
    )


def subject(header: bytes) -> str:
    """Return the subject of a header block as it can be shown; never raises."""
    try:
        return _decoded(_value(_split(header)[0], b"subject")).strip()[:200]
    except HeldFault:
        return ""


def message_id(header: bytes) -> str:
    """Return the Message-ID of a header block, or the empty string; never raises."""
    try:
        return next(iter(_ID.findall(_value(_split(header)[0], b"message-id"))), "")
    except HeldFault:
        return ""


def addressed(header: bytes) -> tuple[str, ...]:
    """Return who a header block is addressed to, as addresses are compared; never raises."""
    try:
        fields, _ = _split(header)
        found = [a.normal for name in _ADDRESSED for a in _addresses(fields, name)]
    except HeldFault:
        return ()
    return tuple(dict.fromkeys(found))


def deliverable(recipients: tuple[Address, ...]) -> tuple[str, ...]:
    """Return the addresses for the envelope, domains as A-labels (RFC 5890).

    HeldFault when there is none, or more than a server need take.
    """
    if not recipients:
        raise HeldFault("it names no recipient")
    if len(recipients) > RECIPIENTS:
        raise HeldFault(f"it names more than {RECIPIENTS} recipients")
    return tuple(envelope(address.spec) for address in recipients)


def envelope(spec: str) -> str:
    """Return an address as the envelope has it."""
    return f"{spec.rpartition('@')[0]}@{normal(spec).rpartition('@')[2]}"


def ready(
    written: Written,
    *,
    sender: Address,
    at: datetime,
    message_id: str,
    in_reply_to: str = "",
    references: tuple[str, ...] = (),
) -> bytes:
    """Return the mail as it leaves, with CRLF line ends and without Bcc.

    `at` is the moment of leaving: a mail that waited for its check-in does not tell when it was
    written (RFC 5322 section 3.6.1 asks for the moment at which it was ready to be sent). `sender`
    stands where there is no From.
    """
    new = {b"date": f"Date: {email.utils.format_datetime(at)}"}
    new[b"message-id"] = f"Message-ID: {message_id}"
    if _ID.fullmatch(in_reply_to):
        ancestors = [i for i in dict.fromkeys((*references, in_reply_to)) if _ID.fullmatch(i)]
        if len(ancestors) > _ANCESTORS:
            ancestors = [ancestors[0], *ancestors[-_ANCESTORS + 1 :]]
        new[b"in-reply-to"] = f"In-Reply-To: {in_reply_to}"
        new[b"references"] = "References: " + "\r\n ".join(ancestors)
    lines: list[bytes] = []
    names = {name for name, _ in written.fields}
    if b"from" not in names:
        lines.append(b"From: " + _mailbox(sender).encode())
    for name, field in written.fields:
        if name in new:
            lines.append(new.pop(name).encode())
        elif not _is_dropped(name, field):
            lines.append(_ascii(name, field))
    lines += [line.encode() for line in new.values()]
    if not names & {b"to", b"cc"}:
        lines.append(b"To: undisclosed-recipients:;")
    lines += _content(names, written.body)
    head = b"\n".join(lines) + b"\n\n"
    return _LINE_END.sub(b"\r\n", head + written.body)


def is_unchanged(mail: Written, draft: Written) -> bool:
    """Say whether `mail` says what our `draft` said, to the same people."""
    return (
        normal(mail.sender.spec) == normal(draft.sender.spec)
        and {a.normal for a in mail.recipients} == {a.normal for a in draft.recipients}
        and mail.subject.split() == draft.subject.split()
        and _text(draft) is not None
        and _text(mail) == _text(draft)
    )


def _split(mail: bytes) -> tuple[tuple[tuple[bytes, bytes], ...], bytes]:
    """Return the fields and the body, line ends folded to LF."""
    plain = _LINE_END.sub(b"\n", mail)
    if plain.startswith((b"From ", b">From ")):  # the first line of an mbox
        plain = plain.partition(b"\n")[2]
    head, _, body = plain.partition(b"\n\n")
    if plain.startswith(b"\n"):
        head, body = b"", plain[1:]
    fields: list[tuple[bytes, bytes]] = []
    for line in head.rstrip(b"\n").split(b"\n") if head else ():
        match = _FIELD.match(line)
        if line[:1] in (b" ", b"\t") and fields:
            name, above = fields[-1]
            fields[-1] = name, above + b"\n" + line
        elif match:
            fields.append((match[1].lower(), line))
        else:
            raise HeldFault("it is no mail: a line of its header is no field")
    if not fields:
        raise HeldFault("it is no mail: it has no header")
    return tuple(fields), body


def _value(fields: tuple[tuple[bytes, bytes], ...], name: bytes) -> str:
    """Return the values of all fields of that name, unfolded, joined by commas."""
    found = [field.partition(b":")[2].replace(b"\n", b"") for held, field in fields if held == name]
    return ", ".join(value.decode("utf-8", "replace").strip() for value in found)


def _addresses(fields: tuple[tuple[bytes, bytes], ...], name: bytes) -> list[Address]:
    value = _value(fields, name)
    found = []
    for shown, spec in email.utils.getaddresses([value]):
        if not shown and not spec:  # an empty field, or a group without members
            continue
        if not _SPEC.fullmatch(spec):
            raise HeldFault(f"{(spec or shown)[:80]!r} in {name.decode().title()} is no address")
        found.append(Address(_decoded(shown), spec))
    if not found and "@" in value:
        raise HeldFault(f"the addresses in {name.decode().title()} cannot be read")
    return found


def _decoded(value: str) -> str:
    """Return a value with its encoded-words decoded (RFC 2047)."""
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        return value


def _is_dropped(name: bytes, field: bytes) -> bool:
    return (
        name in _OURS | _PRIVATE | _MADE_RIGHT
        or name.startswith(_PRIVATE_BEGIN)
        or (name == b"x-loop" and b"mailhours-" in field)
    )


def _ascii(name: bytes, field: bytes) -> bytes:
    """Return a field that was typed by hand in UTF-8 as RFC 2047 wants it."""
    if field.isascii():
        return field
    title, _, value = field.partition(b":")
    text = value.replace(b"\n", b"").decode("utf-8", "replace").strip()
    if name in (b"subject", b"comments"):
        return title + b": " + Header(text, "utf-8", header_name="Subject").encode().encode()
    if name in (b"from", b"to", b"cc", b"reply-to", b"sender"):
        people = (Address(_decoded(n), s) for n, s in email.utils.getaddresses([text]))
        return title + b": " + ",\n ".join(map(_mailbox, people)).encode()
    return field


def _mailbox(address: Address) -> str:
    spec = envelope(address.spec)
    if address.name.isascii():
        return email.utils.formataddr((address.name, spec))
    return f"{Header(address.name, 'utf-8').encode()} <{spec}>"


def _content(names: set[bytes], body: bytes) -> list[bytes]:
    """Return the fields that say what a text typed by hand is (RFC 2045 section 5.2)."""
    if b"content-type" in names or body.isascii():
        return []
    try:
        body.decode()
    except UnicodeDecodeError:
        return []
    said = [b"Content-Type: text/plain; charset=utf-8"]
    said += [b"MIME-Version: 1.0"] if b"mime-version" not in names else []
    said += [b"Content-Transfer-Encoding: 8bit"] * (b"content-transfer-encoding" not in names)
    return said


def _text(written: Written) -> str | None:
    """Return the words of a plain text mail, however wrapped or encoded; None for any other."""
    kind = _value(written.fields, b"content-type").lower() or "text/plain"
    if not kind.startswith("text/plain"):
        return None
    encoding = _value(written.fields, b"content-transfer-encoding").lower()
    body = written.body
    try:
        if encoding == "quoted-printable":
            body = quopri.decodestring(body)
        elif encoding == "base64":
            body = binascii.a2b_base64(body)
        charset = re.search(r'charset="?([\w.:-]+)', kind)
        return " ".join(body.decode(charset[1] if charset else "utf-8").split())
    except (LookupError, ValueError):
        return None
