"""Plots of text: blocks on a terminal, nothing where there is none."""

import io

import pytest
from rich.console import Console

from mailhours.cli import plots


class Utf8(io.StringIO):
    encoding = "utf-8"


TERMINAL = Console(file=Utf8(), force_terminal=True)
PAPER = Console(file=Utf8(), force_terminal=False)
ASCII = Console(file=type("Ascii", (io.StringIO,), {"encoding": "ascii"})(), force_terminal=True)


@pytest.mark.parametrize(
    ("share", "drawn"),
    [
        pytest.param(0, "····", id="none"),
        pytest.param(0.5, "██··", id="half"),
        pytest.param(0.3, "█▎··", id="a part of a block"),
        pytest.param(1, "████", id="all"),
        pytest.param(7, "████", id="never more than all"),
    ],
)
def test_a_bar_is_as_full_as_the_share(share, drawn):
    assert plots.bar(TERMINAL, share, 4) == drawn


def test_a_line_has_a_block_for_each_value():
    assert plots.line(TERMINAL, [0, 1, 2, 4]) == " ▂▄█"
    assert plots.line(TERMINAL, [0, 0]) == "  "


def test_the_sides_share_one_line():
    assert plots.sides(TERMINAL, [(1, "o"), (2, "t"), (1, "n")], 8) == "oottttnn"
    assert plots.sides(TERMINAL, [(0, "o")], 8) == ""


@pytest.mark.parametrize("console", [PAPER, ASCII], ids=["no terminal", "no UTF-8"])
def test_elsewhere_there_are_only_figures(console):
    assert plots.bar(console, 0.5) == ""
    assert plots.line(console, [1, 2]) == ""
    assert plots.sides(console, [(1, "o")]) == ""
