"""One mail as the rules look at it: header opened, tree, whose it is, how its text begins."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailhours.model.address import normal, untagged
from mailhours.model.message import Direction
from mailhours.model.raw import RawMail
from mailhours.reading.header import Opened
from mailhours.reading.robotwords import RobotWords


@dataclass(frozen=True, slots=True)
class Letter:
    """What a rule may look at.

    `own` are the owner's addresses and `ours` those and the colleagues', all normalised; `mark` is
    the account's loop mark (`mailhours-...`). `subject` and `beginning` (of the visible text) are
    folded, see `robotwords.fold`.
    """

    raw: RawMail
    opened: Opened
    attached: Sequence[bytes]
    direction: Direction
    own: frozenset[str]
    ours: frozenset[str]
    mark: str
    words: RobotWords
    subject: str
    beginning: str

    def is_own(self, address: str) -> bool:
        """Say whether `address` is the owner's, +tags folded."""
        return normal(address) in self.own or untagged(address) in self.own

    def is_ours(self, address: str) -> bool:
        """Say whether `address` is the owner's or a colleague's, +tags folded."""
        return normal(address) in self.ours or untagged(address) in self.ours

    @property
    def answers(self) -> bool:
        """Say whether it names a mail that it answers, and does not look like a person's answer."""
        headers = self.opened.headers
        return bool(headers.parents) and not self.subject.startswith(("re:", "sv:", "aw:", "fw"))

    @property
    def by_hand(self) -> str:
        """Return the name of the mail program for people that wrote it, or nothing."""
        for name in ("user-agent", "x-mailer"):
            program = self.opened.first(name)
            if _PROGRAMS.search(program):
                return program[:80]
        return ""


# Programs in which a person writes; Outlook is not one of them, its rules answer by themselves.
_PROGRAMS = re.compile(
    r"\b(?:thunderbird|apple mail|iphone mail|ipad mail|mutt|k-9|fairemail|evolution|kmail|claws"
    r"|sylpheed|the bat|roundcube|gnus|alpine|postbox|airmail|mailspring|betterbird|geary|seamonkey"
    r"|eudora|opera mail|yahoomailwebservice)\b",
    re.IGNORECASE,
)
