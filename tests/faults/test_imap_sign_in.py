"""Reaching an IMAP server and signing in: each failure gets its own name."""

from __future__ import annotations

import ssl
from datetime import timedelta

import pytest

from fakes import NOW, MemoryKnown
from mailboxes import Word, mail, polled, settings, texts
from mailhours.mailbox.backoff import Block, Why, after, may_poll
from mailhours.mailbox.imap import ImapMailbox
from mailhours.mailbox.imap_faults import Lost
from mailhours.model.faults import (
    CertificateFault,
    LoginRefused,
    Throttled,
)
from mailhours.model.server import Security, Server

ALL = texts(1, 2, 3, 4, 5)


@pytest.mark.parametrize(
    ("greeting", "script", "expected"),
    [
        pytest.param(b"* BYE too many connections\r\n", {}, Throttled, id="01 greeting is BYE"),
        pytest.param(b"", {}, Lost, id="02 greeting never comes"),
        pytest.param(b"HTTP/1.1 400 Bad Request\r\n", {}, Lost, id="03 a web server answers"),
        pytest.param(
            None,
            {"LOGIN": b"{tag} NO [AUTHENTICATIONFAILED] Invalid credentials\r\n"},
            LoginRefused,
            id="04 wrong password",
        ),
        pytest.param(
            None, {"LOGIN": b"{tag} NO Login failed.\r\n"}, LoginRefused, id="04 without a code"
        ),
        pytest.param(
            None,
            {"LOGIN": b"{tag} NO [UNAVAILABLE] Temporary authentication failure\r\n"},
            Throttled,
            id="05 login server is down",
        ),
        pytest.param(
            None,
            {"LOGIN": b"{tag} NO [LIMIT] Maximum number of connections exceeded\r\n"},
            Throttled,
            id="05 too many connections",
        ),
        pytest.param(
            None,
            {"LOGIN": lambda c, w: w.send(b"* BYE [ALERT] go away\r\n") or w.hang_up()},
            Throttled,
            id="06 BYE during the login",
        ),
        pytest.param(None, {"LOGIN": b"{tag} OK\r\n"}, Lost, id="OK without words"),
        pytest.param(None, {"LOGIN": lambda c, w: w.hang_up()}, Lost, id="hung up at the login"),
        pytest.param(None, {"LOGIN": b"\xff\x00 nonsense\r\n"}, Lost, id="nonsense at the login"),
    ],
)
def test_a_login_that_fails_is_told_for_what_it_is(
    fake_imap, box, greeting, script, expected, imap
):
    server = fake_imap(
        {**box.script(), **script}, greeting=b"* OK ready\r\n" if greeting is None else greeting
    )

    [fault] = polled(imap(server.port), MemoryKnown())

    assert type(fault) is expected
    assert "pass" not in str(fault).replace("password", "")


def test_04_a_wrong_password_is_tried_three_times_and_then_left_alone(fake_imap, box, imap):
    server = fake_imap({**box.script(), "LOGIN": b"{tag} NO [AUTHENTICATIONFAILED] no\r\n"})
    block, now = Block(), NOW
    for _ in range(100):
        if may_poll(block, now, lambda: "a"):
            [fault] = polled(imap(server.port), MemoryKnown(), now=now)
            block = after(fault, now, Block.from_json(block.to_json()), lambda: 1.0, "a")
        now += timedelta(minutes=30)

    assert server.verbs().count("LOGIN") == 3
    assert block.why is Why.STOPPED


def test_05_an_outage_never_stops_the_tries(fake_imap, box, imap):
    server = fake_imap({**box.script(), "LOGIN": b"{tag} NO [UNAVAILABLE] later\r\n"})
    block = Block()
    for _ in range(6):
        [fault] = polled(imap(server.port), MemoryKnown())
        block = after(fault, NOW, block, lambda: 1.0, "a")

    assert block.why is Why.THROTTLED


@pytest.mark.parametrize(
    ("host", "trusted"),
    [
        pytest.param("127.0.0.1", False, id="07 self-signed"),
        pytest.param("127.1", True, id="07 another host's"),
    ],
)
def test_a_certificate_that_is_not_to_be_trusted_is_not_trusted(dovecot, host, trusted):
    login = Server(host, dovecot.tls_port, Security.TLS, dovecot.user(), Word("pass"))
    context = dovecot.certificate.for_client if trusted else ssl.create_default_context

    [fault] = polled(ImapMailbox(settings(server=login), context=context), MemoryKnown())

    assert type(fault) is CertificateFault


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_07_a_certificate_that_is_in_order_is_good(dovecot, security):
    user = dovecot.user()
    dovecot.deliver(user, mail(1), received=NOW)
    port = dovecot.tls_port if security is Security.TLS else dovecot.port
    login = Server("localhost", port, security, user, Word("pass"))
    mailbox = ImapMailbox(settings(server=login), context=dovecot.certificate.for_client)
    known = MemoryKnown()

    assert polled(mailbox, known) == []
    mailbox.close()
    assert known.texts() == texts(1)


def test_07_without_starttls_nothing_is_sent(fake_imap, box, imap):
    server = fake_imap(box.script())

    [fault] = polled(imap(server.port, security=Security.STARTTLS), MemoryKnown())

    assert type(fault) is Lost
    assert "LOGIN" not in server.verbs()


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_08_a_token_that_has_expired_is_asked_for_once_more(fake_imap, box, mechanism, imap):
    heard = []

    def authenticate(command, wire):
        wire.send(b"+ \r\n")
        heard.append(wire.line())
        if len(heard) == 1:
            wire.send(b"+ eyJzdGF0dXMiOiI0MDEifQ==\r\n")
            heard.append(wire.line())
            return b"{tag} NO [AUTHENTICATIONFAILED] expired\r\n"
        return b"{tag} OK in\r\n"

    box.capabilities += f" AUTH={mechanism}".encode()
    server = fake_imap({**box.script(), "AUTHENTICATE": authenticate})
    token = Word(["stale", "fresh"])
    known = MemoryKnown()

    assert polled(imap(server.port, token=token, password=None), known) == []
    assert known.texts() == ALL
    assert len(heard) == 3
    assert heard[1] != heard[0]  # the refusal was not answered with the token once more
    assert server.connections == 2


def test_08_a_token_that_stays_refused_is_not_asked_for_for_ever(fake_imap, box, imap):
    def authenticate(command, wire):
        wire.send(b"+ \r\n")
        wire.line()
        return b"{tag} NO [AUTHENTICATIONFAILED] expired\r\n"

    box.capabilities += b" AUTH=XOAUTH2"
    server = fake_imap({**box.script(), "AUTHENTICATE": authenticate})

    [fault] = polled(imap(server.port, token=Word("stale"), password=None), MemoryKnown())

    assert type(fault) is LoginRefused
    assert server.connections == 2


def test_a_password_that_is_not_ascii_works(fake_imap, box, imap):
    heard = []

    def authenticate(command, wire):
        wire.send(b"+ \r\n")
        heard.append(wire.line())
        return b"{tag} OK in\r\n"

    box.capabilities += b" AUTH=PLAIN"
    server = fake_imap({**box.script(), "AUTHENTICATE": authenticate})
    known = MemoryKnown()

    assert polled(imap(server.port, password=Word("pæss")), known) == []
    assert known.texts() == ALL
    assert "LOGIN" not in server.verbs()
