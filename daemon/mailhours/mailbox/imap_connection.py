"""Connections to IMAP servers: reached, encrypted, signed in, and every failure given its name.

The only door to imapclient and imaplib. The library speaks until the login is done.
"""

from __future__ import annotations

import imaplib
import socket
import ssl
from collections.abc import Callable
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from mailhours.mailbox.imap_faults import Lost, denied, farewell, shown
from mailhours.mailbox.imap_session import Session
from mailhours.mailbox.imap_wire import Wire, encrypted
from mailhours.model.faults import CertificateFault, Fault, LoginRefused
from mailhours.model.server import Security, Server, revealed

# Seconds: until a connection stands, without an octet, and for a whole answer however it trickles.
CONNECT = 15.0
STALL = 60.0
EXCHANGE = 300.0


class _Protocol(imaplib.IMAP4):
    """imaplib on a wire with deadlines; its buffers differ between versions, ours does not."""

    def __init__(self, server: Server, reach: Callable[[], Wire]) -> None:
        self._reach = reach
        super().__init__(server.host, server.port)

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        self.host = host
        self.port = port
        self.wire = self._reach()
        self.sock = self.wire.socket

    def read(self, size: int) -> bytes:
        if size > 65536:
            raise self.abort("a literal of that size belongs to no login")
        return self.wire.read(size)

    def readline(self) -> bytes:
        return self.wire.readline()

    def send(self, data: Any) -> None:
        self.wire.send(bytes(data))

    def shutdown(self) -> None:
        self.wire.close()

    def _get_capabilities(self) -> None:
        """Take what the greeting says of itself (RFC 9051 section 7.1): a round trip less."""
        greeted = self.untagged_responses.pop("CAPABILITY", None)
        if greeted and isinstance(greeted[-1], bytes):
            self.capabilities = tuple(greeted[-1].decode("ascii", "replace").upper().split())
        else:
            super()._get_capabilities()  # type: ignore[misc] # imaplib's own, not in its stub


class _Client(IMAPClient):  # type: ignore[misc]
    """imapclient with our protocol under it."""

    def __init__(self, server: Server, reach: Callable[[], Wire]) -> None:
        self._server = server
        self._reach = reach
        super().__init__(server.host, server.port, ssl=False)
        # It sets 5, which formats every answer (mail text too) for a log, read by nobody or not.
        if hasattr(self._imap, "debug"):
            self._imap.debug = 0

    def _create_IMAP4(self) -> _Protocol:  # noqa: N802
        return _Protocol(self._server, self._reach)

    def upgrade(self, wire: Wire, encrypt: Callable[[socket.socket], ssl.SSLSocket]) -> None:
        """Switch to TLS before anything is said (RFC 9051 section 6.2.1)."""
        if "STARTTLS" not in self._imap.capabilities:
            raise ssl.SSLError("the server offers no STARTTLS; nothing is sent in the clear")
        kind, _ = self._imap.xatom("STARTTLS")
        if kind != "OK" or wire.buffered:
            # What came with the answer was not encrypted, and would be taken for the server's.
            raise ssl.SSLError("STARTTLS was refused or tampered with")
        wire.socket = self._imap.sock = encrypt(wire.socket)
        self._starttls_done = True  # capabilities are asked for anew


def connect(
    name: str,
    server: Server,
    clock: Callable[[], float],
    context: Callable[[], ssl.SSLContext],
    *,
    stall: float = STALL,
    exchange: float = EXCHANGE,
) -> Session:
    """Reach the server and sign in; a token that was refused is asked for once more.

    `name` is the mailbox's, for the faults. LoginRefused, CertificateFault, Throttled, ServerFault.
    """
    where = f"{name}: {server.host}"
    tries = 2 if server.token else 1
    for last in (False, True)[-tries:]:
        try:
            return _connect(where, server, clock, context, stall, exchange)
        except LoginRefused:
            if last:
                raise
    raise AssertionError


def _connect(
    where: str,
    server: Server,
    clock: Callable[[], float],
    context: Callable[[], ssl.SSLContext],
    stall: float,
    exchange: float,
) -> Session:
    def reach() -> Wire:
        raw = socket.create_connection((server.host, server.port), timeout=min(CONNECT, stall))
        try:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            if server.security is Security.TLS:
                raw = encrypted(raw, context(), server.host, min(CONNECT, stall))
        except BaseException:
            raw.close()
            raise
        wire = Wire(raw, clock, min(CONNECT, stall))
        wires.append(wire)
        return wire

    wires: list[Wire] = []
    secret = ""
    try:
        client = _Client(server, reach)
        wire = wires[0]
        if server.security is Security.STARTTLS:
            client.upgrade(wire, lambda raw: encrypted(raw, context(), server.host, CONNECT))
        if reference := server.token or server.password:
            secret = revealed(reference)
        wire.allow(stall)
        _sign_in(client, server, secret)
        capabilities = frozenset(c.decode("ascii", "replace") for c in client.capabilities())
    except Exception as error:
        for wire in wires:
            wire.close()
        if isinstance(error, Fault):
            raise
        raise _fault(where, error, secret) from error
    wire.stall = stall
    session = Session(wire, where, capabilities, exchange, clock())
    if "ID" in capabilities:  # some providers refuse whoever does not say who he is
        session.send([b'ID ("name" "mailhours")'])
    return session


def _sign_in(client: _Client, server: Server, secret: str) -> None:
    offered = {c.decode("ascii", "replace") for c in client.capabilities()}
    if server.token:
        bearer = "AUTH=OAUTHBEARER" in offered and "AUTH=XOAUTH2" not in offered
        first = _bearer(server, secret) if bearer else _xoauth2(server.user, secret)
        # The server explains a refusal in a challenge, which wants an empty line for an answer and
        # not the token once more (RFC 7628 section 3.2.3).
        answers = iter([first])
        client.sasl_login(
            "OAUTHBEARER" if bearer else "XOAUTH2", lambda _: next(answers, b"\x01" * bearer)
        )
    elif (server.user + secret).isascii() and "LOGINDISABLED" not in offered:
        if set("\r\n\0") & set(server.user + secret):
            raise LoginRefused("user or password contains a line break", hint="look at its source")
        quoted = server.user.replace("\\", "\\\\").replace('"', '\\"')
        client.login(f'"{quoted}"', secret)
    else:
        client.plain_login(server.user, secret)


def _xoauth2(user: str, token: str) -> bytes:
    return f"user={user}\1auth=Bearer {token}\1\1".encode()


def _bearer(server: Server, token: str) -> bytes:
    user = server.user.replace("=", "=3D").replace(",", "=2C")
    place = f"host={server.host}\1port={server.port}"
    return f"n,a={user},\1{place}\1auth=Bearer {token}\1\1".encode()


def _fault(where: str, error: Exception, secret: str) -> Fault:
    """Name what went wrong; the library raises anything at all, LoginError for every refusal."""
    text = shown(_spoken(error), secret)
    cause = error.__context__ if isinstance(error, LoginError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        hint = "the certificate must be valid for that host name; nothing is sent without"
        return CertificateFault(f"{where}: {cause.verify_message}", hint=hint)
    if isinstance(cause, imaplib.IMAP4.abort):
        if "unexpected response" in text:
            return Lost(f"{where}: that is no IMAP server", hint="check host and port")
        if "socket error" in text or not text:
            return Lost(f"{where}: the server closed the connection")
        return farewell(where, text, at_the_door=True)
    if isinstance(error, LoginError):
        return denied(where, text, secret)
    if isinstance(error, imaplib.IMAP4.error):
        return farewell(where, text, at_the_door=True)
    if isinstance(error, OSError):
        return Lost(f"{where}: {text or type(error).__name__}")
    return Lost(
        f"{where}: the server's answer to the login makes no sense ({type(error).__name__})"
    )


def _spoken(error: Exception) -> str:
    """Return the words of an error; imaplib hands them on as bytes, or as their repr."""
    said = error.args[0] if error.args else ""
    if isinstance(said, bytes):
        return said.decode("utf-8", "replace")
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = str(said)
    return text[2:-1] if text[:2] in ("b'", 'b"') else text
