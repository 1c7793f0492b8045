"""`scorecard`: keep, fix the terms, or part ways; with the figures, their doubt, and the mirror."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mailhours.cli import office


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(scorecard)


def scorecard(
    context: typer.Context,
    clients: Annotated[
        list[str] | None, typer.Argument(metavar="[CLIENT]...", help="Only these; all by default.")
    ] = None,
    *,
    config: office.Config = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write the page here.")] = None,
    language: office.Language = "",
    as_json: office.AsJson = False,
) -> None:
    """Show what contact with each client takes, and whether it should go on as it does."""
    from mailhours.service.bundle import keep
    from mailhours.service.figures import portrait_document
    from mailhours.service.portraits import cards, portraits
    from mailhours.summary.page import paper
    from mailhours.summary.scorecard import scorecard as written
    from mailhours.summary.text import told

    with office.account(context, config) as account:
        owner = account.settings.owner
        keys = [office.known_client(account.settings, key) for key in dict.fromkeys(clients or ())]
        made = portraits(account, account.clock(), keys)
        documents = {}
        if as_json:
            for key in made:
                history = account.ledger.readings.history(key)
                ids = {m.key: m.message_id or m.key for m in history}
                documents[key] = portrait_document(made[key], ids, owner.calendar.local)
        words = account.wording.words(office.known_language(language, owner.language))
        page = written(owner, cards(account, made), words) if made else None
        if html is not None and page is not None:
            keep(html, paper(page, account.wording).encode())
            office.warn(f"written: {html}")
    if as_json:
        office.emit({"clients": documents})
    elif page is None:
        office.warn("there are no clients yet: add files to clients/")
    elif html is None:
        print(told(page), end="")
