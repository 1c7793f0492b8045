"""Values with sensible defaults, so that a test names only what it is about.

The office of the tests: Dana Berg, dana@studio.example, Oslo, Monday to Friday 09:00-17:00, check-ins
at 10:00 and 15:00. The client: Fjord Coffee, kari@fjord.example and everybody else @fjord.example.
The week of the tests begins on Monday 2026-03-02 (winter time, UTC+1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from mailhours.model.address import Address
from mailhours.model.client import (
    Agreement,
    Client,
    Invoice,
    Money,
    Owner,
    OwnerVerb,
    OwnerWord,
    Person,
    Project,
    Role,
)
from mailhours.model.duration import Duration
from mailhours.model.hours import Block, Calendar, OfficeHours
from mailhours.model.message import (
    Authentication,
    Direction,
    Kind,
    MayReply,
    Message,
    Signal,
    SignalKind,
)
from mailhours.model.reply import Cause, Mode, Reply, ReplyKind
from mailhours.model.thread import topic

OSLO = ZoneInfo("Europe/Oslo")
MONDAY = date(2026, 3, 2)
DANA = "dana@studio.example"
KIM = "kim@studio.example"
KARI = "kari@fjord.example"
OLA = "ola@fjord.example"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def moment(text: str, zone: ZoneInfo = OSLO, monday: date = MONDAY) -> datetime:
    """Return a moment, UTC: `mon 09:00`, `tue+1 16:59:30` (next week), `2026-03-29 02:30`."""
    match = re.fullmatch(
        r"(?:(\d{4}-\d\d-\d\d)|(mon|tue|wed|thu|fri|sat|sun)(?:\+(\d+))?) (\d\d):(\d\d)(?::(\d\d))?",
        text,
    )
    assert match is not None, f"{text!r} is not a moment; write 'mon 09:00' or '2026-03-02 09:00'"
    iso, weekday, weeks, hour, minute, second = match.groups()
    if iso:
        day = date.fromisoformat(iso)
    else:
        day = monday + timedelta(days=DAYS.index(weekday), weeks=int(weeks or 0))
    local = datetime.combine(day, time(int(hour), int(minute), int(second or 0)), zone)
    return local.astimezone(UTC)


def blocks(text: str) -> tuple[Block, ...]:
    """Return `09:00-12:00 12:30-17:00` as blocks of a day; an end before its start is tomorrow's."""
    found = []
    for part in text.split():
        start, end = (int(h) * 60 + int(m) for h, m in re.findall(r"(\d\d):(\d\d)", part))
        found.append(Block(start, end if end > start else end + 1440))
    return tuple(found)


def a_week(
    text: str = "09:00-17:00", days: Iterable[str] = DAYS[:5]
) -> dict[int, tuple[Block, ...]]:
    return {DAYS.index(day): blocks(text) for day in days}


def office_hours(
    week: Mapping[int, tuple[Block, ...]] | str = "09:00-17:00",
    *,
    valid_from: date | None = None,
    closed: Mapping[date, str] | None = None,
    shortened: Mapping[date, tuple[Block, ...]] | None = None,
    check_ins: Sequence[str] = ("10:00", "15:00"),
) -> OfficeHours:
    return OfficeHours(
        valid_from=valid_from,
        week=a_week(week) if isinstance(week, str) else week,
        closed=closed or {},
        shortened=shortened or {},
        check_ins=tuple(time.fromisoformat(text) for text in check_ins),
    )


def a_calendar(
    *hours: OfficeHours, zone: ZoneInfo | str = OSLO, closed: Mapping[date, str] | None = None
) -> Calendar:
    zone = ZoneInfo(zone) if isinstance(zone, str) else zone
    return Calendar(zone, hours or (office_hours(closed=closed),))


def an_owner(**changes: object) -> Owner:
    owner = Owner(
        name="Dana Berg",
        addresses=(DANA, "hello@studio.example"),
        colleagues=(KIM,),
        language="en",
        calendar=a_calendar(),
    )
    return replace(owner, **changes)


def an_agreement(
    answer_within: str = "1 business day",
    feedback_within: str = "3 business days",
    **changes: object,
) -> Agreement:
    agreement = Agreement(
        valid_from=None,
        answer_within=Duration.parse(answer_within),
        feedback_within=Duration.parse(feedback_within),
        contact=DANA,
        revision_rounds=2,
        payment=Duration.parse("14 days"),
    )
    return replace(agreement, **changes)


def a_person(
    name: str = "Kari Nordmann",
    address: str = KARI,
    roles: Iterable[str] = ("contact", "approver", "payer"),
) -> Person:
    return Person(name, address, frozenset(map(Role, roles)))


def a_client(**changes: object) -> Client:
    client = Client(
        key="fjord",
        name="Fjord Coffee AS",
        addresses=(KARI, "@fjord.example"),
        language="en",
        formal=False,
        calendar=a_calendar(),
        people=(a_person(),),
        agreements=(an_agreement(),),
        projects=(a_project(),),
    )
    return replace(client, **changes)


def a_project(key: str = "web", **changes: object) -> Project:
    return replace(Project(key, "Website", date(2026, 4, 10), ("website", "homepage")), **changes)


def a_signal(kind: SignalKind | str, text: str = "", **changes: object) -> Signal:
    kind = SignalKind(kind)
    return replace(Signal(kind, f"en.{kind}", 0, len(text), text), **changes)


def a_message(
    at: datetime | str = "mon 09:00",
    *signals: Signal | SignalKind | str,
    key: str = "",
    ours: bool = False,
    machine: bool = False,
    person: str = KARI,
    subject: str = "Homepage",
    replies_to: Message | Sequence[Message] = (),
    **changes: object,
) -> Message:
    """Return a mail of the client; `ours=True` one of the owner, `machine=True` a robot's.

    `replies_to` puts it in the thread of another message. The key follows from what it is given.
    """
    at = moment(at) if isinstance(at, str) else at
    parents = (replies_to,) if isinstance(replies_to, Message) else tuple(replies_to)
    key = (
        key
        or f"{at:%Y%m%dT%H%M%S}-{'us' if ours else person}-{'robot' if machine else 'human'}-{subject}"
    )
    message = Message(
        key=key,
        message_id=f"<{key.replace(' ', '.')}@mail.example>",
        parents=tuple(parent.message_id for parent in parents),
        direction=Direction.OUTBOUND if ours else Direction.INBOUND,
        kind=Kind.MACHINE if machine else Kind.HUMAN,
        at=at,
        client="fjord",
        person=person,
        addressed=(person,) if ours else (DANA,),
        to_own=DANA,
        subject=subject,
        topic=topic(subject),
        project="web",
        language="en",
        signals=tuple(s if isinstance(s, Signal) else a_signal(s) for s in signals),
        words=20,
        may_reply=MayReply.SUPPRESS if machine or ours else MayReply.REPLY,
        authentication=Authentication.PASS,
    )
    return replace(message, **changes)


def a_thread(*lines: str, subject: str = "Homepage", person: str = KARI) -> tuple[Message, ...]:
    """Return messages that answer each other, one a line: `mon 09:00 client: ask`, `tue 10:00 us:`.

    Who: client, us, robot (theirs), machine (ours), or an address of the client. After the colon
    stand signal kinds, divided by spaces or commas.
    """
    messages: list[Message] = []
    for line in lines:
        match = re.fullmatch(r"(\S+ [\d:]+) (client|us|robot|machine|\S+@\S+):\s*(.*)", line)
        assert match is not None, (
            f"{line!r} is not a line of a thread; write 'mon 09:00 client: ask'"
        )
        at, who, signals = match.groups()
        messages.append(
            a_message(
                at,
                *re.findall(r"\w+", signals),
                ours=who in ("us", "machine"),
                machine=who in ("robot", "machine"),
                person=who if "@" in who else person,
                subject=subject if not messages else f"Re: {subject}",
                replies_to=messages,
            )
        )
    return tuple(messages)


def a_word(
    verb: OwnerVerb | str, target: str, at: datetime | str = "mon 12:00", text: str = ""
) -> OwnerWord:
    return OwnerWord(OwnerVerb(verb), target, moment(at) if isinstance(at, str) else at, text)


def an_invoice(number: str = "2026-014", **changes: object) -> Invoice:
    money = Money(Decimal("1200.00"), "EUR")
    return replace(Invoice(number, "web", date(2026, 2, 1), date(2026, 2, 15), money), **changes)


def a_reply(**changes: object) -> Reply:
    """Return an acknowledgement to Kari, as a check-in would propose it."""
    reply = Reply(
        id="r1a2b3c4d",
        slot="2026-03-02T10:00",
        client="fjord",
        kinds=(ReplyKind.ACKNOWLEDGEMENT,),
        mode=Mode.SEND,
        sender=Address("Dana Berg", DANA),
        to=Address("Kari Nordmann", KARI),
        subject="Re: Homepage",
        text="Hello Kari,\n\nyour mail has arrived.\n\nDana Berg\n",
        language="en",
        causes=(Cause("message", "0123abcd"),),
        in_reply_to="<one@fjord.example>",
        references=("<zero@fjord.example>", "<one@fjord.example>"),
        auto_submitted="auto-replied",
        message_id="<fixed@studio.example>",
        at=moment("mon 10:00"),
    )
    return replace(reply, **changes)
