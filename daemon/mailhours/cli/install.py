"""`install-service`: the unit of systemd, with the right paths."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from mailhours.cli import office


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("install-service")(install_service)


def install_service(
    context: typer.Context,
    config: office.Config = None,
    user: Annotated[
        bool, typer.Option("--user", help="For your own login, not for the machine.")
    ] = False,
    prefix: Annotated[
        Path, typer.Option("--prefix", help="Write below this folder instead of /.")
    ] = Path("/"),
    show: Annotated[
        bool, typer.Option("--print", help="Only print what would be written.")
    ] = False,
) -> None:
    """Write the systemd unit with the paths of this installation; print the next two commands."""
    from mailhours.service import installation

    directory = office.directory(context, config)
    program = Path(shutil.which("mailhours") or sys.argv[0]).absolute()
    own = Path(sys.argv[0]).absolute()
    if own.name == "mailhours":
        program = own
    if user:
        made = installation.of_user(program, directory, os.environ)
    else:
        interpreter = Path(sys.base_prefix)
        made = installation.of_machine(program, interpreter, directory, os.environ, prefix)
    for file in made.files:
        if show:
            print(f"# {file.path}\n{file.text}")
        else:
            print(f"{'written' if installation.write(file) else 'as it was'}: {file.path}")
    for note in made.notes:
        office.warn(f"first: {note}")
    print("next:")
    for command in made.commands:
        print(f"  {command}")
