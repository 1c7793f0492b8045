"""Contrast, headings, landmarks, tables, names: every page as axe-core sees it on a phone."""

import pytest

from builders import an_owner
from integration import axe
from integration.test_summary_pages import INLINER
from mailhours.summary.dossier import gather
from mailhours.summary.page import page, paper
from mailhours.summary.record import record
from mailhours.summary.scorecard import scorecard
from mailhours.wording.dates import LANGUAGES
from unit.summary.office import the_inputs
from unit.summary.test_accessible_pages import PAGES
from unit.summary.test_dossier import the_final_inputs
from unit.summary.test_pages_of_the_day import WORDING, summary_of
from unit.summary.test_scorecards import the_cards

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


@pytest.mark.browser
def test_a_page_fits_a_phone_in_every_language():
    pages = {}
    for language in LANGUAGES:
        words = WORDING.words(language)
        pages[f"day {language}"] = INLINER.inline(page(summary_of(the_inputs(), language), WORDING))
        pages[f"final {language}"] = paper(record(gather(the_final_inputs()), words), WORDING)
        pages[f"cards {language}"] = paper(scorecard(an_owner(), the_cards(), words), WORDING)
    answers = axe.found(pages)

    assert {
        name: told
        for name, found in answers.items()
        if (told := [one for one in found if not one.startswith(IN_A_PICTURE)])
    } == {}


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
        "wide": a_bad_page(style="h1 { width: 400px; }"),
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
        "wide": {"wider than the phone"},
    }
    assert axe.found({"dark": pages["dark"]}, dark=True)["dark"][0].startswith("color-contrast")
