"""Sentences keep every word of a text, in its place, however the text is cut into tokens."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from mailhours.reading.sentences import ADDRESS, WORD, fold, sentences

PIECES = ("Hei", "the", "Müller", "нет", "café", "e\u0301te", "x", "œuvre", "no", "İ", "42")
MARKS = (" ", " ", " ", " ", "  ", "\n", "\n\n", ". ", ", ", "! ", "? ", ".", "@", "://", "www.")
texts = st.lists(st.sampled_from((*PIECES, *MARKS)), max_size=60).map("".join)


@given(texts | st.text(max_size=200))
@example("a " * 500)
@example("see https://x.example/a b and write to a.b@x.example now")
def test_a_word_of_a_sentence_is_what_stands_in_its_place(text: str) -> None:
    end = 0
    for sentence in sentences(text):
        assert len(sentence.words) == sum(len(words) for _, words in sentence.runs) <= 120
        for number, word in enumerate(sentence.words):
            first, last = sentence.place(number)
            assert end <= first < last <= len(text)
            assert word in {fold(text[first:last]), ADDRESS}
            end = last


@given(st.lists(st.sampled_from((*PIECES[:-1], *MARKS[:-3])), max_size=60).map("".join))
@example("a " * 500)
def test_no_word_is_lost(text: str) -> None:
    found = [word for sentence in sentences(text) for word in sentence.words]
    assert found == [fold(word) for word in re.findall(WORD, text)]
