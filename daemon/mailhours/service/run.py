"""The service in the foreground: the only place that reads the wall clock.

Starts, waits for signals, stops. What a tick does stands in `running.py` and `jobs.tick`.
"""

from __future__ import annotations

import gc
import queue
import signal
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from mailhours import __version__
from mailhours.service.places import STOPPED_CLOCK


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


def run(directory: Path, state: Path, environ: Mapping[str, str]) -> None:
    """Run the service of the configuration in `directory` until SIGTERM or SIGINT.

    1. Load the files, open the ledger and take its lock (Busy when another process holds it).
    2. What an earlier process left claimed may have gone out: doubtful, never sent again.
    3. Tick at once, then every few seconds, and sooner when a server rings or on SIGHUP.
    4. On a signal let the running step end, close everything, return.
    """
    # What is loaded stays: to look through it for garbage takes a tenth of the start, and later
    # the longest pauses.
    gc.disable()
    # Whoever only asks what time it is does not wait for these.
    from mailhours.service import journal
    from mailhours.service.clockwork import Clockwork
    from mailhours.service.running import Running

    # A signal is a mail to the main thread: a handler that worked itself could meet its own locks.
    signals: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, _: signals.put(number))
    clockwork = Clockwork(lambda: running.tick())  # noqa: PLW0108 - it is made below
    running = Running(directory, state, environ, wall_clock, lambda: clockwork.hurry(wall_clock()))
    gc.freeze()
    gc.enable()
    try:
        with running.account.ledger.lock():
            settings = running.account.settings
            journal.started(__version__, settings.account, settings.policy.mode)
            clockwork.start(wall_clock())
            while signals.get() == signal.SIGHUP:
                running.reload()
                clockwork.hurry(wall_clock())
            running.end()
            clockwork.stop()
    finally:
        running.close()
        journal.stopped()
