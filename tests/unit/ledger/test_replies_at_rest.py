"""A cause gets one reply, a claim is had once, and what left stays known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import KARI, OLA, a_reply, moment
from ledgers import MINUTE, a_place
from mailhours.ledger.reply_json import dump, load
from mailhours.model.address import Address
from mailhours.model.reply import (
    Cause,
    Delivery,
    Mode,
    Outcome,
    Reply,
    ReplyKind,
    ReplyState,
    Withheld,
)

AT = moment("mon 10:00")
SENT = Delivery(Outcome.SUBMITTED, 250, "2.0.0 queued as 4711", "DATA")
TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=12)
ADDRESSES = st.builds(Address, TEXT, TEXT)
REPLIES = st.builds(
    Reply,
    id=TEXT,
    slot=TEXT,
    client=TEXT,
    kinds=st.lists(st.sampled_from(ReplyKind), max_size=2).map(tuple),
    mode=st.sampled_from(Mode),
    sender=ADDRESSES,
    to=ADDRESSES,
    subject=TEXT,
    text=TEXT,
    language=TEXT,
    causes=st.lists(st.builds(Cause, TEXT, TEXT), max_size=3).map(tuple),
    in_reply_to=TEXT,
    references=st.lists(TEXT, max_size=2).map(tuple),
    auto_submitted=TEXT,
    message_id=TEXT,
    at=st.datetimes(min_value=AT.replace(tzinfo=None), timezones=st.just(AT.tzinfo)),
    answer_by=st.none() | st.datetimes(timezones=st.just(AT.tzinfo)),
    facts=st.dictionaries(TEXT, TEXT, max_size=3),
    html=TEXT,
    raw=st.binary(max_size=50),
)


def queued(ledger, *replies, state=ReplyState.QUEUED, at=AT):
    accepted, refused = ledger.outbox.propose(replies, state, at)
    assert not refused
    return accepted


def numbered(number: int, **changes: object) -> Reply:
    return a_reply(id=f"r{number:08d}", causes=(Cause("message", f"m{number}"),), **changes)


@given(REPLIES)
def test_any_reply_comes_back_as_it_was(reply):
    assert reply == load(dump(reply), reply.raw)


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        dump(a_reply(at=AT.replace(tzinfo=None)))


def test_what_was_queued_may_leave(ledger):
    reply = a_reply(raw=b"From: me\r\n\r\nHello", facts={"promise:m1": "2026-03-03T09:00:00+00:00"})

    queued(ledger, reply)

    assert ledger.outbox.queued() == [reply]
    assert ledger.outbox.queued(AT) == [reply]
    assert ledger.outbox.queued(AT - MINUTE) == []
    assert ledger.outbox.state(reply.id) is ReplyState.QUEUED
    assert ledger.outbox.taken() == {"message:0123abcd"}


@pytest.mark.parametrize("state", [ReplyState.QUEUED, ReplyState.SHADOWED, ReplyState.PROPOSED])
def test_a_cause_gets_one_reply_whatever_became_of_the_first(ledger, state):
    queued(ledger, a_reply(), state=state)
    second = a_reply(id="r2", causes=(Cause("ask", "a1"), Cause("message", "0123abcd")))

    accepted, refused = ledger.outbox.propose([second], ReplyState.QUEUED, AT)

    assert (accepted, refused) == ((), ("r2",))
    assert ledger.outbox.taken() == {"message:0123abcd"}


def test_of_two_replies_to_one_cause_in_one_plan_the_first_is_taken(ledger):
    accepted, refused = ledger.outbox.propose([a_reply(), a_reply(id="r2")], ReplyState.QUEUED, AT)

    assert (accepted, refused) == (("r1a2b3c4d",), ("r2",))


def test_an_id_is_used_once(ledger):
    queued(ledger, a_reply())

    _, refused = ledger.outbox.propose(
        [a_reply(causes=(Cause("ask", "other"),))], ReplyState.QUEUED, AT
    )

    assert refused == ("r1a2b3c4d",)


def test_a_reply_without_a_cause_may_be_queued(ledger):
    queued(ledger, a_reply(causes=()), a_reply(id="r2", causes=()))

    assert len(ledger.outbox.queued()) == 2


def test_a_thousand_replies_are_queued_at_once(ledger):
    queued(ledger, *(numbered(n) for n in range(1000)))

    assert len(ledger.outbox.queued()) == 1000


def test_the_way_of_a_reply_out_of_the_house(ledger):
    outbox, (reply,) = ledger.outbox, queued(ledger, a_reply())

    assert outbox.claim(reply, AT)
    assert not outbox.claim(reply, AT)
    assert outbox.queued() == []
    assert outbox.settle(reply, SENT, AT + MINUTE)
    assert [one.id for one in outbox.unfiled()] == [reply]
    assert outbox.filed(reply, a_place(9, "Sent"), AT + 2 * MINUTE)
    assert not outbox.filed(reply, None, AT)
    assert outbox.unfiled() == []
    assert [change.state.value for change in outbox.changes(reply)] == [
        "queued",
        "claimed",
        "submitted",
        "filed",
    ]
    answer = outbox.changes(reply)[2]
    assert (answer.code, answer.text, answer.verb) == (250, "2.0.0 queued as 4711", "DATA")


@pytest.mark.parametrize(
    ("outcome", "state", "may_leave"),
    [
        (Outcome.SUBMITTED, ReplyState.SUBMITTED, False),
        (Outcome.DEFERRED, ReplyState.DEFERRED, True),
        (Outcome.REFUSED, ReplyState.REFUSED, False),
        (Outcome.DOUBTFUL, ReplyState.DOUBTFUL, False),
    ],
)
def test_only_what_was_deferred_is_tried_again(ledger, outcome, state, may_leave):
    (reply,) = queued(ledger, a_reply())
    ledger.outbox.claim(reply, AT)

    ledger.outbox.settle(reply, Delivery(outcome, 451, "later", "RCPT"), AT)

    assert ledger.outbox.state(reply) is state
    assert ledger.outbox.claim(reply, AT) is may_leave
    assert ledger.outbox.taken() == {"message:0123abcd"}


def test_what_was_not_claimed_is_not_settled(ledger):
    (reply,) = queued(ledger, a_reply())

    assert not ledger.outbox.settle(reply, SENT, AT)
    assert ledger.outbox.state(reply) is ReplyState.QUEUED
    assert ledger.chain.head()[0] == 0


def test_what_no_byte_of_has_left_is_given_back(ledger):
    (reply,) = queued(ledger, a_reply())
    ledger.outbox.claim(reply, AT)

    assert ledger.outbox.release(reply, AT)

    assert ledger.outbox.claim(reply, AT)


def test_a_claimed_reply_of_which_nothing_left_can_be_forgotten_with_its_causes(ledger):
    held = numbered(4)
    queued(ledger, held, state=ReplyState.CLAIMED)

    assert ledger.outbox.withdraw(held.id)

    assert ledger.outbox.state(held.id) is None
    assert ledger.outbox.taken() == set()
    assert ledger.outbox.changes(held.id) == []
    assert not ledger.outbox.withdraw(held.id)


def test_only_a_claimed_reply_can_be_forgotten(ledger):
    held = numbered(4)
    queued(ledger, held)

    assert not ledger.outbox.withdraw(held.id)
    assert ledger.outbox.state(held.id) is ReplyState.QUEUED


def test_what_has_to_be_laid_somewhere_is_told_with_its_state(ledger):
    one, two, three = numbered(4), numbered(5), numbered(6)
    queued(ledger, one, state=ReplyState.PROPOSED)
    queued(ledger, two, three)
    ledger.outbox.claim(three.id, AT)
    ledger.outbox.settle(three.id, Delivery(Outcome.SUBMITTED, 250, "ok"), AT)

    assert {(reply.id, state) for reply, state in ledger.outbox.to_lay()} == {
        (one.id, ReplyState.PROPOSED),
        (three.id, ReplyState.SUBMITTED),
    }


def test_claimed_replies_of_a_dead_service_are_doubtful_and_stay_so(ledger):
    first, second = queued(ledger, numbered(1), numbered(2))
    ledger.outbox.claim(first, AT)

    assert ledger.outbox.recover(AT) == [first]

    assert [reply.id for reply in ledger.outbox.doubtful()] == [first]
    assert [reply.id for reply in ledger.outbox.queued()] == [second]
    assert not ledger.outbox.claim(first, AT)
    assert ledger.outbox.recover(AT) == []


def test_a_late_answer_settles_a_doubt(ledger):
    (reply,) = queued(ledger, a_reply())
    ledger.outbox.claim(reply, AT)
    ledger.outbox.recover(AT)

    assert ledger.outbox.settle(reply, SENT, AT)
    assert ledger.outbox.state(reply) is ReplyState.SUBMITTED


def test_the_owner_says_that_it_was_sent(ledger):
    (reply,) = queued(ledger, a_reply())
    ledger.outbox.claim(reply, AT)
    ledger.outbox.recover(AT)

    assert ledger.outbox.resolve(reply, AT, sent=True)

    assert [one.id for one in ledger.outbox.unfiled()] == [reply]


def test_the_owner_says_that_it_was_lost_and_it_may_be_decided_again(ledger):
    (reply,) = queued(ledger, a_reply())
    ledger.outbox.claim(reply, AT)
    ledger.outbox.recover(AT)

    assert ledger.outbox.resolve(reply, AT, sent=False)

    assert ledger.outbox.state(reply) is ReplyState.CANCELLED
    queued(ledger, a_reply(id="r2"))


@pytest.mark.parametrize("sent", [True, False])
def test_only_a_doubt_is_resolved(ledger, sent):
    (reply,) = queued(ledger, a_reply())

    assert not ledger.outbox.resolve(reply, AT, sent=sent)


def test_a_proposal_leaves_once_it_is_approved(ledger):
    (reply,) = queued(ledger, a_reply(), state=ReplyState.PROPOSED)
    assert ledger.outbox.queued() == []
    assert not ledger.outbox.claim(reply, AT)

    assert ledger.outbox.approve(reply, AT)

    assert [one.id for one in ledger.outbox.queued()] == [reply]
    assert not ledger.outbox.approve(reply, AT)
    assert ledger.outbox.claim(reply, AT)


def test_a_proposal_that_lies_in_drafts_is_drafted(ledger):
    (reply,) = queued(ledger, a_reply(), state=ReplyState.PROPOSED)

    assert ledger.outbox.filed(reply, a_place(3, "Drafts"), AT)

    assert ledger.outbox.state(reply) is ReplyState.DRAFTED
    assert ledger.outbox.unfiled() == []


def test_what_was_cancelled_stays_at_home_and_its_cause_settled(ledger):
    (reply,) = queued(ledger, a_reply())

    assert ledger.outbox.cancel(reply, AT)

    assert not ledger.outbox.claim(reply, AT)
    assert ledger.outbox.taken() == {"message:0123abcd"}
    assert not ledger.outbox.cancel(reply, AT)


def test_an_approval_that_lapsed_frees_its_cause(ledger):
    (reply,) = queued(ledger, a_reply(), state=ReplyState.PROPOSED)
    ledger.outbox.approve(reply, AT)

    assert ledger.outbox.cancel(reply, AT, release=True)

    queued(ledger, a_reply(id="r2", text="with the new date"))


def test_what_may_have_left_can_not_be_cancelled(ledger):
    (reply,) = queued(ledger, a_reply())
    ledger.outbox.claim(reply, AT)

    assert not ledger.outbox.cancel(reply, AT, release=True)
    assert ledger.outbox.taken() == {"message:0123abcd"}


def test_the_past_is_what_restraint_looks_at(ledger):
    first = numbered(1, facts={"when": "Tuesday"}, to=Address("Kari", "KARI@Fjord.Example"))
    second = numbered(2, client="acme")
    queued(ledger, first)
    queued(ledger, second, state=ReplyState.SHADOWED, at=AT + MINUTE)
    ledger.outbox.claim(first.id, AT + 2 * MINUTE)

    shadowed, claimed = ledger.outbox.past()

    assert (shadowed.client, shadowed.state) == ("acme", ReplyState.SHADOWED)
    assert (claimed.person, claimed.decided) == (KARI, AT + 2 * MINUTE)
    assert (claimed.kinds, claimed.causes, claimed.facts) == (
        (ReplyKind.ACKNOWLEDGEMENT,),
        first.causes,
        {"when": "Tuesday"},
    )
    assert ledger.outbox.past("acme") == [shadowed]
    assert ledger.outbox.past(since=AT + 2 * MINUTE) == [claimed]


def test_the_fuse_counts_machine_mail_that_left(ledger):
    held = replace(numbered(4), kinds=(ReplyKind.HELD,))
    summary = replace(numbered(5), kinds=(ReplyKind.SUMMARY,))
    queued(ledger, numbered(1), numbered(2), numbered(3), held, summary)
    for reply in (numbered(1), numbered(2), held, summary):
        ledger.outbox.claim(reply.id, AT)
    ledger.outbox.settle(numbered(1).id, SENT, AT)

    assert ledger.outbox.count_sent(AT) == 2
    assert ledger.outbox.count_sent(AT + timedelta(seconds=1)) == 0


def test_replies_are_listed_by_state_and_client_and_found_by_beginning(ledger):
    first, second = numbered(1), numbered(12, client="acme")
    queued(ledger, first, second)
    ledger.outbox.claim(first.id, AT)

    assert ledger.outbox.replies(state=ReplyState.CLAIMED) == [first]
    assert ledger.outbox.replies(client="acme") == [second]
    assert ledger.outbox.reply(first.id) == first
    assert ledger.outbox.reply("r0000001") == second
    assert ledger.outbox.reply("r000000") is None
    assert ledger.outbox.reply("%%%%") is None
    assert ledger.outbox.reply("") is None
    assert ledger.outbox.state("nothing") is None


def test_what_was_withheld_is_kept_and_settles_nothing(ledger):
    cause = Cause("message", "m1")
    rows = [Withheld("fjord", KARI, cause, "robot", "List-Id"), Withheld("acme", OLA, cause, "x")]

    ledger.outbox.withhold(rows, "2026-03-02T10:00", AT)
    ledger.outbox.withhold(rows, "2026-03-02T10:00", AT)
    ledger.outbox.withhold(rows[:1], "2026-03-02T15:00", AT + MINUTE)
    ledger.outbox.withhold([], "2026-03-02T15:00", AT)

    assert [held.withheld for held in ledger.outbox.withheld(slot="2026-03-02T10:00")] == [
        rows[1],
        rows[0],
    ]
    assert [held.slot for held in ledger.outbox.withheld(client="fjord")] == [
        "2026-03-02T10:00",
        "2026-03-02T15:00",
    ]
    assert len(ledger.outbox.withheld(since=AT + MINUTE)) == 1
    assert ledger.outbox.taken() == set()


def test_an_address_is_frozen_until_it_is_thawed(ledger):
    assert ledger.outbox.freeze("KARI@Fjord.example", "550 no such user", AT)
    assert not ledger.outbox.freeze(KARI, "again", AT)

    assert ledger.outbox.frozen() == {KARI: "550 no such user"}
    assert ledger.outbox.unfreeze(KARI)
    assert not ledger.outbox.unfreeze(KARI)
    assert ledger.outbox.frozen() == {}
