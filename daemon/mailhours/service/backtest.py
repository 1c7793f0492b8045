"""The same rules over old mail at a simulated clock: what would have happened. Sends nothing."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailhours.checkin.plan import plan
from mailhours.checkin.situation import Situation
from mailhours.mailbox.protocol import Mailbox
from mailhours.model.client import Client, OwnerWord
from mailhours.model.judgement import InvoiceState, Judgement
from mailhours.model.message import Message
from mailhours.model.raw import Cursor, FolderRole
from mailhours.model.reply import Past, Plan, Reply, ReplyState
from mailhours.model.slot import Slot
from mailhours.patterns.judge import judge
from mailhours.reading.read import Reader
from mailhours.service.attribution import AddressBook, message
from mailhours.service.gathering import PAST, RECENT
from mailhours.settings.values import Settings
from mailhours.wording.render import Wording

# A check-in looks at what is open; what is older than this is no longer chased by a machine.
SEEN = timedelta(weeks=26)


class Nothing:
    """The `Known` of an empty ledger that still keeps a mail from being read twice."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._keys: set[str] = set()

    def cursors(self, mailbox: str) -> Sequence[Cursor]:
        """Return none: every folder is read from its start."""
        del mailbox
        return ()

    def keys(self, keys: Iterable[str]) -> set[str]:
        """Return those of `keys` that came up before."""
        asked = set(keys)
        known = asked & self._keys
        self._keys |= asked
        return known

    def uids(self, mailbox: str, folder: str, validity: int, low: int, high: int) -> set[str]:
        """Return none."""
        del mailbox, folder, validity, low, high
        return set()

    def seen(self, mailbox: str, folder: str, validity: int, low: int, high: int) -> dict[str, str]:
        """Return none."""
        del mailbox, folder, validity, low, high
        return {}


@dataclass(frozen=True, slots=True)
class Backtest:
    """What would have happened: messages read, judgements at the end, the plan of each slot."""

    settings: Settings
    start: datetime
    end: datetime
    messages: dict[str, tuple[Message, ...]]
    judgements: dict[str, Judgement]
    plans: tuple[Plan, ...]


def read_mail(
    settings: Settings,
    reader: Reader,
    sources: Iterable[Mailbox],
    now: datetime,
    progress: Callable[[int], None] = lambda _: None,
) -> dict[str, tuple[Message, ...]]:
    """Return the messages of each client in `sources`, in order of time."""
    book = AddressBook(settings.owner, settings.clients)
    found: dict[str, dict[str, Message]] = defaultdict(dict)
    known = Nothing()
    long_ago = datetime(1970, 1, 2, tzinfo=now.tzinfo)
    count = 0
    for source in sources:
        for batch in source.look(known, book.wanted, long_ago, now):
            for sighting in batch.sightings:
                count += 1
                if sighting.raw is None or sighting.role in (FolderRole.DRAFTS, FolderRole.HELD):
                    continue  # of no client, or sent to nobody yet
                reading = reader.read(sighting.raw, sighting.role)
                held = message(book, sighting.key, sighting.raw, sighting.role, reading, {})
                if held.client:
                    found[held.client].setdefault(held.key, held)
            progress(count)
    return {
        client: tuple(sorted(held.values(), key=lambda m: (m.at, m.key)))
        for client, held in found.items()
    }


def run(
    settings: Settings,
    messages: dict[str, tuple[Message, ...]],
    start: datetime | None,
    end: datetime | None,
    words: Sequence[OwnerWord] = (),
    progress: Callable[[int, int], None] = lambda _, __: None,
) -> Backtest:
    """Live through the check-ins from `start` to `end` and return what would have happened.

    Without dates the clock runs from the first message to a day after the last. Mail later than
    `end` does not exist yet.
    """
    moments = [m.at for held in messages.values() for m in held]
    begin = start or min(moments, default=datetime.fromisoformat("1970-01-01T00:00+00:00"))
    finish = end or max(moments, default=begin) + timedelta(days=1)
    held = {key: tuple(m for m in rows if m.at <= finish) for key, rows in messages.items()}
    office = _Office(settings, held, words, begin)
    slots = list(settings.owner.calendar.slots(begin, finish))
    plans = []
    for number, slot in enumerate(slots):
        made = office.check_in(slot)
        if made.replies or made.withheld:
            plans.append(made)
        progress(number + 1, len(slots))
    final = {client.key: office.judge(client, finish) for client in settings.clients}
    return Backtest(settings, begin, finish, held, final, tuple(plans))


class _Office:
    """The house without its ledger: remembers between check-ins what the ledger would."""

    def __init__(
        self,
        settings: Settings,
        messages: Mapping[str, tuple[Message, ...]],
        words: Sequence[OwnerWord],
        since: datetime,
    ) -> None:
        self._settings = settings
        self._messages = messages
        self._words = words
        self._since = since
        self._wording = Wording(settings.templates)
        self._past: list[Past] = []
        self._taken: set[str] = set()
        self._idle_since: dict[str, datetime] = {}

    def judge(self, client: Client, now: datetime, since: datetime | None = None) -> Judgement:
        """Judge a client by what had come by `now`."""
        rows = self._messages.get(client.key, ())
        low = bisect_left(rows, since, key=_at) if since else 0
        seen = rows[low : bisect_right(rows, now, key=_at)]
        settings = self._settings
        return judge(settings.owner, client, seen, self._words, settings.thresholds, now)

    def check_in(self, slot: Slot) -> Plan:
        """Plan one check-in and take all that it would send as sent."""
        judged = {}
        for client in self._settings.clients:
            if self._nothing_can_leave(client.key, slot):
                continue
            judgement = self.judge(client, slot.due, slot.due - SEEN)
            if _is_open(judgement):
                judged[client.key] = judgement
            else:
                self._idle_since[client.key] = slot.due
        made = plan(self._situation(slot, judged), self._wording)
        for reply in made.replies:
            self._taken.update(map(str, reply.causes))
            self._past.append(_left(reply, slot))
        return made

    def _nothing_can_leave(self, client: str, slot: Slot) -> bool:
        """Say whether nothing was open at an earlier slot and nothing came since."""
        idle = self._idle_since.get(client)
        if idle is None:
            return False
        rows = self._messages.get(client, ())
        news = bisect_right(rows, idle, key=_at) < bisect_right(rows, slot.due, key=_at)
        if news:
            del self._idle_since[client]
        return not news

    def _situation(self, slot: Slot, judged: Mapping[str, Judgement]) -> Situation:
        recent = {}
        for key in judged:
            rows = self._messages.get(key, ())
            low, high = slot.due - RECENT, slot.due
            recent[key] = rows[bisect_left(rows, low, key=_at) : bisect_right(rows, high, key=_at)]
        return Situation(
            slot=slot,
            owner=self._settings.owner,
            policy=self._settings.policy,
            clients={client.key: client for client in self._settings.clients},
            judgements=judged,
            recent=recent,
            past=tuple(past for past in self._past if past.decided > slot.due - PAST),
            taken=frozenset(self._taken),
            since=self._since,
            payment_details=self._settings.payment_details,
            days_before=self._settings.days_before,
        )


def _is_open(judgement: Judgement) -> bool:
    """Say whether anything could cause a mail: something owed, asked, to be read, or to be paid."""
    unpaid = any(one.state is not InvoiceState.PAID for one in judgement.invoices)
    return bool(judgement.open_promises or judgement.open_asks or judgement.review or unpaid)


def _at(message: Message) -> datetime:
    return message.at


def _left(reply: Reply, slot: Slot) -> Past:
    return Past(
        id=reply.id,
        slot=reply.slot,
        client=reply.client,
        person=reply.to.normal,
        kinds=reply.kinds,
        state=ReplyState.FILED,
        causes=reply.causes,
        decided=slot.due,
        facts=reply.facts,
    )
