"""Why: explanations that a freelancer can read."""

from datetime import date

import pytest

from builders import (
    a_client,
    a_message,
    a_signal,
    a_thread,
    a_word,
    an_invoice,
    an_owner,
    moment,
)
from mailhours.model.client import Thresholds
from mailhours.patterns.judge import judge
from mailhours.patterns.why import (
    explain_judgement,
    explain_message,
    explain_thread,
    nudge_id,
)


def judged(messages, now="wed 12:00", words=(), **client):
    return judge(an_owner(), a_client(**client), messages, words, Thresholds(), moment(now))


def told(found, reference, **client):
    return [
        step.text for step in explain_judgement(found, reference, an_owner(), a_client(**client))
    ]


def test_an_unknown_name_explains_nothing():
    assert told(judged([]), "p00000000") == []


def test_a_promise_that_was_kept():
    thread = (
        a_message("sun 22:00", a_signal("ask", "could you"), subject="Menu"),
        *a_thread("mon+1 15:00 us: answer", subject="Menu"),
    )
    found = judged(thread, "wed+1 12:00")
    assert told(found, found.promises[0].id) == [
        "kari@fjord.example wrote 'Menu' and is owed an answer: ask 'could you'",
        "On that day an answer within 1 business day was agreed",
        "It came outside office hours: the time runs from the opening",
        "So the answer was due Tue 10 Mar 2026 09:00 CET",
        "Kept: answered by our mail",
    ]


@pytest.mark.parametrize(
    ("now", "last"),
    [
        pytest.param("mon 16:30", "Open: 30 min of business time are left", id="open"),
        pytest.param("tue 11:00", "Overdue by 2 h 0 min of business time", id="overdue"),
    ],
)
def test_a_promise_that_is_open(now, last):
    found = judged(a_thread("mon 09:00 client: ask"), now)
    assert told(found, found.promises[0].id)[-1] == last


def test_a_promise_closed_late_by_the_owners_word():
    thread = a_thread("mon 09:00 client: ask")
    found = judged(thread, words=[a_word("answered", thread[0].key, "tue 09:30", "by phone")])
    last = told(found, found.promises[0].id)[-1]
    assert last == "Late by 30 min of business time: answered by the owner's word"


def test_a_promise_that_we_stated():
    question = a_message("mon 09:00", "ask")
    said = a_message(
        "mon 10:00", ours=True, machine=True, promised=((question.key, moment("tue 15:00")),)
    )
    found = judged([question, said])
    assert "Our acknowledgement stated an answer by Tue 03 Mar 2026 15:00 CET" in told(
        found, found.promises[0].id
    )


def test_an_ask_with_what_came_of_it():
    question = a_message(
        "mon 09:00",
        a_signal("ask", "the logo", item=1),
        a_signal("ask", "photos", item=2),
        ours=True,
    )
    later = a_message("mon 15:00", "defer", replies_to=question)
    first = a_message("tue 10:00", a_signal("answer", item=1), replies_to=question)
    robot = a_message("mon 09:01", machine=True, away_until=date(2026, 3, 3))
    found = judged([question, robot, later, first])
    assert told(found, found.asks[0].id) == [
        "We asked kari@fjord.example for content: 1. 'the logo'; 2. 'photos'",
        "Agreed: within 3 business days, counted in the client's hours: due Thu 05 Mar 2026 09:00 CET",
        "kari@fjord.example announced to be away until Tue 03 Mar 2026",
        "Mail of the client reacted, and gave nothing asked for",
        "Mail of the client gave item 1",
        "partial: item 2 is missing, after 19 h 0 min of the client's business time",
    ]


def test_an_ask_with_a_day_closed_by_the_owner():
    question = a_message("mon 09:00", a_signal("ask", "the logo", due=date(2026, 3, 6)), ours=True)
    found = judged([question], words=[a_word("dismiss", question.key, "tue 09:00")])
    assert told(found, found.asks[0].id)[1:] == [
        "Our mail named the day: due Fri 06 Mar 2026 23:59 CET",
        "Closed by the owner's word: dropped, after 8 h 0 min of the client's business time",
    ]


def test_a_nudge():
    found = judged(a_thread("mon 09:00 client: ask", "mon 13:00 client: nudge"))
    assert told(found, nudge_id(found.nudges[0])) == [
        "This mail of the client was waiting for us",
        "240 minutes after it, this one chases in words: ''",
        "50% of the promised time had passed; the answer was due Tue 03 Mar 2026 09:00 CET",
    ]


def test_a_finding_with_its_numbers_and_evidence():
    late = a_message("mon 22:00", "urgent", "ask", subject="Slider")
    found = judged([late], words=[])
    (finding,) = found.findings
    steps = told(judged([late], words=[a_word("dismiss", finding.id, "tue 09:00")]), finding.id)
    assert steps == [
        "off_hours: mail that expects an answer while both offices are closed",
        "mails: 1",
        "hours before opening: 11.0",
        "evidence: 'Slider'",
        "The owner dismissed it",
    ]


def test_an_invoice():
    invoice = an_invoice("7", issued=date(2026, 2, 16), due=date(2026, 3, 2))
    promise = a_message("mon 09:00", a_signal("payment_promised", due=date(2026, 3, 3)))
    words = [a_word("paid", "7", "wed 10:00")]
    found = judged([promise], words=words, invoices=(invoice,))
    assert told(found, "7", invoices=(invoice,)) == [
        "Invoice 7 of 1200.00 EUR, issued Mon 16 Feb 2026, due Mon 02 Mar 2026",
        "Mail of the client on the payment",
        "Payment was promised for Tue 03 Mar 2026",
        "Paid Wed 04 Mar 2026",
        "paid, 2 days late",
    ]


def test_whose_turn_it_was_for_a_client_and_for_a_project():
    found = judged(a_thread("mon 09:00 client: ask", "mon 10:00 us: answer", "tue 09:00 us: ask"))
    turns = told(found, "fjord")
    assert turns == [
        "our turn: mail of theirs waited for our answer, until Mon 02 Mar 2026 10:00 CET, 1 h 0 min of business time",
        "because of 'Homepage'",
        "nobody's turn, until Tue 03 Mar 2026 09:00 CET, 7 h 0 min of business time",
        "their turn: what we asked for was missing, until Wed 04 Mar 2026 12:00 CET, 11 h 0 min of business time",
        "because of 'Re: Homepage'",
    ]
    project = told(found, "fjord/web")
    assert (
        project[0]
        == "Business time: ours 1 h 0 min, theirs 11 h 0 min, nobody's 7 h 0 min, together 19 h 0 min"
    )
    assert project[-1].startswith("0 days lost by the client")


def test_a_message_explains_all_that_it_made():
    thread = a_thread("mon 09:00 client: ask", "mon 10:00 client: nudge")
    steps = explain_message(judged(thread), thread[1].key, an_owner(), a_client())
    assert [step.text.split()[0] for step in steps][:1] == ["kari@fjord.example"]
    assert any("minutes after it" in step.text for step in steps)


def test_whose_turn_it_was_in_a_thread():
    shop = a_thread("mon 09:00 client: ask", "mon 11:00 us: answer", subject="Shop")
    menu = a_thread("mon 12:00 us: ask", subject="Menu")
    found = judged((*shop, *menu), "mon 13:00")

    def turned(first):
        steps = explain_thread(found, first.key, first.at, an_owner(), a_client())
        return [f"{step.text} {step.message}".strip() for step in steps]

    until = "until Mon 02 Mar 2026 11:00 CET, 2 h 0 min of business time"
    assert turned(shop[0]) == [
        "In its thread: ours 2 h 0 min, theirs 0 min, nobody's 2 h 0 min, together 4 h 0 min",
        f"our turn: mail of theirs waited for our answer, {until}",
        f"because of 'Shop' {shop[0].key}",
    ]
    assert turned(menu[0])[0].startswith("In its thread: ours 0 min, theirs 1 h 0 min")


def test_a_thread_in_which_nobody_waited_is_not_spoken_of():
    news = a_message("mon 09:00", subject="News")
    found = judged((news,), "mon 13:00")
    assert explain_thread(found, news.key, news.at, an_owner(), a_client()) == ()
