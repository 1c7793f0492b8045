"""Is all well: one line for each check, and one concrete next step for each that is not fine.

Nothing is changed, nothing is sent. What is checked here needs no server stands in `doctor_here`,
the rest in `doctor_servers`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mailhours.model.faults import Fault
from mailhours.settings.values import Settings


@dataclass(frozen=True, slots=True)
class Checked:
    """One check: `words` say what was found, `step` what to do next.

    With a `fault` it has failed, and the fault gives the exit code. Without one it is fine when
    there is nothing to do.
    """

    check: str
    words: str
    step: str = ""
    fault: Fault | None = None

    @property
    def state(self) -> str:
        """Return ok, warn or FAIL."""
        if self.fault is not None:
            return "FAIL"
        return "warn" if self.step else "ok"


def failed(check: str, fault: Fault, step: str = "") -> Checked:
    """Return a check that failed with `fault`, whose hint is the next step if none is given."""
    return Checked(check, fault.what, step or fault.hint or "see `man mailhours`", fault)


def doctor(settings: Settings, state: Path, now: datetime) -> Iterator[Checked]:
    """Yield every check of this machine, then of the servers, as each is done."""
    from mailhours.service import doctor_here, doctor_servers

    yield from doctor_here.checks(settings, state, now)
    yield from doctor_servers.checks(settings, now)
