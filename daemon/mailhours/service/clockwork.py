"""The metronome: calls the tick every few seconds. What is due is decided by tables, not here.

APScheduler skips what it slept through and runs double in DST nights when it is given wall times,
so it is given one interval and nothing else. A tick that is late or long is simply the next one.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

EVERY = timedelta(seconds=20)


class Clockwork:
    """Calls `tick` in one thread of its own, never twice at a time."""

    def __init__(self, tick: Callable[[], None], every: timedelta = EVERY) -> None:
        """Take what to call and how often; nothing runs before `start`."""
        # A beat that comes during a beat is "skipped" with a warning, and no news to anybody.
        quiet = logging.Logger("apscheduler", logging.CRITICAL + 1)  # noqa: LOG001 - not the shared one
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(1)}, timezone="UTC", logger=quiet
        )
        self._tick = tick
        self._hurried = threading.Event()
        self._job = self._scheduler.add_job(
            self._beat,
            "interval",
            seconds=every.total_seconds(),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )

    def start(self, now: datetime) -> None:
        """Begin to tick, at once."""
        self._job.modify(next_run_time=now)
        self._scheduler.start()

    def hurry(self, now: datetime) -> None:
        """Tick at once, or right after the running tick: somebody has news."""
        self._hurried.set()
        self._job.modify(next_run_time=now)

    def stop(self) -> None:
        """Stop ticking and wait for a running tick to end."""
        self._scheduler.shutdown(wait=True)

    def _beat(self) -> None:
        self._hurried.clear()
        self._tick()
        while self._hurried.is_set():
            self._hurried.clear()
            self._tick()
