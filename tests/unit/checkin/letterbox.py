"""Every mail that a check-in can write, in any language and form, from one small story."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from builders import (
    KARI,
    a_calendar,
    a_client,
    a_message,
    a_person,
    a_signal,
    an_agreement,
    an_invoice,
    an_owner,
    moment,
)
from mailhours.checkin import acknowledgement, feedback, payment, status
from mailhours.checkin.compose import Desk
from mailhours.checkin.limits import Limits
from mailhours.checkin.situation import Situation
from mailhours.model.client import Client, Thresholds
from mailhours.model.message import Message
from mailhours.model.outlook import Prediction
from mailhours.model.policy import ReplyPolicy
from mailhours.model.reply import Cause, Mode, Past, Reply, ReplyKind, ReplyState
from mailhours.model.slot import Slot
from mailhours.patterns.judge import judge
from mailhours.wording.render import Wording

WORDING = Wording()
DETAILS = "IBAN NO00 0000 0000 000, BIC STUDNOKK"
CLAUSES = {"feedback": "4.2", "payment": "6.1"}
NAMES = {
    "en": "Kari Nordmann",
    "nb": "Kari Nordmann",
    "hr": "Ivana Horvat",
    "ru": "Анна Сергеева",
    "de": "Jana Adler",
    "fr": "Camille Dubois",
    "es": "Lucía Moreno",
}
PROJECTS = {
    "en": "Website",
    "nb": "Ny nettside",
    "hr": "Nova stranica",
    "ru": "Сайт с расписанием",
    "de": "Neue Website",
    "fr": "Nouveau site",
    "es": "Sitio nuevo",
}
SUBJECTS = (
    "Logo",
    "Re: Colours of the homepage",
    "Prices for the summer",
    "Photographs from the workshop on Saturday",
    "Opening hours",
    "A second page for the bakery in the harbour, with a map and the way there",
    "Newsletter",
    "Domain",
    "Contact form",
)
MON_10 = Slot(moment("mon 10:00"), "2026-03-02T10:00")


def a_person_of(language: str, formal: bool, name: str = "", **changes: object) -> Client:
    """Return the client of the story, who writes `language`."""
    project = replace(a_client().projects[0], name=PROJECTS[language])
    return a_client(
        language=language,
        formal=formal,
        people=(a_person(name or NAMES[language]),),
        projects=(project,),
        agreements=(an_agreement(clauses=CLAUSES),),
        invoices=(an_invoice(),),
        **changes,
    )


def a_desk(
    client: Client,
    *messages: Message,
    slot: Slot = MON_10,
    past: Sequence[Past] = (),
    urgent: str = "+47 000 00 000",
    **changes: object,
) -> Desk:
    owner = an_owner(urgent=urgent)
    held = sorted((m for m in messages if m.at <= slot.due), key=lambda m: m.at)
    situation = Situation(
        slot=slot,
        owner=owner,
        policy=ReplyPolicy(mode=Mode.SEND),
        clients={client.key: client},
        judgements={client.key: judge(owner, client, held, (), Thresholds(), slot.due)},
        recent={client.key: tuple(held)},
        past=tuple(past),
        taken=frozenset(str(c) for p in past for c in p.causes),
        since=moment("2026-01-01 00:00"),
        payment_details=DETAILS,
        days_before=3,
    )
    return Desk(replace(situation, **changes), client, WORDING)


def the_past(at: str, kind: ReplyKind, cause: Cause, state: ReplyState = ReplyState.FILED) -> Past:
    return Past(f"r-{kind}", at, "fjord", KARI, (kind,), state, (cause,), moment(at))


def acknowledged(client: Client, subjects: Sequence[str], **changes: object) -> Reply:
    """Return the acknowledgement of mails with these subjects."""
    mails = [
        a_message(f"mon 09:{n:02}", "ask", subject=subject, message_id=f"<{n}@fjord.example>")
        for n, subject in enumerate(subjects)
    ]
    desk = a_desk(client, *mails, **changes)
    (reply,) = acknowledgement.acknowledgements(desk, Limits(desk.s))
    assert isinstance(reply, Reply), reply
    return reply


def reminded(client: Client, level: int, text: str = "") -> Reply:
    ask = a_message(
        "mon 11:00",
        a_signal("ask", text or "approve the draft of the homepage", subtype="approval"),
        ours=True,
        subject="Draft",
    )
    days = {1: "fri 15:00", 2: "wed+1 15:00", 3: "wed+2 15:00"}
    desk = a_desk(client, ask, slot=Slot(moment(days[level]), days[level]))
    (open_ask,) = desk.s.judgements[client.key].open_asks
    return feedback.compose(desk, open_ask, level)


def billed(client: Client, level: int) -> Reply:
    days = {0: "2026-02-11 10:00", 1: "2026-02-18 10:00", 2: "mon 10:00", 3: "tue+2 10:00"}
    at = moment(days.get(level, "thu+3 10:00"))
    desk = a_desk(client, slot=Slot(at, str(at)))
    (standing,) = desk.s.judgements[client.key].invoices
    return payment.compose(desk, standing, level, KARI)


def resumed(client: Client) -> Reply:
    paid = replace(client, invoices=(an_invoice(paid=date(2026, 3, 26)),))
    cause = Cause("invoice", "2026-014:4")
    past = the_past("thu+3 10:00", ReplyKind.WORK_PAUSED, cause)
    slot = Slot(moment("fri+3 15:00"), "2026-03-27T15:00")
    desk = a_desk(paid, slot=slot, past=[past])
    (reply,) = payment.notices(desk, Limits(desk.s))
    assert isinstance(reply, Reply), reply
    return reply


def noted(client: Client) -> Reply:
    owed = a_message("mon 09:30", "ask", subject="Logo")
    asked = a_message("2026-02-27 09:30", a_signal("ask", "the texts"), ours=True, subject="Texts")
    expected = Prediction("fjord", KARI, moment("mon 16:00"), moment("mon 14:00"), 4)
    desk = a_desk(client, owed, asked, predictions={"fjord": expected})
    (reply,) = status.notes(desk)
    assert isinstance(reply, Reply), reply
    return reply


def every_mail(client: Client, subject: str = "Logo") -> Iterator[tuple[str, Reply]]:
    """Yield all kinds of mail to `client`, each with the name of its golden file."""
    yield "acknowledgement", acknowledged(client, [subject])
    yield "acknowledgement-burst", acknowledged(client, SUBJECTS)
    for level in (1, 2, 3):
        yield f"feedback_{level}", reminded(client, level)
    for level in (0, 1, 2, 3):
        yield f"payment_{level}", billed(client, level)
    yield "work_paused", billed(client, 4)
    yield "work_resumed", resumed(client)
    yield "status_note", noted(client)


def facts_of(replies: Mapping[str, Reply]) -> dict[str, dict[str, str]]:
    return {name: dict(reply.facts) for name, reply in replies.items()}


def far_away(language: str) -> Client:
    return a_person_of(language, formal=True, calendar=a_calendar(zone="America/New_York"))
