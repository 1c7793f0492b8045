"""One account: its configuration and its ledger, and the parts that jobs need of it."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from mailhours.model.client import OwnerVerb
from mailhours.model.faults import Problem
from mailhours.model.outlook import Prediction
from mailhours.model.server import MailboxSettings
from mailhours.service.attribution import AddressBook
from mailhours.service.places import LEDGER
from mailhours.settings.values import Settings

if TYPE_CHECKING:
    from mailhours.ledger.store import Ledger
    from mailhours.mailbox.protocol import Mailbox
    from mailhours.outbox.courier import Postman
    from mailhours.reading.read import Reader
    from mailhours.service.standings import Standings
    from mailhours.wording.render import Wording


@dataclass(frozen=True)
class Account:
    """Everything that a job of one account needs; what a job does not need is not made.

    `mark` is the loop mark of its mails. `rung` is set when a server says that there is news.
    `breathe` is called between steps that may take long; it may raise Busy when all is to end.
    `rejected` is what is wrong with changed files while these settings go on. `foreseen` are the
    predictions of the day. `shown` is what the status in its file was made of. `looked` is when
    each mailbox was last read to its end, or found stopped as before, by its name.
    """

    settings: Settings
    ledger: Ledger
    mark: str
    clock: Callable[[], datetime]
    rung: threading.Event = field(default_factory=threading.Event)
    breathe: Callable[[], None] = lambda: None
    rejected: list[Problem] = field(default_factory=list)
    foreseen: dict[str, Mapping[str, Prediction]] = field(default_factory=dict)
    shown: list[tuple[object, ...]] = field(default_factory=list)
    looked: dict[str, datetime] = field(default_factory=dict)

    @cached_property
    def book(self) -> AddressBook:
        """Return whose address is whose."""
        return AddressBook(self.settings.owner, self.settings.clients)

    @cached_property
    def reader(self) -> Reader:
        """Return the reader of its mail."""
        return reader_of(self.settings, self.mark)

    @cached_property
    def wording(self) -> Wording:
        """Return the words of its mails."""
        from mailhours.wording.render import Wording

        return Wording(self.settings.templates)

    @cached_property
    def mailboxes(self) -> tuple[Mailbox, ...]:
        """Return its mailboxes; nothing is connected yet."""
        return tuple(map(open_mailbox, self.settings.mailboxes))

    @cached_property
    def postman(self) -> Postman | None:
        """Return who hands its mail over; None without `[submission]`."""
        if self.settings.submission is None:
            return None
        from mailhours.outbox.smtp import Submission

        return Submission(self.settings.submission)

    @cached_property
    def standings(self) -> Standings:
        """Return how it stands with every client, kept up to date."""
        from mailhours.service.standings import Standings

        return Standings(self.settings, self.ledger)

    @property
    def version(self) -> str:
        """Return the version of readings: of the rules, and of whose address is whose."""
        return f"{self.reader.version}.{self.book.digest}"

    @property
    def stopped(self) -> bool:
        """Say whether the owner's last word on sending was `stop`."""
        said = [w.verb for w in self.ledger.words.words() if w.verb in _SENDING]
        return bool(said) and said[-1] is OwnerVerb.STOP

    def with_settings(self, settings: Settings) -> Account:
        """Return the same account under other settings: its ledger, and every part made anew.

        Only a reader that would read the same is kept: to make one takes half a second.
        """
        renewed = Account(settings, self.ledger, self.mark, self.clock, self.rung, self.breathe)
        made = vars(self).get("reader")
        if made is not None and made.version == renewed.reader.version:
            vars(renewed)["reader"] = made
        return renewed

    def hang_up(self) -> None:
        """Let go of the servers; they are called again when they are needed."""
        made = vars(self)
        for mailbox in made.get("mailboxes", ()):
            mailbox.close()
        if made.get("postman") is not None:
            made["postman"].close()

    def close(self) -> None:
        """Let go of what was made."""
        self.hang_up()
        self.ledger.close()


_SENDING = (OwnerVerb.STOP, OwnerVerb.START)


def open_account(
    settings: Settings,
    state: Path,
    clock: Callable[[], datetime],
    *,
    create: bool = True,
    breathe: Callable[[], None] = lambda: None,
) -> Account:
    """Join the account of `settings` with its ledger in the folder `state`.

    LedgerFault or Busy when the ledger cannot be used; `create` False when it must be there.
    """
    from mailhours.ledger.store import Ledger

    ledger = Ledger.open(
        state / LEDGER, settings.account, create=create, former=settings.owner.addresses
    )
    secret = ledger.health.secret("loop-mark")
    digest = hmac.new(secret, settings.account.encode(), hashlib.sha256).hexdigest()
    return Account(settings, ledger, f"mailhours-{digest[:32]}", clock, breathe=breathe)


def reader_of(settings: Settings, mark: str) -> Reader:
    """Return the reader of mail under these settings; `mark` is the account's loop mark."""
    from mailhours.reading.read import Reader

    owner = settings.owner
    return Reader(
        owner.addresses,
        owner.colleagues,
        settings.policy.authserv_id,
        mark,
        owner.calendar.zone,
        settings.phrases,
    )


def open_mailbox(settings: MailboxSettings) -> Mailbox:
    """Return the mailbox of these settings; nothing is connected yet."""
    if settings.source == "maildir":
        from mailhours.mailbox.maildir import MaildirMailbox

        return MaildirMailbox(settings)
    from mailhours.mailbox.imap import ImapMailbox

    return ImapMailbox(settings)
