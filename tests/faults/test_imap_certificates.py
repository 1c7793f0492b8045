"""07: a certificate that is not to be trusted: nothing is said to that server, and the owner is told."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from integration.dovecot import Dovecot
from integration.loopback import expired
from integration.sink import Sink
from integration.test_held_replies import MONDAY, QUESTION, Clock, configured, read_quickly
from mailhours.mailbox.backoff import Block, Why
from mailhours.model.faults import CertificateFault
from mailhours.service import jobs, overview
from mailhours.service.account import Account, open_account


@pytest.fixture(scope="module")
def stale() -> Iterator[Dovecot]:
    """A server whose certificate ended yesterday."""
    with Dovecot(certificate=expired) as server:
        yield server


@dataclass
class House:
    """An account on a server that cannot be trusted."""

    account: Account
    server: Dovecot
    user: str
    clock: Clock

    def fault(self) -> CertificateFault:
        [fault] = jobs.poll(self.account).faults
        return fault

    def later(self, **by: int) -> None:
        self.clock.now += timedelta(**by)

    def was_spoken_to(self) -> bool:
        return f"<{self.user}>" in self.server.log()


CASES = [
    pytest.param("stale", "localhost", True, "certificate has expired", id="07 expired"),
    pytest.param("dovecot", "127.1", True, "not valid for '127.1'", id="07 another host's"),
    pytest.param("dovecot", "localhost", False, "self-signed", id="07 self-signed"),
    pytest.param("stale", "localhost", False, "self-signed", id="07 self-signed and expired"),
]


@pytest.fixture
def make(request, tmp_path: Path, sink: Sink, monkeypatch) -> Iterator[Callable[..., House]]:
    opened = []

    def made(which: str, host: str, *, trusted: bool, security: str) -> House:
        server, clock = request.getfixturevalue(which), Clock()
        user = server.user()
        server.deliver(user, QUESTION, received=MONDAY - timedelta(hours=1))
        if trusted:  # what it vouches for, the machine believes
            monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate.cert))
        port = server.tls_port if security == "tls" else server.port
        login = f'host = "{host}"\nport = {port}\nsecurity = "{security}"\nuser = "{user}"'
        settings = configured(tmp_path, f'{login}\npassword = "env:SECRET"', sink)
        (tmp_path / "state").mkdir()
        account = open_account(settings, tmp_path / "state", clock)
        read_quickly(account)
        opened.append(account)
        return House(account, server, user, clock)

    yield made
    for account in opened:
        account.close()


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize(("which", "host", "trusted", "words"), CASES)
def test_nothing_is_said_to_a_server_that_cannot_be_trusted(
    make, which, host, trusted, words, security
):
    house = make(which, host, trusted=trusted, security=security)

    with capture_logs() as logs:
        fault = house.fault()

    assert type(fault) is CertificateFault
    assert words in fault.what
    assert fault.hint
    assert not house.was_spoken_to()
    [line] = [log for log in logs if log["event"] == "deaf"]
    assert line["mailbox"] == "main"
    assert words in line["why"]
    assert line["hint"] == fault.hint
    block = Block.from_json(json.loads(house.account.ledger.health.block("main")))
    assert (block.why, block.until) == (Why.CERTIFICATE, house.clock() + timedelta(minutes=15))
    [deaf] = overview.day_of(house.account, MONDAY.date(), {}, []).health.deaf
    assert words in deaf.why


def test_07_an_expired_certificate_is_asked_for_every_quarter_of_an_hour_and_told_once(make):
    house = make("stale", "localhost", trusted=True, security="tls")
    with capture_logs() as logs:
        house.fault()
        spent = time.process_time()
        for _ in range(50):  # the service ticks on
            house.later(seconds=17)
            house.fault()
        spent = time.process_time() - spent
        house.later(minutes=15)
        house.fault()

    assert [log["event"] for log in logs] == ["deaf"]
    assert spent < 1
    assert not house.was_spoken_to()


def test_07_a_server_that_the_machine_learns_to_trust_is_read_without_a_restart(make, monkeypatch):
    house = make("dovecot", "localhost", trusted=False, security="tls")
    house.fault()
    monkeypatch.setenv("SSL_CERT_FILE", str(house.server.certificate.cert))
    house.later(minutes=15)

    with capture_logs() as logs:
        polled = jobs.poll(house.account)

    assert polled.complete
    assert polled.logged == 1
    assert "hears_again" in [log["event"] for log in logs]
    assert house.account.ledger.health.block("main") == ""
