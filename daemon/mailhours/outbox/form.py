"""A reply as MIME: the only place where a mail of ours gets its form.

The same reply gives the same bytes. Header fields follow RFC 5322 and RFC 3834 section 3; what a
field may not hold is refused, so that nothing from a client's mail can become a header.
"""

from __future__ import annotations

import email.utils
import re
from email.header import Header
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.policy import compat32
from email.quoprimime import body_encode

from mailhours.model.address import Address, normal
from mailhours.model.faults import Fault
from mailhours.model.reply import Reply, ReplyKind

_MESSAGE_ID = re.compile(r"<[^<>\s@]+@[^<>\s@]+>")
# C0, C1, the line ends of Unicode, and what turns the direction of writing around.
_CONTROL = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)
# More ancestors than this help no mail program; the first and the last ones do (RFC 5322 3.6.4).
_REFERENCES = 20
# compat32 writes a header of plain ASCII as it is, folded between message ids only. The newer
# policies turn a long message id into encoded-words, which mail programs drop.
_POLICY = compat32.clone(linesep="\r\n", max_line_length=998, mangle_from_=False)


class FormFault(Fault):
    """The reply cannot be written as a mail; it is not sent and the owner is told."""


def form(reply: Reply, mark: str) -> bytes:
    """Return `reply` as a complete mail with CRLF line ends.

    `mark` is the account's loop mark. A held reply leaves as the owner wrote it (`raw`). FormFault
    when an address or field cannot be written.
    """
    if reply.raw:
        return reply.raw
    mail = _alternatives(reply) if reply.html else _plain(reply.text)
    fields = {
        "From": _mailbox(reply.sender),
        "To": _mailbox(reply.to),
        "Subject": _unstructured(reply.subject),
        "Date": email.utils.format_datetime(reply.at),
        "Message-ID": reply.message_id,
        **_threading(reply),
        "Content-Language": reply.language,
        "Auto-Submitted": reply.auto_submitted,
        "X-Auto-Response-Suppress": "All",
        # Some relays rewrite the Message-ID; this stays.
        "X-Mailhours-Id": reply.id,
        "X-Loop": mark,
        "MIME-Version": "1.0",
    }
    for name, value in fields.items():
        if value and name not in mail:
            mail[name] = value
    return mail.as_bytes(policy=_POLICY)


def _threading(reply: Reply) -> dict[str, str]:
    """Return In-Reply-To with one parent and References (RFC 5322 section 3.6.4)."""
    if ReplyKind.SUMMARY in reply.kinds or not _MESSAGE_ID.fullmatch(reply.in_reply_to):
        return {}
    known = [i for i in dict.fromkeys(reply.references) if _MESSAGE_ID.fullmatch(i)]
    if len(known) > _REFERENCES:
        known = [known[0], *known[-_REFERENCES + 1 :]]
    return {"In-Reply-To": reply.in_reply_to, "References": "\r\n ".join(known)}


def _mailbox(address: Address) -> str:
    """Return `name <spec>` (RFC 5322 section 3.4), the domain as A-label (RFC 5890)."""
    local, _, host = address.spec.rpartition("@")
    spec = f"{local}@{normal(address.spec).rpartition('@')[2]}"
    if not local or not host or not spec.isascii() or _CONTROL.search(spec) or " " in spec:
        raise FormFault(
            f"{address.spec!r} cannot be written as an address",
            hint="correct it in the client file",
        )
    name = _CONTROL.sub(" ", address.name).strip()
    if not name.isascii():
        return f"{Header(name, 'utf-8', maxlinelen=75).encode()} <{spec}>"
    return email.utils.formataddr((name, spec))


def _unstructured(text: str) -> str:
    clean = _CONTROL.sub(" ", text)
    if clean.isascii():
        return clean
    return Header(clean, "utf-8", maxlinelen=75, header_name="Subject").encode()


def _plain(text: str, subtype: str = "plain") -> Message:
    """Return a text part in quoted-printable (RFC 2045 section 6.7): safe on every relay."""
    part = Message()
    part["Content-Type"] = f'text/{subtype}; charset="utf-8"'
    part["Content-Transfer-Encoding"] = "quoted-printable"
    # quoprimime works on characters that stand for octets.
    part.set_payload(body_encode(text.encode().decode("latin-1")))
    return part


def _alternatives(reply: Reply) -> Message:
    """Return text and HTML as alternatives, the boundary derived from the reply's id."""
    mail = MIMEMultipart("alternative", boundary=f"=_mailhours_{reply.id}")
    mail.attach(_plain(reply.text))
    mail.attach(_plain(_inlined(reply.html), "html"))
    return mail


def _inlined(html: str) -> str:
    """Return a page with its styles at each tag: mail programs drop style sheets."""
    import css_inline  # noqa: PLC0415 - only summaries have a page, and it takes 2 MB

    # What stays is kept for dark mode and phones (@media).
    inliner = css_inline.CSSInliner(
        load_remote_stylesheets=False, keep_style_tags=False, keep_at_rules=True
    )
    return inliner.inline(html)
