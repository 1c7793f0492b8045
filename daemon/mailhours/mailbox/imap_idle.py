"""IDLE (RFC 2177) as a doorbell: it only ever says "look now"; polling goes on with or without it.

It has a thread and a connection of its own, reads no mail and writes nothing. Servers forget an
idle client, firewalls drop it without a word: so IDLE is begun anew every few minutes, and a
connection that ends is made again later, never at once.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable

from mailhours.mailbox import utf7
from mailhours.mailbox.imap_connection import STALL, connect
from mailhours.mailbox.imap_folders import quoted
from mailhours.mailbox.imap_session import Session
from mailhours.model.faults import CertificateFault, Fault, LoginRefused, Throttled
from mailhours.model.server import MailboxSettings

ANEW = 7 * 60.0
# Seconds: what comes within so short a time is one piece of news; between tries to listen again.
_DEBOUNCE = 2.0
_FIRST_PAUSE = 30.0
_LONGEST_PAUSE = 900.0


class Idle:
    """A doorbell on the first folder of a mailbox; `ring` is called from its thread.

    It ends by itself when the server refuses the login, limits its clients or offers no IDLE: then
    polling is all there is. `pause` is how long it waits after a failure, in seconds, at first;
    `stall` how long the server may be silent where it has to answer.
    """

    def __init__(
        self,
        settings: MailboxSettings,
        ring: Callable[[], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        context: Callable[[], ssl.SSLContext] = ssl.create_default_context,
        anew: float = ANEW,
        pause: float = _FIRST_PAUSE,
        stall: float = STALL,
    ) -> None:
        self._settings = settings
        self._ring = ring
        self._clock = clock
        self._context = context
        self._anew = anew
        self._pause = pause
        self._stall = stall
        self._stopping = threading.Event()
        self._session: Session | None = None
        self._thread = threading.Thread(target=self._run, name=f"idle {settings.name}", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self, patience: float = 5.0) -> None:
        """Stop listening; never raises."""
        self._stopping.set()
        if session := self._session:
            session.interrupt()
        if self._thread.is_alive():
            self._thread.join(patience)

    def _run(self) -> None:
        pause = self._pause
        context: list[ssl.SSLContext] = []

        def make() -> ssl.SSLContext:
            if not context:
                context.append(self._context())
            return context[0]

        server = self._settings.server
        while server is not None and not self._stopping.is_set():
            began = self._clock()
            try:
                session = connect(self._settings.name, server, self._clock, make, stall=self._stall)
                self._session = session
                try:
                    if "IDLE" not in session.capabilities:
                        return
                    session.ask(b"EXAMINE " + quoted(utf7.encode(self._settings.folders[0])))
                    self._listen(session)
                finally:
                    self._session = None
                    session.close()
            except (LoginRefused, Throttled):
                return
            except Fault as fault:
                if self._stopping.is_set():
                    return
                if isinstance(fault, CertificateFault):
                    context.clear()  # whom the machine trusts may be mended while we run
                # What came while nobody listened is found by a look.
                self._ring()
            is_sound = self._clock() - began > self._anew
            pause = self._pause if is_sound else min(2 * pause, _LONGEST_PAUSE)
            self._stopping.wait(pause)

    def _listen(self, session: Session) -> None:
        while not self._stopping.is_set():
            session.idle()
            until = self._clock() + self._anew
            news = False
            while not self._stopping.is_set() and not news and (left := until - self._clock()) > 0:
                news = session.idle_news(left)
            if news:
                self._stopping.wait(_DEBOUNCE)
            if session.idle_done() or news:
                self._ring()
