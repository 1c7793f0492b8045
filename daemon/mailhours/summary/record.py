"""The dossier in words: neutral, in the third person, written as if the client will read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from mailhours.model.client import Money
from mailhours.model.judgement import Clock, InvoiceState
from mailhours.summary.clean import clean
from mailhours.summary.dossier import Dossier, Evidence
from mailhours.summary.paper import Paper
from mailhours.summary.phrasing import quoted
from mailhours.summary.record_entries import (
    NONE,
    answer_entry,
    ask_entry,
    asked_when,
    finding_entry,
    mail_entry,
    person_name,
    project_name,
    rounds_entry,
    when_at,
)
from mailhours.summary.sheet import Block, Item, Row, Section, Table
from mailhours.summary.timeline import draw
from mailhours.wording.catalogue import Words


def record(dossier: Dossier, words: Words) -> Paper:
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
    return Paper(
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
        ("kept", words.say("dossier.kept_of", kept=d.kept, n=d.answered) if d.answered else NONE),
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
    return NONE if value is None else words.span(value)


def _clock(d: Dossier, words: Words) -> Section | None:
    head = (
        clean(d.owner.name, 30),
        clean(d.client.name, 30),
        words.say("dossier.nobody"),
        words.say("dossier.total"),
    )
    rows = [_clock_row(project_name(d, delay.project), delay.clock, words) for delay in d.delays]
    if len(rows) != 1:
        rows.append(_clock_row(words.say("dossier.all"), d.clock, words))
    return _section(words, "clock", tables=(Table("", head, tuple(rows)),))


def _clock_row(name: str, clock: Clock, words: Words) -> Row:
    sides = (clock.ours, clock.theirs, clock.nobody, clock.total)
    return Row(name, tuple(words.compact(timedelta(minutes=side)) for side in sides))


def _delays(d: Dossier, words: Words) -> Section | None:
    rows = [
        Row(
            project_name(d, delay.project),
            (words.table_day(delay.due), str(delay.days_lost), words.table_day(delay.moved_due)),
        )
        for delay in d.delays
        if delay.due is not None and delay.moved_due is not None
    ]
    head = tuple(words.say(f"dossier.{name}") for name in ("agreed_date", "days", "new_date"))
    return _section(words, "delays", tables=(Table("", head, tuple(rows)),) if rows else ())


def _work(d: Dossier, words: Words) -> Section | None:
    return _section(words, "work", items=tuple(mail_entry(d, words, m) for m in d.delivered))


def _asks(d: Dossier, words: Words) -> Section | None:
    return _section(words, "asks", items=tuple(ask_entry(d, words, asked) for asked in d.asks))


def _approvals(d: Dossier, words: Words) -> Section | None:
    return _section(words, "approvals", items=tuple(mail_entry(d, words, m) for m in d.approved))


def _rounds(d: Dossier, words: Words) -> Section | None:
    return _section(words, "rounds", items=tuple(rounds_entry(d, words, r) for r in d.rounds))


def _answers(d: Dossier, words: Words) -> Section | None:
    return _section(
        words, "answers", items=tuple(answer_entry(d, words, a) for a in d.late_answers)
    )


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
        Block(_neutral(words, pattern), tuple(finding_entry(d, words, one) for one in found))
        for pattern, found in by_pattern.items()
    )
    intro = words.say("dossier.findings_intro")
    return Section("findings", words.say("dossier.findings"), intro, blocks)


def _neutral(words: Words, pattern: str) -> str:
    name = f"neutral.{pattern}"
    return words.say(name) if words.has(name) else clean(pattern.replace("_", " "))


def _open(d: Dossier, words: Words) -> Section | None:
    # Each stands with all that was said of it among the requests.
    asks = [
        replace(ask_entry(d, words, asked), notes=(asked_when(d, words, asked),), quotes=())
        for asked in d.asks
        if asked.ask.closed is None
    ]
    promises = [
        Item(
            quoted(words, promise.message.subject, NONE),
            person_name(d, promise.message.person),
            words.say("dossier.answer_by", due=when_at(d, words, promise.due)),
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
