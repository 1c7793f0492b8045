"""The impatience curve: how long a client waits before it chases, and when it will chase next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import comb
from statistics import median

from mailhours.model.client import Client, Owner, Thresholds
from mailhours.model.hours import Calendar
from mailhours.model.judgement import Judgement, Promise
from mailhours.model.message import Message, SignalKind
from mailhours.model.outlook import Prediction
from mailhours.model.portrait import Patience
from mailhours.patterns.survival import Curve, Spell, curve, log_rank

_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
# Who chases mostly while at work is measured in the hours of that office.
_AT_WORK = 0.8
# A word of ours holds for so long: a mail of theirs in this time came after an early status.
_STATUS_DAYS = 2


@dataclass(frozen=True, slots=True)
class Waited:
    """One mail of the client that waited for us: until it was chased, or answered, or until now.

    `wall` and `business` (the client's) are minutes. `after_status` says that a word of ours that
    nobody had asked for had come shortly before it.
    """

    message: Message
    chased: Message | None
    wall: float
    business: float
    after_status: bool


@dataclass(frozen=True, slots=True)
class BeforeDue:
    """How many days before a project's due date they ask: each case, the median, its interval.

    The interval holds in at least 95 of 100 cases; None where there are too few cases for one.
    """

    days: tuple[int, ...]
    median: float
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Effect:
    """Whether early status has moved the curve: both curves, and how likely chance alone did it."""

    after_status: Curve
    without: Curve
    chance: float

    @property
    def said(self) -> str:
        """Return `later`, `earlier` or `none`: what early status did to their patience."""
        one, other = self.after_status.quantile(0.5).at, self.without.quantile(0.5).at
        if self.chance >= 0.05 or one == other:
            return "none"
        return "later" if one is None or (other is not None and one > other) else "earlier"


@dataclass(frozen=True, slots=True)
class Impatience:
    """What was learned of one client's patience; `enough` is False where there is too little data.

    `in_business` says in which of the two curves (minutes, wall clock or the client's business
    time) the client is predicted. `status` is None where there is too little to compare.
    """

    client: str
    waits: tuple[Waited, ...]
    wall: Curve
    business: Curve
    in_business: bool
    enough: bool
    before_due: BeforeDue | None
    status: Effect | None
    prediction: Prediction | None

    @property
    def learned(self) -> Curve:
        """Return the curve by which the client is predicted."""
        return self.business if self.in_business else self.wall

    @property
    def patience(self) -> Patience:
        """Return what is told of it."""
        half = self.learned.quantile(0.5)
        return Patience(
            chases=self.wall.events,
            enough=self.enough,
            half=half.at,
            low=half.low,
            high=half.high,
            in_business=self.in_business,
            before_due=None if self.before_due is None else self.before_due.median,
            after_status="none" if self.status is None else self.status.said,
            prediction=self.prediction,
        )


def impatience(
    messages: Sequence[Message],
    judged: Judgement,
    owner: Owner,
    client: Client,
    thresholds: Thresholds,
    now: datetime,
) -> Impatience:
    """Learn how long `client` waits before it chases, from all its `messages` in order of time.

    1. Each mail that waits for us is watched until the client chases it; our answer, or `now`,
       cuts the watch off.
    2. Two curves are estimated, in wall-clock minutes and in business minutes of the client.
    3. With enough chases the next one is predicted: of a mail that waits now, or the question
       before a due date, whichever comes first.
    """
    waits, last = _waits(messages, judged, client, now)
    chases = [wait.chased for wait in waits if wait.chased is not None]
    at_work = sum(client.calendar.is_open(chase.at) for chase in chases)
    in_business = at_work >= _AT_WORK * len(chases)
    wall = curve(Spell(w.wall, w.chased is not None) for w in waits)
    business = curve(Spell(w.business, w.chased is not None) for w in waits)
    enough = len(chases) >= thresholds.learned_chases
    asked = _checks(judged)
    due = (
        _before_due([days for days, _ in asked])
        if len(asked) >= thresholds.learned_checks
        else None
    )
    learned = business if in_business else wall
    calendar = client.calendar if in_business else None
    foreseen: list[Prediction] = []
    if enough:
        foreseen += _chases(judged, owner, last, learned, calendar, now)
    if due is not None:
        foreseen += _questions(judged, owner, client, asked, now)
    return Impatience(
        client=client.key,
        waits=waits,
        wall=wall,
        business=business,
        in_business=in_business,
        enough=enough,
        before_due=due,
        status=_effect(waits, thresholds, in_business=in_business),
        prediction=min(foreseen, key=lambda p: (p.at, p.messages), default=None),
    )


def _waits(
    messages: Sequence[Message], judged: Judgement, client: Client, now: datetime
) -> tuple[tuple[Waited, ...], dict[str, tuple[Promise, datetime]]]:
    """Return the mails that waited, and those that wait still with the moment last heard of them.

    A chase belongs to the mail that waits in its thread, else to the newest that waits. Chases do
    not wait themselves; a question on progress is none.
    """
    early = {nudge.message.key for nudge in judged.nudges}
    open_now: list[Promise] = []
    chased: dict[str, Message] = {}
    heard: dict[str, datetime] = {}
    roots: list[Promise] = []
    for promise in judged.promises:
        message = promise.message
        open_now = [p for p in open_now if p.closed is None or p.closed > message.at]
        if message.key in early or _chases_in_words(message):
            near = [p for p in open_now if p.thread == promise.thread] or open_now
            if near:
                chased.setdefault(near[-1].message.key, message)
                heard[near[-1].message.key] = message.at
            continue
        roots.append(promise)
        open_now.append(promise)
    status = _unprompted(messages, judged)
    waits = []
    for promise in roots:
        message = promise.message
        end = promise.closed or now
        by = chased.get(message.key)
        until = by.at if by is not None else end
        waits.append(
            Waited(
                message,
                by,
                (until - message.at) / _MINUTE,
                client.calendar.elapsed(message.at, until) / _MINUTE,
                _after(status, message, client.calendar),
            )
        )
    waiting = {
        p.message.key: (p, heard.get(p.message.key, p.message.at))
        for p in roots
        if p.closed is None
    }
    return tuple(waits), waiting


def _chases_in_words(message: Message) -> bool:
    return any(s.kind is SignalKind.NUDGE and s.subtype != "progress" for s in message.signals)


def _unprompted(messages: Sequence[Message], judged: Judgement) -> list[datetime]:
    """Return when we wrote to the client without being asked: nothing that waited was answered."""
    answers = {promise.closed_by for promise in judged.promises}
    return [m.at for m in messages if m.of_ours and m.at <= judged.now and m.key not in answers]


def _after(status: list[datetime], message: Message, calendar: Calendar) -> bool:
    for at in reversed(status):
        if at < message.at:
            return message.at <= calendar.add_business_days(at, _STATUS_DAYS)
    return False


def _effect(waits: Sequence[Waited], thresholds: Thresholds, *, in_business: bool) -> Effect | None:
    groups: tuple[list[Spell], list[Spell]] = ([], [])
    for wait in waits:
        length = wait.business if in_business else wait.wall
        groups[wait.after_status].append(Spell(length, wait.chased is not None))
    without, after = groups
    few = min(sum(s.event for s in after), sum(s.event for s in without))
    if few < thresholds.learned_chases:
        return None
    return Effect(curve(after), curve(without), log_rank(after, without))


def _checks(judged: Judgement) -> list[tuple[int, datetime]]:
    """Return the questions before due dates: days before, and when; one a project and day."""
    found: dict[tuple[object, object], tuple[int, datetime]] = {}
    for finding in judged.findings:
        days = finding.numbers.get("days_before_due")
        if finding.pattern == "progress_check" and isinstance(days, int):
            found.setdefault((finding.numbers.get("project"), days), (days, finding.first))
    return list(found.values())


def _before_due(days: Sequence[int]) -> BeforeDue:
    """Return the median of `days` with the interval of its order statistics."""
    held = sorted(days)
    n, out = len(held), 0
    below = 0.0
    for k in range(n // 2):
        below += comb(n, k) / 2**n
        if 2 * below > 0.05:
            break
        out = k + 1
    low, high = (held[out - 1], held[n - out]) if out else (None, None)
    return BeforeDue(tuple(held), float(median(held)), low, high)


def _chases(
    judged: Judgement,
    owner: Owner,
    waiting: dict[str, tuple[Promise, datetime]],
    learned: Curve,
    calendar: Calendar | None,
    now: datetime,
) -> Iterator[Prediction]:
    """Yield when each mail that waits now is likely to be chased: the median of what is left."""
    usual = learned.quantile(0.5).at
    for promise, since in waiting.values():
        age = (calendar.elapsed(since, now) if calendar else now - since) / _MINUTE
        minutes = learned.next(age)
        if minutes is None:
            continue
        span = timedelta(minutes=minutes)
        at = calendar.add(since, span) if calendar else since + span
        yield Prediction(
            client=judged.client,
            person=promise.message.person,
            at=max(at, now).astimezone(UTC),
            send_by=_check_in_before(owner.calendar, now, max(at, now)),
            seen=learned.events,
            messages=(promise.message.key,),
            minutes=None if usual is None else int(usual),
        )


def _questions(
    judged: Judgement,
    owner: Owner,
    client: Client,
    asked: Sequence[tuple[int, datetime]],
    now: datetime,
) -> Iterator[Prediction]:
    """Yield when they are likely to ask for each project that is due, at their usual time of day.

    On their last working day that is no later than so many days before.
    """
    calendar = client.calendar
    days = int(median(days for days, _ in asked))
    local = [calendar.local(at) for _, at in asked]
    of_day = int(median(at.hour * 60 + at.minute for at in local))
    keys = {f.first: f for f in judged.findings if f.pattern == "progress_check"}
    newest = keys[max(keys)]
    for project in client.projects:
        if project.due is None:
            continue
        day = _working_day(calendar, project.due - days * _DAY)
        at = datetime.combine(day, time(of_day // 60, of_day % 60), calendar.zone)
        if at > now:
            yield Prediction(
                client=client.key,
                person=newest.person,
                at=at.astimezone(UTC),
                send_by=_check_in_before(owner.calendar, now, at),
                seen=len(asked),
                messages=newest.messages,
                project=project.key,
                days_before=days,
            )


def _working_day(calendar: Calendar, day: date) -> date:
    for n in range(14):
        if calendar.is_working_day(day - n * _DAY):
            return day - n * _DAY
    return day


def _check_in_before(calendar: Calendar, now: datetime, at: datetime) -> datetime:
    """Return the last check-in before `at` that is still to come; where there is none, `at`."""
    slots = list(calendar.slots(max(now, at - 14 * _DAY), at - _MINUTE))
    return slots[-1].due if slots else at.astimezone(UTC)
