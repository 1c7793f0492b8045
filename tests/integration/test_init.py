"""`init`: from five answers to a service in shadow mode, with real servers on loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from integration.dovecot import Dovecot
from integration.sink import Sink
from mailhours.service.correspondents import Heads, authserv_id, proposals
from mailhours.service.providers import Endpoint
from mailhours.service.setup import Answers, country_of, guessed_zone, main_file
from mailhours.settings.load import load

OSLO = ZoneInfo("Europe/Oslo")
FIVE = (
    "--name",
    'Dana "D" Berg',
    "--timezone",
    "Europe/Oslo",
    "--hours",
    "09:00-12:00,13:00-17:00",
)


class Newcomer:
    def __init__(self, folder: Path) -> None:
        self.config, self.state = folder / "config", folder / "state"
        self.password = folder / "password"
        self.password.write_text("pass\n")

    def run(self, *words: str, said: str = "") -> subprocess.CompletedProcess[str]:
        environ = {"MAILHOURS_CONFIG": str(self.config), "STATE_DIRECTORY": str(self.state)}
        return subprocess.run(
            [sys.executable, "-m", "mailhours", *words],
            env={**os.environ, **environ},
            input=said,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def newcomer(tmp_path: Path) -> Newcomer:
    return Newcomer(tmp_path)


def a_mail(number: int, sender: str, to: str, extra: str = "") -> bytes:
    at = format_datetime(datetime.now(OSLO) - timedelta(days=3))
    return (
        f"{extra}From: {sender}\r\nTo: {to}\r\nSubject: s\r\nDate: {at}\r\n"
        f"Message-ID: <{number}@x>\r\n\r\nHello.\r\n"
    ).encode()


def fill(dovecot: Dovecot, user: str) -> None:
    seen = "Authentication-Results: mx.studio.example; dmarc=pass\r\n"
    kari = "Kari Nordmann <kari@fjord.example>"
    dovecot.deliver(user, a_mail(1, kari, user, seen))
    dovecot.deliver(user, a_mail(2, "Shop <hello@shop.example>", user, "List-Id: <x>\r\n"))
    dovecot.deliver(user, a_mail(3, "stranger@cold.example", user, seen))
    dovecot.deliver(user, a_mail(4, "Marta <marta@gmail.com>", user, seen))
    for number, to in enumerate((kari, "marta@gmail.com", "hello@shop.example"), 5):
        dovecot.deliver(user, a_mail(number, user, to), "Sent")


@pytest.mark.slow
def test_the_way_of_a_newcomer_from_nothing_to_a_shadow_summary(
    newcomer: Newcomer, dovecot: Dovecot
) -> None:
    user = dovecot.user("studio.example")
    fill(dovecot, user)
    with Sink(auth=True) as sink:
        servers = (
            *("--imap", f"none://127.0.0.1:{dovecot.port}"),
            *("--smtp", f"none://127.0.0.1:{sink.port}"),
        )
        words = ("init", *FIVE, "--address", user, *servers, "--yes")
        done = newcomer.run(*words, "--password-file", str(newcomer.password), "--clients", "fjord")
        assert done.returncode == 0, done.stderr
        assert "1 client, shadow mode" in done.stdout
        assert sorted(path.name for path in (newcomer.config / "proposed").iterdir()) == [
            "marta.toml"
        ]

        secret = newcomer.config / "mail-password"
        assert secret.stat().st_mode & 0o777 == 0o600
        main = (newcomer.config / "mailhours.toml").read_text()
        assert 'password = "file:mail-password"' in main
        assert 'authserv_id = "mx.studio.example"' in main
        assert "pass\n" not in main
        settings = load(newcomer.config, {})
        assert settings.policy.mode.value == "shadow"
        assert "@fjord.example" in settings.clients[0].addresses

        again = newcomer.run(*words, "--password-file", str(newcomer.password))
        assert again.returncode == 2
        assert "is there already" in again.stderr
        assert newcomer.run("check", "--online").returncode == 0
        assert newcomer.run("poll").returncode == 0
        assert json.loads(newcomer.run("clients", "--json").stdout)["clients"]["fjord"]["messages"]
        summary = newcomer.run("summary")
        assert summary.returncode == 0
        assert sink.messages == []


def test_a_wrong_password_writes_nothing(newcomer: Newcomer, dovecot: Dovecot) -> None:
    newcomer.password.write_text("wrong\n")
    with Sink(auth=True) as sink:
        done = newcomer.run(
            *("init", *FIVE, "--address", dovecot.user("studio.example"), "--yes"),
            *("--imap", f"none://127.0.0.1:{dovecot.port}"),
            *("--smtp", f"none://127.0.0.1:{sink.port}"),
            *("--password-file", str(newcomer.password)),
        )

    assert done.returncode == 77
    assert "wrong" not in done.stdout + done.stderr
    assert not newcomer.config.exists()


def test_a_maildir_needs_no_server(newcomer: Newcomer, tmp_path: Path) -> None:
    for name in ("cur", "new", "tmp"):
        (tmp_path / "Mail" / name).mkdir(parents=True)
    done = newcomer.run(
        *("init", *FIVE, "--address", "dana@studio.example", "--yes"),
        *("--from-maildir", str(tmp_path / "Mail")),
    )

    assert done.returncode == 0, done.stderr
    assert load(newcomer.config, {}).mailboxes[0].source == "maildir"


def test_questions_are_asked_where_nothing_was_said(newcomer: Newcomer, tmp_path: Path) -> None:
    for name in ("cur", "new", "tmp"):
        (tmp_path / "Mail" / name).mkdir(parents=True)
    said = "Dana\ndana@studio.example\nEurope/Berlin\n\nde\n"
    done = newcomer.run("init", "--from-maildir", str(tmp_path / "Mail"), said=said)

    assert done.returncode == 0, done.stderr
    settings = load(newcomer.config, {})
    assert settings.owner.language == "de"
    assert settings.owner.calendar.zone.key == "Europe/Berlin"
    assert "09:00-17:00" in (newcomer.config / "mailhours.toml").read_text()


def test_an_answer_that_is_none_is_asked_for_again(newcomer: Newcomer, tmp_path: Path) -> None:
    for name in ("cur", "new", "tmp"):
        (tmp_path / "Mail" / name).mkdir(parents=True)
    said = "Dana\ndana\ndana@studio.example\nBerlin\nEurope/Berlin\n9-17\n09:00-17:00\nxx\nde\n"
    done = newcomer.run("init", "--from-maildir", str(tmp_path / "Mail"), said=said)

    assert done.returncode == 0, done.stderr
    assert 'did you mean "Europe/Berlin"?' in done.stderr
    assert '"9-17" is not a time span' in done.stderr
    assert load(newcomer.config, {}).owner.language == "de"


def test_a_server_that_does_not_answer_is_told_with_what_to_do(newcomer: Newcomer) -> None:
    done = newcomer.run(
        *("init", *FIVE, "--address", "dana@studio.example", "--yes"),
        *("--imap", "none://127.0.0.1:1", "--smtp", "none://127.0.0.1:1"),
        *("--password-file", str(newcomer.password)),
    )

    assert done.returncode == 69
    assert "Connection refused" in done.stderr
    assert "--offline" in done.stderr
    assert not newcomer.config.exists()


def test_a_maildir_may_have_a_server_for_what_leaves(newcomer: Newcomer, tmp_path: Path) -> None:
    for name in ("cur", "new", "tmp"):
        (tmp_path / "Mail" / name).mkdir(parents=True)
    with Sink(auth=True) as sink:
        done = newcomer.run(
            *("init", *FIVE, "--address", "dana@studio.example", "--yes"),
            *("--from-maildir", str(tmp_path / "Mail")),
            *("--smtp", f"none://127.0.0.1:{sink.port}"),
            *("--password-file", str(newcomer.password)),
        )

        assert done.returncode == 0, done.stderr
        submission = load(newcomer.config, {}).submission
        assert submission is not None
        assert submission.port == sink.port


def test_a_provider_that_is_known_is_believed_of_senders(newcomer: Newcomer) -> None:
    done = newcomer.run(
        *("init", *FIVE, "--address", "dana@gmail.com", "--yes", "--offline"),
        *("--password-file", str(newcomer.password)),
    )

    assert done.returncode == 0, done.stderr
    assert load(newcomer.config, {}).policy.authserv_id == "mx.google.com"


def test_an_answer_that_makes_no_configuration_leaves_none(
    newcomer: Newcomer, tmp_path: Path
) -> None:
    done = newcomer.run(
        *("init", "--name", "D", "--address", "d@studio.example", "--timezone", "Mars/Base"),
        *("--from-maildir", str(tmp_path), "--yes", "--offline"),
    )

    assert done.returncode != 0
    assert not (newcomer.config / "mailhours.toml").exists()


def test_every_character_survives_in_the_file() -> None:
    from tomllib import loads

    odd = 'A "q" \\ back \t tab \x7f Ж'
    at = Endpoint("127.0.0.1", 1, "none")  # type: ignore[arg-type]
    answers = Answers(odd, "d@x.example", "Europe/Oslo", "09:00-17:00", "en", maildir=odd)
    assert loads(main_file(answers, ""))["owner"]["name"] == odd
    assert at.port == 1


def test_a_zone_is_guessed_and_its_country_found(tmp_path: Path) -> None:
    link = tmp_path / "localtime"
    link.symlink_to("/usr/share/zoneinfo/Europe/Zagreb")

    assert guessed_zone({}, link) == "Europe/Zagreb"
    assert guessed_zone({"TZ": "Asia/Tokyo"}, link) == "Asia/Tokyo"
    assert guessed_zone({"TZ": "../../etc/passwd"}, tmp_path / "none") == ""
    assert country_of("Europe/Zagreb") == "HR"
    assert country_of("Etc/UTC") == ""


def test_two_way_mail_makes_a_client_and_robots_do_not() -> None:
    heads = Heads(frozenset({"dana@studio.example"}))
    for number in range(3):
        heads(a_mail(number, "Kari <kari@fjord.example>", "dana@studio.example"))
        heads(a_mail(number, "ola@fjord.example", "dana@studio.example"))
        heads(a_mail(number, "noreply@bank.example", "dana@studio.example"))
        heads(a_mail(number, "kim@studio.example", "dana@studio.example"))
    for to in ("kari@fjord.example", "noreply@bank.example", "kim@studio.example"):
        heads(a_mail(9, "Dana <dana+web@studio.example>", to))

    (only,) = proposals(heads)

    assert (only.key, only.addresses) == ("fjord", ("@fjord.example",))
    assert [person.name for person in only.people] == ["Kari"]
    assert authserv_id(heads) == ""
