"""The commands: one file a group, heavy imports inside them, errors turned into exit codes once."""

from __future__ import annotations


def main() -> None:
    """Run the command line; the entry point of the package."""
    from mailhours.cli.app import run

    run()
