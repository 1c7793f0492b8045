"""What clients owe, in the states that it can have."""

from dataclasses import replace
from datetime import date

import pytest

from builders import an_invoice, moment
from mailhours.model.judgement import AskItem, InvoiceStanding, InvoiceState
from mailhours.model.outlook import NextReminder
from mailhours.model.reply import Cause, Withheld
from mailhours.summary.day import gather
from mailhours.summary.owing import they_owe
from mailhours.wording.catalogue import words
from unit.summary.office import a_judgement, a_quiet_day, an_ask


def notes_of(ask, *, held=False, reminder=None, withheld=()):
    inputs = a_quiet_day(
        judgements={"fjord": a_judgement(asks=(ask,), held=held)}, withheld=withheld
    )
    if reminder:
        inputs = replace(inputs, reminders={ask.id: reminder})
    (item,) = they_owe(gather(inputs), words("en")).blocks[0].items
    return item


def an_overdue_ask(**changes):
    return an_ask("mon 09:00", "tue 09:00", "the texts", **changes)


def test_a_reminder_to_come_is_named_with_its_check_in_and_level():
    item = notes_of(an_overdue_ask(), reminder=NextReminder(1, moment("fri 10:00")))

    assert item.notes[-1] == "Next reminder Fri 6 Mar, 10:00, level 1"


def test_a_reminder_whose_time_has_passed_comes_at_the_next_check_in():
    item = notes_of(an_overdue_ask(), reminder=NextReminder(2, moment("tue 10:00")))

    assert item.notes[-1] == "Next reminder Thu 5 Mar, 10:00, level 2"


def test_a_reminder_that_was_withheld_says_why():
    ask = an_overdue_ask()
    why = Withheld(
        "fjord", ask.person, Cause("ask", f"{ask.id}:1"), "you owe this client an answer"
    )
    item = notes_of(ask, reminder=NextReminder(1, moment("wed 10:00")), withheld=(why,))

    assert item.notes[-1] == "Reminder held back: you owe this client an answer"


def test_a_client_on_hold_gets_no_reminder():
    item = notes_of(an_overdue_ask(), held=True, reminder=NextReminder(1, moment("fri 10:00")))

    assert item.notes[-1] == "On hold: no reminders"


def test_an_ask_due_today_is_overdue_without_days():
    assert notes_of(an_ask("mon 09:00", "wed 12:00", "x")).when == "was due Wed 4 Mar, 12:00"


def test_what_is_still_open_of_an_ask_is_named():
    ask = an_overdue_ask(away_until=date(2026, 3, 9))
    items = (AskItem(1, "logo", moment("tue 10:00"), "k"), AskItem(2, "photos"))
    item = notes_of(replace(ask, items=items))

    assert item.what == "Feedback: “photos”"
    assert "1 part still open" in item.notes[0]
    assert "Away until Mon 9 Mar" in item.notes[0]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        pytest.param(InvoiceState.PROMISED, "Payment promised for Fri 6 Mar", id="promised"),
        pytest.param(InvoiceState.REPORTED, "They say it is paid: please check", id="reported"),
        pytest.param(InvoiceState.DISPUTED, "They dispute it: please talk to them", id="disputed"),
    ],
)
def test_an_invoice_says_what_they_say_of_it(state, said):
    standing = InvoiceStanding(an_invoice(), state, None, date(2026, 3, 6), 17, ())
    judgements = {"fjord": a_judgement(invoices=(standing,))}
    (item,) = they_owe(gather(a_quiet_day(judgements=judgements)), words("en")).blocks[0].items

    assert item.notes[0] == f"Due Sun 15 Feb · {said}"


@pytest.mark.parametrize(
    ("why", "told"),
    [
        pytest.param("they say it is paid: please check", False, id="what the state says already"),
        pytest.param("you owe this client an answer", True, id="another reason"),
    ],
)
def test_why_a_notice_was_held_back_is_told_where_it_is_news(why, told):
    standing = InvoiceStanding(an_invoice(), InvoiceState.REPORTED, None, None, 17, ())
    withheld = Withheld("fjord", "", Cause("invoice", f"{standing.invoice.number}:1"), why)
    inputs = a_quiet_day(
        judgements={"fjord": a_judgement(invoices=(standing,))}, withheld=(withheld,)
    )
    [item] = they_owe(gather(inputs), words("en")).blocks[0].items

    assert any("They say it is paid" in note for note in item.notes)
    assert any(why in note for note in item.notes) is told
