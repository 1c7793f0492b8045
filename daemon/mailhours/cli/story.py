"""The story of the demo as it is told in a terminal: day by day, a line for each thing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from mailhours.model.address import Address
from mailhours.model.judgement import Finding
from mailhours.model.message import Authentication, Direction, Kind, Reading, Signal, SignalKind
from mailhours.model.reply import Withheld
from mailhours.service.simulation import Came, CheckedIn, Event, Found, Left, Place, Spoke, SummedUp

if TYPE_CHECKING:
    from collections.abc import Callable

_SEEN: Mapping[SignalKind, str] = {
    SignalKind.NUDGE: "asks again",
    SignalKind.ASK: "question",
    SignalKind.CHANGE_REQUEST: "wants a change",
    SignalKind.APPROVAL: "approves",
    SignalKind.ANSWER: "answers",
    SignalKind.DEFER: "puts it off",
    SignalKind.URGENT: "urgent",
    SignalKind.PAYMENT_PROMISED: "promises to pay",
    SignalKind.PAYMENT_SENT: "says it is paid",
    SignalKind.PAYMENT_DISPUTED: "disputes the invoice",
    SignalKind.INVOICE_SENT: "sends an invoice",
    SignalKind.DELIVERY: "delivers",
    SignalKind.DELICATE: "a delicate matter",
    SignalKind.THANKS: "thanks",
}
_FOUND: Mapping[str, str] = {
    "pestering": "{nudges} chases before an answer was due",
    "off_hours": "{hours_before_opening} hours before opening",
    "progress_check": "{days_before_due} days before the date",
    "bypass": "{written_to} instead of {contact}",
    "unanswered_feedback": "the day has passed, {missing} answer missing",
    "broken_promise": "{what} by {promised}",
    "revision_rounds": "{rounds} rounds, {agreed} agreed",
    "change_after_approval": "{days_after} days after it",
    "late_payment": "{invoice}, {amount}, {days_late} days after it was due",
}
_KINDS: Mapping[str, str] = {
    "feedback_1": "first reminder",
    "feedback_2": "second reminder",
    "feedback_3": "third reminder",
    "payment_1": "payment reminder",
}
_WHO, _SUBJECT = 17, 34
_LINES = 2


@dataclass(slots=True)
class Totals:
    """What is counted while the story is told."""

    mails: int = 0
    of_clients: int = 0
    written: int = 0
    robots: int = 0
    private: int = 0
    chases: int = 0
    left: Counter[str] = field(default_factory=Counter)
    withheld: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    summaries: int = 0

    def document(self) -> dict[str, Any]:
        """Return the totals as JSON data."""
        return {
            "mails": self.mails,
            "of_clients": self.of_clients,
            "written_by_us": self.written,
            "machines": self.robots,
            "of_nobody": self.private,
            "chases": self.chases,
            "left": dict(self.left),
            "withheld": dict(self.withheld),
            "findings": dict(self.findings),
            "summaries": self.summaries,
        }


class Teller:
    """Tells the story event by event; `names` are the clients' names by their keys."""

    def __init__(self, console: Console, names: Mapping[str, str], *, quiet: bool) -> None:
        self._console = console
        self._names = names
        self._quiet = quiet
        self._day: date | None = None
        self._told: set[tuple[str, str]] = set()
        self._last: SummedUp | None = None
        self.totals = Totals()

    def tell(self, event: Event) -> None:
        """Count the event, and show it."""
        lines: list[Text] = []
        match event:
            case Came():
                self._count(event)
                lines = [_came(event)]
            case CheckedIn():
                lines = list(self._check_in(event))
            case Found():
                self.totals.findings[event.finding.pattern] += 1
                lines = [_line(None, "!", _found(event.finding, self._names), "bold yellow")]
            case Spoke():
                said = f"Dana says: {event.word.verb} {event.about} ({event.word.text})"
                lines = [_line(event.at, "", said, "cyan")]
            case SummedUp():
                self._last = event
                self.totals.summaries += 1
                lines = [_line(event.at, "SUMMARY", event.verdict, "bold magenta")]
        if not self._quiet:
            self._heading(event.at)
            for line in lines:
                if self._console.is_terminal:
                    line.truncate(self._console.width, overflow="ellipsis")
                self._console.print(line)

    def _heading(self, at: datetime) -> None:
        if at.date() != self._day:
            self._day = at.date()
            self._console.print()
            self._console.print(Text(f"{at:%A} {at.day} {at:%B}", style="bold underline"))

    def _count(self, came: Came) -> None:
        totals = self.totals
        totals.mails += 1
        if came.direction is Direction.OUTBOUND:
            totals.written += bool(came.client)
            totals.private += not came.client
        elif not came.client:
            totals.private += 1
        elif came.reading.kind is Kind.MACHINE:
            totals.robots += 1
        else:
            totals.of_clients += 1
        totals.chases += came.nudge is not None

    def _check_in(self, held: CheckedIn) -> Iterable[Text]:
        """Yield the check-in: what leaves with its first words, what is withheld and why, once."""
        count = len(held.left)
        what = f"{count} mail{'s' * (count != 1)} leave{'s' * (count == 1)}"
        yield _line(held.at, "CHECK-IN", what if count else "nothing leaves", "bold green")
        for left in held.left:
            value = left.reply.kinds[0].value
            kind = _KINDS.get(value, value.replace("_", " "))
            self.totals.left[kind] += 1
            head = f"to {left.reply.to.name or left.reply.to.spec}: {kind}"
            yield _line(None, "→", f"{head}, “{left.reply.subject}”", "green")
            for line in _first_words(left):
                yield _line(None, "", f"  {line}", "dim green")
        for withheld in held.withheld:
            self.totals.withheld[withheld.reason] += 1
            told = (str(withheld.cause), withheld.reason)
            if told not in self._told:
                self._told.add(told)
                yield _line(None, "·", self._withheld(withheld), "dim")

    def _withheld(self, withheld: Withheld) -> str:
        name = self._names.get(withheld.client, withheld.client)
        return f"withheld from {name}, “{withheld.detail}”: {withheld.reason}"

    def end(self, place: Place, program: str) -> None:
        """Tell what it came to, where everything lies, and what to try next."""
        say: Callable[[str], None] = lambda text: self._console.print(Text(text))  # noqa: E731
        totals = self.totals
        self._console.print()
        self._console.print(Text("What it came to", style="bold underline"))
        say(
            f"  {totals.mails} mails: {totals.of_clients} by clients, {totals.written} by the "
            f"office, {totals.robots} by machines of clients,\n"
            f"  {totals.private} that are no client's and of which nothing was kept"
        )
        say(f"  {totals.chases} chases before an answer was due")
        say(f"  left: {_counted(totals.left)}, and {totals.summaries} summaries to Dana")
        say(f"  findings: {_counted(totals.findings)}")
        self._console.print()
        self._console.print(Text("Where it lies", style="bold underline"))
        page, text = place.folder / "summary.html", place.folder / "summary.txt"
        if self._last is not None:
            page.write_text(self._last.left.reply.html, encoding="utf-8")
            text.write_text(self._last.left.reply.text, encoding="utf-8")
            say(f"  the last summary  {page}\n                    {text}")
        say(f"  mails that left   {place.outbox}/")
        say(f"  the mailbox       {place.mail}/dana/ (a Maildir; Kim's beside it)")
        say(f"  the office        {place.office}/")
        self._console.print()
        self._console.print(
            Text("Try on it (its clock stands where the story ended)", style="bold underline")
        )
        say(f"  export MAILHOURS_CONFIG={place.office} STATE_DIRECTORY={place.state}")
        for command, what in _NEXT:
            say(f"  {f'{program} {command}':<52} # {what}")
        self._console.print()
        say(
            "With your own mailbox: put mailhours.toml and clients/*.toml into "
            "~/.config/mailhours, then\n`mailhours check --online` and `mailhours run`: it begins "
            "in shadow mode, sends your clients\nnothing, and tells you every day what it would "
            "have sent."
        )


_NEXT = (
    ("clients", "whose turn it is with each of the five"),
    ("client ashdown", "one of them: promises, chases, findings"),
    ("findings", "what was found, with ids"),
    ("asks", "what the clients owe"),
    ("replies", "what left and why"),
    ("why ID", "how any of it came about, step by step"),
    ("check-in --dry-run --at 2026-03-16T10:00", "what would leave on Monday"),
    ("summary", "the summary as of now"),
    ("scorecard", "keep a client, fix the terms, or part ways; --html FILE makes a page"),
    ("dossier ashdown --html ashdown.html", "one client's record, to hand over"),
)


def _came(came: Came) -> Text:
    line = Text(f"  {came.at:%H:%M}  ")
    ours = came.direction is Direction.OUTBOUND
    who = _first_name(came.mail.writer.address) if ours else came.mail.writer.address.name
    if ours:
        who = f"{who} → {_first_name(came.mail.to[0])}"
    seen, style = _seen(came)
    line.append(_fit(who, _WHO), style="cyan" if ours else "")
    line.append("  ")
    line.append(_fit(came.reading.headers.subject, _SUBJECT), style="" if came.client else "dim")
    line.append("  ")
    line.append(seen, style=style)
    return line


def _first_name(address: Address) -> str:
    return address.name.split()[0] if address.name else address.spec


def _seen(came: Came) -> tuple[str, str]:
    """Return what was seen in a mail, and how that is shown."""
    reading = came.reading
    if not came.client:
        return "no client's: not kept", "dim"
    if reading.authentication is Authentication.FAIL and came.direction is Direction.INBOUND:
        return f"forged: {_evidence(reading)}", "bold red"
    if reading.kind is Kind.MACHINE:
        until = f", away until {reading.away_until:%d %b}" if reading.away_until else ""
        return f"robot: {_evidence(reading)}{until}", "dim"
    kinds = dict.fromkeys(signal.kind for signal in reading.signals)
    if came.nudge is not None:
        others = [_SEEN[kind] for kind in kinds if kind not in (SignalKind.NUDGE, SignalKind.ASK)]
        return ", ".join([f"chase, {_after(came.nudge.minutes_after)} after", *others]), "yellow"
    if came.direction is Direction.OUTBOUND:
        return ", ".join(_asked(reading.signals, kinds)), "cyan"
    return ", ".join(_SEEN[kind] for kind in kinds), ""


def _evidence(reading: Reading) -> str:
    """Return what showed why a mail was judged so, without the name of the rule."""
    rule, _, evidence = reading.reason.partition(": ")
    return evidence or rule


def _asked(signals: Iterable[Signal], kinds: Iterable[SignalKind]) -> list[str]:
    """Return what Dana's mail does: what it asks for, and by when."""
    due = next((s.due for s in signals if s.kind is SignalKind.ASK and s.due), None)
    said = {SignalKind.ASK: f"asks, by {due:%a %d %b}" if due else "asks"}
    return [said.get(kind, _SEEN[kind]) for kind in kinds if kind is not SignalKind.THANKS]


def _found(finding: Finding, names: Mapping[str, str]) -> str:
    """Return a finding in words, with the numbers that made it one."""
    numbers = {name: str(value) for name, value in finding.numbers.items()}
    words = _FOUND.get(finding.pattern, "").format_map(numbers)
    pattern = finding.pattern.replace("_", " ")
    return f"{pattern}: {names[finding.client]}{', ' * bool(words)}{words}"


def _first_words(left: Left) -> list[str]:
    """Return the first lines of a mail behind its greeting."""
    lines = [line for line in left.reply.text.splitlines() if line.strip()]
    return lines[1 : 1 + _LINES]


def _line(at: datetime | None, mark: str, text: str, style: str) -> Text:
    moment = f"{at:%H:%M}" if at else "     "
    return Text(f"  {moment}  {mark}{'  ' * bool(mark)}{text}", style=style)


def _after(minutes: int) -> str:
    if minutes < 100:
        return f"{minutes} min"
    return f"{round(minutes / 60)} h"


def _fit(text: str, width: int) -> str:
    """Cut or fill `text` to a width in cells of the terminal."""
    from rich.cells import set_cell_size

    fitted = text if len(text) <= width else f"{text[: width - 1]}…"
    return set_cell_size(fitted, width)


def _counted(counts: Counter[str]) -> str:
    named = [
        f"{n} {name.replace('_', ' ')}{'s' * (n != 1 and name[-1] != 's')}"
        for name, n in counts.most_common()
    ]
    return ", ".join(named) or "none"
