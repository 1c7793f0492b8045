"""A seeded office of any size: clients, and their mail of three years, straight into a ledger.

Most matters are settled, as in life; what is open is of the last days. The same seed gives the same
ledger. Only readings are written: what judgement looks at.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import insert

from mailhours.ledger.reading_rows import READING, message_row
from mailhours.ledger.store import Ledger
from mailhours.model.client import Agreement, Client, Invoice, Money, Person, Project, Role
from mailhours.model.duration import Duration
from mailhours.model.message import (
    Authentication,
    Direction,
    Kind,
    MayReply,
    Message,
    Signal,
    SignalKind,
)
from mailhours.model.thread import topic
from mailhours.settings.load import load
from mailhours.settings.values import Settings

OWNER = "dana@studio.example"
NOW = datetime(2026, 3, 4, 14, 0, tzinfo=UTC)
YEARS = timedelta(days=3 * 365)
CHUNK = 20_000
SUBJECTS = ("Homepage", "Logo", "Photos", "Prices", "Opening hours", "Newsletter", "Shop", "Texts")
GIST = ("banner", "button", "colour", "design", "footer", "header", "letter", "photos", "prices")
MAIN = f"""schema = 1
[owner]
name = "Dana Berg"
address = "{OWNER}"
timezone = "Europe/Oslo"
language = "en"
[hours]
week = {{ mon = ["09:00-17:00"], tue = ["09:00-17:00"], wed = ["09:00-17:00"], \
thu = ["09:00-17:00"], fri = ["09:00-15:00"] }}
holidays = "NO"
[agreement]
answer_within = "1 business day"
[mailbox.main]
source = "maildir"
path = "mail"
[replies]
mode = "shadow"
authserv_id = "mx.studio.example"
"""


def settings_of(directory: Path, clients: int) -> Settings:
    """Return settings with that many clients, who share the owner's hours."""
    (directory / "clients").mkdir(parents=True)
    (directory / "mail").mkdir()
    (directory / "mailhours.toml").write_text(MAIN)
    held = load(directory, {})
    made = tuple(client(number, held.owner.calendar) for number in range(clients))
    return replace(held, clients=made)


def client(number: int, calendar: object) -> Client:
    """Return a client with a project and an invoice that is not paid."""
    key = f"c{number:04}"
    agreement = Agreement(None, Duration.parse("1 business day"), Duration.parse("3 business days"))
    money = Money(Decimal("1200.00"), "EUR")
    return Client(
        key=key,
        name=f"Client {number}",
        addresses=(f"@{key}.example",),
        language="en",
        formal=False,
        calendar=calendar,  # type: ignore[arg-type]
        people=(Person("Kari", f"kari@{key}.example", frozenset({Role.CONTACT})),),
        agreements=(agreement,),
        projects=(Project("web", "Website", date(2026, 4, 10), ("website",)),),
        invoices=(Invoice(f"{number}-1", "web", date(2026, 2, 1), date(2026, 2, 15), money),),
    )


def fill(ledger: Ledger, clients: int, messages: int) -> None:
    """Write `messages` readings, the clients' in equal parts."""
    rows: list[Message] = []
    for number in range(clients):
        rows += mail(number, messages // clients)
        if len(rows) >= CHUNK or number == clients - 1:
            write(ledger, rows)
            rows = []


def write(ledger: Ledger, messages: list[Message]) -> None:
    """Write readings that are not there yet, without the evidence that judgement does not need."""
    readings = ledger.readings
    with ledger._database.writing() as connection:  # noqa: SLF001
        mine = {"account": readings._account}  # noqa: SLF001
        connection.execute(insert(READING), [mine | message_row(held) for held in messages])
        came = Counter(held.client for held in messages)
        readings._count(connection, Counter(), came)  # noqa: SLF001


def mail(number: int, count: int) -> Iterator[Message]:
    """Yield `count` messages of one client, matter after matter, the newest ends near `NOW`."""
    chance = random.Random(f"office:{number}")
    step = YEARS / max(1, count)
    at = NOW - YEARS
    matter: list[Message] = []
    script: list[tuple[str, tuple[SignalKind, ...]]] = []
    for _ in range(count):
        if not script:
            script, matter = list(chance.choice(SCRIPTS)), []
        who, kinds = script.pop(0)
        at += step * chance.uniform(0.5, 1.49)
        held = message(chance, number, min(at, NOW - timedelta(minutes=1)), who, kinds, matter)
        matter.append(held)
        yield held


_K = SignalKind
SCRIPTS = (
    (("client", (_K.ASK,)), ("machine", ()), ("us", (_K.ANSWER,)), ("client", (_K.THANKS,))),
    (("client", (_K.ASK,)), ("client", (_K.NUDGE,)), ("us", (_K.ANSWER,))),
    (("us", (_K.ASK, _K.DELIVERY)), ("client", (_K.CHANGE_REQUEST,)), ("us", (_K.DELIVERY,))),
    (("us", (_K.ASK,)), ("machine", ()), ("client", (_K.ANSWER,))),
    (("client", ()), ("us", ())),
    (("client", (_K.URGENT, _K.ASK)), ("us", (_K.ANSWER,)), ("client", (_K.APPROVAL,))),
    (("robot", ()),),
    (("us", (_K.INVOICE_SENT,)), ("client", (_K.PAYMENT_SENT,)), ("us", (_K.THANKS,))),
)


def message(
    chance: random.Random,
    number: int,
    at: datetime,
    who: str,
    kinds: tuple[SignalKind, ...],
    matter: list[Message],
) -> Message:
    """Return one message in a matter."""
    key = f"{chance.getrandbits(256):064x}"
    person = f"{chance.choice(('kari', 'ola'))}@c{number:04}.example"
    ours = who in ("us", "machine")
    subject = (
        matter[0].subject if matter else f"{chance.choice(SUBJECTS)} {chance.randrange(10**6)}"
    )
    texts = tuple(sorted(chance.sample(GIST, 3)))
    return Message(
        key=key,
        message_id=f"<{key[:24]}@mail.c{number:04}.example>",
        parents=tuple(m.message_id for m in matter),
        direction=Direction.OUTBOUND if ours else Direction.INBOUND,
        kind=Kind.MACHINE if who in ("machine", "robot") else Kind.HUMAN,
        at=at.replace(microsecond=0),
        client=f"c{number:04}",
        person=person,
        addressed=(person,) if ours else (OWNER,),
        to_own=OWNER,
        subject=subject,
        topic=topic(subject),
        project=chance.choice(("web", "")),
        language="en",
        signals=tuple(
            Signal(kind, f"en.{kind.value}", 10, 40, f"the {texts[0]} and the {texts[1]}")
            for kind in kinds
        ),
        words=chance.randrange(5, 80),
        may_reply=MayReply.SUPPRESS if ours or who == "robot" else MayReply.REPLY,
        authentication=Authentication.PASS,
        gist=texts,
    )
