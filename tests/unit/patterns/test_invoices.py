"""Invoices: what the mails and the owner say of each."""

from datetime import date

import pytest

from builders import a_client, a_message, a_signal, a_word, an_invoice, an_owner, moment
from mailhours.model.client import Thresholds
from mailhours.model.judgement import InvoiceState
from mailhours.patterns.judge import judge

FIRST = an_invoice("2026-001", issued=date(2026, 2, 16), due=date(2026, 3, 2))
SECOND = an_invoice("2026-002", issued=date(2026, 2, 20), due=date(2026, 3, 6))


def standings(messages=(), now="wed 12:00", words=(), invoices=(FIRST, SECOND)):
    client = a_client(invoices=invoices)
    return judge(an_owner(), client, messages, words, Thresholds(), moment(now)).invoices


def states(*args, **kwargs):
    return [standing.state for standing in standings(*args, **kwargs)]


@pytest.mark.parametrize(
    ("now", "state", "days_late"),
    [
        pytest.param("mon 23:00", InvoiceState.OPEN, 0, id="on the day it is due"),
        pytest.param("tue 00:30", InvoiceState.OVERDUE, 1, id="on the day after"),
        pytest.param("fri 12:00", InvoiceState.OVERDUE, 4, id="four days after"),
    ],
)
def test_an_invoice_that_nobody_speaks_of(now, state, days_late):
    (standing,) = standings(now=now, invoices=(FIRST,))
    assert (standing.state, standing.days_late) == (state, days_late)


def test_an_invoice_that_is_not_issued_yet_does_not_stand():
    assert standings(invoices=(an_invoice("x", issued=date(2026, 3, 5)),)) == ()


@pytest.mark.parametrize(
    ("signal", "state"),
    [
        ("payment_sent", InvoiceState.REPORTED),
        ("payment_disputed", InvoiceState.DISPUTED),
        ("payment_promised", InvoiceState.PROMISED),
    ],
)
def test_a_mail_speaks_of_the_oldest_that_is_not_paid(signal, state):
    assert states([a_message("tue 09:00", signal)]) == [state, InvoiceState.OPEN]


def test_a_mail_that_names_a_number_speaks_of_that():
    named = a_message("tue 09:00", "payment_sent", subject="Invoice 2026-002")
    assert states([named]) == [InvoiceState.OVERDUE, InvoiceState.REPORTED]
    named = a_message("tue 09:00", a_signal("payment_sent", "we paid 2026-002 today"))
    assert states([named]) == [InvoiceState.OVERDUE, InvoiceState.REPORTED]


def test_what_was_paid_before_is_not_spoken_of():
    words = [a_word("paid", "2026-001", "mon 09:00")]
    assert states([a_message("tue 09:00", "payment_sent")], words=words) == [
        InvoiceState.PAID,
        InvoiceState.REPORTED,
    ]


def test_when_everything_is_paid_a_mail_speaks_of_nothing():
    words = [a_word("paid", number, "mon 09:00") for number in ("2026-001", "2026-002")]
    assert {
        s.messages for s in standings([a_message("tue 09:00", "payment_sent")], words=words)
    } == {()}


def test_the_newest_mail_counts():
    messages = [a_message("mon 09:00", "payment_disputed"), a_message("tue 09:00", "payment_sent")]
    assert states(messages) == [InvoiceState.REPORTED, InvoiceState.OPEN]


@pytest.mark.parametrize(
    ("signal", "now", "state"),
    [
        (a_signal("payment_promised", due=date(2026, 3, 4)), "wed 23:00", InvoiceState.PROMISED),
        (a_signal("payment_promised", due=date(2026, 3, 4)), "thu 01:00", InvoiceState.OVERDUE),
        (a_signal("payment_promised"), "mon+1 23:00", InvoiceState.PROMISED),
        (a_signal("payment_promised"), "tue+1 01:00", InvoiceState.OVERDUE),
    ],
)
def test_a_promise_holds_until_its_day_or_for_a_week(signal, now, state):
    assert states([a_message("mon 09:00", signal)], now)[0] is state


@pytest.mark.parametrize(
    ("text", "paid"),
    [
        pytest.param("", date(2026, 3, 3), id="on the day of the word"),
        pytest.param("2026-02-27", date(2026, 2, 27), id="on the day that it names"),
        pytest.param("by transfer", date(2026, 3, 3), id="with a remark"),
    ],
)
def test_paid_by_the_owners_word(text, paid):
    standing = standings(words=[a_word("paid", "2026-001", "tue 09:00", text)])[0]
    assert (standing.state, standing.paid) == (InvoiceState.PAID, paid)


def test_paid_by_the_client_file_from_that_day_on():
    invoice = an_invoice("x", due=date(2026, 3, 2), paid=date(2026, 3, 4))
    assert states(now="tue 12:00", invoices=(invoice,)) == [InvoiceState.OVERDUE]
    assert states(now="wed 12:00", invoices=(invoice,)) == [InvoiceState.PAID]


def test_later_than_the_bills_before():
    earlier = [
        an_invoice(
            str(n), issued=date(2025, n, 1), due=date(2025, n, 15), paid=date(2025, n, 15 + n)
        )
        for n in (1, 2, 3)
    ]
    client = a_client(invoices=(*earlier, FIRST))
    judged = judge(an_owner(), client, [], (), Thresholds(), moment("fri 12:00"))
    found = [f for f in judged.findings if f.pattern == "late_payment"]
    assert [f.numbers["days_late"] for f in found] == [1, 2, 3, 4]
    assert [f.numbers.get("median_before") for f in found] == [None, 1.0, 1.5, 2.0]
