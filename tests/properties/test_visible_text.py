"""Visible text: what holds for any text and any markup."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailhours.reading.lines import tidy
from mailhours.reading.text import visible
from unit.reading.openings import ATTRIBUTIONS, HEADER_BLOCKS, TORN

FRAGMENTS = [
    *ATTRIBUTIONS.values(),
    *HEADER_BLOCKS.values(),
    *TORN.values(),
    "-- ",
    "--",
    "____",
    "Sent from my iPhone",
    "Med vennlig hilsen",
    "Ole Hansen",
    "+47 22 33 44 55",
    "[Ole Hansen] yes",
    "| a",
    "» a",
    "KN> a",
    "",
    "",
]
LINES = st.one_of(
    st.sampled_from(FRAGMENTS),
    st.sampled_from(FRAGMENTS).map(lambda text: "> " + text.replace("\n", "\n> ")),
    st.text(max_size=60),
)
BODIES = st.lists(LINES, max_size=25).map("\n".join)
TAGS = st.sampled_from(
    [
        "<div>",
        "</div>",
        "<blockquote>",
        "</blockquote>",
        "<p>",
        "</p>",
        "<br>",
        "<td>",
        "</td>",
        "<table>",
        "</table>",
        "<!--",
        "-->",
        "<pre>",
        "</pre>",
        "<style>",
        "</style>",
        "<div[hidden>",
        "<li>",
        "<ul>",
        "</ul>",
        "<a[href='x>y'>",
        "<![if[!mso]>",
        "<div[id=appendonsend>",
        "&amp;",
        "&#0;",
        "&#x110000;",
        '<div[class="gmail_quote">',
        '<p[style="display:none">',
        "<span[title=it's>",
        "<",
        ">",
        '"',
        "'",
        "=",
    ]
).map(lambda text: text.replace("[", " "))
PAGES = st.lists(
    st.one_of(TAGS, st.text(max_size=12), st.sampled_from(FRAGMENTS)), max_size=40
).map("".join)
PLAIN_WORDS = st.text("qxzjw ,", min_size=1, max_size=70).filter(str.strip)


@given(BODIES)
def test_any_text_has_zones_that_are_the_whole_body(text):
    zones = visible(text, None)

    assert "\n".join(zone.text for zone in zones.zones).split() == tidy(text).split()
    assert len(zones.new) <= len(text)
    assert all(0 <= start < end <= len(zones.new) for start, end, _ in zones.replies)


@given(PAGES)
def test_any_markup_has_zones(page):
    zones = visible(None, page)

    assert all(0 <= start < end <= len(zones.new) for start, end, _ in zones.replies)


@given(st.lists(PLAIN_WORDS, min_size=1, max_size=8))
def test_plain_words_are_all_new_and_stay_so(lines):
    once = visible("\n".join(lines), None).new

    assert once.split() == " ".join(lines).split()
    assert visible(once, None).new == once


@given(st.text(max_size=200), st.text(max_size=200))
def test_plain_text_wins_unless_it_is_empty(plain, html):
    if plain.strip() and "html" not in plain.lower():
        assert visible(plain, html) == visible(plain, None)


@pytest.mark.parametrize(
    "page",
    [
        pytest.param("<div>" * 100_000 + "x", id="nested elements"),
        pytest.param("<blockquote>" * 100_000 + "x", id="nested quotations"),
        pytest.param("<div hidden>" * 100_000 + "x", id="nested hidden elements"),
        pytest.param("<a " + 'b="c" ' * 1_600_000 + ">x", id="10 MB of attributes"),
        pytest.param("<a " + "'" * 5_000_000, id="apostrophes"),
        pytest.param("<a " + "='" * 2_500_000, id="open values"),
        pytest.param("<!--" * 1_000_000, id="unclosed comments"),
        pytest.param("<" * 5_000_000, id="nothing but brackets"),
        pytest.param("<a <" * 1_000_000, id="tags in tags"),
        pytest.param("</div>" * 400_000, id="nothing but ends"),
        pytest.param("<div hidden><p></b></table>" * 80_000, id="misnested"),
        pytest.param("&" * 2_000_000, id="ampersands"),
        pytest.param("<style>" * 400_000, id="unclosed style"),
    ],
)
def test_hostile_markup_takes_bounded_time(page):
    start = time.monotonic()
    visible(None, page)

    assert time.monotonic() - start < 10


@pytest.mark.parametrize(
    "line",
    [
        "----\n",
        "a@b.c \n",
        "a: b\n",
        "From: a\n",
        "> a\nb\n",
        "Best regards\n",
        "On 12 Nov 2025 14:03 x <a@b.c> \n",
        "ok. On Mon, 3 Mar 2025 14:00 ",
        "wrote:\n",
        "Sent from my iPhone\n",
        "- " * 60 + "\n",
        "This e-mail is confidential, intended\n\n",
        "x\n\nAnna Berg\n+47 22 33 44 55\n",
        "(a@",
        " ",
        "-",
        "A.",
    ],
)
def test_hostile_text_takes_bounded_time(line):
    start = time.monotonic()
    visible(line * (400_000 // len(line)), None)

    assert time.monotonic() - start < 10


@settings(max_examples=25)
@given(st.sampled_from(FRAGMENTS), st.integers(1, 300))
def test_a_fragment_repeated_breaks_nothing(fragment, times):
    visible("\n".join([fragment] * times), None)
