"""What was understood, in the order in which it is judged."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import DANA, KARI, a_message, a_signal, moment
from ledgers import (
    NOW,
    a_batch,
    a_key,
    a_place,
    a_raw,
    a_read,
    a_reading,
    a_sighting,
    logged_message,
)
from mailhours.ledger.reading_rows import Read, encodable, message
from mailhours.ledger.readings import AT_ONCE
from mailhours.ledger.store import Ledger
from mailhours.model.line import (
    ATTACHED,
    AWAY,
    FAIL,
    HUMAN,
    INBOUND,
    PROMISED,
    RECEIPT,
    REVIEW,
    SIGNAL,
    SUPPRESS,
    UNKNOWN,
    line,
)
from mailhours.model.message import (
    Authentication,
    Direction,
    Kind,
    MayReply,
    Message,
    Signal,
    SignalKind,
)
from mailhours.model.raw import FolderRole
from mailhours.model.thread import weave

TEXT = st.text(max_size=12)
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
MOMENTS = st.datetimes(timezones=st.just(UTC))
SIGNALS = st.builds(
    Signal, st.sampled_from(SignalKind), TEXT, st.integers(0, 9), st.integers(0, 9), TEXT
)
MESSAGES = st.builds(
    Message,
    key=TEXT,
    message_id=TEXT,
    parents=TEXTS,
    direction=st.sampled_from(Direction),
    kind=st.sampled_from(Kind),
    at=MOMENTS,
    client=TEXT,
    person=TEXT,
    addressed=TEXTS,
    to_own=TEXT,
    subject=TEXT,
    topic=TEXT,
    project=TEXT,
    language=TEXT,
    signals=st.lists(SIGNALS, max_size=2).map(tuple),
    words=st.integers(0, 10**6),
    may_reply=st.sampled_from(MayReply),
    authentication=st.sampled_from(Authentication),
    away_until=st.none() | st.dates(),
    receipt=st.booleans(),
    attachments=TEXTS,
    promised=st.lists(st.tuples(TEXT, MOMENTS), max_size=2).map(tuple),
    gist=TEXTS,
)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    with Ledger.open(tmp_path_factory.mktemp("scratch") / "ledger.db", DANA) as opened:
        yield opened


@given(MESSAGES)
def test_any_message_and_its_reading_come_back_as_they_were(scratch, one):
    read = Read(one.key, "v1", a_reading(one), one)

    scratch.readings.write([read])

    assert read == scratch.readings.reading(one.key)
    assert one in scratch.readings.history(one.client)


def test_the_marks_that_are_stored_stay_what_they_are():
    """Whoever moves one writes a migration: rows of years are read by them."""
    assert (INBOUND, HUMAN, REVIEW, SUPPRESS, FAIL, UNKNOWN) == (1, 2, 4, 8, 16, 32)
    assert (RECEIPT, AWAY, PROMISED, ATTACHED) == (64, 128, 256, 512)
    assert " ".join(sorted(SIGNAL, key=SIGNAL.__getitem__)) == (
        "nudge ask change_request approval answer defer urgent payment_promised payment_sent "
        "payment_disputed invoice_sent delivery delicate thanks"
    )
    assert [SIGNAL[kind] for kind in SignalKind] == [1 << n for n in range(10, 24)]


@given(MESSAGES)
def test_a_line_of_the_ledger_says_what_its_message_says(scratch, one):
    scratch.readings.write([a_read(one)])

    found = scratch.readings.lines(one.client, datetime.max.replace(tzinfo=UTC))

    held = next(line for line in found.lines if line.key == one.key)
    assert message(held.source) == one
    assert held[:6] == line(one, held.thread)[:6]
    whole = weave(map(message, (line.source for line in found.lines)))
    assert {line.key: line.thread for line in found.lines} == whole


def test_what_was_logged_is_to_be_read_with_its_earliest_place(ledger):
    sent = a_sighting(5, a_key(1), folder="Sent", role=FolderRole.SENT)
    ledger.mail.log(a_batch(a_sighting(1), a_sighting(2), a_sighting(3, kept=False)), NOW)
    ledger.mail.log(a_batch(sent), NOW)

    first, second = ledger.readings.unread("v1", 10)

    assert (first.key, first.place, first.role) == (a_key(1), a_place(1), FolderRole.INBOX)
    assert (first.raw, first.logged) == (a_raw(1), NOW)
    assert second.key == a_key(2)
    assert [row.key for row in ledger.readings.unread("v1", 1)] == [a_key(1)]


def test_long_mails_are_handed_out_a_few_at_a_time_until_all_are_read(ledger):
    """A new client has everything read again: what is held does not grow with what there is."""
    count, part = 24, 256 * 1024
    for uid in range(count):
        long = replace(a_raw(uid).parts[0], content=b"%d" % uid * (part // 2))
        ledger.mail.log(a_batch(a_sighting(uid, raw=a_raw(uid, parts=(long, long)))), NOW)
    ledger.readings.unread("v1", 1)
    read = []

    tracemalloc.start()
    while rows := ledger.readings.unread("v1", 200):
        read += [row.key for row in rows]
        ledger.readings.write([a_read(a_message(key=row.key)) for row in rows])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert read == [a_key(uid) for uid in range(count)]
    assert peak < 4 * AT_ONCE


def test_one_mail_that_is_longer_than_all_that_is_handed_out_is_handed_out(ledger):
    longer = replace(a_raw().parts[0], content=b"x" * (AT_ONCE + 1))
    ledger.mail.log(a_batch(a_sighting(1, raw=a_raw(parts=(longer,))), a_sighting(2)), NOW)

    assert [row.key for row in ledger.readings.unread("v1", 9)] == [a_key(1)]


def test_what_was_read_is_not_read_again_until_the_rules_change(ledger):
    ledger.mail.log(a_batch(a_sighting(1), a_sighting(2)), NOW)
    ledger.readings.unread("v1", 10)

    ledger.readings.write([a_read(logged_message(1)), a_read(logged_message(2))])

    assert ledger.readings.unread("v1", 10) == []
    assert [row.key for row in ledger.readings.unread("v2", 10)] == [a_key(1), a_key(2)]
    ledger.readings.write([a_read(logged_message(1), "v2")])
    assert [row.key for row in ledger.readings.unread("v2", 10)] == [a_key(2)]


def test_a_reading_by_older_rules_does_not_settle_a_mail(ledger):
    ledger.mail.log(a_batch(a_sighting(1)), NOW)
    ledger.readings.unread("v2", 10)

    ledger.readings.write([a_read(logged_message(1), "v1")])

    assert [row.key for row in ledger.readings.unread("v2", 10)] == [a_key(1)]


def test_history_is_one_client_in_order_of_time_and_key(ledger):
    late = logged_message(1, "tue 09:00")
    early = logged_message(2, "mon 09:00")
    twin = replace(logged_message(3, "mon 09:00"), key="0" * 64)
    other = logged_message(4, client="acme")
    ledger.readings.write([a_read(m) for m in (late, early, twin, other)])

    assert ledger.readings.history("fjord") == [twin, early, late]
    assert ledger.readings.history("fjord", since=moment("tue 09:00")) == [late]
    assert ledger.readings.history("acme") == [other]
    assert ledger.readings.history("nobody") == []


def test_all_of_a_message_comes_back(ledger):
    full = a_message(
        "mon 09:00:01",
        a_signal("ask", "the logo", subtype="content", item=1, due=date(2026, 3, 6), quoted="?"),
        a_signal("thanks", "thanks"),
        key=a_key(1),
        parents=("<a@x>", "<b@x>"),
        addressed=("dana@studio.example", "kim@studio.example"),
        away_until=date(2026, 3, 9),
        receipt=True,
        attachments=("logo\n.png", "a\x1fb"),
        promised=((a_key(2), moment("tue 10:00")), (a_key(3), moment("wed 10:00"))),
    )

    ledger.readings.write([a_read(full, text="Where is the logo?")])

    assert ledger.readings.history("fjord") == [full]
    assert ledger.readings.text(full.key) == "Where is the logo?"
    assert ledger.readings.reading(full.key) == a_read(full, text="Where is the logo?")


def test_a_new_reading_takes_the_place_of_the_old_one(ledger):
    ledger.readings.write([a_read(logged_message(1))])

    ledger.readings.write([a_read(logged_message(1, "tue 10:00", client="acme"), text="Other")])

    assert ledger.readings.history("fjord") == []
    assert [m.key for m in ledger.readings.history("acme")] == [a_key(1)]
    assert ledger.readings.text(a_key(1)) == "Other"
    assert set(ledger.readings.clients()) == {"acme"}


def test_clients_are_counted_and_their_changes_numbered(ledger):
    ledger.readings.write([a_read(logged_message(n, f"mon 09:0{n}")) for n in range(3)])
    ledger.readings.write([a_read(logged_message(7, client=""))])

    (fjord,) = ledger.readings.clients().values()

    assert (fjord.client, fjord.messages) == ("fjord", 3)
    assert (fjord.first, fjord.last) == (moment("mon 09:00"), moment("mon 09:02"))
    serial, changed = ledger.readings.changed(0)
    assert changed == {"fjord"}
    assert ledger.readings.changed(serial) == (serial, frozenset())
    ledger.readings.write([a_read(logged_message(8, client="acme"))])
    assert ledger.readings.changed(serial)[1] == {"acme"}


def test_a_message_is_found_by_key_beginning_and_message_id(ledger):
    one, two = logged_message(1), replace(logged_message(2), key=a_key(1)[:8] + "0" * 56)
    ledger.readings.write([a_read(one), a_read(two)])

    found = ledger.readings.message

    assert found(one.key) == one
    assert found(one.key[:9]) == one
    assert found(one.key[:8]) is None
    assert found("<1@x>") == one
    assert found("1@x") == one
    assert found("") is None
    assert found("9@x") is None


def test_a_message_id_may_be_used_twice(ledger):
    one = replace(logged_message(1, "tue 09:00"), message_id="<same@x>")
    two = replace(logged_message(2, "mon 09:00"), message_id="<same@x>")
    ledger.readings.write([a_read(one), a_read(two)])

    assert ledger.readings.by_message_id("same@x") == [two, one]
    assert ledger.readings.message("<same@x>") == two


def test_what_was_never_read_has_no_text_and_no_reading(ledger):
    assert ledger.readings.text(a_key(1)) == ""
    assert ledger.readings.reading(a_key(1)) is None


def test_a_lone_surrogate_is_replaced_and_stops_nothing(ledger):
    bad = logged_message(1, subject="broken \ud83d", attachments=("\udc80.png",))

    ledger.readings.write([a_read(bad), a_read(logged_message(2))])

    first, second = sorted(ledger.readings.history("fjord"), key=lambda m: m.key == a_key(2))
    assert (first.subject, first.attachments) == ("broken ?", ("?.png",))
    assert second == logged_message(2)


def test_replacing_surrogates_leaves_the_rest_as_it_is():
    read = a_read(logged_message(1))

    assert read == encodable(read)


def test_writing_nothing_is_allowed(ledger):
    ledger.readings.write([])

    assert ledger.readings.changed(0) == (0, frozenset())


def test_a_naive_moment_is_refused(ledger):
    naive = logged_message(1, moment("mon 09:00").replace(tzinfo=None))

    with pytest.raises(ValueError, match="timezone"):
        ledger.readings.write([a_read(naive)])
    naive = logged_message(1, promised=((KARI, moment("mon 09:00").replace(tzinfo=None)),))
    with pytest.raises(ValueError, match="zone"):
        ledger.readings.write([a_read(naive)])
    assert ledger.readings.history("fjord") == []


def test_history_does_not_care_in_which_zone_since_is_given(ledger):
    ledger.readings.write([a_read(logged_message(1, "mon 09:00"))])
    since = moment("mon 09:00").astimezone(tz=None)

    assert len(ledger.readings.history("fjord", since=since)) == 1
    assert ledger.readings.history("fjord", since=since + timedelta(seconds=1)) == []
