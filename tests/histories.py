"""Random histories of one client, the owner's words on them, and moments to judge them at."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from builders import (
    DANA,
    KARI,
    KIM,
    OLA,
    a_calendar,
    a_client,
    a_message,
    a_project,
    a_signal,
    a_word,
    an_invoice,
    an_owner,
    office_hours,
)
from mailhours.model.client import OwnerVerb
from mailhours.model.judgement import short_id
from mailhours.model.message import Authentication, MayReply, Message, SignalKind

START = datetime(2026, 3, 27, 7, 0, tzinfo=UTC)  # the Friday before clocks change in Oslo
SUBTYPES = ("", "", "fix", "scope", "feedback", "approval", "marker", "progress", "channel")
WORDS = ("", "logo", "the photos of the shop", "option A or B", "could you", "opening hours")
OWNER = an_owner()
CLIENT = a_client(
    calendar=a_calendar(
        office_hours(closed={date(2026, 4, 3): "Good Friday"}, check_ins=[]),
        zone="America/New_York",
    ),
    projects=(a_project("web", due=date(2026, 4, 10)), a_project("shop", due=None)),
    invoices=(
        an_invoice("1", issued=date(2026, 3, 1), due=date(2026, 3, 30)),
        an_invoice("2", issued=date(2026, 3, 28), due=date(2026, 4, 2)),
    ),
)

signals = st.builds(
    lambda kind, subtype, text, item, due, quoted: a_signal(
        kind,
        text,
        subtype=subtype,
        item=item,
        due=due and date(2026, 3, 25) + timedelta(days=due),
        quoted=quoted,
    ),
    st.sampled_from(SignalKind),
    st.sampled_from(SUBTYPES),
    st.sampled_from(WORDS),
    st.integers(0, 3),
    st.none() | st.integers(1, 20),
    st.sampled_from(("", "", "> logo")),
)
mails = st.tuples(
    st.integers(0, 15 * 24 * 60),  # minutes since the start
    st.booleans(),  # ours
    st.sampled_from((False, False, False, True)),  # a machine's
    st.sampled_from((KARI, OLA)),
    st.sampled_from(("Homepage", "Shop", "")),
    st.lists(signals, max_size=3),
    st.none() | st.integers(0, 9),  # which earlier mail it replies to
    st.fixed_dictionaries(
        {},
        optional={
            "attachments": st.just(("logo.svg",)),
            "addressed": st.sampled_from(((KIM,), (DANA, KIM), (DANA,))),
            "away_until": st.just(date(2026, 4, 3)),
            "project": st.sampled_from(("web", "shop", "")),
            "may_reply": st.just(MayReply.REVIEW),
            "gist": st.sampled_from((("logo",), ("photos", "shop"), ("A",))),
            "words": st.integers(0, 40),
            "receipt": st.just(True),
            "authentication": st.just(Authentication.FAIL),
        },
    ),
)


@st.composite
def histories(draw) -> list[Message]:
    messages: list[Message] = []
    for n, (minutes, ours, machine, person, subject, found, parent, changes) in enumerate(
        draw(st.lists(mails, max_size=14))
    ):
        replies_to = [messages[parent]] if parent is not None and parent < len(messages) else []
        stated = (
            {"promised": tuple((m.key, m.at + timedelta(days=2)) for m in replies_to)}
            if machine
            else {}
        )
        messages.append(
            a_message(
                START + timedelta(minutes=minutes),
                *found,
                ours=ours,
                machine=machine,
                person=person,
                subject=subject,
                replies_to=replies_to,
                key=f"k{n}",
                **{**stated, **changes},
            )
        )
    return messages


targets = st.sampled_from(
    [f"k{n}" for n in range(6)]
    + [short_id(letter, f"k{n}") for n in range(6) for letter in "pa"]
    + ["1", "2", "fjord"]
)
words = st.lists(
    st.builds(
        lambda verb, target, minutes: a_word(verb, target, START + timedelta(minutes=minutes)),
        st.sampled_from(OwnerVerb),
        targets,
        st.integers(0, 15 * 24 * 60),
    ),
    max_size=5,
)
nows = st.integers(0, 20 * 24 * 60).map(
    lambda minutes: START + timedelta(minutes=minutes, seconds=7)
)
