"""The service in the foreground: the only place that reads the wall clock.

Starts, ticks, stops. What a tick does stands in `jobs.tick`.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from mailhours import __version__
from mailhours.service.places import STOPPED_CLOCK

if TYPE_CHECKING:
    from mailhours.mailbox.imap_idle import Idle
    from mailhours.service.account import Account
    from mailhours.service.clockwork import Clockwork
    from mailhours.settings.values import Settings


def wall_clock() -> datetime:
    """Return the present moment, UTC."""
    return datetime.now(UTC)


def clock_of(state: Path) -> Callable[[], datetime]:
    """Return the clock by which the ledger in the folder `state` is looked at.

    The wall clock; that of a demo stands still where its story ended.
    """
    try:
        stopped = (state / STOPPED_CLOCK).read_text(encoding="ascii").strip()
    except OSError:
        return wall_clock
    moment = datetime.fromisoformat(stopped).astimezone(UTC)
    return lambda: moment


def run(settings: Settings, state: Path) -> None:
    """Run the service until SIGTERM or SIGINT; Busy when another process holds the ledger.

    1. Open the ledger and take its lock.
    2. What an earlier process left claimed may have gone out: doubtful, never sent again.
    3. Tick at once, then every few seconds, and sooner when a server rings.
    4. On a signal let the running tick end, close everything, return.
    """
    # Whoever only asks what time it is does not wait for these.
    from mailhours.service import jobs, journal
    from mailhours.service.account import open_account
    from mailhours.service.clockwork import Clockwork

    account = open_account(settings, state, wall_clock)
    try:
        with account.ledger.lock():
            end = threading.Event()
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: end.set())
            journal.started(__version__, settings.account, settings.policy.mode)
            jobs.recover(account)
            clockwork = Clockwork(lambda: _tick(account))
            doorbells = _doorbells(account, clockwork)
            _tick(account)
            clockwork.start()
            for doorbell in doorbells:
                doorbell.start()
            end.wait()
            for doorbell in doorbells:
                doorbell.stop()
            clockwork.stop()
    finally:
        account.close()
        journal.stopped()


def _tick(account: Account) -> None:
    from mailhours.model.faults import Fault
    from mailhours.service import jobs, journal

    try:
        jobs.tick(account)
    except Fault as fault:
        journal.tick_failed(fault)
    except Exception as error:  # noqa: BLE001 - one bad tick must not end the months
        journal.tick_failed(error)


def _doorbells(account: Account, clockwork: Clockwork) -> list[Idle]:
    """Return a doorbell for each mailbox that asks for one; polling goes on without them."""
    from mailhours.mailbox.imap_idle import Idle

    def ring() -> None:
        account.rung.set()
        clockwork.hurry(wall_clock())

    return [
        Idle(mailbox, ring)
        for mailbox in account.settings.mailboxes
        if mailbox.idle and mailbox.source == "imap"
    ]
