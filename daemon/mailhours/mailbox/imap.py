"""An IMAP account as a mailbox: one kept connection, dropped on any doubt, and folders looked at.

Read with EXAMINE and PEEK: no flag is our state, and reading changes none.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from mailhours.mailbox import imap_filing as filing
from mailhours.mailbox.folders import Assigned, others
from mailhours.mailbox.imap_connection import EXCHANGE, STALL, connect
from mailhours.mailbox.imap_cursor import BATCH, Memory
from mailhours.mailbox.imap_elsewhere import elsewhere
from mailhours.mailbox.imap_faults import Lost, Refused
from mailhours.mailbox.imap_folders import assigned, folders, standing
from mailhours.mailbox.imap_intake import Task
from mailhours.mailbox.imap_look import FolderLook
from mailhours.mailbox.imap_session import Session
from mailhours.mailbox.protocol import Known, Wanted
from mailhours.mailbox.sight import joined
from mailhours.model.faults import CertificateFault, ConfigurationFault, FolderFault, Problem
from mailhours.model.raw import Batch, FolderRole, Lying, Place
from mailhours.model.server import MailboxSettings, Server

KEPT = 3600.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class ImapMailbox:
    """An IMAP account; one thread at a time may use it.

    `clock` is monotonic, in seconds. `context` makes the TLS context, once: it costs 26 ms. `stall`
    is how long the server may be silent, `exchange` how long one answer may take, in seconds.
    `batch` is how many mails are fetched at a time.
    """

    def __init__(
        self,
        settings: MailboxSettings,
        *,
        clock: Callable[[], float] = time.monotonic,
        context: Callable[[], ssl.SSLContext] = ssl.create_default_context,
        stall: float = STALL,
        exchange: float = EXCHANGE,
        batch: int = BATCH,
    ) -> None:
        self.name = settings.name
        self._settings = settings
        self._clock = clock
        self._make_context = context
        self._context: ssl.SSLContext | None = None
        self._stall = stall
        self._exchange = exchange
        self._batch = batch
        self._session: Session | None = None
        self._assigned: Assigned | None = None
        self._memories: dict[str, Memory] = {}
        self._past_traffic = (0, 0)

    @property
    def traffic(self) -> tuple[int, int]:
        """Return the octets received and sent, all connections together."""
        now = self._session.traffic if self._session else (0, 0)
        return self._past_traffic[0] + now[0], self._past_traffic[1] + now[1]

    def look(
        self, known: Known, wanted: Wanted, horizon: datetime, now: datetime
    ) -> Iterator[Batch]:
        """Yield what is new in every folder, Inbox first; see the protocol."""
        task = Task(self.name, known, wanted, horizon, now)
        with self._talking():
            session, folders, statuses = self._statuses()
            cursors = {cursor.folder: cursor for cursor in known.cursors(self.name)}
            faults = list(folders.problems)
            for (folder, role), state in zip(folders.folders, statuses, strict=True):
                memory = self._memory(folder.name)
                try:
                    look = FolderLook(session, task, folder, role, memory)
                    yield from look.batches(cursors.get(folder.name), state)
                except Refused as refused:
                    self._assigned = None  # gone, or renamed: list anew
                    faults.append(FolderFault(f"{folder.name}: {refused.what}"))
                except FolderFault as fault:
                    faults.append(fault)
            self._leave(session)
        if faults:
            raise joined(faults)

    def _memory(self, folder: str) -> Memory:
        if folder not in self._memories:
            self._memories[folder] = Memory(self._batch, self._batch)
        return self._memories[folder]

    def _statuses(self) -> tuple[Session, Assigned, list[dict[str, int]]]:
        """Ask for the STATUS of all folders at once; a kept connection may have died meanwhile."""
        for is_again in (False, True):
            is_kept = self._session is not None
            try:
                session = self._connected()
                folders = self._folders(session)
                states = standing(session, [folder for folder, _ in folders.folders])
            except Lost:
                self._drop()
                if is_again or not is_kept:
                    raise
                continue
            return session, folders, states
        raise AssertionError

    def elsewhere(
        self,
        known: Known,
        wanted: Wanted,
        senders: Collection[str],
        horizon: datetime,
        now: datetime,
    ) -> Iterator[Batch]:
        """Yield mail from `senders` in the folders that have no role; see the protocol."""
        task = Task(self.name, known, wanted, horizon, now)
        faults: list[FolderFault] = []
        with self._talking():
            session = self._fresh()
            chosen = others(folders(session), self._folders(session))
            for found in elsewhere(session, task, chosen, self._memory, senders):
                if isinstance(found, FolderFault):
                    faults.append(found)
                else:
                    yield found
            self._leave(session)
        if faults:
            raise joined(faults)

    def answered(self, places: Collection[Place]) -> set[Place]:
        r"""Return those of `places` that carry \Answered."""
        if not places:
            return set()
        with self._talking():
            session = self._fresh()
            found = filing.answered(session, places)
            self._leave(session)
            return found

    def lying(self, role: FolderRole) -> tuple[Lying, ...]:
        """Return what lies in the folder of that role now."""
        with self._talking():
            session = self._fresh()
            folder = self._folders(session).of(role)
            found = filing.lying(session, self._settings, folder, _EPOCH) if folder else ()
            self._leave(session)
            return found

    def append(self, role: FolderRole, mail: bytes, at: datetime) -> Place | None:
        """File `mail`; after a Lost its fate is unknown: ask `find` before the next try."""
        with self._talking():
            return filing.append(self._fresh(), self._settings, role, mail, at)

    def find(self, role: FolderRole, message_id: str, mark: str = "") -> tuple[Place, ...]:
        """Return the places of that role that hold `message_id`, or `mark`."""
        with self._talking():
            session = self._fresh()
            folder = self._folders(session).of(role)
            if folder is None:
                return ()
            return filing.find(session, self._settings, folder, message_id, mark)

    def move(self, place: Place, role: FolderRole) -> None:
        """Move what lies at `place`."""
        with self._talking():
            session = self._fresh()
            filing.move(session, self._settings, place, role, _EPOCH)
            self._leave(session)

    def fetch(self, place: Place) -> bytes | None:
        """Return the whole mail at `place`."""
        with self._talking():
            session = self._fresh()
            whole = filing.fetch(session, place, _EPOCH)
            self._leave(session)
            return whole

    def remove(self, place: Place) -> None:
        """Remove what lies at `place`."""
        with self._talking():
            session = self._fresh()
            filing.remove(session, place, _EPOCH)
            self._leave(session)

    def close(self) -> None:
        """Say goodbye."""
        self._drop()

    @contextmanager
    def _talking(self) -> Iterator[None]:
        """Give up the connection after anything but a plain refusal."""
        try:
            yield
        except (Refused, FolderFault):
            raise
        except BaseException:
            self._drop()
            raise

    def _connected(self) -> Session:
        session = self._session
        if session and (not session.is_usable or self._clock() - session.opened > KEPT):
            self._drop()
        if self._session is None:
            try:
                self._session = connect(
                    self.name,
                    self._server,
                    self._clock,
                    self._tls,
                    stall=self._stall,
                    exchange=self._exchange,
                )
            except CertificateFault:
                self._context = None  # whom the machine trusts may be mended while we run
                raise
        return self._session

    def _fresh(self) -> Session:
        """Return a connection that answers: what was kept may have died since."""
        if self._session is not None:
            try:
                self._connected().ask(b"NOOP")
            except (Lost, Refused):
                self._drop()
        return self._connected()

    def _folders(self, session: Session) -> Assigned:
        held = self._assigned
        # A folder that is missed may have been made meanwhile: the owner's answers lie there.
        if held is None or held.problems or FolderRole.SENT in held.missing:
            self._assigned = held = assigned(session, self._settings)
        return held

    def _leave(self, session: Session) -> None:
        """Close the folder: some servers show an open one as it was when it was opened."""
        if session.selected is None:
            return
        session.selected = None
        # Without UNSELECT (RFC 3691) a folder that is not there: CLOSE might throw mails away.
        is_offered = "UNSELECT" in session.capabilities
        session.send([b"UNSELECT" if is_offered else b'EXAMINE ""'])

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            received, sent = session.traffic
            self._past_traffic = (self._past_traffic[0] + received, self._past_traffic[1] + sent)
            session.close()
        self._assigned = None

    def _tls(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = self._make_context()
        return self._context

    @property
    def _server(self) -> Server:
        if self._settings.server is None:
            problem = Problem("mailhours.toml", 1, f"mailbox.{self.name}", "host is missing")
            raise ConfigurationFault((problem,))
        return self._settings.server
