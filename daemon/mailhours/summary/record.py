"""The dossier in words: neutral, in the third person, written as if the client will read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailhours.model.client import Money
from mailhours.model.judgement import Clock, InvoiceState
from mailhours.model.message import Message
from mailhours.summary.clean import clean
from mailhours.summary.dossier import Answer, Asked, Dossier, Evidence, Quotation, Rounds
from mailhours.summary.phrasing import END_OF_DAY, joined, quoted
from mailhours.summary.sheet import Block, Item, Quote, Row, Section, Table, Tone
from mailhours.summary.timeline import Picture, draw
from mailhours.wording.catalogue import Words

_NONE = "–"


@dataclass(frozen=True, slots=True)
class Record:
    """A dossier or final report in words, with its picture."""

    language: str
    title: str
    subtitle: str
    reason: str
    picture: Picture | None
    sections: tuple[Section, ...]
    footer: tuple[str, ...]


def record(dossier: Dossier, words: Words) -> Record:
    """Return the dossier in words; sections without content are left out."""
    parting = (_work(dossier, words), _open(dossier, words), _due(dossier, words))
    sections = (
        *((*parting, _handover(dossier, words)) if dossier.parting else ()),
        _glance(dossier, words),
        _clock(dossier, words),
        _delays(dossier, words),
        *(() if dossier.parting else (_work(dossier, words),)),
        _asks(dossier, words),
        _approvals(dossier, words),
        _rounds(dossier, words),
        _answers(dossier, words),
        _invoices(dossier, words),
        _findings(dossier, words),
    )
    client, owner = clean(dossier.client.name), clean(dossier.owner.name)
    title = "dossier.final" if dossier.parting else "dossier.title"
    return Record(
        language=words.language,
        title=words.say(title, client=client),
        subtitle=words.say("dossier.of", owner=owner, day=words.date(dossier.today)),
        reason=dossier.reason,
        picture=draw(dossier, words),
        sections=tuple(section for section in sections if section is not None),
        footer=tuple(_footer(dossier, words)),
    )


def _section(
    words: Words,
    key: str,
    *,
    items: tuple[Item, ...] = (),
    lines: tuple[str, ...] = (),
    tables: tuple[Table, ...] = (),
) -> Section | None:
    if not (items or lines or tables):
        return None
    blocks = (Block("", items, lines),) if items or lines else ()
    intro = words.say(f"dossier.{key}_intro") if words.has(f"dossier.{key}_intro") else ""
    return Section(key, words.say(f"dossier.{key}"), intro, blocks, tables=tables)


def _glance(d: Dossier, words: Words) -> Section | None:
    first = d.judgement.first
    rows = [
        ("messages", words.say("dossier.messages_of", received=d.received, sent=d.sent)),
        ("kept", words.say("dossier.kept_of", kept=d.kept, n=d.answered)),
        ("our_median", _span(words, d.our_median)),
        ("their_median", _span(words, d.their_median)),
    ]
    if first is not None:
        rows.insert(0, ("since", words.date(d.owner.calendar.local(first).date())))
    names = {"owner": clean(d.owner.name), "client": clean(d.client.name)}
    table = Table(
        "", (), tuple(Row(words.say(f"dossier.{key}", **names), (cell,)) for key, cell in rows)
    )
    return _section(words, "glance", tables=(table,))


def _span(words: Words, value: timedelta | None) -> str:
    return _NONE if value is None else words.span(value)


def _clock(d: Dossier, words: Words) -> Section | None:
    head = (
        clean(d.owner.name, 30),
        clean(d.client.name, 30),
        words.say("dossier.nobody"),
        words.say("dossier.total"),
    )
    rows = [_clock_row(_project(d, delay.project), delay.clock, words) for delay in d.delays]
    rows.append(_clock_row(words.say("dossier.all"), d.clock, words))
    return _section(words, "clock", tables=(Table("", head, tuple(rows)),))


def _clock_row(name: str, clock: Clock, words: Words) -> Row:
    sides = (clock.ours, clock.theirs, clock.nobody, clock.total)
    return Row(name, tuple(words.compact(timedelta(minutes=side)) for side in sides))


def _project(d: Dossier, key: str) -> str:
    project = d.client.project(key)
    return clean(project.name if project else key) or _NONE


def _delays(d: Dossier, words: Words) -> Section | None:
    rows = [
        Row(
            _project(d, delay.project),
            (words.table_day(delay.due), str(delay.days_lost), words.table_day(delay.moved_due)),
        )
        for delay in d.delays
        if delay.due is not None and delay.moved_due is not None
    ]
    head = tuple(words.say(f"dossier.{name}") for name in ("agreed_date", "days", "new_date"))
    return _section(words, "delays", tables=(Table("", head, tuple(rows)),) if rows else ())


def _work(d: Dossier, words: Words) -> Section | None:
    return _section(words, "work", items=tuple(_mail(d, words, m) for m in d.delivered))


def _mail(d: Dossier, words: Words, message: Message) -> Item:
    """Return a mail as an entry: day, subject, to or from whom, its id."""
    return Item(
        quoted(words, message.subject, _NONE),
        when=_when(d, words, message.at),
        notes=(joined((_person(d, message.person), clean(message.message_id, 120))),),
    )


def _person(d: Dossier, address: str) -> str:
    """Return the name of somebody of the client, or the address."""
    return clean(d.client.person(address).name or address)


def _when(d: Dossier, words: Words, at: datetime) -> str:
    local = d.owner.calendar.local(at)
    return f"{words.date(local.date())}, {local:%H:%M}"


def _due_at(d: Dossier, words: Words, at: datetime) -> str:
    """Write when something was due of the client; the end of their day is that day."""
    local = d.client.calendar.local(at)
    return words.date(local.date()) if local.time() >= END_OF_DAY else _when(d, words, at)


def _asks(d: Dossier, words: Words) -> Section | None:
    return _section(words, "asks", items=tuple(_ask(d, words, asked) for asked in d.asks))


def _ask(d: Dossier, words: Words, asked: Asked) -> Item:
    ask = asked.ask
    name = f"ask.{ask.kind}"
    kind = words.say(name) if words.has(name) else clean(ask.kind)
    notes = [
        words.say("dossier.asked", at=_when(d, words, ask.opened), due=_due_at(d, words, ask.due))
    ]
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
        else words.say("dossier.closed", at=_when(d, words, closed))
    )
    label = words.say("punctuation.labelled", label=kind, text=clean(ask.text, 200))
    tone = Tone.SOON if closed is None and asked.late else Tone.PLAIN
    return Item(label, "", when, tuple(notes), tone, None, _quotes(d, words, asked.answers))


def _quotes(d: Dossier, words: Words, quotations: tuple[Quotation, ...]) -> tuple[Quote, ...]:
    return tuple(
        Quote(
            joined(
                (
                    _when(d, words, quotation.at),
                    clean(d.owner.name) if quotation.ours else _person(d, quotation.person),
                    clean(quotation.message_id, 120),
                )
            ),
            quotation.lines or (words.say("dossier.no_text"),),
        )
        for quotation in quotations
    )


def _approvals(d: Dossier, words: Words) -> Section | None:
    return _section(words, "approvals", items=tuple(_mail(d, words, m) for m in d.approved))


def _rounds(d: Dossier, words: Words) -> Section | None:
    return _section(words, "rounds", items=tuple(_round(d, words, r) for r in d.rounds))


def _round(d: Dossier, words: Words, rounds: Rounds) -> Item:
    count = len(rounds.rounds)
    when = (
        words.say("dossier.rounds_of", n=count, agreed=rounds.agreed)
        if rounds.agreed is not None
        else words.say("dossier.rounds_only", n=count)
    )
    notes = tuple(
        words.say(
            "dossier.round",
            delivered=_when(d, words, delivery.at),
            asked=_when(d, words, change.at),
            subject=quoted(words, change.subject, _NONE),
        )
        for delivery, change in rounds.rounds
    )
    return Item(_project(d, rounds.project), "", when, notes)


def _answers(d: Dossier, words: Words) -> Section | None:
    return _section(words, "answers", items=tuple(_answer(d, words, a) for a in d.late_answers))


def _answer(d: Dossier, words: Words, answer: Answer) -> Item:
    promise = answer.promise
    closed = promise.closed
    when = (
        words.say("dossier.open")
        if closed is None
        else words.say("dossier.closed", at=_when(d, words, closed))
    )
    message = promise.message
    notes = (
        words.say(
            "dossier.promised", at=_when(d, words, message.at), due=_when(d, words, promise.due)
        ),
        joined(
            (
                words.say("dossier.over", span=words.span(answer.late)),
                clean(message.message_id, 120),
            )
        ),
    )
    return Item(quoted(words, message.subject, _NONE), _person(d, message.person), when, notes)


def _invoices(d: Dossier, words: Words) -> Section | None:
    rows = []
    for standing in d.judgement.invoices:
        invoice = standing.invoice
        paid = words.table_day(standing.paid) if standing.paid else _state(words, standing.state)
        rows.append(
            Row(
                clean(invoice.number, 40),
                (
                    words.table_day(invoice.issued),
                    words.table_day(invoice.due),
                    words.money(invoice.amount),
                    paid,
                    str(max(0, standing.days_late)),
                ),
            )
        )
    names = ("issued", "due", "sum", "paid", "days_late")
    head = tuple(words.say(f"dossier.{name}") for name in names)
    return _section(words, "invoices", tables=(Table("", head, tuple(rows)),) if rows else ())


def _state(words: Words, state: InvoiceState) -> str:
    return words.say(f"dossier.state_{state.value}")


def _findings(d: Dossier, words: Words) -> Section | None:
    """Return the findings, one list a pattern."""
    by_pattern: dict[str, list[Evidence]] = {}
    for evidence in d.findings:
        by_pattern.setdefault(evidence.finding.pattern, []).append(evidence)
    if not by_pattern:
        return None
    blocks = tuple(
        Block(_neutral(words, pattern), tuple(_finding(d, words, one) for one in found))
        for pattern, found in by_pattern.items()
    )
    intro = words.say("dossier.findings_intro")
    return Section("findings", words.say("dossier.findings"), intro, blocks)


def _neutral(words: Words, pattern: str) -> str:
    name = f"neutral.{pattern}"
    return words.say(name) if words.has(name) else clean(pattern.replace("_", " "))


def _finding(d: Dossier, words: Words, evidence: Evidence) -> Item:
    finding = evidence.finding
    first, last = (d.owner.calendar.local(at).date() for at in (finding.first, finding.last))
    count = len(finding.messages)
    when = (
        words.say("dossier.on", day=words.date(first), n=count)
        if first == last
        else words.say("dossier.between", first=words.date(first), last=words.date(last), n=count)
    )
    notes = (words.say("list.more", n=evidence.more),) if evidence.more else ()
    person = _person(d, finding.person) if finding.person else clean(d.client.name)
    return Item(person, "", when, notes, quotes=_quotes(d, words, evidence.quotations))


def _open(d: Dossier, words: Words) -> Section | None:
    asks = [_ask(d, words, asked) for asked in d.asks if asked.ask.closed is None]
    promises = [
        Item(
            quoted(words, promise.message.subject, _NONE),
            _person(d, promise.message.person),
            words.say("dossier.answer_by", due=_when(d, words, promise.due)),
        )
        for promise in d.judgement.open_promises
    ]
    return _section(words, "open_items", items=(*promises, *asks))


def _due(d: Dossier, words: Words) -> Section | None:
    sums: dict[str, Money] = {}
    rows = []
    for standing in d.open_invoices:
        amount = standing.invoice.amount
        before = sums.get(amount.currency)
        total = amount.amount + (before.amount if before else 0)
        sums[amount.currency] = Money(total, amount.currency)
        cells = (words.table_day(standing.invoice.due), words.money(amount))
        rows.append(Row(clean(standing.invoice.number, 40), cells))
    rows += [Row(words.say("dossier.total"), ("", words.money(one))) for one in sums.values()]
    head = (words.say("dossier.due"), words.say("dossier.sum"))
    return _section(words, "amounts", tables=(Table("", head, tuple(rows)),) if sums else ())


def _handover(d: Dossier, words: Words) -> Section | None:
    return _section(words, "handover", lines=tuple(clean(i, 200) for i in d.client.handover))


def _footer(d: Dossier, words: Words) -> Iterator[str]:
    yield words.say("dossier.method")
    yield words.say("dossier.attachments")
    yield words.say("dossier.zone", zone=d.owner.calendar.zone.key)
    if d.chain_head:
        yield words.say("dossier.chain", n=d.chain_length, head=d.chain_head)
