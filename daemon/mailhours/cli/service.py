"""`run`: the service in the foreground."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from mailhours.cli import office


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

    machine = log == "json" or (log == "auto" and "JOURNAL_STREAM" in os.environ)
    journal.set_up(machine=machine)
    serve(office.settings(context, config), state_directory(os.environ))
