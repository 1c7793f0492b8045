"""Every reason not to send. In doubt nothing leaves: a missed acknowledgement is cheap.

Each rule looks at the situation and returns the words for the owner when it withholds, else the
empty string. The tables at the end are read from top to bottom; the first rule that speaks wins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

from mailhours.checkin.situation import Situation
from mailhours.model.client import Client, Role
from mailhours.model.judgement import Ask, InvoiceStanding, InvoiceState, Promise, Side
from mailhours.model.message import Authentication, MayReply, SignalKind
from mailhours.model.reply import ReplyKind

# In working days. Older mail is history, not a question that waits: a backlog is no volley.
TOO_OLD = 3
# Without a word of the owner's in between, a third acknowledgement helps nobody.
ACKNOWLEDGEMENTS_IN_A_ROW = 2
REMINDER_HOURS = range(7, 20)
# A payment that was promised may arrive a day later.
GRACE = timedelta(days=1)

TOO_SOON = "your answer is due before the next check-in"

_ENOUGH = "two acknowledgements went out and you have not written since"

MessageRule = Callable[[Situation, Client, Promise], str]
PersonRule = Callable[[Situation, Client, str], str]


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
    if p.message.key in s.imported:
        return "it was written days before it came: perhaps imported"
    if s.owner.calendar.add_business_days(p.message.at, TOO_OLD) < s.slot.due:
        return "it is older than three working days"
    return ""


def seen_answered(s: Situation, _c: Client, p: Promise) -> str:
    """The mail program says that it was answered; where, we do not know."""
    return "marked as answered in your mailbox" if p.message.key in s.answered else ""


def answer_too_soon(s: Situation, c: Client, p: Promise) -> str:
    """An answer-by before the next check-in cannot be promised honestly (invariant 6)."""
    if s.next_slot is None:
        return "no further check-in is planned"
    if s.answer_due(c.key, p) < s.next_slot.due:
        return TOO_SOON
    return ""


def stop(s: Situation, _c: Client, _a: str) -> str:
    """The owner stopped all sending, or the fuse did."""
    if s.stopped:
        return "sending is stopped"
    return "the fuse has blown: say start" if s.fuse else ""


def hold(s: Situation, c: Client, _a: str) -> str:
    """The owner put the client on hold."""
    return "the client is on hold" if s.judgements[c.key].held else ""


def frozen(s: Situation, c: Client, a: str) -> str:
    """The address refused our mail, or the client's machine answers ours: until `unfreeze`."""
    if a in s.frozen:
        return f"the address is frozen: {s.frozen[a]}"
    return f"the client is frozen: {s.frozen[c.key]}" if c.key in s.frozen else ""


def unwritable(_s: Situation, _c: Client, a: str) -> str:
    """An address beyond ASCII left of the @ needs SMTPUTF8 all the way (RFC 6531)."""
    local = a.rpartition("@")[0]
    return "" if local.isascii() else "not every server can write to the address: please answer"


def stranger(s: Situation, c: Client, a: str) -> str:
    """Nothing goes to an address outside the client files, or to ourselves (invariant 7)."""
    if s.owner.is_own(a) or s.owner.is_colleague(a):
        return "it is an address of your own office"
    return "" if c.owns(a) else "the address is in no client file"


def copy_only(_s: Situation, c: Client, a: str) -> str:
    """Who is only kept in copy gets no mail of ours."""
    return "kept in copy only" if c.person(a).roles == {Role.COPY_ONLY} else ""


def own_mail_waits(s: Situation, _c: Client, a: str) -> str:
    """Something that the owner wrote to them waits, or may have left: a machine adds nothing."""
    return "a mail of your own to them lies in Check-in" if a in s.awaited else ""


def wrote_after(s: Situation, c: Client, p: Promise) -> str:
    """The owner wrote to this person after the mail came: they know that somebody is there."""
    for message in s.recent.get(c.key, ()):
        if message.of_ours and message.at > p.message.at and p.message.person in message.addressed:
            return "you wrote to them since the last check-in"
    return ""


def live_conversation(s: Situation, c: Client, a: str) -> str:
    """The owner wrote to this person since the last check-in: a machine must not cut in."""
    start = s.previous_slot.due if s.previous_slot else s.slot.due - timedelta(days=1)
    for message in s.recent.get(c.key, ()):
        if message.of_ours and start < message.at <= s.slot.due and a in message.addressed:
            return "you wrote to them since the last check-in"
    return ""


def enough_acknowledgements(s: Situation, c: Client, a: str) -> str:
    """Two acknowledgements without a word of the owner's: the third is the owner's turn.

    Whoever the client file does not name counts as one: a robot may write from ever new addresses.
    """
    spoke = s.judgements[c.key].last_ours
    unanswered = [
        past
        for past in s.counted
        if past.client == c.key
        and (past.person == a or not (c.names(a) or c.names(past.person)))
        and ReplyKind.ACKNOWLEDGEMENT in past.kinds
        and (spoke is None or past.decided > spoke)
    ]
    if len(unanswered) >= ACKNOWLEDGEMENTS_IN_A_ROW:
        return _ENOUGH
    return ""


def too_many_strangers(number: int) -> str:
    """At one check-in as many people of a client whom its file does not name, and no more."""
    return _ENOUGH if number > ACKNOWLEDGEMENTS_IN_A_ROW else ""


def we_owe(s: Situation, c: Client, _a: str) -> str:
    """No reminder while we owe that client an answer (invariant 6)."""
    judged = s.judgements[c.key]
    if judged.open_promises or judged.side is Side.OURS:
        return "you owe this client an answer"
    return ""


def delicate_matter(s: Situation, c: Client, _a: str) -> str:
    """Something delicate waits for the owner's eye: no machine mail to that client."""
    return "a delicate matter waits for you" if s.judgements[c.key].review else ""


def wrote_lately(s: Situation, c: Client, _a: str) -> str:
    """Any human mail from the client holds a reminder for one slot (invariant 6)."""
    last = s.judgements[c.key].last_inbound
    start = s.previous_slot.due if s.previous_slot else s.slot.due - timedelta(days=1)
    return "they wrote since the last check-in" if last is not None and last > start else ""


def away(s: Situation, c: Client, a: str) -> str:
    """An out-of-office shifts a reminder to the day after the return (invariant 5)."""
    until = s.judgements[c.key].away.get(a)
    if until is not None and c.calendar.local(s.slot.due).date() <= until:
        return f"they are away until {until.isoformat()}"
    return ""


def their_hours(s: Situation, c: Client, _a: str) -> str:
    """Reminders need a working day of the client and 07:00-20:00 there (invariant 3)."""
    there = c.calendar.local(s.slot.due)
    if not c.calendar.is_working_day(there.date()):
        return "no working day there"
    return "" if there.hour in REMINDER_HOURS else "outside 07:00-20:00 there"


def asked_before_first_use(s: Situation, c: Client, ask: Ask) -> str:
    """Importing history, or adding a client's file, never makes mail."""
    return "you asked before mailhours began to answer" if ask.opened < s.began(c.key) else ""


def payment(s: Situation, c: Client, standing: InvoiceStanding) -> str:
    """A dispute, a reported payment and a promise (with a day of grace) end the notices."""
    match standing.state:
        case InvoiceState.DISPUTED:
            return "they dispute the invoice: please talk to them"
        case InvoiceState.REPORTED:
            return "they say it is paid: please check"
        case InvoiceState.PROMISED:
            return "they promised the payment"
        case _:
            today = c.calendar.local(s.slot.due).date()
            promised = standing.promised
            if promised is not None and today <= promised + GRACE:
                return "they promised the payment"
            return ""


def first(words: Iterable[str]) -> str:
    """Return the words of the first rule that speaks, or the empty string."""
    return next((word for word in words if word), "")


def reminder(s: Situation, c: Client, a: str) -> str:
    """Return why no reminder or notice may leave for a person, or the empty string."""
    return first(rule(s, c, a) for rule in (*REMINDER_RULES, *UNASKED_RULES))


MESSAGE_RULES: tuple[MessageRule, ...] = (
    robot,
    review,
    authentication,
    history,
    seen_answered,
    wrote_after,
    answer_too_soon,
)
PERSON_RULES: tuple[PersonRule, ...] = (
    stop,
    stranger,
    unwritable,
    hold,
    frozen,
    copy_only,
    own_mail_waits,
)
# For mail that nobody asked for: reminders, payment notices, status notes.
UNASKED_RULES: tuple[PersonRule, ...] = (*PERSON_RULES, live_conversation)
ACKNOWLEDGEMENT_RULES: tuple[PersonRule, ...] = (enough_acknowledgements,)
REMINDER_RULES: tuple[PersonRule, ...] = (
    we_owe,
    delicate_matter,
    wrote_lately,
    away,
    their_hours,
)
