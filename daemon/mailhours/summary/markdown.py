"""A record as Markdown, for those who keep their papers as text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailhours.summary.record import Record
from mailhours.summary.sheet import Item, Section, Table

# Everything that Markdown could take for markup (CommonMark section 2.4). HTML and addresses become
# references (section 2.5), because not every reader heeds a backslash there.
_MARKUP = re.compile(r"([\\`*_{}\[\]#|~!])")
_REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "://": "&#58;//"}


def markdown(record: Record) -> str:
    """Return the record as CommonMark with tables; clients' text is escaped."""
    lines = [f"# {_safe(record.title)}", "", _safe(record.subtitle), ""]
    if record.reason:
        lines += [f"**{_safe(record.reason)}**", ""]
    if record.picture:
        lines += [_safe(record.picture.description), ""]
    for section in record.sections:
        lines += [f"## {_safe(section.title)}", "", *_section(section)]
    lines += ["---", "", *(line for entry in record.footer for line in (_safe(entry), ""))]
    return "\n".join(lines).rstrip() + "\n"


def _section(section: Section) -> Iterator[str]:
    if section.intro:
        yield from (_safe(section.intro), "")
    for table in section.tables:
        yield from _table(table)
    for block in section.blocks:
        if block.title:
            yield from (f"### {_safe(block.title)}", "")
        for item in block.items:
            yield from _item(item)
        if block.lines:
            yield from (*(f"- {_safe(line)}" for line in block.lines), "")


def _item(item: Item) -> Iterator[str]:
    head = f"- **{_safe(item.who)}**"
    yield f"{head}: {_safe(item.when)}" if item.when else head
    for line in (item.what, *item.notes):
        if line:
            yield f"  - {_safe(line)}"
    for quote in item.quotes:
        yield f"  - {_safe(quote.source)}"
        yield from ("", *(f"    > {_safe(line)}" for line in quote.lines), "")
    yield ""


def _table(table: Table) -> Iterator[str]:
    columns = len(table.rows[0].cells) if table.rows else 0
    head = table.head or ("",) * columns
    yield "| " + " | ".join(("", *map(_safe, head))) + " |"
    yield "| --- |" + " ---: |" * columns
    for row in table.rows:
        yield "| " + " | ".join(map(_safe, (row.label, *row.cells))) + " |"
    yield ""


def _safe(text: str) -> str:
    escaped = _MARKUP.sub(r"\\\1", text)
    for plain, reference in _REFERENCES.items():
        escaped = escaped.replace(plain, reference)
    # A line that begins like a list or a number would become one.
    return re.sub(r"^(\s*)([-+]|\d+[.)])(\s)", r"\1\\\2\3", escaped)
