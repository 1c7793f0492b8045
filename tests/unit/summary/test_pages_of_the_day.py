"""The daily summary as its reader gets it: text, page, subject."""

from dataclasses import replace

import pytest

from builders import a_client, a_message, a_person, a_signal, an_invoice, moment
from mailhours.model.address import Address
from mailhours.model.faults import Problem
from mailhours.model.health import Deaf, Health, Quarantined
from mailhours.model.judgement import InvoiceStanding, InvoiceState
from mailhours.model.reply import Cause, Mode, ReplyState, Withheld
from mailhours.summary import daily
from mailhours.summary.day import gather
from mailhours.summary.inputs import Handled, Inputs
from mailhours.summary.page import page
from mailhours.summary.text import text
from mailhours.wording.dates import LANGUAGES
from mailhours.wording.render import Wording
from unit.summary.golden import agrees
from unit.summary.office import (
    NOW,
    a_finding,
    a_judgement,
    a_promise,
    a_quiet_day,
    a_reply,
    an_ask,
    the_inputs,
)
from unit.summary.pages import check

WORDING = Wording()
TAGS = '</td></table><script>alert(1)</script><img src="http://evil.example/x.png" onerror="x()">'
CSS = '</style><style>body{display:none}@import "http://evil.example"</style>'
BIDI = "invoice \u202etxt.exe\u202c \u2066paid\u2069 \u200fnow\u200e"
LONG = "A" * 10_000
CONTROLS = "line\r\nBcc: all@evil.example\x00\x07\x1b[31mred\u2028next\u0085end"
TEMPLATE = "{{ 7 * 7 }} {% raw %} {subject} %s"
ZALGO = "Z" + "\u0301" * 500 + "end"
HOSTILE = (TAGS, CSS, BIDI, LONG, CONTROLS, TEMPLATE, ZALGO)


def summary_of(inputs: Inputs, language: str = "en"):
    return daily.sheet(gather(inputs), WORDING.words(language))


def a_shadow_day() -> Inputs:
    inputs = the_inputs()
    would = tuple(
        replace(h, state=ReplyState.SHADOWED) for h in inputs.replies if h.state is ReplyState.FILED
    )
    return replace(inputs, mode=Mode.SHADOW, replies=would)


def a_bad_day() -> Inputs:
    return replace(
        the_inputs(),
        replies=(
            Handled(a_reply("Re: Doubt"), ReplyState.DOUBTFUL, moment("wed 10:00")),
            Handled(a_reply("Re: No"), ReplyState.REFUSED, moment("wed 10:00"), "550 no such user"),
        ),
        held_waiting=("Estimate",),
        health=Health(
            deaf=(Deaf(moment("wed 12:10"), None, "imap.studio.example refuses the password"),),
            quarantined=(Quarantined("INBOX", "4711", "nested deeper than 100 parts", "q1f00d"),),
            notices=("The folder Check-in is gone: held replies cannot leave.",),
            configuration=(Problem("mailhours.toml", 12, "hours.week", "25:00 is no time"),),
            frozen={"old@fjord.example": "550 no such user"},
            missed=("2026-03-04T15:00",),
            fuse_blown=True,
            chain_head="ab" * 32,
            chain_length=12,
        ),
    )


DAYS = {
    "full": the_inputs(),
    "quiet": a_quiet_day(),
    "shadow": a_shadow_day(),
    "bad": a_bad_day(),
}


@pytest.mark.parametrize("name", DAYS)
def test_a_day_reads_as_it_did_when_somebody_last_looked(name):
    sheet = summary_of(DAYS[name])

    agrees(f"summary/{name}.txt", f"Subject: {sheet.subject}\n\n{text(sheet)}")
    agrees(f"summary/{name}.html", page(sheet, WORDING))


@pytest.mark.parametrize("language", [name for name in LANGUAGES if name != "en"])
def test_a_day_reads_well_in_the_owners_language(language):
    sheet = summary_of(the_inputs(), language)

    agrees(f"summary/full.{language}.txt", f"Subject: {sheet.subject}\n\n{text(sheet)}")
    taken = check(page(sheet, WORDING), language)
    assert " ".join(sheet.verdict.split()) in taken.text
    assert all(len(line) <= 72 for line in text(sheet).splitlines())


@pytest.mark.parametrize("name", DAYS)
def test_a_page_runs_nothing_fetches_nothing_and_has_its_headings_in_order(name):
    check(page(summary_of(DAYS[name]), WORDING), "en")


def test_layout_tables_say_so_to_screen_readers():
    taken = check(page(summary_of(the_inputs()), WORDING), "en")

    assert taken.layout
    assert all(table.get("role") == "presentation" for table in taken.layout)


def test_text_and_page_say_the_same():
    sheet = summary_of(the_inputs())
    seen = check(page(sheet, WORDING), "en").text
    plain = " ".join(text(sheet).split())

    for section in sheet.sections:
        for block in section.blocks:
            for item in block.items:
                for said in (item.who, item.what, item.when, *item.notes):
                    assert " ".join(said.split()) in plain
                    assert " ".join(said.split()) in seen


def test_no_line_of_the_text_is_wider_than_72_columns():
    assert all(len(line) <= 72 for line in text(summary_of(the_inputs())).splitlines())


@pytest.mark.parametrize(
    ("inputs", "subject"),
    [
        pytest.param(a_quiet_day(), "Nobody waits · Wed 4 Mar", id="quiet"),
        pytest.param(
            the_inputs(),
            "1 mail to read yourself; 1 answer late; 1 answer due by Thu 5 Mar, 09:10 · Wed 4 Mar",
            id="full",
        ),
        pytest.param(
            a_bad_day(),
            "Sending is stopped by the fuse; no mail can be read; 1 mail may have left · Wed 4 Mar",
            id="bad",
        ),
    ],
)
def test_the_subject_carries_the_gravest_news(inputs, subject):
    assert summary_of(inputs).subject == subject


def test_a_thousand_clients_do_not_make_a_catalogue():
    keys = [f"c{n}" for n in range(1000)]
    clients = {key: a_client(key=key, name=f"Client {key}") for key in keys}
    judgements = {
        key: a_judgement(
            key,
            promises=(a_promise(a_message("mon 09:00", "ask", key=key), "tue 09:00"),),
            asks=(an_ask("mon 09:00", "tue 09:00", f"text {key}"),),
        )
        for key in keys
    }
    sheet = summary_of(a_quiet_day(clients=clients, judgements=judgements))

    assert "and 992 more" in text(sheet)
    assert len(page(sheet, WORDING)) < 60_000


def a_hostile_day(attack: str) -> Inputs:
    person = "mal@fjord.example"
    client = a_client(people=(a_person(attack[:200], person),))
    mail = a_message("mon 09:00", "ask", subject=attack, person=person, key="k")
    delicate = a_message(
        "mon 09:00", a_signal("delicate", attack), subject=attack, person=person, key="d"
    )
    invoice = InvoiceStanding(an_invoice(attack[:20]), InvoiceState.OVERDUE, None, None, 17, ())
    judgement = a_judgement(
        promises=(a_promise(mail, "tue 09:00"),),
        asks=(an_ask("mon 09:00", "tue 09:00", attack, person=person),),
        review=(delicate,),
        invoices=(invoice,),
    )
    reply = a_reply(attack, to=Address(attack, person))
    return a_quiet_day(
        clients={"fjord": client},
        judgements={"fjord": judgement},
        findings=(a_finding(attack[:200], person=person),),
        replies=tuple(
            Handled(reply, state, NOW, attack)
            for state in (ReplyState.FILED, ReplyState.REFUSED, ReplyState.DOUBTFUL)
        ),
        withheld=(Withheld("fjord", person, Cause("message", "k"), attack, attack),),
        held_waiting=(attack,),
        health=Health(
            deaf=(Deaf(moment("wed 03:00"), None, attack),),
            quarantined=(Quarantined("INBOX", "1", attack, "q1"),),
            notices=(attack,),
            frozen={person: attack},
        ),
    )


@pytest.mark.parametrize(
    "attack", HOSTILE, ids=["tags", "css", "bidi", "long", "controls", "template", "zalgo"]
)
def test_a_hostile_mail_does_no_harm(attack):
    sheet = summary_of(a_hostile_day(attack))
    html = page(sheet, WORDING)
    plain = text(sheet)
    taken = check(html, "en")

    assert html.count("<style") == 2
    assert len(html) < 40_000
    assert "\r" not in plain
    assert "\nBcc:" not in plain
    assert not set(plain + html) & set(
        "\x00\x07\x1b\u202e\u202c\u2066\u2069\u200e\u200f\u2028\u0085"
    )
    assert all(len(line) <= 72 for line in plain.splitlines())
    assert "49" not in taken.text
    assert "\u0301" * 5 not in html
    assert not any(len(word) > 20 and "A" * 21 in word for word in html.split("<wbr>"))
    assert all(c >= " " for c in sheet.subject)
