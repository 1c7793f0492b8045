"""The way of one reply out of the house: a crash at any point sends it at most once.

Terminology: a reply is *queued* when it is decided; *claimed* by a conditional update before the
first byte leaves; *settled* with what the server said; *filed* when its copy lies in Sent. A
claimed reply that is found after a crash may have left: it is doubtful, and the owner decides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from mailhours.model.faults import Fault
from mailhours.model.raw import FolderRole, Place
from mailhours.model.reply import Delivery, Outcome, Reply
from mailhours.outbox.form import FormFault, form


class Queue(Protocol):
    """What the courier needs of the ledger; each call is one durable transaction."""

    def claim(self, reply: str, now: datetime) -> bool:
        """Take the reply for sending; False when it was taken, or may not leave any more."""

    def settle(self, reply: str, delivery: Delivery, now: datetime) -> bool:
        """Record what became of a claimed reply."""

    def release(self, reply: str, now: datetime) -> bool:
        """Give a claimed reply back: no byte of it has left."""

    def filed(self, reply: str, place: Place | None, now: datetime) -> bool:
        """Record that the copy lies in its folder."""


class Postman(Protocol):
    """Who hands a mail over; raises ServerFault or LoginRefused when nothing was handed over."""

    def submit(self, mail: bytes, sender: str, recipient: str) -> Delivery:
        """Hand over one mail for one recipient."""

    def post(self, mail: bytes, sender: str, recipients: Sequence[str]) -> Delivery:
        """Hand over a person's mail for several recipients, in one transaction."""

    def close(self) -> None:
        """Let go of the connection; never raises."""


class Files(Protocol):
    """Where copies and drafts are kept."""

    def append(self, role: FolderRole, mail: bytes, at: datetime) -> Place | None:
        """File a mail; where, if known."""

    def find(self, role: FolderRole, message_id: str, mark: str = "") -> tuple[Place, ...]:
        """Return where a message id, or a mail with that X-Mailhours-Id, lies in that folder."""


def send(
    reply: Reply, queue: Queue, postman: Postman, mark: str, clock: Callable[[], datetime]
) -> Delivery | None:
    """Send one queued reply and return what became of it; None when it was not ours to send.

    1. Form the mail: what cannot be written is refused before it is claimed.
    2. Claim it, durably.
    3. Submit it.
    4. Settle it with the server's answer, durably.

    ServerFault and LoginRefused come out after the reply was given back: no byte had left.
    """
    try:
        mail = form(reply, mark)
    except FormFault as fault:
        delivery = Delivery(Outcome.REFUSED, 0, fault.what, "FORM")
        if not queue.claim(reply.id, clock()):
            return None
        queue.settle(reply.id, delivery, clock())
        return delivery
    if not queue.claim(reply.id, clock()):
        return None
    try:
        delivery = postman.submit(mail, reply.sender.spec, reply.to.spec)
    except Fault:
        queue.release(reply.id, clock())
        raise
    queue.settle(reply.id, delivery, clock())
    return delivery


def lay(
    reply: Reply,
    role: FolderRole,
    queue: Queue,
    files: Files,
    mark: str,
    clock: Callable[[], datetime],
) -> bool:
    """Lay a copy of what left into Sent, or a draft into Drafts, once; True when it was not there.

    It is looked for first: providers that file by themselves, and a copy whose answer was lost, are
    found by Message-ID. ServerFault when the folder cannot be reached: to be tried again.
    """
    places = files.find(role, reply.message_id, reply.id)
    place = places[0] if places else files.append(role, form(reply, mark), reply.at)
    queue.filed(reply.id, place, clock())
    return not places
