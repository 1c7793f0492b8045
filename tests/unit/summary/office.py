"""A day in the office of the tests, with everything in it that a summary can state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from builders import (
    DANA,
    KARI,
    a_client,
    a_message,
    a_person,
    a_signal,
    an_invoice,
    an_owner,
    moment,
)
from mailhours.model.address import Address
from mailhours.model.client import Client
from mailhours.model.health import Deaf, Health, Quarantined
from mailhours.model.judgement import (
    Ask,
    AskItem,
    AskState,
    Clock,
    Finding,
    InvoiceStanding,
    InvoiceState,
    Judgement,
    Nudge,
    Promise,
    PromiseState,
    Side,
    short_id,
)
from mailhours.model.message import Message
from mailhours.model.outlook import NextReminder, Prediction
from mailhours.model.reply import Cause, Mode, Reply, ReplyKind, ReplyState, Withheld
from mailhours.summary.inputs import Handled, Inputs

WEDNESDAY = date(2026, 3, 4)
NOW = moment("wed 16:45")


def a_judgement(client: str = "fjord", **changes: object) -> Judgement:
    judgement = Judgement(
        client=client,
        now=NOW,
        messages=12,
        first=moment("mon 09:00"),
        last_inbound=None,
        last_ours=None,
        side=Side.NOBODY,
        clock=Clock(0, 0, 0),
        turns=(),
        projects=(),
        promises=(),
        asks=(),
        nudges=(),
        findings=(),
        invoices=(),
        review=(),
        held=False,
        away={},
    )
    return replace(judgement, **changes)


def a_promise(message: Message, due: str, **changes: object) -> Promise:
    at = moment(due)
    promise = Promise(
        id=short_id("p", message.key),
        message=message,
        thread=message.key,
        due=at,
        stated=False,
        within="1 business day",
        closed=None,
        closed_by="",
        state=PromiseState.OVERDUE if at < NOW else PromiseState.OPEN,
    )
    return replace(promise, **changes)


def an_ask(at: str, due: str, *texts: str, person: str = KARI, **changes: object) -> Ask:
    message = a_message(at, "ask", ours=True, person=person)
    ask = Ask(
        id=short_id("a", message.key, *texts),
        message=message,
        person=person,
        project="web",
        thread=message.key,
        kind="feedback",
        items=tuple(AskItem(n, text) for n, text in enumerate(texts, 1)),
        opened=moment(at),
        due=moment(due),
        closed=None,
        closed_by="",
        outcome=AskState.OPEN,
        answers=(),
        business=timedelta(hours=20),
    )
    return replace(ask, **changes)


def a_reply(subject: str = "Re: Homepage", **changes: object) -> Reply:
    reply = Reply(
        id=short_id("r", subject),
        slot="2026-03-04T10:00",
        client="fjord",
        kinds=(ReplyKind.ACKNOWLEDGEMENT,),
        mode=Mode.SEND,
        sender=Address("Dana Berg", DANA),
        to=Address("Kari Nordmann", KARI),
        subject=subject,
        text="Hello",
        language="en",
        causes=(Cause("message", "k"),),
        in_reply_to="",
        references=(),
        auto_submitted="auto-replied",
        message_id="<r@studio.example>",
        at=moment("wed 10:00"),
    )
    return replace(reply, **changes)


def a_finding(pattern: str = "pestering", **changes: object) -> Finding:
    finding = Finding(
        id=short_id("f", pattern),
        pattern=pattern,
        client="fjord",
        person=KARI,
        messages=("m1", "m2", "m3"),
        first=moment("mon 09:00"),
        last=moment("wed 11:20"),
        numbers={"nudges": 3},
    )
    return replace(finding, **changes)


def the_clients() -> dict[str, Client]:
    acme = a_client(
        key="acme",
        name="Acme Bikes Ltd",
        addresses=("sam@acme.example",),
        people=(a_person("Sam Field", "sam@acme.example"),),
    )
    lumen = a_client(
        key="lumen",
        name="Lumen Verlag GmbH",
        addresses=("vogt@lumen.example",),
        language="de",
        people=(a_person("Petra Vogt", "vogt@lumen.example"),),
    )
    return {"fjord": a_client(), "acme": acme, "lumen": lumen}


def the_judgements() -> Mapping[str, Judgement]:
    late = a_message("mon 14:20", "ask", subject="Colours on the homepage")
    chase = a_message("tue 08:05", "nudge", subject="Did you get my mail?")
    tomorrow = a_message("wed 11:20", "ask", subject="Can the logo be bigger?")
    sam = a_message(
        "wed 09:10",
        "change_request",
        subject="Checkout page: three changes",
        person="sam@acme.example",
    )
    contract = a_message(
        "wed 13:02",
        a_signal("delicate", "cancel the contract"),
        subject="Our contract",
        person="vogt@lumen.example",
    )
    nudge = Nudge(chase, late.key, 1065, moment("tue 14:20"), 0.4, "phrase")
    invoice = an_invoice()
    later = an_invoice("2026-021", issued=date(2026, 2, 25), due=date(2026, 3, 11))
    return {
        "fjord": a_judgement(
            promises=(a_promise(late, "tue 14:20"), a_promise(tomorrow, "thu 11:20", stated=True)),
            nudges=(nudge,),
            findings=(a_finding(),),
        ),
        "acme": a_judgement(
            "acme",
            promises=(a_promise(sam, "thu 09:10"),),
            asks=(
                an_ask(
                    "mon 10:15",
                    "thu 17:00",
                    "final texts for the team page",
                    person="sam@acme.example",
                    kind="content",
                ),
            ),
            invoices=(
                InvoiceStanding(later, InvoiceState.OPEN, None, None, -7, ()),
                InvoiceStanding(
                    an_invoice("2026-011", due=date(2026, 2, 25)),
                    InvoiceState.PROMISED,
                    None,
                    date(2026, 3, 6),
                    7,
                    (),
                ),
            ),
        ),
        "lumen": a_judgement(
            "lumen",
            asks=(
                an_ask(
                    "2026-02-20 11:00",
                    "2026-02-25 11:00",
                    "approval of the cover draft",
                    person="vogt@lumen.example",
                    kind="approval",
                ),
                an_ask(
                    "2026-02-25 16:00",
                    "mon 16:00",
                    "feedback on chapter layout",
                    "choice of the paper",
                    person="vogt@lumen.example",
                    outcome=AskState.DEFERRED,
                ),
            ),
            invoices=(InvoiceStanding(invoice, InvoiceState.OVERDUE, None, None, 17, ()),),
            review=(contract,),
        ),
    }


def the_inputs(**changes: object) -> Inputs:
    judgements = the_judgements()
    cover = judgements["lumen"].asks[0]
    inputs = Inputs(
        day=WEDNESDAY,
        now=NOW,
        mode=Mode.SEND,
        owner=an_owner(),
        clients=the_clients(),
        judgements=judgements,
        replies=(
            Handled(a_reply(), ReplyState.FILED, moment("wed 10:00")),
            Handled(
                a_reply("Re: Checkout page", client="acme", to=Address("Sam", "sam@acme.example")),
                ReplyState.FILED,
                moment("wed 15:00"),
            ),
            Handled(
                a_reply("Offer for phase two", kinds=(ReplyKind.HELD,)),
                ReplyState.FILED,
                moment("wed 10:00"),
            ),
            Handled(
                a_reply(
                    "Re: Invoice 2026-014",
                    kinds=(ReplyKind.PAYMENT_2,),
                    client="lumen",
                    to=Address("Petra Vogt", "vogt@lumen.example"),
                ),
                ReplyState.PROPOSED,
                moment("wed 10:00"),
            ),
        ),
        withheld=(
            Withheld(
                "lumen",
                "vogt@lumen.example",
                Cause("ask", "a1:1"),
                "a delicate matter waits for you",
            ),
            Withheld(
                "lumen",
                "vogt@lumen.example",
                Cause("ask", "a2:1"),
                "a delicate matter waits for you",
            ),
            Withheld(
                "fjord", KARI, Cause("message", "k9"), "your answer is due before the next check-in"
            ),
        ),
        reminders={
            cover.id: NextReminder(3, moment("thu 10:00")),
            "2026-014": NextReminder(2, moment("thu 10:00")),
        },
        predictions={
            "acme": Prediction(
                "acme", "sam@acme.example", moment("fri 10:30"), moment("fri 10:00"), 4
            )
        },
        health=Health(
            deaf=(
                Deaf(
                    moment("wed 03:10"), moment("wed 03:52"), "imap.studio.example did not answer"
                ),
            ),
            quarantined=(Quarantined("INBOX", "4711", "nested deeper than 100 parts", "q1f00d"),),
            chain_head="9f2c4e51a7b0d3e8" * 4,
            chain_length=18_204,
        ),
    )
    return replace(inputs, **changes)


def a_quiet_day(day: date = WEDNESDAY, **changes: object) -> Inputs:
    inputs = Inputs(
        day=day,
        now=moment("wed 16:45", monday=day - timedelta(days=2)) if day == WEDNESDAY else NOW,
        mode=Mode.SEND,
        owner=an_owner(),
        clients={"fjord": a_client()},
        judgements={"fjord": a_judgement()},
    )
    return replace(inputs, **changes)
