"""A plain mail to the owner when the service cannot work: the one mail that needs no ledger.

Nothing goes to a client meanwhile, since nothing can be claimed. At most one such mail leaves a
day: the time stamp of an empty file beside the ledger remembers it, across restarts and on a full
disk too. On a disk that takes no file at all, the living process remembers it.
"""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mailhours.model.address import Address, domain
from mailhours.model.faults import Fault, LoginRefused
from mailhours.model.reply import Cause, Delivery, Mode, Outcome, Reply, ReplyKind
from mailhours.service import journal
from mailhours.settings.values import Settings

FILE = "warned"
_AT_MOST_EVERY = timedelta(days=1)
_AGAIN_AFTER = timedelta(hours=1)  # when the server took no mail
_TEXT = """\
mailhours on {host} cannot work:

    {what}

{hint}
Nothing goes to your clients until this is mended, and nothing is lost: mail that comes meanwhile
is read afterwards, with its own date. A check-in that passes is missed.

What to do, step by step: docs/recovery.md. `mailhours status` shows how it is now.
This mail comes once a day until it works again.
"""


class Alarm:
    """Who tells the owner. One for each process."""

    def __init__(self, state: Path) -> None:
        """Take the state directory; nothing is read yet."""
        self._marker = state / FILE
        self._not_before: datetime | None = None

    def ring(
        self, settings: Settings, fault: Fault, now: datetime, *, lasting: bool = False
    ) -> bool:
        """Mail the owner what `fault` says, unless that was done within a day; True if it left.

        `lasting` when the process may end and come again at any moment: then nothing leaves that
        the disk will not remember. Never raises.
        """
        if settings.submission is None or not self._is_due(now):
            return False
        # Before it leaves: rather no mail than one every twenty seconds.
        if not self._mark(now) and lasting:
            return False
        self._not_before = now + _AT_MOST_EVERY
        try:
            delivery = _send(settings, fault, now)
        except Fault as refused:
            journal.not_warned(refused.what)
            if not isinstance(refused, LoginRefused):  # each of those brings a lock-out nearer
                self._try_again_soon(now)
            return False
        if delivery.outcome in (Outcome.DEFERRED, Outcome.REFUSED):
            journal.not_warned(f"{delivery.code} {delivery.text}")
            self._try_again_soon(now)
            return False
        journal.warned(settings.summary_to)
        return True

    def _try_again_soon(self, now: datetime) -> None:
        self._not_before = now + _AGAIN_AFTER
        self._mark(self._not_before - _AT_MOST_EVERY)

    def _is_due(self, now: datetime) -> bool:
        if self._not_before is not None:
            return now >= self._not_before
        try:
            told = datetime.fromtimestamp(self._marker.stat().st_mtime, UTC)
        except OSError:
            return True
        # A stamp from the future was set by a clock that was wrong.
        return not timedelta(0) <= now - told < _AT_MOST_EVERY

    def _mark(self, at: datetime) -> bool:
        try:
            self._marker.touch(mode=0o600)
            os.utime(self._marker, (at.timestamp(), at.timestamp()))
        except OSError:
            return False
        return True


def _send(settings: Settings, fault: Fault, now: datetime) -> Delivery:
    """Hand the mail over; a fault when the server takes none."""
    from mailhours.outbox.form import form
    from mailhours.outbox.smtp import Submission

    if settings.submission is None:  # pragma: no cover - asked before
        return Delivery(Outcome.REFUSED, 0, "", "")
    reply = _mail(settings, fault, now)
    postman = Submission(settings.submission)
    try:
        return postman.submit(form(reply, "mailhours-alarm"), reply.sender.spec, reply.to.spec)
    finally:
        postman.close()


def _mail(settings: Settings, fault: Fault, now: datetime) -> Reply:
    local = settings.owner.calendar.local(now)
    cause = Cause("slot", f"alarm:{local.isoformat()}")
    digest = hashlib.sha256(f"{settings.account}\0{cause}".encode()).hexdigest()
    sender = settings.owner.address
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
        text=_TEXT.format(host=os.uname().nodename, what=fault.what, hint=hint),
        language="en",
        causes=(cause,),
        in_reply_to="",
        references=(),
        auto_submitted="auto-generated",
        message_id=f"<{digest[:32]}@{domain(sender)}>",
        at=local,
    )
