"""A scripted SMTP server: it keeps what it is sent, and fails where a test tells it to.

    sink.answer("RCPT", "451 4.3.0 later")        the next RCPT
    sink.answer("BODY", "554 5.7.1 no", times=3)  after the dot; the mail is not kept
    sink.drop("DATA")                             the connection is gone before the body
    sink.drop("BODY")                             the mail is kept, but its answer is lost
    sink.slow("EHLO", 2.0)                        two seconds late, then as usual

Verbs: CONNECT EHLO STARTTLS AUTH MAIL RCPT DATA BODY RSET NOOP QUIT; BODY is the end of the data.
"""

from __future__ import annotations

import asyncio
import email
import ssl
import threading
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from typing import Any, Self, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from integration.loopback import HOST, Certificate, free_port

FOR_EVER = 1_000_000


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that the sink kept, with its envelope."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    user: str | None  # who had logged in
    tls: bool

    @property
    def message(self) -> EmailMessage:
        """The mail as its reader sees it."""
        return email.message_from_bytes(self.raw, policy=SMTP_POLICY)  # type: ignore[return-value]


@dataclass(slots=True)
class _Rule:
    """What happens at a verb instead of the usual, and how often."""

    verb: str
    times: int
    about: str
    answer: str = ""
    drop: bool = False
    seconds: float = 0.0


class Sink:
    """An SMTP server: `with Sink() as sink: ...; sink.wait(1)`. Login: any user, password `pass`."""

    host = HOST
    password = "pass"

    def __init__(
        self,
        *,
        auth: bool = False,
        starttls: Certificate | None = None,
        tls: Certificate | None = None,
    ) -> None:
        self.port = free_port()
        self.messages: list[Mail] = []
        self.heard: list[str] = []  # every command line, passwords left out
        self.logins: list[str] = []
        self._rules: list[_Rule] = []
        self._changed = threading.Condition()
        self._auth = auth
        self._starttls = starttls.for_server() if starttls else None
        self._controller = _Controller(self, tls.for_server() if tls else None)

    def answer(self, verb: str, line: str, *, times: int = 1, about: str = "") -> None:
        """Say this at the next `times` such verbs (whose line contains `about`)."""
        self._rules.append(_Rule(verb, times, about.lower(), answer=line))

    def drop(self, verb: str, *, times: int = 1, about: str = "") -> None:
        """Reset the connection instead of an answer."""
        self._rules.append(_Rule(verb, times, about.lower(), drop=True))

    def slow(self, verb: str, seconds: float, *, times: int = 1, about: str = "") -> None:
        """Wait, then go on as usual."""
        self._rules.append(_Rule(verb, times, about.lower(), seconds=seconds))

    def behave(self) -> None:
        """Forget all rules."""
        self._rules.clear()

    def wait(self, count: int, patience: float = 10.0) -> list[Mail]:
        """Wait until so many mails were kept."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.messages) >= count, patience):
                message = f"the sink kept {len(self.messages)} of {count} mails: {self.heard}"
                raise TimeoutError(message)
            return list(self.messages)

    def start(self) -> Self:
        """Listen."""
        self._controller.start()
        return self

    def stop(self) -> None:
        """Listen no more."""
        self._controller.stop(no_assert=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _rule(self, verb: str, line: str) -> _Rule | None:
        for rule in self._rules:
            if rule.verb == verb and rule.times > 0 and rule.about in line.lower():
                rule.times -= 1
                return rule
        return None

    def _keep(self, mail: Mail) -> None:
        with self._changed:
            self.messages.append(mail)
            self._changed.notify_all()

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        user = cast("LoginPassword", data).login.decode()
        right = cast("LoginPassword", data).password == self.password.encode()
        self.logins.append(f"{mechanism} {user} {'ok' if right else 'refused'}")
        return AuthResult(success=right, handled=False, auth_data=user)


class _Controller(Controller):
    def __init__(self, sink: Sink, tls: ssl.SSLContext | None) -> None:
        self.sink = sink
        super().__init__(
            handler=_Keeper(sink), hostname=HOST, port=sink.port, ssl_context=tls, ready_timeout=10
        )

    def factory(self) -> SMTP:
        return _Server(
            self.sink,
            self.handler,
            hostname="sink.test.example",
            enable_SMTPUTF8=True,
            tls_context=self.sink._starttls,
            authenticator=self.sink._authenticate if self.sink._auth else None,
            auth_exclude_mechanism=() if self.sink._auth else ("LOGIN", "PLAIN"),
            auth_require_tls=False,
            loop=self.loop,
        )


class _Keeper:
    """aiosmtpd's handler: what happens after the dot."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink

    async def handle_DATA(self, server: _Server, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.sink.heard.append("BODY")
        mail = Mail(
            sender=envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
            raw=bytes(envelope.original_content or b""),
            user=cast("str", session.auth_data) if session.authenticated else None,
            tls=session.ssl is not None
            or server.transport.get_extra_info("sslcontext") is not None,
        )
        rule = self.sink._rule("BODY", "BODY")
        if rule is not None and rule.answer:
            return rule.answer
        self.sink._keep(mail)
        if rule is not None:
            await server.obey(rule)
        return "250 2.0.0 kept"


class _Server(SMTP):
    """aiosmtpd's dialogue, with a look at the rules before every verb."""

    def __init__(self, sink: Sink, *args: Any, **options: Any) -> None:
        self.sink = sink
        super().__init__(*args, **options)
        self._smtp_methods = {
            verb: self._watched(verb, method) for verb, method in self._smtp_methods.items()
        }

    def _watched(self, verb: str, method: Any) -> Any:
        async def watched(argument: str | None) -> None:
            line = f"{verb} {argument}" if argument else verb
            self.sink.heard.append(line if verb != "AUTH" else line[:10].rstrip())
            rule = self.sink._rule(verb, line)
            if rule is None or not await self.obey(rule):
                await method(argument)

        return watched

    async def _handle_client(self) -> None:
        rule = self.sink._rule("CONNECT", "CONNECT")
        if rule is not None and await self.obey(rule):
            self.transport.close()
            return
        await super()._handle_client()

    async def obey(self, rule: _Rule) -> bool:
        """Do what the rule says; False if the usual comes after it."""
        if rule.drop:
            self.transport.abort()
            await asyncio.Event().wait()  # until the loss of the connection cancels this
        if rule.answer:
            await self.push(rule.answer)
            return True
        await asyncio.sleep(rule.seconds)
        return False
