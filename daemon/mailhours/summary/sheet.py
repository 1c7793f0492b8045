"""A sheet: what is worded already and only wants laying out, the same for text and HTML."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """How a thing looks: late and soon stand out, good pleases, quiet steps back."""

    PLAIN = "plain"
    LATE = "late"
    SOON = "soon"
    GOOD = "good"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in large type: what it counts, and a note below it."""

    label: str
    value: str
    note: str = ""
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Quote:
    """Evidence: the lines of a mail, and where they stand."""

    source: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a list: who, their words or ours, when, and what else is to be said of it.

    `more` says how many quotes were left off.

    `share` draws a bar of so many percent, with a line across it at `limit`; what the bar means
    stands in the words too.
    """

    who: str
    what: str = ""
    when: str = ""
    notes: tuple[str, ...] = ()
    tone: Tone = Tone.PLAIN
    share: int | None = None
    quotes: tuple[Quote, ...] = ()
    more: str = ""
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its label and the cells."""

    label: str
    cells: tuple[str, ...]
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers in columns; `head` names the columns after the label's."""

    title: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A list with its title (empty: it follows from the section's) and what was left off."""

    title: str
    items: tuple[Item, ...] = ()
    lines: tuple[str, ...] = ()
    more: str = ""
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """A line to answer the mail with, one or more ways, and what it settles."""

    lines: tuple[str, ...]
    meaning: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a sheet. `key` names it for tests and anchors; `intro` is a sentence first.

    `verdict` is a judgement that comes before all else.
    """

    key: str
    title: str
    intro: str = ""
    blocks: tuple[Block, ...] = ()
    commands: tuple[Command, ...] = ()
    tables: tuple[Table, ...] = ()
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A mail to the owner in words: subject, verdict, up to three figures, sections, footer.

    `kicker` is the line above the verdict, `alarm` a sentence that comes before everything.
    """

    language: str
    subject: str
    kicker: str
    verdict: str
    alarm: str
    figures: tuple[Figure, ...]
    sections: tuple[Section, ...]
    footer: tuple[str, ...]
