"""From a decision to a complete reply: recipient, thread, words. What is missing means no mail."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mailhours.checkin.situation import Situation
from mailhours.model.address import Address, domain, normal
from mailhours.model.client import Client
from mailhours.model.hours import Calendar
from mailhours.model.message import Message
from mailhours.model.reply import Cause, Reply, ReplyKind
from mailhours.wording.catalogue import MissingWording
from mailhours.wording.render import Wording

# The most characters of a mail, without what the owner wrote (payment details, the urgent path):
# nobody reads a longer one. Subjects and items are shortened, sentences are not.
LENGTHS = {
    ReplyKind.ACKNOWLEDGEMENT: 450,
    ReplyKind.FEEDBACK_1: 450,
    ReplyKind.FEEDBACK_2: 600,
    ReplyKind.FEEDBACK_3: 800,
    ReplyKind.PAYMENT_0: 350,
    ReplyKind.PAYMENT_1: 450,
    ReplyKind.PAYMENT_2: 550,
    ReplyKind.PAYMENT_3: 900,
    ReplyKind.WORK_PAUSED: 800,
    ReplyKind.WORK_RESUMED: 300,
    ReplyKind.STATUS_NOTE: 450,
}
BURST_LENGTH = 900
_SHORTER = (70, 50, 35, 25)
_NAME_LENGTH = 60
_SUBJECT_LENGTH = 200
_UNSAFE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+"
)
_REPLY_PREFIX = re.compile(
    r"^(?:(?:re|aw|antw|sv|vs|tr|rv|res|rif|odp|отв|ответ|ynt|ha)(?:\[\d+\])?\s*[:：]\s*)+",
    re.IGNORECASE,
)
_TOPIC = "Subject: "


@dataclass(frozen=True, slots=True)
class Text:
    """What a template gave: the text, and the subject when the mail begins a thread."""

    text: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a mail to a client is written: the situation of the house, and the words."""

    s: Situation
    client: Client
    wording: Wording

    @property
    def today(self) -> date:
        """Return the client's local day of the slot."""
        return today_of(self.s, self.client)

    def day(self, value: date | None) -> str:
        """Write a day in the client's language; nothing for none."""
        return self.wording.day(value, self.client.language) if value else ""

    def moment(self, at: datetime) -> str:
        """Write a moment in the owner's zone, and in the client's where its clocks differ."""
        zone, other = self.s.owner.calendar.zone, self.client.calendar.zone
        return self.wording.moment(at, zone, self.client.language, other)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a mail says, to whom and why; it joins the thread of `parent`, or of our `earlier`."""

    kind: ReplyKind
    to: str
    made: Text
    causes: tuple[Cause, ...]
    facts: Mapping[str, str]
    parent: Message | None = None
    earlier: tuple[str, ...] = ()


def written(
    desk: Desk,
    kind: ReplyKind,
    fields: Callable[[int], Mapping[str, object]],
    *,
    most: int = 0,
) -> Text:
    """Return the text of `kind`, its quotations as long as fits; MissingWording when a part lacks.

    `fields` are asked for with the most characters that one quotation may have. A template whose
    first line says `Subject:` begins a thread.
    """
    made = Text("")
    for length in _SHORTER:
        given = fields(length)
        made = _split(desk.wording.render(f"{kind.value}.txt", desk.client.language, given))
        quoted = sum(len(str(given.get(name, ""))) for name in ("details", "urgent"))
        if len(made.text) - quoted <= (most or LENGTHS[kind]):
            break
    return made


def enclose(desk: Desk, draft: Draft) -> Reply:
    """Return the reply to one person, from the address that the client wrote to.

    MissingWording when the template names no subject.
    """
    s, client, parent, earlier = desk.s, desk.client, draft.parent, draft.earlier
    own = s.owner.address
    if parent is not None and s.owner.is_own(parent.to_own):
        own = parent.to_own
    subject = clean(draft.made.subject)
    if parent is not None:
        about = bare_subject(parent.subject)
        given = {"formal": client.formal}
        about = about or desk.wording.render("no_subject.txt", client.language, given).strip()
        subject = f"Re: {about}"
        earlier = (*parent.parents, parent.message_id) if parent.message_id else ()
    elif earlier:
        subject = f"Re: {subject}"
    if not subject:
        raise MissingWording(f"template {draft.kind.value}.txt has no line `Subject:`")
    digest = _digest(s.slot.key, normal(draft.to), draft.causes)
    answers = any(cause.kind == "message" for cause in draft.causes)
    return Reply(
        id=f"r{digest[:8]}",
        slot=s.slot.key,
        client=client.key,
        kinds=(draft.kind,),
        mode=s.policy.mode_of(draft.kind),
        sender=Address(s.owner.name, own),
        to=Address(client.person(draft.to).name, draft.to),
        subject=subject[:_SUBJECT_LENGTH].strip(),
        text=draft.made.text,
        language=client.language,
        causes=draft.causes,
        in_reply_to=earlier[-1] if earlier else "",
        references=earlier,
        auto_submitted="auto-replied" if answers else "auto-generated",
        message_id=message_id(s.slot.key, draft.to, draft.causes, own),
        at=s.owner.calendar.local(s.slot.due),
        facts=dict(draft.facts),
    )


def message_id(slot: str, to: str, causes: tuple[Cause, ...], own: str) -> str:
    """Return the message id of a reply of ours: the same decision always has the same."""
    return f"<{_digest(slot, normal(to), causes)[:32]}@{domain(own)}>"


def _digest(slot: str, to: str, causes: tuple[Cause, ...]) -> str:
    return hashlib.sha256("\0".join([slot, to, *map(str, causes)]).encode()).hexdigest()


def addressee(desk: Desk, to: str) -> dict[str, object]:
    """Return the fields that every template has: who is greeted, how, and by whom."""
    formal, owner = desk.client.formal, desk.s.owner.name
    return {"name": called(desk.client, to), "formal": formal, "owner": owner}


def called(client: Client, to: str) -> str:
    """Return the name by which a person is greeted: whole when formal, else the given name.

    Nobody's gender is guessed. A name too long for a greeting is left out, and so is a title.
    """
    name = clean(client.person(to).name)
    first = name.split(" ", 1)[0]
    if not client.formal and "," not in name and not first.endswith("."):
        name = first
    return name if len(name) <= _NAME_LENGTH else ""


def mail_hours(desk: Desk) -> str:
    """Return when the owner reads mail: `Monday-Friday, 10:00 and 15:00 (Oslo)`.

    MissingWording when there are no hours.
    """
    words, calendar = desk.wording.words(desk.client.language), desk.s.owner.calendar
    today = calendar.local(desk.s.slot.due).date()
    entries = calendar.hours
    held = next(
        (h for h in reversed(entries) if h.valid_from is None or h.valid_from <= today), entries[0]
    )
    days = (day for day, blocks in held.week.items() if blocks)
    said = words.hours(days, held.check_ins, calendar.zone)
    if not said:
        raise MissingWording("there are no hours to name")
    return said


def next_check_in(desk: Desk) -> str:
    """Return the next check-in in words; MissingWording when none is planned."""
    if desk.s.next_slot is None:
        raise MissingWording("no further check-in is planned")
    return desk.moment(desk.s.next_slot.due)


def next_fact(desk: Desk) -> dict[str, str]:
    """Return the next check-in as a fact of the mail: later than it, the text is untrue."""
    return {"next_check_in": desk.s.next_slot.due.isoformat()} if desk.s.next_slot else {}


def today_of(s: Situation, client: Client) -> date:
    """Return the client's local day of the slot."""
    return client.calendar.local(s.slot.due).date()


def working_day(calendar: Calendar, after: date, number: int) -> date:
    """Return the `number`th working day later than `after`; the day itself for 0.

    MissingWording when years have none.
    """
    if number <= 0:
        return after
    reach = after
    while True:
        reach += timedelta(days=7 * (number + 2))
        days = calendar.working_days(after, reach)
        if len(days) >= number:
            return date.fromordinal(days[number - 1])
        if (reach - after).days > 1500:
            raise MissingWording("no working day comes for years")


def clean(text: str) -> str:
    """Return a client's text on one line, without what could turn or break a line."""
    return " ".join(_UNSAFE.sub(" ", text).split())


def short(text: str, length: int) -> str:
    """Return clean text of at most `length` characters."""
    whole = clean(text)
    return whole if len(whole) <= length else f"{whole[: length - 1].rstrip()}…"


def bare_subject(subject: str) -> str:
    """Return a subject on one line and without the prefixes of replies."""
    return _REPLY_PREFIX.sub("", clean(subject)).strip()


def item(text: str, length: int) -> str:
    """Return something asked for as an entry of a list: our own words without their end mark."""
    return short(clean(text).rstrip(" ?.!;,"), length)


def _split(text: str) -> Text:
    first, _, rest = text.partition("\n")
    if not first.startswith(_TOPIC):
        return Text(text)
    return Text(rest.lstrip("\n"), clean(first.removeprefix(_TOPIC)))
