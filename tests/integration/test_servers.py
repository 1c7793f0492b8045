"""The servers that the tests stand on stand themselves."""

from __future__ import annotations

import smtplib
import socket
import ssl
import subprocess
import time
from datetime import UTC, datetime

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from integration.chaosproxy import UP, cut, drop, garbage, reset, stall
from integration.loopback import self_signed
from integration.sink import FOR_EVER, Sink

MAIL = (
    b"From: Kari <kari@client.example>\r\nTo: dana@studio.example\r\nSubject: Logo\r\n"
    b"Message-ID: <1@client.example>\r\n\r\nIs the logo ready?\r\n"
)


def logged_in(server, user: str) -> IMAPClient:
    client = IMAPClient(server.host, server.port, ssl=False, timeout=10)
    client.login(user, "pass")
    return client


def submit(server, mail: bytes = MAIL, *, to: tuple[str, ...] = ("dana@studio.example",)):
    with smtplib.SMTP(server.host, server.port, timeout=10) as client:
        return client.sendmail("kari@client.example", to, mail)


def test_dovecot_shows_a_delivered_mail_with_its_date_and_flags(dovecot):
    user = dovecot.user()
    at = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
    dovecot.deliver(user, MAIL, received=at)
    dovecot.deliver(user, MAIL, folder="Sent", flags="S")

    with logged_in(dovecot, user) as client:
        client.normalise_times = False
        client.select_folder("INBOX", readonly=True)
        found = client.fetch([1], ["INTERNALDATE", "BODY.PEEK[HEADER.FIELDS (SUBJECT)]"])[1]
        client.select_folder("Sent", readonly=True)
        sent = client.fetch([1], ["FLAGS"])[1]

    assert at == found[b"INTERNALDATE"]
    assert b"Subject: Logo" in found[b"BODY[HEADER.FIELDS (SUBJECT)]"]
    assert b"\\Seen" in sent[b"FLAGS"]


def test_dovecot_gives_each_user_an_empty_mailbox_with_the_usual_folders(dovecot):
    with logged_in(dovecot, dovecot.user()) as client:
        folders = {name: flags for flags, _, name in client.list_folders()}
        messages = client.select_folder("INBOX")[b"EXISTS"]

    assert {"INBOX", "Sent", "Drafts", "Check-in"} == set(folders)
    assert b"\\Sent" in folders["Sent"]
    assert messages == 0


def test_dovecot_speaks_tls_with_a_certificate_that_can_be_trusted(dovecot):
    context = dovecot.certificate.for_client()

    with IMAPClient(dovecot.host, dovecot.tls_port, ssl_context=context, timeout=10) as client:
        assert client.login(dovecot.user(), "pass")
    with (
        pytest.raises(ssl.SSLCertVerificationError),
        socket.create_connection((dovecot.host, dovecot.tls_port)) as plain,
    ):
        ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")


def test_dovecot_renumbers_a_mailbox_when_told_to(dovecot):
    user = dovecot.user()
    dovecot.deliver(user, MAIL)
    with logged_in(dovecot, user) as client:
        before = client.select_folder("INBOX")
    dovecot.reset_uidvalidity(user)
    with logged_in(dovecot, user) as client:
        after = client.select_folder("INBOX")

    assert before[b"UIDVALIDITY"] != after[b"UIDVALIDITY"]
    assert before[b"EXISTS"] == after[b"EXISTS"] == 1


def test_dovecot_refuses_a_wrong_password(dovecot):
    with IMAPClient(dovecot.host, dovecot.port, ssl=False) as client, pytest.raises(LoginError):
        client.login(dovecot.user(), "wrong")


def test_postfix_delivers_into_a_dovecot_mailbox(dovecot, postfix):
    user = postfix.user("studio.example")

    refused = submit(postfix, to=(user,))

    assert not refused
    assert b"Is the logo ready?" in postfix.delivered(user)[0]
    with logged_in(dovecot, user) as client:
        client.select_folder("INBOX")
        assert client.search(["SUBJECT", "Logo"]) == [1]


def test_postfix_offers_tls_and_login(postfix):
    context = postfix.certificate.for_client()
    user = postfix.user()

    with smtplib.SMTP(postfix.host, postfix.port, timeout=10) as client:
        client.starttls(context=context)
        client.login(user, "pass")
        client.sendmail(user, [user], MAIL)
    with smtplib.SMTP_SSL(postfix.host, postfix.tls_port, context=context, timeout=10) as client:
        client.sendmail(user, [user.replace("@", "+web@")], MAIL)

    assert len(postfix.delivered(user, 2)) == 2


def test_postfix_refuses_a_stranger(postfix):
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        submit(postfix, to=("nobody@studio.example",))


def test_the_sink_records_mail_and_envelope(sink):
    submit(sink, to=("dana@studio.example", "kim@studio.example"))

    (mail,) = sink.wait(1)
    assert mail.sender == "kari@client.example"
    assert mail.recipients == ("dana@studio.example", "kim@studio.example")
    assert mail.message["Subject"] == "Logo"
    assert mail.raw == MAIL
    assert not mail.tls


def test_the_sink_answers_a_verb_as_told_and_then_as_usual(sink):
    sink.answer("RCPT", "451 4.3.0 later", about="kim@")
    sink.answer("BODY", "554 5.7.1 no")

    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        submit(sink, to=("kim@studio.example",))
    with pytest.raises(smtplib.SMTPDataError) as rejected:
        submit(sink)
    submit(sink)

    assert refused.value.recipients["kim@studio.example"][0] == 451
    assert rejected.value.smtp_code == 554
    assert len(sink.messages) == 1


def test_the_sink_hangs_up_before_the_body_or_loses_the_answer_after_it(sink):
    sink.drop("DATA")
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
        submit(sink)
    assert not sink.messages

    sink.drop("BODY")
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
        submit(sink)
    assert len(sink.messages) == 1


def test_the_sink_refuses_a_connection_and_can_be_slow(sink):
    sink.answer("CONNECT", "421 4.3.2 come back later")
    with pytest.raises(smtplib.SMTPConnectError):
        submit(sink)

    sink.slow("BODY", 0.3, times=FOR_EVER)
    began = time.monotonic()
    submit(sink)
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize("how", ["starttls", "tls"])
def test_the_sink_speaks_tls_and_takes_a_login(how, tmp_path):
    pair = self_signed(tmp_path)
    with Sink(auth=True, **{how: pair}) as sink:
        if how == "tls":
            client = smtplib.SMTP_SSL(sink.host, sink.port, context=pair.for_client(), timeout=10)
        else:
            client = smtplib.SMTP(sink.host, sink.port, timeout=10)
            client.starttls(context=pair.for_client())
        with client:
            with pytest.raises(smtplib.SMTPAuthenticationError):
                client.login("dana", "wrong")
            client.login("dana", "pass")
            client.sendmail("dana@studio.example", ["kari@client.example"], MAIL)

        (mail,) = sink.wait(1)
    assert mail.tls
    assert mail.user == "dana"


def test_the_fake_imap_server_talks_to_imapclient(fake_imap):
    literal = b"* 1 FETCH (UID 7 BODY[] {5}\r\nhello)\r\n{tag} OK done\r\n"
    server = fake_imap(
        {
            "SELECT": b"* 1 EXISTS\r\n* OK [UIDVALIDITY 3] x\r\n{tag} OK [READ-WRITE] done\r\n",
            "UID FETCH": [literal, b"{tag} NO [SERVERBUG] tired\r\n"],
        }
    )

    client = logged_in(server, "dana")
    assert client.select_folder("INBOX")[b"UIDVALIDITY"] == 3
    assert client.fetch([7], ["BODY.PEEK[]"])[7][b"BODY[]"] == b"hello"
    with pytest.raises(client.Error, match="tired"):
        client.fetch([7], ["BODY.PEEK[]"])
    client.logout()

    assert server.verbs()[-4:] == ["SELECT", "UID FETCH", "UID FETCH", "LOGOUT"]


def test_the_fake_imap_server_takes_a_literal_and_hangs_up(fake_imap):
    server = fake_imap({"APPEND": lambda _command, wire: wire.reset()})

    client = logged_in(server, "dana")
    with pytest.raises((OSError, client.AbortError)):
        client.append("Sent", MAIL)
    client.shutdown()

    assert MAIL in server.heard[-1].rest


def echo_through(proxy, sent: bytes, expect: int, timeout: float = 5.0) -> bytes:
    with socket.create_connection((proxy.host, proxy.port), timeout=timeout) as client:
        client.sendall(sent)
        got = b""
        while len(got) < expect and (piece := client.recv(1000)):
            got += piece
        return got


@pytest.fixture
def echo(fake_imap):
    """A server that greets with ten letters and repeats a line."""
    return fake_imap(
        {"SAY": lambda command, _wire: command.rest, "LLO": b"llo"}, greeting=b"0123456789"
    )


def test_the_proxy_passes_everything_when_no_fault_is_due(chaos, echo):
    assert echo_through(chaos(echo.port), b"a SAY hello\r\n", 15) == b"0123456789hello"


@pytest.mark.parametrize(
    ("fault", "got"),
    [
        pytest.param(cut(4), b"0123", id="cut"),
        pytest.param(garbage(4, b"***"), b"0123***456789hello", id="garbage"),
        pytest.param(drop(4, 5), b"01239hello", id="drop within a piece"),
        pytest.param(drop(8, 4), b"01234567llo", id="drop over two pieces"),
        pytest.param(drop(2, 6, direction=UP), b"0123456789llo", id="drop on the way up"),
    ],
)
def test_the_proxy_spoils_one_connection_at_an_exact_byte(chaos, echo, fault, got):
    proxy = chaos(echo.port)
    proxy.next(fault)

    assert echo_through(proxy, b"a SAY hello\r\n", len(got)) == got
    assert echo_through(proxy, b"a SAY hello\r\n", 15) == b"0123456789hello"


def test_the_proxy_stalls_and_resets(chaos, echo):
    proxy = chaos(echo.port)
    proxy.next(stall(4))
    proxy.next(reset(4))

    with pytest.raises(TimeoutError):
        echo_through(proxy, b"", 10, timeout=0.3)
    with pytest.raises(ConnectionResetError):
        echo_through(proxy, b"", 10)


def test_a_screenshot_is_a_png_and_dark_mode_differs(screenshot, tmp_path):
    page = (
        "<meta name='color-scheme' content='light dark'><style>body{background:#fff}"
        "@media(prefers-color-scheme:dark){body{background:#111;color:#eee}}</style><h1>10:00</h1>"
    )

    light = screenshot(page, tmp_path / "light.png").read_bytes()
    dark = screenshot(page, tmp_path / "dark.png", width=390, dark=True).read_bytes()

    assert light.startswith(b"\x89PNG\r\n\x1a\n")
    assert int.from_bytes(light[16:20]) == 720
    assert int.from_bytes(dark[16:20]) == 390
    assert light[-200:] != dark[-200:]


def test_no_connection_leaves_the_machine():
    # pytest-socket warns before it raises, and a warning is an error here.
    with pytest.raises((RuntimeError, UserWarning), match=r"192\.0\.2\.1"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


def test_the_machines_zone_is_nobodys(tmp_path):
    zone = subprocess.run(["date", "+%z"], check=True, capture_output=True, text=True).stdout

    assert zone.strip() in {"+1245", "+1345"}
