"""The command line as a whole: its commands, and the one place where faults become exit codes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from mailhours import __version__
from mailhours.cli import (
    backtest,
    care,
    check,
    clients,
    demo,
    documents,
    init,
    install,
    lists,
    mail,
    read,
    rebuild,
    scorecard,
    service,
    status,
    summary,
    why,
    words,
)
from mailhours.model.faults import ConfigurationFault, Fault

app = typer.Typer(
    name="mailhours",
    help="Answers client mail at fixed check-in hours, and keeps the record.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: the pretty one costs as much time again as all the rest
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (
    demo,
    init,
    check,
    service,
    mail,
    summary,
    documents,
    status,
    clients,
    scorecard,
    lists,
    why,
    read,
    backtest,
    words,
    rebuild,
    care,
    install,
):
    group.add_to(app)


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option("--config", help="The configuration directory.")
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> None:
    """Take what may stand before the command."""
    if version:
        print(f"mailhours {__version__}")
        raise typer.Exit
    context.obj = config


def run() -> None:
    """Run a command; a fault is told in its own words and ends with its exit code."""
    try:
        app()
    except ConfigurationFault as fault:
        for problem in fault.problems:
            print(problem, file=sys.stderr)
        sys.exit(fault.exit_code)
    except Fault as fault:
        print(f"mailhours: {fault.what}", file=sys.stderr)
        if fault.hint:
            print(f"  {fault.hint}", file=sys.stderr)
        sys.exit(fault.exit_code)
    except BrokenPipeError:
        # Whoever reads us has gone (`| head`): nothing more to say.
        sys.stderr.close()
        sys.exit(0)
