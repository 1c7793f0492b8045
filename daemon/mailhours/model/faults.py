"""What can go wrong, in the words that decide what happens next.

Every fault knows its exit code (sysexits.h) and may carry a hint: what to do about it.
A fault is temporary, permanent or doubtful; what is doubtful is never repeated blindly.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


class Fault(Exception):
    """Base of every fault that is told to the owner without a traceback. Never raised itself."""

    exit_code = 1

    def __init__(self, what: str, *, hint: str = "") -> None:
        """Take `what` happened (and where) and, if known, what to do about it."""
        super().__init__(what)
        self.what = what
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file: `FILE:LINE: key: what; did you mean ...`. Line 0 is none."""

    file: str
    line: int
    key: str
    what: str

    def __str__(self) -> str:
        """Start with FILE:LINE so that editors can jump there; of a folder there is no line."""
        line = f":{self.line}" if self.line else ""
        key = f" {self.key}:" if self.key else ""
        return f"{self.file}{line}:{key} {self.what}"


class ConfigurationFault(Fault):
    """The configuration cannot be used; carries every problem, not only the first."""

    exit_code = 78

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Take all `problems`, in the order of files and lines."""
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class UsageFault(Fault):
    """The command line asks for something that does not exist."""

    exit_code = 2


class CheckFailed(Fault):
    """A check was made and failed."""

    exit_code = 1


class ServerFault(Fault):
    """The server cannot be reached or does not make sense: temporary, try again with back-off."""

    exit_code = 69


class CertificateFault(ServerFault):
    """The server's certificate is not to be trusted: no downgrade, the owner is told."""


class Throttled(ServerFault):
    """The server asks for patience: wait at least `wait`."""

    def __init__(self, what: str, *, wait: timedelta, hint: str = "") -> None:
        """Take how long to `wait` before the next try."""
        super().__init__(what, hint=hint)
        self.wait = wait


class LoginRefused(Fault):
    """The server refuses the password or token: three tries a day, then the owner's turn."""

    exit_code = 77


class FolderFault(ServerFault):
    """One folder cannot be read (gone, renamed, unreadable); the others go on."""


class Busy(Fault):
    """Somebody else holds the ledger, or the disk is full or locked: try later."""

    exit_code = 75


class LedgerFault(Fault):
    """The ledger is damaged, or newer than this program."""

    exit_code = 1


class LedgerDamaged(LedgerFault):
    """What SQLite reads there is no ledger any more: nothing in it can be relied on."""
