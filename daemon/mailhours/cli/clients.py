"""`clients` and `client KEY`: whose turn it is, what is open, what was found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from mailhours.cli import office, plots

if TYPE_CHECKING:
    from mailhours.model.judgement import Judgement, Nudge

_WEEKS = 4


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(clients)
    app.command()(client)


def clients(
    context: typer.Context, config: office.Config = None, as_json: office.AsJson = False
) -> None:
    """List the clients: whose turn, what we owe, what they owe, chases, findings."""
    from rich.table import Table

    from mailhours.service import judging

    # Chases and findings are of all that is past: each client is judged in full, and let go.
    rows, by_week = {}, {}
    with office.account(context, config) as account, office.progress("clients judged") as bar:
        now, held = account.clock(), account.settings.clients
        task = bar.add_task("", total=len(held))
        for one, judged in zip(held, judging.judgements(account, now), strict=True):
            by_week[one.key] = _by_week(judged.nudges, now)
            rows[one.key] = {
                "name": one.name,
                "messages": judged.messages,
                "turn": judged.side.value,
                "we_owe": len(judged.open_promises),
                "they_owe": len(judged.open_asks),
                "nudges": len(judged.nudges),
                "findings": len(judged.findings),
            }
            bar.advance(task)
    if as_json:
        office.emit({"clients": rows})
        return
    console = office.console()
    table = Table(box=None, pad_edge=False)
    for heading in (
        "client",
        "name",
        "turn",
        "we owe",
        "they owe",
        "chases",
        "findings",
        "mails",
        "",
    ):
        table.add_column(heading, justify="left" if heading in ("client", "name") else "right")
    for key, row in rows.items():
        weeks = plots.line(console, by_week[key]) if row["nudges"] else ""
        shown = {**row, "nudges": f"{weeks} {row['nudges']}".lstrip()}
        names = ("name", "turn", "we_owe", "they_owe", "nudges", "findings", "messages")
        table.add_row(key, *(str(shown[name]) for name in names))
    console.print(table)


def _by_week(nudges: Sequence[Nudge], now: datetime) -> list[int]:
    """Return how many chases came in each of the last weeks, the newest last."""
    counts = [0] * _WEEKS
    for nudge in nudges:
        ago = (now - nudge.message.at) // timedelta(weeks=1)
        if 0 <= ago < _WEEKS:
            counts[-1 - ago] += 1
    return counts


def client(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="The client's key: the name of its file.")],
    config: office.Config = None,
    as_json: office.AsJson = False,
) -> None:
    """Show one client: turn, promises, asks, chases, findings and the two-sided clock."""
    from mailhours.cli.portraits import mirror_lines, patience_lines
    from mailhours.service.documents import client_document
    from mailhours.service.figures import portrait_document
    from mailhours.service.portraits import portraits

    with office.account(context, config) as account:
        key = office.known_client(account.settings, key)
        made = portraits(account, account.clock(), [key])[key]
        judged = made.judgement
        ids = {m.key: m.message_id or m.key for m in account.ledger.readings.history(key)}
        local = account.settings.owner.calendar.local
        name = account.book.clients[key].name
    if as_json:
        document = client_document(judged, ids, local) | portrait_document(made, ids, local)
        office.emit({"client": key, **document})
        return
    console = office.console()
    console.print(f"{name} ({key}): turn {judged.side.value}, {judged.messages} messages")
    clock = judged.clock
    console.print(
        f"business minutes: ours {clock.ours}, theirs {clock.theirs}, nobody's {clock.nobody}"
    )
    picture = plots.sides(console, [(clock.ours, "█"), (clock.theirs, "▒"), (clock.nobody, "·")])
    if picture:
        console.print(f"  {picture}  █ ours ▒ theirs · nobody's")
    for line in patience_lines(console, made.patience, local):
        console.print(f"  {line}")
    for line in mirror_lines(made.mirror):
        console.print(f"  {line}")
    for line in _delays(judged, ids):
        console.print(f"  {line}")
    for promise in judged.open_promises:
        due = f"{local(promise.due):%a %d %b %H:%M}"
        console.print(f"  we owe {promise.id}: {promise.message.subject!r} by {due}")
    for ask in judged.open_asks:
        due = f"{local(ask.due):%a %d %b %H:%M}"
        console.print(f"  they owe {ask.id}: {ask.text!r} since {due}")
    for nudge in judged.nudges:
        at = f"{local(nudge.message.at):%a %d %b %H:%M}"
        console.print(
            f"  chase {at}: {nudge.message.subject!r}, {nudge.minutes_after} minutes after"
        )
    for finding in judged.findings:
        first = f"{local(finding.first):%d %b}"
        dismissed = " (dismissed)" if finding.dismissed else ""
        numbers = ", ".join(f"{name} {value}" for name, value in finding.numbers.items())
        console.print(f"  {finding.id} {finding.pattern}{dismissed}, {first}: {numbers}")


def _delays(judged: Judgement, ids: Mapping[str, str]) -> Iterator[str]:
    """Yield the delay ledger: each project's clock, where its date moves, and why."""
    for delay in judged.projects:
        clock = delay.clock
        yield (
            f"project {delay.project}: business minutes ours {clock.ours}, theirs {clock.theirs}, "
            f"nobody's {clock.nobody}"
        )
        if delay.due is not None and delay.moved_due is not None:
            days = "1 day" if delay.days_lost == 1 else f"{delay.days_lost} days"
            yield f"  due {delay.due}, {days} lost: {delay.moved_due}"
        for lost in delay.lost:
            mails = ", ".join(ids.get(key, key) for key in lost.asks)
            yield f"  {lost.day} lost: past due then: {mails}"
