"""When machine mail may leave: the rules of the check-in, held over random histories.

The state machine holds them over the whole service; here they are held over the pure deciders, so
that a case that breaks one is small.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from builders import a_calendar, a_message, a_signal, an_owner, office_hours
from histories import CLIENT, OWNER, START, histories, words
from mailhours.checkin import slots
from mailhours.checkin.plan import plan
from mailhours.checkin.situation import Situation
from mailhours.model.client import Thresholds
from mailhours.model.judgement import Side
from mailhours.model.message import Message
from mailhours.model.policy import ReplyPolicy
from mailhours.model.reply import Mode, Plan, Reply
from mailhours.model.slot import Slot
from mailhours.patterns.judge import judge
from mailhours.wording.render import Wording

WORDING = Wording()
SLOTS = tuple(OWNER.calendar.slots(START, START + timedelta(days=30)))
ZONES = ("America/New_York", "Europe/Oslo", "Asia/Kolkata", "Pacific/Auckland")
CLIENTS = tuple(
    replace(
        CLIENT,
        calendar=a_calendar(
            office_hours(closed={date(2026, 4, 3): "Good Friday"}, check_ins=[]), zone=zone
        ),
    )
    for zone in ZONES
)
SEND = ReplyPolicy(mode=Mode.SEND)


def situation(messages, said, slot, client) -> Situation:
    """Return what a check-in looks at when nothing has been sent yet."""
    past = tuple(sorted((m for m in messages if m.at <= slot.due), key=lambda m: (m.at, m.key)))
    judged = judge(OWNER, client, past, said, Thresholds(), slot.due)
    return Situation(
        slot=slot,
        owner=OWNER,
        policy=SEND,
        clients={client.key: client},
        judgements={client.key: judged},
        recent={client.key: past},
        past=(),
        taken=frozenset(),
        since=START - timedelta(days=90),
        payment_details="IBAN NO00",
    )


def reminding(made: Plan) -> list[Reply]:
    """Return the reminders and payment notices of a plan."""
    return [r for r in made.replies if r.kinds[0].value.startswith(("feedback_", "payment_"))]


clients = st.sampled_from(CLIENTS)
OLD_ASK = a_message(START, a_signal("ask", "the photos of the shop"), ours=True, key="old")


@st.composite
def cases(draw) -> tuple[list[Message], Slot]:
    """Return a history and a check-in that it matters to: the first after a mail, or any."""
    messages = draw(histories())
    if draw(st.booleans()):
        messages.append(OLD_ASK)
    after = draw(st.sampled_from([m.at for m in messages])) if messages else START
    following = [slot for slot in SLOTS if slot.due > after]
    return messages, draw(st.sampled_from(following[:2] + following[6:20:2]))


@settings(deadline=None)
@given(cases(), words, clients)
def test_a_reminder_leaves_on_a_working_day_and_by_day_where_it_is_read(case, said, client):
    """Invariant 3: what nobody asked for needs a working day of the client and 07:00 to 20:00."""
    messages, slot = case
    made = plan(situation(messages, said, slot, client), WORDING)

    there = slot.due.astimezone(client.calendar.zone)
    assert all(reply.slot == slot.key for reply in made.replies)
    if reminding(made):
        assert client.calendar.is_working_day(there.date())
        assert 7 <= there.hour < 20


@settings(deadline=None)
@given(cases(), words, clients)
def test_no_reminder_while_we_owe_and_none_right_after_their_mail(case, said, client):
    """Invariant 6: our debt first; any human mail of theirs holds reminders for one slot."""
    messages, slot = case
    asked = situation(messages, said, slot, client)
    made = plan(asked, WORDING)

    judged = asked.judgements[client.key]
    before = max((s.due for s in SLOTS if s.due < slot.due), default=None)
    if reminding(made):
        assert not judged.open_promises
        assert judged.side is not Side.OURS
        if before is not None:
            assert not any(m.of_client and before < m.at <= slot.due for m in messages)


@settings(deadline=None)
@given(cases(), words, clients)
def test_no_acknowledgement_promises_an_answer_before_the_next_check_in(case, said, client):
    """Invariant 6: it could not be kept at a check-in, and nothing else is promised."""
    messages, slot = case
    made = plan(situation(messages, said, slot, client), WORDING)

    following = OWNER.calendar.next_slot(slot.due)
    stated = [
        datetime.fromisoformat(value)
        for reply in made.replies
        for name, value in reply.facts.items()
        if name.startswith("promise:")
    ]
    if stated:
        assert following is not None
        assert min(stated) >= following.due


@given(
    st.lists(st.integers(0, 60 * 24 * 20), min_size=2, max_size=12).map(sorted),
    st.integers(0, 300),
    st.sampled_from(ZONES),
)
def test_a_check_in_is_held_once_in_its_time_or_missed(ticks, catch_up, zone):
    """Invariant 3: at its time or up to `catch_up` later, one at once, and none is forgotten.

    The clocks of Oslo and New York change in the days that the ticks fall into.
    """
    calendar = an_owner(calendar=a_calendar(zone=zone)).calendar
    begin = datetime(2026, 3, 20, tzinfo=UTC)
    late = timedelta(minutes=catch_up)
    moments = [begin + timedelta(minutes=tick) for tick in ticks]
    assume(moments[0] < moments[-1])
    held, missed, last = [], [], moments[0]
    for now in moments[1:]:
        slot, gone = slots.due(calendar, last, now, late)
        if slot is not None:
            assert slot.due <= now <= slot.due + late
            held.append(slot)
        missed += gone
        last = max((one.due for one in (*gone, *([slot] if slot else []))), default=last)

    assert sorted([*held, *missed], key=lambda s: s.due) == list(
        calendar.slots(moments[0], moments[-1])
    )
