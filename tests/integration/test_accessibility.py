"""Contrast, headings, landmarks, tables, names: every page as axe-core sees it on a phone."""

import pytest

from integration import axe
from integration.test_summary_pages import INLINER
from unit.summary.test_accessible_pages import PAGES

# Text of a picture has no ground that axe could know: it stands on the page's own, in --soft.
IN_A_PICTURE = "color-contrast: <text "


@pytest.mark.browser
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_in_our_pages(dark):
    leaving = {
        name: INLINER.inline(page) if name.startswith("day") else page
        for name, page in PAGES.items()
    }
    answers = axe.found(leaving, dark=dark)
    wrong = {
        name: told
        for name, found in answers.items()
        if (told := [one for one in found if not one.startswith(IN_A_PICTURE)])
    }

    assert answers.keys() == PAGES.keys()
    assert wrong == {}


BAD = """<!DOCTYPE html><html lang="en"><head><title>Bad</title><style>
@media (prefers-color-scheme: dark) { p { color: #222222; background-color: #000000; } }
%s</style></head><body>%s</body></html>"""


def a_bad_page(body: str = "<main><h1>A page</h1><p>text</p></main>", style: str = "") -> str:
    return BAD % (style, body)


@pytest.mark.browser
def test_axe_refuses_what_is_bad():
    pages = {
        "pale": a_bad_page(style="p { color: #999999; background-color: #ffffff; }"),
        "dark": a_bad_page(),
        "steps": a_bad_page("<main><h1>One</h1><h3>Three</h3></main>"),
        "table": a_bad_page(
            "<main><h1>One</h1><table><tr><th scope='up'>a</th><td>b</td></tr></table></main>"
        ),
        "outside": a_bad_page("<main><h1>One</h1></main><p>nowhere</p>"),
    }
    rules = {
        name: {one.partition(":")[0] for one in answers}
        for name, answers in axe.found(pages).items()
    }

    assert rules == {
        "pale": {"color-contrast"},
        "dark": set(),
        "steps": {"heading-order"},
        "table": {"scope-attr-valid"},
        "outside": {"region"},
    }
    assert axe.found({"dark": pages["dark"]}, dark=True)["dark"][0].startswith("color-contrast")
