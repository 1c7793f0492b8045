"""Is all well with the servers: one line for each check, one next step for each that fails."""

from __future__ import annotations

from dataclasses import dataclass

from mailhours.model.faults import Fault
from mailhours.model.raw import FolderRole
from mailhours.outbox.smtp import Submission
from mailhours.service.account import open_mailbox
from mailhours.settings.values import Settings


@dataclass(frozen=True, slots=True)
class Checked:
    """One check: `state` is ok or FAIL; `fault` says what went wrong and gives the exit code."""

    check: str
    words: str
    fault: Fault | None = None

    @property
    def state(self) -> str:
        """Return the state in one word."""
        return "FAIL" if self.fault else "ok"


def doctor(settings: Settings) -> list[Checked]:
    """Log in everywhere, look for the folders, send nothing, change nothing."""
    found = [_mailbox(settings, number) for number in range(len(settings.mailboxes))]
    if settings.submission is not None:
        found.append(_submission(settings))
    return found


def _mailbox(settings: Settings, number: int) -> Checked:
    held = settings.mailboxes[number]
    name = f"mailbox {held.name}"
    mailbox = open_mailbox(held)
    try:
        mailbox.find(FolderRole.SENT, "<mailhours-check@invalid>")
    except Fault as fault:
        return Checked(name, f"{fault.what}; {fault.hint}".removesuffix("; "), fault)
    finally:
        mailbox.close()
    return Checked(name, "login and Sent folder are there")


def _submission(settings: Settings) -> Checked:
    server = settings.submission
    if server is None:
        return Checked("submission", "none is configured")
    submission = Submission(server)
    try:
        submission.connect()
    except Fault as fault:
        return Checked("submission", f"{fault.what}; {fault.hint}".removesuffix("; "), fault)
    finally:
        submission.close()
    return Checked("submission", f"{server.host}:{server.port} takes the login")
