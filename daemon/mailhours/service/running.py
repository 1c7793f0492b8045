"""The service while it lives: a tick, changed files before it, a word to systemd after it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from mailhours.mailbox.imap_idle import Idle
from mailhours.model.faults import (
    Busy,
    ConfigurationFault,
    Fault,
    LedgerDamaged,
    LedgerFault,
    Problem,
)
from mailhours.service import house, jobs, journal, polling, status
from mailhours.service.account import Account, open_account
from mailhours.service.alarm import Alarm
from mailhours.service.systemd import Systemd
from mailhours.settings.load import load
from mailhours.settings.reload import changes, fingerprint
from mailhours.settings.values import Settings

# A full disk or a locked ledger often mends itself before anybody could.
_PATIENCE = timedelta(minutes=5)
_RESTART = "takes effect when the service is started again; until then all stays as it was"


class Running:
    """One account, kept in step with its files. Everything but `end` and `reload` is one thread's.

    A broken configuration never ends it: the one from before goes on, and the owner is told.
    """

    def __init__(
        self,
        directory: Path,
        state: Path,
        environ: Mapping[str, str],
        clock: Callable[[], datetime],
        ring: Callable[[], None],
    ) -> None:
        """Load the files of `directory` and open the ledger in `state`.

        `ring` is called from another thread when a server has news. ConfigurationFault, LedgerFault
        or Busy when it cannot begin.
        """
        self._environ = environ
        self._clock = clock
        self._ring = ring
        self._systemd = Systemd(environ)
        self._ending = threading.Event()
        self._reload = threading.Event()
        self._alarm = Alarm(state)
        self._trouble = ""
        self._troubled_since = clock()
        self._damaged: LedgerDamaged | None = None
        self._begun = False
        self._recovered = False
        # Before the load: a file that is saved during it is loaded once more.
        self._seen = fingerprint(directory)
        settings = load(directory, environ)
        self._seen = fingerprint(directory, settings.files) if self._same(directory) else ""
        self._loaded = clock()
        try:
            self.account = open_account(settings, state, clock, breathe=self._breathe)
        except LedgerFault as fault:
            self._alarm.ring(settings, fault, clock(), lasting=True)
            raise
        self._doorbells: dict[str, Idle] = {}

    def tick(self) -> None:
        """Do what is due; a fault is told once, and the next tick tries again.

        1. The first of all looks after what an earlier process left.
        2. Take changed files, all or nothing.
        3. Poll, check in, sum up (`jobs.tick`); once a day look after the ledger (`house.keep`).
        4. Only a tick that came to its end, or whose fault has a name, feeds the watchdog.
        """
        try:
            self._refuse_damaged()
            self._begin()
            self._renew()
            jobs.tick(self.account)
            house.keep(self.account)
            self._works()
            self._listen()
        except LedgerDamaged as fault:
            self._suspend(fault)
        except Fault as fault:
            if not self._ending.is_set():
                self._failed(fault, fault)
        except Exception as error:  # noqa: BLE001 - one bad tick must not end the months
            # What nobody foresaw is no progress: if nothing else comes, systemd begins anew.
            what = f"{type(error).__name__} in the service itself: see its log"
            self._failed(Fault(what), error)
            return
        self._systemd.feed()

    def reload(self) -> None:
        """Read the files at the next tick, whether they look changed or not; from any thread."""
        self._reload.set()

    def end(self) -> None:
        """Begin no further step: a running tick ends after the one that it is at."""
        self._ending.set()
        self._systemd.stopping()

    def close(self) -> None:
        """Let go of everything."""
        self._hush()
        self.account.close()

    def _begin(self) -> None:
        if not self._begun:
            if house.is_marked(self.account):
                # To look through a large ledger takes longer than systemd waits for a start.
                self._systemd.ready()
            house.refuse_damaged(self.account)
        if not self._recovered:
            # Also after a tick that was cut short: what it had claimed nobody else looks after.
            jobs.recover(self.account)
            self._recovered = True
        if self._begun:
            return
        self._begun = True
        # The first import may take long, and systemd waits for this word.
        self._systemd.status("first look at the mailboxes")
        self._systemd.ready()

    def _breathe(self) -> None:
        """Feed the watchdog after a step that was brought to its end; Busy when all is to end."""
        if self._ending.is_set():
            raise Busy("the service is ending")
        self._systemd.feed()

    # The files.

    def _same(self, directory: Path) -> bool:
        return fingerprint(directory) == self._seen

    def _renew(self) -> None:
        """Take the files if they changed or if somebody asks; what cannot be used changes nothing.

        1. New settings are loaded and every part that is made of them is made, beside the old ones.
        2. Only then the account is exchanged, between two ticks.
        """
        held = self.account.settings
        seen = fingerprint(held.directory, held.files)
        if seen == self._seen and not self._reload.is_set():
            return
        self._reload.clear()
        self._seen = seen
        self._systemd.reloading()
        try:
            settings = load(held.directory, self._environ)
            _refuse_what_needs_a_restart(held, settings)
            renewed = self.account.with_settings(settings)
            _try(renewed)
        except ConfigurationFault as fault:
            self._rejected(fault.problems)
        else:
            self._taken(renewed)
        self._systemd.ready()

    def _rejected(self, problems: tuple[Problem, ...]) -> None:
        if tuple(self.account.rejected) == problems:
            return
        self.account.rejected[:] = problems
        journal.configuration_rejected(problems)
        first = f"{problems[0]}{' and more' if len(problems) > 1 else ''}"
        self.account.ledger.health.note("configuration", f"rejected: {first}", self._clock())

    def _taken(self, renewed: Account) -> None:
        old, settings = self.account.settings, renewed.settings
        today = settings.owner.calendar.local(self._clock()).date()
        differs = changes(old, settings, today)
        was_rejected = bool(self.account.rejected)
        if settings.digest == old.digest and not was_rejected and not differs:
            return  # touched, not changed: no connection is given up for it
        self.account.rejected.clear()
        self.account.hang_up()
        self.account = renewed
        self._seen = fingerprint(settings.directory, settings.files)
        self._loaded = self._clock()
        journal.configuration_taken(differs)
        if old.mailboxes != settings.mailboxes:
            self._hush()

    # What is told.

    def _suspend(self, fault: LedgerDamaged) -> None:
        """Do nothing more until the next start: what a damaged ledger says may be wrong.

        Started again, it first looks whether the ledger is whole (`house.refuse_damaged`).
        """
        if self._damaged is None:
            house.mark_damaged(self.account)
            # Alive and saying why is better than ended and started every few seconds.
            self._systemd.ready()
        self._damaged = fault
        self._failed(fault, fault)

    def _refuse_damaged(self) -> None:
        if self._damaged is not None:
            # A new one each time: the traceback of a fault grows with every raise.
            raise LedgerDamaged(self._damaged.what, hint=self._damaged.hint)

    def _failed(self, told: Fault, error: Exception) -> None:
        """Tell what went wrong: once in the log, in the status, and by mail if it lasts."""
        now, what = self._clock(), told.what
        if not self._trouble:
            self._troubled_since = now
        if what != self._trouble:
            journal.tick_failed(error)
        self._trouble = what
        self._recovered = False
        status.keep_trouble(self.account, f"{what}; {told.hint}" if told.hint else what)
        self._tell()
        if isinstance(told, LedgerFault) or now - self._troubled_since >= _PATIENCE:
            self._alarm.ring(self.account.settings, told, now, lasting=not self._begun)

    def _works(self) -> None:
        if self._trouble:
            journal.tick_works_again()
            self.account.ledger.health.note("trouble", f"over: {self._trouble}", self._clock())
        self._trouble = ""
        self._tell()

    def _tell(self) -> None:
        found = status.kept(self.account.ledger.path.parent)
        if found is not None:
            local = self.account.settings.owner.calendar.local
            self._systemd.status(status.line(found, local(self._loaded)))

    # Doorbells: polling goes on without them.

    def _listen(self) -> None:
        """Hang a doorbell on each mailbox that wants one and was reached.

        One that refuses the login, or wants to be left alone, is not called by a doorbell either.
        """

        def ring() -> None:
            self.account.rung.set()
            self._ring()

        for mailbox, settings in zip(
            self.account.mailboxes, self.account.settings.mailboxes, strict=True
        ):
            is_wanted = settings.idle and settings.source == "imap"
            is_there = mailbox.name in self._doorbells
            if is_wanted and not is_there and not polling.is_deaf(self.account, mailbox):
                self._doorbells[mailbox.name] = Idle(settings, ring)
                self._doorbells[mailbox.name].start()

    def _hush(self) -> None:
        for doorbell in self._doorbells.values():
            doorbell.stop()
        self._doorbells = {}


def _refuse_what_needs_a_restart(old: Settings, new: Settings) -> None:
    """Raise ConfigurationFault when the ledger would be another one's."""
    if new.account != old.account:
        main = new.documents[0]
        raise ConfigurationFault((main.problem(("owner", "address"), _RESTART),))


def _try(account: Account) -> None:
    """Make the parts that a bad file would break; ConfigurationFault names the folder at fault."""
    _ = account.book, account.version
    templates = account.settings.directory / "templates"
    for name in account.settings.templates:
        try:
            account.wording.check(name)
        except Fault as fault:
            raise ConfigurationFault(
                (Problem(f"{templates / name}", 1, "", fault.what),)
            ) from fault
