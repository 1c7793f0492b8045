"""The service in the foreground: the only place that reads the wall clock.

Starts, ticks, stops. What a tick does stands in `jobs.tick`.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from mailhours import __version__
from mailhours.service import jobs, journal
from mailhours.service.account import open_account
from mailhours.service.clockwork import EVERY, Clockwork
from mailhours.settings.values import Settings


def wall_clock() -> datetime:
    """Return the present moment, UTC."""
    return datetime.now(UTC)


def run(settings: Settings, state: Path, *, once: Callable[[], None] = lambda: None) -> None:
    """Run the service until SIGTERM or SIGINT; Busy when another process holds the ledger.

    1. Open the ledger and take its lock.
    2. What an earlier process left claimed may have gone out: doubtful, never sent again.
    3. Tick once at once, then every few seconds.
    4. On a signal let the running tick end, close everything, return.
    """
    account = open_account(settings, state, wall_clock)
    try:
        with account.ledger.lock():
            end = threading.Event()
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: end.set())
            journal.started(__version__, settings.account, settings.policy.mode)
            jobs.recover(account)

            def tick() -> None:
                try:
                    jobs.tick(account)
                except Exception as error:  # noqa: BLE001 - one bad tick must not end the months
                    journal.tick_failed(error)

            tick()
            once()
            clockwork = Clockwork(tick, EVERY)
            clockwork.start()
            end.wait()
            clockwork.stop()
    finally:
        account.close()
        journal.stopped()
