"""`status`: is it alive, how deaf was it, what is waiting, when is the next check-in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import typer

from mailhours.cli import office
from mailhours.model.faults import Busy, Fault


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(status)


def status(
    context: typer.Context, config: office.Config = None, as_json: office.AsJson = False
) -> None:
    """Say how mailhours is; exit code 1 when somebody should look."""
    from mailhours.service.places import LEDGER, state_directory
    from mailhours.service.run import clock_of
    from mailhours.service.status import kept, snapshot, troubles

    state = state_directory(os.environ)
    found = kept(state)
    if found is None:
        try:
            with office.account(context, config) as account:
                found = snapshot(account)
        except Fault as fault:
            if as_json:  # a monitor that reads JSON gets JSON
                office.emit({"ok": False, "running": False, "troubles": [fault.what]})
            raise
    running = _runs(state / LEDGER)
    lines = troubles(found, clock_of(state)())
    if as_json:
        office.emit({"ok": not lines, "running": running, **found, "troubles": lines})
    else:
        _show(found, lines, running=running)
    if lines:
        raise typer.Exit(1)


def _runs(ledger: Path) -> bool:
    """Say whether a service holds the ledger."""
    from mailhours.ledger.lock import Lock

    if not ledger.exists():
        return False
    try:
        Lock(ledger).release()
    except Busy:
        return True
    return False


def _show(found: dict[str, Any], lines: list[str], *, running: bool) -> None:
    print(
        f"{'running' if running else 'not running'}, mode {found['mode']}, "
        f"{found['messages']} messages of clients"
        + (", sending is stopped" if found["stopped"] else "")
    )
    for poll in found["polls"]:
        print(f"  mailbox {poll['mailbox']}: last read {_time(poll['succeeded']) or 'never'}")
    print(f"next check-in: {_time(found['next_check_in']) or 'none is planned'}")
    print(f"waiting to leave: {found['waiting']}, for your word: {found['proposed']}")
    for address, reason in found["frozen"].items():
        print(f"  frozen: {address} ({reason}); `mailhours unfreeze {address}` ends it")
    for line in lines:
        print(f"! {line}")


def _time(text: str | None) -> str:
    return "" if text is None else text[:16].replace("T", " ")
