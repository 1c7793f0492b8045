"""`why ID`: how a due time, finding, verdict or reply came about, step by step."""

from __future__ import annotations

from typing import Annotated

import typer

from mailhours.cli import office


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(why)


def why(
    context: typer.Context,
    reference: Annotated[
        str, typer.Argument(help="Id of a promise, ask, finding or reply; or a Message-ID.")
    ],
    config: office.Config = None,
    as_json: office.AsJson = False,
) -> None:
    """Explain a judgement or a reply step by step, with message ids."""
    from mailhours.service.explanation import explain

    with office.account(context, config) as account:
        steps = explain(account, reference)
    if as_json:
        office.emit({"id": reference, "steps": steps})
    else:
        for step in steps:
            at = f"{step['at']}  " if step.get("at") else ""
            mail = f"  {step['message_id']}" if step.get("message_id") else ""
            print(f"{at}{step['text']}{mail}")
