"""The owner's word: paid, answered, note, dismiss, hold, resume, approve, settle, stop, start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mailhours.cli import office
from mailhours.model.client import OwnerVerb, OwnerWord
from mailhours.model.faults import UsageFault

if TYPE_CHECKING:
    from mailhours.model.judgement import Judgement
    from mailhours.service.account import Account

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
        unfreeze,
        stop,
        start,
    ):
        app.command()(command)


def paid(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="The number of the invoice.")],
    config: office.Config = None,
) -> None:
    """Say that an invoice is paid."""
    with office.account(context, config, create=True) as account:
        numbers = [i.number for c in account.settings.clients for i in c.invoices]
        if number not in numbers:
            raise UsageFault(
                f"there is no invoice {number!r}", hint=f"invoices: {', '.join(numbers) or 'none'}"
            )
        _say(account, OwnerVerb.PAID, number)


def answered(
    context: typer.Context,
    reference: Ref,
    config: office.Config = None,
    by: Annotated[str, typer.Option("--by", help="How: phone, in person, ...")] = "",
) -> None:
    """Say that a promise was kept or an ask answered elsewhere, by phone for example."""
    with office.account(context, config, create=True) as account:
        judged = _judged(account)
        known = {promise.id for j in judged for promise in j.promises}
        known |= {ask.id for j in judged for ask in j.asks}
        if reference not in known:
            raise UsageFault(
                f"there is no promise or ask {reference!r}", hint="see `mailhours asks`"
            )
        _say(account, OwnerVerb.ANSWERED, reference, by)


def note(
    context: typer.Context,
    client: Key,
    text: Annotated[str, typer.Argument(help="What to remember.")],
    config: office.Config = None,
) -> None:
    """Add a note to a client's record."""
    with office.account(context, config, create=True) as account:
        _say(account, OwnerVerb.NOTE, office.known_client(account.settings, client), text)


def dismiss(context: typer.Context, finding: Ref, config: office.Config = None) -> None:
    """Say that a finding is none."""
    with office.account(context, config, create=True) as account:
        known = {f.id for j in _judged(account) for f in j.findings}
        if finding not in known:
            raise UsageFault(f"there is no finding {finding!r}", hint="see `mailhours findings`")
        _say(account, OwnerVerb.DISMISS, finding)


def hold(context: typer.Context, client: Key, config: office.Config = None) -> None:
    """Send a client nothing until `resume`."""
    with office.account(context, config, create=True) as account:
        _say(account, OwnerVerb.HOLD, office.known_client(account.settings, client))


def resume(context: typer.Context, client: Key, config: office.Config = None) -> None:
    """End a hold."""
    with office.account(context, config, create=True) as account:
        _say(account, OwnerVerb.RESUME, office.known_client(account.settings, client))


def approve(context: typer.Context, reply: Ref, config: office.Config = None) -> None:
    """Let a proposed reply leave at the next check-in."""
    with office.account(context, config, create=True) as account:
        found = account.ledger.outbox.reply(reply)
        if found is None or not account.ledger.outbox.approve(found.id, account.clock()):
            raise UsageFault(f"{reply!r} is no reply that waits for you", hint="see `replies`")
        _say(account, OwnerVerb.APPROVE, found.id)


def settle(
    context: typer.Context,
    reply: Ref,
    outcome: Annotated[str, typer.Argument(help="sent or lost.")],
    config: office.Config = None,
) -> None:
    """Say of a doubtful reply whether it was sent or lost."""
    if outcome not in ("sent", "lost"):
        raise UsageFault(f"{outcome!r} is no outcome", hint="say sent or lost")
    with office.account(context, config, create=True) as account:
        outbox = account.ledger.outbox
        found = outbox.reply(reply)
        if found is None or not outbox.resolve(found.id, account.clock(), sent=outcome == "sent"):
            raise UsageFault(f"{reply!r} is no doubtful reply", hint="see `mailhours status`")
        _say(account, OwnerVerb.SETTLE, found.id, outcome)


def unfreeze(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="The frozen address.")],
    config: office.Config = None,
) -> None:
    """Let mail go to a frozen address again."""
    with office.account(context, config, create=True) as account:
        if not account.ledger.outbox.unfreeze(address):
            raise UsageFault(f"{address!r} is not frozen", hint="see `mailhours status`")
        _say(account, OwnerVerb.UNFREEZE, address)


def stop(context: typer.Context, config: office.Config = None) -> None:
    """Stop all sending to clients at once; reading goes on."""
    with office.account(context, config, create=True) as account:
        _say(account, OwnerVerb.STOP, "")


def start(context: typer.Context, config: office.Config = None) -> None:
    """Let replies leave again after `stop`."""
    with office.account(context, config, create=True) as account:
        _say(account, OwnerVerb.START, "")


def _say(account: Account, verb: OwnerVerb, target: str, text: str = "") -> None:
    account.ledger.words.say(OwnerWord(verb, target, account.clock(), text))
    print(f"noted: {verb.value} {target} {text}".rstrip())


def _judged(account: Account) -> list[Judgement]:
    from mailhours.service import jobs

    return list(jobs.judgements(account, account.clock()).values())
