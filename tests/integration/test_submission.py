"""Submission against a real SMTP server that is told where to fail."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from integration.loopback import self_signed
from integration.postfix import Postfix
from integration.sink import Sink
from mailhours.model.faults import CertificateFault, LoginRefused, ServerFault
from mailhours.model.reply import Outcome
from mailhours.model.server import Security, Server
from mailhours.outbox.smtp import Submission

MAIL = b"From: dana@studio.example\r\nTo: kari@fjord.example\r\n\r\nHello\r\n.\r\n.. dots\r\n"
DANA, KARI = "dana@studio.example", "kari@fjord.example"


@dataclass(frozen=True)
class Known:
    value: str
    reference: str = "env:TEST"

    def reveal(self) -> str:
        return self.value


def server(sink: Sink, security: Security = Security.NONE, password: str = "") -> Server:
    return Server("127.0.0.1", sink.port, security, DANA, Known(password) if password else None)


def submit(sink: Sink, timeout: float = 5.0) -> object:
    submission = Submission(server(sink), timeout=timeout)
    try:
        return submission.submit(MAIL, DANA, KARI)
    finally:
        submission.close()


def test_a_mail_arrives_as_it_was_formed_for_one_recipient(sink: Sink) -> None:
    delivery = submit(sink)

    assert delivery.outcome is Outcome.SUBMITTED
    (mail,) = sink.wait(1)
    assert (mail.sender, mail.recipients) == (DANA, (KARI,))
    assert mail.raw.replace(b"\r\n", b"\n") == MAIL.replace(b"\r\n", b"\n")


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "BODY"])
@pytest.mark.parametrize(
    ("answer", "outcome"),
    [("451 4.3.0 later", Outcome.DEFERRED), ("550 5.1.1 nobody", Outcome.REFUSED)],
)
def test_every_verb_tells_later_from_never(
    sink: Sink, verb: str, answer: str, outcome: Outcome
) -> None:
    sink.answer(verb, answer)

    delivery = submit(sink)

    assert delivery.outcome is outcome
    assert delivery.code == int(answer[:3])
    assert delivery.verb == ("DATA" if verb == "BODY" else verb)
    assert not sink.messages


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
def test_a_connection_lost_before_the_body_is_tried_again_later(sink: Sink, verb: str) -> None:
    sink.drop(verb)

    assert submit(sink).outcome is Outcome.DEFERRED
    assert not sink.messages


def test_a_connection_lost_after_the_dot_leaves_doubt(sink: Sink) -> None:
    sink.drop("BODY")

    assert submit(sink).outcome is Outcome.DOUBTFUL
    assert len(sink.messages) == 1


def test_a_server_that_is_silent_after_the_dot_leaves_doubt(sink: Sink) -> None:
    sink.slow("BODY", 2.0)

    assert submit(sink, timeout=0.5).outcome is Outcome.DOUBTFUL


def test_no_server_is_a_fault_and_not_a_delivery() -> None:
    with pytest.raises(ServerFault, match=r"127\.0\.0\.1:1"):
        Submission(Server("127.0.0.1", 1, Security.NONE, DANA)).submit(MAIL, DANA, KARI)


def test_a_wrong_password_is_refused_and_never_shown() -> None:
    with Sink(auth=True) as sink:
        submission = Submission(server(sink, password="tr0ub4dor"))

        with pytest.raises(LoginRefused) as caught:
            submission.submit(MAIL, DANA, KARI)

    assert "tr0ub4dor" not in f"{caught.value!r} {caught.value} {caught.value.__cause__}"


def test_login_and_starttls_with_a_trusted_certificate(tmp_path: Path) -> None:
    certificate = self_signed(tmp_path)
    with Sink(auth=True, starttls=certificate) as sink:
        submission = Submission(
            server(sink, Security.STARTTLS, sink.password), context=certificate.for_client()
        )

        assert submission.submit(MAIL, DANA, KARI).outcome is Outcome.SUBMITTED
        submission.close()
        assert sink.messages[0].tls
        assert sink.messages[0].user == DANA


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_a_certificate_that_nobody_vouches_for_ends_it(security: Security, tmp_path: Path) -> None:
    pair = self_signed(tmp_path)
    held = {"tls": pair} if security is Security.TLS else {"starttls": pair}
    with Sink(**held) as sink, pytest.raises(CertificateFault):
        Submission(server(sink, security)).submit(MAIL, DANA, KARI)


def test_one_connection_carries_a_whole_batch(sink: Sink) -> None:
    submission = Submission(server(sink))
    for _ in range(3):
        assert submission.submit(MAIL, DANA, KARI).outcome is Outcome.SUBMITTED
    submission.close()

    assert len(sink.wait(3)) == 3
    assert sum(line.upper().startswith("EHLO") for line in sink.heard) == 1


def test_after_a_refusal_the_next_mail_of_the_batch_goes_on(sink: Sink) -> None:
    sink.answer("RCPT", "550 5.1.1 nobody")
    submission = Submission(server(sink))

    first = submission.submit(MAIL, DANA, "gone@fjord.example")
    second = submission.submit(MAIL, DANA, KARI)
    submission.close()

    assert (first.outcome, second.outcome) == (Outcome.REFUSED, Outcome.SUBMITTED)


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_real_server_takes_login_and_mail_over_tls(postfix: Postfix, security: Security) -> None:
    user = postfix.user("studio.example")
    client = postfix.user("client.example")
    port = postfix.tls_port if security is Security.TLS else postfix.port
    login = Server("127.0.0.1", port, security, user, Known(postfix.dovecot.password))
    submission = Submission(login, context=postfix.dovecot.certificate.for_client())

    delivery = submission.submit(MAIL, user, client)
    submission.close()

    assert delivery.outcome is Outcome.SUBMITTED
    (mail,) = postfix.delivered(client)
    assert b"Hello" in mail


def test_a_real_server_refuses_a_wrong_password(postfix: Postfix) -> None:
    user = postfix.user("studio.example")
    login = Server("127.0.0.1", postfix.port, Security.STARTTLS, user, Known("wrong"))
    submission = Submission(login, context=postfix.dovecot.certificate.for_client())

    with pytest.raises(LoginRefused):
        submission.submit(MAIL, user, user)
