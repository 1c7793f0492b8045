"""Drafts of ours that the owner dropped into Check-in: as they were, or in the owner's words."""

from __future__ import annotations

from mailhours.model.reply import Mode, Reply, ReplyKind, ReplyState
from mailhours.outbox import held
from mailhours.outbox.form import form
from mailhours.service.account import Account
from mailhours.service.held_mail import Piece


def machines_way(account: Account, piece: Piece, *, dry: bool) -> str | None:
    """Let a draft of ours that was not touched go the machine's way; None when it is a person's.

    Returns why it does not leave, or the empty string when it does, or has.
    """
    outbox, reply = account.ledger.outbox, _draft(account, piece)
    # A letter is the owner's own, even word for word.
    is_letter = reply is not None and ReplyKind.HOURS_LETTER in reply.kinds
    if (
        reply is None
        or is_letter
        or not held.is_unchanged(piece.written, held.opened(form(reply, account.mark)))
    ):
        if reply is not None and not dry:
            outbox.cancel(reply.id, account.clock())  # the owner said it in other words
        return None
    state = outbox.state(reply.id)
    if state in (ReplyState.PROPOSED, ReplyState.DRAFTED):
        if account.settings.policy.mode_of(reply.kinds[0]) is Mode.SHADOW:
            return "a draft of mailhours, which sends nothing in shadow mode"
        if not dry:
            outbox.approve(reply.id, account.clock())
        return ""
    if state is ReplyState.FILED and not dry:
        piece.mailbox.remove(piece.lying.place)
    if state in (ReplyState.CANCELLED, ReplyState.SHADOWED, ReplyState.REFUSED):
        return f"a draft of mailhours that was {state.value}"
    return ""


def _draft(account: Account, piece: Piece) -> Reply | None:
    """Return the reply of ours that it names; who is not the owner names none."""
    name = piece.written.mailhours_id
    sender = piece.written.sender.spec
    if not name or (sender and not account.settings.owner.is_own(sender)):
        return None
    found = account.ledger.outbox.reply(name)
    return found if found is not None and found.id == name else None
