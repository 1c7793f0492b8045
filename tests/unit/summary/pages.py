"""What every page of ours must keep: nothing runs, nothing is fetched, headings in order."""

from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser

VOID = frozenset({"meta", "wbr", "br", "hr", "img", "input", "link", "col"})
REMOTE = re.compile(r"(?i)\b(?:https?:)?//|url\(|@import|javascript:|data:|cid:")
# Names of SVG and HTML standards look like addresses and fetch nothing.
NAMESPACES = ("http://www.w3.org/2000/svg",)


class Page(HTMLParser):
    """A page taken apart strictly: every element is closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.style = ""
        self.language = ""
        self.layout: list[dict[str, str]] = []
        self.feed(html)
        self.close()
        assert self.open == [], f"not closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag == "html":
            self.language = dict(attrs).get("lang") or ""
        if tag == "table":
            self.layout.append(dict(attrs))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>"
        self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            self.style += data
        else:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


def check(html: str, language: str) -> Page:
    """Take a page apart and return it; AssertionError says what is wrong with it."""
    page = Page(html)
    assert page.language == language
    allowed = {
        "html", "head", "meta", "title", "style", "body", "table", "caption", "thead", "tbody", "tr",
        "td", "th", "p", "h1", "h2", "h3", "h4", "code", "wbr", "div", "span", "section", "header",
        "footer", "main", "ol", "ul", "li", "blockquote", "strong", "dl", "dt", "dd", "time", "br",
        "svg", "g", "rect", "line", "text", "desc",
    }  # fmt: skip
    assert set(page.tags) <= allowed, set(page.tags) - allowed
    for tag, name, value in page.attributes:
        assert not name.startswith("on"), f"{tag} {name}"
        assert name not in {"src", "href", "background", "action", "srcset", "xlink:href"}, name
        assert value in NAMESPACES or not REMOTE.search(value), f"{tag} {name}={value!r}"
    assert not REMOTE.search(page.style)
    headings = [int(tag[1]) for tag in page.tags if re.fullmatch(r"h\d", tag)]
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(headings)), headings
    return page
