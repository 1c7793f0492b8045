"""`run`: the service in the foreground."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from mailhours.cli import office
from mailhours.model.faults import UsageFault


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(run)


def run(
    context: typer.Context,
    config: office.Config = None,
    log: Annotated[
        str, typer.Option("--log", help="How to write the log: people, json, or auto.")
    ] = "auto",
) -> None:
    """Run the service until it is told to stop (SIGTERM or Ctrl-C)."""
    from mailhours.service import journal
    from mailhours.service.places import state_directory
    from mailhours.service.run import run as serve
    from mailhours.service.systemd import is_journal

    if log not in ("people", "json", "auto"):
        raise UsageFault(f"{log!r} is no way to write a log", hint="say people, json or auto")
    journald = is_journal(os.environ, sys.stderr.fileno())
    journal.set_up(machine=log == "json" or (log == "auto" and journald), journald=journald)
    serve(office.directory(context, config), state_directory(os.environ), os.environ)
