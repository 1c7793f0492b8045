"""Every text can be read: WCAG 2.2 section 1.4.3 asks for a contrast of 4.5 to 1."""

import re

import pytest

from mailhours.summary.page import page
from unit.summary.office import the_inputs
from unit.summary.test_pages_of_the_day import WORDING, summary_of

COLOUR = re.compile(r"(?<![-\w])color: (#[0-9a-f]{6})")
GROUND = re.compile(r"background-color: (#[0-9a-f]{6})")


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def rules(style: str) -> dict[str, str]:
    """Return selector to declarations, each selector by itself, the last rule winning."""
    found = {}
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", style):
        for selector in selectors.split(","):
            found[selector.strip()] = found.get(selector.strip(), "") + body
    return found


def palettes() -> dict[str, dict[str, str]]:
    style = "".join(
        re.findall(r"<style[^>]*>(.*?)</style>", page(summary_of(the_inputs()), WORDING), re.DOTALL)
    )
    light, rest = style.split("@media (max-width", 1)
    dark = rest.split("@media (prefers-color-scheme: dark) {", 1)[1]
    return {"light": rules(light), "dark": rules(light) | rules(dark)}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(scheme):
    palette = palettes()[scheme]
    grounds = {
        name: GROUND.search(palette[name])[1] for name in (".card", ".figure", ".alarm", ".code")
    }
    texts = {name: COLOUR.search(body)[1] for name, body in palette.items() if COLOUR.search(body)}
    own = {".alarm", ".code"}

    assert len(texts) > 10
    for name in own:
        assert contrast(texts[name], grounds[name]) >= 4.5, name
    for name, colour in texts.items():
        if name not in own:
            assert contrast(colour, grounds[".card"]) >= 4.5, name
    for name in (".label", ".late", ".soon", ".good"):
        assert contrast(texts[name], grounds[".figure"]) >= 4.5, name


def test_black_on_white_is_twenty_one_to_one():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
