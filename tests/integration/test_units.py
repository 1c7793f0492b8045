"""The units of systemd: as hard as they can be, understood by systemd, with the right paths."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from configurations import write
from mailhours.model.faults import UsageFault
from mailhours.service.installation import File, of_machine, of_user
from mailhours.service.installation import write as install
from mailhours.service.places import packaged

UNITS = packaged("systemd")
PROGRAM = Path("/opt/mailhours/bin/mailhours")
PYTHON = Path("/usr")
LIMIT = 11  # exposure 1.1: talking to servers costs 0.8, the rest is sockets of the journal

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


def keys(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


@needs_systemd
def test_the_exposure_of_the_unit_is_at_most_1_1() -> None:
    done = subprocess.run(
        [
            *("systemd-analyze", "security", "--offline=true", "--no-pager"),
            *(f"--threshold={LIMIT}", str(UNITS / "mailhours.service")),
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-2000:]


@needs_systemd
@pytest.mark.parametrize("name", ["mailhours.service", "mailhours-user.service"])
def test_systemd_understands_the_unit(name: str, tmp_path: Path) -> None:
    unit = tmp_path / name
    text = (UNITS / name).read_text()
    lines = ["ExecStart=/bin/true" if "ExecStart=" in line else line for line in text.splitlines()]
    unit.write_text("\n".join(lines))
    done = subprocess.run(
        ["systemd-analyze", *(["--user"] if "user" in name else []), "verify", str(unit)],
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["mailhours.service", "mailhours-user.service"])
def test_the_unit_waits_for_the_word_and_ends_what_hangs(name: str) -> None:
    unit = keys((UNITS / name).read_text())

    assert unit["Type"] == ["notify"]
    assert unit["NotifyAccess"] == ["main"]
    assert unit["WatchdogSec"] == ["10min"]
    assert unit["Restart"] == ["always"]
    assert unit["RestartPreventExitStatus"] == ["78"]


def test_the_unit_of_the_machine_gets_the_paths_and_the_credentials(tmp_path: Path) -> None:
    config = write(tmp_path / "config")

    made = of_machine(PROGRAM, PYTHON, config, {}, tmp_path / "root")

    unit = keys(made.files[0].text)
    assert made.files[0].path == tmp_path / "root/etc/systemd/system/mailhours.service"
    assert unit["ExecStart"] == [f"{PROGRAM} run --config {config}"]
    assert unit["LoadCredential"] == [
        "imap:/etc/mailhours/credentials/imap",
        "smtp:/etc/mailhours/credentials/smtp",
    ]
    assert made.files[1].text.splitlines()[-1].startswith("u mailhours ")
    assert made.commands[1] == "sudo systemctl enable --now mailhours"
    assert "/etc/mailhours/credentials/imap" in made.notes[0]


def test_a_configuration_in_etc_is_found_by_the_specifier() -> None:
    made = of_machine(PROGRAM, PYTHON, Path("/etc/mailhours"), {}, Path("/"))

    assert keys(made.files[0].text)["ExecStart"] == [f"{PROGRAM} run --config %E/mailhours"]


def test_odd_letters_in_a_path_are_written_as_systemd_reads_them(tmp_path: Path) -> None:
    made = of_machine(PROGRAM, PYTHON, tmp_path / "100% $ mine", {}, tmp_path)

    assert f'--config "{tmp_path}/100%% $$ mine"' in made.files[0].text


@pytest.mark.parametrize("where", ["/home/dana/venv/bin/mailhours", "/root/mailhours"])
def test_what_the_sandbox_hides_is_refused_with_advice(where: str, tmp_path: Path) -> None:
    with pytest.raises(UsageFault) as refused:
        of_machine(Path(where), PYTHON, tmp_path, {}, tmp_path)

    assert "--user" in refused.value.hint


def test_the_unit_of_a_user_lies_in_the_home(tmp_path: Path) -> None:
    made = of_user(Path("/home/d/.local/bin/mailhours"), tmp_path, {"HOME": str(tmp_path)})

    assert made.files[0].path == tmp_path / ".config/systemd/user/mailhours.service"
    assert made.commands[1] == "systemctl --user enable --now mailhours"


def test_an_edited_unit_is_kept_beside_the_new_one(tmp_path: Path) -> None:
    file = File(tmp_path / "a" / "x.service", "new\n")

    assert install(file)
    assert not install(file)
    file.path.write_text("mine\n")
    assert install(file)
    assert file.path.with_name("x.service.old").read_text() == "mine\n"


def test_the_command_prints_and_writes(tmp_path: Path) -> None:
    config = write(tmp_path / "config")
    words = [sys.executable, "-m", "mailhours", "install-service", "--config", str(config)]
    environ = {**os.environ, "HOME": str(tmp_path)}

    shown = subprocess.run(
        [*words, "--user", "--print"], env=environ, capture_output=True, text=True, check=True
    )
    assert "ExecStart=" in shown.stdout
    assert not (tmp_path / ".config").exists()
    subprocess.run([*words, "--user"], env=environ, capture_output=True, check=True)
    assert (tmp_path / ".config/systemd/user/mailhours.service").exists()
