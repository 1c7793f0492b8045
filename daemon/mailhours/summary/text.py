"""Sheets and papers as plain text: headings underlined, lists indented, at most 72 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from mailhours.summary.paper import Paper
from mailhours.summary.phrasing import Label, labelling
from mailhours.summary.sheet import Block, Item, Section, Sheet, Table

WIDTH = 72
_INDENT = "  "
# So narrow may the label of a row become, and so narrow the wrapped name of a column.
_LABEL, _HEAD = 12, 10


def text(sheet: Sheet) -> str:
    """Return the plain-text twin of a sheet: it says what the page says, in the same order."""
    lines: list[str] = [sheet.kicker, ""]
    if sheet.alarm:
        lines += [*_wrapped(f"! {sheet.alarm}", hanging="  "), ""]
    lines += _wrapped(sheet.verdict)
    label = labelling(sheet.language)
    return "\n".join([*lines, *_sections(sheet.sections, label), *_footer(sheet.footer)]) + "\n"


def told(paper: Paper) -> str:
    """Return a paper as plain text: it says what the page says, in the same order."""
    lines = [*_wrapped(paper.title), *_wrapped(paper.subtitle)]
    if paper.reason:
        lines += ["", *_wrapped(paper.reason)]
    if paper.picture:
        lines += ["", *_wrapped(paper.picture.description)]
    label = labelling(paper.language)
    return "\n".join([*lines, *_sections(paper.sections, label), *_footer(paper.footer)]) + "\n"


def _sections(sections: Iterable[Section], label: Label) -> Iterator[str]:
    for section in sections:
        yield from ("", "", section.title.upper(), "=" * len(section.title))
        yield from (line.rstrip() for line in _section(section, label))


def _footer(entries: Iterable[str]) -> Iterator[str]:
    yield from ("", "-- ", *(line for entry in entries for line in _wrapped(entry)))


def _section(section: Section, label: Label) -> Iterator[str]:
    for sentence in filter(None, (section.verdict, section.intro)):
        yield from ("", *_wrapped(sentence))
    for table in section.tables:
        yield from _table(table)
    for block in section.blocks:
        yield from _block(block, label)
    for command in section.commands:
        yield ""
        for line in command.lines:
            yield f"{_INDENT}{_INDENT}{line}"
        yield from _wrapped(command.meaning, _INDENT)


def _block(block: Block, label: Label) -> Iterator[str]:
    yield ""
    if block.title:
        yield from (*_wrapped(block.title), "-" * min(len(block.title), WIDTH))
    for number, item in enumerate(block.items):
        if number and (item.notes or block.items[number - 1].notes):
            yield ""
        yield from _item(item, label)
    for line in block.lines:
        yield from _wrapped(f"- {line}", hanging=_INDENT)
    if block.more:
        yield from _wrapped(block.more, _INDENT)
    for table in block.tables:
        yield from _table(table)


def _item(item: Item, label: Label) -> Iterator[str]:
    head = label(item.who, item.when) if item.who and item.when else item.who or item.when
    yield from _wrapped(f"* {head}", hanging=_INDENT)
    if item.what:
        yield from _wrapped(item.what, _INDENT)
    for note in item.notes:
        yield from _wrapped(note, _INDENT)
    for quote in item.quotes:
        yield from _wrapped(quote.source, _INDENT)
        for line in quote.lines:
            yield from _wrapped(line, f"{_INDENT}> ")
    if item.more:
        yield from _wrapped(item.more, _INDENT)


def _table(table: Table) -> Iterator[str]:
    """Yield a table in columns, right-aligned; narrow enough because labels are wrapped away.

    The names of columns are wrapped only where the table would be too wide with them.
    """
    yield ""
    if table.title:
        yield from (table.title, "-" * min(len(table.title), WIDTH))
    cells = [row.cells for row in table.rows]
    columns = list(zip(*cells, strict=True))
    numbers = [max(map(len, column)) for column in columns]
    heads = [[name] for name in table.head]
    widths = _widths(numbers, heads)
    if sum(widths) + 2 * len(widths) + _LABEL > WIDTH:
        heads = [
            textwrap.wrap(name, max(number, _HEAD), break_long_words=False)
            for name, number in zip(table.head, numbers, strict=True)
        ]
        widths = _widths(numbers, heads)
    label = max(_LABEL, WIDTH - sum(widths) - 2 * len(widths))
    height = max(map(len, heads), default=0)
    for n in range(height):
        yield _row(
            "",
            [head[n - height] if n >= height - len(head) else "" for head in heads],
            label,
            widths,
        )
    for row in table.rows:
        first, *others = textwrap.wrap(row.label, label) or [""]
        yield _row(first, row.cells, label, widths)
        yield from others


def _widths(numbers: Sequence[int], heads: Sequence[Sequence[str]]) -> list[int]:
    names = [max(map(len, head)) for head in heads] or [0] * len(numbers)
    return [max(pair) for pair in zip(numbers, names, strict=True)]


def _row(label: str, cells: Sequence[str], width: int, widths: Sequence[int]) -> str:
    numbers = (f"  {cell:>{wide}}" for cell, wide in zip(cells, widths, strict=True))
    return f"{label:<{width}}{''.join(numbers)}"


def _wrapped(line: str, indent: str = "", hanging: str = "") -> list[str]:
    return textwrap.wrap(
        line,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + hanging,
        break_on_hyphens=False,
    ) or [""]
