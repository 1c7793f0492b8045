"""The MIME tree of a mail as its mailbox tells it, and what of it is read: text, never attachments.

Both ways to a tree, the server's BODYSTRUCTURE and the bytes of a whole mail, end here, so that a
mail is the same mail wherever it was found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mailhours.model.header import BLOCK_LIMIT, content_key
from mailhours.model.raw import Attachment, PartType, TextPart

DEPTH_LIMIT = 20
TEXT_LIMIT = 256 * 1024
TEXTS = 8
ATTACHED_LIMIT = 16 * 1024
ATTACHED = 4
NODES = 200
# A plain text of this many octets is no "your program shows no HTML": its HTML twin is not needed,
# and is a third of all the text that a mailbox holds.
SPOKEN = 2048
_KEYED_TEXT = 128 * 1024
# A field that is there and empty is not: its key takes the text, as content_key does.
_MESSAGE_ID = re.compile(
    rb"^message-id[ \t]*:[ \t]*(?:\r?\n[ \t]+)*[^\s]", re.IGNORECASE | re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Node:
    """One node of the tree.

    `section` is the part number of RFC 9051 section 6.4.5, "" for the root of a multipart mail;
    `size` is in octets as transferred; `depth` of the root is 0.
    """

    section: str
    content_type: str
    params: Mapping[str, str] = field(default_factory=dict)
    encoding: str = "7bit"
    disposition: str = ""
    name: str = ""
    size: int = 0
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """What is taken of a mail: `texts` are read, of `attached` messages the header."""

    tree: tuple[PartType, ...]
    texts: tuple[Node, ...]
    attached: tuple[Node, ...]
    attachments: tuple[Attachment, ...]
    defects: tuple[str, ...]

    @property
    def announced(self) -> int:
        """Return how many octets of text and headers are to come at most."""
        texts = sum(min(node.size, TEXT_LIMIT) for node in self.texts)
        return texts + ATTACHED_LIMIT * len(self.attached)


def choose(nodes: Sequence[Node]) -> Choice:
    """Choose from a tree in the order of its parts; what is beyond the limits is a defect.

    Of a multipart/alternative with a plain text worth the name the HTML is left out.
    """
    kinds = {node.section: node.content_type for node in nodes}
    spoken = {
        _above(node.section)
        for node in nodes
        if node.content_type == "text/plain"
        and node.size >= SPOKEN
        and kinds.get(_above(node.section)) == "multipart/alternative"
    }
    texts: list[Node] = []
    attached: list[Node] = []
    attachments: list[Attachment] = []
    defects: list[str] = []
    for node in nodes[:NODES]:
        kind = node.content_type
        if kind.startswith("multipart/"):
            continue
        is_text = kind.startswith("text/") and node.disposition != "attachment"
        if is_text and kind == "text/html" and _is_below(node.section, spoken):
            continue
        if is_text and node.depth <= DEPTH_LIMIT and len(texts) < TEXTS:
            texts.append(node)
            continue
        if is_text:
            defects.append("more text parts than are read")
        if kind in ("message/rfc822", "message/global") and len(attached) < ATTACHED:
            attached.append(node)
        attachments.append(Attachment(node.name, kind, node.size))
    if len(nodes) > NODES:
        defects.append(f"more than {NODES} parts")
    tree = tuple(PartType(n.section, n.content_type, n.params) for n in nodes[:NODES])
    once = tuple(dict.fromkeys(defects))
    return Choice(tree, tuple(texts), tuple(attached), tuple(attachments), once)


def _above(section: str) -> str:
    return section.rpartition(".")[0]


def _is_below(section: str, above: set[str]) -> bool:
    while above and section:
        section = _above(section)
        if section in above:
            return True
    return False


def text_part(node: Node, content: bytes) -> TextPart:
    """Return a text part as far as it was had, with the mark when there is more of it."""
    cut = len(content) > TEXT_LIMIT or (len(content) == TEXT_LIMIT < node.size)
    return TextPart(
        node.section, node.content_type, node.params, node.encoding, content[:TEXT_LIMIT], cut
    )


def key(header: bytes, texts: Sequence[TextPart]) -> str:
    """Return the content key; line ends are folded, since servers and files differ in them."""
    first = texts[0].content.replace(b"\r\n", b"\n") if texts else b""
    return content_key(header, first[:_KEYED_TEXT])


def named(header: bytes) -> bool:
    """Say whether the key can be told from the header alone: it has a Message-ID."""
    return _MESSAGE_ID.search(header[:BLOCK_LIMIT]) is not None
