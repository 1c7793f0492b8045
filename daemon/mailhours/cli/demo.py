"""`demo`: an example office lives two weeks at a simulated clock."""

from __future__ import annotations

import typer


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    del app
