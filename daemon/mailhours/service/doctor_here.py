"""Checks that need no server: secrets, words, zone, clock, disk, ledger, unit, check-ins."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from mailhours.ledger.lock import Lock
from mailhours.model.client import Client
from mailhours.model.faults import Busy, CheckFailed, ConfigurationFault, Fault
from mailhours.service import status
from mailhours.service.account import open_account, reader_of
from mailhours.service.doctor import Checked, failed
from mailhours.service.places import LEDGER
from mailhours.settings.secrets import StoredSecret, exposed
from mailhours.settings.values import Settings
from mailhours.wording.render import Wording

_ROOM = 200 * 1024 * 1024
_VERIFIED_AT_ONCE = 200 * 1024 * 1024
_FEW_DAYS = timedelta(days=5)


def checks(settings: Settings, state: Path, now: datetime) -> Iterator[Checked]:
    """Yield the checks of this machine; nothing is changed, and no ledger is made."""
    yield from _secrets(settings)
    yield _words(settings)
    yield _zone(settings, now)
    yield _clock()
    yield _disk(state)
    yield from _ledger(settings, state, now)
    yield _unit(state)
    yield from _work(settings, state, now)


def _secrets(settings: Settings) -> Iterator[Checked]:
    servers = [(f"[mailbox.{m.name}]", m.server) for m in settings.mailboxes if m.server]
    if settings.submission is not None:
        servers.append(("[submission]", settings.submission))
    for place, server in servers:
        for secret in (server.password, server.token):
            if not isinstance(secret, StoredSecret):
                continue
            name = f"secret of {place}"
            try:
                secret.reveal()
            except ConfigurationFault as fault:
                step = "say so where it lies, or run this as the user of the service"
                yield failed(name, fault, step)
                continue
            if open_to_all := exposed(secret):
                what, _, step = open_to_all.partition("; ")
                yield Checked(name, what, step)
            else:
                yield Checked(name, f"{secret.reference} can be read, by nobody else")


def _words(settings: Settings) -> Checked:
    """Render nothing but load everything: the owner's phrases and templates, and each language."""
    name = "templates and phrases"
    try:
        _ = reader_of(settings, "mailhours-check").version
        wording = Wording(settings.templates)
        for template in settings.templates:
            wording.check(template)
        languages = sorted({settings.owner.language, *map(_language, settings.clients)})
        for language in languages:
            wording.words(language)
    except Fault as fault:
        return failed(name, fault, "correct that file, or take it away: the packaged one is used")
    return Checked(name, f"fine in {', '.join(languages)}")


def _language(client: Client) -> str:
    return client.language


def _zone(settings: Settings, now: datetime) -> Checked:
    here = settings.owner.calendar.local(now)
    return Checked("time zone", f"{settings.owner.calendar.zone.key}: there it is {here:%a %H:%M}")


def _clock() -> Checked:
    """Ask systemd whether the clock is set by the network; the servers are asked as well."""
    said = _told("timedatectl", "show", "--property=NTPSynchronized", "--value")
    if said == "no":
        return Checked(
            "clock", "this machine's clock is not set by the network", "timedatectl set-ntp true"
        )
    return Checked("clock", "set by the network" if said == "yes" else "nobody here says otherwise")


def _disk(state: Path) -> Checked:
    folder = next((path for path in (state, *state.parents) if path.is_dir()), Path("/"))
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return failed("disk", CheckFailed(f"{folder}: {error.strerror}"), "look at that disk")
    size = (state / LEDGER).stat().st_size if (state / LEDGER).is_file() else 0
    # A backup, and a file written anew after `forget`, need as much again.
    need = _ROOM + 3 * size
    words = f"{free // 1024**2} MB are free below {folder}"
    if free < need:
        return failed("disk", CheckFailed(words), f"make room: {need // 1024**2} MB are wanted")
    return Checked("disk", words)


def _ledger(settings: Settings, state: Path, now: datetime) -> Iterator[Checked]:
    path = state / LEDGER
    if not path.is_file():
        yield Checked("ledger", f"none yet in {state}", "`mailhours poll` makes it")
        return
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        yield Checked("ledger", f"others can read it (mode {mode:04o})", f"chmod 600 {path}")
    try:
        account = open_account(settings, state, lambda: now, create=False)
    except Fault as fault:
        yield failed("ledger", fault)
        return
    try:
        if path.stat().st_size > _VERIFIED_AT_ONCE:
            yield Checked("ledger", "it opens; `mailhours verify` checks all of it")
            return
        found = account.ledger.verify()
        length, _ = account.ledger.chain.head()
    except Fault as fault:
        yield failed("ledger", fault)
        return
    finally:
        account.close()
    if found:
        step = f"stop the service and put the newest backup in the place of {path}"
        yield failed("ledger", CheckFailed(found[0]), step)
    else:
        yield Checked("ledger", f"whole, {length} entries")


def _unit(state: Path) -> Checked:
    for scope in ([], ["--user"]):
        said = _told("systemctl", *scope, "show", "mailhours", "--property=LoadState,ActiveState")
        facts = dict(line.split("=", 1) for line in (said or "").splitlines() if "=" in line)
        if facts.get("LoadState") == "loaded":
            command = " ".join(["systemctl", *scope])
            if facts.get("ActiveState") == "active":
                return Checked("service", "the unit is active")
            if facts.get("ActiveState") == "failed":
                fault = CheckFailed("the unit has failed")
                return failed("service", fault, f"{command} status mailhours says why")
            step = f"{command} enable --now mailhours"
            return Checked("service", f"the unit is {facts.get('ActiveState')}", step)
    if (state / LEDGER).exists():
        try:
            Lock(state / LEDGER).release()
        except Busy:
            return Checked("service", "running")
        except Fault as fault:
            return failed("service", fault)
    return Checked("service", "not running", "`mailhours install-service`, or `mailhours run`")


def _work(settings: Settings, state: Path, now: datetime) -> Iterator[Checked]:
    found = status.kept(state)
    if found is None:
        return
    if problems := status.troubles(found, now):
        yield Checked("work", problems[0], "`mailhours status` says all of it")
    try:
        account = open_account(settings, state, lambda: now, create=False)
    except Fault:
        return  # told above
    try:
        last = account.ledger.slots.last()
    except Fault:
        return
    finally:
        account.close()
    if last is None:
        yield Checked("check-ins", "none was held yet")
        return
    here = settings.owner.calendar.local(last)
    words = f"the last one was due {here:%a %d %b %H:%M}"
    due = settings.owner.calendar.next_slot(last)
    if last > now:
        ahead = "the clock was ahead; check-ins go on when that moment has passed"
        yield Checked("check-ins", f"{words}, which is still to come", ahead)
    elif due is not None and now - due.due > settings.catch_up + _FEW_DAYS:
        yield Checked("check-ins", words, "is the service running? `mailhours status`")
    else:
        yield Checked("check-ins", words)


def _told(*command: str) -> str | None:
    """Return what a program of systemd says; None where there is none, or where it cannot say."""
    if shutil.which(command[0]) is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - fixed words
            command, capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
