"""One service for each ledger: a lock that dies with the process that holds it (flock(2))."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Self

from mailhours.model.faults import Busy, LedgerFault


class Lock:
    """The exclusive lock beside a ledger, held from the start until `release`."""

    def __init__(self, ledger: Path) -> None:
        """Take the lock; Busy when another process holds it."""
        self.path = ledger.with_name(ledger.name + ".lock")
        try:
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise LedgerFault(f"{self.path}: cannot be opened: {error.strerror}") from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(self._descriptor, 32).decode("ascii", "replace").strip()
            os.close(self._descriptor)
            by = f" (process {holder})" if holder else ""
            raise Busy(
                f"{ledger}: another mailhours works with this ledger{by}",
                hint="is the service running? `mailhours status` says",
            ) from error
        os.truncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let go; harmless when it is called twice."""
        if self._descriptor >= 0:
            # The file stays: deleting it would let two processes lock two files of one name.
            os.truncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
