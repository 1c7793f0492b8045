"""Two weeks of the example office at a simulated clock: the real pipeline, from event to event."""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from importlib import resources
from pathlib import Path
from typing import Final

from mailhours.mailbox import maildir_files
from mailhours.mailbox.eml import cut
from mailhours.model.address import Address, normal
from mailhours.model.client import OwnerWord
from mailhours.model.faults import UsageFault
from mailhours.model.judgement import Finding, Judgement, Nudge
from mailhours.model.message import Direction, Reading
from mailhours.model.raw import FolderRole
from mailhours.model.reply import Reply, ReplyKind, ReplyState, Withheld
from mailhours.model.slot import Slot
from mailhours.service import attribution, jobs, judging
from mailhours.service.account import Account, open_account
from mailhours.service.demo import script
from mailhours.service.demo.letters import Letter, letter
from mailhours.service.demo.post import SENT, Postman, bring
from mailhours.service.demo.script import Said, Scripted
from mailhours.service.places import STOPPED_CLOCK
from mailhours.settings.load import load

START: Final = datetime(2026, 3, 2, 8, 0, tzinfo=script.OFFICE)
"""When the owner of the story began to use mailhours; what is older is history."""
_MARK: Final = "mailhours-demo"
_GONE: Final = frozenset({ReplyState.SUBMITTED, ReplyState.FILED})


@dataclass(frozen=True, slots=True)
class Place:
    """The folder in which everything lies."""

    folder: Path

    @property
    def office(self) -> Path:
        """Return the configuration directory."""
        return self.folder / "office"

    @property
    def mail(self) -> Path:
        """Return where the Maildirs are."""
        return self.folder / "mail"

    @property
    def outbox(self) -> Path:
        """Return where the mails that left lie."""
        return self.folder / "outbox"

    @property
    def state(self) -> Path:
        """Return where the ledger is."""
        return self.folder / "state"

    def moved(self, folder: Path) -> Place:
        """Copy everything into `folder`, in place of an earlier demo; return where it is now."""
        for old in (self.office, self.mail, self.outbox, self.state):
            shutil.rmtree(folder / old.name, ignore_errors=True)
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Place(folder.resolve())


@dataclass(frozen=True, slots=True)
class Came:
    """A mail and what was understood of it; `client` is empty for mail that is no client's.

    `nudge` when it chases. Mail that the office wrote is here too: its direction says so.
    """

    at: datetime
    mail: Scripted
    reading: Reading
    direction: Direction
    client: str
    nudge: Nudge | None


@dataclass(frozen=True, slots=True)
class Left:
    """A mail that left the house, and the file that it lies in."""

    reply: Reply
    file: Path


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """A check-in: what left and what was withheld."""

    at: datetime
    slot: Slot
    left: tuple[Left, ...]
    withheld: tuple[Withheld, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A finding when it was seen first."""

    at: datetime
    finding: Finding


@dataclass(frozen=True, slots=True)
class Spoke:
    """The owner's word, recorded; `about` is its target as people call it."""

    at: datetime
    word: OwnerWord
    about: str


@dataclass(frozen=True, slots=True)
class SummedUp:
    """The summary of a day went to the owner. `verdict` is its first sentence."""

    at: datetime
    left: Left
    verdict: str


Event = Came | CheckedIn | Found | Spoke | SummedUp


def check(folder: Path) -> None:
    """Raise UsageFault when something else than an earlier demo lies in `folder`."""
    if folder.exists() and not folder.is_dir():
        raise UsageFault(f"{folder} is no folder", hint="name a new folder with --folder")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / _MARK).is_file():
        raise UsageFault(
            f"{folder} is not empty, and not a demo", hint="name a new folder with --folder"
        )


def prepare(folder: Path) -> Place:
    """Lay out the office in `folder`, which is empty."""
    place = Place(folder)
    for new in (place.outbox, place.state):
        new.mkdir(parents=True)
    (folder / _MARK).write_text("Made by `mailhours demo`; it may be deleted.\n", encoding="utf-8")
    with resources.as_file(script.files()) as demo:
        shutil.copytree(demo / "office", place.office)
    return place


@dataclass
class Simulation:
    """The story under way. `now` is the simulated clock; nothing sleeps."""

    place: Place
    days: int = script.DAYS
    now: datetime = START
    _script: script.Script = field(default_factory=script.load)
    _letters: dict[str, Letter] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    _known: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._inboxes = {
            normal(self._script.people[name].address.spec): self.place.mail / name
            for name in ("dana", "kim")
        }
        for inbox in self._inboxes.values():
            maildir_files.create(inbox)
            maildir_files.create(inbox / SENT)
        postman = Postman(self.place.outbox, self._inboxes, lambda: self.now)
        settings = load(self.place.office, {})
        clock = lambda: self.now.astimezone(UTC)  # noqa: E731
        self.account: Account = open_account(settings, self.place.state, clock)
        # A cached property, filled before the real one is made: nothing leaves this machine.
        vars(self.account)["postman"] = self._postman = postman

    @property
    def names(self) -> dict[str, str]:
        """Return the names of the clients by their keys."""
        return {client.key: client.name for client in self.account.settings.clients}

    def close(self) -> None:
        """Stop the clock where it stands, so that other commands find the office as it was."""
        clock = self.place.state / STOPPED_CLOCK
        clock.write_text(f"{self.now.isoformat()}\n", encoding="utf-8")
        self.account.close()

    def live(self) -> Iterator[Event]:
        """Live through the days and yield what happens, in order.

        1. Mail that is older than the first use lies in the Maildir already.
        2. At each moment at which something is due: mail is delivered, the owner speaks, and
           `jobs.tick` does whatever it finds to do.
        3. What has become of it is read back from the ledger.
        """
        jobs.recover(self.account)
        mails = deque(self._script.mails)
        for at in self._moments():
            self.now = at
            arrived = []
            while mails and mails[0].at <= at:
                arrived.append(self._deliver(mails.popleft()))
            if arrived:
                self.account.rung.set()
            spoken = [self._say(word) for word in self._script.words if word.at == at]
            jobs.tick(self.account)
            left = list(self._left())
            concerned = {client.key for client in self.account.settings.clients}
            if not left and not spoken:
                concerned &= {came.client for came in arrived}
            judged = {
                key: judging.judgement(self.account, key, at.astimezone(UTC))
                for key in sorted(concerned - {""})
            }
            yield from (_with_nudge(came, judged) for came in arrived)
            yield from spoken
            yield from self._found(judged)
            yield from left

    def _moments(self) -> list[datetime]:
        """Return the moments from the first use on at which there is something to do.

        What no client wrote waits for the next of them, as it waits for the next poll.
        """
        calendar, settings = self.account.settings.owner.calendar, self.account.settings
        end = datetime.combine(script.MONDAY + timedelta(days=self.days), time(), calendar.zone)
        moments = {
            mail.at
            for mail in self._script.mails
            if self.account.book.client(mail.writer.address.spec)
        }
        moments |= {word.at for word in self._script.words}
        moments |= {calendar.local(slot.due) for slot in calendar.slots(START, end)}
        for number in range(self.days):
            day = script.MONDAY + timedelta(days=number)
            moments.add(datetime.combine(day, settings.summary_at, calendar.zone))
        return sorted({START} | {at for at in moments if START <= at < end})

    def _deliver(self, mail: Scripted) -> Came:
        """Lay one mail where it belongs, and read it as the pipeline will."""
        made = letter(mail, self._before(mail))
        self._letters[mail.id] = made
        laid = bring(mail, made, self._inboxes)
        is_ours = normal(mail.writer.address.spec) in self._inboxes
        role = FolderRole.SENT if is_ours else FolderRole.INBOX
        raw = cut(laid, mail.at)
        reading = self.account.reader.read(raw, role)
        message = attribution.message(self.account.book, "", raw, role, reading, {})
        return Came(mail.at, mail, reading, message.direction, message.client, None)

    def _before(self, mail: Scripted) -> Letter | None:
        """Return the mail that `mail` answers."""
        if not mail.answers:
            return None
        return self._letters.get(mail.answers) or self._letters[mail.otherwise]

    def _say(self, said: Said) -> Spoke:
        target = about = said.target
        if said.mail:
            made = self._letters[said.mail]
            target, about = made.message_id, f"“{made.subject}”"
        word = OwnerWord(said.verb, target, said.at.astimezone(UTC), said.text)
        self.account.ledger.words.say(word)
        return Spoke(said.at, word, about)

    def _found(self, judged: Mapping[str, Judgement]) -> Iterator[Found]:
        for judgement in judged.values():
            for finding in judgement.findings:
                if finding.id not in self._known:
                    self._known.add(finding.id)
                    yield Found(self.now, finding)

    def _left(self) -> Iterator[CheckedIn | SummedUp]:
        """Yield the check-in and the summary that were held at this moment."""
        ledger, calendar = self.account.ledger, self.account.settings.owner.calendar
        left = []
        for past in ledger.outbox.past(since=self.now.astimezone(UTC)):
            if past.state not in _GONE or past.id in self._seen:
                continue
            self._seen.add(past.id)
            reply = ledger.outbox.reply(past.id)
            if reply is not None:
                left.append(Left(reply, self._file(reply)))
                self._remember(reply)
        mails = tuple(one for one in left if ReplyKind.SUMMARY not in one.reply.kinds)
        for slot in calendar.slots(self.now - timedelta(seconds=1), self.now):
            withheld = tuple(one.withheld for one in ledger.outbox.withheld(slot=slot.key))
            yield CheckedIn(self.now, slot, mails, withheld)
        for one in left:
            if ReplyKind.SUMMARY in one.reply.kinds:
                yield SummedUp(self.now, one, _verdict(one.reply.text))

    def _file(self, reply: Reply) -> Path:
        """Return the file in which the postman laid a mail."""
        name = reply.message_id.encode()
        return next(file for file in reversed(self._postman.files) if name in file.read_bytes())

    def _remember(self, reply: Reply) -> None:
        """Keep an automatic mail so that its reader may answer it."""
        for name, writer in self._script.people.items():
            if normal(writer.address.spec) == normal(reply.to.spec):
                self._letters[f"auto:{name}"] = Letter(
                    reply.message_id,
                    reply.references,
                    reply.subject,
                    reply.sender,
                    Address(reply.to.name, reply.to.spec),
                    self.now,
                    reply.text,
                )


def _with_nudge(came: Came, judged: Mapping[str, Judgement]) -> Came:
    """Return the mail with the nudge that was seen in it."""
    message_id = came.reading.headers.message_id
    nudges = judged[came.client].nudges if came.client else ()
    return replace(
        came, nudge=next((n for n in nudges if n.message.message_id == message_id), None)
    )


def _verdict(text: str) -> str:
    """Return the sentence of verdict of a summary: after the day, and after an alarm."""
    paragraphs = text.split("\n\n")[1:]
    return " ".join(next(p for p in paragraphs if not p.startswith("! ")).split())
