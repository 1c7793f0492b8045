"""What a screen reader and a keyboard need of our pages (WCAG 2.2; the rules that axe-core asks).

Each test takes every page in turn: the day, the week in it, the dossier, the letter.
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
from mailhours.summary.page import dossier, page
from mailhours.summary.record import record
from unit.summary.pages import VOID
from unit.summary.test_contrast import COLOUR, contrast, rules
from unit.summary.test_dossier import the_dossier_inputs
from unit.summary.test_pages_of_the_day import DAYS, WORDING, summary_of
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
        pages[name] = dossier(record(made, WORDING.words("en")), WORDING)
    letter = working_together(an_owner(), a_client(), date(2026, 3, 4), WORDING)
    return {**pages, "letter": letter.html}


PAGES = the_pages()
EVERY = pytest.mark.parametrize("tree", [Tree(h).root for h in PAGES.values()], ids=list(PAGES))


@EVERY
def test_a_page_has_a_language_a_title_and_may_be_enlarged(tree):
    [html], [title] = tree.all("html"), [n for n in tree.all("title") if n.parent.tag == "head"]
    [viewport] = [m for m in tree.all("meta") if m.attributes.get("name") == "viewport"]

    assert re.fullmatch(r"[a-z]{2}", html.attributes["lang"])
    assert title.text
    assert not re.search("maximum-scale|user-scalable", viewport.attributes["content"])


@EVERY
def test_a_page_has_one_main_landmark_and_everything_stands_in_it(tree):
    mains = [n for n in tree.all() if n.tag == "main" or n.attributes.get("role") == "main"]
    [body] = tree.all("body")

    assert len(mains) == 1
    beside = [c for c in body.children if c is not mains[0]]
    assert all(isinstance(c, str) and not c.strip() for c in beside)


@EVERY
def test_headings_begin_at_one_skip_none_and_say_something(tree):
    headings = tree.all("h1", "h2", "h3", "h4", "h5", "h6")
    levels = [int(heading.tag[1]) for heading in headings]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert all(heading.text for heading in headings)


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


@EVERY
def test_ids_are_unique_and_what_refers_to_one_finds_it(tree):
    ids = [n.attributes["id"] for n in tree.all() if "id" in n.attributes]

    assert len(ids) == len(set(ids))
    for node in tree.all():
        for name in ("aria-labelledby", "aria-describedby", "headers", "for"):
            assert set(node.attributes.get(name, "").split()) <= set(ids)


@EVERY
def test_a_picture_has_a_name_and_what_scrolls_can_be_reached(tree):
    for picture in tree.all("svg", "img"):
        assert picture.attributes.get("role") == "img"
        names = picture.attributes["aria-labelledby"].split()
        said = {n.attributes.get("id"): n.text for n in picture.all("title", "desc")}
        assert all(said[name] for name in names)
        scrolls = [n for n in picture.above() if "tabindex" in n.attributes]
        assert all(n.attributes.get("aria-label") for n in scrolls)


@EVERY
def test_lists_hold_entries_and_entries_stand_in_lists(tree):
    for node in tree.all("ul", "ol"):
        assert {c.tag for c in node.children if isinstance(c, Node)} == {"li"}
    assert all(node.parent.tag in ("ul", "ol") for node in tree.all("li"))


@EVERY
def test_roles_and_aria_attributes_exist(tree):
    known = {"aria-hidden", "aria-label", "aria-labelledby", "aria-describedby"}
    for node in tree.all():
        used = {name for name in node.attributes if name.startswith("aria-")}
        assert used <= known
        assert node.attributes.get("role", "img") in ("img", "main", "presentation", "region")


def palettes(html: str) -> dict[str, dict[str, str]]:
    """Return the colours by name of a page that is made of variables: light, and dark."""
    style = "".join(re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL))
    found = [
        dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", body)) for body in style.split(":root")[1:]
    ]
    return {"light": found[0], "dark": found[0] | found[1], "paper": found[0] | found[2]}


@pytest.mark.parametrize("scheme", ["light", "dark", "paper"])
def test_every_text_of_a_dossier_stands_out_from_its_ground(scheme):
    colours = palettes(PAGES["dossier"])[scheme]

    for text, ground in itertools.product(("ink", "soft"), ("ground", "quote")):
        assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    # What is drawn needs less: WCAG 2.2 section 1.4.11.
    for bar in ("ours", "theirs", "late"):
        assert contrast(colours[bar], colours["ground"]) >= 3, bar


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_text_of_a_letter_stands_out_from_its_ground(dark):
    style = "".join(re.findall(r"<style[^>]*>(.*?)</style>", PAGES["letter"], re.DOTALL))
    light, rest = style.split("@media (prefers-color-scheme: dark) {", 1)
    body = rules(rest if dark else light)["body"]

    ground = re.search(r"background-color: (#[0-9a-f]{6})", body)
    colour = COLOUR.search(body)
    assert ground is not None
    assert colour is not None
    assert contrast(colour[1], ground[1]) >= 7
