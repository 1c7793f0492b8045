"""IMAP responses to values (RFC 9051 section 7): rows of a FETCH, trees, SEARCH, STATUS, LIST.

One regular expression makes the tokens. A row that makes no sense costs only itself: its UID and
its header are still found where they stand.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

from mailhours.mailbox.imap_session import Line
from mailhours.mailbox.parameters import filename, words
from mailhours.mailbox.structure import DEPTH_LIMIT, NODES, Node

# A quoted string, a bracketed section name, a parenthesis, an atom.
_TOKEN = re.compile(
    rb'"(?:[^"\\]|\\.)*"|BODY\[[^\]]*\](?:<\d+>)?|[()]|[^\s()"]+', re.IGNORECASE | re.DOTALL
)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_FETCH = re.compile(rb"\* \d+ FETCH \(", re.IGNORECASE)
_FIRST = re.compile(rb"\* \d+ FETCH \(UID (\d{1,18}) ", re.IGNORECASE)
_UID = re.compile(rb"[( ]UID (\d{1,18})\b", re.IGNORECASE)
_SECTION = re.compile(rb"(BODY\[[^\]]*\](?:<\d+>)?) ~?\{\d+\}$", re.IGNORECASE)
_DATE = re.compile(rb"\s*(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_MONTHS = {
    name: number
    for number, name in enumerate(
        b"jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1
    )
}
# Longer numbers are none: no ledger keeps them, and Python refuses to read them.
_NUMBERS = re.compile(rb"\b\d{1,18}\b")
_NUMBER = re.compile(rb"\d{1,18}")
Token = bytes | list["Token"]


@dataclass(slots=True)
class Row:
    """One message of a FETCH. `sections` are keyed by section, `BODY[1]<0>` as b"1".

    `nodes` is None when the structure was not there or made no sense.
    """

    uid: int
    size: int = 0
    arrived: datetime | None = None
    nodes: list[Node] | None = None
    sections: dict[bytes, bytes] = field(default_factory=dict)


def rows(lines: Iterable[Line], wanted: Container[int] | None = None) -> dict[int, Row]:
    """Return the rows that name their UID; several rows of one message are put together.

    `wanted` are the UIDs that were asked for: others are not even read.
    """
    found: dict[int, Row] = {}
    for line in lines:
        if _FETCH.match(line[0]) is None:
            continue
        if wanted is not None and (first := _FIRST.match(line[0])) and int(first[1]) not in wanted:
            continue
        row = _row(line) or _remains(line)
        if row is None or (wanted is not None and row.uid not in wanted):
            continue
        held = found.setdefault(row.uid, row)
        if held is not row:
            held.sections.update(row.sections)
            held.size = held.size or row.size
            held.arrived = held.arrived or row.arrived
            held.nodes = held.nodes or row.nodes
    return found


def _row(line: Line) -> Row | None:
    """Read a whole row; None when its items do not come in pairs, or one has half a name."""
    items = nested(line)
    if not items or len(items) < 4 or not isinstance(items[3], list) or len(items[3]) % 2:
        return None
    row = Row(0)
    pairs = items[3]
    for name, value in zip(pairs[::2], pairs[1::2], strict=True):
        if not isinstance(name, bytes):
            return None
        what = name.upper()
        if what == b"BODYSTRUCTURE":
            row.nodes = nodes(value) if isinstance(value, list) else None
        elif isinstance(value, list):
            continue
        elif what == b"UID" and _NUMBER.fullmatch(value):
            row.uid = int(value)
        elif what == b"RFC822.SIZE" and _NUMBER.fullmatch(value):
            row.size = int(value)
        elif what == b"INTERNALDATE":
            row.arrived = internal_date(value)
        elif what.startswith(b"BODY["):
            if b"]" not in what:
                return None
            row.sections[_section(what)] = b"" if value == b"NIL" else value
    return row if row.uid else None


def _remains(line: Line) -> Row | None:
    """Save UID and literals of a row that cannot be read as a whole."""
    uid = next((m for m in map(_UID.search, line[::2]) if m), None)
    if uid is None:
        return None
    row = Row(int(uid[1]))
    for text, literal in zip(line[::2], line[1::2], strict=False):
        if name := _SECTION.search(text):
            section = _section(name[1].upper())
            if section in row.sections:
                return None  # two rows that ran together: neither can be believed
            row.sections[section] = literal
    return row


def _section(name: bytes) -> bytes:
    return name[5 : name.index(b"]")]


def nested(line: Line) -> list[Token] | None:
    """Return a line as tokens and lists of them, however deep; None when it does not close."""
    top: list[Token] = []
    above: list[list[Token]] = []
    current = top
    for index, piece in enumerate(line):
        if index % 2:
            current.append(piece)
            continue
        if index + 1 < len(line):
            piece = piece[: piece.rindex(b"{")].removesuffix(b"~")  # noqa: PLW2901
        for token in _TOKEN.findall(piece):
            if token == b"(":
                deeper: list[Token] = []
                current.append(deeper)
                above.append(current)
                current = deeper
            elif token == b")":
                if not above:
                    return None
                current = above.pop()
            elif token[:1] == b'"':
                text = token[1:-1]
                current.append(_ESCAPED.sub(rb"\1", text) if b"\\" in text else text)
            else:
                current.append(token)
    return None if above else top


def internal_date(text: bytes) -> datetime | None:
    """Return an INTERNALDATE, UTC; None for what no calendar has."""
    match = _DATE.match(text)
    if match is None:
        return None
    day, month, year, hour, minute, second, sign, hours, minutes = match.groups()
    away = timedelta(hours=int(hours), minutes=int(minutes))
    try:
        zone = timezone(-away if sign == b"-" else away)
        at = datetime(
            *(int(year), _MONTHS[month.lower()], int(day)),
            *(int(hour), int(minute), int(second)),
            tzinfo=zone,
        ).astimezone(UTC)
    except (ValueError, KeyError, OverflowError):
        return None
    return at if at.year >= 1971 else None  # servers that know no date say 1970


def nodes(structure: list[Token]) -> list[Node] | None:
    """Return the nodes of a BODYSTRUCTURE (RFC 9051 section 7.5.2) in order; None if it is none."""
    found: list[Node] = []
    stack: list[tuple[str, list[Token], int]] = [("", structure, 0)]
    while stack and len(found) <= NODES:
        section, body, depth = stack.pop()
        if not body:
            return None
        if not isinstance(body[0], list):
            node = _leaf(section or "1", body, depth)
            if node is None:
                return None
            found.append(node)
            continue
        children = list(_leading_lists(body))
        rest = body[len(children) :]
        kind = _text(rest[0]) if rest else "mixed"
        params = _parameters(rest[1]) if len(rest) > 1 else {}
        found.append(Node(section, f"multipart/{kind.lower()}", params, depth=depth))
        if depth < DEPTH_LIMIT:
            above = f"{section}." if section else ""
            stack.extend(
                (f"{above}{number}", children[number - 1], depth + 1)
                for number in range(len(children), 0, -1)
            )
    return found


def _leading_lists(body: list[Token]) -> Iterator[list[Token]]:
    for child in body:
        if not isinstance(child, list):
            return
        yield child


def _leaf(section: str, body: list[Token], depth: int) -> Node | None:
    if len(body) < 7:
        return None
    kind = f"{_text(body[0])}/{_text(body[1])}".lower()
    params = _parameters(body[2])
    size = body[6]
    extension = 8 if kind.startswith("text/") else 10 if kind == "message/rfc822" else 7
    disposition, how = _disposition(body[extension + 1 : extension + 2])
    return Node(
        section=section,
        content_type=kind,
        params=params,
        encoding=_text(body[5]).lower() or "7bit",
        disposition=disposition,
        name=filename(how, params),
        size=int(size) if isinstance(size, bytes) and _NUMBER.fullmatch(size) else 0,
        depth=depth,
    )


def _disposition(held: list[Token]) -> tuple[str, dict[str, str]]:
    """Return disposition and parameters; some servers send a bare string for both."""
    if not held:
        return "", {}
    if isinstance(held[0], list):
        value = held[0]
        return (
            _text(value[0]).lower() if value else "",
            _parameters(value[1]) if len(value) > 1 else {},
        )
    return _text(held[0]).lower(), {}


def _parameters(held: Token) -> dict[str, str]:
    if not isinstance(held, list):
        return {}
    found: dict[str, str] = {}
    for name, value in zip(held[::2], held[1::2], strict=False):
        found.setdefault(_text(name).lower(), _text(value))
    return found


def _text(token: Token) -> str:
    return "" if isinstance(token, list) or token.upper() == b"NIL" else words(token)


def numbers(lines: Iterable[Line]) -> set[int]:
    """Return what a SEARCH found; several lines, doubles and any order are taken as they come."""
    found: set[int] = set()
    for line in lines:
        if line[0][:9].upper() == b"* SEARCH ":
            found.update(map(int, _NUMBERS.findall(line[0], 9)))
    return found


def selected(lines: Iterable[Line]) -> dict[str, int]:
    """Return EXISTS, UIDNEXT and UIDVALIDITY of an EXAMINE; UIDNOTSTICKY when it says so."""
    found: dict[str, int] = {}
    for line in lines:
        text = line[0].upper()
        if match := re.match(rb"\* (\d{1,18}) EXISTS", text):
            found["EXISTS"] = int(match[1])
        elif match := re.search(rb"\[(UIDNEXT|UIDVALIDITY|HIGHESTMODSEQ) (\d{1,18})\]", text):
            found[match[1].decode()] = int(match[2])
        elif b"[UIDNOTSTICKY]" in text:
            found["UIDNOTSTICKY"] = 1
    return found


def statuses(lines: Iterable[Line]) -> dict[bytes, dict[str, int]]:
    """Return the STATUS of each folder by its raw name, `inboxed`."""
    found: dict[bytes, dict[str, int]] = {}
    for line in lines:
        if line[0][:9].upper() != b"* STATUS ":
            continue
        items = nested(line)
        if not items or len(items) < 4 or not isinstance(items[3], list):
            continue
        if isinstance(items[2], bytes):
            pairs = zip(items[3][::2], items[3][1::2], strict=False)
            found[inboxed(items[2])] = {
                key.decode("ascii", "replace").upper(): int(value)
                for key, value in pairs
                if isinstance(key, bytes) and isinstance(value, bytes) and _NUMBER.fullmatch(value)
            }
    return found


def inboxed(raw: bytes) -> bytes:
    """Return a folder's name to be compared: INBOX is it in any case (RFC 9051 section 5.1)."""
    return b"INBOX" if raw.upper() == b"INBOX" else raw


def listed(lines: Iterable[Line]) -> Iterator[tuple[bytes, frozenset[str], str]]:
    """Yield the folders of a LIST: raw name, flags in lower case, delimiter ("" for none)."""
    for line in lines:
        if line[0][:7].upper() != b"* LIST ":
            continue
        items = nested(line)
        if items and len(items) >= 5 and isinstance(items[2], list) and isinstance(items[4], bytes):
            flags = frozenset(_text(flag).lower() for flag in items[2])
            yield items[4], flags, _text(items[3])
