"""Write docs/mailhours.1 from what `--help` says: `python3 do.py man`."""

from __future__ import annotations

import sys
from pathlib import Path

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

from mailhours.cli.app import app

PAGE = Path(__file__).with_name("mailhours.1")
EXIT = (
    ("0", "fine"),
    ("1", "a check failed"),
    ("2", "the command line is wrong"),
    ("69", "a server cannot be reached"),
    ("75", "try later: another mailhours holds the ledger, or the disk is full"),
    ("77", "a login was refused"),
    ("78", "the configuration is wrong"),
)


def page() -> str:
    """Return the whole page in the man macros (man(7))."""
    root = get_command(app)
    assert isinstance(root, TyperGroup)  # noqa: S101 - what typer makes of several commands
    lines = [
        '.TH MAILHOURS 1 "" "mailhours" "User commands"',
        ".SH NAME",
        "mailhours \\- answers client mail at fixed check-in hours",
        ".SH SYNOPSIS",
        ".B mailhours",
        "[\\-\\-config DIR] COMMAND [OPTIONS]",
        ".SH DESCRIPTION",
        _text(root.help or ""),
        _text("Every reading command takes --json: one document on the standard output."),
        ".SH COMMANDS",
    ]
    context = typer.Context(root, info_name="mailhours")
    for name, command in root.commands.items():
        words = " ".join(command.collect_usage_pieces(typer.Context(command, parent=context)))
        lines += [
            f".SS {_text(name)} {_text(words)}",
            _text(command.help or ""),
            *_options(command),
        ]
    lines.append(".SH EXIT STATUS")
    for code, meaning in EXIT:
        lines += [".TP", f".B {code}", _text(meaning)]
    lines += [
        ".SH FILES",
        ".TP",
        ".I /etc/mailhours, ~/.config/mailhours",
        "the configuration: mailhours.toml and clients/*.toml",
        ".TP",
        ".I /var/lib/mailhours, ~/.local/state/mailhours",
        "the ledger, its daily copies in backups/, status.json, and empty files for what was told",
        ".SH ENVIRONMENT",
        ".TP",
        ".B MAILHOURS_CONFIG",
        "the configuration directory",
        ".TP",
        ".B STATE_DIRECTORY",
        "where the ledger lives; set by systemd",
        "",
    ]
    return "\n".join(lines)


def _options(command: TyperCommand) -> list[str]:
    lines = []
    context = typer.Context(command)
    for one in command.params:
        if isinstance(one, (TyperOption, TyperArgument)) and (
            record := one.get_help_record(context)
        ):
            written, explained = record
            lines += [".TP", f".B {_text(written)}", _text(explained)]
    return lines


def _text(words: str) -> str:
    """Return words as roff: no hyphen may become a dash, no line may begin with a request."""
    plain = " ".join(words.split()).replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{plain}" if plain[:1] in (".", "'") else plain


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"written: {PAGE}\n")
