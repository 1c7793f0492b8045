"""`asks`, `findings` and `replies`: lists, filtered by client and state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mailhours.cli import office, plots
from mailhours.model.faults import UsageFault

if TYPE_CHECKING:
    from mailhours.model.judgement import Judgement

Client = Annotated[str | None, typer.Option("--client", help="Only this client.")]
State = Annotated[str | None, typer.Option("--state", help="Only in this state.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(asks)
    app.command()(findings)
    app.command()(replies)


def asks(
    context: typer.Context,
    config: office.Config = None,
    client: Client = None,
    state: State = None,
    as_json: office.AsJson = False,
) -> None:
    """List what clients were asked for, and what became of it."""
    from mailhours.model.judgement import AskState

    _one_of(state, [one.value for one in AskState])
    rows = [
        {
            "id": ask.id,
            "client": key,
            "person": ask.person,
            "kind": ask.kind,
            "text": ask.text,
            "opened": local(ask.opened),
            "due": local(ask.due),
            "closed": ask.closed and local(ask.closed),
            "outcome": ask.outcome.value,
        }
        for key, j, local in _judged(context, config, client)
        for ask in j.asks
        if state in (None, ask.outcome.value)
    ]
    _print("asks", rows, as_json=as_json)


def findings(
    context: typer.Context,
    config: office.Config = None,
    client: Client = None,
    state: Annotated[
        str | None, typer.Option("--state", help="open or dismissed; both when left out.")
    ] = None,
    as_json: office.AsJson = False,
) -> None:
    """List what was found, with the numbers that made it fire."""
    from mailhours.patterns.precision import precision
    from mailhours.service.figures import precision_document

    _one_of(state, ["open", "dismissed"])
    found = [
        (key, finding, local)
        for key, j, local in _judged(context, config, client)
        for finding in j.findings
    ]
    rows = [
        {
            "id": finding.id,
            "client": key,
            "pattern": finding.pattern,
            "first": local(finding.first),
            "last": local(finding.last),
            "numbers": dict(finding.numbers),
            "messages": len(finding.messages),
            "state": "dismissed" if finding.dismissed else "open",
        }
        for key, finding, local in found
        if state in (None, "dismissed" if finding.dismissed else "open")
    ]
    if as_json:
        rules = precision_document(finding for _, finding, _ in found)
        office.emit({"findings": rows, "precision": rules})
        return
    _print("findings", rows, as_json=False)
    rules_found = precision(finding for _, finding, _ in found)
    if rules_found:
        console = office.console()
        most = max(one.found for one in rules_found)
        console.print("\nby rule, and how many of its findings you let stand:")
        for one in rules_found:
            low, high = one.interval
            picture = plots.bar(console, one.found / most, 8)
            stood = f"{one.found - one.dismissed} of {one.found}"
            doubt = f" ({low:.0%} to {high:.0%})" if one.dismissed else ""
            console.print(f"  {one.pattern:<22} {picture} {stood}{doubt}")


def replies(
    context: typer.Context,
    config: office.Config = None,
    client: Client = None,
    state: State = None,
    as_json: office.AsJson = False,
) -> None:
    """List the replies of mailhours and where each stands."""
    from mailhours.model.reply import ReplyState

    _one_of(state, [one.value for one in ReplyState])
    with office.account(context, config) as account:
        if client is not None:
            office.known_client(account.settings, client)
        outbox, local = account.ledger.outbox, account.settings.owner.calendar.local
        chosen = outbox.replies(state=ReplyState(state) if state else None, client=client)
        rows = [
            {
                "id": reply.id,
                "client": reply.client,
                "slot": reply.slot,
                "kinds": [kind.value for kind in reply.kinds],
                "to": reply.to.spec,
                "subject": reply.subject,
                "state": str(outbox.state(reply.id)),
                "at": local(reply.at),
            }
            for reply in chosen
        ]
    _print("replies", rows, as_json=as_json)


def _judged(
    context: typer.Context, config: Path | None, client: str | None
) -> Iterator[tuple[str, Judgement, Callable[[datetime], datetime]]]:
    """Yield (key, judgement, local) of the clients that were asked for."""
    from mailhours.service import judging

    with office.account(context, config) as account:
        keys = [one.key for one in account.settings.clients]
        if client is not None:
            keys = [office.known_client(account.settings, client)]
        for key in keys:
            judged = judging.judgement(account, key, account.clock())
            yield key, judged, account.settings.owner.calendar.local


def _one_of(state: str | None, known: list[str]) -> None:
    if state is not None and state not in known:
        raise UsageFault(f"there is no state {state!r}", hint=f"states: {', '.join(known)}")


def _print(name: str, rows: Sequence[Mapping[str, object]], *, as_json: bool) -> None:
    if as_json:
        office.emit({name: rows})
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    shown = [heading for heading in (rows[0] if rows else ()) if heading not in _ONLY_JSON]
    for heading in shown:
        table.add_column(heading, overflow="fold", no_wrap=heading not in _LONG)
    for row in rows:
        table.add_row(*(_cell(row[heading]) for heading in shown))
    office.console().print(table if rows else f"no {name}")


# Columns that may break; and what a terminal of 80 columns has no room for.
_LONG = frozenset({"text", "numbers", "subject", "to"})
_ONLY_JSON = frozenset({"person", "opened", "first", "messages", "slot"})


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return f"{value:%Y-%m-%d}"
        case dict():
            return ", ".join(f"{key.replace('_', ' ')} {held}" for key, held in value.items())
        case list():
            return ", ".join(map(str, value))
        case _:
            return " ".join(str(value).split())
