"""Secrets by reference: how each is fetched, and that nothing ever shows one."""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path

import pytest

from configurations import MAIN, loaded
from mailhours.model.faults import ConfigurationFault, Problem
from mailhours.settings.secrets import StoredSecret, reference, unavailable

VALUE = "tr0ub4dor-&-päss"
PLACE = Problem("mailhours.toml", 13, "mailbox.main.password", "")


def secret(written, directory=Path("/nowhere"), **environ):
    return StoredSecret(reference(written), "dana", PLACE, directory, environ)


def test_a_credential_is_a_file_of_systemd(tmp_path):
    (tmp_path / "imap").write_text(VALUE + "\n")

    assert secret("credential:imap", CREDENTIALS_DIRECTORY=str(tmp_path)).reveal() == VALUE


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_file_loses_its_line_end_and_nothing_more(tmp_path, end):
    (tmp_path / "imap.txt").write_bytes(f"{VALUE} {end}".encode())

    assert secret("file:imap.txt", tmp_path).reveal() == f"{VALUE} "
    assert secret(f"file:{tmp_path}/imap.txt").reveal() == f"{VALUE} "
    assert secret("file:~/imap.txt", HOME=str(tmp_path)).reveal() == f"{VALUE} "


def test_a_command_gives_its_first_line_and_needs_no_shell(tmp_path):
    program = f"import sys; print(sys.argv[1]); print('second'); sys.stderr.write('{VALUE}')"

    found = secret(f'command:{sys.executable} -c "{program}" "$HOME;{VALUE}"', tmp_path)

    assert found.reveal() == f"$HOME;{VALUE}"


def test_an_environment_variable_is_taken_from_the_given_environment():
    assert secret("env:IMAP", IMAP=VALUE).reveal() == VALUE


def test_a_keyring_is_asked_for_the_user(monkeypatch):
    class Keyring:
        @staticmethod
        def get_password(service, user):
            return f"{service}/{user}"

    monkeypatch.setitem(sys.modules, "keyring", Keyring)

    assert secret("keyring:mailhours").reveal() == "mailhours/dana"


FAILING = {
    "no systemd": ("credential:imap", "credential:imap needs $CREDENTIALS_DIRECTORY"),
    "no file": ("file:/nowhere/imap", "file:/nowhere/imap cannot be read: No such file"),
    "no program": ("command:/nowhere/pass mail", "command:/nowhere/pass ... cannot be run"),
    "no variable": ("env:IMAP", "env:IMAP is not set"),
    "no keyring": ("keyring:mailhours", "keyring:mailhours needs the package keyring"),
}


@pytest.mark.parametrize(("written", "expected"), FAILING.values(), ids=FAILING.keys())
def test_what_cannot_be_had_says_where_it_is_written(tmp_path, monkeypatch, written, expected):
    monkeypatch.setitem(sys.modules, "keyring", None)

    with pytest.raises(ConfigurationFault) as fault:
        secret(written, tmp_path).reveal()

    assert str(fault.value).startswith(f"mailhours.toml:13: mailbox.main.password: {expected}")
    assert fault.value.exit_code == 78


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(f"print('{VALUE}'); raise SystemExit(3)", id="that fails"),
        pytest.param(f"import sys; sys.exit('{VALUE}')", id="that complains"),
        pytest.param(
            f"import os; os.write(1, b'\\xff' + '{VALUE}'.encode())", id="that is not UTF-8"
        ),
        pytest.param(f"print(); print('{VALUE}')", id="whose first line is empty"),
        pytest.param(f"print('{VALUE}' * 9000)", id="that says too much"),
        pytest.param(
            f"import time; print('{VALUE}', flush=True); time.sleep(9)", id="that takes too long"
        ),
    ],
)
def test_no_error_holds_what_a_command_said(tmp_path, monkeypatch, program):
    monkeypatch.setattr("mailhours.settings.secrets.COMMAND_SECONDS", 0.5)
    found = secret(f'command:{sys.executable} -c "{program}"', tmp_path)

    with pytest.raises(ConfigurationFault) as fault:
        found.reveal()

    assert fault.value.__context__ is None
    assert VALUE not in "".join(traceback.format_exception(fault.value))


def test_no_error_holds_a_file_that_is_not_utf8(tmp_path):
    (tmp_path / "imap").write_bytes(VALUE.encode("latin-1"))

    with pytest.raises(ConfigurationFault, match="is not UTF-8 text") as fault:
        secret("file:imap", tmp_path).reveal()

    assert fault.value.__context__ is None


def test_an_empty_secret_is_an_error(tmp_path):
    (tmp_path / "imap").write_text("\n")

    with pytest.raises(ConfigurationFault, match="file:imap is empty"):
        secret("file:imap", tmp_path).reveal()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_file_that_others_can_read_is_warned_about(tmp_path, mode):
    (tmp_path / "imap").write_text(VALUE)
    (tmp_path / "imap").chmod(mode)
    main = MAIN.replace("credential:imap", "file:imap")

    warnings = loaded(tmp_path, {"mailhours.toml": main}).warnings

    assert f"others can read file:imap (mode {mode:04o}); run chmod 600 on it" in [
        warning.what for warning in warnings if warning.line == 13
    ]


def test_a_file_of_ones_own_is_not_warned_about(tmp_path):
    (tmp_path / "imap").write_text(VALUE)
    (tmp_path / "imap").chmod(0o600)
    main = MAIN.replace("credential:imap", "file:imap")

    warnings = loaded(tmp_path, {"mailhours.toml": main}).warnings

    assert not [warning for warning in warnings if warning.line == 13]


def test_a_password_in_the_file_is_refused_and_not_repeated(tmp_path, capsys, caplog):
    caplog.set_level(logging.DEBUG)
    main = MAIN.replace("credential:imap", VALUE)

    with pytest.raises(ConfigurationFault, match="does not belong in this file") as fault:
        loaded(tmp_path, {"mailhours.toml": main})

    told = "".join(traceback.format_exception(fault.value)) + repr(fault.value)
    assert VALUE not in told + repr(fault.value.problems) + caplog.text
    assert VALUE not in "".join(capsys.readouterr())
    assert fault.value.__context__ is None


def test_settings_never_show_a_secret_or_the_environment(tmp_path):
    main = MAIN.replace("credential:imap", "env:IMAP").replace(
        "credential:smtp", f"command:print-it --key {VALUE}"
    )

    settings = loaded(tmp_path, {"mailhours.toml": main}, IMAP=VALUE)

    server = settings.mailboxes[0].server
    assert server
    assert server.password
    assert server.password.reveal() == VALUE
    assert VALUE not in repr(settings) + str(settings) + str(server) + server.password.reference
    assert settings.submission
    assert settings.submission.password
    assert settings.submission.password.reference == "command:print-it ..."


def test_secrets_that_cannot_be_had_are_told_all_at_once(tmp_path):
    main = MAIN.replace("credential:imap", "env:IMAP")

    settings = loaded(tmp_path, {"mailhours.toml": main}, IMAP=VALUE)
    servers = [box.server for box in settings.mailboxes if box.server]
    found = unavailable([*servers, settings.submission] if settings.submission else servers)

    assert [(problem.line, problem.key) for problem in found] == [(17, "submission.password")]
    assert VALUE not in repr(found)


@pytest.mark.parametrize("written", ["file:", "file:a\nb", "command:", "credential:..", 7])
def test_a_reference_to_nothing_is_refused(written):
    with pytest.raises(ValueError, match=r"write|credential is a name|must be a"):
        reference(written)
