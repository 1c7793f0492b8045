"""Every phrase of every language is found in its examples and not in its counter-examples."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache, reduce
from importlib import resources
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mailhours.model.faults import ConfigurationFault
from mailhours.model.message import Direction
from mailhours.reading.alternatives import PatternError
from mailhours.reading.elements import END
from mailhours.reading.matching import hits
from mailhours.reading.phrases import LANGUAGES, Phrases
from mailhours.reading.sentences import sentences
from mailhours.reading.signals import signals

SENT = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Oslo")


def _tables(language: str) -> list[dict[str, Any]]:
    file = resources.files("mailhours.reading").joinpath("phrases", f"{language}.toml")
    if not file.is_file():
        return []
    entries: list[dict[str, Any]] = tomllib.loads(file.read_text(encoding="utf-8"))["phrase"]
    return entries


def _without_comments(language: str) -> str:
    file = resources.files("mailhours.reading").joinpath("phrases", f"{language}.toml")
    return re.sub(r"^#.*$", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)


@cache
def _phrases() -> Phrases:
    return Phrases.load({})


def _found(text: str, role: str) -> set[str]:
    """Return the ids of the phrases that stand in `text` after exceptions and guards."""
    direction = Direction.OUTBOUND if role == "owner" else Direction.INBOUND
    return {
        hit.phrase.id
        for sentence in sentences(text)
        for hit in hits(_phrases(), [sentence], direction)[0]
    }


def _cases(key: str) -> Iterator[Any]:
    for language in LANGUAGES:
        for entry in _tables(language):
            for number, text in enumerate(entry.get(key, []), 1):
                identity = f"{language}.{entry['id']}"
                yield pytest.param(
                    identity, entry.get("role", "any"), text, id=f"{identity}-{key}-{number}"
                )


@pytest.mark.parametrize(("phrase", "role", "text"), list(_cases("examples")))
def test_a_phrase_is_found_in_its_example(phrase: str, role: str, text: str) -> None:
    assert phrase in _found(text, role)


@pytest.mark.parametrize(("phrase", "role", "text"), list(_cases("counter")))
def test_a_phrase_is_not_found_in_its_counter_example(phrase: str, role: str, text: str) -> None:
    assert phrase not in _found(text, role)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pattern_that_matches_lacks_no_word_that_it_needs(language: str) -> None:
    tongue = LANGUAGES.index(language)
    matched = 0
    for entry in _tables(language)[::3]:
        for sentence in sentences(entry["examples"][0]):
            known = [_phrases().mended[word] for word in sentence.words]
            ahead = [word.classes for word in known]
            met = [*(word.met[tongue] for word in known), _phrases().ending[tongue]]
            for at, word in enumerate(known):
                for _, _, pattern in word.entries[tongue]:
                    if pattern.match(at, [*ahead, END], [*ahead[::-1], END]):
                        matched += 1
                        assert not pattern.needs & ~reduce(or_, met)
                        assert not pattern.follows or pattern.follows & met[at + 1]
                        assert not pattern.leads or pattern.leads & met[at - 1]
    assert matched > 20


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_has_an_example(language: str) -> None:
    assert [e["id"] for e in _tables(language) if not e.get("examples")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_id_stands_once(language: str) -> None:
    ids = [entry["id"] for entry in _tables(language)]

    assert sorted(set(ids)) == sorted(ids)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_set_of_words_is_used(language: str) -> None:
    text = _without_comments(language)

    assert set(tomllib.loads(text)["sets"]) == {
        *re.findall(r"<([\w-]+)>", text),
        *("filler", "greeting"),
    }


def test_the_owners_phrase_is_found_and_can_switch_one_of_ours_off() -> None:
    own = (
        'language = "en"\noff = ["en.urgent.words"]\n[[phrase]]\nid = "boats"\nkind = "urgent"\n'
        'match = ["all hands on deck"]\n'
    )
    phrases = Phrases.load({"mine.toml": own})

    def kinds(text: str) -> set[str]:
        found = signals(phrases, text, direction=Direction.INBOUND, sent=SENT, zone=ZONE)
        return {signal.phrase for signal in found}

    assert "mine.boats" in kinds("All hands on deck!")
    assert "en.urgent.words" not in kinds("This is urgent.")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        pytest.param("[[phrase]]\nid = 'a'\nkind = 'nudge'\nmatch = ['<x>']\n", 1, "<x>", id="set"),
        pytest.param("[[phrase]]\nid = 'a'\nkind = 'nag'\nmatch = ['x']\n", 1, "kind", id="kind"),
        pytest.param("[[phrase]]\nid = 'a'\nkind = 'nudge'\n", 1, "match", id="no match"),
        pytest.param("\noff = ['en.no.such']\n", 2, "en.no.such", id="off"),
        pytest.param("[[phrase]\n", 1, "", id="no TOML"),
        pytest.param("colour = 1\n", 1, "unknown", id="unknown key"),
        pytest.param("[[phrase]]\nid = 'a'\nkind = 'nudge'\nmatch = ['(a']\n", 1, "(a", id="paren"),
    ],
)
def test_a_broken_file_of_the_owner_is_named_with_its_line(
    text: str, line: int, words: str
) -> None:
    with pytest.raises(ConfigurationFault) as fault:
        Phrases.load({"mine.toml": text})

    problem = fault.value.problems[0]
    assert (problem.file, problem.line) == ("mine.toml", line)
    assert words in problem.what


def test_the_version_changes_with_the_owners_files() -> None:
    assert Phrases.load({}).version != Phrases.load({"a.toml": "off = []"}).version
    assert Phrases.load({}).version == Phrases.load({}).version


def test_a_pattern_of_gaps_alone_is_refused() -> None:
    with pytest.raises(ConfigurationFault):
        Phrases.load({"a.toml": "[[phrase]]\nid='a'\nkind='nudge'\nmatch=['.. what?']\n"})
    assert issubclass(PatternError, ValueError)
