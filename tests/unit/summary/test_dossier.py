"""The dossier: gathered from a project that dragged on, and told neutrally."""

import itertools
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest

from builders import (
    KARI,
    a_client,
    a_message,
    a_signal,
    a_thread,
    an_invoice,
    an_owner,
    moment,
)
from mailhours.model.judgement import (
    Ask,
    AskItem,
    AskState,
    Clock,
    InvoiceStanding,
    InvoiceState,
    ProjectDelay,
    PromiseState,
    Side,
    Turn,
    short_id,
)
from mailhours.model.message import Message
from mailhours.summary.document import document
from mailhours.summary.dossier import Inputs, gather, quote
from mailhours.summary.markdown import markdown
from mailhours.summary.page import paper as page_of
from mailhours.summary.record import record
from mailhours.summary.text import told as as_text
from mailhours.wording.dates import LANGUAGES
from mailhours.wording.render import Wording
from unit.summary.golden import agrees
from unit.summary.office import a_finding, a_judgement, a_promise
from unit.summary.pages import check
from unit.summary.test_pages_of_the_day import HOSTILE

WORDING = Wording()
NOW = moment("mon+5 16:45")
TEXTS = {
    "early": "Hi Dana,\ndid you see my mail? We need this today.\nKari",
    "round2": "Thank you. Please make the header smaller\nand try green instead of blue.\nKari",
    "feedback": "Here are our comments, all pages.\n\nBest, Kari",
}


def the_messages() -> dict[str, Message]:
    work = a_thread(
        "mon 09:00 client: ask",
        "tue 10:00 us: delivery ask",
        "thu+1 11:00 client: change_request",
        "mon+2 15:00 us: delivery ask",
        "tue+2 10:00 client: change_request",
        "wed+3 10:00 us: delivery",
        "thu+3 09:00 client: approval",
    )
    chase = a_message(
        "mon 09:40",
        a_signal("nudge", "did you see my mail", start=9, end=28),
        key="early",
        subject="Homepage?",
    )
    named = {f"m{n}": replace(message, key=f"m{n}") for n, message in enumerate(work, 1)}
    return {
        **named,
        "early": chase,
        "round2": replace(named["m5"], key="round2", message_id="<round2@mail.example>"),
        "feedback": a_message("thu+1 11:00", "answer", key="feedback", subject="Re: Homepage"),
    }


def an_ask_of(message: Message, due: str, text: str, **changes: object) -> Ask:
    ask = Ask(
        id=short_id("a", message.key, text),
        message=message,
        person=KARI,
        project="web",
        thread="m1",
        kind="feedback",
        items=(AskItem(1, text),),
        opened=message.at,
        due=moment(due),
        closed=None,
        closed_by="",
        outcome=AskState.OPEN,
        answers=(),
        business=timedelta(hours=57),
    )
    return replace(ask, **changes)


def the_turns() -> tuple[Turn, ...]:
    marks = [
        ("mon 09:00", Side.OURS),
        ("tue 10:00", Side.THEIRS),
        ("thu+1 11:00", Side.OURS),
        ("mon+2 15:00", Side.THEIRS),
        ("tue+2 10:00", Side.OURS),
        ("wed+3 10:00", Side.THEIRS),
        ("thu+3 09:00", Side.NOBODY),
        ("mon+4 09:00", Side.THEIRS),
        ("mon+5 16:45", Side.NOBODY),
    ]
    calendar = an_owner().calendar
    return tuple(
        Turn(
            side, moment(start), moment(end), calendar.elapsed(moment(start), moment(end)), ("m1",)
        )
        for (start, side), (end, _) in itertools.pairwise(marks)
    )


def the_dossier_inputs(**changes: object) -> Inputs:
    messages = the_messages()
    late = replace(
        a_promise(messages["m1"], "mon 17:00"),
        closed=moment("tue 10:00"),
        closed_by="m2",
        state=PromiseState.LATE,
    )
    kept = replace(
        a_promise(messages["m3"], "tue+2 11:00"),
        closed=moment("mon+2 15:00"),
        closed_by="m4",
        state=PromiseState.KEPT,
    )
    asks = (
        an_ask_of(
            messages["m2"], "fri 10:00", "feedback on the first draft",
            closed=moment("thu+1 11:00"), outcome=AskState.FULL, answers=("feedback",),
        ),
        an_ask_of(messages["m4"], "thu+4 15:00", "texts for the team page", kind="content"),
    )  # fmt: skip
    paid = an_invoice("2026-009", due=date(2026, 3, 12), issued=date(2026, 2, 26))
    judgement = a_judgement(
        now=NOW,
        promises=(late, kept),
        asks=asks,
        clock=Clock(3120, 4560, 720),
        turns=the_turns(),
        projects=(
            ProjectDelay(
                "web", Clock(3120, 4560, 720), the_turns(), date(2026, 4, 10), 6, date(2026, 4, 20)
            ),
        ),
        findings=(
            a_finding(messages=("early",)),
            a_finding("revision_rounds", messages=("m3", "round2", "gone")),
            a_finding("bypass", dismissed=True),
        ),
        invoices=(
            InvoiceStanding(paid, InvoiceState.PAID, date(2026, 3, 23), None, 11, ()),
            InvoiceStanding(
                an_invoice("2026-021", issued=date(2026, 3, 16), due=date(2026, 3, 30)),
                InvoiceState.OVERDUE,
                None,
                None,
                7,
                (),
            ),
        ),
    )
    inputs = Inputs(
        owner=an_owner(),
        client=a_client(
            handover=("domain fjord.example: registrar login", "source files: shared drive")
        ),
        judgement=judgement,
        messages=messages,
        texts=TEXTS,
        reminders={asks[0].id: 2},
        chain_head="9f2c4e51a7b0d3e8" * 4,
        chain_length=18_204,
    )
    return replace(inputs, **changes)


def the_final_inputs() -> Inputs:
    return the_dossier_inputs(
        parting=True, reason="The office gives up website projects at the end of April."
    )


def test_revision_rounds_are_our_delivery_and_then_their_change_request():
    dossier = gather(the_dossier_inputs())

    assert [(r.project, len(r.rounds), r.agreed) for r in dossier.rounds] == [("web", 2, 2)]


def test_mending_our_mistake_or_adding_something_is_no_revision_round():
    for subtype in ("fix", "scope"):
        sent = a_message("mon 09:00", "delivery", ours=True)
        asked = a_message("tue 09:00", a_signal("change_request", subtype=subtype))
        messages = {message.key: message for message in (sent, asked)}

        assert gather(the_dossier_inputs(messages=messages)).rounds == ()


def test_an_approval_ends_a_run_of_rounds():
    work = a_thread(
        "mon 09:00 us: delivery",
        "mon 12:00 client: change_request",
        "tue 09:00 client: approval",
        "wed 09:00 us: delivery",
        "wed 12:00 client: change_request",
    )
    dossier = gather(the_dossier_inputs(messages={message.key: message for message in work}))

    assert [len(run.rounds) for run in dossier.rounds] == [1, 1]


def test_what_is_due_at_the_end_of_their_day_is_due_on_that_day():
    inputs = the_dossier_inputs()
    ask = replace(inputs.judgement.asks[0], due=moment("thu 23:59:59"))
    judgement = replace(inputs.judgement, asks=(ask,))
    told = markdown(record(gather(replace(inputs, judgement=judgement)), WORDING.words("en")))

    assert "needed by 5 March 2026\n" in told


def test_our_own_late_answers_stand_in_it_with_the_time_past_the_promise():
    dossier = gather(the_dossier_inputs())

    assert [answer.late for answer in dossier.late_answers] == [timedelta(hours=1)]
    assert (dossier.kept, dossier.answered) == (1, 2)


def test_machine_mail_is_neither_work_nor_an_answer():
    robot = a_message("tue 10:00", "delivery", ours=True, machine=True)
    dossier = gather(the_dossier_inputs(messages={robot.key: robot}))

    assert (dossier.received, dossier.sent, dossier.delivered) == (0, 0, ())


def test_evidence_is_quoted_from_the_line_that_showed_it_with_its_message_id():
    (chase, rounds) = gather(the_dossier_inputs()).findings

    (quotation,) = chase.quotations
    assert quotation.lines == ("did you see my mail? We need this today.", "Kari")
    assert quotation.message_id == "<early@mail.example>"
    assert [q.lines for q in rounds.quotations] == [
        (),
        ("Thank you. Please make the header smaller", "and try green instead of blue."),
    ]
    assert rounds.more == 1


def test_a_span_beyond_the_text_quotes_what_is_there():
    message = a_message("mon 09:00", a_signal("nudge", "x", start=5000, end=5001))

    assert quote(message, "one\n\ntwo\nthree").lines == ("three",)
    assert quote(message, "").lines == ()


def test_dismissed_findings_are_left_out():
    assert [e.finding.pattern for e in gather(the_dossier_inputs()).findings] == [
        "pestering",
        "revision_rounds",
    ]


@pytest.mark.parametrize("name", ["dossier", "final"])
def test_a_dossier_reads_as_it_did_when_somebody_last_looked(name):
    inputs = the_final_inputs() if name == "final" else the_dossier_inputs()
    dossier = gather(inputs)
    told = record(dossier, WORDING.words("en"))
    html = page_of(told, WORDING)

    check(html, "en")
    agrees(f"dossier/{name}.md", markdown(told))
    agrees(f"dossier/{name}.html", html)
    agrees(f"dossier/{name}.txt", as_text(told))
    agrees(
        f"dossier/{name}.json", json.dumps(document(dossier), indent=1, ensure_ascii=False) + "\n"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_dossier_is_told_in_every_language(language):
    told = record(gather(the_final_inputs()), WORDING.words(language))

    check(page_of(told, WORDING), language)
    agrees(f"dossier/final.{language}.md", markdown(told))
    # CommonMark knows no escaped digit: the backslash would be seen.
    assert not re.search(r"\\\d", markdown(told))


def test_every_time_in_the_document_has_its_offset():
    text = json.dumps(document(gather(the_dossier_inputs())))

    moments = re.findall(r'"\d{4}-\d\d-\d\dT[^"]*"', text)
    assert len(moments) > 20
    assert all(re.search(r"[+-]\d\d:\d\d\"$", moment) for moment in moments)


def test_the_words_are_neutral():
    lines = markdown(record(gather(the_final_inputs()), WORDING.words("en"))).splitlines()
    told = "\n".join(line for line in lines if not line.strip().startswith(">")).casefold()

    for word in ("you ", "your", "failed", "never", "pester", "chase", "unfortunately", "!["):
        assert word not in told
    assert "!" not in told.replace("\\!", "")


def test_the_picture_says_in_words_what_it_shows():
    html = page_of(record(gather(the_dossier_inputs()), WORDING.words("en")), WORDING)

    assert '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 ' in html
    assert 'role="img" aria-labelledby="picture-title picture-desc"' in html
    assert html.count("Whose turn it was: Dana Berg for 52 h") == 2


def test_thousands_of_turns_do_not_make_thousands_of_bars():
    start = moment("mon 09:00")
    many = tuple(
        Turn(
            Side.OURS if n % 2 else Side.THEIRS,
            start + timedelta(minutes=10 * n),
            start + timedelta(minutes=10 * n + 10),
            timedelta(minutes=10),
            (),
        )
        for n in range(5000)
    )
    inputs = the_dossier_inputs()
    judgement = replace(inputs.judgement, turns=many)
    told = record(gather(replace(inputs, judgement=judgement)), WORDING.words("en"))

    assert told.picture is not None
    assert len(told.picture.bars) < 1300
    assert all(0 <= bar.x <= 720 and bar.x + bar.width <= 720.5 for bar in told.picture.bars)


def test_a_client_without_any_mail_has_a_short_record():
    judgement = a_judgement(first=None)
    told = record(
        gather(the_dossier_inputs(judgement=judgement, messages={}, texts={})), WORDING.words("en")
    )

    assert told.picture is None
    assert [section.key for section in told.sections] == ["glance", "clock"]
    check(page_of(told, WORDING), "en")


@pytest.mark.parametrize(
    "attack", HOSTILE, ids=["tags", "css", "bidi", "long", "controls", "template", "zalgo"]
)
def test_a_hostile_client_does_no_harm_to_a_dossier(attack):
    messages: Mapping[str, Message] = {
        key: replace(message, subject=attack, message_id=f"<{attack}>")
        for key, message in the_messages().items()
    }
    inputs = the_dossier_inputs(messages=messages, texts=dict.fromkeys(messages, attack))
    judged = inputs.judgement
    asks = tuple(
        replace(ask, items=(AskItem(1, attack),), message=messages["m2"]) for ask in judged.asks
    )
    promises = tuple(replace(p, message=messages["m1"]) for p in judged.promises)
    inputs = replace(inputs, judgement=replace(judged, asks=asks, promises=promises))
    told = record(gather(inputs), WORDING.words("en"))
    html, plain = page_of(told, WORDING), markdown(told)
    taken = check(html, "en")

    assert html.count("<style") == 1
    assert not set(plain + html) & set(
        "\x00\x07\x1b\u202e\u202c\u2066\u2069\u200e\u200f\u2028\u0085"
    )
    assert "\nBcc:" not in plain
    assert "<" not in plain
    assert "](" not in plain
    assert " 49 " not in taken.text
    assert len(html) < 200_000
