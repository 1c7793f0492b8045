"""The day in words: from what was gathered to the sheet that is laid out as text and page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from mailhours.model.client import Money
from mailhours.model.outlook import Prediction
from mailhours.model.reply import Mode, ReplyState
from mailhours.summary import actions, news, weekly
from mailhours.summary.actions import Action
from mailhours.summary.clean import clean
from mailhours.summary.day import Day
from mailhours.summary.entries import Group, Owed, Review
from mailhours.summary.inputs import Handled
from mailhours.summary.noticed import noticed, pattern_name
from mailhours.summary.owing import they_owe
from mailhours.summary.phrasing import capital, cut, joined, more, quoted, span, who
from mailhours.summary.sheet import Block, Command, Figure, Item, Section, Sheet, Tone
from mailhours.wording.catalogue import Words

# A phone shows so many without becoming a catalogue; the rest is counted.
SHOWN = 8
# As restraint says it: the catalogues translate it.
FORGED = "the sender's authentication fails: perhaps a forgery"
LISTED = 5
_TROUBLE = frozenset({ReplyState.REFUSED, ReplyState.DEFERRED, ReplyState.DOUBTFUL})
# Business time: what is due after so little of it stands out.
SOON = timedelta(hours=1)


def sheet(day: Day, words: Words) -> Sheet:
    """Return the daily summary in words. MissingWording when the catalogue lacks a phrase."""
    return Sheet(
        language=words.language,
        subject=news.subject(day, words),
        kicker=capital(words.full_day(day.day)),
        verdict=news.verdict(day, words),
        alarm=news.alarm(day, words),
        figures=tuple(_figures(day, words)),
        sections=(
            _you_owe(day, words),
            they_owe(day, words),
            _did(day, words),
            _actions(day, words),
            *((weekly.section(day.week, words),) if day.week else ()),
            _health(day, words),
            _next(day, words),
        ),
        footer=tuple(_footer(day, words)),
    )


def failed(day: date, why: str, tries: int, words: Words) -> Sheet:
    """Return what is told instead of a summary that could not be made, in so many `tries`."""
    subject = words.say("failed.subject")
    return Sheet(
        language=words.language,
        subject=words.say("subject.line", news=subject, day=words.short_day(day)),
        kicker=capital(words.full_day(day)),
        verdict=words.say("failed.verdict", why=clean(words.reason(why))),
        alarm="",
        figures=(),
        sections=(
            Section(
                "health", words.say("section.health"), words.say("failed.told", n=tries), blocks=()
            ),
        ),
        footer=(),
    )


def _figures(day: Day, words: Words) -> Iterator[Figure]:
    late, overdue = len(day.late), len(day.overdue_asks)
    yield Figure(
        words.say("figure.you_owe"),
        str(len(day.owed)),
        words.say("figure.late", n=late) if late else words.say("figure.none_late"),
        Tone.LATE if late else Tone.GOOD,
    )
    yield Figure(
        words.say("figure.they_owe"),
        str(len(day.owing)),
        words.say("figure.overdue", n=overdue) if overdue else words.say("figure.none_overdue"),
        Tone.SOON if overdue else Tone.GOOD,
    )
    sums = [words.money(Money(amount, c)) for c, amount in day.overdue_money().items()]
    count = sum(debt.standing.days_late > 0 for debt in day.debts)
    note = words.say("figure.invoices", n=count) if sums else words.say("figure.no_money")
    if sums[1:]:
        note = words.say("figure.more_currencies", sums=words.every(sums[1:]))
    # On a phone the currency may stand below a long sum.
    value = " ".join(sums[0].rsplit("\u00a0", 1)) if sums else "0"
    yield Figure(words.say("figure.money"), value, note, Tone.SOON if sums else Tone.GOOD)


def _you_owe(day: Day, words: Words) -> Section:
    blocks = []
    if day.review:
        items = tuple(_review(day, words, review) for review in day.review[:SHOWN])
        left = more(words, len(day.review) - SHOWN)
        blocks.append(Block(words.say("review.title"), items, more=left))
    if day.owed:
        items = tuple(_owed(day, words, owed) for owed in day.owed[:SHOWN])
        title = words.say("owed.title")
        blocks.append(Block(title, items, more=more(words, len(day.owed) - SHOWN)))
    else:
        blocks.append(Block("", lines=(words.say("owed.nothing"),)))
    if day.predictions:
        items = tuple(_predictions(day, words))
        left = more(words, len(day.predictions) - LISTED)
        blocks.append(Block(words.say("prediction.title"), items, more=left))
    return Section("you-owe", words.say("section.you_owe"), blocks=tuple(blocks))


def _review(day: Day, words: Words, review: Review) -> Item:
    message = review.message
    if review.delicate:
        why = words.say("review.delicate", sign=quoted(words, review.sign))
    elif review.forged:
        why = capital(words.reason(FORGED))
    else:
        why = words.say("review.machine")
    came = words.say("review.came", at=words.at(message.at, day.owner.calendar.zone))
    return Item(
        who(review.client, message.person),
        quoted(words, message.subject),
        notes=(why, came),
        tone=Tone.LATE if review.delicate or review.forged else Tone.SOON,
    )


def _owed(day: Day, words: Words, owed: Owed) -> Item:
    zone = day.owner.calendar.zone
    promise = owed.promise
    due = words.at(promise.due, zone)
    arrived = "owed.arrived_stated" if promise.stated else "owed.arrived"
    if not owed.late:
        left = words.say("owed.left", span=span(words, owed.left), used=owed.used)
    elif owed.days > 1:
        left = words.say("owing.late", n=owed.days)
    else:
        left = words.say("owed.late_by", span=span(words, owed.left))
    history = [words.say(arrived, at=words.at(promise.message.at, zone))]
    if owed.chased:
        history.append(words.say("owed.chased", n=owed.chased))
    due_today = day.owner.calendar.local(promise.due).date() <= day.day
    soon = not owed.late and (due_today or owed.left <= SOON)
    return Item(
        who(owed.client, promise.message.person),
        quoted(words, promise.message.subject),
        words.say("owed.late" if owed.late else "owed.due", due=due),
        (left, joined(history)),
        Tone.LATE if owed.late else Tone.SOON if soon else Tone.PLAIN,
        owed.used,
    )


def _predictions(day: Day, words: Words) -> Iterator[Item]:
    zone = day.owner.calendar.zone
    for prediction in day.predictions[:LISTED]:
        client = day.clients[prediction.client]
        yield Item(
            who(client, prediction.person),
            when=words.say("prediction.when", at=words.at(prediction.at, zone)),
            notes=(
                *_advice(prediction, words, zone),
                words.say("prediction.seen", n=prediction.seen),
            ),
            tone=Tone.QUIET,
        )


def _advice(prediction: Prediction, words: Words, zone: ZoneInfo) -> Iterator[str]:
    by = words.at(prediction.send_by, zone)
    if prediction.days_before is not None:
        days = words.say("duration.day", n=prediction.days_before)
        yield words.say("prediction.deadline", days=days, by=by)
        return
    if prediction.minutes is not None:
        span = words.span(timedelta(minutes=prediction.minutes))
        yield words.say("prediction.usual", span=span)
    yield words.say("prediction.send_by", by=by)


def _did(day: Day, words: Words) -> Section:
    lists = (
        ("sent", day.sent),
        ("released", day.released),
        ("shadowed", day.shadowed),
        ("drafted", day.drafted),
        ("refused", day.refused),
    )
    blocks = [_handled(day, words, f"did.{name}", handled) for name, handled in lists if handled]
    if day.held_waiting:
        lines, left = cut(words, day.held_waiting, LISTED, lambda s: quoted(words, s, "–"))
        title = words.say("did.held_waiting", n=len(day.held_waiting))
        blocks.append(Block(title, lines=lines, more=left))
    if day.withheld:
        count = sum(len(group.withheld) for group in day.withheld)
        lines, left = cut(words, day.withheld, SHOWN, lambda g: _group(day, words, g))
        blocks.append(Block(words.say("did.withheld", n=count), lines=lines, more=left))
    if day.findings:
        title = words.say("did.findings", n=len(day.findings))
        items = noticed(day.findings[:SHOWN], day.clients, words)
        blocks.append(Block(title, items, more=more(words, len(day.findings) - SHOWN)))
    if not blocks:
        blocks = [Block("", lines=(words.say("did.nothing"),))]
    title = "section.would" if day.mode is Mode.SHADOW else "section.did"
    return Section("did", words.say(title), blocks=tuple(blocks))


def _handled(day: Day, words: Words, title: str, handled: Sequence[Handled]) -> Block:
    items = []
    for entry in handled[:LISTED]:
        reply = entry.reply
        kinds = words.every(words.say(f"kind.{kind.value}") for kind in reply.kinds)
        client = day.clients.get(reply.client)
        name = who(client, reply.to.spec) if client else clean(reply.to.spec)
        subject = quoted(words, reply.subject)
        items.append(
            Item(
                name,
                words.say("did.subject_of", kind=kinds, subject=subject) if subject else kinds,
                _when(day, words, entry.at),
                # What a server says to a mail that it takes interests nobody.
                (clean(entry.detail),) if entry.detail and entry.state in _TROUBLE else (),
            )
        )
    title = words.say(title, n=len(handled))
    return Block(title, tuple(items), more=more(words, len(handled) - LISTED))


def _when(day: Day, words: Words, at: datetime) -> str:
    """Write a moment of the day by its time only, an earlier one with its day."""
    calendar = day.owner.calendar
    same = calendar.local(at).date() == day.day
    return words.clock(at, calendar.zone) if same else words.at(at, calendar.zone)


def _group(day: Day, words: Words, group: Group) -> str:
    counts: dict[str, int] = {}
    for withheld in group.withheld:
        name = clean(day.name_of.get(withheld.client, withheld.client))
        counts[name] = counts.get(name, 0) + 1
    names = [n if c == 1 else words.say("did.times", who=n, n=c) for n, c in counts.items()]
    if len(names) > LISTED:
        names[LISTED:] = [more(words, len(names) - LISTED)]
    reason = clean(words.reason(group.reason), 160)
    return words.say("did.withheld_for", reason=reason, who=", ".join(names))


def _actions(day: Day, words: Words) -> Section:
    offered = actions.actions(day)
    intro = "action.intro" if offered else "action.none"
    return Section(
        "actions",
        words.say("section.actions"),
        words.say(intro),
        commands=tuple(_command(words, action) for action in offered[: 2 * SHOWN]),
    )


def _command(words: Words, action: Action) -> Command:
    if action.kind == "finding":
        subject = pattern_name(words, action.subject)
    elif action.kind in ("doubtful", "approve", "late", "ask"):
        subject = quoted(words, action.subject, "–")
    else:
        subject = clean(action.subject, 120)
    meaning = words.say(f"action.{action.kind}", client=clean(action.client), subject=subject)
    lines = (clean(line, 100) for line in (action.command, action.alternative) if line)
    return Command(tuple(lines), meaning)


def _health(day: Day, words: Words) -> Section:
    lines = tuple(_health_lines(day, words))
    if not lines:
        return Section("health", words.say("section.health"), words.say("health.good"))
    return Section("health", words.say("section.health"), blocks=(Block("", lines=lines),))


def _health_lines(day: Day, words: Words) -> Iterator[str]:
    health, zone = day.health, day.owner.calendar.zone
    for period in health.deaf:
        start = words.at(period.start, zone)
        why = clean(words.reason(period.why))
        if period.mailbox:
            name = clean(period.mailbox, 40)
            why = words.say("punctuation.labelled", label=name, text=why)
        if period.end is None:
            yield words.say("health.deaf_now", start=start, why=why)
        else:
            yield words.say("health.deaf", start=start, end=words.at(period.end, zone), why=why)
    for problem in health.configuration:
        yield words.say("health.configuration", problem=clean(str(problem), 200))
    for handled in day.doubtful:
        reply = handled.reply
        subject = quoted(words, reply.subject, "–")
        yield words.say("health.doubtful", subject=subject, who=clean(reply.to.spec))
    for mail in health.quarantined:
        yield words.say(
            "health.quarantined",
            folder=clean(mail.folder),
            uid=clean(mail.uid),
            reason=clean(words.reason(mail.reason)),
        )
    for address, reason in sorted(health.frozen.items()):
        why = clean(words.reason(reason))
        yield words.say("health.frozen", address=clean(address), reason=why)
    if health.missed:
        missed = (slot.partition("T") for slot in health.missed[:LISTED])
        slots = words.say("punctuation.between").join(
            f"{words.short_day(date.fromisoformat(named))}, {at}" for named, _, at in missed
        )
        yield words.say("health.missed", n=len(health.missed), slots=slots)
    yield from (clean(words.reason(notice), 200) for notice in health.notices)


def _next(day: Day, words: Words) -> Section:
    lines = tuple(words.moment(slot.due, day.owner.calendar.zone) for slot in day.slots)
    return Section("next", words.say("section.next"), blocks=(Block("", lines=lines),))


def _footer(day: Day, words: Words) -> Iterator[str]:
    if day.mode is Mode.SHADOW:
        yield words.say("footer.mode_shadow")
    elif day.mode is Mode.DRAFT:
        yield words.say("footer.mode_draft")
    if day.health.chain_head:
        head = day.health.chain_head[:16]
        yield words.say("footer.chain", n=day.health.chain_length, head=head)
    yield words.say("footer.automatic", owner=clean(day.owner.name))
