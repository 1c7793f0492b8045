"""Where servers are looked for, in which order, and what is believed."""

from __future__ import annotations

import pytest

from mailhours.model.server import Security
from mailhours.service.discovery import discover
from mailhours.service.providers import PROVIDERS, by_exchanger
from mailhours.settings.written import FREEMAIL

XML = b"""<?xml version="1.0"?><clientConfig version="1.1"><emailProvider id="x">
<incomingServer type="pop3"><hostname>pop.x</hostname><port>995</port>
<socketType>SSL</socketType></incomingServer>
<incomingServer type="imap"><hostname>in.studio.example</hostname><port>143</port>
<socketType>plain</socketType></incomingServer>
<incomingServer type="imap"><hostname>in.studio.example</hostname><port>993</port>
<socketType>SSL</socketType></incomingServer>
<outgoingServer type="smtp"><hostname>out.studio.example</hostname><port>587</port>
<socketType>STARTTLS</socketType></outgoingServer></emailProvider></clientConfig>"""


class Net:
    """A small world."""

    def __init__(self, pages=(), mx=(), srv=(), open_ports=()) -> None:
        self.pages, self.mx, self.srv = dict(pages), list(mx), dict(srv)
        self.open_ports, self.asked = set(open_ports), []

    def fetch(self, url: str) -> bytes:
        self.asked.append(url)
        return self.pages.get(url, b"")

    def exchangers(self, name: str) -> list[str]:
        return self.mx

    def services(self, name: str) -> list[tuple[str, int]]:
        return self.srv.get(name, [])

    def listens(self, host: str, port: int) -> bool:
        return (host, port) in self.open_ports


def test_a_known_domain_needs_no_network_at_all() -> None:
    (found,) = discover("dana@gmail.com", None)

    assert found.imap.host == "imap.gmail.com"
    assert "app password" in found.provider.advice


def test_who_runs_the_mail_of_a_domain_is_known_by_its_mx() -> None:
    net = Net(mx=["studio-example.mail.protection.outlook.com."])

    found = next(discover("dana@studio.example", net))

    assert found.imap.host == "outlook.office365.com"
    assert "OAuth" in found.provider.advice


def test_the_domains_own_word_comes_before_the_list_and_plain_text_is_never_taken() -> None:
    own = "https://studio.example/.well-known/autoconfig/mail/config-v1.1.xml"
    net = Net(pages={own: XML})

    (found,) = discover("dana@studio.example", net)

    assert (found.imap.host, found.imap.port) == ("in.studio.example", 993)
    assert found.smtp.security is Security.STARTTLS
    assert found.source == own
    assert all(url.startswith("https://") for url in net.asked)
    assert not any("dana" in url for url in net.asked)


def test_srv_records_count_and_then_a_guess() -> None:
    srv = {
        "_imaps._tcp.studio.example": [("mail.studio.example", 993)],
        "_submission._tcp.studio.example": [("mail.studio.example", 587)],
    }
    (found,) = discover("dana@studio.example", Net(srv=srv))
    assert found.source == "SRV records of studio.example"
    assert found.smtp.security is Security.STARTTLS

    ports = [("imap.studio.example", 993), ("smtp.studio.example", 465)]
    (found,) = discover("dana@studio.example", Net(open_ports=ports))
    assert found.source.startswith("a guess")


@pytest.mark.parametrize(
    "page",
    [
        b"<html>sign in</html>",
        b"\xff\xfe",
        b"<clientConfig/>",
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + XML,
        XML.replace(b"993", b"many"),
    ],
)
def test_what_is_no_configuration_is_nothing(page: bytes) -> None:
    net = Net(pages={"https://autoconfig.studio.example/mail/config-v1.1.xml": page})

    assert list(discover("dana@studio.example", net)) == []


def test_without_network_an_unknown_domain_has_nothing() -> None:
    assert list(discover("dana@studio.example", None)) == []


def test_every_preset_is_safe_and_a_freemail_domain_is_no_client() -> None:
    for one in PROVIDERS:
        for at in (one.imap, one.smtp):
            assert at.security is not Security.NONE or at.host == "127.0.0.1"
        for name in one.exchangers:
            assert by_exchanger(f"mx1.{name}.") is one
    assert {"gmail.com", "outlook.com", "web.de"} <= FREEMAIL
