"""The pages say what the program does: commands, options, findings, thresholds, events, links."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel
from typer.core import TyperGroup
from typer.main import get_command

from mailhours.cli.app import app
from mailhours.model.client import Thresholds
from mailhours.model.faults import Fault
from mailhours.model.reply import Outcome
from mailhours.service import journal
from mailhours.service.providers import PROVIDERS
from mailhours.settings.schema import ClientFile, MainFile

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PATTERNS = ROOT / "daemon/mailhours/patterns"

# What the keys of the example say by themselves.
OBVIOUS = {"name", "address", "host", "user", "password", "timezone", "number", "roles"}
DAYS = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}


def _faults(above: type[Fault] = Fault) -> list[type[Fault]]:
    found = [above]
    for one in above.__subclasses__():
        if one.__module__ == Fault.__module__:
            found += _faults(one)
    return found


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


def test_every_reason_to_withhold_is_explained_and_no_other() -> None:
    """The catalogues hold every reason (a test of wording sees to that); ours are the deciders'."""
    catalogue = ROOT / "daemon/mailhours/wording/strings/de.toml"
    known = tomllib.loads(catalogue.read_text())["reasons"]
    deciders = "\n".join(
        path.read_text() for path in sorted((ROOT / "daemon/mailhours/checkin").glob("*.py"))
    )
    used = {reason for reason in known if _said(reason, deciders)}
    page = (ROOT / "docs/withheld.md").read_text()
    explained = set(re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE))

    assert (used - explained, explained - set(known)) == (set(), set())


def _said(reason: str, source: str) -> bool:
    """Say whether the source writes this reason, whatever it puts into the braces."""
    parts = [re.escape(part) for part in re.split(r"\{\w+\}", reason)]
    return re.search(r'"' + r"\{[^}]*\}".join(parts), source) is not None


def _keys(model: type[BaseModel]) -> set[str]:
    """Return the names of all keys of a file, with those of the tables in it."""
    found = set()
    for name, one in model.model_fields.items():
        found.add(one.alias or name)
        for inner in _tables(one.annotation):
            found |= _keys(inner)
    return found


def _tables(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for one in get_args(annotation):
        yield from _tables(one)


KEYS = _keys(MainFile) | _keys(ClientFile)


@named
def test_every_key_of_the_configuration_that_a_page_shows_is_one(page: Path) -> None:
    text = page.read_text()
    shown = set(re.findall(r"(?:^ {4}|`)([a-z_]+) = ", text, re.MULTILINE))
    tables = set(re.findall(r"`\[\[?([a-z]+)[\w.]*\]\]?`", text))

    assert shown - KEYS - DAYS == set()
    assert tables - KEYS == set()


def test_every_key_of_the_configuration_is_explained() -> None:
    """In one of the examples, beside it or above it; that they are complete is tested elsewhere."""
    explained = set()
    for path in (ROOT / "config/mailhours.toml", ROOT / "config/clients/fjord.toml"):
        for above, line in pairwise(path.read_text().splitlines()):
            match = re.match(r"(?:# )?([a-z_]+) = ", line)
            if match and ("#" in line.partition("=")[2] or above.startswith("# ")):
                explained.add(match[1])

    tables = {"owner", "hours", "agreement", "mailbox", "submission", "replies", "summary"}
    tables |= {"storage", "payment", "patterns", "person", "project", "invoice", "handover"}
    assert KEYS - explained - tables - OBVIOUS - DAYS == set()


@pytest.mark.parametrize("fault", _faults(), ids=lambda fault: fault.__name__)
def test_every_exit_code_is_in_the_manual(fault: type[Fault]) -> None:
    page = (ROOT / "docs/mailhours.1").read_text()

    assert f"\n.B {fault.exit_code}\n" in page


def test_every_exit_code_that_the_page_on_recovery_names_is_one() -> None:
    table = (ROOT / "docs/recovery.md").read_text()
    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)}

    # systemd's own: EXIT_CREDENTIALS (systemd.exec(5)).
    assert codes - {243} <= {fault.exit_code for fault in _faults()}


def test_every_command_is_in_the_manual_and_every_option_explained(
    commands: dict[str, set[str]],
) -> None:
    page = (ROOT / "docs/mailhours.1").read_text().replace("\\-", "-")
    for name, options in commands.items():
        assert f"\n.SS {name} " in page or f"\n.SS {name}\n" in page
        for option in options:
            assert not option.startswith("--") or option in page, f"{name} {option}"


def test_every_event_of_the_log_that_is_trouble_is_on_the_page_on_monitoring() -> None:
    source = Path(journal.__file__).read_text()
    troubles = set(re.findall(r'_log\.(?:warning|error)\(\s*"(\w+)"', source))
    page = (ROOT / "docs/monitoring.md").read_text()

    assert {name for name in troubles if f"`{name}`" not in page} == set()


def test_every_event_that_the_page_on_monitoring_names_is_one() -> None:
    source = Path(journal.__file__).read_text()
    rows = re.findall(
        r"^\| ((?:`\w+`(?:, )?)+) \|", (ROOT / "docs/monitoring.md").read_text(), re.MULTILINE
    )
    for name in re.findall(r"`(\w+)`", " ".join(rows)):
        assert f'"{name}"' in source or f"def {name}(" in source or name in set(Outcome)


def test_the_page_on_providers_names_the_servers_that_init_uses() -> None:
    text = (ROOT / "docs/providers.md").read_text()
    for key in ("gmail", "microsoft", "outlook", "fastmail", "icloud", "gmx", "web.de", "proton"):
        one = next(one for one in PROVIDERS if one.key == key)
        imap = f"{one.imap.host}:{one.imap.port} {one.imap.security.value}"
        smtp = f"{one.smtp.host}:{one.smtp.port} {one.smtp.security.value}"
        assert f"| {imap} | {smtp} |" in text, key
