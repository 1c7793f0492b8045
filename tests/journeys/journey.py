"""Journeys: a timeline that people can read, and what is judged of it.

A line without an indent that fits none of these is an error. Lines after # are comments.

WHEN WHO [#THREAD]: "text" [sign, sign, ...]     a mail; text and signs may be left out
WHEN word VERB TARGET ["text"]                   the owner's word; TARGET may be a WHEN: that mail
our hours mon 09:00-12:00 12:30-17:00, fri 22:00-02:00      the days on which we work; no others
our half day DATE BLOCK ..., our holiday DATE, their holiday DATE, answer within DURATION, feedback within DURATION,
from DATE answer within DURATION, from DATE feedback within DURATION
their zone ZONE, project due DATE, no project due, invoice NUMBER due DATE, rounds N, contact ADDRESS
expect at WHEN                                   what is judged at that moment, until the next
    promise WHEN due WHEN [stated] STATE
    nudge WHEN after MINUTES [chases WHEN]       those and no others; or: no nudges
    ask WHEN due WHEN OUTCOME [by WHEN|owner]    those and no others; or: no asks
    finding PATTERN [WHEN, ...] [name=value ...] those and no others; or: no findings
    turn SIDE WHEN - WHEN                        those and no others
    time ours H:MM theirs H:MM nobody H:MM
    side SIDE; lost DAYS, due DATE; invoice NUMBER STATE; held; away PERSON DATE; review WHEN

WHEN is `mon 09:00`, `tue+1 09:00` (next week) or `2026-03-02 09:00`, in Oslo, where we are.
WHO is client (Kari), ola (a colleague of hers), us, robot (theirs), machine (ours).
A thread is named by its subject; #2:Homepage is another one of the same subject.
A sign is a signal: KIND [SUBTYPE] [ITEM] [by DATE] ["words"] [under "quoted"]; or one of:
to kim, only kim, copy ADDRESS, attach NAME, receipt, away DATE, review, forged, project KEY, states WHEN for WHEN.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from builders import (
    DAYS,
    KARI,
    KIM,
    MONDAY,
    OLA,
    OSLO,
    a_calendar,
    a_client,
    a_message,
    a_project,
    a_signal,
    a_word,
    an_agreement,
    an_invoice,
    an_owner,
    blocks,
    moment,
    office_hours,
)
from mailhours.model.client import Thresholds
from mailhours.model.gist import gist
from mailhours.model.hours import Block
from mailhours.model.judgement import Judgement
from mailhours.model.message import Authentication, MayReply, Message
from mailhours.patterns.judge import judge

WHEN = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)(?:\+\d+)?|\d{4}-\d\d-\d\d) \d\d:\d\d(?::\d\d)?"
DAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)(?:\+\d+)?|\d{4}-\d\d-\d\d)"
WHO = {"client": KARI, "ola": OLA, "us": KARI, "robot": KARI, "machine": KARI}


@dataclass
class Journey:
    """One file, read: the office, what happened, and what is expected when."""

    client: dict = field(default_factory=dict)
    agreement: dict = field(default_factory=dict)
    later: list[dict] = field(default_factory=list)
    week: dict[int, tuple[Block, ...]] | None = None
    ours_closed: dict = field(default_factory=dict)
    shortened: dict[date, tuple[Block, ...]] = field(default_factory=dict)
    theirs_closed: dict = field(default_factory=dict)
    zone: ZoneInfo = OSLO
    messages: list[Message] = field(default_factory=list)
    words: list = field(default_factory=list)
    expected: list[tuple[datetime, list[str]]] = field(default_factory=list)

    def judged(self, now: datetime) -> Judgement:
        hours = office_hours(closed=self.ours_closed, shortened=self.shortened)
        if self.week is not None:
            hours = replace(hours, week=self.week)
        owner = an_owner(calendar=a_calendar(hours))
        client = a_client(
            agreements=tuple(an_agreement(**self.agreement | later) for later in ({}, *self.later)),
            calendar=a_calendar(office_hours(closed=self.theirs_closed), zone=self.zone),
            **self.client,
        )
        return judge(owner, client, self.messages, self.words, Thresholds(), now)

    def mail(self, when: str) -> Message:
        found = [message for message in self.messages if message.at == moment(when)]
        assert found, f"no mail at {when}"
        return found[0]


def day(text: str) -> date:
    return moment(f"{text} 12:00").date()


def read(text: str) -> Journey:
    journey = Journey()
    for number, raw in enumerate(text.splitlines(), 1):
        line = re.sub(r"(?:^|\s)# .*$", "", raw).strip()
        if not line or line == "#":
            continue
        try:
            if match := re.fullmatch(rf"expect at ({WHEN})", line):
                journey.expected.append((moment(match[1]), []))
            elif raw[0].isspace():
                journey.expected[-1][1].append(line)
            else:
                _happened(journey, line)
        except AssertionError as problem:
            raise AssertionError(f"line {number}: {line}: {problem}") from problem
    assert journey.expected, "nothing is expected"
    return journey


def _happened(journey: Journey, line: str) -> None:
    if match := re.fullmatch(rf"({WHEN}) word (\w+) ({WHEN}|\S+)(?: \"(.*)\")?", line):
        target = journey.mail(match[3]).key if re.fullmatch(WHEN, match[3]) else match[3]
        journey.words.append(a_word(match[2], target, match[1], match[4] or ""))
    elif match := re.fullmatch(rf"({WHEN}) (\w+)(?: #(.+?))?:(?: \"(.*?)\")?(?: \[(.*)\])?", line):
        journey.messages.append(_mail(journey, *match.groups()))
    else:
        _office(journey, line)


def _office(journey: Journey, line: str) -> None:
    client, agreement = journey.client, journey.agreement
    if match := re.fullmatch(r"our hours (.+)", line):
        worked = [one.split(maxsplit=1) for one in match[1].split(",")]
        journey.week = {DAYS.index(name): blocks(times) for name, times in worked}
    elif match := re.fullmatch(rf"our half day ({DAY}) (.+)", line):
        journey.shortened[day(match[1])] = blocks(match[2])
    elif match := re.fullmatch(rf"(our|their) holiday ({DAY})", line):
        closed = journey.ours_closed if match[1] == "our" else journey.theirs_closed
        closed[day(match[2])] = "holiday"
    elif match := re.fullmatch(r"(answer|feedback) within (.+)", line):
        agreement[f"{match[1]}_within"] = match[2]
    elif match := re.fullmatch(r"from (\S+) (answer|feedback) within (.+)", line):
        valid_from = {"valid_from": date.fromisoformat(match[1])}
        journey.later.append(valid_from | {f"{match[2]}_within": match[3]})
    elif match := re.fullmatch(r"their zone (\S+)", line):
        journey.zone = ZoneInfo(match[1])
    elif match := re.fullmatch(r"(?:no project due|project due (\S+))", line):
        client["projects"] = (a_project(due=date.fromisoformat(match[1]) if match[1] else None),)
    elif match := re.fullmatch(r"invoice (\S+) due (\S+)", line):
        due = date.fromisoformat(match[2])
        invoice = an_invoice(match[1], due=due, issued=due - timedelta(days=14))
        client["invoices"] = (*client.get("invoices", ()), invoice)
    elif match := re.fullmatch(r"rounds (\d+)", line):
        agreement["revision_rounds"] = int(match[1])
    elif match := re.fullmatch(r"contact (\S+)", line):
        agreement["contact"] = match[1]
    else:
        raise AssertionError("this line is not understood")


def _mail(journey: Journey, when: str, who: str, thread: str, text: str, signs: str) -> Message:
    assert who in WHO, f"{who} is nobody; write one of {', '.join(WHO)}"
    thread = thread or "Homepage"
    subject = thread.partition(":")[2] or thread
    before = [m for m in journey.messages if m.key.endswith(f"#{thread}")]
    text = text or ""
    message = a_message(
        when,
        ours=who in ("us", "machine"),
        machine=who in ("robot", "machine"),
        person=WHO[who],
        subject=f"Re: {subject}" if before else subject,
        replies_to=before,
        key=f"{len(journey.messages):03}#{thread}",
        words=len(text.split()) or 20,
        gist=gist(text),
    )
    for sign in re.findall(r"(?:[^,\"]|\"[^\"]*\")+", signs or ""):
        message = _signed(journey, message, sign.strip(), text)
    return message


def _signed(journey: Journey, message: Message, sign: str, text: str) -> Message:
    if sign == "to kim":
        return replace(message, addressed=(*message.addressed, KIM))
    if sign == "only kim":
        return replace(message, addressed=(KIM,), to_own=KIM)
    if match := re.fullmatch(r"copy (\S+)", sign):
        return replace(message, addressed=(*message.addressed, match[1]))
    if match := re.fullmatch(r"attach (\S+)", sign):
        return replace(message, attachments=(*message.attachments, match[1]))
    if sign == "receipt":
        return replace(message, receipt=True)
    if sign == "review":
        return replace(message, may_reply=MayReply.REVIEW)
    if sign == "forged":
        return replace(message, authentication=Authentication.FAIL)
    if match := re.fullmatch(rf"away ({DAY})", sign):
        return replace(message, away_until=day(match[1]))
    if match := re.fullmatch(r"project (\w*)", sign):
        return replace(message, project=match[1])
    if match := re.fullmatch(rf"states ({WHEN}) for ({WHEN})", sign):
        stated = (journey.mail(match[2]).key, moment(match[1]))
        return replace(message, promised=(*message.promised, stated))
    match = re.fullmatch(
        rf"([a-z_]+)(?: ([a-z]+))??(?: (\d+))?(?: by ({DAY}))?(?: \"(.*?)\")?(?: under \"(.*)\")?",
        sign,
    )
    assert match is not None, f"the sign {sign!r} is not understood"
    kind, subtype, number, due, words, quoted = match.groups()
    signal = a_signal(
        kind,
        words or text,
        subtype=subtype or "",
        item=int(number or 0),
        due=day(due) if due else None,
        quoted=quoted or "",
    )
    return replace(message, signals=(*message.signals, signal))


def differences(journey: Journey, now: datetime, lines: list[str]) -> Iterator[str]:
    """Yield what is judged otherwise than expected, in the words of the file."""
    judged = journey.judged(now)
    said = {name: [] for name in ("nudge", "ask", "finding", "turn")}
    for line in lines:
        word = line.split()[0]
        if word in said:
            said[word].append(line)
        elif line not in (f"no {name}s" for name in said):
            yield from _single(journey, judged, line)
    shown = {
        "nudge": [_nudge(journey, n) for n in judged.nudges],
        "ask": [_ask(journey, a) for a in judged.asks],
        "finding": [_finding(journey, f) for f in judged.findings if not f.dismissed],
        "turn": [f"turn {t.side} {_when(t.start)} - {_when(t.end)}" for t in judged.turns],
    }
    for name, wanted in said.items():
        if not wanted and f"no {name}s" not in lines:
            continue
        got = shown[name]
        if len(got) != len(wanted) or not all(map(_fits, sorted(wanted), sorted(got))):
            yield f"expected {sorted(wanted)}\n     got {sorted(got)}"


def _fits(wanted: str, got: str) -> bool:
    """Say whether everything that is wanted is there; what is not mentioned may be anything."""
    given = re.split(r"(?: (?=chases|by ))|\s+(?=\w+=)", got)
    asked = re.split(r"(?: (?=chases|by ))|\s+(?=\w+=)", wanted)
    if asked[0] != given[0] and not (
        asked[0].count(" ") == 1 and given[0].startswith(asked[0] + " ")
    ):
        return False
    return set(asked[1:]) <= set(given[1:])


def _single(journey: Journey, judged: Judgement, line: str) -> Iterator[str]:
    if match := re.fullmatch(rf"promise ({WHEN}) due ({WHEN})( stated)? (\w+)", line):
        key = journey.mail(match[1]).key
        found = [p for p in judged.promises if p.message.key == key]
        got = [
            f"promise {match[1]} due {_when(p.due)}{' stated' * p.stated} {p.state}" for p in found
        ]
        wanted = f"promise {match[1]} due {_when(moment(match[2]))}{match[3] or ''} {match[4]}"
    elif match := re.fullmatch(rf"no promise ({WHEN})", line):
        key = journey.mail(match[1]).key
        wanted, got = line, [line] * all(p.message.key != key for p in judged.promises)
    elif line.startswith("time "):
        c = judged.clock
        sums = ((n, getattr(c, n)) for n in ("ours", "theirs", "nobody"))
        wanted, got = line, ["time " + " ".join(f"{n} {m // 60}:{m % 60:02}" for n, m in sums)]
    elif line.startswith("side "):
        wanted, got = line, [f"side {judged.side}"]
    elif line.startswith("lost "):
        project = judged.projects[0]
        wanted, got = line, [f"lost {project.days_lost} days, due {project.moved_due}"]
    elif line.startswith("invoice "):
        wanted, got = line, [f"invoice {i.invoice.number} {i.state}" for i in judged.invoices]
    elif line in ("held", "not held"):
        wanted, got = line, ["held" if judged.held else "not held"]
    elif match := re.fullmatch(rf"away (\w+) ({DAY})", line):
        wanted, got = (
            f"{WHO[match[1]]} {day(match[2])}",
            [f"{p} {d}" for p, d in judged.away.items()],
        )
    elif line == "nobody away":
        wanted, got = "{}", [str(dict(judged.away))]
    elif match := re.fullmatch(rf"review ({WHEN})", line):
        wanted, got = _when(moment(match[1])), [_when(m.at) for m in judged.review]
    else:
        raise AssertionError(f"the expectation {line!r} is not understood")
    if wanted not in got:
        yield f"expected {wanted}\n     got {got}"


def _when(at: datetime) -> str:
    local = at.astimezone(OSLO)
    days = (local.date() - MONDAY).days
    if not 0 <= days < 70:
        return f"{local:%Y-%m-%d %H:%M}"
    week = f"+{days // 7}" if days >= 7 else ""
    seconds = f":{local:%S}" if local.second else ""
    return f"{local:%a}".lower() + f"{week} {local:%H:%M}{seconds}"


def _nudge(journey: Journey, nudge) -> str:
    chased = next(m for m in journey.messages if m.key == nudge.chases)
    return f"nudge {_when(nudge.message.at)} after {nudge.minutes_after} chases {_when(chased.at)}"


def _ask(journey: Journey, ask) -> str:
    by = next((_when(m.at) for m in journey.messages if m.key == ask.closed_by), ask.closed_by)
    return f"ask {_when(ask.opened)} due {_when(ask.due)} {ask.outcome}" + (
        f" by {by}" if by else ""
    )


def _finding(journey: Journey, finding) -> str:
    times = [_when(m.at) for key in finding.messages for m in journey.messages if m.key == key]
    numbers = "".join(f" {name}={value}" for name, value in finding.numbers.items())
    return f"finding {finding.pattern} {', '.join(times)}".rstrip() + numbers
