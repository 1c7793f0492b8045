"""How many mails may leave: the daily, weekly and total numbers, and the fuse (invariant 4)."""

from __future__ import annotations

from datetime import datetime, timedelta

from mailhours.checkin.situation import Situation
from mailhours.model.reply import Past, ReplyKind

_EXEMPT = frozenset({ReplyKind.HELD, ReplyKind.SUMMARY})


class Limits:
    """Counts what has left and what this plan adds; says when a limit is reached."""

    def __init__(self, situation: Situation) -> None:
        """Count from the `situation`'s earlier replies; the owner's own mail does not count."""
        self._s = situation
        week = situation.slot.due - timedelta(weeks=1)
        counted = [p for p in situation.counted if not _EXEMPT & set(p.kinds)]
        self._today = [p for p in counted if self._is_today(p.decided)]
        self._week = [p for p in counted if p.decided > week]
        self._added: list[tuple[str, str, bool]] = []
        self.fuse = False

    def reached(self, client: str, person: str, *, reminder: bool) -> str:
        """Return the words for the limit that one more mail would break, or the empty string."""
        policy, added = self._s.policy, self._added
        if any(one[1] == person for one in added):
            return "another mail leaves for them at this check-in"
        if len(self._today) + len(added) >= policy.per_day:
            self.fuse = True
            return f"the fuse: {policy.per_day} mails a day"
        if sum(p.person == person for p in self._today) >= policy.per_person_per_day:
            return f"{policy.per_person_per_day} mails a day to one person"
        of_client = [p for p in self._week if p.client == client]
        planned = sum(one[0] == client for one in added)
        if len(of_client) + planned >= policy.per_client_per_week:
            return f"{policy.per_client_per_week} mails a week to one client"
        if reminder:
            reminders = sum(_is_reminder(p) for p in of_client)
            planned = sum(one[0] == client and one[2] for one in added)
            if reminders + planned >= policy.reminders_per_client_per_week:
                return f"{policy.reminders_per_client_per_week} reminders a week to one client"
        return ""

    def add(self, client: str, person: str, *, reminder: bool) -> None:
        """Count one more mail of this plan."""
        self._added.append((client, person, reminder))

    def _is_today(self, at: datetime) -> bool:
        calendar = self._s.owner.calendar
        return calendar.local(at).date() == calendar.local(self._s.slot.due).date()


def _is_reminder(past: Past) -> bool:
    return any(kind.name.startswith(("FEEDBACK", "PAYMENT")) for kind in past.kinds)
