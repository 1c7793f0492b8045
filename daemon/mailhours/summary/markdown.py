"""A paper as Markdown, for those who keep their papers as text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailhours.summary.paper import Paper
from mailhours.summary.phrasing import Label, labelling
from mailhours.summary.sheet import Item, Section, Table

# Everything that Markdown could take for markup (CommonMark section 2.4). HTML and addresses become
# references (section 2.5), because not every reader heeds a backslash there.
_MARKUP = re.compile(r"([\\`*_{}\[\]#|~!])")
_REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "://": "&#58;//"}


def markdown(paper: Paper) -> str:
    """Return the paper as CommonMark with tables; clients' text is escaped."""
    label = labelling(paper.language)
    lines = [f"# {_safe(paper.title)}", "", _safe(paper.subtitle), ""]
    if paper.reason:
        lines += [f"**{_safe(paper.reason)}**", ""]
    if paper.picture:
        lines += [_safe(paper.picture.description), ""]
    for section in paper.sections:
        lines += [f"## {_safe(section.title)}", "", *_section(section, label)]
    lines += ["---", "", *(line for entry in paper.footer for line in (_safe(entry), ""))]
    return "\n".join(lines).rstrip() + "\n"


def _section(section: Section, label: Label) -> Iterator[str]:
    if section.verdict:
        yield from (f"**{_safe(section.verdict)}**", "")
    if section.intro:
        yield from (_safe(section.intro), "")
    for table in section.tables:
        yield from _table(table)
    for block in section.blocks:
        if block.title:
            yield from (f"### {_safe(block.title)}", "")
        for item in block.items:
            yield from _item(item, label)
        if block.lines:
            yield from (*(f"- {_safe(line)}" for line in block.lines), "")
        for table in block.tables:
            yield from _table(table)


def _item(item: Item, label: Label) -> Iterator[str]:
    who = f"**{_inline(item.who)}**"
    yield f"- {label(who, _inline(item.when))}" if item.when else f"- {who}"
    for line in (item.what, *item.notes):
        if line:
            yield f"  - {_safe(line)}"
    for quote in item.quotes:
        yield f"  - {_safe(quote.source)}"
        yield from ("", *(f"    > {_safe(line)}" for line in quote.lines), "")
    if item.more:
        yield f"  - {_safe(item.more)}"
    yield ""


def _table(table: Table) -> Iterator[str]:
    columns = len(table.rows[0].cells) if table.rows else 0
    head = table.head or ("",) * columns
    yield "| " + " | ".join(("", *map(_inline, head))) + " |"
    yield "| --- |" + " ---: |" * columns
    for row in table.rows:
        yield "| " + " | ".join(map(_inline, (row.label, *row.cells))) + " |"
    yield ""


def _safe(text: str) -> str:
    """Escape what stands at the beginning of a line: it must not become a list."""
    # Only punctuation can be escaped (CommonMark section 2.4): the dot of `2.`, and not its digit.
    return re.sub(r"^(\s*)(\d*)([-+.)])(\s)", r"\1\2\\\3\4", _inline(text))


def _inline(text: str) -> str:
    """Escape what stands within a line."""
    escaped = _MARKUP.sub(r"\\\1", text)
    for plain, reference in _REFERENCES.items():
        escaped = escaped.replace(plain, reference)
    return escaped
