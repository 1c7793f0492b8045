"""The lines of a reply to the summary: which are commands, and which are garbled."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailhours.model.client import OwnerVerb
from mailhours.service.by_mail import MOST, Command, Garbled, commands, unquoted


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("approve r1a2b3c4", Command(OwnerVerb.APPROVE, "r1a2b3c4")),
        ("  Approve   r1a2b3c4  ", Command(OwnerVerb.APPROVE, "r1a2b3c4")),
        ("dismiss f0f0f0f0.", Command(OwnerVerb.DISMISS, "f0f0f0f0")),
        ("hold fjord", Command(OwnerVerb.HOLD, "fjord")),
        ("resume fjord", Command(OwnerVerb.RESUME, "fjord")),
        ("paid 2026-014", Command(OwnerVerb.PAID, "2026-014", "")),
        ("paid 2026-014 2026-03-01", Command(OwnerVerb.PAID, "2026-014", "2026-03-01")),
        ("answered a1b2c3d4", Command(OwnerVerb.ANSWERED, "a1b2c3d4", "")),
        ("answered a1b2c3d4 by phone", Command(OwnerVerb.ANSWERED, "a1b2c3d4", "phone")),
        ("note fjord prefers calls", Command(OwnerVerb.NOTE, "fjord", "prefers calls")),
        ("settle r1a2 lost", Command(OwnerVerb.SETTLE, "r1a2", "lost")),
        ("unfreeze kari@fjord.example", Command(OwnerVerb.UNFREEZE, "kari@fjord.example")),
        ("retry INBOX/42", Command(OwnerVerb.RETRY, "INBOX/42")),
        ("STOP", Command(OwnerVerb.STOP)),
        ("start", Command(OwnerVerb.START)),
    ],
)
def test_a_line_is_one_command(line: str, command: Command) -> None:
    assert commands(f"Hi,\n\n{line}\n\nDana Berg\n") == (command,)


@pytest.mark.parametrize(
    "line",
    [
        "approve",
        "approve r1a2 and r3b4",
        "stop writing to fjord",
        "hold on a second",
        "settle r1a2",
        "settle r1a2 maybe",
        "paid 2026-014 yesterday",
        f"note fjord {'x' * 300}",
    ],
)
def test_a_line_that_begins_like_a_command_and_is_none_is_told(line: str) -> None:
    (found,) = commands(line)

    assert isinstance(found, Garbled)
    assert found.why.startswith("write ")


@pytest.mark.parametrize(
    "text", ["", "Thanks!", "please approve r1a2b3c4", "I approved it", "-- \nDana"]
)
def test_what_people_write_is_no_command(text: str) -> None:
    assert commands(text) == ()


def test_several_lines_are_several_commands_in_order() -> None:
    verbs = [one.verb for one in commands("stop\nhold fjord\nstart") if isinstance(one, Command)]

    assert verbs == [OwnerVerb.STOP, OwnerVerb.HOLD, OwnerVerb.START]


def test_a_flood_of_lines_ends() -> None:
    found = commands("stop\n" * 500)

    assert len(found) == MOST + 1
    assert isinstance(found[-1], Garbled)


SUMMARIES = sorted((Path(__file__).parents[2] / "golden" / "summary").glob("*.txt"))
SAID = "paid 2026-011\nhold acme\n"


@pytest.mark.parametrize("path", SUMMARIES, ids=lambda path: path.name)
@pytest.mark.parametrize(
    "reply",
    ["{said}\nDana\n\n{summary}", "{summary}\n\n{said}", "Hello\n{said}\n{summary}\nDana"],
    ids=["above", "below", "between"],
)
def test_a_summary_that_is_quoted_without_marks_is_not_said(path: Path, reply: str) -> None:
    summary = path.read_text(encoding="utf-8")

    text = unquoted(reply.format(said=SAID, summary=summary), summary)

    assert commands(text) == commands(SAID)


def test_what_the_summary_offers_is_said_by_repeating_it() -> None:
    summary = "You owe nothing today.\nKari has been reminded.\napprove r1a2b3c4\nstop\n"

    assert commands(unquoted("approve r1a2b3c4\nstop", summary)) == (
        Command(OwnerVerb.APPROVE, "r1a2b3c4"),
        Command(OwnerVerb.STOP),
    )
    quoted = f"approve r1a2b3c4\n\n{summary}"
    assert commands(unquoted(quoted, summary)) == (Command(OwnerVerb.APPROVE, "r1a2b3c4"),)
