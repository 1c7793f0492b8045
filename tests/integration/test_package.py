"""The wheel: what `pipx install .` installs has everything in it, and works away from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        # The backend that pip would call; it stands in the lock, so nothing is fetched.
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return next(target.glob("mailhours-*.whl"))


@pytest.mark.slow
def test_configuration_units_phrases_and_templates_are_in_the_wheel(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())

    for wanted in (
        "mailhours/_data/config/mailhours.toml",
        "mailhours/_data/config/minimal/mailhours.toml",
        "mailhours/_data/systemd/mailhours.service",
        "mailhours/_data/systemd/mailhours-user.service",
        "mailhours/_data/systemd/mailhours.sysusers",
        "mailhours/ledger/migrations/env.py",
    ):
        assert wanted in names
    (manual,) = (name for name in names if name.endswith("share/man/man1/mailhours.1"))
    assert "EXIT STATUS" in zipfile.ZipFile(wheel).read(manual).decode()
    inside = {path.relative_to(ROOT / "daemon") for path in (ROOT / "daemon").rglob("*.toml")}
    assert {str(path) for path in inside} <= names
    assert not [name for name in names if name.startswith(("tests/", "bench/"))]


@pytest.mark.slow
def test_what_is_installed_writes_units_and_completes_words(wheel: Path, tmp_path: Path) -> None:
    place = tmp_path / "site"
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(place)
    # Its libraries come from this environment; mailhours itself must not.
    script = "import sys; sys.argv[0] = 'mailhours'; from mailhours.cli import main; main()"
    environ = {
        **os.environ,
        "PYTHONPATH": f"{place}:{sysconfig.get_paths()['purelib']}",
        "HOME": str(tmp_path),
    }

    def run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-S", "-c", script, *words],
            env={**environ, **more},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    shown = run("install-service", "--user", "--print")
    assert shown.returncode == 0, shown.stderr
    assert "Type=notify" in shown.stdout
    assert "usage" in run("--help").stdout.casefold()
    completion = run("--show-completion", _MAILHOURS_COMPLETE="source_bash")
    assert completion.returncode == 0
