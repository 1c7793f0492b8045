"""The history of one client up to a moment: what every rule looks at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from mailhours.model.client import Agreement, Client, Owner, OwnerVerb, OwnerWord, Thresholds
from mailhours.model.message import Message
from mailhours.model.thread import weave

OWNER = "owner"
"""What stands as `closed_by` where the owner's word closed something."""


@dataclass(frozen=True, slots=True)
class History:
    """Messages and words up to `now`, in order of (at, key), and the thread of each message."""

    owner: Owner
    client: Client
    messages: tuple[Message, ...]
    threads: Mapping[str, str]
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
    ordered = tuple(sorted(known.values(), key=lambda m: (m.at, m.key)))
    said = sorted((w for w in words if w.at <= now), key=lambda w: (w.at, w.verb, w.target, w.text))
    spoken: dict[tuple[OwnerVerb, str], tuple[OwnerWord, ...]] = {}
    for word in said:
        about = (word.verb, word.target)
        spoken[about] = (*spoken.get(about, ()), word)
    return History(owner, client, ordered, weave(ordered), tuple(said), spoken, thresholds, now)
