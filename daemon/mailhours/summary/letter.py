"""Letters to a client from the same data that is enforced: how we work, and what will change.

They are drafts for the owner to sign and send; nothing here leaves by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from mailhours.model.client import Agreement, Client, Owner, Role
from mailhours.model.hours import OfficeHours
from mailhours.summary.clean import clean
from mailhours.wording.catalogue import Words
from mailhours.wording.render import Wording

_ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter in the client's language, as text and as a page."""

    language: str
    to: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that is agreed: the name of its phrase, and its value in words."""

    name: str
    value: str


def working_together(owner: Owner, client: Client, day: date, wording: Wording) -> Letter:
    """Return "how we work together" as agreed on `day`; MissingWording when a phrase lacks."""
    words = wording.words(client.language)
    points = [_point(words, term) for term in _terms(owner, client, day, words)]
    return _letter(
        owner,
        client,
        template="letter",
        subject=words.say("letter.subject"),
        points=points,
        change=None,
        wording=wording,
    )


def change_of_terms(owner: Owner, client: Client, change: date, wording: Wording) -> Letter | None:
    """Return the letter that announces what changes on the day `change`; None when nothing does."""
    words = wording.words(client.language)
    before = {t.name: t.value for t in _terms(owner, client, change - _ONE, words)}
    after = {t.name: t.value for t in _terms(owner, client, change, words)}
    names = [name for name in {**after, **before} if before.get(name) != after.get(name)]
    if not names:
        return None
    nothing = words.say("terms.none")
    points = [
        words.say(
            "terms.change",
            point=_point(words, Term(name, after.get(name, nothing))),
            before=before.get(name, nothing),
        )
        for name in names
    ]
    return _letter(
        owner,
        client,
        template="terms",
        subject=words.say("letter.subject_change", day=words.date(change)),
        points=points,
        change=change,
        wording=wording,
    )


def signature(owner: Owner, day: date, words: Words, client: Client | None = None) -> str:
    """Return lines for below a mail: when mail is read, by when it is answered, what is urgent.

    The answer time is a client's; without one it is left out.
    """
    wanted = {"check_ins", "answer", "urgent"}
    lines = [clean(owner.name)]
    lines += [_point(words, t) for t in _all(owner, client, day, words) if t.name in wanted]
    return "\n".join(lines) + "\n"


def voicemail(owner: Owner, day: date, words: Words) -> str:
    """Return a text to speak on the answering machine."""
    hours = _hours(owner, day)
    spoken = words.say(
        "letter.voicemail",
        owner=clean(owner.name),
        address=owner.address,
        days=words.weekdays(sorted(hours.week)),
        times=words.every(f"{at:%H:%M}" for at in sorted(hours.check_ins)),
    )
    if owner.urgent:
        spoken = f"{spoken} {words.say('letter.voicemail_urgent', urgent=clean(owner.urgent))}"
    return f"{spoken}\n"


def _letter(
    owner: Owner,
    client: Client,
    *,
    template: str,
    subject: str,
    points: list[str],
    change: date | None,
    wording: Wording,
) -> Letter:
    words = wording.words(client.language)
    contact = next((p for p in client.people if Role.CONTACT in p.roles), None)
    fields = {
        "name": clean(contact.name) if contact else "",
        "formal": client.formal,
        "client": clean(client.name),
        "points": points,
        "change": words.full_day(change) if change else "",
        "change_date": words.date(change) if change else "",
        "owner": clean(owner.name),
    }
    text = wording.render(f"{template}.txt", client.language, fields)
    page = {"subject": subject, "paragraphs": list(_paragraphs(text))}
    html = wording.page("summary/letter.html", client.language, page)
    return Letter(client.language, contact.address if contact else "", subject, text, html)


def _paragraphs(text: str) -> Iterator[dict[str, list[str]]]:
    """Yield the paragraphs of a text: lines, or the entries of a list."""
    for paragraph in text.strip().split("\n\n"):
        lines = [line for line in paragraph.splitlines() if line.strip()]
        entries = [line.removeprefix("- ") for line in lines if line.startswith("- ")]
        yield {"lines": [line for line in lines if not line.startswith("- ")], "entries": entries}


def changes(owner: Owner, client: Client, day: date) -> list[date]:
    """Return the days after `day` from which other hours or another agreement hold."""
    starts = [a.valid_from for a in client.agreements]
    starts += [hours.valid_from for hours in owner.calendar.hours]
    return sorted({start for start in starts if start is not None and start > day})


def _point(words: Words, term: Term) -> str:
    return words.say("punctuation.labelled", label=words.say(f"terms.{term.name}"), text=term.value)


def _hours(owner: Owner, day: date) -> OfficeHours:
    """Return the hours that hold on `day`, closed or not."""
    entries = owner.calendar.hours
    held = [e for e in entries if e.valid_from is None or e.valid_from <= day]
    return held[-1] if held else entries[0]


def _terms(owner: Owner, client: Client, day: date, words: Words) -> list[Term]:
    return list(_all(owner, client, day, words))


def _all(owner: Owner, client: Client | None, day: date, words: Words) -> Iterator[Term]:
    """Yield all that is agreed on `day`, in the order of a letter, and nothing that is not."""
    hours = _hours(owner, day)
    days = (day for day, blocks in hours.week.items() if blocks)
    if said := words.hours(days, hours.check_ins, owner.calendar.zone):
        yield Term("check_ins", said)
    if client is not None:
        yield from _agreed(client.agreement(day), words)
    if owner.urgent:
        yield Term("urgent", clean(owner.urgent, 160))


def _agreed(agreement: Agreement, words: Words) -> Iterator[Term]:
    yield Term("answer", words.duration(agreement.answer_within))
    if agreement.contact:
        yield Term("contact", clean(agreement.contact))
    yield Term("feedback", words.duration(agreement.feedback_within))
    if agreement.turnaround is not None:
        yield Term("turnaround", words.duration(agreement.turnaround))
    if agreement.revision_rounds is not None:
        yield Term("rounds", str(agreement.revision_rounds))
    if agreement.payment is not None:
        yield Term("payment", words.duration(agreement.payment))
