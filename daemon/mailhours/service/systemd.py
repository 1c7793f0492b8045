"""What the service tells systemd (sd_notify(3)): datagrams to a socket, or nothing without one."""

from __future__ import annotations

import os
import socket
import stat
import time
from collections.abc import Mapping
from contextlib import suppress

_FED_AT_MOST_EVERY = 1.0  # seconds: an import takes many small steps


class Systemd:
    """The supervisor of this process. Every method is silent where there is none."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Take the process environment; nothing is said yet."""
        address = environ.get("NOTIFY_SOCKET", "")
        # A name that begins with @ is of the abstract namespace (unix(7)).
        self._address = "\0" + address[1:] if address[:1] == "@" else address
        self._status = ""
        self._fed = 0.0

    def ready(self) -> None:
        """Say that the service works, for the first time or after a reload."""
        self._say("READY=1")

    def reloading(self) -> None:
        """Say that the configuration is read anew; `ready` ends it."""
        # MONOTONIC_USEC is what systemd 253 and newer ask for beside it.
        self._say("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """Say that the service is ending."""
        self._say("STOPPING=1")

    def status(self, line: str) -> None:
        """Show `line` in `systemctl status`; what stands there already is not said again."""
        line = " ".join(line.split())
        if line != self._status:
            self._status = line
            self._say(f"STATUS={line}")

    def feed(self) -> None:
        """Feed the watchdog. Only for who has just brought something to its end."""
        now = time.monotonic()
        if now - self._fed >= _FED_AT_MOST_EVERY:
            self._fed = now
            self._say("WATCHDOG=1")

    def _say(self, *lines: str) -> None:
        if self._address[:1] not in ("/", "\0"):
            return
        # Work goes on when nobody listens.
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.settimeout(1)
            channel.connect(self._address)
            channel.sendall("\n".join(lines).encode())


def is_journal(environ: Mapping[str, str], descriptor: int) -> bool:
    """Say whether `descriptor` writes to the journal (systemd.exec(5), JOURNAL_STREAM)."""
    stream = environ.get("JOURNAL_STREAM", "")
    try:
        seen = os.fstat(descriptor)
    except OSError:
        return False
    return stat.S_ISSOCK(seen.st_mode) and stream == f"{seen.st_dev}:{seen.st_ino}"
