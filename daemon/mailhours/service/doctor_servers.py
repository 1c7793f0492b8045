"""Checks of the servers: found, trusted, signed in, with the folders and abilities that are needed.

Every mailbox and the submission server is signed in to once. No mail is read, sent or changed.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from mailhours.mailbox.folders import assign
from mailhours.mailbox.imap_connection import connect
from mailhours.mailbox.imap_folders import folders
from mailhours.mailbox.imap_session import Session
from mailhours.model.faults import Fault, LoginRefused, ServerFault
from mailhours.model.raw import FolderRole
from mailhours.model.server import MailboxSettings, Security, Server
from mailhours.outbox.smtp import Submission
from mailhours.service.account import open_mailbox
from mailhours.service.doctor import Checked, failed
from mailhours.settings.values import Settings

_SECONDS = 10.0
_SOON = timedelta(days=14)
_SKEW = timedelta(minutes=2)
_ARRIVED = re.compile(rb'INTERNALDATE "([^"]+)"')

# What the service does without each of these.
_WITHOUT = {
    "IDLE": "news are seen at the next poll",
    "MOVE": "held replies are copied and removed one by one",
    "SPECIAL-USE": "Sent and Drafts are found by their names",
}

Context = Callable[[], ssl.SSLContext]


def checks(
    settings: Settings, now: datetime, context: Context = ssl.create_default_context
) -> Iterator[Checked]:
    """Yield the checks of all servers; `context` says whose certificates are trusted."""
    for mailbox in settings.mailboxes:
        if mailbox.server is None:
            yield _maildir(mailbox)
        else:
            yield from _imap(mailbox, mailbox.server, now, context)
    if settings.submission is None:
        yield Checked("submission", "none is configured: nothing can be sent", "add [submission]")
    else:
        yield from _smtp(settings.submission, settings.account, now, context)


def _maildir(settings: MailboxSettings) -> Checked:
    name = f"mailbox {settings.name}"
    mailbox = open_mailbox(settings)
    try:
        mailbox.find(FolderRole.SENT, "<mailhours-check@invalid>")
    except Fault as fault:
        return failed(name, fault)
    finally:
        mailbox.close()
    return Checked(name, f"{settings.path} and its Sent folder can be read")


def _imap(
    settings: MailboxSettings, server: Server, now: datetime, context: Context
) -> Iterator[Checked]:
    name = f"mailbox {settings.name}"
    reached = _reach(name, server)
    yield reached
    if reached.fault is not None:
        return
    if server.security is Security.TLS:
        yield from _certificate(name, server, now, context)
    try:
        session = connect(settings.name, server, time.monotonic, context, stall=_SECONDS)
    except Fault as fault:
        yield failed(f"{name}: login", fault, _advice(fault))
        return
    try:
        yield Checked(f"{name}: login", f"{server.host} takes it")
        yield _abilities(name, session)
        yield from _folders(name, settings, session)
        yield _skew(name, session, now)
    except Fault as fault:
        yield failed(name, fault)
    finally:
        session.close()


def _reach(name: str, server: Server) -> Checked:
    """Look the name up: a typing error shows here, before any password is sent."""
    try:
        found = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    except OSError as error:
        fault = ServerFault(f"{server.host} is not found: {error.strerror or error}")
        return failed(f"{name}: DNS", fault, "is the host written right? is the network up?")
    addresses = sorted({str(address[0]) for *_, address in found})
    return Checked(f"{name}: DNS", f"{server.host} is {', '.join(addresses[:3])}")


def _certificate(name: str, server: Server, now: datetime, context: Context) -> Iterator[Checked]:
    """Say how long the certificate is valid; what else is wrong with it shows at the login."""
    with suppress(OSError):
        raw = socket.create_connection((server.host, server.port), timeout=_SECONDS)
        with raw, context().wrap_socket(raw, server_hostname=server.host) as wrapped:
            yield _expiry(name, wrapped.getpeercert(), now)


def _expiry(name: str, certificate: object, now: datetime) -> Checked:
    ends = certificate.get("notAfter", "") if isinstance(certificate, dict) else ""
    if not ends:
        return Checked(f"{name}: certificate", "trusted")
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(ends)), UTC)
    words = f"trusted, valid until {until:%Y-%m-%d}"
    step = "tell whoever runs the server to renew it" if until - now < _SOON else ""
    return Checked(f"{name}: certificate", words, step)


def _abilities(name: str, session: Session) -> Checked:
    missing = [word for word in _WITHOUT if word not in session.capabilities]
    if not missing:
        return Checked(f"{name}: abilities", ", ".join(_WITHOUT))
    without = "; ".join(f"no {word}: {_WITHOUT[word]}" for word in missing)
    return Checked(f"{name}: abilities", without)


def _folders(name: str, settings: MailboxSettings, session: Session) -> Iterator[Checked]:
    held = assign(folders(session), settings)
    for problem in held.problems:
        yield failed(f"{name}: folders", problem)
    for role, use in (
        (FolderRole.SENT, "Sent"),
        (FolderRole.DRAFTS, "Drafts"),
        (FolderRole.HELD, "Check-in"),
    ):
        if folder := held.of(role):
            yield Checked(f"{name}: {use}", f"the folder {folder.name}")
        elif role in held.missing:
            words = f"there is none yet; {held.missing[role]} is made when it is needed"
            yield Checked(f"{name}: {use}", words)


def _skew(name: str, session: Session, now: datetime) -> Checked:
    """Compare our clock with the server's: no mail may have arrived in our future."""
    session.ask(b'EXAMINE "INBOX"')
    answer = session.ask_all([b"FETCH * (INTERNALDATE)"])[0]
    found = [match[1] for line in answer.lines for match in [_ARRIVED.search(line[0])] if match]
    newest = _moment(found[-1]) if found else None
    if newest is not None and newest - now > _SKEW:
        return Checked(
            f"{name}: clock",
            f"the newest mail came at {newest:%Y-%m-%d %H:%M} UTC, which is in our future",
            "set this machine's clock: timedatectl set-ntp true",
        )
    return Checked(f"{name}: clock", "agrees with the server, as far as mail shows")


def _moment(text: bytes) -> datetime | None:
    try:
        at = datetime.strptime(text.decode("ascii").strip(), "%d-%b-%Y %H:%M:%S %z")
    except ValueError:
        return None
    return at.astimezone(UTC)


def _smtp(server: Server, address: str, now: datetime, context: Context) -> Iterator[Checked]:
    name = "submission"
    reached = _reach(name, server)
    yield reached
    if reached.fault is not None:
        return
    if server.security is Security.TLS:
        yield from _certificate(name, server, now, context)
    submission = Submission(server, context=context(), timeout=_SECONDS)
    try:
        smtp = submission.connect()
        yield Checked(f"{name}: login", f"{server.host}:{server.port} takes it")
        code, said = smtp.mail(address)
        smtp.rset()
    except Fault as fault:
        yield failed(f"{name}: login", fault, _advice(fault))
    except (OSError, ValueError) as error:
        yield failed(name, ServerFault(f"{server.host}: {error}"), "try again in a minute")
    else:
        if code == 250:
            yield Checked(f"{name}: sender", f"you may send as {address}")
        else:
            words = said.decode("utf-8", "replace")
            refused = ServerFault(f"you may not send as {address}: {code} {words}")
            step = "make that address an identity at your provider"
            yield failed(f"{name}: sender", refused, step)
    finally:
        submission.close()


def _advice(fault: Fault) -> str:
    """Say what to do about a login that failed, if the fault itself does not."""
    if isinstance(fault, LoginRefused):
        return "most providers want an app password: see docs/providers.md"
    return fault.hint or "check host, port and security; docs/providers.md names them"
