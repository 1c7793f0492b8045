"""A plain mail to the owner when the service cannot work: the one mail that needs no ledger.

Nothing goes to a client meanwhile, since nothing can be claimed. For each of three kinds of trouble
at most one such mail leaves a day: the time stamp of an empty file beside the ledger remembers it,
across restarts and on a full disk too. On a disk that takes no file at all, the living process
remembers it.
"""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mailhours.model.address import Address, domain
from mailhours.model.faults import Busy, Fault, LedgerFault, LoginRefused
from mailhours.model.reply import Cause, Delivery, Mode, Outcome, Reply, ReplyKind
from mailhours.service import house, journal
from mailhours.service.places import LEDGER
from mailhours.settings.values import Settings

_AT_MOST_EVERY = timedelta(days=1)
_AGAIN_AFTER = timedelta(hours=1)  # when the server took no mail
_TEXT = """\
mailhours on {host} cannot work:

    {what}

{hint}
Nothing goes to your clients until this is mended, and nothing is lost: mail that comes meanwhile
is read afterwards, with its own date. A check-in that passes is missed.

{steps}
`mailhours status` shows how it is now. This mail comes once a day until it works again.
"""
_STEPS = {
    "ledger": """\
If the ledger is damaged: stop the service, move {ledger}
and the files beside it whose names begin so to another place, and copy the newest
file of {backups} there instead, as the same user.
Mail that came since that copy is read again; what left since then it does not know.
So write mode = "shadow" under [replies] before you start the service, and look at
what the next check-in would send.
""",
    "busy": """\
Make room on the disk of {ledger}, or end what holds that file.
Nothing has to be started again: it is tried every twenty seconds.
""",
    "service": """\
Look into the log of the service (journalctl -u mailhours), mend what it names, and
start the service again.
""",
}


class Alarm:
    """Who tells the owner. One for each process."""

    def __init__(self, state: Path) -> None:
        """Take the state directory; nothing is read yet."""
        self._state = state
        self._not_before: dict[str, datetime] = {}

    def ring(
        self, settings: Settings, fault: Fault, now: datetime, *, lasting: bool = False
    ) -> bool:
        """Mail the owner what `fault` says, unless its kind was told within a day; True if it left.

        `lasting` when the process may end and come again at any moment: then nothing leaves that
        the disk will not remember. Never raises.
        """
        kind = _kind(fault)
        if settings.submission is None or not self._is_due(kind, now):
            return False
        # Before it leaves: rather no mail than one every twenty seconds.
        if not self._mark(kind, now) and lasting:
            return False
        self._not_before[kind] = now + _AT_MOST_EVERY
        try:
            delivery = _send(settings, self._state, fault, now)
        except Fault as refused:
            journal.not_warned(refused.what)
            if not isinstance(refused, LoginRefused):  # each of those brings a lock-out nearer
                self._try_again_soon(kind, now)
            return False
        if delivery.outcome in (Outcome.DEFERRED, Outcome.REFUSED):
            journal.not_warned(f"{delivery.code} {delivery.text}")
            self._try_again_soon(kind, now)
            return False
        journal.warned(settings.summary_to)
        return True

    def _try_again_soon(self, kind: str, now: datetime) -> None:
        self._not_before[kind] = now + _AGAIN_AFTER
        self._mark(kind, self._not_before[kind] - _AT_MOST_EVERY)

    def _is_due(self, kind: str, now: datetime) -> bool:
        if kind in self._not_before:
            return now >= self._not_before[kind]
        try:
            told = datetime.fromtimestamp(self._marker(kind).stat().st_mtime, UTC)
        except OSError:
            return True
        # A stamp from the future was set by a clock that was wrong.
        return not timedelta(0) <= now - told < _AT_MOST_EVERY

    def _mark(self, kind: str, at: datetime) -> bool:
        try:
            self._marker(kind).touch(mode=0o600)
            os.utime(self._marker(kind), (at.timestamp(), at.timestamp()))
        except OSError:
            return False
        return True

    def _marker(self, kind: str) -> Path:
        return self._state / f"warned-{kind}"


def _kind(fault: Fault) -> str:
    """Return the kind of a trouble: of the ledger, one that may pass by itself, or any other.

    Coarser than the classes: what is damaged is not always met at the same place after a restart.
    """
    if isinstance(fault, LedgerFault):
        return "ledger"
    return "busy" if isinstance(fault, Busy) else "service"


def _send(settings: Settings, state: Path, fault: Fault, now: datetime) -> Delivery:
    """Hand the mail over; a fault when the server takes none."""
    from mailhours.outbox.form import form
    from mailhours.outbox.smtp import Submission

    if settings.submission is None:  # pragma: no cover - asked before
        return Delivery(Outcome.REFUSED, 0, "", "")
    reply = _mail(settings, state, fault, now)
    postman = Submission(settings.submission)
    try:
        return postman.submit(form(reply, "mailhours-alarm"), reply.sender.spec, reply.to.spec)
    finally:
        postman.close()


def _mail(settings: Settings, state: Path, fault: Fault, now: datetime) -> Reply:
    local = settings.owner.calendar.local(now)
    cause = Cause("slot", f"alarm:{local.isoformat()}")
    digest = hashlib.sha256(f"{settings.account}\0{cause}".encode()).hexdigest()
    sender = settings.owner.address
    steps = _STEPS[_kind(fault)].format(ledger=state / LEDGER, backups=state / house.FOLDER)
    hint = f"{fault.hint[:1].upper()}{fault.hint[1:]}.\n" if fault.hint else ""
    return Reply(
        id=f"r{digest[:8]}",
        slot="",
        client="",
        kinds=(ReplyKind.SUMMARY,),
        mode=Mode.SEND,
        sender=Address("mailhours", sender),
        to=Address(settings.owner.name, settings.summary_to),
        subject="mailhours cannot work: nothing goes to your clients",
        text=_TEXT.format(host=os.uname().nodename, what=fault.what, hint=hint, steps=steps),
        language="en",
        causes=(cause,),
        in_reply_to="",
        references=(),
        auto_submitted="auto-generated",
        message_id=f"<{digest[:32]}@{domain(sender)}>",
        at=local,
    )
