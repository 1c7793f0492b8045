"""`read FILE...`: how single mails are understood."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mailhours.cli import office
from mailhours.model.faults import ConfigurationFault

if TYPE_CHECKING:
    from mailhours.model.message import Reading
    from mailhours.model.raw import RawMail
    from mailhours.reading.read import Reader


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(read)


def read(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="Mails as files (.eml).")],
    config: office.Config = None,
    as_json: office.AsJson = False,
) -> None:
    """Show how mails are understood: direction, robot or person, the new text, the signals.

    Works without a configuration too: every mail is then inbound, its sender unknown.
    """
    from datetime import UTC, datetime

    from mailhours.mailbox.eml import cut
    from mailhours.model.raw import FolderRole
    from mailhours.reading.read import direction
    from mailhours.reading.report import report

    reader, own = _reader(context, config)
    unread = 0
    for file in files:
        try:
            data = file.read_bytes()
        except OSError as error:
            office.warn(f"{file}: {error.strerror}")
            unread += 1
            continue
        raw = cut(data, datetime.fromtimestamp(0, UTC))
        reading = reader.read(raw, FolderRole.INBOX)
        if as_json:
            print(
                json.dumps(
                    report(str(file), reading, direction(reading.headers, FolderRole.INBOX, own)),
                    ensure_ascii=False,
                )
            )
        else:
            _show(file, reading, raw)
    if unread:
        raise typer.Exit(1)


def _reader(context: typer.Context, config: Path | None) -> tuple[Reader, tuple[str, ...]]:
    """Return a reader and the owner's addresses, which it knows when there is a configuration."""
    from zoneinfo import ZoneInfo

    from mailhours.reading.read import Reader
    from mailhours.service.account import reader_of

    asked_for = config is not None or context.obj is not None
    try:
        held = office.settings(context, config)
    except ConfigurationFault:
        if asked_for:
            raise
        return Reader((), (), "", "", ZoneInfo("UTC")), ()
    return reader_of(held, ""), held.owner.addresses


def _show(file: Path, reading: Reading, raw: RawMail) -> None:
    from rich.text import Text

    from mailhours.reading.read import zones
    from mailhours.reading.zones import ZoneKind

    console = office.console()
    headers = reading.headers
    console.print(f"{file}: {reading.kind.value}, may be answered: {reading.may_reply.value}")
    console.print(f"  from {headers.sender.spec}, {headers.subject!r}, language {reading.language}")
    for reason in reading.reasons:
        console.print(
            f"  {reason.verdict.value}: {reason.rule} ({reason.source}): {reason.evidence}"
        )
    for zone in zones(raw).zones:
        if not zone.text.strip():
            continue
        if zone.kind is not ZoneKind.NEW:
            # What does not count is there to be checked, and out of the way.
            for line in zone.text.strip("\n").splitlines():
                console.print(Text(f"  {zone.kind.value:>11} | {line}", style="dim"))
            continue
        text = Text(zone.text.strip("\n"))
        for signal in reading.signals:
            if signal.end > signal.start:
                text.highlight_words([signal.text], "bold cyan")
        for row in text.split("\n"):
            console.print(Text("          new | ").append_text(row))
    for signal in reading.signals:
        due = f", by {signal.due}" if signal.due else ""
        kind = f"{signal.kind.value} {signal.subtype}".strip()
        console.print(
            f"  {kind}: {signal.text!r} [{signal.start}:{signal.end}] {signal.phrase}{due}"
        )
    for defect in reading.defects:
        console.print(f"  defect: {defect}")
