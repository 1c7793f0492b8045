"""The block of what clients owe: feedback and approvals by age, invoices by money times age."""

from __future__ import annotations

from datetime import date

from mailhours.model.judgement import AskState, InvoiceState
from mailhours.summary.clean import clean
from mailhours.summary.day import Day
from mailhours.summary.entries import Debt, Owing
from mailhours.summary.phrasing import END_OF_DAY, joined, more, quoted, who
from mailhours.summary.sheet import Block, Item, Section, Tone
from mailhours.wording.catalogue import Words

SHOWN = 8
# From these levels on a reminder needs the owner's approval.
_ASK_APPROVAL = 3
_MONEY_APPROVAL = 2
# Why restraint holds a notice back, where the state of the invoice says the same.
_SAID = {
    InvoiceState.PROMISED: "they promised the payment",
    InvoiceState.REPORTED: "they say it is paid: please check",
    InvoiceState.DISPUTED: "they dispute the invoice: please talk to them",
}


def they_owe(day: Day, words: Words) -> Section:
    """Return the section of asks and invoices; bars compare the waits with the longest."""
    blocks = []
    if day.owing:
        longest = max(owing.days for owing in day.owing)
        items = tuple(_ask(day, words, owing, longest) for owing in day.owing[:SHOWN])
        left = more(words, len(day.owing) - SHOWN)
        blocks.append(Block(words.say("owing.title"), items, more=left))
    if day.debts or day.not_yet_due:
        heaviest = max((debt.weight for debt in day.debts), default=0)
        items = tuple(
            _invoice(day, words, debt, int(100 * debt.weight / heaviest) if heaviest else 0)
            for debt in day.debts[:SHOWN]
        )
        left = more(words, len(day.debts) - SHOWN)
        if day.not_yet_due:
            not_yet = words.say("debt.not_yet_due", n=day.not_yet_due)
            left = words.say("list.and_more", text=left, more=not_yet) if left else not_yet
        blocks.append(Block(words.say("debt.title"), items, more=left))
    if not blocks:
        blocks.append(Block("", lines=(words.say("owing.nothing"),)))
    return Section("they-owe", words.say("section.they_owe"), blocks=tuple(blocks))


def _ask(day: Day, words: Words, owing: Owing, longest: int) -> Item:
    ask, zone = owing.ask, day.owner.calendar.zone
    overdue = ask.due < day.now
    # A date that was asked for is a date where they are.
    local = owing.client.calendar.local(ask.due)
    due = words.short_day(local.date())
    if not overdue:
        when = words.say("owing.due", due=due)
    elif owing.days:
        when = words.say("owing.late", n=owing.days)
    else:
        whole_day = local.time() >= END_OF_DAY
        when = words.say("owing.today", due=due if whole_day else words.at(ask.due, zone))
    asked = words.short_day(_local(day, owing))
    # Until it is late by days the due day stands in the heading.
    facts = [
        words.say("owing.asked", at=asked, due=due)
        if owing.days
        else words.say("owing.asked_on", at=asked)
    ]
    if ask.outcome is AskState.DEFERRED:
        facts.append(words.say("owing.deferred"))
    still = [item for item in ask.items if item.closed is None]
    if len(still) < len(ask.items):
        facts.append(words.say("owing.partly", n=len(still)))
    if ask.away_until is not None and ask.away_until >= day.day:
        facts.append(words.say("owing.away", day=words.short_day(ask.away_until)))
    notes = [joined(facts), *_next(day, words, owing, "owing", _ASK_APPROVAL)]
    kind = words.say(f"ask.{ask.kind}") if words.has(f"ask.{ask.kind}") else clean(ask.kind)
    wanted = words.say("punctuation.between").join(item.text for item in still)
    what = words.say("punctuation.labelled", label=kind, text=quoted(words, wanted))
    share = round(100 * owing.days / longest) if overdue and longest else None
    tone = Tone.SOON if overdue else Tone.PLAIN
    return Item(who(owing.client, ask.person), what, when, tuple(notes), tone, share)


def _local(day: Day, owing: Owing) -> date:
    return day.owner.calendar.local(owing.ask.opened).date()


def _invoice(day: Day, words: Words, debt: Debt, share: int) -> Item:
    standing = debt.standing
    invoice = standing.invoice
    facts = [words.say("debt.due", day=words.short_day(invoice.due))]
    tone = Tone.SOON if standing.days_late > 0 else Tone.PLAIN
    match standing.state:
        case InvoiceState.PROMISED if standing.promised is not None:
            facts.append(words.say("debt.promised", day=words.short_day(standing.promised)))
        case InvoiceState.REPORTED:
            facts.append(words.say("debt.reported"))
        case InvoiceState.DISPUTED:
            facts.append(words.say("debt.disputed"))
            tone = Tone.LATE
        case _:
            pass
    notes = [joined(facts)]
    if debt.withheld != _SAID.get(standing.state, "-"):
        notes += _next(day, words, debt, "debt", _MONEY_APPROVAL)
    what = words.say(
        "debt.invoice_of", number=clean(invoice.number), sum=words.money(invoice.amount)
    )
    when = words.say("debt.overdue", n=standing.days_late) if standing.days_late > 0 else ""
    name = clean(debt.client.name)
    return Item(name, what, when, tuple(notes), tone, share if standing.days_late > 0 else None)


def _next(day: Day, words: Words, one: Owing | Debt, table: str, approval: int) -> list[str]:
    """Return what comes next: a reminder at its check-in, or why none leaves."""
    if one.held:
        return [words.say("owing.held")]
    if one.withheld:
        return [words.say("owing.withheld", reason=clean(words.reason(one.withheld), 160))]
    if one.next is None:
        return []
    # What was due before goes at the next check-in, if at all.
    at = one.next.at if one.next.at > day.now else None
    at = at or (day.slots[0].due if day.slots else None)
    if at is None:
        return []
    name = f"{table}.next_approve" if one.next.level >= approval else f"{table}.next"
    written = words.at(at, day.owner.calendar.zone)
    return [words.say(name, at=written, level=one.next.level)]
