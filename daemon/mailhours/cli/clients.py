"""`clients` and `client KEY`: whose turn it is, what is open, what was found."""

from __future__ import annotations

from typing import Annotated

import typer

from mailhours.cli import office


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

    with office.account(context, config) as account:
        judged = judging.judgements(account, account.clock())
        names = {one.key: one.name for one in account.settings.clients}
    if as_json:
        rows = {
            key: {
                "name": names[key],
                "messages": j.messages,
                "turn": j.side.value,
                "we_owe": len(j.open_promises),
                "they_owe": len(j.open_asks),
                "nudges": len(j.nudges),
                "findings": len(j.findings),
            }
            for key, j in judged.items()
        }
        office.emit({"clients": rows})
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("client", "name", "turn", "we owe", "they owe", "chases", "findings", "mails"):
        table.add_column(heading, justify="left" if heading in ("client", "name") else "right")
    for key, j in judged.items():
        counts = (len(j.open_promises), len(j.open_asks), len(j.nudges), len(j.findings))
        table.add_row(key, names[key], j.side.value, *map(str, counts), str(j.messages))
    office.console().print(table)


def client(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="The client's key: the name of its file.")],
    config: office.Config = None,
    as_json: office.AsJson = False,
) -> None:
    """Show one client: turn, promises, asks, chases, findings and the two-sided clock."""
    from mailhours.service import judging
    from mailhours.service.documents import client_document

    with office.account(context, config) as account:
        key = office.known_client(account.settings, key)
        judged = judging.judgement(account, key, account.clock())
        ids = {m.key: m.message_id or m.key for m in account.ledger.readings.history(key)}
        local = account.settings.owner.calendar.local
        name = account.book.clients[key].name
    if as_json:
        office.emit({"client": key, **client_document(judged, ids, local)})
        return
    console = office.console()
    console.print(f"{name} ({key}): turn {judged.side.value}, {judged.messages} messages")
    clock = judged.clock
    console.print(
        f"business minutes: ours {clock.ours}, theirs {clock.theirs}, nobody's {clock.nobody}"
    )
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
