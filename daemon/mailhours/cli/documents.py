"""`dossier`, `letter`, `signature`: papers about a client and for one; nothing leaves by itself."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mailhours.cli import office
from mailhours.model.faults import Busy, UsageFault

if TYPE_CHECKING:
    from mailhours.model.client import Client
    from mailhours.service.account import Account
    from mailhours.summary.letter import Letter

Key = Annotated[str, typer.Argument(help="The client's key: the name of its file.")]
Html = Annotated[Path | None, typer.Option("--html", help="Write the page here.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(dossier)
    app.command()(letter)
    app.command()(signature)


def dossier(
    context: typer.Context,
    client: Key,
    *,
    config: office.Config = None,
    html: Html = None,
    markdown: Annotated[
        Path | None, typer.Option("--markdown", help="Write it as Markdown here.")
    ] = None,
    bundle: Annotated[
        Path | None, typer.Option("--bundle", help="Write a zip here that proves itself.")
    ] = None,
    parting: Annotated[
        bool, typer.Option("--parting", help="Make it the final report, with the hand-over.")
    ] = False,
    reason: Annotated[
        str, typer.Option("--reason", help="Why you part, in one neutral sentence.")
    ] = "",
    language: office.Language = "",
    as_json: office.AsJson = False,
) -> None:
    """Show the record of the work with a client: what was done, asked, answered and waited for."""
    from mailhours.service import papers
    from mailhours.service.bundle import bundle as bundled
    from mailhours.service.bundle import keep
    from mailhours.summary.document import document
    from mailhours.summary.markdown import markdown as marked
    from mailhours.summary.page import paper as page
    from mailhours.summary.record import record
    from mailhours.summary.text import told

    if reason and not parting:
        raise UsageFault("--reason belongs to the final report", hint="say --parting as well")
    with office.account(context, config) as account:
        client = office.known_client(account.settings, client)
        made = papers.dossier_of(account, client, parting=parting, reason=reason)
        language = office.known_language(language, account.settings.owner.language)
        words = account.wording.words(language)
        written = record(made, words)
        if html is not None:
            keep(html, page(written, account.wording).encode())
        if markdown is not None:
            keep(markdown, marked(written).encode())
        if bundle is not None:
            keep(bundle, bundled(account, made, language))
    paths = [path for path in (html, markdown, bundle) if path is not None]
    for path in paths:
        office.warn(f"written: {path}")
    if as_json:
        office.emit(document(made))
    elif not paths:
        print(told(written), end="")


def letter(
    context: typer.Context,
    client: Key,
    *,
    config: office.Config = None,
    change: Annotated[
        str | None, typer.Option("--from", help="Announce what changes on this day, 2026-06-01.")
    ] = None,
    html: Html = None,
    draft: Annotated[
        bool, typer.Option("--draft", help="Lay it into your Drafts; you send it.")
    ] = False,
    as_json: office.AsJson = False,
) -> None:
    """Show the letter that says how you work, as the client file has it, in their language."""
    from mailhours.service import papers
    from mailhours.service.bundle import keep

    day = office.day(change)
    with office.account(context, config) as account:
        held = account.book.clients[office.known_client(account.settings, client)]
        made = papers.letter_of(account, held, day)
        if html is not None:
            keep(html, made.html.encode())
            office.warn(f"written: {html}")
        if draft:
            _lay(account, held, made)
    if as_json:
        office.emit({"to": made.to, "subject": made.subject, "text": made.text})
    elif html is None and not draft:
        print(f"{made.subject}\n\n{made.text}", end="")


def _lay(account: Account, client: Client, made: Letter) -> None:
    """Propose the draft; lay it now, or leave that to the service that holds the lock."""
    from mailhours.service import papers, sending

    reply, is_new = papers.lay_draft(account, client, made)
    if not is_new:
        office.warn(f"this letter was laid into your Drafts today: {reply.id}")
        return
    try:
        with account.ledger.lock():
            sending.lay_copies(account)
    except Busy:
        office.warn(f"{reply.id}: the service lays it into your Drafts at its next poll")
    else:
        office.warn(f"{reply.id}: to {made.to}, as a draft; read it, and send it yourself")


def signature(
    context: typer.Context,
    config: office.Config = None,
    client: Annotated[
        str | None, typer.Option("--client", help="With the answer time of this client.")
    ] = None,
    language: office.Language = "",
    as_json: office.AsJson = False,
) -> None:
    """Show lines for below your mails, and a text for your voicemail, from the same files."""
    from mailhours.service.run import wall_clock
    from mailhours.summary.letter import signature as lines
    from mailhours.summary.letter import voicemail
    from mailhours.wording.render import Wording

    held = office.settings(context, config)
    key = None if client is None else office.known_client(held, client)
    of = None if key is None else held.client(key)
    language = office.known_language(language, (of or held.owner).language)
    words = Wording(held.templates).words(language)
    today: date = held.owner.calendar.local(wall_clock()).date()
    below, spoken = lines(held.owner, today, words, of), voicemail(held.owner, today, words)
    if as_json:
        office.emit({"signature": below, "voicemail": spoken})
    else:
        print(f"-- \n{below}\n{spoken}", end="")
