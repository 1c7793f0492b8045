"""What most commands begin and end with: the configuration, the account, the output."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mailhours.model.faults import UsageFault

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from mailhours.service.account import Account
    from mailhours.settings.values import Settings

_WIDE = 120

Config = Annotated[Path | None, typer.Option("--config", help="The configuration directory.")]
Language = Annotated[
    str, typer.Option("--language", help="en, nb, hr, ru, de, fr or es; yours by default.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def directory(context: typer.Context, config: Path | None) -> Path:
    """Return the configuration directory: given after the command, before it, or found."""
    from mailhours.service.places import configuration_directory

    return configuration_directory(config or context.obj, os.environ)


def settings(context: typer.Context, config: Path | None) -> Settings:
    """Load the configuration; ConfigurationFault with every problem."""
    from mailhours.settings.load import load

    return load(directory(context, config), os.environ)


@contextmanager
def account(
    context: typer.Context, config: Path | None, *, create: bool = False, lock: bool = False
) -> Iterator[Account]:
    """Open the account; with `lock` nobody else may write (Busy, exit 75, while `run` does)."""
    from mailhours.service.account import open_account
    from mailhours.service.places import state_directory
    from mailhours.service.run import clock_of

    state = state_directory(os.environ)
    held = open_account(settings(context, config), state, clock_of(state), create=create)
    try:
        if lock:
            with held.ledger.lock():
                yield held
        else:
            yield held
    finally:
        held.close()


def emit(document: Mapping[str, Any]) -> None:
    """Print one JSON document with its schema number."""
    print(json.dumps({"schema": 1, **document}, ensure_ascii=False, default=_plain))


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def console() -> Console:
    """Return where people read: stdout, with colours only on a terminal, wide where none is."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else _WIDE
    return Console(soft_wrap=True, highlight=False, markup=False, width=width)


@contextmanager
def progress(what: str) -> Iterator[Progress]:
    """Show on stderr how far long work is; nothing where no terminal is."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    shown = Console(stderr=True)
    bar = Progress(
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        console=shown,
        transient=True,
        disable=not shown.is_terminal,
    )
    with bar:
        yield bar


def day(text: str | None) -> date | None:
    """Read a day, `2026-11-23`; UsageFault for anything else."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageFault(f"{text!r} is not a day", hint="write it as 2026-11-23") from None


def known_client(held: Settings, key: str) -> str:
    """Return `key` if it names a client; UsageFault says which there are."""
    if held.client(key) is None:
        names = ", ".join(client.key for client in held.clients) or "none yet"
        raise UsageFault(f"there is no client {key!r}", hint=f"clients: {names}")
    return key


def known_language(written: str, default: str) -> str:
    """Return the language asked for, or `default`; UsageFault says which there are."""
    from mailhours.settings.languages import WORDED

    if written and written not in WORDED:
        raise UsageFault(
            f"there is no language {written!r}", hint=f"languages: {', '.join(WORDED)}"
        )
    return written or default


def warn(words: str) -> None:
    """Say something beside the output, on stderr."""
    print(words, file=sys.stderr)
