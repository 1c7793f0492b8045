"""`status`: is it alive, how deaf was it, what is waiting, when is the next check-in."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import typer

from mailhours.cli import office
from mailhours.model.faults import Busy

if TYPE_CHECKING:
    from mailhours.ledger.store import Ledger


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(status)


def status(
    context: typer.Context, config: office.Config = None, as_json: office.AsJson = False
) -> None:
    """Say how mailhours is; exit code 1 when it is deaf or something needs the owner."""
    from mailhours.model.reply import ReplyState

    with office.account(context, config) as account:
        ledger, now = account.ledger, account.clock()
        calendar = account.settings.owner.calendar
        polls = ledger.health.polls()
        slot = calendar.next_slot(now)
        deaf = [one for one in ledger.health.deaf(now - timedelta(days=1)) if one.end is None]
        doubtful = ledger.outbox.doubtful()
        waiting = ledger.outbox.queued()
        proposed = ledger.outbox.replies(state=ReplyState.PROPOSED)
        quarantined = ledger.mail.quarantined()
        found: dict[str, Any] = {
            "mode": account.settings.policy.mode.value,
            "running": _runs(ledger),
            "polls": [
                {
                    "mailbox": poll.mailbox,
                    "succeeded": poll.succeeded and calendar.local(poll.succeeded),
                    "failing": poll.failing and calendar.local(poll.failing),
                    "why": poll.why,
                }
                for poll in polls
            ],
            "next_check_in": slot and calendar.local(slot.due),
            "messages": sum(count.messages for count in ledger.readings.clients().values()),
            "waiting": len(waiting),
            "proposed": len(proposed),
            "doubtful": [reply.id for reply in doubtful],
            "quarantined": len(quarantined),
            "frozen": ledger.outbox.frozen(),
        }
        trouble = bool(deaf or doubtful or not polls)
    if as_json:
        office.emit({"ok": not trouble, **found})
    else:
        _show(found)
    if trouble:
        raise typer.Exit(1)


def _runs(ledger: Ledger) -> bool:
    """Say whether a service holds the ledger."""
    try:
        ledger.lock().release()
    except Busy:
        return True
    return False


def _show(found: dict[str, Any]) -> None:
    console = office.console()
    running = "running" if found["running"] else "not running"
    console.print(f"{running}, mode {found['mode']}, {found['messages']} messages of clients")
    for poll in found["polls"]:
        heard = poll["succeeded"]
        words = f"last read {heard:%a %d %b %H:%M}" if heard else "never read"
        if poll["failing"]:
            words += f", deaf since {poll['failing']:%a %d %b %H:%M}: {poll['why']}"
        console.print(f"  mailbox {poll['mailbox']}: {words}")
    slot = found["next_check_in"]
    console.print(f"next check-in: {slot:%a %d %b %H:%M}" if slot else "no check-in is planned")
    console.print(f"waiting to leave: {found['waiting']}, for your word: {found['proposed']}")
    for reply in found["doubtful"]:
        console.print(f"  doubtful: {reply}; say `mailhours settle {reply} sent` or `lost`")
    if found["quarantined"]:
        console.print(f"mails that could not be read: {found['quarantined']}")
    for address in found["frozen"]:
        console.print(f"  frozen: {address}; `mailhours unfreeze {address}` lets mail go again")
