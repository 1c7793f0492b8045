"""What a screen reader needs of our pages and axe-core does not ask (integration/axe.py asks it).

Each test takes every page in turn: the day, the week in it, the dossier, the scorecard, the letter.
"""

from __future__ import annotations

import itertools
import re
from datetime import date
from html.parser import HTMLParser

import pytest

from builders import a_client, an_owner
from mailhours.summary.dossier import gather
from mailhours.summary.letter import working_together
from mailhours.summary.page import page, paper
from mailhours.summary.record import record
from mailhours.summary.scorecard import scorecard
from unit.summary.pages import VOID
from unit.summary.test_dossier import the_dossier_inputs
from unit.summary.test_pages_of_the_day import DAYS, WORDING, summary_of
from unit.summary.test_scorecards import the_cards
from unit.summary.test_week import the_monday


class Node:
    """An element: its name, attributes, children and text."""

    def __init__(self, tag: str, attributes: dict[str, str], parent: Node | None) -> None:
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.children: list[Node | str] = []

    def all(self, *tags: str) -> list[Node]:
        """Return what lies below it, in the order of the page."""
        found = []
        for child in self.children:
            if isinstance(child, Node):
                found += [child] if child.tag in tags or not tags else []
                found += child.all(*tags)
        return found

    def above(self) -> list[Node]:
        """Return what it lies in, the nearest first."""
        return [] if self.parent is None else [self.parent, *self.parent.above()]

    @property
    def text(self) -> str:
        return " ".join(c if isinstance(c, str) else c.text for c in self.children).strip()

    @property
    def is_layout(self) -> bool:
        return self.tag == "table" and self.attributes.get("role") == "presentation"


class Tree(HTMLParser):
    """A page as a tree."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self._at = Node("", {}, None)
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        node = Node(tag, {name: value or "" for name, value in attrs}, self._at)
        self._at.children.append(node)
        if tag not in VOID:
            self._at = node

    def handle_endtag(self, tag):
        self._at = self._at.parent

    def handle_data(self, data):
        self._at.children.append(data)


def the_pages() -> dict[str, str]:
    pages = {f"day, {name}": page(summary_of(inputs), WORDING) for name, inputs in DAYS.items()}
    pages["day with a week"] = page(summary_of(the_monday()), WORDING)
    for name, parting in (("dossier", False), ("final report", True)):
        made = gather(the_dossier_inputs(parting=parting))
        pages[name] = paper(record(made, WORDING.words("en")), WORDING)
    letter = working_together(an_owner(), a_client(), date(2026, 3, 4), WORDING)
    for name, cards in (("scorecard", the_cards()[:1]), ("scorecards", the_cards())):
        pages[name] = paper(scorecard(an_owner(), cards, WORDING.words("en")), WORDING)
    return {**pages, "letter": letter.html}


PAGES = the_pages()
EVERY = pytest.mark.parametrize("tree", [Tree(h).root for h in PAGES.values()], ids=list(PAGES))


@EVERY
def test_headings_of_one_level_in_one_section_differ(tree):
    section: list[str] = []
    for heading in tree.all("h1", "h2", "h3"):
        if heading.tag == "h2":
            section = []
        assert heading.text not in section or heading.tag == "h1"
        section.append(heading.text)


@EVERY
def test_a_table_of_numbers_names_its_rows_and_columns(tree):
    for table in tree.all("table"):
        if table.is_layout:
            continue
        heads = table.all("th")
        assert heads
        assert all(head.attributes.get("scope") in ("row", "col") for head in heads)
        assert all(head.text for head in heads), "a th that says nothing"
        rows = [row.all("th", "td") for row in table.all("tr")]
        assert len({len(row) for row in rows}) == 1, "a row is shorter than its head"
        for row in table.all("tbody")[0].all("tr"):
            assert row.all("th", "td")[0].attributes.get("scope") == "row"


@EVERY
def test_a_table_for_layout_has_nothing_of_a_table_of_numbers(tree):
    for table in tree.all("table"):
        if table.is_layout:
            own = [n for n in table.all("th", "caption", "thead") if _table_of(n) is table]
            assert own == []
            assert "summary" not in table.attributes


def _table_of(node: Node) -> Node:
    return next(above for above in node.above() if above.tag == "table")


@EVERY
def test_what_is_hidden_from_a_reader_says_nothing_to_anybody(tree):
    for node in tree.all():
        if node.attributes.get("aria-hidden") == "true":
            assert not re.search(r"\w", node.text)


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb`: WCAG 2.2, "relative luminance"."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_black_on_white_is_twenty_one_to_one():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def palettes(html: str) -> dict[str, dict[str, str]]:
    """Return the colours by name of a page that is made of variables: light, and dark."""
    style = "".join(re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL))
    found = [
        dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", body)) for body in style.split(":root")[1:]
    ]
    return {"light": found[0], "dark": found[0] | found[1], "paper": found[0] | found[2]}


@pytest.mark.parametrize("scheme", ["light", "dark", "paper"])
def test_a_picture_and_what_is_printed_stand_out_from_their_ground(scheme):
    colours = palettes(PAGES["dossier"])[scheme]

    for text, ground in itertools.product(("ink", "soft"), ("ground", "quote")):
        assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    # What is drawn needs less: WCAG 2.2 section 1.4.11.
    for bar in ("ours", "theirs", "late", "good"):
        assert contrast(colours[bar], colours["ground"]) >= 3, bar
