"""`demo`: an example office lives two weeks at a simulated clock."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from mailhours.cli import office

_MEMORY = Path("/dev/shm")  # noqa: S108 - only a scratch folder of random name is made in it


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(demo)


def demo(
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Where it lives; a new folder by default.")
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=14, help="How many days.")] = 14,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show only how it ended.")] = False,
    as_json: office.AsJson = False,
) -> None:
    """Watch an example office for two weeks: no configuration, no network, a few seconds."""
    from mailhours.cli import story
    from mailhours.service import journal
    from mailhours.service.simulation import Simulation, check, prepare

    target = folder or Path(tempfile.mkdtemp(prefix="mailhours-demo-"))
    check(target)
    journal.silence()
    # Thousands of small safe writes: where the system has a disk in memory they cost nothing.
    memory = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="mailhours-demo-", dir=memory) as scratch:
        simulation = Simulation(prepare(Path(scratch)), days)
        teller = story.Teller(office.console(), simulation.names, quiet=quiet or as_json)
        try:
            for event in simulation.live():
                teller.tell(event)
        finally:
            simulation.close()
        place = simulation.place.moved(target)
    if as_json:
        office.emit({"folder": target, "totals": teller.totals.document()})
    else:
        teller.end(place, program=_program())


def _program() -> str:
    """Return how this program is called here."""
    found = shutil.which("mailhours")
    return "mailhours" if found else sys.argv[0]
