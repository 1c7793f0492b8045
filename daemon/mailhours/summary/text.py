"""A sheet as plain text: headings underlined, lists indented, nothing wider than 72 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from mailhours.summary.sheet import Block, Item, Section, Sheet, Table

WIDTH = 72
_INDENT = "  "


def text(sheet: Sheet) -> str:
    """Return the plain-text twin of a sheet: it says what the page says, in the same order."""
    lines: list[str] = [sheet.kicker, ""]
    if sheet.alarm:
        lines += [*_wrapped(f"! {sheet.alarm}", hanging="  "), ""]
    lines += _wrapped(sheet.verdict)
    for section in sheet.sections:
        lines += ["", "", section.title.upper(), "=" * len(section.title), *_section(section)]
    lines += ["", "-- ", *(line for entry in sheet.footer for line in _wrapped(entry))]
    return "\n".join(line.rstrip() if line != "-- " else line for line in lines) + "\n"


def _section(section: Section) -> Iterator[str]:
    if section.intro:
        yield from ("", *_wrapped(section.intro))
    for table in section.tables:
        yield from _table(table)
    for block in section.blocks:
        yield from _block(block)
    for command in section.commands:
        yield ""
        for line in command.lines:
            yield f"{_INDENT}{_INDENT}{line}"
        yield from _wrapped(command.meaning, _INDENT)


def _block(block: Block) -> Iterator[str]:
    yield ""
    if block.title:
        yield from (*_wrapped(block.title), "-" * min(len(block.title), WIDTH))
    for number, item in enumerate(block.items):
        if number and (item.notes or block.items[number - 1].notes):
            yield ""
        yield from _item(item)
    for line in block.lines:
        yield from _wrapped(f"- {line}", hanging=_INDENT)
    if block.more:
        yield from _wrapped(block.more, _INDENT)


def _item(item: Item) -> Iterator[str]:
    head = f"* {item.who}"
    if item.when:
        head = f"{head}: {item.when}" if item.who else f"* {item.when}"
    yield from _wrapped(head, hanging=_INDENT)
    if item.what:
        yield from _wrapped(item.what, _INDENT)
    for note in item.notes:
        yield from _wrapped(note, _INDENT)


def _table(table: Table) -> Iterator[str]:
    """Yield a table in columns, right-aligned; narrow enough because labels are wrapped away."""
    yield ""
    if table.title:
        yield from (table.title, "-" * min(len(table.title), WIDTH))
    rows = [("", table.head), *((row.label, row.cells) for row in table.rows)]
    widths = [max(len(cells[n]) for _, cells in rows) for n in range(len(table.head))]
    label = max(12, WIDTH - sum(widths) - 2 * len(widths))
    for name, cells in rows:
        first, *others = textwrap.wrap(name, label) or [""]
        numbers = "".join(f"  {cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
        yield f"{first:<{label}}{numbers}"
        yield from others


def _wrapped(line: str, indent: str = "", hanging: str = "") -> list[str]:
    return textwrap.wrap(
        line,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + hanging,
        break_on_hyphens=False,
    ) or [""]
