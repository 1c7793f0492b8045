"""The scorecard in words: keep, fix the terms or part ways; with the figures, and the mirror."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from mailhours.model.client import Client, Owner
from mailhours.model.portrait import (
    Band,
    Criterion,
    Mirror,
    Patience,
    PlanState,
    Scorecard,
    State,
)
from mailhours.model.ratio import Ratio
from mailhours.summary.clean import clean
from mailhours.summary.paper import Paper
from mailhours.summary.phrasing import capital, joined
from mailhours.summary.sheet import Block, Item, Row, Section, Table, Tone
from mailhours.wording.catalogue import Words

_NONE = "–"
# A repair plan wants a month to be seen.
_PLAN = timedelta(days=30)
_TONES = {State.MET: Tone.LATE, State.NOT_MET: Tone.GOOD, State.OPEN: Tone.PLAIN}
_STATES = {State.MET: "met", State.NOT_MET: "not_met", State.OPEN: "open"}
_ADVICE = {Band.KEEP: "keep", Band.FIX: "fix", Band.PART: "part"}
_GRAVEST = (Band.PART, Band.FIX, Band.KEEP)
_PLANS = {
    PlanState.RUNNING: "plan_running",
    PlanState.KEPT: "plan_kept",
    PlanState.FAILED: "plan_failed",
}


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of one client: the four criteria, its patience, and how we fared with it."""

    client: Client
    scorecard: Scorecard
    patience: Patience
    mirror: Mirror


def scorecard(owner: Owner, cards: Sequence[Card], words: Words) -> Paper:
    """Return the scorecards of at least one client; more than one begin with a table of all.

    Those that call for something come first, else they keep their order.
    """
    cards = sorted(cards, key=lambda card: _GRAVEST.index(card.scorecard.band))
    first = min(card.scorecard.start for card in cards)
    last = max(card.scorecard.end for card in cards)
    first_day, last_day = (owner.calendar.local(at).date() for at in (first, last))
    span = {"first": words.date(first_day), "last": words.date(last_day)}
    overview = (_overview(cards, words),) if len(cards) > 1 else ()
    return Paper(
        language=words.language,
        title=_say(words, "title"),
        subtitle=_say(words, "of", owner=clean(owner.name), **span),
        reason="",
        picture=None,
        sections=(*overview, *(_section(owner, card, words) for card in cards)),
        footer=(_say(words, "method"), _say(words, "private")),
    )


def _say(words: Words, name: str, /, **fields: object) -> str:
    return words.say(f"scorecard.{name}", **fields)


def _overview(cards: Sequence[Card], words: Words) -> Section:
    names = tuple(dict.fromkeys(one.name for card in cards for one in card.scorecard.criteria))
    rows = []
    for card in cards:
        by_name = {one.name: one for one in card.scorecard.criteria}
        cells = (_percent(by_name.get(name), words) for name in names)
        band = card.scorecard.band
        tone = Tone.PLAIN if band is Band.KEEP else Tone.LATE
        advice = _say(words, _ADVICE[band])
        rows.append(Row(clean(card.client.name), (*cells, advice), tone))
    head = (*(_say(words, name) for name in names), _say(words, "advice"))
    title = _say(words, "overview")
    return Section("overview", title, tables=(Table("", head, tuple(rows)),))


def _percent(one: Criterion | None, words: Words) -> str:
    share = None if one is None else one.total.share
    return _NONE if share is None else words.percent(share)


def _section(owner: Owner, card: Card, words: Words) -> Section:
    made = card.scorecard
    blocks = (
        _criteria(made, words),
        _plan(card, words),
        _effort(made, words),
        _patience(owner, card.patience, words),
        _mirror(card.mirror, words),
    )
    return Section(
        made.client,
        clean(card.client.name),
        blocks=tuple(block for block in blocks if block is not None),
        verdict=_say(words, f"band_{_ADVICE[made.band]}"),
    )


def _criteria(made: Scorecard, words: Words) -> Block:
    items = tuple(_criterion(one, words) for one in made.criteria)
    months = _months(made.criteria, words)
    return Block(_say(words, "criteria"), items, tables=(months,) if months else ())


def _criterion(one: Criterion, words: Words) -> Item:
    who, what = _say(words, one.name), _say(words, f"{one.name}_of")
    share = one.total.share
    if share is None:
        return Item(who, what, _say(words, "nothing"))
    limit = _say(words, "limit", limit=words.percent(one.limit))
    facts = [limit] if one.trend == "unknown" else [limit, _say(words, one.trend)]
    notes = [_share(one.total, words), joined(facts)]
    if one.state is State.MET:
        notes.append(_say(words, "fewer", n=one.change))
    return Item(
        who,
        what,
        _say(words, _STATES[one.state]),
        tuple(capital(note) for note in notes),
        _TONES[one.state],
        round(100 * share),
        limit=round(100 * one.limit),
    )


def _share(ratio: Ratio, words: Words) -> str:
    low, high = (words.percent(end) for end in ratio.interval)
    share = words.percent(ratio.share or 0)
    return _say(words, "share", hits=ratio.hits, of=ratio.of, share=share, low=low, high=high)


def _months(criteria: Sequence[Criterion], words: Words) -> Table | None:
    """Return the months as rows; one month says nothing that the whole does not say."""
    by_name = {one.name: dict(one.months) for one in criteria}
    months = sorted({month for held in by_name.values() for month in held})
    if len(months) < 2:
        return None
    rows = []
    for month in months:
        cells = []
        for held in by_name.values():
            ratio = held.get(month)
            counted = ratio is not None and ratio.of > 0
            cells.append(
                _say(words, "part_of", hits=ratio.hits, of=ratio.of)
                if ratio is not None and counted
                else _NONE
            )
        rows.append(Row(words.month(date.fromisoformat(f"{month}-01")), tuple(cells)))
    head = tuple(_say(words, name) for name in by_name)
    return Table(_say(words, "months"), head, tuple(rows))


def _plan(card: Card, words: Words) -> Block | None:
    made = card.scorecard
    plan = made.plan
    if plan is None:
        if not made.met:
            return None
        until = (made.end + _PLAN).date()
        command = f'mailhours note {made.client} "repair plan until {until}: …"'
        return Block(_say(words, "plan"), lines=(_say(words, "plan_none", command=command),))
    between = words.say("punctuation.between")
    goals = between.join(_say(words, name) for name in plan.goals) or _NONE
    notes = [_say(words, "plan_goals", goals=goals)]
    notes += [
        _say(words, "plan_since", goal=_say(words, name), share=_share(ratio, words))
        for name, ratio in plan.measured.items()
        if ratio.of
    ]
    state = _say(words, _PLANS[plan.state], day=words.date(plan.until))
    tone = Tone.LATE if plan.state is PlanState.FAILED else Tone.PLAIN
    return Block(_say(words, "plan"), (Item(clean(plan.text, 200), "", state, tuple(notes), tone),))


def _effort(made: Scorecard, words: Words) -> Block:
    spent, cost = made.effort, made.cost
    rows = [
        ("received", str(spent.received)),
        ("sent", str(spent.sent)),
        ("interruptions", str(spent.interruptions)),
        ("time", words.span(timedelta(minutes=spent.minutes))),
    ]
    if cost is not None:
        share = "" if cost.share is None else f" ({words.percent(cost.share)})"
        rows += [
            ("cost", f"{words.money(cost.contact)}{share}"),
            ("invoiced", words.money(cost.revenue)),
        ]
    return Block(_say(words, "effort"), tables=(_pairs(rows, words),))


def _pairs(rows: Sequence[tuple[str, str]], words: Words) -> Table:
    return Table("", (), tuple(Row(_say(words, name), (value,)) for name, value in rows))


def _patience(owner: Owner, made: Patience, words: Words) -> Block | None:
    lines = tuple(_learned(owner, made, words)) if made.chases else ()
    return Block(_say(words, "patience"), lines=lines) if lines else None


def _learned(owner: Owner, made: Patience, words: Words) -> Iterator[str]:
    if not made.enough:
        yield _say(words, "few", n=made.chases)
    elif made.half is None:
        yield _say(words, "answered")
    else:
        half, low, high = (_minutes(value, words) for value in (made.half, made.low, made.high))
        name = "half_business" if made.in_business else "half"
        yield f"{_say(words, name, span=half, low=low, high=high)}."
    if made.before_due is not None:
        yield f"{_say(words, 'before_due', days=words.number(made.before_due))}."
    if made.after_status != "none":
        yield _say(words, f"after_{made.after_status}")
    if made.prediction is not None:
        zone = owner.calendar.zone
        at, by = (words.at(one, zone) for one in (made.prediction.at, made.prediction.send_by))
        when, send = words.say("prediction.when", at=at), words.say("prediction.send_by", by=by)
        title = words.say("prediction.title")
        yield f"{words.say('punctuation.labelled', label=title, text=when)}. {send}."


def _minutes(value: float | None, words: Words) -> str:
    return _say(words, "never") if value is None else words.span(timedelta(minutes=value))


def _mirror(made: Mirror, words: Words) -> Block | None:
    ratios = (
        ("late", made.late),
        ("broken", made.broken),
        ("undated", made.undated),
        ("rewarded", made.rewarded),
        ("off_hours", made.off_hours),
    )
    rows = [(name, _share(ratio, words)) for name, ratio in ratios if ratio.of]
    if made.median_late is not None:
        rows.insert(1, ("late_by", words.span(made.median_late)))
    return Block(_say(words, "mirror"), tables=(_pairs(rows, words),)) if rows else None
