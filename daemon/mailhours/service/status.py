"""How mailhours is, at a glance: kept beside the ledger at each tick, so that asking is cheap.

`mailhours status` reads it without opening the ledger or loading the configuration: a monitor may
ask every minute.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mailhours.model.faults import Busy

if TYPE_CHECKING:
    from mailhours.service.account import Account

FILE = "status.json"
# So many polls may be missed before somebody should look.
_POLLS_MISSED = 3
_PATIENCE = timedelta(minutes=15)


def snapshot(account: Account) -> dict[str, Any]:
    """Return how the account is now, as JSON data; times with the owner's offset."""
    from mailhours.model.reply import Mode, ReplyState

    ledger, settings, now = account.ledger, account.settings, account.clock()
    local = settings.owner.calendar.local

    def time(at: datetime | None) -> str | None:
        return None if at is None else local(at).isoformat(timespec="seconds")

    slot = settings.owner.calendar.next_slot(now)
    proposed = ledger.outbox.replies(state=ReplyState.PROPOSED)
    every = min((m.poll_every for m in settings.mailboxes), default=timedelta())
    return {
        "at": time(now),
        "account": settings.account,
        "mode": settings.policy.mode.value,
        "messages": ledger.readings.total(),
        "polls": [
            {
                "mailbox": poll.mailbox,
                "succeeded": time(poll.succeeded),
                "failing": time(poll.failing),
                "why": poll.why,
            }
            for poll in ledger.health.polls()
        ],
        "silent_after": max(_PATIENCE, _POLLS_MISSED * every).total_seconds(),
        "next_check_in": time(slot.due) if slot else None,
        "waiting": len(ledger.outbox.queued()),
        "proposed": sum(reply.mode is not Mode.DRAFT for reply in proposed),
        "doubtful": [reply.id for reply in ledger.outbox.doubtful()],
        "quarantined": len(ledger.mail.quarantined()),
        "frozen": ledger.outbox.frozen(),
        "stopped": account.stopped,
        "configuration": [str(problem) for problem in account.rejected],
        "trouble": "",
    }


def keep(account: Account) -> None:
    """Write the snapshot beside the ledger, whole or not at all, for its owner only.

    What was written last stays while nothing has changed. Busy when there is no room for it.
    """
    next_slot = account.settings.owner.calendar.next_slot(account.clock())
    made_of = (account.ledger.version(), next_slot, *account.rejected)
    if account.shown == [made_of]:
        return
    try:
        _write(account.ledger.path.with_name(FILE), snapshot(account))
    except OSError as error:
        raise Busy(
            f"{account.ledger.path.with_name(FILE)}: cannot be written: {error.strerror}",
            hint="is the disk full, or mounted read-only?",
        ) from error
    account.shown[:] = [made_of]


def keep_trouble(account: Account, what: str) -> None:
    """Say in what was written last that a tick failed; where nothing can be written, nothing."""
    path = account.ledger.path.with_name(FILE)
    account.shown.clear()
    found = kept(path.parent)
    if found is not None:
        with suppress(OSError):
            _write(path, {**found, "trouble": what})


def _write(path: Path, found: dict[str, Any]) -> None:
    scratch = path.with_suffix(".new")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(found, file, ensure_ascii=False)
    scratch.replace(path)


def kept(state: Path) -> dict[str, Any] | None:
    """Return what `keep` wrote last; None when there is nothing that can be read."""
    try:
        found = json.loads((state / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def troubles(found: dict[str, Any], now: datetime) -> list[str]:
    """Return what the owner or a monitor must know, one line each; nothing when all is well."""
    lines = [f"the service cannot work: {found['trouble']}"] if found.get("trouble") else []
    lines += [f"changed file not taken: {problem}" for problem in found.get("configuration", [])]
    for poll in found["polls"]:
        heard = poll["succeeded"] and datetime.fromisoformat(poll["succeeded"])
        if poll["failing"]:
            lines.append(f"mailbox {poll['mailbox']}: deaf since {poll['failing']}: {poll['why']}")
        elif not heard or now - heard > timedelta(seconds=found["silent_after"]):
            lines.append(f"mailbox {poll['mailbox']}: not read since {poll['succeeded']}")
    if not found["polls"]:
        lines.append("no mailbox has been read yet")
    lines += [
        f"reply {reply} may have left: say `mailhours settle {reply} sent` or `lost`"
        for reply in found["doubtful"]
    ]
    if found["quarantined"]:
        lines.append(f"{found['quarantined']} mails could not be read: see the summary")
    return lines


def line(found: dict[str, Any], loaded: datetime) -> str:
    """Return it all in one line, as `systemctl status` shows it.

    `loaded` is when the configuration in use was read, in the owner's zone.
    """
    read = [poll["succeeded"] for poll in found["polls"] if poll["succeeded"]]
    parts = [
        f"next check-in {_short(found['next_check_in'])}",
        f"last poll {_short(min(read)) if read else 'never'}",
    ]
    if found.get("trouble"):
        parts.insert(0, f"cannot work: {found['trouble']}")
    if found.get("configuration"):
        since = f"running on the one from {loaded:%H:%M}"
        parts.insert(0, f"configuration rejected, {since}: {found['configuration'][0]}")
    parts += [f"{poll['mailbox']} is deaf: {poll['why']}" for poll in found["polls"] if poll["why"]]
    if found["doubtful"]:
        parts.append(f"{len(found['doubtful'])} replies wait for your word")
    if found["stopped"]:
        parts.append("sending is stopped")
    return "; ".join(parts)


def _short(text: str | None) -> str:
    return "is not planned" if text is None else f"{datetime.fromisoformat(text):%a %d %b %H:%M}"
