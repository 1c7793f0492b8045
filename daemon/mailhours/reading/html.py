"""HTML of a mail as lines: blocks become lines, quotations get their depth, what is hidden goes.

The standard library's HTMLParser is not used: several of its searches start again at every "<"
of an unclosed comment or attribute, so that a megabyte of them takes minutes. This tokenizer
never looks back, and treats what is broken as browsers do.
"""

from __future__ import annotations

import re
from html import unescape

from mailhours.reading.lines import Line, Mark, tidy

LIMIT = 1_000_000  # characters of HTML that are looked at
_ROWS = 10_000
_ATTRIBUTES = 4_000  # characters of one tag's attributes that are looked at
_DEPTH = 80  # nested elements that change how text is read
_TAG = re.compile(r"/?([A-Za-z][A-Za-z0-9:]*)")
# Nearly every tag, whole: what is quoted stands directly behind "=". The others go the long way.
_WELL_FORMED = re.compile(
    r"/?([A-Za-z][A-Za-z0-9:]*+)([^\"'>]*+(?:(?<==)(?:\"[^\"]*+\"|'[^']*+')[^\"'>]*+)*+)>"
)
_EDGE = re.compile(r"[\"'>]")
_GAPS = re.compile(r"[ \t\r\n\f]+")
_RAW = frozenset({"style", "script", "title", "noscript", "textarea", "xml"})
_LINE_TAGS = frozenset(
    {
        "address",
        "article",
        "aside",
        "body",
        "center",
        "dd",
        "details",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "frame",
        "header",
        "html",
        "legend",
        "main",
        "menu",
        "nav",
        "ol",
        "optgroup",
        "option",
        "section",
        "summary",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
    }
)
_BLOCK_TAGS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "hr", "blockquote"})
_VOID = frozenset(
    (
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"),
        *("source", "track", "wbr"),
    )
)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(?![.\d]*[1-9])"
    r"|max-height\s*:\s*0(?![.\d]*[1-9])[^;]*;.*overflow\s*:\s*hidden|opacity\s*:\s*0(?![.\d])"
)
_ATTRIBUTE = re.compile(
    r"(class|id|style|name|type|hidden|data-smartmail)\s*(?:=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]*)))?",
    re.IGNORECASE,
)
_TELLING = ("class", "style", "name", "hidden")
_IDENTIFIED = re.compile(r"id\s*=")
_QUOTE_NAMES = re.compile(
    r"yahoo_quoted|protonmail_quote|tutanota_quote|zmail_extra"
    r"|mail-quote-collapse|cleanslate-quote|moz-email-quote|iwmailquote|mailquote|quoted-text"
    r"|front-blockquote|spark_quote|mb_quote|airmail_ext_on_quote"
)
_ATTRIBUTIONS = re.compile(r"gmail_attr|moz-cite-prefix|moz-email-headers-table|cite-prefix")
_REST = re.compile(
    r"divrplyfwdmsg|appendonsend|outlookmessageheader|x_divrplyfwdmsg|mailoriginalmessage"
    r"|originalmessage"
)
_SIGNATURES = re.compile(
    r"gmail_signature|moz-signature|protonmail_signature_block|\S*yahoo[-_]signature|signature$"
    r"|ms-outlook-mobile-signature|tutanota_signature|x_signature$|divtagdefaultsignature"
)


def _after(html: str, mark: str, at: int) -> int:
    """Return the index after the next `mark`, -1 if none follows."""
    found = html.find(mark, at)
    return found + len(mark) if found >= 0 else -1


class _State:
    """An open element that changes how the text in it is read."""

    __slots__ = ("depth", "hidden", "inside", "mark", "pre", "tag")

    def __init__(self, tag: str, above: _State | None) -> None:
        self.tag = tag
        self.inside: dict[str, int] = {}
        self.depth: int = above.depth if above else 0
        self.hidden: bool = above.hidden if above else False
        self.mark: Mark = above.mark if above else Mark.NONE
        self.pre: bool = above.pre if above else False


def from_html(html: str) -> list[Line]:
    """Return the visible lines of `html`."""
    page = _Page()
    page.feed(html[:LIMIT])
    return page.lines()


def _tells(attributes: str) -> bool:
    """Say whether attributes may tell how to read an element; most are of its looks alone."""
    lowered = attributes.lower()
    for name in _TELLING:
        if name in lowered:
            return True
    return "id" in lowered and _IDENTIFIED.search(lowered) is not None


class _Page:
    def __init__(self) -> None:
        self.stack = [_State("", None)]
        self.rows: list[Line] = []
        self.pieces: list[str] = []
        self.gap = False  # an empty line is owed before the next text
        self.spaced = False  # the open paragraph stands between empty lines
        self.bullet = False  # the next line is an item of a list
        self.unpaired: set[str] = set()  # quotation marks of which no second one follows

    # --- tokens ---

    def feed(self, html: str) -> None:
        """Read `html` once from start to end, or until it is broken off."""
        at = 0
        while 0 <= at < len(html) and len(self.rows) < _ROWS:
            opened = html.find("<", at)
            if opened < 0:
                self.text(html[at:])
                return
            if opened > at:
                self.text(html[at:opened])
            at = self._markup(html, opened)

    def _markup(self, html: str, opened: int) -> int:
        """Read the markup at `opened`; return where the text goes on, -1 if it is never closed."""
        found = _WELL_FORMED.match(html, opened + 1)
        if found is not None:
            close, attributes = found.end() - 1, found[2][:_ATTRIBUTES]
        elif html.startswith("<!--", opened):
            return _after(html, "-->", opened + 4)
        elif found := _TAG.match(html, opened + 1):
            close = self._tag_end(html, found.end())
            if close < 0:
                return -1
            attributes = html[found.end() : min(close, found.end() + _ATTRIBUTES)]
        elif html[opened + 1 : opened + 2] in ("!", "?", "/"):
            return _after(html, ">", opened)
        else:
            self.text("<")
            return opened + 1
        tag = found[1].lower()
        if html[opened + 1] == "/":
            self.close(tag)
            return close + 1
        self.open(tag, attributes)
        if tag in _RAW and html[close - 1] != "/":
            raw_end = re.compile(f"</{tag}", re.IGNORECASE).search(html, close)
            return raw_end.start() if raw_end else -1
        return close + 1

    def _tag_end(self, html: str, at: int) -> int:
        """Return where the tag open at `at` ends, quotation marks respected; -1: nowhere."""
        while True:
            found = _EDGE.search(html, at)
            if found is None:
                return -1
            mark, at = found.group(), found.end()
            if mark == ">":
                return found.start()
            if mark in self.unpaired or not html[max(0, at - 4) : at - 1].rstrip().endswith("="):
                continue  # an apostrophe inside a bare word opens nothing
            stop = html.find(mark, at)
            if stop < 0:
                self.unpaired.add(mark)
                continue
            at = stop + 1

    # --- elements ---

    def open(self, tag: str, attributes: str) -> None:
        """An element starts."""
        top = self.stack[-1]
        if tag == "br":
            self.line()
            return
        if tag in _BLOCK_TAGS:
            self.block(tag, attributes)
        elif tag in _LINE_TAGS:
            self.line(soft=True)
        elif tag in ("td", "th"):
            self.text(" ")
        elif tag == "li":
            self.line(soft=True)
            self.bullet = True
        if tag in _VOID:
            return
        state = self._state(tag, attributes, top)
        if state is None:
            top.inside[tag] = top.inside.get(tag, 0) + 1
        else:
            self.line(soft=True)
            self.stack.append(state)

    def _state(self, tag: str, attributes: str, top: _State) -> _State | None:
        """Return how text is read in this element, None if as outside it."""
        if not (tag in ("blockquote", "pre") or (attributes and _tells(attributes))):
            return None
        if len(self.stack) >= _DEPTH:
            return None
        values = {
            found[1].lower(): (found[2] or found[3] or found[4] or "")[:600].lower()
            for found in _ATTRIBUTE.finditer(attributes)
        }
        names = f"{values.get('class', '')} {values.get('id', '')}".strip()
        state = _State(tag, top)
        if "hidden" in values or "preheader" in names or _HIDDEN.search(values.get("style", "")):
            state.hidden = True
        elif tag == "pre":
            state.pre = True
        elif tag == "blockquote" or values.get("name") == "quote" or _QUOTE_NAMES.search(names):
            state.depth += 1
            state.mark = Mark.QUOTED
        elif _ATTRIBUTIONS.search(names):
            state.mark = Mark.ATTRIBUTION
        elif any(_SIGNATURES.match(name) for name in names.split()):
            state.mark = Mark.SIGNATURE
        else:
            if _REST.search(names):
                self.line(soft=True)
                self.rows.append(Line("", "", top.depth, Mark.REST_QUOTED))
            return None
        return state

    def close(self, tag: str) -> None:
        """An element ends; what was left open in it ends too."""
        if tag in _BLOCK_TAGS or tag in _LINE_TAGS or tag == "li":
            self.line(soft=True)
            self.gap = self.gap or (tag in _BLOCK_TAGS and (tag != "p" or self.spaced))
        top = self.stack[-1]
        if top.inside.get(tag, 0):
            top.inside[tag] -= 1
            return
        for index in range(len(self.stack) - 1, 0, -1):
            state = self.stack[index]
            if state.tag == tag:
                self.line(soft=True)
                del self.stack[index:]
                return
            if self.stack[index - 1].inside.get(tag, 0) and tag in ("table", "td", "div"):
                self.line(soft=True)
                del self.stack[index:]
                self.stack[-1].inside[tag] -= 1
                return

    def block(self, tag: str, attributes: str) -> None:
        """A block starts: on a line of its own, after an empty one unless its style says no."""
        self.line(soft=True)
        lowered = attributes.lower() if tag == "p" else ""
        tight = "msonormal" in lowered or "margin:0" in lowered.replace(" ", "")
        self.spaced = not tight and not self.bullet
        self.gap = self.gap or self.spaced

    # --- text ---

    def text(self, data: str) -> None:
        """Text between tags."""
        state = self.stack[-1]
        if state.hidden or not data:
            return
        if state.pre:
            for index, row in enumerate(unescape(data).split("\n")):
                if index:
                    self.line()
                self.pieces.append(row)
            return
        if "&" in data:
            data = unescape(data)
        self.pieces.append(data)

    def line(self, *, soft: bool = False) -> None:
        """End the line; a soft end leaves no empty line behind."""
        if soft and not self.pieces:
            return
        state = self.stack[-1]
        text = "".join(self.pieces)
        self.pieces.clear()
        if soft and not text.strip(" \t\r\n"):
            return  # what stands between most tags
        raw = tidy(text).rstrip() if state.pre else _GAPS.sub(" ", tidy(text)).strip()
        if not raw.strip():
            if not state.hidden:
                self.rows.append(Line("", "", 0))
                self.gap = False
            return
        if self.gap and self.rows and self.rows[-1].raw:
            self.rows.append(Line("", "", 0))
        self.gap = False
        if self.bullet:
            raw, self.bullet = f"- {raw}", False
        for row in raw.split("\n"):
            self.rows.append(Line(row, row.strip(), state.depth, state.mark))

    def lines(self) -> list[Line]:
        """Return the lines read so far."""
        self.line(soft=True)
        rows: list[Line] = []
        rest = False
        for row in self.rows:
            if row.mark is Mark.REST_QUOTED:
                rest = True
                continue
            if rest and row.text:
                if not row.depth:
                    row.mark = Mark.REST_QUOTED
                rest = False
            rows.append(row)
        return rows
