"""`rebuild`: all histories told anew and compared with what was kept of them for speed."""

from __future__ import annotations

import typer

from mailhours.cli import office
from mailhours.model.faults import Fault


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(rebuild)


def rebuild(
    context: typer.Context, config: office.Config = None, as_json: office.AsJson = False
) -> None:
    """Tell every history anew, and compare with what was kept of it; exit code 1 if it was wrong.

    Kept is what a check-in goes by: what is open, and the threads. All else is judged in full each
    time that it is shown.
    """
    with office.account(context, config) as account, office.progress("messages told") as bar:
        task = bar.add_task("")
        found = account.standings.rebuild(
            account.clock(), lambda done, whole: bar.update(task, completed=done, total=whole)
        )
    if as_json:
        office.emit(
            {"clients": found.clients, "messages": found.messages, "wrong": list(found.wrong)}
        )
    else:
        clients = "1 client" if found.clients == 1 else f"{found.clients} clients"
        print(f"told anew: {found.messages} messages of {clients}")
        print(
            f"what was kept of {', '.join(found.wrong)} was wrong, and is right now"
            if found.wrong
            else "what was kept is the same, byte for byte"
        )
    if found.wrong:
        raise typer.Exit(Fault.exit_code)
