"""A good configuration and what it means."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from configurations import FJORD, MAIN, loaded
from mailhours.model.client import Money, Role, Thresholds
from mailhours.model.duration import Duration, Unit
from mailhours.model.hours import Block
from mailhours.model.reply import Mode, ReplyKind
from mailhours.model.server import Security

BUSINESS_DAY = Duration(1, Unit.BUSINESS_DAY)


def test_a_minimal_file_has_a_default_for_everything_else(tmp_path):
    settings = loaded(tmp_path)

    (box,) = settings.mailboxes
    assert settings.account == settings.summary_to == "dana@studio.example"
    assert settings.owner.language == "en"
    assert settings.policy.mode is Mode.SHADOW
    assert settings.policy.authentication_required
    assert settings.thresholds == Thresholds()
    assert settings.catch_up == timedelta(hours=1)
    assert settings.summary_at == time(16, 45)
    assert settings.keep == timedelta(days=720)
    assert settings.payment_details == ""
    assert settings.days_before is None
    assert (box.name, box.source, box.folders) == ("main", "imap", ("INBOX",))
    assert (box.sent, box.drafts, box.held, box.idle) == ("auto", "auto", "Check-in", True)
    assert (box.poll_every, box.history) == (timedelta(minutes=3), timedelta(days=90))
    assert box.server
    assert (box.server.port, box.server.security) == (993, Security.TLS)
    assert box.server.user == "dana@studio.example"
    assert settings.submission
    assert settings.submission.port == 465
    (client,) = settings.clients
    assert (client.key, client.language, client.formal) == ("fjord", "en", True)
    assert client.agreement(date(2026, 1, 1)).answer_within == BUSINESS_DAY


def test_times_may_be_written_with_or_without_quotes(tmp_path):
    settings = loaded(
        tmp_path,
        {"mailhours.toml": MAIN.replace('["10:00", "15:00"]', '[15:00:00, "9:30"]')},
    )

    assert settings.owner.calendar.hours[0].check_ins == (time(9, 30), time(15))


def test_a_bom_and_windows_line_ends_are_no_matter(tmp_path):
    plain = loaded(tmp_path / "a")
    windows = loaded(
        tmp_path / "b",
        {"mailhours.toml": b"\xef\xbb\xbf" + MAIN.replace("\n", "\r\n").encode()},
    )

    assert windows.owner.name == plain.owner.name
    assert windows.digest == plain.digest


def test_a_maildir_needs_only_its_path_and_relative_ones_start_at_the_directory(tmp_path):
    mailbox = '[mailbox.main]\npath = "Maildir"\n'
    main = MAIN[: MAIN.index("[mailbox")] + mailbox + MAIN[MAIN.index("[submission") :]

    (box,) = loaded(tmp_path, {"mailhours.toml": main}).mailboxes

    assert (box.source, box.server, box.path) == ("maildir", None, str(tmp_path / "Maildir"))


def test_a_home_in_a_path_is_that_of_whoever_runs_it(tmp_path):
    mailbox = '[mailbox.main]\nsource = "maildir"\npath = "~/Maildir"\n'
    main = MAIN[: MAIN.index("[mailbox")] + mailbox

    (box,) = loaded(tmp_path, {"mailhours.toml": main}, HOME="/home/dana").mailboxes

    assert box.path == "/home/dana/Maildir"


def test_a_server_on_this_machine_needs_neither_password_nor_protection(tmp_path):
    main = MAIN.replace('host = "smtp.studio.example"\npassword = "credential:smtp"', "").replace(
        "[submission]\n", '[submission]\nhost = "127.0.0.1"\nsecurity = "none"\n'
    )

    server = loaded(tmp_path, {"mailhours.toml": main}).submission

    assert server
    assert (server.host, server.port, server.user, server.password) == ("127.0.0.1", 25, "", None)


def test_a_token_command_stands_in_place_of_a_password(tmp_path):
    main = MAIN.replace('password = "credential:imap"', 'token_command = "oauth2 --scope mail"')

    server = loaded(tmp_path, {"mailhours.toml": main}).mailboxes[0].server

    assert server
    assert server.password is None
    assert server.token
    assert server.token.reference == "command:oauth2 ..."


def test_modes_of_single_kinds_and_limits_reach_the_policy(tmp_path):
    lines = '[replies]\nmode = "draft"\nmodes = { acknowledgement = "send" }\nper_day = 7\n'

    policy = loaded(tmp_path, {"mailhours.toml": MAIN + lines}).policy

    assert policy.mode_of(ReplyKind.ACKNOWLEDGEMENT) is Mode.SEND
    assert policy.mode_of(ReplyKind.FEEDBACK_1) is Mode.DRAFT
    assert policy.per_day == 7


def test_thresholds_are_those_of_the_model(tmp_path):
    main = MAIN + "[patterns]\npestering_nudges = 5\n"

    assert loaded(tmp_path, {"mailhours.toml": main}).thresholds == Thresholds(pestering_nudges=5)


HOURS = """\
[[hours]]
from = 2026-07-01
check_ins = ["11:00"]
[[hours]]
week = { mon = ["22:00-02:00"], tue = ["13:00-17:00", "09:00-12:00"], sun = ["00:00-24:00"] }
holidays = "NO"
closed = ["2026-12-24..2026-12-25", 2026-05-15]
half_days = { "2026-12-23" = ["09:00-12:00"], "2026-05-17" = ["10:00-11:00"] }
catch_up = "30 min"
"""


@pytest.fixture
def hours(tmp_path):
    main = MAIN[: MAIN.index("[hours]")] + HOURS + MAIN[MAIN.index("[mailbox") :]
    return loaded(tmp_path, {"mailhours.toml": main})


def test_hours_are_in_the_order_in_which_they_come_into_force(hours):
    first, second = hours.owner.calendar.hours

    assert (first.valid_from, second.valid_from) == (None, date(2026, 7, 1))
    assert first.week[0] == (Block(22 * 60, 26 * 60),)
    assert first.week[1] == (Block(540, 720), Block(780, 1020))
    assert first.week[6] == (Block(0, 1440),)


def test_what_later_hours_leave_out_stays_as_it_was(hours):
    first, second = hours.owner.calendar.hours

    assert second.week == first.week
    assert second.closed == first.closed
    assert hours.catch_up == timedelta(minutes=30)
    assert (first.check_ins, second.check_ins) == ((time(10), time(15)), (time(11),))


def test_holidays_and_closed_days_are_dates_with_a_reason(hours):
    closed = hours.owner.calendar.hours[0].closed

    assert closed[date(2026, 5, 1)] == "Labor Day"
    assert closed[date(2026, 12, 24)] == "closed"
    assert closed[date(2026, 12, 25)] == "Christmas Day"
    assert date(2000, 12, 25) in closed
    assert date(2050, 12, 25) in closed


def test_a_half_day_opens_a_holiday(hours):
    assert hours.owner.calendar.is_open(datetime(2026, 5, 17, 8, 30, tzinfo=UTC))
    assert not hours.owner.calendar.is_open(datetime(2026, 5, 17, 12, tzinfo=UTC))


def test_holidays_have_the_names_of_the_owners_language_where_they_exist(tmp_path):
    main = MAIN.replace("[hours]", '[hours]\nholidays = "NO"').replace(
        "timezone", 'language = "nb"\ntimezone'
    )

    closed = loaded(tmp_path, {"mailhours.toml": main}).owner.calendar.hours[0].closed

    assert closed[date(2026, 12, 25)] == "Første juledag"


@pytest.mark.parametrize("written", ["DE-BY", "de-by", " DE-BY "])
def test_a_region_has_its_own_holidays(tmp_path, written):
    main = MAIN.replace("[hours]", f'[hours]\nholidays = "{written}"')

    closed = loaded(tmp_path, {"mailhours.toml": main}).owner.calendar.hours[0].closed

    assert date(2026, 1, 6) in closed  # Epiphany is no holiday in most of Germany


def test_a_client_keeps_the_owners_hours_but_not_the_owners_closed_days(tmp_path):
    main = MAIN.replace("[hours]", '[hours]\nholidays = "NO"\nclosed = ["2026-06-01"]')

    settings = loaded(tmp_path, {"mailhours.toml": main})
    calendar = settings.clients[0].calendar

    assert calendar.zone.key == "Europe/Oslo"
    assert not settings.owner.calendar.is_working_day(date(2026, 6, 1))
    assert calendar.is_working_day(date(2026, 6, 1))
    assert not calendar.is_working_day(date(2026, 12, 25))
    assert calendar.next_slot(datetime(2026, 6, 1, tzinfo=UTC)) is None


def test_a_client_has_a_week_zone_holidays_and_closed_days_of_their_own(tmp_path):
    lines = (
        'timezone = "America/New_York"\nholidays = "none"\nclosed = ["2026-06-05"]\n'
        'week = { fri = ["08:00-12:00"] }\n'
    )
    main = MAIN.replace("[hours]", '[hours]\nholidays = "NO"')

    settings = loaded(tmp_path, {"mailhours.toml": main, "clients/fjord.toml": FJORD + lines})
    calendar = settings.clients[0].calendar

    assert calendar.is_open(datetime(2026, 12, 25, 14, tzinfo=UTC))
    assert not calendar.is_open(datetime(2026, 12, 25, 18, tzinfo=UTC))
    assert not calendar.is_working_day(date(2026, 6, 5))
    assert not calendar.is_working_day(date(2026, 6, 8))


def test_clients_with_the_same_hours_share_a_calendar(tmp_path):
    files = {
        "clients/acme.toml": 'name = "Acme"\naddresses = ["@acme.example"]\n',
        "clients/bolt.toml": 'name = "Bolt"\naddresses = ["@bolt.example"]\nholidays = "SE"\n',
        "clients/cork.toml": 'name = "Cork"\naddresses = ["@cork.example"]\n'
        'timezone = "Europe/Oslo"\n',
    }

    acme, bolt, cork, fjord = loaded(tmp_path, files).clients

    assert acme.calendar is fjord.calendar
    assert cork.calendar is fjord.calendar
    assert bolt.calendar is not fjord.calendar


CLIENT = """\
schema = 1
name = "Fjord Coffee AS"
addresses = ["Kari@Fjord.example", "@fjord.example"]
language = "no"
form = "informal"
[[person]]
name = "Kari Nordmann"
address = "kari@fjord.example"
roles = ["contact", "payer"]
[[person]]
address = "ola@elsewhere.example"
[[agreement]]
from = 2026-01-01
answer_within = "4 business hours"
contact = "kim@studio.example"
revision_rounds = 2
payment = "net 14"
clauses = { feedback = "4.2" }
[[agreement]]
from = 2026-06-01
feedback_within = "1 week"
[project]
key = "web"
due = 2026-03-20
words = ["website"]
[[invoice]]
number = "2026-014"
project = "web"
issued = 2026-02-01
due = 2026-02-20
amount = "1200.00 EUR"
paid = 2026-02-25
[[invoice]]
number = "2026-015"
issued = 2026-03-01
amount = "99,5 NOK"
[handover]
items = ["domain: registrar login"]
"""


@pytest.fixture
def fjord(tmp_path):
    main = MAIN + '[agreement]\nfeedback_within = "2 business days"\nturnaround = "5 days"\n'
    return loaded(tmp_path, {"mailhours.toml": main, "clients/fjord.toml": CLIENT}).clients[0]


def test_a_client_owns_its_addresses_its_domain_and_its_people(fjord):
    assert fjord.addresses == ("kari@fjord.example", "@fjord.example", "ola@elsewhere.example")
    assert fjord.owns("anybody@FJORD.example")
    assert fjord.owns("Ola@elsewhere.example")
    assert not fjord.owns("eve@elsewhere.example")
    assert fjord.person("kari@fjord.example").roles == {Role.CONTACT, Role.PAYER}
    assert fjord.person("ola@elsewhere.example").roles == frozenset()
    assert (fjord.language, fjord.formal) == ("nb", False)


def test_old_mail_is_judged_by_the_agreement_of_its_day(fjord):
    before, during, after = (
        fjord.agreement(day) for day in (date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 1))
    )

    assert before.answer_within == BUSINESS_DAY
    assert during.answer_within == Duration(4, Unit.BUSINESS_HOUR)
    assert during.feedback_within == Duration(2, Unit.BUSINESS_DAY)
    assert during.turnaround == Duration(5, Unit.DAY)
    assert after.feedback_within == Duration(1, Unit.WEEK)
    assert after.answer_within == during.answer_within
    assert after.clauses == {"feedback": "4.2"}
    assert after.payment == Duration(14, Unit.DAY)
    assert after.contact == "kim@studio.example"


def test_an_invoice_without_due_is_due_by_the_terms_of_its_day(fjord):
    first, second = fjord.invoices

    assert (first.due, first.paid) == (date(2026, 2, 20), date(2026, 2, 25))
    assert first.amount == Money(Decimal("1200.00"), "EUR")
    assert second.due == date(2026, 3, 15)
    assert second.amount == Money(Decimal("99.5"), "NOK")


def test_a_project_is_named_by_its_key_when_it_has_no_name(fjord):
    (project,) = fjord.projects

    assert (project.key, project.name, project.words) == ("web", "web", ("website",))
    assert fjord.handover == ("domain: registrar login",)


def test_invoices_may_come_from_a_csv(tmp_path):
    files = {
        "clients/fjord.toml": FJORD + 'invoices = "fjord.csv"\n[[project]]\nkey = "web"\n',
        "fjord.csv": b"\xef\xbb\xbfPaid;Number;Note;Issued;Due;Amount;Project\r\n"
        b';2026-1;"first; second";2026-02-01;2026-02-15;1200,00 EUR;web\r\n'
        b"\r\n"
        b"2026-03-01;2026-2;;2026-02-01;2026-02-15;1 EUR;\r\n",
    }

    settings = loaded(tmp_path, files)
    first, second = settings.clients[0].invoices

    assert (first.number, first.project, first.paid) == ("2026-1", "web", None)
    assert str(first.amount) == "1200.00 EUR"
    assert (second.number, second.project, second.paid) == ("2026-2", "", date(2026, 3, 1))
    assert tmp_path / "fjord.csv" in settings.files


def test_templates_and_phrases_are_read_and_backups_are_not(tmp_path):
    settings = loaded(
        tmp_path,
        {
            "templates/nb/acknowledgement.txt": "Hei",
            "templates/.hidden": "x",
            "templates/nb/old.txt~": "x",
            "phrases.d/own.toml": '[nb]\nnudge = ["purring"]\n',
            "phrases.d/readme.txt": "not TOML",
            "clients/#fjord.toml#": "not TOML",
        },
    )

    assert settings.templates == {"nb/acknowledgement.txt": "Hei"}
    assert settings.phrases == {"own.toml": '[nb]\nnudge = ["purring"]\n'}


def test_the_digest_follows_every_file_and_nothing_else(tmp_path):
    first = loaded(tmp_path)

    assert loaded(tmp_path).digest == first.digest
    assert loaded(tmp_path, {"templates/a": "b"}).digest != first.digest


def test_warnings_stop_nothing(tmp_path):
    main = MAIN.replace('host = "imap', 'path = "Maildir"\nhost = "imap') + (
        '[replies]\nmodes = { payment_3 = "send" }\n'
    )
    files = {"mailhours.toml": main, "clients/fjord.toml": FJORD + 'language = "it"\n'}

    warnings = [str(w).removeprefix(f"{tmp_path}/") for w in loaded(tmp_path, files).warnings]

    assert warnings == [
        'mailhours.toml:12: mailbox.main.path: has no meaning with source = "imap"',
        (
            "mailhours.toml:19: replies.authserv_id: is not set: no sender can be proved, so every "
            "reply waits for your review"
        ),
        (
            "mailhours.toml:20: replies.modes.payment_3: always waits for your approval; it will be "
            "a draft"
        ),
        'clients/fjord.toml:3: language: there are no texts in "it": no mail will be written in it',
    ]


def test_a_language_with_texts_of_ones_own_is_no_warning(tmp_path):
    files = {
        "clients/fjord.toml": FJORD + 'language = "it"\n',
        "templates/it/acknowledgement.txt": "Ciao",
    }

    assert not [w for w in loaded(tmp_path, files).warnings if w.key == "language"]


def test_without_client_or_submission_there_is_a_warning(tmp_path):
    main = MAIN[: MAIN.index("[submission")]
    settings = loaded(tmp_path, {"mailhours.toml": main})

    assert settings.submission is None
    assert "submission" in [warning.key for warning in settings.warnings]
