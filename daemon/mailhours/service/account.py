"""One account: its configuration, its ledger, its mailboxes, joined once and handed to the jobs."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from mailhours.model.server import MailboxSettings
from mailhours.reading.read import Reader
from mailhours.service.attribution import AddressBook
from mailhours.settings.values import Settings
from mailhours.wording.render import Wording

if TYPE_CHECKING:
    from mailhours.ledger.store import Ledger
    from mailhours.mailbox.protocol import Mailbox
    from mailhours.outbox.courier import Postman

LEDGER = "ledger.db"


@dataclass(frozen=True)
class Account:
    """Everything that a job of one account needs.

    `mark` is the loop mark of its mails. `rung` is set when a server says that there is news.
    """

    settings: Settings
    ledger: Ledger
    mailboxes: tuple[Mailbox, ...]
    postman: Postman | None
    reader: Reader
    book: AddressBook
    wording: Wording
    mark: str
    clock: Callable[[], datetime]
    rung: threading.Event = field(default_factory=threading.Event)

    @property
    def version(self) -> str:
        """Return the version of readings: of the rules, and of whose address is whose."""
        return f"{self.reader.version}.{self.book.digest}"

    def close(self) -> None:
        """Let go of everything."""
        for mailbox in self.mailboxes:
            mailbox.close()
        if self.postman is not None:
            self.postman.close()
        self.ledger.close()


def open_account(
    settings: Settings, state: Path, clock: Callable[[], datetime], *, create: bool = True
) -> Account:
    """Join the account of `settings` with its ledger in the folder `state`.

    LedgerFault or Busy when the ledger cannot be used; `create` False when it must be there.
    """
    from mailhours.ledger.store import Ledger

    ledger = Ledger.open(state / LEDGER, settings.account, create=create)
    secret = ledger.health.secret("loop-mark")
    mark = (
        f"mailhours-{hmac.new(secret, settings.account.encode(), hashlib.sha256).hexdigest()[:32]}"
    )
    return join(settings, ledger, mark, clock)


def join(settings: Settings, ledger: Ledger, mark: str, clock: Callable[[], datetime]) -> Account:
    """Build the parts of an account around an open ledger; also after a change of files."""
    owner = settings.owner
    return Account(
        settings=settings,
        ledger=ledger,
        mailboxes=tuple(map(open_mailbox, settings.mailboxes)),
        postman=_postman(settings),
        reader=Reader(
            owner.addresses,
            owner.colleagues,
            settings.policy.authserv_id,
            mark,
            owner.calendar.zone,
            settings.phrases,
        ),
        book=AddressBook(owner, settings.clients),
        wording=Wording(settings.templates),
        mark=mark,
        clock=clock,
    )


def open_mailbox(settings: MailboxSettings) -> Mailbox:
    """Return the mailbox of these settings; nothing is connected yet."""
    if settings.source == "maildir":
        from mailhours.mailbox.maildir import MaildirMailbox

        return MaildirMailbox(settings)
    from mailhours.mailbox.imap import ImapMailbox

    return ImapMailbox(settings)


def _postman(settings: Settings) -> Postman | None:
    if settings.submission is None:
        return None
    from mailhours.outbox.smtp import Submission

    return Submission(settings.submission)
