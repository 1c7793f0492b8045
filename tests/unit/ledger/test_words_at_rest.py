from __future__ import annotations

import pytest

from builders import a_word, moment
from mailhours.model.client import OwnerVerb


def test_the_owners_words_come_back_in_order_of_time(ledger):
    late = a_word("paid", "2026-014", "tue 09:00")
    early = a_word("note", "fjord", "mon 09:00", "rang; wants blue \U0001f600")
    for word in (late, early):
        ledger.words.say(word)

    assert ledger.words.words() == [early, late]
    assert ledger.words.words(verb=OwnerVerb.PAID) == [late]


def test_what_is_said_twice_is_recorded_twice(ledger):
    for _ in range(2):
        ledger.words.say(a_word("stop", ""))

    assert len(ledger.words.words()) == 2
    assert ledger.chain.head()[0] == 2


@pytest.mark.parametrize("verb", OwnerVerb)
def test_every_verb_can_be_said(ledger, verb):
    ledger.words.say(a_word(verb, "x"))

    assert ledger.words.words()[0].verb is verb


def test_a_word_from_a_terminal_that_is_not_utf8_is_kept_as_far_as_it_goes(ledger):
    ledger.words.say(a_word("note", "fjord", text="bl\udce5 please"))

    assert ledger.words.words()[0].text == "bl? please"
    assert ledger.verify() == []


def test_a_word_without_a_zone_is_refused(ledger):
    with pytest.raises(ValueError, match="timezone"):
        ledger.words.say(a_word("stop", "", moment("mon 09:00").replace(tzinfo=None)))

    assert ledger.words.words() == []
