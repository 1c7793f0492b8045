"""The owner's word: paid, answered, dismiss, hold, approve, settle, stop, start and their like."""

from __future__ import annotations

from typing import Annotated

import typer

from mailhours.cli import office

Ref = Annotated[str, typer.Argument(help="Its id, as summaries and lists show it.")]
Key = Annotated[str, typer.Argument(help="The client's key.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (
        paid,
        answered,
        note,
        dismiss,
        hold,
        resume,
        approve,
        settle,
        retry,
        unfreeze,
        stop,
        start,
    ):
        app.command()(command)


def paid(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="The number of the invoice.")],
    config: office.Config = None,
    on: Annotated[str, typer.Option("--on", help="The day on which the money came.")] = "",
) -> None:
    """Say that an invoice is paid."""
    _say(context, config, "paid", number, on)


def answered(
    context: typer.Context,
    reference: Ref,
    config: office.Config = None,
    by: Annotated[str, typer.Option("--by", help="How: phone, in person, ...")] = "",
) -> None:
    """Say that a promise was kept or an ask answered elsewhere, by phone for example."""
    _say(context, config, "answered", reference, by)


def note(
    context: typer.Context,
    client: Key,
    text: Annotated[str, typer.Argument(help="What to remember.")],
    config: office.Config = None,
) -> None:
    """Add a note to a client's record."""
    _say(context, config, "note", client, text)


def dismiss(context: typer.Context, finding: Ref, config: office.Config = None) -> None:
    """Say that a finding is none."""
    _say(context, config, "dismiss", finding)


def hold(context: typer.Context, client: Key, config: office.Config = None) -> None:
    """Send a client nothing until `resume`."""
    _say(context, config, "hold", client)


def resume(context: typer.Context, client: Key, config: office.Config = None) -> None:
    """End a hold."""
    _say(context, config, "resume", client)


def approve(context: typer.Context, reply: Ref, config: office.Config = None) -> None:
    """Let a proposed reply leave at the next check-in, if what it states still holds then."""
    _say(context, config, "approve", reply)


def settle(
    context: typer.Context,
    reply: Ref,
    outcome: Annotated[str, typer.Argument(help="sent or lost.")],
    config: office.Config = None,
) -> None:
    """Say of a doubtful reply whether it was sent or lost."""
    _say(context, config, "settle", reply, outcome)


def retry(
    context: typer.Context,
    mail: Annotated[str, typer.Argument(help="FOLDER/UID, MAILBOX or MAILBOX/FOLDER.")],
    config: office.Config = None,
) -> None:
    """Let the next poll read a mail in quarantine once more, or a folder that was replaced.

    FOLDER/UID is a mail as the summary shows it. MAILBOX tries a login once more; MAILBOX/FOLDER
    reads a folder as if for the first time.
    """
    _say(context, config, "retry", mail)


def unfreeze(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="The frozen address, or client.")],
    config: office.Config = None,
) -> None:
    """Let mail go to a frozen address or client again."""
    _say(context, config, "unfreeze", address)


def stop(context: typer.Context, config: office.Config = None) -> None:
    """Stop all sending to clients at once; reading goes on."""
    _say(context, config, "stop")


def start(context: typer.Context, config: office.Config = None) -> None:
    """Let replies leave again after `stop`, or after the fuse has blown."""
    _say(context, config, "start")


def _say(
    context: typer.Context,
    config: office.Config,
    verb: str,
    target: str = "",
    text: str = "",
) -> None:
    """Record a word of the owner's; `verb` is an OwnerVerb, which `--help` does not wait for."""
    from mailhours.model.client import OwnerVerb
    from mailhours.service import judging, words

    with office.account(context, config, create=True) as account:
        noted = words.say(
            account,
            lambda: judging.judgements(account, account.clock()),
            OwnerVerb(verb),
            target,
            text,
        )
    print(f"noted: {noted}")
