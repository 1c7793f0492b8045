"""Configuration directories for tests: a small good one, and ways to spoil it."""

from __future__ import annotations

from pathlib import Path

from mailhours.model.faults import ConfigurationFault
from mailhours.settings.load import load
from mailhours.settings.values import Settings

MAIN = """\
[owner]
name = "Dana Berg"
address = "dana@studio.example"
colleagues = ["kim@studio.example"]
timezone = "Europe/Oslo"

[hours]
week = { mon = ["09:00-17:00"], tue = ["09:00-12:00", "13:00-17:00"] }
check_ins = ["10:00", "15:00"]

[mailbox.main]
host = "imap.studio.example"
password = "credential:imap"

[submission]
host = "smtp.studio.example"
password = "credential:smtp"
"""
FJORD = """\
name = "Fjord Coffee AS"
addresses = ["kari@fjord.example"]
"""


def write(directory: Path, files: dict[str, str | bytes] | None = None) -> Path:
    """Write the good configuration, with `files` (relative names) added or in place of its own."""
    every: dict[str, str | bytes] = {"mailhours.toml": MAIN, "clients/fjord.toml": FJORD}
    for name, content in (every | (files or {})).items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return directory


def loaded(
    directory: Path, files: dict[str, str | bytes] | None = None, **environ: str
) -> Settings:
    """Write and load."""
    return load(write(directory, files), environ)


def complaints(directory: Path, files: dict[str, str | bytes] | None = None) -> list[str]:
    """Write, and return the problems as lines, with names relative to the directory."""
    write(directory, files)
    try:
        load(directory, {})
    except ConfigurationFault as fault:
        return [str(problem).removeprefix(f"{directory}/") for problem in fault.problems]
    return []
