"""The command line as a process: what it prints, where, and with which exit code."""

from __future__ import annotations

import email.utils
import json
import mailbox
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

OSLO = ZoneInfo("Europe/Oslo")
MAIN = """
schema = 1
[owner]
name = "Dana Berg"
address = "dana@studio.example"
timezone = "Europe/Oslo"
[hours]
week = { mon = ["09:00-17:00"], tue = ["09:00-17:00"], wed = ["09:00-17:00"], thu = ["09:00-17:00"], fri = ["09:00-17:00"] }
check_ins = ["10:00", "15:00"]
holidays = "NO"
[mailbox.main]
source = "maildir"
path = "mail"
[replies]
authserv_id = "mx.studio.example"
"""
FJORD = """
schema = 1
name = "Fjord Coffee AS"
addresses = ["kari@fjord.example", "@fjord.example"]
language = "nb"
[[person]]
name = "Kari Nordmann"
address = "kari@fjord.example"
roles = ["contact", "approver"]
"""
TRUSTED = "Authentication-Results: mx.studio.example; dmarc=pass header.from=fjord.example\r\n"


class Office:
    """A configuration directory with a Maildir in it, and `mailhours` run on it."""

    def __init__(self, folder: Path) -> None:
        self.config, self.state = folder / "config", folder / "state"
        (self.config / "clients").mkdir(parents=True)
        self.write("mailhours.toml", MAIN)
        self.write("clients/fjord.toml", FJORD)
        self.inbox = mailbox.Maildir(self.config / "mail")
        self.sent = self.inbox.add_folder("Sent")

    def write(self, name: str, text: str) -> None:
        (self.config / name).write_text(text, encoding="utf-8")

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            "MAILHOURS_CONFIG": str(self.config),
            "STATE_DIRECTORY": str(self.state),
        }
        return subprocess.run(
            [sys.executable, "-m", "mailhours", *words],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def json(self, *words: str) -> dict[str, object]:
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def a_mail(
    number: int, at: datetime, text: str, *, ours: bool = False, answers: int = 0, extra: str = ""
) -> bytes:
    us, them = "Dana Berg <dana@studio.example>", "Kari Nordmann <kari@fjord.example>"
    sender, recipient = (us, them) if ours else (them, us)
    parent = f"In-Reply-To: <{answers}@fjord.example>\r\n" if answers else ""
    return (
        f"{extra}From: {sender}\r\nTo: {recipient}\r\nSubject: Logo\r\n"
        f"Date: {email.utils.format_datetime(at)}\r\nMessage-ID: <{number}@fjord.example>\r\n{parent}"
        f"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    ).encode()


def test_help_names_every_command_of_the_contract(office: Office) -> None:
    done = office.run("--help")

    assert done.returncode == 0
    for command in (
        *("demo", "check", "run", "poll", "check-in", "summary", "status", "clients", "client"),
        *("asks", "findings", "replies", "why", "read", "backtest"),
        *("paid", "answered", "note", "dismiss", "hold", "resume", "approve", "settle"),
        *("unfreeze", "stop", "start"),
    ):
        assert f" {command} " in done.stdout


def test_ten_mistakes_give_ten_lines_and_nothing_starts(office: Office) -> None:
    office.write(
        "mailhours.toml",
        """schema = 1
[owner]
name = "Dana Berg"
adress = "dana@studio.example"
timezone = "Europe/Olso"
language = "xx"
[hours]
week = { mon = ["09:00-25:00"] }
check_ins = ["10.00"]
holidays = "XX"
[mailbox.main]
source = "imap"
host = "imap.studio.example"
port = 99999
security = "maybe"
user = "dana"
password = "hunter2"
[replies]
mode = "sometimes"
""",
    )

    for command in ("check", "run", "poll"):
        done = office.run(command)

        assert done.returncode == 78
        lines = [line for line in done.stderr.splitlines() if "mailhours.toml:" in line]
        assert len(lines) >= 10
        assert all(line.split(":")[1].isdigit() for line in lines)
        assert "owner.adress: unknown key; did you mean" in done.stderr
        assert "hunter2" not in done.stderr
        assert not office.state.exists()


def test_configuration_is_accepted_before_and_after_the_command(office: Office) -> None:
    for words in (
        ("--config", str(office.config), "check"),
        ("check", "--config", str(office.config)),
    ):
        assert office.run(*words).returncode == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("client", "nobody"), 2),
        (("why", "nothing"), 2),
        (("asks", "--state", "lost"), 2),
        (("backtest", "--from", "yesterday", "mail"), 2),
        (("settle", "r1", "perhaps"), 2),
        (("no-such-command",), 2),
        (("check", "--config", "/nowhere"), 78),
    ],
)
def test_a_wrong_question_has_an_exit_code_and_a_hint(
    office: Office, words: tuple[str, ...], code: int
) -> None:
    office.run("poll")

    done = office.run(*words)

    assert done.returncode == code
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_a_question_before_the_first_poll_says_what_to_do(office: Office) -> None:
    done = office.run("clients")

    assert done.returncode == 1
    assert "mailhours poll" in done.stderr


def test_mail_in_a_maildir_is_logged_judged_and_shown(office: Office) -> None:
    now = datetime.now(OSLO)
    office.run("poll")
    office.inbox.add(a_mail(1, now, "Kan du sende meg logoen?", extra=TRUSTED))
    office.inbox.add(a_mail(2, now, "Takk!", extra=TRUSTED.replace("fjord", "evil")))

    assert office.json("poll")["logged"] == 2
    assert office.json("poll")["logged"] == 0
    client = office.json("client", "fjord")
    assert [p["message_id"] for p in client["promises"]] == ["<1@fjord.example>"]
    assert office.json("clients")["clients"]["fjord"]["turn"] == "ours"
    why = office.json("why", client["promises"][0]["id"])
    assert any(step.get("message_id") == "<1@fjord.example>" for step in why["steps"])
    assert office.run("status").returncode == 0


def test_a_rebuild_proves_what_was_kept_and_why_tells_what_was_judged(office: Office) -> None:
    office.run("poll")
    office.inbox.add(a_mail(1, datetime.now(OSLO), "Kan du sende meg logoen?", extra=TRUSTED))
    polled = office.run("poll")

    assert polled.returncode == 0, polled.stderr
    before = office.json("rebuild")
    done = office.run("rebuild")
    why = office.run("why", "1@fjord.example")

    assert before == {"schema": 1, "clients": 1, "messages": 1, "wrong": []}
    assert done.returncode == 0
    assert "byte for byte" in done.stdout
    assert "is owed an answer" in why.stdout


def test_a_dry_run_prints_what_would_leave_and_writes_nothing(office: Office) -> None:
    office.run("poll")
    office.inbox.add(a_mail(1, datetime.now(OSLO), "Kan du sende meg logoen?", extra=TRUSTED))
    office.run("poll")

    # One moment for both: the minute may end between them.
    words = "check-in", "--dry-run", "--at", f"{datetime.now(OSLO) + timedelta(minutes=5):%FT%H:%M}"
    first, second = office.json(*words), office.json(*words)

    assert first == second
    decided = [*first["replies"], *first["withheld"]]
    assert decided
    assert office.json("replies")["replies"] == []


def old_mail() -> list[tuple[bool, bytes]]:
    """A week of March: a question, two chases, the answer; an ask of ours that stays open."""
    monday = datetime(2026, 3, 2, 9, 0, tzinfo=OSLO)
    minute = timedelta(minutes=1)
    return [
        (False, a_mail(1, monday, "Kan du sende meg logoen?", extra=TRUSTED)),
        (False, a_mail(2, monday + 12 * minute, "Fikk du e-posten min?", answers=1, extra=TRUSTED)),
        (False, a_mail(3, monday + 25 * minute, "Hallo, noe nytt?", answers=1, extra=TRUSTED)),
        (True, a_mail(4, monday + 300 * minute, "Here it is.", ours=True, answers=1)),
        (
            True,
            a_mail(5, monday + 400 * minute, "[need: approval of the draft by 5 March]", ours=True),
        ),
    ]


def as_mbox(folder: Path) -> Path:
    held = mailbox.mbox(folder / "old.mbox")
    for _, mail in old_mail():
        held.add(mail)
    held.close()
    return folder / "old.mbox"


def as_maildir(folder: Path) -> Path:
    inbox = mailbox.Maildir(folder / "old")
    sent = inbox.add_folder("Sent")
    for ours, mail in old_mail():
        (sent if ours else inbox).add(mail)
    return folder / "old"


@pytest.mark.parametrize("source", [as_mbox, as_maildir])
def test_a_backtest_prints_the_document_of_the_contract(
    office: Office, tmp_path: Path, source: object
) -> None:
    made = office.json("backtest", str(source(tmp_path)), "--to", "2026-03-20")

    fjord = made["clients"]["fjord"]
    assert made["schema"] == 1
    assert made["messages"] == 5
    nudges = {n["message_id"]: n["minutes_after"] for n in fjord["nudges"]}
    assert nudges == {"<2@fjord.example>": 12, "<3@fjord.example>": 13}
    (ask,) = fjord["asks"]
    assert (ask["message_id"], ask["closed"], ask["outcome"]) == ("<5@fjord.example>", None, "none")
    assert {"pestering", "unanswered_feedback"} <= {f["pattern"] for f in fjord["findings"]}
    assert set(fjord["time"]) == {"ours", "theirs", "nobody"}
    acknowledged = [r for r in made["replies"] if "acknowledgement" in r["kinds"]]
    assert [r["slot"] for r in acknowledged] == ["2026-03-02T10:00"]
    assert set(acknowledged[0]["causes"]) == {f"<{n}@fjord.example>" for n in (1, 2, 3)}
    assert any("feedback_1" in r["kinds"] for r in made["replies"])
    for reply in made["replies"]:
        assert set(reply) >= {"slot", "client", "kinds", "to", "subject", "causes", "text"}
    assert not office.state.exists()


def test_single_mails_are_read_without_any_configuration(tmp_path: Path) -> None:
    file = tmp_path / "one.eml"
    file.write_bytes(a_mail(1, datetime(2026, 3, 2, tzinfo=OSLO), "Could you send the logo?"))

    done = subprocess.run(
        [sys.executable, "-m", "mailhours", "read", "--json", str(file), str(tmp_path / "none")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    row = json.loads(done.stdout)
    assert row["message_id"] == "<1@fjord.example>"
    assert (row["direction"], row["kind"], row["may_reply"]) == ("inbound", "human", "reply")
    (ask,) = [s for s in row["signals"] if s["kind"] == "ask"]
    assert row["visible_text"][ask["start"] : ask["end"]] == ask["text"]
    assert "none" in done.stderr


def test_a_mail_is_shown_by_its_zones(tmp_path: Path) -> None:
    file = tmp_path / "one.eml"
    text = "Could you send the logo?\r\n\r\nOn 1 March 2026 Dana wrote:\r\n> What next?\r\n\r\n-- \r\nKari, Fjord"
    file.write_bytes(a_mail(1, datetime(2026, 3, 2, tzinfo=OSLO), text))

    done = subprocess.run(
        [sys.executable, "-m", "mailhours", "read", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert "new | Could you send the logo?" in done.stdout
    assert "quoted | > What next?" in done.stdout
    assert "signature | " in done.stdout
    assert "ask content: 'Could you send the logo?' [0:24]" in done.stdout


def test_status_as_json_is_json_even_where_there_is_nothing_yet(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mailhours", "status", "--json"],
        env={**os.environ, "MAILHOURS_CONFIG": str(tmp_path), "STATE_DIRECTORY": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 78
    said = json.loads(done.stdout)
    assert said["ok"] is False
    assert "mailhours.toml" in said["troubles"][0]
