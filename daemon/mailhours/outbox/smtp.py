"""Submission over SMTP (RFC 6409, RFC 5321): one mail, one recipient, one outcome.

smtplib is used verb by verb, because its `sendmail` does not tell a mail that was refused from one
whose fate nobody knows. Only what happens after the final dot can be doubtful: a server must not
deliver a mail that was not ended (RFC 5321 section 4.1.1.4).
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from mailhours.model.faults import CertificateFault, LoginRefused, ServerFault, Throttled
from mailhours.model.reply import Delivery, Outcome
from mailhours.model.server import Security, Server, revealed

TIMEOUT = 60.0
_DOT = b"\r\n.\r\n"
# Answers to AUTH that say that the login is wrong, and not that the server is out of order.
_WRONG_LOGIN = frozenset({530, 534, 535, 538})


class Submission:
    """A submission server. One connection a batch: opened on the first mail, left with `close`."""

    def __init__(
        self, server: Server, *, context: ssl.SSLContext | None = None, timeout: float = TIMEOUT
    ) -> None:
        """Take the `server` to use; `context` says whose certificates are trusted."""
        self._server = server
        self._context = context
        self._timeout = timeout
        self._smtp: smtplib.SMTP | None = None

    def submit(self, mail: bytes, sender: str, recipient: str) -> Delivery:
        """Hand over a machine's `mail` for one `recipient` and return what became of it.

        ServerFault, Throttled, LoginRefused or CertificateFault mean that no mail was handed over:
        they concern the server, not the recipient.
        """
        return self._transaction(mail, sender, (recipient,), ["NOTIFY=NEVER"])

    def post(self, mail: bytes, sender: str, recipients: Sequence[str]) -> Delivery:
        """Hand over a person's `mail` for all `recipients` in one transaction; see `submit`.

        Whom the server turns away is named in the text, and the others get it: never again, since
        they would get it twice. It is refused or deferred only when nobody gets it. Reports of what
        could not be delivered come back to the sender, as with every mail of a person.
        """
        return self._transaction(mail, sender, recipients, [])

    def _transaction(
        self, mail: bytes, sender: str, recipients: Sequence[str], notify: list[str]
    ) -> Delivery:
        smtp = self._smtp or self.connect()
        notify = notify if smtp.has_extn("dsn") else []
        options = [f"SIZE={len(mail)}"] if smtp.has_extn("size") else []
        if not mail.isascii() and smtp.has_extn("8bitmime"):
            options.append("BODY=8BITMIME")
        if not all(address.isascii() for address in (sender, *recipients)):
            if not smtp.has_extn("smtputf8"):
                words = "the server takes no address with letters outside ASCII"
                return Delivery(Outcome.REFUSED, 0, words, "RCPT")
            options.append("SMTPUTF8")
        verb = "MAIL"
        turned: list[tuple[str, int, bytes]] = []
        try:
            code, text = smtp.mail(sender, options)
            if code == 250:
                verb = "RCPT"
                answers = [(address, *smtp.rcpt(address, notify)) for address in recipients]
                turned = [answer for answer in answers if answer[1] not in (250, 251)]
                # What may pass outweighs what will not: the mail is tried again.
                code, text = min(turned, key=lambda one: one[1])[1:] if turned else (250, b"")
                if len(turned) < len(answers):
                    verb = "DATA"
                    code, text = smtp.docmd("DATA")
            if code == 354:
                smtp.send(smtplib._quote_periods(mail).removesuffix(b"\r\n"))  # type: ignore[attr-defined]  # noqa: SLF001
                return _with(self._end(smtp), turned)
            self._reset(smtp)
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            return Delivery(Outcome.DEFERRED, 0, _words(error), verb)
        return _answer(code, text, verb)

    def _end(self, smtp: smtplib.SMTP) -> Delivery:
        """Send the final dot. From here on silence means doubt."""
        try:
            smtp.send(_DOT)
            code, text = smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            return Delivery(Outcome.DOUBTFUL, 0, _words(error), "DATA")
        if code == 250:
            return Delivery(Outcome.SUBMITTED, code, _text(text), "DATA")
        self._reset(smtp)
        return _answer(code, text, "DATA")

    def connect(self) -> smtplib.SMTP:
        """Connect and log in; also a test of the login that sends nothing."""
        server = self._server
        try:
            smtp = self._open()
        except ssl.SSLCertVerificationError as error:
            raise CertificateFault(
                f"{server.host}: the certificate is not trusted: {error.verify_message}",
                hint="mailhours never goes on without it; ask your provider",
            ) from error
        except smtplib.SMTPConnectError as error:
            raise Throttled(
                f"{server.host}: {_text(error.smtp_error)}", wait=timedelta(minutes=15)
            ) from error
        except (smtplib.SMTPException, OSError) as error:
            raise ServerFault(f"{server.host}:{server.port}: {_words(error)}") from error
        self._smtp = smtp
        if server.password is not None or server.token is not None:
            self._log_in(smtp)
        return smtp

    def _open(self) -> smtplib.SMTP:
        server = self._server
        context = self._context or ssl.create_default_context()
        smtp: smtplib.SMTP
        if server.security is Security.TLS:
            smtp = smtplib.SMTP_SSL(
                server.host, server.port, timeout=self._timeout, context=context
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=self._timeout)
            if server.security is Security.STARTTLS:
                smtp.starttls(context=context)
        smtp.ehlo()
        if smtp.sock is not None:
            # The final dot would wait for the answer to the text before it: Nagle's algorithm.
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return smtp

    def _log_in(self, smtp: smtplib.SMTP) -> None:
        """Authenticate with the password or the token (XOAUTH2); the secret is read here only."""
        server = self._server
        try:
            if server.token is not None:
                words = f"user={server.user}\1auth=Bearer {revealed(server.token)}\1\1"
                smtp.auth("XOAUTH2", lambda challenge=None: "" if challenge else words)
            elif server.password is not None:
                _sign_in(smtp, server.user, revealed(server.password))
        except smtplib.SMTPAuthenticationError as error:
            self._drop()
            words = f"{server.host}: {error.smtp_code} {_text(error.smtp_error)}"
            if error.smtp_code in _WRONG_LOGIN:
                raise LoginRefused(words, hint="check user and password") from None
            raise Throttled(words, wait=timedelta(minutes=15)) from None
        except smtplib.SMTPNotSupportedError:
            self._drop()
            raise ServerFault(
                f"{server.host}: no way to log in is offered",
                hint='is "security" right? Many servers offer logins only over TLS',
            ) from None
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise ServerFault(f"{server.host}: {_words(error)}") from None
        except ServerFault:  # the password cannot be had
            self._drop()
            raise

    def close(self) -> None:
        """Say goodbye; never raises."""
        if self._smtp is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._smtp.quit()
        self._drop()

    def _reset(self, smtp: smtplib.SMTP) -> None:
        with suppress(smtplib.SMTPException, OSError):
            smtp.rset()

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None


def _with(delivery: Delivery, turned: Sequence[tuple[str, int, bytes]]) -> Delivery:
    """Name whom the server turned away beside what it said of the mail."""
    if not turned:
        return delivery
    words = "; ".join(f"not to {address}: {code} {_text(text)}" for address, code, text in turned)
    return replace(delivery, text=f"{delivery.text}; {words}"[:1000])


def _sign_in(smtp: smtplib.SMTP, user: str, password: str) -> None:
    """Log in by one mechanism: smtplib's `login` tries them all, and a server counts each try."""
    smtp.user, smtp.password = user, password
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" in offered:
        smtp.auth("PLAIN", smtp.auth_plain)
    elif "LOGIN" in offered:
        smtp.auth("LOGIN", smtp.auth_login)
    elif "CRAM-MD5" in offered:
        smtp.auth("CRAM-MD5", smtp.auth_cram_md5)
    else:
        raise smtplib.SMTPNotSupportedError


def _answer(code: int, text: bytes, verb: str) -> Delivery:
    """Return the outcome of a reply code (RFC 5321 section 4.2.1): 4yz comes back, 5yz does not."""
    refused = 500 <= code < 600
    return Delivery(Outcome.REFUSED if refused else Outcome.DEFERRED, code, _text(text), verb)


def _text(text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join(words.split())[:300]


def _words(error: Exception) -> str:
    plain = error.strerror if isinstance(error, OSError) else ""
    return _text(plain or str(error) or type(error).__name__)
