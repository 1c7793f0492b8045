"""`check`: whether the configuration is right."""

from __future__ import annotations

from typing import Annotated

import typer

from mailhours.cli import office
from mailhours.model.faults import Fault


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(check)


def check(
    context: typer.Context,
    config: office.Config = None,
    online: Annotated[bool, typer.Option("--online", help="Log in to the servers.")] = False,
    show: Annotated[
        bool, typer.Option("--show", help="Print the configuration as understood.")
    ] = False,
    as_json: office.AsJson = False,
) -> None:
    """Check the configuration: every problem at once, as FILE:LINE."""
    from mailhours.service.doctor import doctor
    from mailhours.service.run import wall_clock
    from mailhours.settings.show import show as shown

    held = office.settings(context, config)
    for warning in held.warnings:
        office.warn(f"{warning} (warning)")
    if show:
        print("\n".join(shown(held, held.owner.calendar.local(wall_clock()).date())))
    results = doctor(held) if online else []
    if as_json:
        checks = [{"check": r.check, "state": r.state, "words": r.words} for r in results]
        warnings = [str(warning) for warning in held.warnings]
        office.emit({"clients": len(held.clients), "warnings": warnings, "checks": checks})
    else:
        for result in results:
            print(f"{result.state:4} {result.check}: {result.words}")
        print(f"the configuration in {held.directory} is fine: {len(held.clients)} clients")
    failed = [result.fault for result in results if result.fault is not None]
    if failed:
        fault: Fault = failed[0]
        raise typer.Exit(fault.exit_code)
