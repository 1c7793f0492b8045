"""`backtest SOURCE...`: the same rules over old mail at a simulated clock."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from mailhours.cli import office


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(backtest)


def backtest(
    context: typer.Context,
    sources: Annotated[list[Path], typer.Argument(help="mbox, Maildir, or a folder of .eml.")],
    config: office.Config = None,
    start: Annotated[str | None, typer.Option("--from", help="First day, 2026-01-01.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="Last day, 2026-12-31.")] = None,
    as_json: office.AsJson = False,
) -> None:
    """Show what would have happened with old mail. Sends nothing."""
    from mailhours.mailbox.archive import ArchiveMailbox
    from mailhours.service import backtest as office_test
    from mailhours.service.account import reader_of
    from mailhours.service.documents import document
    from mailhours.service.run import wall_clock

    held = office.settings(context, config)
    zone = held.owner.calendar.zone
    first, last = _moment(start, zone), _moment(to, zone, end=True)
    reader = reader_of(held, "")
    archives = [ArchiveMailbox(f"archive {n}", path) for n, path in enumerate(sources, 1)]
    with office.progress("reading mail") as bar:
        task = bar.add_task("", total=None)
        messages = office_test.read_mail(
            held, reader, archives, wall_clock(), lambda count: bar.update(task, completed=count)
        )
    with office.progress("check-ins") as bar:
        task = bar.add_task("", total=None)
        test = office_test.run(
            held,
            messages,
            first,
            last,
            progress=lambda done, of: bar.update(task, completed=done, total=of),
        )
    made = document(test)
    if as_json:
        office.emit(made)
    else:
        _show(made)


def _moment(text: str | None, zone: ZoneInfo, *, end: bool = False) -> datetime | None:
    """Return the start of a day of the owner, or its end."""
    day = office.day(text)
    if day is None:
        return None
    at = datetime.combine(day, time(), zone)
    return (at + timedelta(days=1) if end else at).astimezone(UTC)


def _show(made: dict[str, Any]) -> None:
    console = office.console()
    console.print(f"{made['messages']} messages of clients, {made['from']} to {made['to']}")
    for key, client in made["clients"].items():
        closed = sum(ask["closed"] is not None for ask in client["asks"])
        asked, time = len(client["asks"]), client["time"]
        console.print(
            f"\n{key}: {len(client['nudges'])} chases, {asked} asks ({closed} answered), "
            f"business minutes ours {time['ours']}, theirs {time['theirs']}, "
            f"nobody's {time['nobody']}"
        )
        for finding in client["findings"]:
            numbers = ", ".join(f"{name} {value}" for name, value in finding["numbers"].items())
            console.print(f"  {finding['pattern']}, {finding['first'][:10]}: {numbers}")
    console.print(f"\nwould have sent {len(made['replies'])} mails:")
    for reply in made["replies"]:
        console.print(
            f"  {reply['slot']}  {', '.join(reply['kinds'])}  {reply['to']}  {reply['subject']}"
        )
    reasons: dict[str, int] = {}
    for held in made["withheld"]:
        reasons[held["reason"]] = reasons.get(held["reason"], 0) + 1
    console.print(f"\nwould have withheld {len(made['withheld'])}:")
    for reason, count in sorted(reasons.items(), key=lambda item: -item[1]):
        console.print(f"  {count:4d}  {reason}")
