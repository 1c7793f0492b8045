"""Every reason not to send. In doubt nothing leaves: a missed acknowledgement is cheap.

Each rule looks at the situation and returns the words for the owner when it withholds, else the
empty string. The tables at the end are read from top to bottom; the first rule that speaks wins.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from mailhours.checkin.situation import Situation
from mailhours.model.client import Client, Role
from mailhours.model.judgement import Ask, Promise, Side
from mailhours.model.message import Authentication, MayReply, SignalKind
from mailhours.model.reply import Past, ReplyKind

# In working days. Older mail is history, not a question that waits: a backlog is no volley.
TOO_OLD = 3
# Without a word of the owner's in between, a third acknowledgement helps nobody.
ACKNOWLEDGEMENTS_IN_A_ROW = 2
REMINDER_KINDS = frozenset({ReplyKind.FEEDBACK_1, ReplyKind.FEEDBACK_2, ReplyKind.FEEDBACK_3})
REMINDER_HOURS = range(7, 20)

MessageRule = Callable[[Situation, Client, Promise], str]
PersonRule = Callable[[Situation, Client, str], str]
ReminderRule = Callable[[Situation, Client, Ask], str]


def robot(_s: Situation, _c: Client, p: Promise) -> str:
    """Machine mail is never answered (RFC 3834 section 2)."""
    return "written by a machine" if p.message.may_reply is MayReply.SUPPRESS else ""


def review(_s: Situation, _c: Client, p: Promise) -> str:
    """A weak sign of a machine, or a delicate matter: the owner decides."""
    if p.message.has(SignalKind.DELICATE):
        return "a delicate matter: please read it yourself"
    if p.message.may_reply is MayReply.REVIEW:
        return "perhaps written by a machine: please look"
    return ""


def authentication(s: Situation, _c: Client, p: Promise) -> str:
    """The sender must be who they say (RFC 8601); no result is a pass only where configured."""
    match p.message.authentication:
        case Authentication.PASS:
            return ""
        case Authentication.FAIL:
            return "the sender's authentication fails: perhaps a forgery"
        case Authentication.UNKNOWN:
            if s.policy.authentication_required:
                return "no authentication result: set replies.authserv_id, or look yourself"
            return ""


def history(s: Situation, _c: Client, p: Promise) -> str:
    """Mail from before the first use, or older than three working days, is history."""
    if p.message.at < s.since:
        return "it came before mailhours began to answer"
    if s.owner.calendar.add_business_days(p.message.at, TOO_OLD) < s.slot.due:
        return "it is older than three working days"
    return ""


def seen_answered(s: Situation, _c: Client, p: Promise) -> str:
    """The mail program says that it was answered; where, we do not know."""
    return "marked as answered in your mailbox" if p.message.key in s.answered else ""


def answer_too_soon(s: Situation, _c: Client, p: Promise) -> str:
    """An answer-by before the next check-in cannot be promised honestly (invariant 6)."""
    if s.next_slot is None:
        return "no further check-in is planned"
    if p.due < s.next_slot.due:
        return "your answer is due before the next check-in"
    return ""


def stop(s: Situation, _c: Client, _a: str) -> str:
    """The owner stopped all sending."""
    return "sending is stopped" if s.stopped else ""


def hold(s: Situation, c: Client, _a: str) -> str:
    """The owner put the client on hold."""
    return "the client is on hold" if s.judgements[c.key].held else ""


def frozen(s: Situation, _c: Client, a: str) -> str:
    """The address refused our mail: no further mail until the owner says so."""
    return f"the address is frozen: {s.frozen[a]}" if a in s.frozen else ""


def stranger(s: Situation, c: Client, a: str) -> str:
    """Nothing goes to an address outside the client files, or to ourselves (invariant 7)."""
    if s.owner.is_own(a) or s.owner.is_colleague(a):
        return "it is an address of your own office"
    return "" if c.owns(a) else "the address is in no client file"


def copy_only(_s: Situation, c: Client, a: str) -> str:
    """Who is only kept in copy gets no mail of ours."""
    return "kept in copy only" if c.person(a).roles == {Role.COPY_ONLY} else ""


def live_conversation(s: Situation, c: Client, a: str) -> str:
    """The owner wrote to this person since the last check-in: a machine must not cut in."""
    start = s.previous_slot.due if s.previous_slot else s.slot.due - timedelta(days=1)
    for message in s.recent.get(c.key, ()):
        if message.of_ours and start < message.at <= s.slot.due and a in message.addressed:
            return "you wrote to them since the last check-in"
    return ""


def enough_acknowledgements(s: Situation, c: Client, a: str) -> str:
    """Two acknowledgements without a word of the owner's: the third is the owner's turn."""
    spoke = s.judgements[c.key].last_ours
    unanswered = [
        past
        for past in s.counted
        if past.person == a
        and ReplyKind.ACKNOWLEDGEMENT in past.kinds
        and (spoke is None or past.decided > spoke)
    ]
    if len(unanswered) >= ACKNOWLEDGEMENTS_IN_A_ROW:
        return "two acknowledgements went out and you have not written since"
    return ""


def we_owe(s: Situation, c: Client, _ask: Ask) -> str:
    """No reminder while we owe that client an answer (invariant 6)."""
    judged = s.judgements[c.key]
    if judged.open_promises or judged.side is Side.OURS:
        return "you owe this client an answer"
    return ""


def delicate_matter(s: Situation, c: Client, _ask: Ask) -> str:
    """Something delicate waits for the owner's eye: no machine mail to that client."""
    return "a delicate matter waits for you" if s.judgements[c.key].review else ""


def wrote_lately(s: Situation, c: Client, _ask: Ask) -> str:
    """Any human mail from the client holds a reminder for one slot (invariant 6)."""
    last = s.judgements[c.key].last_inbound
    start = s.previous_slot.due if s.previous_slot else s.slot.due - timedelta(days=1)
    return "they wrote since the last check-in" if last is not None and last > start else ""


def away(s: Situation, c: Client, ask: Ask) -> str:
    """An out-of-office shifts a reminder to the day after the return (invariant 5)."""
    until = s.judgements[c.key].away.get(ask.person)
    if until is not None and c.calendar.local(s.slot.due).date() <= until:
        return f"they are away until {until.isoformat()}"
    return ""


def their_hours(s: Situation, c: Client, _ask: Ask) -> str:
    """Reminders need a working day of the client and 07:00-20:00 there (invariant 3)."""
    there = c.calendar.local(s.slot.due)
    if not c.calendar.is_working_day(there.date()):
        return "no working day there"
    return "" if there.hour in REMINDER_HOURS else "outside 07:00-20:00 there"


def asked_before_first_use(s: Situation, _c: Client, ask: Ask) -> str:
    """Importing history never makes mail."""
    return "you asked before mailhours began to answer" if ask.opened < s.since else ""


MESSAGE_RULES: tuple[MessageRule, ...] = (
    robot,
    review,
    authentication,
    history,
    seen_answered,
    answer_too_soon,
)
PERSON_RULES: tuple[PersonRule, ...] = (
    stop,
    stranger,
    hold,
    frozen,
    copy_only,
    live_conversation,
)
ACKNOWLEDGEMENT_RULES: tuple[PersonRule, ...] = (enough_acknowledgements,)
REMINDER_RULES: tuple[ReminderRule, ...] = (
    we_owe,
    delicate_matter,
    wrote_lately,
    away,
    asked_before_first_use,
    their_hours,
)


class Limits:
    """Counts what has left and what this plan adds; says when a limit is reached (invariant 4)."""

    def __init__(self, situation: Situation) -> None:
        """Count from the `situation`'s earlier replies."""
        self._s = situation
        self._added: list[tuple[str, str, bool]] = []

    def reached(self, client: str, person: str, *, reminder: bool) -> str:
        """Return the words for the limit that one more mail would break, or the empty string."""
        policy, added = self._s.policy, self._added
        today = [p for p in self._s.counted if self._is_today(p.decided)]
        week = [p for p in self._s.counted if p.decided > self._s.slot.due - timedelta(weeks=1)]
        if any(p.person == person for p in self._s.pending) or any(a[1] == person for a in added):
            return "another mail leaves for them at this check-in"
        if len(today) + len(added) >= policy.per_day:
            return f"the fuse: {policy.per_day} mails a day"
        if sum(p.person == person for p in today) >= policy.per_person_per_day:
            return f"{policy.per_person_per_day} mails a day to one person"
        of_client = [p for p in week if p.client == client]
        planned = sum(a[0] == client for a in added)
        if len(of_client) + planned >= policy.per_client_per_week:
            return f"{policy.per_client_per_week} mails a week to one client"
        if reminder:
            reminders = sum(_is_reminder(p) for p in of_client)
            planned = sum(a[0] == client and a[2] for a in added)
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
