"""What leaves at a check-in: from a situation to a list of replies and a list of withheld ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from mailhours.checkin import restraint
from mailhours.checkin.acknowledgement import acknowledgements
from mailhours.checkin.compose import Desk, today_of
from mailhours.checkin.feedback import reminders
from mailhours.checkin.limits import Limits
from mailhours.checkin.payment import notices
from mailhours.checkin.situation import Situation
from mailhours.checkin.status import notes
from mailhours.model.policy import NEVER_ALONE
from mailhours.model.reply import Mode, Past, Plan, Reply, ReplyKind, ReplyState, Withheld
from mailhours.wording.render import Wording

# What was decided and has not left: it is decided anew at each check-in.
_UNDECIDED = frozenset(
    {ReplyState.PROPOSED, ReplyState.APPROVED, ReplyState.QUEUED, ReplyState.DEFERRED}
)
# Of these the owner has seen the text, or is to see it.
_OWNERS = frozenset({ReplyState.PROPOSED, ReplyState.APPROVED})
# The owner's own business: nothing of it is decided here.
_EXEMPT = frozenset({ReplyKind.HELD, ReplyKind.SUMMARY, ReplyKind.HOURS_LETTER})
# What changes from day to day without changing what the owner said yes to.
_PASSING = frozenset({"last_day"})


def plan(situation: Situation, wording: Wording) -> Plan:
    """Return what leaves at the situation's slot and what is withheld, with reasons.

    1. Take back what was decided earlier and has not left: proposals, approvals, what the server
       put off, what a crash left over.
    2. Decide everything anew. For each client: an acknowledgement of all that came from a person,
       reminders, a status note; payment comes last. One mail a person.
    3. What was decided earlier and still is so stays: an approval leaves as it was approved.
       What has changed is cancelled, and the new text takes its place.
    """
    held = [p for p in situation.past if p.state in _UNDECIDED and not _EXEMPT & set(p.kinds)]
    anew = _without(situation, held)
    limits = Limits(anew)
    replies: list[Reply] = []
    withheld: list[Withheld] = []
    for outcome in _decide(anew, limits, wording):
        if isinstance(outcome, Reply):
            replies.append(outcome)
        else:
            withheld.append(outcome)
    leaving: list[str] = []
    cancelled: list[str] = []
    reasons = {str(one.cause): one.reason for one in withheld}
    for past in held:
        same = next((reply for reply in replies if _is_for(reply, past)), None)
        why = {reasons[str(cause)] for cause in past.causes if str(cause) in reasons}
        if _is_moved_draft(situation, past) and (same is not None or why == {restraint.TOO_SOON}):
            # The owner let it leave, and knows when the answer is due.
            is_sent = situation.policy.mode_of(past.kinds[0]) is not Mode.SHADOW
            if same is not None:
                replies.remove(same)  # it was counted
            elif not _may_leave(situation, past, limits):
                is_sent = False
            leaving += [past.id] if is_sent else []
        elif same is not None and _stands(situation, past, same):
            replies.remove(same)
            if _may_leave(situation, past, limits):
                leaving.append(past.id)
        elif same is None and past.state in _OWNERS and why:
            continue  # it waits: what holds it back today may be over tomorrow
        else:
            cancelled.append(past.id)
    return Plan(
        situation.slot,
        tuple(replies),
        tuple(withheld),
        tuple(cancelled),
        tuple(leaving),
        fuse=limits.fuse,
    )


def _decide(s: Situation, limits: Limits, wording: Wording) -> Iterator[Reply | Withheld]:
    for key in sorted(s.judgements):
        desk = Desk(s, s.clients[key], wording)
        yield from acknowledgements(desk, limits)
        yield from reminders(desk, limits)
        yield from notes(desk)
    for key in sorted(s.judgements):
        yield from notices(Desk(s, s.clients[key], wording), limits)


def _without(s: Situation, held: list[Past]) -> Situation:
    """Return the situation as if `held` had never been decided."""
    ids = {past.id for past in held}
    causes = {str(cause) for past in held for cause in past.causes}
    past = tuple(one for one in s.past if one.id not in ids)
    approved = tuple(one for one in held if one.state is ReplyState.APPROVED)
    return replace(s, past=past, taken=s.taken - causes, approved=approved)


def _is_for(reply: Reply, past: Past) -> bool:
    return set(reply.causes) == set(past.causes) and reply.to.normal == past.person


def _is_moved_draft(s: Situation, past: Past) -> bool:
    """Say whether it is a draft that the owner let leave, and what it states is still to come."""
    until = past.facts.get("next_check_in", "")
    return (
        past.state is ReplyState.APPROVED
        and past.kinds[0] not in NEVER_ALONE
        and (not until or datetime.fromisoformat(until) >= s.slot.due)
    )


def _stands(s: Situation, past: Past, reply: Reply) -> bool:
    """Say whether what was decided earlier may stay: its facts are those of today.

    A mail that needs nobody's yes stays within its own check-in only: it names the next one.
    """
    kind = past.kinds[0]
    if kind not in NEVER_ALONE:
        if past.state is ReplyState.APPROVED:
            return False  # what it states of the next check-in has passed
        wanted = Mode.DRAFT if past.state is ReplyState.PROPOSED else Mode.SEND
        return past.slot == s.slot.key and s.policy.mode_of(kind) is wanted
    last_day = past.facts.get("last_day", "")
    if last_day and last_day < today_of(s, s.clients[past.client]).isoformat():
        return False
    return _lasting(past.facts) == _lasting(reply.facts)


def _lasting(facts: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in facts.items() if name not in _PASSING}


def _may_leave(s: Situation, past: Past, limits: Limits) -> bool:
    """Say whether it leaves now: never a proposal, never in shadow mode, no second mail."""
    if past.state is ReplyState.PROPOSED or s.policy.mode_of(past.kinds[0]) is Mode.SHADOW:
        return False
    if past.state is not ReplyState.APPROVED:
        return True  # what took its place in the new plan was counted
    is_reminder = past.kinds[0] is not ReplyKind.STATUS_NOTE
    if limits.reached(past.client, past.person, reminder=is_reminder):
        return False
    limits.add(past.client, past.person, reminder=is_reminder)
    return True
