"""Portraits as JSON, and as lines for the terminal."""

import io
import json
from dataclasses import replace
from decimal import Decimal

import pytest
from rich.console import Console

from builders import a_word
from mailhours.cli.portraits import mirror_lines, patience_lines
from mailhours.model.client import Money, Thresholds
from mailhours.patterns.impatience import impatience
from mailhours.patterns.judge import judge
from mailhours.patterns.mirror import mirror
from mailhours.patterns.scorecard import scorecard
from mailhours.service.figures import portrait_document, precision_document
from mailhours.service.portraits import Portrait
from mailhours.summary.page import paper
from mailhours.summary.scorecard import Card
from mailhours.summary.scorecard import scorecard as scorecard_page
from mailhours.wording.render import Wording
from personas import OSLO, Persona, month
from unit.summary.pages import check

WORDING = Wording()


def a_portrait(persona=Persona.HANDS_ON) -> Portrait:
    one = month(persona, 1)
    owner = replace(one.owner, rate=Money(Decimal("95.00"), "EUR"))
    words = [a_word("note", "fjord", "mon+2 09:00", "repair plan until 2026-03-25: once a day")]
    judged = judge(owner, one.client, one.messages, words, Thresholds(), one.now)
    held = (one.messages, judged, owner, one.client, Thresholds(), one.now)
    return Portrait(judged, impatience(*held), mirror(*held), scorecard(*held, words=words))


def local(at):
    return at.astimezone(OSLO)


@pytest.mark.parametrize("persona", Persona)
def test_every_portrait_is_a_json_document(persona):
    made = portrait_document(a_portrait(persona), {}, local)

    assert json.loads(json.dumps(made, allow_nan=False)) == made
    assert set(made) == {"patience", "mirror", "scorecard"}


@pytest.mark.parametrize("persona", Persona)
def test_every_portrait_is_a_page(persona):
    one, made = month(persona, 1), a_portrait(persona)
    card = Card(one.client, made.scorecard, made.patience.patience, made.mirror)
    written = scorecard_page(one.owner, [card], WORDING.words(one.language))

    taken = check(paper(written, WORDING), one.language)
    assert one.client.name in taken.text
    assert "None" not in taken.text


def test_the_document_has_figures_with_their_doubt():
    made = portrait_document(a_portrait(), {}, local)

    involvement = made["scorecard"]["criteria"]["involvement"]
    low, high = involvement["interval"]
    assert low < involvement["hits"] / involvement["of"] < high
    assert made["scorecard"]["repair_plan"]["goals"] == ["involvement"]
    assert made["scorecard"]["cost"]["contact"].endswith(" EUR")
    assert made["patience"]["enough"]
    assert made["patience"]["wall_minutes"]["median"]["at"] > 0
    assert made["mirror"]["rewarded_chases"]["of"] > 0


def test_the_precision_of_every_rule_is_told():
    made = precision_document(a_portrait().judgement.findings)

    assert made["pestering"] == {
        "found": 1,
        "dismissed": 0,
        "precision": 1.0,
        "interval": made["pestering"]["interval"],
    }


@pytest.mark.parametrize("terminal", [True, False])
def test_the_terminal_says_the_same_in_lines(terminal):
    console = Console(file=io.StringIO(), force_terminal=terminal)
    made = a_portrait()
    lines = [
        *patience_lines(console, made.patience, local),
        *mirror_lines(made.mirror),
    ]
    text = "\n".join(lines)

    assert "half chase within" in text
    assert "you trained them: " in text
