"""The owner's word in a terminal: what it changes, and that `why` tells it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from integration.test_command_line import FJORD, OSLO, TRUSTED, Office, a_mail
from mailhours.cli.app import app
from mailhours.model.faults import Fault

INVOICE = """
[[invoice]]
number = "2026-014"
issued = 2026-02-01
due = 2026-02-15
amount = "1200.00 EUR"
"""
NOW = datetime.now(OSLO).replace(microsecond=0)


class Terminal(Office):
    """The same office with commands in this process: a start of each takes longest."""

    def run(self, *words: str) -> Result:
        places = {"MAILHOURS_CONFIG": str(self.config), "STATE_DIRECTORY": str(self.state)}
        return CliRunner(env=places).invoke(app, words)

    def json(self, *words: str) -> dict[str, Any]:
        return json.loads(self.say(*words, "--json"))

    def say(self, *words: str) -> str:
        done = self.run(*words)
        assert done.exit_code == 0, done.output
        return done.stdout.strip()


@pytest.fixture
def office(tmp_path: Path) -> Terminal:
    """Make an office that owes an answer, waits for one, and has an unpaid invoice."""
    made = Terminal(tmp_path)
    made.write("clients/fjord.toml", FJORD + INVOICE)
    made.say("poll")
    asked = a_mail(2, NOW - timedelta(hours=3), "Could you send me the photos?", ours=True)
    made.sent.add(asked.replace(b"Subject: Logo", b"Subject: Photos"))
    made.inbox.add(a_mail(1, NOW, "Kan du sende meg logoen?", extra=TRUSTED))
    assert made.json("poll")["logged"] == 2
    return made


def test_a_call_keeps_a_promise_and_the_turn_passes(office: Terminal) -> None:
    before = office.json("client", "fjord")
    (promise,) = before["promises"]
    assert office.json("clients")["clients"]["fjord"]["turn"] == "ours"

    assert office.say("answered", promise["id"], "--by", "phone") == (
        f"noted: answered {promise['id']} phone"
    )

    after = office.json("clients")["clients"]["fjord"]
    assert (after["turn"], after["we_owe"]) == ("theirs", 0)
    assert "Kept: answered by the owner's word" in office.say("why", promise["id"])


def test_an_answer_on_the_phone_closes_an_ask(office: Terminal) -> None:
    (ask,) = office.json("asks")["asks"]

    office.say("answered", ask["id"], "--by", "phone")

    assert office.json("clients")["clients"]["fjord"]["they_owe"] == 0
    told = office.say("why", ask["id"])
    assert "We asked kari@fjord.example" in told
    assert "Closed by the owner's word: full" in told
    assert office.json("rebuild")["wrong"] == []


def test_money_that_came_ends_the_invoice(office: Terminal) -> None:
    def standing() -> tuple[str, str | None]:
        (one,) = office.json("client", "fjord")["invoices"]
        return one["state"], one["paid"]

    assert standing() == ("overdue", None)

    office.say("paid", "2026-014", "--on", "2026-02-20")

    assert standing() == ("paid", "2026-02-20")
    told = office.say("why", "2026-014")
    assert "Paid Fri 20 Feb 2026" in told
    assert "paid, 5 days late" in told


def test_a_word_about_nothing_says_what_there_is(office: Terminal) -> None:
    for words, hint in (
        (("answered", "p00000000"), "mailhours asks"),
        (("paid", "9999"), "2026-014"),
        (("paid", "2026-014", "--on", "soon"), "2026-11-23"),
    ):
        done = office.run(*words)

        assert isinstance(done.exception, Fault)
        assert hint in done.exception.hint
