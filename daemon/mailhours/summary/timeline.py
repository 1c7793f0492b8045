"""The picture of a dossier: who had the turn when, and what was waited for, in four lanes.

Lanes carry the meaning and not colours, so that it reads in print and without colour sight. The
tables of the dossier say the same in numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mailhours.model.judgement import Side
from mailhours.summary.clean import clean
from mailhours.summary.dossier import Dossier
from mailhours.wording.catalogue import Words

WIDTH = 720
# Room for the 22 letters of a name that the template shows.
LABEL = 150
_LANE = 30
_TOP = 10
_BAR = 14
# Thin while a thing is within its time, thick when it is past: so it reads in black and white.
_THIN = 5
# Ticks nearer than this run into each other.
_TICK = 62


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle in SVG user units; `style` names its look."""

    x: float
    y: float
    width: float
    height: float
    style: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A day on the axis, with its name."""

    x: float
    name: str


@dataclass(frozen=True, slots=True)
class Lane:
    """A row of the picture: its name and where it stands."""

    name: str
    y: float


@dataclass(frozen=True, slots=True)
class Picture:
    """The timeline as an SVG template draws it; `title` and `description` are read aloud.

    `legend` says what its strokes mean, where it has any; names stand `left` of the lanes.
    """

    title: str
    description: str
    legend: str
    left: int
    width: int
    height: int
    lanes: tuple[Lane, ...]
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]


def draw(dossier: Dossier, words: Words) -> Picture | None:
    """Return the picture from the first message to now; None when there is nothing to draw."""
    judged = dossier.judgement
    if judged.first is None or judged.first >= judged.now:
        return None
    first, now = judged.first, judged.now
    clock = judged.clock
    owner, client = clean(dossier.owner.name), clean(dossier.client.name)
    lanes = [
        Lane(words.say("dossier.turn_of", name=owner), _TOP),
        Lane(words.say("dossier.turn_of", name=client), _TOP + _LANE),
    ]
    bars = [
        *_merged(_turns(dossier, Side.OURS), first, now, _TOP, "ours"),
        *_merged(_turns(dossier, Side.THEIRS), first, now, _TOP + _LANE, "theirs"),
    ]
    if dossier.asks:
        y = _TOP + _LANE * len(lanes)
        lanes.append(Lane(words.say("dossier.asks"), y))
        spans = [(a.ask.opened, min(a.ask.due, a.ask.closed or now)) for a in dossier.asks]
        late = [(a.ask.due, a.ask.closed or now) for a in dossier.asks]
        bars += [*_merged(spans, first, now, y, "asked"), *_merged(late, first, now, y, "late")]
    if judged.invoices:
        y = _TOP + _LANE * len(lanes)
        zone = dossier.owner.calendar.zone
        paid = []
        late = []
        for standing in judged.invoices:
            invoice = standing.invoice
            until = standing.paid or dossier.today
            paid.append(_span(invoice.issued, min(invoice.due, until), zone))
            late.append(_span(invoice.due, until, zone))
        drawn = [*_merged(paid, first, now, y, "asked"), *_merged(late, first, now, y, "late")]
        if drawn:
            lanes.append(Lane(words.say("dossier.invoices"), y))
            bars += drawn
    description = words.say(
        "dossier.picture",
        owner=owner,
        client=client,
        ours=words.span(timedelta(minutes=clock.ours)),
        theirs=words.span(timedelta(minutes=clock.theirs)),
        nobody=words.span(timedelta(minutes=clock.nobody)),
    )
    legend = words.say("dossier.legend") if len(lanes) > 2 else ""
    height = _TOP + _LANE * len(lanes) + 28
    return Picture(
        words.say("dossier.timeline"),
        description,
        legend,
        LABEL,
        WIDTH,
        height,
        tuple(lanes),
        tuple(bars),
        tuple(_ticks(dossier, words, first, now)),
    )


def _turns(dossier: Dossier, side: Side) -> Iterator[tuple[datetime, datetime]]:
    return ((turn.start, turn.end) for turn in dossier.judgement.turns if turn.side is side)


def _span(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    return datetime.combine(first, time(12), zone), datetime.combine(last, time(12), zone)


def _x(at: datetime, first: datetime, now: datetime) -> float:
    share = (at - first) / (now - first)
    return LABEL + (WIDTH - LABEL - 1) * min(1.0, max(0.0, share))


def _merged(
    spans: Iterable[tuple[datetime, datetime]], first: datetime, now: datetime, y: float, style: str
) -> Iterator[Bar]:
    """Yield bars, what touches on the screen joined: a picture has so many pixels, not more."""
    drawn = sorted(
        (_x(start, first, now), _x(end, first, now))
        for start, end in spans
        if start < end and end > first and start < now
    )
    joined: list[list[float]] = []
    for start, end in drawn:
        if joined and start - joined[-1][1] < 1:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([start, end])
    height = _THIN if style == "asked" else _BAR
    for start, end in joined:
        left, width = round(start, 1), round(max(1.0, end - start), 1)
        yield Bar(left, y + (_BAR - height) / 2, width, height, style)


def _ticks(dossier: Dossier, words: Words, first: datetime, now: datetime) -> Iterator[Tick]:
    """Yield days for the axis: days, Mondays or first days of months, whatever has room."""
    zone = dossier.owner.calendar.zone
    start, end = first.astimezone(zone).date(), now.astimezone(zone).date()
    days = (end - start).days + 1
    room = (WIDTH - LABEL) / days
    taken = -1e9
    for offset in range(days):
        day = start + timedelta(days=offset)
        if room < _TICK and day.weekday() != 0:
            continue
        if room * 7 < _TICK and day.day > 7:
            continue
        x = _x(datetime.combine(day, time(), zone), first, now)
        if x - taken >= _TICK and x <= WIDTH - 40:
            taken = x
            yield Tick(round(x, 1), words.tick(day))
