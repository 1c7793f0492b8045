"""The rarer things that a summary, dossier or letter can have to say."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from builders import (
    KARI,
    a_calendar,
    a_client,
    a_message,
    an_invoice,
    an_owner,
    moment,
    office_hours,
)
from mailhours.model.client import Money
from mailhours.model.health import Health, Quarantined
from mailhours.model.judgement import InvoiceStanding, InvoiceState
from mailhours.model.message import Authentication
from mailhours.model.outlook import NextReminder
from mailhours.model.reply import Cause, Mode, ReplyState, Withheld
from mailhours.summary.actions import actions
from mailhours.summary.day import gather
from mailhours.summary.dossier import gather as gather_dossier
from mailhours.summary.inputs import Handled
from mailhours.summary.letter import working_together
from mailhours.summary.markdown import markdown
from mailhours.summary.record import record
from mailhours.summary.text import text
from unit.summary.office import (
    NOW,
    a_judgement,
    a_promise,
    a_quiet_day,
    a_reply,
    an_ask,
    the_inputs,
)
from unit.summary.test_dossier import the_dossier_inputs
from unit.summary.test_pages_of_the_day import WORDING, summary_of

WORDS = WORDING.words("en")


def overdue(number: str, currency: str, days: int = 17) -> InvoiceStanding:
    invoice = an_invoice(number, amount=Money(Decimal(100), currency))
    return InvoiceStanding(invoice, InvoiceState.OVERDUE, None, None, days, ())


def test_sums_of_several_currencies_are_never_added():
    judgement = a_judgement(
        invoices=(overdue("1", "EUR"), overdue("2", "NOK"), overdue("3", "EUR"))
    )
    sheet = summary_of(a_quiet_day(judgements={"fjord": judgement}))

    assert sheet.verdict.endswith("Fjord Coffee AS owes you 200.00\xa0EUR and 100.00\xa0NOK.")
    assert (sheet.figures[2].value, sheet.figures[2].note) == ("200.00 EUR", "and 100.00\xa0NOK")


def test_a_payment_promised_before_its_day_is_shown_and_not_counted_as_overdue():
    standing = InvoiceStanding(
        an_invoice(due=date(2026, 3, 10)), InvoiceState.PROMISED, None, date(2026, 3, 9), -6, ()
    )
    day = gather(a_quiet_day(judgements={"fjord": a_judgement(invoices=(standing,))}))

    assert len(day.debts) == 1
    assert day.overdue_money() == {}


def test_a_paid_invoice_is_no_debt():
    standing = InvoiceStanding(an_invoice(), InvoiceState.PAID, date(2026, 3, 1), None, 14, ())

    assert gather(a_quiet_day(judgements={"fjord": a_judgement(invoices=(standing,))})).debts == ()


def test_a_reason_that_held_back_many_clients_names_the_first_ones():
    clients = {f"c{n}": a_client(key=f"c{n}", name=f"Client {n}") for n in range(9)}
    withheld = tuple(
        Withheld(key, "x@y.example", Cause("message", key), "sending is stopped") for key in clients
    )
    plain = text(summary_of(a_quiet_day(clients=clients, judgements={}, withheld=withheld)))

    assert "Client 4, and 4 more" in " ".join(plain.split())


def test_draft_mode_and_a_stop_say_so():
    sheet = summary_of(a_quiet_day(mode=Mode.DRAFT, health=Health(stopped=True)))

    assert sheet.footer[0] == "Draft mode: replies wait in your drafts."
    assert sheet.alarm == "Sending is stopped by your word; “start” lets it go on."


def test_one_late_answer_and_one_in_time_are_each_a_sentence():
    late = a_promise(a_message("mon 09:00", "ask"), "tue 09:00")
    due = a_promise(a_message("wed 09:00", "ask"), "thu 09:00")

    only_late = summary_of(a_quiet_day(judgements={"fjord": a_judgement(promises=(late,))}))
    in_time = summary_of(a_quiet_day(judgements={"fjord": a_judgement(promises=(due,))}))
    assert only_late.verdict.startswith("You owe 1 answer, and it is late;")
    assert in_time.verdict.startswith("You owe 1 answer, next by Thu 5 Mar, 09:00;")
    assert in_time.subject == "1 answer due by Thu 5 Mar, 09:00 · Wed 4 Mar"


def test_an_office_without_check_ins_names_none():
    owner = an_owner(calendar=a_calendar(office_hours(check_ins=())))
    ask = an_ask("mon 09:00", "tue 09:00", "text")
    inputs = a_quiet_day(
        owner=owner,
        judgements={"fjord": a_judgement(asks=(ask,))},
        reminders={ask.id: NextReminder(1, moment("tue 10:00"))},
    )

    assert gather(inputs).slots == ()
    assert "reminder" not in text(summary_of(inputs))
    assert (
        "I read and answer mail"
        not in working_together(owner, a_client(), NOW.date(), WORDING).text
    )


def test_what_cannot_be_retried_is_shown_without_a_command():
    health = Health(quarantined=(Quarantined("INBOX", "7", "too deep"),))

    assert actions(gather(a_quiet_day(health=health))) == ()
    assert "INBOX 7: too deep" in text(summary_of(a_quiet_day(health=health)))


def test_a_reply_to_a_client_whose_file_is_gone_is_still_told():
    handled = Handled(a_reply(client="gone"), ReplyState.FILED, moment("tue 10:00"))
    plain = text(summary_of(a_quiet_day(replies=(handled,))))

    assert "* kari@fjord.example: Tue 3 Mar, 10:00" in plain


def test_many_currencies_in_a_final_report_have_their_own_totals():
    inputs = the_dossier_inputs(parting=True)
    judgement = replace(inputs.judgement, invoices=(overdue("1", "EUR"), overdue("2", "NOK")))
    told = markdown(record(gather_dossier(replace(inputs, judgement=judgement)), WORDS))

    assert "| Total |  | 100.00\xa0EUR |" in told
    assert "| Total |  | 100.00\xa0NOK |" in told


def test_a_short_dossier_draws_only_the_lanes_it_has():
    inputs = the_dossier_inputs(chain_head="")
    judgement = replace(inputs.judgement, asks=(), invoices=())
    told = record(gather_dossier(replace(inputs, judgement=judgement)), WORDS)

    assert told.picture is not None
    assert len(told.picture.lanes) == 2
    assert told.picture.legend == ""
    assert not any("chain" in line for line in told.footer)


def test_an_invoice_of_before_the_first_mail_is_not_drawn():
    inputs = the_dossier_inputs()
    before = InvoiceStanding(
        an_invoice(issued=date(2026, 1, 1), due=date(2026, 1, 15)),
        InvoiceState.PAID, date(2026, 1, 10), None, 0, (),
    )  # fmt: skip
    judgement = replace(inputs.judgement, asks=(), invoices=(before,))
    told = record(gather_dossier(replace(inputs, judgement=judgement)), WORDS)

    assert told.picture is not None
    assert len(told.picture.lanes) == 2


def test_a_picture_of_years_names_months_and_not_weeks():
    inputs = the_dossier_inputs()
    judgement = replace(inputs.judgement, first=NOW - timedelta(days=900))
    told = record(gather_dossier(replace(inputs, judgement=judgement)), WORDS)

    assert told.picture is not None
    assert 5 <= len(told.picture.ticks) <= 10
    gaps = [b.x - a.x for a, b in zip(told.picture.ticks, told.picture.ticks[1:], strict=False)]
    assert min(gaps) >= 62


def test_a_full_day_offers_its_actions_in_one_screen():
    assert len(actions(gather(the_inputs()))) <= 16


def test_a_mail_that_is_perhaps_forged_says_so_and_comes_before_machines():
    robot = a_message("mon 09:00", "ask", subject="Newsletter")
    forged = a_message(
        "mon 10:00", "ask", subject="New bank account", authentication=Authentication.FAIL
    )
    inputs = a_quiet_day(judgements={"fjord": a_judgement(review=(robot, forged))})
    plain = text(summary_of(inputs))

    assert "The sender's authentication fails: perhaps a forgery" in plain
    assert plain.index("New bank account") < plain.index("Newsletter")


def test_what_the_server_said_is_told_only_of_what_it_refused():
    said = "2.0.0 Ok: queued"
    sent = Handled(a_reply(), ReplyState.FILED, moment("tue 10:00"), said)
    refused = Handled(a_reply("Re: No"), ReplyState.REFUSED, moment("tue 10:00"), "550 no")
    plain = text(summary_of(a_quiet_day(replies=(sent, refused))))

    assert said not in plain
    assert "550 no" in plain


def test_a_reminder_held_back_is_told_once_with_what_it_is_about():
    ask = an_ask("mon 09:00", "tue 09:00", "text")
    why = "they wrote since the last check-in"
    inputs = a_quiet_day(
        judgements={"fjord": a_judgement(asks=(ask,))},
        withheld=(
            Withheld("fjord", KARI, Cause("ask", f"{ask.id}:1"), why),
            Withheld("fjord", KARI, Cause("ask", "agone:1"), "they are away until 2026-03-09"),
        ),
    )
    plain = text(summary_of(inputs))

    assert plain.count(why) == 1
    assert "Withheld: 1 mail" in plain


def test_what_is_late_by_days_is_told_in_days_and_not_in_hours():
    late = a_promise(a_message("2026-02-23 09:00", "ask"), "2026-02-24 09:00")
    today = a_promise(a_message("tue 09:00", "ask"), "wed 09:00")
    told = text(summary_of(a_quiet_day(judgements={"fjord": a_judgement(promises=(late, today))})))

    assert "6 working days overdue" in told
    assert "of office time past your promise" in told
