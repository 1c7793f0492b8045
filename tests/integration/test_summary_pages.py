"""The pages of the owner in a real browser: light and dark, wide and on a phone."""

import css_inline
import pytest

from integration.browser import DESKTOP, PHONE
from mailhours.summary.dossier import gather
from mailhours.summary.page import page, paper
from mailhours.summary.record import record
from unit.summary.office import the_inputs
from unit.summary.test_dossier import the_dossier_inputs
from unit.summary.test_pages_of_the_day import WORDING, summary_of

INLINER = css_inline.CSSInliner(
    load_remote_stylesheets=False, keep_style_tags=False, keep_at_rules=True
)


def the_page(name: str) -> str:
    if name == "dossier":
        return paper(record(gather(the_dossier_inputs()), WORDING.words("en")), WORDING)
    return INLINER.inline(page(summary_of(the_inputs()), WORDING))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("name", ["summary", "dossier"])
def test_a_page_is_drawn(screenshot, tmp_path, name, width, dark):
    png = screenshot(the_page(name), tmp_path / "page.png", width=width, dark=dark)

    assert png.stat().st_size > 20_000, "an empty page is a small picture"
