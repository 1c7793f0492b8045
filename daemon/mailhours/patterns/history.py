"""The history of one client up to a moment: what every rule looks at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from heapq import merge

from mailhours.model.client import Agreement, Client, Owner, OwnerVerb, OwnerWord, Thresholds
from mailhours.model.message import Message, SignalKind
from mailhours.model.thread import weave

OWNER = "owner"
"""What stands as `closed_by` where the owner's word closed something."""


@dataclass(frozen=True, slots=True)
class History:
    """Messages and words up to `now`, in order of (at, key), and the thread of each message.

    `heard` are the human mails of the client, `signalled` the human mails of either side by what
    was read in them; `spoken` are the owner's words by verb and target.
    """

    owner: Owner
    client: Client
    messages: tuple[Message, ...]
    by_key: Mapping[str, Message]
    threads: Mapping[str, str]
    heard: tuple[Message, ...]
    signalled: Mapping[SignalKind, tuple[Message, ...]]
    words: tuple[OwnerWord, ...]
    spoken: Mapping[tuple[OwnerVerb, str], tuple[OwnerWord, ...]]
    thresholds: Thresholds
    now: datetime

    def day(self, at: datetime) -> date:
        """Return the owner's local day of a moment."""
        return self.owner.calendar.local(at).date()

    def agreement(self, at: datetime) -> Agreement:
        """Return what was agreed on the day of a moment."""
        agreements = self.client.agreements
        return agreements[0] if len(agreements) == 1 else self.client.agreement(self.day(at))

    def with_signal(self, *kinds: SignalKind) -> Iterator[Message]:
        """Return the human mails of either side in which any of `kinds` was read, in order."""
        held = [self.signalled.get(kind, ()) for kind in kinds]
        return iter(held[0]) if len(held) == 1 else _merged(held)

    def word(self, verb: OwnerVerb, *targets: str, since: datetime) -> OwnerWord | None:
        """Return the owner's first word of this kind on one of `targets` from `since` on."""
        if not self.spoken:
            return None
        said = [w for t in targets for w in self.spoken.get((verb, t), ()) if w.at >= since]
        return min(said, key=lambda w: w.at, default=None)


def history(
    owner: Owner,
    client: Client,
    messages: Iterable[Message],
    words: Sequence[OwnerWord],
    thresholds: Thresholds,
    now: datetime,
) -> History:
    """Put in order what happened with `client` until `now`, however it was logged."""
    known = {m.key: m for m in messages if m.at <= now and m.client == client.key}
    ordered = tuple(sorted(known.values(), key=_order))
    said, spoken = by_target(words, now)
    heard: list[Message] = []
    signalled: dict[SignalKind, list[Message]] = {}
    for message in ordered:
        if message.of_client:
            heard.append(message)
        elif not message.of_ours:
            continue
        for signal in message.signals:
            same = signalled.setdefault(signal.kind, [])
            if not same or same[-1] is not message:
                same.append(message)
    return History(
        owner=owner,
        client=client,
        messages=ordered,
        by_key=known,
        threads=weave(ordered),
        heard=tuple(heard),
        signalled={kind: tuple(messages) for kind, messages in signalled.items()},
        words=said,
        spoken=spoken,
        thresholds=thresholds,
        now=now,
    )


def by_target(
    words: Iterable[OwnerWord], now: datetime
) -> tuple[tuple[OwnerWord, ...], dict[tuple[OwnerVerb, str], tuple[OwnerWord, ...]]]:
    """Return the owner's words until `now` in order, and by verb and target."""
    said = sorted((w for w in words if w.at <= now), key=lambda w: (w.at, w.verb, w.target, w.text))
    spoken: dict[tuple[OwnerVerb, str], tuple[OwnerWord, ...]] = {}
    for word in said:
        about = (word.verb, word.target)
        spoken[about] = (*spoken.get(about, ()), word)
    return tuple(said), spoken


def _order(message: Message) -> tuple[datetime, str]:
    return message.at, message.key


def _merged(held: Iterable[Iterable[Message]]) -> Iterator[Message]:
    """Yield the messages of several lists in order, each once."""
    before = ""
    for message in merge(*held, key=_order):
        if message.key != before:
            yield message
        before = message.key
