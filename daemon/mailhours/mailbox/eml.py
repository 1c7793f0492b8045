"""Whole mails cut into what is kept: header block, tree, text parts, names of attachments.

The standard library's parser compiles a regular expression per boundary and copies attachments
(37-65 MB/s); here one search per level finds the parts and only text is copied, so that 100 MB
cost milliseconds. What is searched is bounded, whatever the mail claims about itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from mmap import mmap

from mailhours.mailbox.parameters import field, filename
from mailhours.mailbox.structure import (
    ATTACHED_LIMIT,
    DEPTH_LIMIT,
    NODES,
    TEXT_LIMIT,
    Node,
    choose,
    text_part,
)
from mailhours.model.header import BLOCK_LIMIT, fields
from mailhours.model.raw import RawMail

_HEADER_LIKE = re.compile(rb"[!-9;-~]+[ \t]*:|>?From ")
# A boundary has at most 70 characters (RFC 2046 section 5.1.1); some programs write more.
_BOUNDARY_LIMIT = 200
_HITS = 5_000
_HEADER_SEARCHED = 16 * 1024 * 1024
_SEARCHED = 256 * 1024 * 1024


def cut(data: bytes | mmap, received: datetime, start: int = 0, end: int | None = None) -> RawMail:
    """Cut a whole mail; `received` is the moment of arrival, UTC. Never raises.

    `data` may be a memory map: of a large mail only what is kept is ever read into memory. The mail
    is all of `data`, or what lies there from `start` to `end`.
    """
    walk = _Walk(data, start, len(data) if end is None else end)
    starts: dict[str, int] = {}
    nodes: list[Node] = []
    for node, offset in walk.nodes():
        nodes.append(node)
        starts[node.section] = offset
    choice = choose(nodes)

    def content(node: Node, limit: int) -> bytes:
        at = starts[node.section]
        return data[at : at + min(node.size, limit)]

    return RawMail(
        header=data[start : min(walk.body, start + BLOCK_LIMIT)],
        parts=tuple(text_part(node, content(node, TEXT_LIMIT)) for node in choice.texts),
        tree=choice.tree,
        attachments=choice.attachments,
        attached=tuple(_header(content(node, ATTACHED_LIMIT)) for node in choice.attached),
        received=received,
        size=walk.end - start,
        defects=tuple(dict.fromkeys(walk.defects + list(choice.defects))),
    )


def _header(data: bytes) -> bytes:
    return data[: _body(data, 0, len(data))]


def _body(data: bytes | mmap, start: int, end: int) -> int:
    """Return where the body begins after a header block at `start`; `start` when there is none."""
    first = data[start : min(start + 2, end)]
    if first[:1] == b"\n":
        return start + 1
    if first == b"\r\n":
        return start + 2
    if not _HEADER_LIKE.match(data[start : min(end, start + 1000)]):
        return start
    until = min(end, start + _HEADER_SEARCHED)
    crlf = data.find(b"\n\r\n", start, until)
    bare = data.find(b"\n\n", start, until if crlf < 0 else crlf + 1)
    if bare >= 0:
        return bare + 2
    return crlf + 3 if crlf >= 0 else end


class _Walk:
    """One walk through a mail: where its body begins, its nodes, and what was wrong with it."""

    def __init__(self, data: bytes | mmap, start: int, end: int) -> None:
        self.data = data
        self.start = start
        self.end = end
        self.body = _body(data, start, end)
        self.defects: list[str] = []
        self._hits = 0
        self._searched = 0
        if self.body - start > BLOCK_LIMIT:
            self.defects.append("header cut: longer than 64 KiB")

    def nodes(self) -> Iterator[tuple[Node, int]]:
        """Yield the nodes in the order of the mail, each with the offset of its content."""
        stack = [("", self.start, self.end, 0, "text/plain")]
        count = 0
        while stack and count <= NODES:
            section, start, end, depth, default = stack.pop()
            body = _body(self.data, start, end) if section else self.body
            node, boundary = self._node(section, start, body, end, depth, default)
            children: list[tuple[int, int]] = []
            if node.content_type.startswith("multipart/"):
                children = self._children(boundary, body, end, depth)
                if not children:
                    self.defects.append("multipart without parts, read as text")
                    node = Node(section or "1", "text/plain", size=end - body, depth=depth)
            yield node, body
            count += 1
            default = "text/plain"
            if node.content_type == "multipart/digest":
                default = "message/rfc822"
            above = f"{section}." if section else ""
            stack.extend(
                (f"{above}{number}", *children[number - 1], depth + 1, default)
                for number in range(len(children), 0, -1)
            )

    def _node(
        self, section: str, start: int, body: int, end: int, depth: int, default: str
    ) -> tuple[Node, bytes]:
        found: dict[str, bytes] = {}
        for name, value in fields(self.data[start : min(body, start + BLOCK_LIMIT)]):
            found.setdefault(name, value)
        kind, params = field(found.get("content-type", b""))
        if "/" not in kind:
            kind, params = default, {}
        disposition, how = field(found.get("content-disposition", b""))
        encoding = field(found.get("content-transfer-encoding", b""))[0] or "7bit"
        boundary = params.get("boundary", "")[:_BOUNDARY_LIMIT].rstrip().encode()
        is_multipart = kind.startswith("multipart/")
        node = Node(
            section=section if is_multipart else section or "1",
            content_type=kind,
            params=params,
            encoding=encoding,
            disposition=disposition,
            name="" if is_multipart else filename(how, params),
            size=end - body,
            depth=depth,
        )
        return node, boundary

    def _children(self, boundary: bytes, body: int, end: int, depth: int) -> list[tuple[int, int]]:
        """Return where the parts of a multipart begin and end (RFC 2046 section 5.1.1)."""
        if depth >= DEPTH_LIMIT or self._searched + end - body > _SEARCHED:
            self.defects.append("nested deeper than is read")
            return []
        if not boundary:
            return []
        self._searched += end - body
        line = b"--" + boundary
        found: list[tuple[int, int]] = []
        begun = -1
        first = self.data[body : min(body + len(line), end)]
        at = body if first == line else self._next(line, body, end)
        while at >= 0:
            resume = after = at + len(line)
            tail = self.data[after : min(after + 2, end)]
            if tail[:1] in (b"", b"\r", b"\n", b" ", b"\t") or tail == b"--":
                if begun >= 0:
                    found.append((begun, self._before(at, begun)))
                begun = -1
                if tail == b"--" or len(found) > NODES:
                    break
                begun = self.data.find(b"\n", after, end) + 1 or end
                resume = begun - 1
            self._hits += 1
            if self._hits > _HITS:
                self.defects.append("more boundaries than are read")
                break
            at = self._next(line, resume, end)
        if begun >= 0:
            found.append((begun, end))
        return found

    def _next(self, line: bytes, start: int, end: int) -> int:
        found = self.data.find(b"\n" + line, start, end)
        return found + 1 if found >= 0 else -1

    def _before(self, at: int, begun: int) -> int:
        """Return the end of a part: the line end before a boundary belongs to the boundary."""
        if self.data[at - 2 : at] == b"\r\n":
            at -= 1
        return max(at - 1, begun)
