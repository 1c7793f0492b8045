"""`summary`: what the owner reads once a day."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mailhours.cli import office


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(summary)


def summary(
    context: typer.Context,
    config: office.Config = None,
    date: Annotated[str | None, typer.Option("--date", help="The day, 2026-11-23.")] = None,
    send: Annotated[bool, typer.Option("--send", help="Mail it to the owner.")] = False,
    html: Annotated[Path | None, typer.Option("--html", help="Write the page here.")] = None,
    as_json: office.AsJson = False,
) -> None:
    """Show the summary of a day as it stands now; `--send` mails it."""
    from mailhours.service import jobs, overview
    from mailhours.service.bundle import keep

    with office.account(context, config, lock=send) as account:
        local = account.settings.owner.calendar.local(account.clock())
        made = jobs.summarize(account, office.day(date) or local.date())
        mail = overview.mail_of(account, made)
        if html is not None:
            keep(html, mail.html.encode())
            office.warn(f"written: {html}")
        if as_json:
            office.emit({"day": made.day, "subject": mail.subject, "text": mail.text})
        elif html is None:
            print(f"{mail.subject}\n\n{mail.text}", end="")
        if send and not jobs.send_summary(account, made.day):
            office.warn("nothing to say on a closed day: no mail was sent")
