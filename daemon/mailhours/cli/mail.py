"""`poll` and `check-in`: one poll, one check-in, now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from mailhours.cli import office
from mailhours.model.faults import Busy, UsageFault

if TYPE_CHECKING:
    from mailhours.model.reply import Plan
    from mailhours.model.slot import Slot
    from mailhours.service.account import Account


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(poll)
    app.command("check-in")(check_in)


def poll(
    context: typer.Context, config: office.Config = None, as_json: office.AsJson = False
) -> None:
    """Read the mailboxes once and say what was new."""
    from mailhours.service import jobs, journal, status

    journal.set_up(machine=False)
    with office.account(context, config, create=True, lock=True) as account:
        with office.progress("reading mail") as bar:
            task = bar.add_task("", total=None)
            polled = jobs.poll(account, lambda count: bar.update(task, completed=count))
        account.ledger.health.first_use(account.clock())
        status.keep(account)
        if as_json:
            office.emit(
                {"logged": polled.logged, "faults": [fault.what for fault in polled.faults]}
            )
        else:
            print(f"{polled.logged} new messages of clients")
        if polled.faults:
            raise polled.faults[0]


def check_in(
    context: typer.Context,
    config: office.Config = None,
    at: Annotated[
        str | None, typer.Option("--at", help="The check-in to hold: 2026-11-23T10:00 or 10:00.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would leave, and why not.")
    ] = False,
    as_json: office.AsJson = False,
) -> None:
    """Hold one check-in now, or show what would leave."""
    from mailhours.service import jobs, journal

    journal.set_up(machine=False)
    with office.account(context, config, create=True, lock=not dry_run) as account:
        slot = _slot(account, at)
        if dry_run:
            made: Plan | None = jobs.preview(account, slot)
        else:
            jobs.recover(account)
            made = jobs.check_in(account, slot)
        if made is None:
            raise Busy(
                f"the check-in {slot.key} cannot be held",
                hint="it was held before, or a mailbox cannot be read: see `mailhours status`",
            )
        if as_json:
            office.emit(document(made))
        else:
            show(made, dry_run=dry_run)


def _slot(account: Account, at: str | None) -> Slot:
    """Return the check-in that is meant: the one given, else one at this very moment."""
    from mailhours.model.slot import Slot

    calendar = account.settings.owner.calendar
    now = account.clock()
    here = calendar.local(now)
    if at is None:
        return Slot(now, f"{here:%Y-%m-%dT%H:%M}")
    try:
        moment = datetime.fromisoformat(at if "T" in at else f"{here.date()}T{at}")
    except ValueError:
        raise UsageFault(
            f"{at!r} is not a time", hint="write it as 10:00 or 2026-11-23T10:00"
        ) from None
    local = moment if moment.tzinfo else moment.replace(tzinfo=calendar.zone)
    due = local.astimezone(now.tzinfo)
    held = next(iter(calendar.slots(due - timedelta(seconds=1), due)), None)
    return held or Slot(due, f"{calendar.local(due):%Y-%m-%dT%H:%M}")


def document(made: Plan) -> dict[str, object]:
    """Return a plan as JSON data."""
    return {
        "slot": made.slot.key,
        "replies": [
            {
                "id": reply.id,
                "client": reply.client,
                "kinds": [kind.value for kind in reply.kinds],
                "mode": reply.mode.value,
                "to": reply.to.spec,
                "subject": reply.subject,
                "causes": [str(cause) for cause in reply.causes],
                "text": reply.text,
            }
            for reply in made.replies
        ],
        "withheld": [
            {
                "client": held.client,
                "person": held.person,
                "cause": str(held.cause),
                "reason": held.reason,
                "detail": held.detail,
            }
            for held in made.withheld
        ],
        "leaving": list(made.leaving),
        "cancelled": list(made.cancelled),
    }


def show(made: Plan, *, dry_run: bool) -> None:
    """Print a plan for people."""
    console = office.console()
    verb = "would leave" if dry_run else "left or was laid aside"
    console.print(f"Check-in {made.slot.key}: {len(made.replies)} {verb}.")
    for reply in made.replies:
        kinds = ", ".join(kind.value for kind in reply.kinds)
        console.print(f"\n  {reply.id}  to {reply.to.spec}  ({kinds}, {reply.mode.value})")
        console.print(f"  Subject: {reply.subject}\n")
        for line in reply.text.splitlines():
            console.print(f"  | {line}")
    for reply_id in made.leaving:
        console.print(f"\n  {reply_id}  decided before, leaves now: see `mailhours why {reply_id}`")
    for reply_id in made.cancelled:
        console.print(f"\n  {reply_id}  decided before, taken back: its reason or a fact changed")
    if made.withheld:
        console.print("\nWithheld:")
    for held in made.withheld:
        console.print(f"  {held.client}: {held.detail or held.cause} - {held.reason}")
