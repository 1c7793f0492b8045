"""A sheet as HTML: one column, no pictures, no scripts, nothing from elsewhere."""

from __future__ import annotations

from mailhours.summary.paper import Paper
from mailhours.summary.sheet import Sheet
from mailhours.wording.render import Wording


def page(sheet: Sheet, wording: Wording) -> str:
    """Return a complete HTML page; the mail's form inlines its styles.

    MissingWording when the template asks for what is not there.
    """
    return wording.page("summary/sheet.html", sheet.language, {"sheet": sheet})


def paper(written: Paper, wording: Wording) -> str:
    """Return a paper as one self-contained page that also prints well."""
    return wording.page("summary/paper.html", written.language, {"paper": written})
