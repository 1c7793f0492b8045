"""The pages say what the program does: commands, options, findings, thresholds, events, links."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import fields
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from mailhours.cli.app import app
from mailhours.model.client import Thresholds
from mailhours.service import journal
from mailhours.service.providers import PROVIDERS

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PATTERNS = ROOT / "daemon/mailhours/patterns"

named = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@pytest.fixture(scope="module")
def commands() -> dict[str, set[str]]:
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    return {
        name: {word for one in command.params for word in one.opts}
        for name, command in root.commands.items()
    }


@named
def test_every_command_and_option_that_a_page_shows_is_there(
    page: Path, commands: dict[str, set[str]]
) -> None:
    shown = re.findall(
        r"(?:^|[`>|&(] *|sudo -u mailhours )mailhours ([a-z][a-z-]+)([^`\n|]*)",
        page.read_text(),
        re.MULTILINE,
    )
    for name, rest in shown:
        if not (name in commands or "-" in rest):
            continue  # prose: "mailhours reads ..."
        assert name in commands, f"{page.name}: mailhours {name}"
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", rest.partition("#")[0]):
            assert option in commands[name] | {"--help"}, f"{page.name}: {name} {option}"


@named
def test_every_file_that_a_page_points_to_is_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_manual_page_says_what_help_says() -> None:
    spec = importlib.util.spec_from_file_location("man", ROOT / "docs/man.py")
    assert spec
    assert spec.loader
    man = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(man)

    assert man.PAGE.read_text() == man.page(), "run `python3 do.py man`"


def test_every_finding_is_explained_and_every_explanation_is_of_a_finding() -> None:
    source = "\n".join(path.read_text() for path in PATTERNS.glob("*.py"))
    found = set(re.findall(r'\bfinding\(\s*"(\w+)"', source)) | set(
        re.findall(r'pattern="(\w+)"', source)
    )
    found |= set(re.findall(r'return Finding\([^)]*?"(\w+)",', source))
    explained = set(
        re.findall(r"^### (\w+)$", (ROOT / "docs/findings.md").read_text(), re.MULTILINE)
    )

    missing = {name for name in explained if f'"{name}"' not in source}
    assert (found - explained, missing) == (set(), set())


def test_every_threshold_stands_in_the_page_with_its_default() -> None:
    text = (ROOT / "docs/findings.md").read_text()
    shown = dict(re.findall(r"\*\*(\w+)\*\* \((\d+)\)", text))
    known = {one.name: str(one.default) for one in fields(Thresholds)}

    assert {name: known.get(name) for name in shown} == shown
    assert known.keys() - set(re.findall(r"\*\*(\w+)\*\*", text)) == set()


def test_every_event_that_the_page_on_monitoring_names_is_one() -> None:
    source = Path(journal.__file__).read_text()
    rows = re.findall(
        r"^\| ((?:`\w+`(?:, )?)+) \|", (ROOT / "docs/monitoring.md").read_text(), re.MULTILINE
    )
    for name in re.findall(r"`(\w+)`", " ".join(rows)):
        assert f'"{name}"' in source or f"def {name}(" in source


def test_the_page_on_providers_names_the_servers_that_init_uses() -> None:
    text = (ROOT / "docs/providers.md").read_text()
    for key in ("gmail", "microsoft", "fastmail", "icloud", "gmx", "web.de", "proton"):
        one = next(one for one in PROVIDERS if one.key == key)
        imap = f"{one.imap.host}:{one.imap.port} {one.imap.security.value}"
        smtp = f"{one.smtp.host}:{one.smtp.port} {one.smtp.security.value}"
        assert f"| {imap} | {smtp} |" in text, key
