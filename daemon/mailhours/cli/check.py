"""`check`: whether the configuration is right."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from mailhours.cli import office


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(check)


def check(
    context: typer.Context,
    config: office.Config = None,
    online: Annotated[
        bool, typer.Option("--online", help="Check this machine too, and log in to the servers.")
    ] = False,
    show: Annotated[
        bool, typer.Option("--show", help="Print the configuration as understood.")
    ] = False,
    as_json: office.AsJson = False,
) -> None:
    """Check the configuration: every problem at once, as FILE:LINE."""
    from mailhours.service.doctor import doctor
    from mailhours.service.places import state_directory
    from mailhours.service.run import wall_clock
    from mailhours.settings.show import show as shown

    held = office.settings(context, config)
    for warning in held.warnings:
        office.warn(f"{warning} (warning)")
    now = wall_clock()
    if show:
        print("\n".join(shown(held, held.owner.calendar.local(now).date())))
    results = []
    for result in doctor(held, state_directory(os.environ), now) if online else ():
        results.append(result)
        if not as_json:
            print(f"{result.state:4} {result.check}: {result.words}")
            if result.step:
                print(f"       -> {result.step}")
    failed = [result.fault for result in results if result.fault is not None]
    if as_json:
        checks = [
            {"check": r.check, "state": r.state, "words": r.words, "step": r.step} for r in results
        ]
        warnings = [str(warning) for warning in held.warnings]
        office.emit(
            {
                "ok": not failed,
                "clients": len(held.clients),
                "warnings": warnings,
                "checks": checks,
            }
        )
    else:
        clients = "1 client" if len(held.clients) == 1 else f"{len(held.clients)} clients"
        print(f"the configuration in {held.directory} is fine: {clients}")
    if failed:
        raise typer.Exit(failed[0].exit_code)
