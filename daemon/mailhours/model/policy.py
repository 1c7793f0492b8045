"""The owner's rules for replies (`[replies]` of the configuration)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mailhours.model.reply import Mode, ReplyKind

NEVER_ALONE = frozenset(
    {
        ReplyKind.STATUS_NOTE,
        ReplyKind.FEEDBACK_3,
        ReplyKind.PAYMENT_2,
        ReplyKind.PAYMENT_3,
        ReplyKind.WORK_PAUSED,
        ReplyKind.HOURS_LETTER,
    }
)
"""What the owner reads before it leaves, whatever the mode says."""


@dataclass(frozen=True, slots=True)
class ReplyPolicy:
    """How far replies may go and how many may leave.

    `modes` overrides `mode` for single kinds. `authentication_required` is false only where the
    provider adds no Authentication-Results. The limits count machine mail; `per_day` is the fuse.
    """

    mode: Mode = Mode.SHADOW
    modes: Mapping[ReplyKind, Mode] = field(default_factory=dict)
    authserv_id: str = ""
    authentication_required: bool = True
    per_person_per_day: int = 2
    per_client_per_week: int = 8
    reminders_per_client_per_week: int = 2
    per_day: int = 50

    def mode_of(self, kind: ReplyKind) -> Mode:
        """Return the mode that holds for `kind`."""
        return self.modes.get(kind, self.mode)
