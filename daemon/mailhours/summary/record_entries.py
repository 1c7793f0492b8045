"""The entries of a dossier in words: a mail, an ask, a late answer, revision rounds, a finding."""

from __future__ import annotations

from datetime import datetime

from mailhours.model.message import Message
from mailhours.summary.clean import clean
from mailhours.summary.dossier import Answer, Asked, Dossier, Evidence, Quotation, Rounds
from mailhours.summary.phrasing import END_OF_DAY, joined, more, quoted
from mailhours.summary.sheet import Item, Quote, Tone
from mailhours.wording.catalogue import Words

NONE = "–"


def mail_entry(d: Dossier, words: Words, message: Message) -> Item:
    """Return a mail as an entry: day, subject, to or from whom, its id."""
    return Item(
        quoted(words, message.subject, NONE),
        when=when_at(d, words, message.at),
        notes=(joined((person_name(d, message.person), clean(message.message_id, 120))),),
    )


def ask_entry(d: Dossier, words: Words, asked: Asked) -> Item:
    """Return an ask: what for, when, how long it took, and the lines that answered it."""
    ask = asked.ask
    name = f"ask.{ask.kind}"
    kind = words.say(name) if words.has(name) else clean(ask.kind)
    notes = [asked_when(d, words, asked)]
    facts = [words.say("dossier.took", span=words.span(ask.business))]
    if asked.late:
        facts.append(words.say("dossier.over", span=words.span(asked.late)))
    if asked.reminders:
        facts.append(words.say("dossier.reminders", n=asked.reminders))
    notes += [joined(facts), clean(ask.message.message_id, 120)]
    closed = ask.closed
    when = (
        words.say("dossier.open")
        if closed is None
        else words.say("dossier.closed", at=when_at(d, words, closed))
    )
    wanted = words.say("punctuation.quoted", text=clean(ask.text, 200))
    label = words.say("punctuation.labelled", label=kind, text=wanted)
    tone = Tone.SOON if closed is None and asked.late else Tone.PLAIN
    return Item(label, "", when, tuple(notes), tone, None, _quotes(d, words, asked.answers))


def asked_when(d: Dossier, words: Words, asked: Asked) -> str:
    """Write when something was asked for, and by when it was needed."""
    opened, due = when_at(d, words, asked.ask.opened), _due_at(d, words, asked.ask.due)
    return words.say("dossier.asked", at=opened, due=due)


def _quotes(d: Dossier, words: Words, quotations: tuple[Quotation, ...]) -> tuple[Quote, ...]:
    return tuple(
        Quote(
            joined(
                (
                    when_at(d, words, quotation.at),
                    clean(d.owner.name) if quotation.ours else person_name(d, quotation.person),
                    clean(quotation.message_id, 120),
                )
            ),
            quotation.lines or (words.say("dossier.no_text"),),
        )
        for quotation in quotations
    )


def rounds_entry(d: Dossier, words: Words, rounds: Rounds) -> Item:
    """Return the revision rounds of a project up to an approval."""
    count = len(rounds.rounds)
    when = (
        words.say("dossier.rounds_of", n=count, agreed=rounds.agreed)
        if rounds.agreed is not None
        else words.say("dossier.rounds_only", n=count)
    )
    notes = [
        words.say(
            "dossier.round",
            delivered=when_at(d, words, delivery.at),
            asked=when_at(d, words, change.at),
            subject=quoted(words, change.subject, NONE),
        )
        for delivery, change in rounds.rounds
    ]
    if rounds.approved is not None:
        notes.append(words.say("dossier.approved", at=when_at(d, words, rounds.approved.at)))
    return Item(project_name(d, rounds.project), "", when, tuple(notes))


def answer_entry(d: Dossier, words: Words, answer: Answer) -> Item:
    """Return a mail of theirs that was answered late, or not yet."""
    promise = answer.promise
    closed = promise.closed
    when = (
        words.say("dossier.open")
        if closed is None
        else words.say("dossier.closed", at=when_at(d, words, closed))
    )
    message = promise.message
    notes = (
        words.say(
            "dossier.promised", at=when_at(d, words, message.at), due=when_at(d, words, promise.due)
        ),
        joined(
            (
                words.say("dossier.over", span=words.span(answer.late)),
                clean(message.message_id, 120),
            )
        ),
    )
    return Item(quoted(words, message.subject, NONE), person_name(d, message.person), when, notes)


def finding_entry(d: Dossier, words: Words, evidence: Evidence) -> Item:
    """Return a finding: when, in how many mails, and two lines of the newest."""
    finding = evidence.finding
    first, last = (d.owner.calendar.local(at).date() for at in (finding.first, finding.last))
    count = len(finding.messages)
    when = (
        words.say("dossier.on", day=words.date(first), n=count)
        if first == last
        else words.say("dossier.between", first=words.date(first), last=words.date(last), n=count)
    )
    left = more(words, evidence.more)
    person = person_name(d, finding.person) if finding.person else clean(d.client.name)
    return Item(person, "", when, quotes=_quotes(d, words, evidence.quotations), more=left)


def project_name(d: Dossier, key: str) -> str:
    """Return the name of a project, harmless."""
    project = d.client.project(key)
    return clean(project.name if project else key) or NONE


def person_name(d: Dossier, address: str) -> str:
    """Return the name of somebody of the client, or the address."""
    return clean(d.client.person(address).name or address)


def when_at(d: Dossier, words: Words, at: datetime) -> str:
    """Write a moment with its year, in the owner's time."""
    local = d.owner.calendar.local(at)
    return f"{words.date(local.date())}, {local:%H:%M}"


def _due_at(d: Dossier, words: Words, at: datetime) -> str:
    """Write when something was due of the client; the end of their day is that day."""
    local = d.client.calendar.local(at)
    return words.date(local.date()) if local.time() >= END_OF_DAY else when_at(d, words, at)
