"""`rebuild`: everything that is judged, computed anew and compared with what was kept for speed."""

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
    """Compute every judgement anew from facts and readings; exit code 1 if one had been wrong."""
    with office.account(context, config) as account, office.progress("messages judged") as bar:
        task = bar.add_task("")
        found = account.standings.rebuild(
            account.clock(), lambda done, whole: bar.update(task, completed=done, total=whole)
        )
    if as_json:
        office.emit(
            {"clients": found.clients, "messages": found.messages, "wrong": list(found.wrong)}
        )
    else:
        print(f"judged anew: {found.messages} messages of {found.clients} clients")
        print(
            f"what was kept of {', '.join(found.wrong)} was wrong, and is right now"
            if found.wrong
            else "what was kept is the same, byte for byte"
        )
    if found.wrong:
        raise typer.Exit(Fault.exit_code)
