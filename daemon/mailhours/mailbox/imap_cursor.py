"""How far a folder of an IMAP account was read, in the text that a cursor keeps, and in memory.

A cursor's hint is the STATUS after which nothing was left to do, or the mails that are withheld.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

BATCH = 200
_RESETS = 3  # changes of UIDVALIDITY in a day: with one more, numbers never last
_DOUBTS = 3
_MOST = 1000  # words of a hint that are read back


@dataclass(slots=True)
class Memory:
    """What the process remembers of a folder; to lose it costs time, never a mail.

    `limit` is how many mails are fetched at a time, `most` at best: it falls when the connection
    breaks over them, until the one that breaks it stands alone and gets a strike. `doubts`
    counts how often in a row the connection broke over the question whether the numbers still mean
    the same mails: in the end it is not asked any more.
    """

    most: int = BATCH
    limit: int = BATCH
    strikes: dict[int, int] = field(default_factory=dict)
    resets: list[datetime] = field(default_factory=list)
    is_lasting: bool = True
    replaced: int = 0
    told: bool = False
    doubts: int = 0

    def broke(self, chunk: Sequence[int]) -> None:
        """Take note that the connection broke over `chunk`."""
        if len(chunk) == 1:
            self.strikes[chunk[0]] = self.strikes.get(chunk[0], 0) + 1
        self.limit = max(1, min(len(chunk), self.limit) // 4)

    def throttled(self) -> None:
        """Take note that the server wants fewer questions at a time."""
        self.limit = max(1, self.limit // 4)

    def held(self) -> None:
        """Take note that a chunk came through."""
        self.limit = min(self.most, self.limit * 2)

    @property
    def is_trusting(self) -> bool:
        """Say whether what the numbers mean is not asked."""
        return self.doubts >= _DOUBTS

    def reset(self, now: datetime) -> None:
        """Take note of a new UIDVALIDITY: too many in a day mean that the numbers never last."""
        self.resets = [at for at in self.resets if now - at < timedelta(days=1)] + [now]
        self.is_lasting = len(self.resets) <= _RESETS


def hint(status: dict[str, int], *, lasting: bool) -> str:
    """Return a STATUS as text; empty when it does not say enough to trust that nothing is new."""
    wanted = ["UIDNEXT", "MESSAGES"] + ["UIDVALIDITY"] * lasting
    if not all(status.get(name) is not None for name in wanted):
        return ""
    names = [*wanted, "HIGHESTMODSEQ"]
    return " ".join(f"{name} {status[name]}" for name in names if name in status)


def written(withheld: dict[int, tuple[int, datetime]]) -> str:
    """Write withheld mails where a hint would stand: `withheld 17*3@1795288305`."""
    if not withheld:
        return ""
    each = (f"{uid}*{n}@{int(since.timestamp())}" for uid, (n, since) in sorted(withheld.items()))
    return f"withheld {' '.join(each)}"


def parsed(text: str) -> dict[int, tuple[int, datetime]]:
    """Read what `written` wrote: UID to how often it was tried, and since when."""
    found: dict[int, tuple[int, datetime]] = {}
    word, *each = text.split()[:_MOST] or [""]
    for item in each if word == "withheld" else ():
        uid, _, rest = item.partition("*")
        tries, _, since = rest.partition("@")
        found[int(uid)] = (int(tries), datetime.fromtimestamp(int(since), UTC))
    return found
