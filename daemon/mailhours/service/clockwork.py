"""The metronome: calls the tick every few seconds. What is due is decided by tables, not here.

APScheduler skips what it slept through and runs double in DST nights when it is given wall times,
so it is given one interval and nothing else. A tick that is late or long is simply the next one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

EVERY = timedelta(seconds=20)


class Clockwork:
    """Calls `tick` in one thread of its own, never twice at a time."""

    def __init__(self, tick: Callable[[], None], every: timedelta = EVERY) -> None:
        """Take what to call and how often; nothing runs before `start`."""
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(1)}, timezone="UTC"
        )
        self._job = self._scheduler.add_job(
            tick,
            "interval",
            seconds=every.total_seconds(),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )

    def start(self) -> None:
        """Begin to tick."""
        self._scheduler.start()

    def hurry(self, now: datetime) -> None:
        """Tick at once, if no tick is running: somebody has news."""
        self._job.modify(next_run_time=now)

    def stop(self) -> None:
        """Stop ticking and wait for a running tick to end."""
        self._scheduler.shutdown(wait=True)
