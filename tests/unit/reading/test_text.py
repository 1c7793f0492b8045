"""Visible text: what a person would call the new text of a mail."""

import pathlib

import pytest

from mailhours.reading.text import visible
from unit.reading.openings import ATTRIBUTIONS, HEADER_BLOCKS, TORN

OPENINGS = {**ATTRIBUTIONS, **{f"torn {name}": text for name, text in TORN.items()}}
QUOTED = "> Hi,\n>\n> could you confirm the second draft?\n> I need it by Friday.\n>\n> Kari\n"
UNMARKED = "Hi,\n\ncould you confirm the second draft?\nI need it by Friday.\n\nKari\n"


def new(text):
    return visible(text, None).new


@pytest.mark.parametrize("opening", OPENINGS.values(), ids=OPENINGS)
class TestAttributions:
    def test_what_stands_above_a_marked_quotation_is_new(self, opening):
        assert new(f"Looks fine.\n\nOne question: is it blue?\n\n{opening}\n\n{QUOTED}") == (
            "Looks fine.\n\nOne question: is it blue?"
        )

    def test_no_empty_line_is_needed_around_it(self, opening):
        assert new(f"Looks fine.\n{opening}\n{QUOTED}") == "Looks fine."

    def test_what_stands_below_a_marked_quotation_is_new(self, opening):
        assert new(f"{opening}\n{QUOTED}\nYes, confirmed.\n") == "Yes, confirmed."

    def test_answers_between_quotations_are_new(self, opening):
        text = f"{opening}\n> Is it blue?\n\nYes.\n\n> And the font?\n\nAs before.\n"
        zones = visible(text, None)
        assert zones.new == "Yes.\n\nAs before."
        assert [question for _, _, question in zones.replies] == ["Is it blue?", "And the font?"]
        assert [zones.new[start:end] for start, end, _ in zones.replies] == ["Yes.", "As before."]


UNMARKED_OPENINGS = {
    name: text
    for name, text in {**OPENINGS, **HEADER_BLOCKS}.items()
    if (
        not text.startswith(">")
        and not name.startswith(
            ("thunderbird ", "horde", "roundcube", "gnus", "mutt", "evolution", "kmail")
        )
    )
    or name.startswith("thunderbird forward")
}


@pytest.mark.parametrize("opening", UNMARKED_OPENINGS.values(), ids=UNMARKED_OPENINGS)
class TestUnmarkedQuotations:
    def test_what_stands_below_it_is_not_new(self, opening):
        assert new(f"Looks fine.\n\n{opening}\n\n{UNMARKED}") == "Looks fine."

    def test_no_empty_line_is_needed_above_it(self, opening):
        assert new(f"Looks fine.\n{opening}\n{UNMARKED}") == "Looks fine."

    def test_a_phone_s_footer_above_it_is_no_text(self, opening):
        assert (
            new(f"Looks fine.\n\nSent from my iPhone\n\n{opening}\n\n{UNMARKED}") == "Looks fine."
        )


@pytest.mark.parametrize("block", HEADER_BLOCKS.values(), ids=HEADER_BLOCKS)
class TestHeaderBlocks:
    def test_a_block_with_quotation_marks_is_quoted(self, block):
        marked = "\n".join(f"> {line}" for line in block.split("\n"))
        assert new(f"Looks fine.\n\n{marked}\n>\n{QUOTED}") == "Looks fine."

    def test_nothing_is_new_in_a_mail_that_is_only_a_quotation(self, block):
        zones = visible(f"{block}\n\n{UNMARKED}", None)
        assert "confirm" not in zones.new or block.startswith(">")


def cases(name):
    """Cases of a file: "######## name", the body, "======== new", the visible text."""
    text = (pathlib.Path(__file__).parent / "visible" / name).read_text("utf-8")
    for piece in text.split("######## ")[1:]:
        title, _, rest = piece.partition("\n")
        body, _, expected = rest.partition("======== new\n")
        yield pytest.param(body, expected.strip("\n"), id=title)


@pytest.mark.parametrize(("body", "expected"), [*cases("plain.txt")])
def test_a_plain_mail_shows_its_new_text(body, expected):
    assert new(body) == expected


@pytest.mark.parametrize(("body", "expected"), [*cases("html.txt")])
def test_an_html_mail_shows_its_new_text(body, expected):
    assert visible(None, body).new == expected
