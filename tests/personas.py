"""Synthetic months: clients of known habits, planned act by act, so that the truth is known.

`month(persona, seed)` plans what happens in four weeks between an office in Oslo and one client:
first the acts with their moments, then their wording. Truth is counted from the plan by a reference
of its own, minute by minute and without any of the code under test: which mails chase, what was
asked and when it was given, whose turn each business minute was, which patterns there are.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from builders import (
    DANA,
    KARI,
    KIM,
    OLA,
    a_client,
    a_message,
    a_person,
    a_project,
    a_signal,
    an_agreement,
    an_owner,
)
from mailhours.model.client import Client, Invoice, Money, Owner
from mailhours.model.gist import gist
from mailhours.model.message import Message
from persona_words import pages, things, wordings

OSLO = ZoneInfo("Europe/Oslo")
START = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001 - the plan is in local time
DAYS = 28
DUE_OF_PROJECT = date(2026, 4, 10)
LANGUAGES = ("en", "nb", "de", "hr", "ru")
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


class Persona(StrEnum):
    HANDS_ON = "hands-on"
    SILENT = "silent"
    CONTROLLING = "controlling"
    PAYS_LATE = "pays-late"
    BYPASSING = "bypassing"
    GOOD = "good"
    BUSY = "good-in-a-busy-season"


@dataclass(frozen=True)
class Habits:
    """How a client behaves: rates a working day, shares, minutes and hours as ranges."""

    requests: float = 0.5
    chase: float = 0.0  # the share of requests that are chased
    chase_after: tuple[int, int] = (20, 200)
    chases: tuple[int, int] = (1, 3)
    late_chase: float = 0.5  # chased once our promise is broken, which everybody may
    progress: float = 0.0
    additions: float = 0.15
    forgets: float = 0.15
    thanks: float = 0.5
    answer_hours: tuple[int, int] = (1, 16)
    never: float = 0.0
    partial: float = 0.2
    defer: float = 0.1
    rounds: tuple[int, int] = (0, 2)
    after_approval: float = 0.0
    scope: float = 0.0
    bypass: float = 0.0
    pays_late: bool = False


HABITS = {
    Persona.HANDS_ON: Habits(requests=1.8, chase=0.85, progress=0.15, additions=0.3),
    Persona.SILENT: Habits(answer_hours=(20, 90), never=0.5, partial=0.3, defer=0.4),
    Persona.CONTROLLING: Habits(rounds=(3, 7), after_approval=0.7, scope=0.6),
    Persona.PAYS_LATE: Habits(pays_late=True),
    Persona.BYPASSING: Habits(requests=0.9, bypass=0.5),
    Persona.GOOD: Habits(),
    Persona.BUSY: Habits(requests=6.0, additions=0.4, forgets=0.25),
}


@dataclass
class Act:
    """One mail as planned: local time, who, what for, and the words."""

    at: datetime
    who: str
    kind: str
    thread: str
    text: str
    signals: list = field(default_factory=list)
    subject: str = ""
    chases: str = ""
    in_thread: bool = True
    to: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    key: str = ""


@dataclass
class Wait:
    """A mail that waits for us from its arrival until `until` (None: still)."""

    act: Act
    root: Act
    until: datetime | None


@dataclass
class Asked:
    """What we asked for, until it was given in full (None: still missing)."""

    act: Act
    due: datetime
    closed: datetime | None = None
    by: Act | None = None


@dataclass(frozen=True)
class Truth:
    """What is to be found: nudges as (key, minutes, due), asks as (key, closed, closed by)."""

    nudges: frozenset[tuple[str, int, datetime]]
    asks: frozenset[tuple[str, datetime | None, str]]
    ours: int
    theirs: int
    nobody: int
    patterns: frozenset[str]


@dataclass(frozen=True)
class Month:
    """A month: the parties, the mails with correct signals, their texts by key, and the truth."""

    persona: Persona
    language: str
    owner: Owner
    client: Client
    messages: tuple[Message, ...]
    texts: dict[str, str]
    now: datetime
    truth: Truth


# ---------------------------------------------------------------- the reference of business time


def is_open(at: datetime) -> bool:
    """Say whether a local moment lies in Monday to Friday, 09:00 to 17:00."""
    return at.weekday() < 5 and 9 <= at.hour < 17


def opening(at: datetime) -> datetime:
    """Return `at`, or the next opening."""
    while not is_open(at):
        at = (at + timedelta(hours=1)).replace(minute=0)
    return at


def days_later(at: datetime, days: int) -> datetime:
    """Return the same time so many working days later."""
    at = opening(at)
    while days:
        at += DAY
        days -= at.weekday() < 5
    return at


def later(at: datetime, minutes: int) -> datetime:
    """Return when so many business minutes have passed."""
    at = opening(at)
    while minutes > 0:
        rest = int((at.replace(hour=17, minute=0) - at) / MINUTE)
        if minutes < rest:
            return at + minutes * MINUTE
        minutes -= rest
        at = opening(at.replace(hour=17, minute=0))
    return at


def utc(at: datetime) -> datetime:
    return at.replace(tzinfo=OSLO).astimezone(UTC)


# ------------------------------------------------------------------------------------- the plan


class Plan:
    """What happens, case by case; each case is a thread of its own."""

    def __init__(self, persona: Persona, seed: int) -> None:
        self.persona = persona
        self.habits = HABITS[persona]
        self.chance = random.Random(f"{persona}:{seed}")
        self.language = self.chance.choice(LANGUAGES)
        self.end = START + DAYS * DAY
        self.acts: list[Act] = []
        self.waits: list[Wait] = []
        self.asks: list[Asked] = []
        self.taken: set[datetime] = set()
        self.things = things(self.language)
        self.pages = pages(self.language)
        self.invoices: list[Invoice] = []
        self.patterns: set[str] = set()
        self.deferred: list[tuple[Asked, date]] = []
        self.count = 0

    def run(self) -> None:
        self.chance.shuffle(self.things)
        self.chance.shuffle(self.pages)
        day = START
        while day < self.end - 2 * DAY:
            if is_open(day):
                self._day(day)
            day += DAY
        self._deliveries()
        self._invoices()
        self._threads_of_chases()

    def _day(self, day: datetime) -> None:
        habits, chance = self.habits, self.chance
        many = int(habits.requests) + (chance.random() < habits.requests % 1)
        for _ in range(many):
            self._request(day + chance.randrange(0, 8 * 60) * MINUTE)
        if chance.random() < 0.3:
            self._ask(day + chance.randrange(0, 7 * 60) * MINUTE)
        if chance.random() < habits.progress:
            self._progress(day + chance.randrange(0, 8 * 60) * MINUTE)

    def _thing(self) -> str:
        """Return something to ask for that nobody has asked for."""
        self.count += 1
        return self.things.pop()

    def _page(self) -> str:
        """Return a page that nobody has written of."""
        self.count += 1
        return self.pages.pop()

    def _say(
        self, act: str, thing: str = "", *, only: int | None = None, **fields: str
    ) -> tuple[str, int]:
        known = wordings(act, self.language)
        n = self.chance.randrange(len(known)) if only is None else only
        return known[n].format(thing=thing, **fields), n

    def act(self, at: datetime, who: str, kind: str, thread: str, text: str, **more) -> Act | None:
        """Plan a mail, at the next minute that is free; None when the month is over by then."""
        while at in self.taken:
            at += MINUTE
        if at >= self.end:
            return None
        self.taken.add(at)
        signals = more.pop("signals", [])
        made = [a_signal(s, text) if isinstance(s, str) else s for s in signals]
        act = Act(at, who, kind, thread, text, made, **more)
        self.acts.append(act)
        return act

    def _request(self, at: datetime) -> None:
        """A request, its chases, additions and corrections, our answer, thanks."""
        chance, habits = self.chance, self.habits
        thing = self._page()
        thread = f"{self.count}:{thing}"
        text, wording = self._say("request", thing)
        past = chance.random() < habits.bypass
        to = chance.choice(((KIM,), (DANA, KIM))) if past else (DANA,)
        files = (f"{self.count}.pdf",) if chance.random() < 0.15 else ()
        root = self.act(
            at, KARI, "request", thread, text, signals=["ask"], to=to, attachments=files
        )
        if root is None:
            return
        if past:
            self.patterns.add("bypass")
        late = chance.random() < 0.08
        eager = self.persona is Persona.HANDS_ON
        shortest = 150 if eager else 30
        length = chance.randrange(520, 900) if late else chance.randrange(shortest, 420)
        answered = later(root.at, length)
        while answered in self.taken:
            answered += MINUTE
        family = [root]
        if chance.random() < habits.forgets:
            name = f"{self.count}.pdf"
            text = self._say("forgot")[0]
            after = root.at + chance.randrange(1, 9) * MINUTE
            if after < answered:
                self.act(after, KARI, "forgot", thread, text, attachments=(name,))
        if chance.random() < habits.additions:
            after = root.at + chance.randrange(15, 240) * MINUTE
            if after < answered:
                self.act(after, KARI, "addition", thread, self._say("addition")[0])
        at = root.at
        if chance.random() < habits.chase:
            for _ in range(chance.randint(*habits.chases)):
                at += chance.randint(*habits.chase_after) * MINUTE
                family.append(self._chase(at, root, thing, wording, answered))
        due = days_later(root.at, 1)
        if due < answered and chance.random() < habits.late_chase:
            after = due + chance.randrange(5, 60) * MINUTE
            family.append(self._chase(after, root, thing, wording, answered))
        text = self._say("our_answer", thing)[0]
        answer = self.act(answered, "us", "our_answer", thread, text, signals=["answer"])
        until = answer.at if answer else None
        self.waits += [Wait(act, root, until) for act in family if act is not None]
        if answer and chance.random() < habits.thanks:
            after = answer.at + chance.randrange(10, 300) * MINUTE
            self.act(after, KARI, "thanks", thread, self._say("thanks")[0], signals=["thanks"])

    def _chase(
        self, at: datetime, root: Act, thing: str, wording: int, answered: datetime
    ) -> Act | None:
        while at in self.taken:
            at += MINUTE
        if at >= answered:
            return None
        if self.chance.random() < 0.2:
            text = self._say("request", thing, only=wording)[0]
            if at - root.at <= 11 * MINUTE:
                return None
            return self.act(
                at, KARI, "again", root.thread, text, signals=["ask"], chases=root.thread
            )
        text = self._say("chase", thing)[0]
        fresh = self.chance.random() < 0.15
        return self.act(
            at,
            KARI,
            "chase",
            root.thread,
            text,
            signals=["nudge"],
            chases=root.thread,
            in_thread=not fresh,
        )

    def _progress(self, at: datetime) -> None:
        thing = self._page()
        thread = f"{self.count}:{thing}"
        text = self._say("progress", thing)[0]
        nudge = a_signal("nudge", text, subtype="progress")
        root = self.act(at, KARI, "progress", thread, text, signals=[nudge])
        if root is None:
            return
        text = self._say("our_answer", thing)[0]
        answered = later(root.at, self.chance.randrange(60, 400))
        answer = self.act(answered, "us", "our_answer", thread, text, signals=["answer"])
        self.waits.append(Wait(root, root, answer.at if answer else None))

    def _ask(self, at: datetime) -> None:
        """Something that we ask for: one to three things, given, put off, or never."""
        chance, habits = self.chance, self.habits
        many = chance.choice((1, 1, 2, 3))
        if len(self.things) < many:
            return
        wanted = [self._thing() for _ in range(many)]
        thread = f"{self.count}:{wanted[0]}"
        lines = [self._say("our_ask", thing)[0] for thing in wanted]
        signals = [
            a_signal("ask", line, subtype="content", item=n if len(wanted) > 1 else 0)
            for n, line in enumerate(lines, 1)
        ]
        numbered = lines if len(lines) == 1 else [f"{n}. {x}" for n, x in enumerate(lines, 1)]
        act = self.act(at, "us", "our_ask", thread, "\n".join(numbered), signals=signals)
        if act is None:
            return
        asked = Asked(act, days_later(act.at, 3))
        self.asks.append(asked)
        at = act.at
        if chance.random() < 0.15:
            soon = at + chance.randrange(2, 9) * MINUTE
            self.act(soon, "robot", "away", thread, self._say("away")[0])
        if chance.random() < 0.15:
            at = self._question(at, thread)
        if chance.random() < habits.defer:
            at = later(at, chance.randrange(30, 300))
            self._defer(at, thread, asked)
        if chance.random() < habits.never:
            return
        if len(wanted) > 1 and chance.random() < habits.partial:
            at = later(at, 60 * chance.randint(*habits.answer_hours) // 2)
            self._answer(at, thread, wanted[:1])
            wanted = wanted[1:]
            if chance.random() < habits.never / 2:
                return
        at = later(at, 60 * chance.randint(*habits.answer_hours))
        given = self._answer(at, thread, wanted)
        if given is not None:
            asked.closed, asked.by = given.at, given

    def _question(self, at: datetime, thread: str) -> datetime:
        """A question back, and our answer: our turn in between."""
        at = later(at, self.chance.randrange(20, 200))
        text = self._say("question")[0]
        back = self.act(at, KARI, "question", thread, text, signals=["ask"])
        if back is None:
            return at
        at = later(back.at, self.chance.randrange(20, 200))
        text = self._say("our_clarification")[0]
        answer = self.act(at, "us", "our_clarification", thread, text, signals=["answer"])
        self.waits.append(Wait(back, back, answer.at if answer else None))
        return answer.at if answer else self.end

    def _defer(self, at: datetime, thread: str, asked: Asked) -> None:
        text, n = self._say("defer")
        friday = at.date() + (4 - at.weekday()) * DAY + 7 * n * DAY
        signal = a_signal("defer", text, due=friday)
        if self.act(at, KARI, "defer", thread, text, signals=[signal]):
            self.deferred.append((asked, friday))

    def _answer(self, at: datetime, thread: str, wanted: list[str]) -> Act | None:
        text = "\n".join(self._say("answer", thing)[0] for thing in wanted)
        elsewhere = self.chance.random() < 0.15
        return self.act(
            at,
            self.chance.choice((KARI, KARI, OLA)),
            "answer",
            f"{thread}:elsewhere:{at:%d%H%M}" if elsewhere else thread,
            text,
            signals=["answer"],
        )

    def _deliveries(self) -> None:
        """Drafts one after the other: delivered, changed in rounds, approved."""
        chance, habits = self.chance, self.habits
        at = START + chance.randrange(60, 2000) * MINUTE
        while at < self.end - 3 * DAY:
            thing = self._page()
            thread = f"{self.count}:{thing}"
            delivered = self._deliver(at, thread, thing)
            rounds = chance.randint(*habits.rounds)
            for n in range(rounds):
                delivered = self._round(delivered, thread, thing)
                if n >= 2 and delivered is not None:
                    self.patterns.add("revision_rounds")
            if delivered is None:
                return
            approved = self._approve(delivered, thread)
            if approved is not None and chance.random() < habits.after_approval:
                after = later(approved.at, chance.randrange(60, 900))
                change = self._change(after, thread)
                if change is not None:
                    self.patterns.add("change_after_approval")
                    again = self._redeliver(change, thread, thing)
                    approved = self._approve(again, thread) if again else None
            if approved is None:
                return
            at = later(approved.at, chance.randrange(900, 3000))

    def _deliver(self, at: datetime, thread: str, thing: str) -> Asked | None:
        text = self._say("our_delivery", thing)[0]
        feedback = a_signal("ask", text, subtype="feedback")
        signals = [a_signal("delivery", text), feedback]
        act = self.act(opening(at), "us", "our_delivery", thread, text, signals=signals)
        if act is None:
            return None
        asked = Asked(act, days_later(act.at, 3))
        self.asks.append(asked)
        return asked

    def _round(self, delivered: Asked | None, thread: str, thing: str) -> Asked | None:
        if delivered is None:
            return None
        at = later(delivered.act.at, self.chance.randrange(60, 600))
        change = self._change(at, thread)
        if change is None:
            return None
        delivered.closed, delivered.by = change.at, change
        return self._redeliver(change, thread, thing)

    def _change(self, at: datetime, thread: str) -> Act | None:
        text = self._say("change")[0]
        signals = ["change_request", "ask"]
        if self.chance.random() < self.habits.scope:
            extra = self._say("scope")[0]
            text = f"{text}\n{extra}"
            signals.append(a_signal("change_request", extra, subtype="scope"))
        act = self.act(at, KARI, "change", thread, text, signals=signals)
        if act is not None and len(act.signals) > 2:
            self.patterns.add("scope_growth")
        return act

    def _redeliver(self, change: Act, thread: str, thing: str) -> Asked | None:
        asked = self._deliver(later(change.at, self.chance.randrange(60, 420)), thread, thing)
        self.waits.append(Wait(change, change, asked.act.at if asked else None))
        return asked

    def _approve(self, delivered: Asked, thread: str) -> Act | None:
        at = later(delivered.act.at, self.chance.randrange(60, 900))
        text = self._say("approval")[0]
        act = self.act(at, KARI, "approval", thread, text, signals=["approval"])
        if act is not None:
            delivered.closed, delivered.by = act.at, act
        return act

    def _invoices(self) -> None:
        """Two invoices: paid in time, or promised, promised again, and paid late or not."""
        for n, days in ((1, 1), (2, 9)):
            issued = START.date() + days * DAY
            due = issued + 7 * DAY
            number = f"2026-{n:03}"
            thread = f"invoice {number}"
            text = self._say("our_invoice", number)[0]
            at = datetime.combine(issued, time(16, 0))
            self.act(at, "us", "our_invoice", thread, text, signals=["invoice_sent"])
            paid = due - self.chance.randrange(0, 5) * DAY
            if self.habits.pays_late:
                paid = due + self.chance.randrange(5, 30) * DAY
                self.patterns.add("late_payment")
                self._promise(due + DAY, thread, number, due + 3 * DAY)
                if paid > due + 3 * DAY:
                    self.patterns.add("broken_promise")
            money = Money(Decimal("1200.00"), "EUR")
            over = datetime.combine(paid, time()) > self.end - DAY
            self.invoices.append(Invoice(number, "web", issued, due, money, None if over else paid))

    def _promise(self, day: date, thread: str, number: str, until: date) -> None:
        at = datetime.combine(day, time(11, 0))
        text = self._say("pay_promise", number, day=f"{until:%d.%m.%Y}")[0]
        signal = a_signal("payment_promised", text, due=until)
        self.act(opening(at), KARI, "pay_promise", thread, text, signals=[signal])

    def _threads_of_chases(self) -> None:
        """A chase in a thread of its own is one of the newest mail that waits, or stays in it."""
        for act in self.acts:
            if act.chases and not act.in_thread:
                newest = max(
                    (w for w in self.waits if w.act.at < act.at and waits(w, act.at)),
                    key=lambda w: w.act.at,
                )
                if newest.root.thread == act.chases and newest.act.in_thread:
                    act.thread = f"{act.chases}:chase:{act.at:%d%H%M}"
                else:
                    act.in_thread = True


def waits(wait: Wait, at: datetime) -> bool:
    return wait.until is None or wait.until > at


# ------------------------------------------------------------------------------------- the truth


def truth(plan: Plan, now: datetime) -> Truth:
    nudges = {}
    by_act = {id(w.act): w for w in plan.waits}
    for act in plan.acts:
        if not act.chases or id(act) not in by_act:
            continue
        root = by_act[id(act)].root
        due = days_later(root.at, 1)
        if act.at < due:
            waiting = [w.act for w in plan.waits if w.act.at < act.at and waits(w, act.at)]
            newest = max(waiting, key=lambda a: a.at)
            minutes = int((utc(act.at) - utc(newest.at)) / MINUTE)
            nudges[act.key] = (act.key, minutes, utc(due), act, root)
    minutes = _minutes(plan, now)
    return Truth(
        nudges=frozenset(n[:3] for n in nudges.values()),
        asks=frozenset(
            (a.act.key, a.closed and utc(a.closed), a.by.key if a.by else "") for a in plan.asks
        ),
        patterns=frozenset(plan.patterns | _patterns(plan, list(nudges.values()), now)),
        **minutes,
    )


def _minutes(plan: Plan, now: datetime) -> dict[str, int]:
    """Count the business minutes on each side, one by one."""
    first = min(act.at for act in plan.acts)
    whole = int((now - first) / MINUTE)
    side = bytearray(whole)  # 0 nobody's, 1 theirs, 2 ours
    stretches = [(a.act.at, a.closed, 1) for a in plan.asks]
    stretches += [(w.act.at, w.until, 2) for w in plan.waits]
    for start, end, mark in stretches:
        low = int((start - first) / MINUTE)
        high = whole if end is None else min(whole, int((end - first) / MINUTE))
        side[low:high] = bytes(max(mark, one) for one in side[low:high])
    counts = [0, 0, 0]
    for n, mark in enumerate(side):
        counts[mark] += is_open(first + n * MINUTE)
    return {"nobody": counts[0], "theirs": counts[1], "ours": counts[2]}


def _patterns(plan: Plan, nudges: list, now: datetime) -> set[str]:
    found = set(_pestering(nudges))
    chases = {nudge[0] for nudge in nudges}
    for act in plan.acts:
        if _late(plan, act.at):
            continue
        pressing = act.kind in ("chase", "progress") or act.key in chases
        if pressing and not is_open(act.at):
            found.add("off_hours")
        if act.kind == "progress":
            found.add("progress_check")
    if any((a.closed or now) > a.due for a in plan.asks):
        found.add("unanswered_feedback")
    for asked, day in plan.deferred:
        end = datetime.combine(day + DAY, time())
        if now > end and (asked.closed is None or asked.closed >= end):
            found.add("broken_promise")
    return found


def _pestering(nudges: list) -> Iterator[str]:
    times = sorted(n[3].at for n in nudges)
    for first, third in zip(times, times[2:], strict=False):
        if third <= days_later(first, 10):
            yield "pestering"
    at_once: dict[int, int] = {}
    for nudge in nudges:
        if nudge[3].at - nudge[4].at <= 30 * MINUTE:
            at_once[id(nudge[4])] = at_once.get(id(nudge[4]), 0) + 1
    if max(at_once.values(), default=0) >= 2:
        yield "pestering"


def _late(plan: Plan, at: datetime) -> bool:
    """Say whether a promise of ours was broken and open at a moment."""
    return any(w.act.at < at and waits(w, at) and days_later(w.root.at, 1) < at for w in plan.waits)


# ------------------------------------------------------------------------------------- the mails


def month(persona: Persona, seed: int) -> Month:
    """Return one month of a persona; the same for the same seed."""
    plan = Plan(persona, seed)
    plan.run()
    plan.acts.sort(key=lambda act: act.at)
    told: dict[str, list[Message]] = {}
    messages, texts = [], {}
    for n, act in enumerate(plan.acts):
        act.key = f"{n:04}"
        subject = act.thread.split(":")[1] if ":" in act.thread else act.thread
        if ":chase:" in act.thread or ":elsewhere:" in act.thread:
            subject = f"{subject} {act.thread.rsplit(':', 1)[1]}"
        before = told.setdefault(act.thread, [])
        ours = act.who == "us"
        person = KARI if ours or act.who == "robot" else act.who
        message = a_message(
            utc(act.at),
            *act.signals,
            key=act.key,
            ours=ours,
            machine=act.who == "robot",
            person=person,
            subject=f"Re: {subject}" if before else subject,
            replies_to=before,
            addressed=(KARI,) if ours else act.to or (DANA,),
            to_own=DANA if ours else (act.to or (DANA,))[0],
            attachments=act.attachments,
            words=len(act.text.split()),
            gist=gist(act.text),
            language=plan.language,
        )
        before.append(message)
        messages.append(message)
        texts[act.key] = act.text
    now = plan.end
    client = a_client(
        language=plan.language,
        people=(a_person(), a_person("Ola Nordmann", OLA, ("contact",))),
        agreements=(an_agreement(),),
        projects=(a_project(due=DUE_OF_PROJECT),),
        invoices=tuple(plan.invoices),
    )
    return Month(
        persona,
        plan.language,
        an_owner(),
        client,
        tuple(messages),
        texts,
        utc(now),
        truth(plan, now),
    )
