"""Which servers an address has: presets, the domain's own word, Mozilla's list, DNS, a guess.

Nothing secret is sent; only the domain is asked for, never the whole address. Each step has three
seconds. What is found is shown to the owner with its source before a password goes there.
"""

from __future__ import annotations

import socket
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.error import URLError
from xml.etree import ElementTree as ET

import dns.exception
import dns.resolver

from mailhours.model.address import domain
from mailhours.model.server import Security
from mailhours.service.providers import Endpoint, Provider, by_domain, by_exchanger

SECONDS = 3.0
_ISPDB = "https://autoconfig.thunderbird.net/v1.1/"
_LIMIT = 256 * 1024
_SECURITY = {"SSL": Security.TLS, "STARTTLS": Security.STARTTLS}


@dataclass(frozen=True, slots=True)
class Found:
    """The servers of an address: `source` says who says so, `provider` is set where it is known."""

    imap: Endpoint
    smtp: Endpoint
    source: str
    provider: Provider | None = None


class Net(Protocol):
    """What discovery asks of the world; nothing it does raises."""

    def fetch(self, url: str) -> bytes:
        """Return what lies at an https `url`, or nothing."""

    def exchangers(self, name: str) -> list[str]:
        """Return the MX hosts of a domain, the preferred one first."""

    def services(self, name: str) -> list[tuple[str, int]]:
        """Return host and port of SRV records (RFC 6186, RFC 8314), the preferred one first."""

    def listens(self, host: str, port: int) -> bool:
        """Say whether somebody listens there."""


class Internet:
    """The real one."""

    def fetch(self, url: str) -> bytes:
        """Fetch over https; a redirect to http is not followed."""
        opener = urllib.request.build_opener(_OnlyHttps())
        try:
            with opener.open(url, timeout=SECONDS) as answer:
                return bytes(answer.read(_LIMIT))
        except (OSError, URLError, ValueError):
            return b""

    def exchangers(self, name: str) -> list[str]:
        """Ask for MX."""
        found = sorted((one.preference, str(one.exchange)) for one in _records(name, "MX"))
        return [host.rstrip(".") for _, host in found]

    def services(self, name: str) -> list[tuple[str, int]]:
        """Ask for SRV; a lone dot means that there is no such service (RFC 6186 section 3.4)."""
        found = sorted(
            (one.priority, -one.weight, str(one.target), one.port) for one in _records(name, "SRV")
        )
        return [(host.rstrip("."), port) for *_, host, port in found if host != "."]

    def listens(self, host: str, port: int) -> bool:
        """Connect and hang up."""
        try:
            socket.create_connection((host, port), timeout=SECONDS).close()
        except OSError:
            return False
        return True


class _OnlyHttps(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: object, **more: object) -> urllib.request.Request | None:
        made = super().redirect_request(*arguments, **more)  # type: ignore[arg-type]
        return made if made is not None and made.type == "https" else None


def _records(name: str, kind: str) -> list[Any]:
    resolver = dns.resolver.Resolver()
    resolver.lifetime = SECONDS
    try:
        return list(resolver.resolve(name, kind))
    except (dns.exception.DNSException, OSError, ValueError):
        return []


def discover(address: str, net: Net | None) -> Iterator[Found]:
    """Yield what is found for `address`, the surest first; without `net` only presets are used.

    1. Presets, by the domain.
    2. Presets, by who runs the domain's mail.
    3. The domain's own autoconfig, over https.
    4. Mozilla's list of providers, for the domain and then for its mail's runner.
    5. SRV records of the domain.
    6. imap. and smtp. before the domain, where somebody listens.
    """
    name = domain(address)
    if preset := by_domain(name):
        yield Found(preset.imap, preset.smtp, f"mailhours knows {preset.name}", preset)
        return
    if net is None or not name:
        return
    exchangers = net.exchangers(name)
    for host in exchangers[:1]:
        if preset := by_exchanger(host):
            source = f"the mail of {name} is run by {preset.name} ({host})"
            yield Found(preset.imap, preset.smtp, source, preset)
    for url in (
        f"https://autoconfig.{name}/mail/config-v1.1.xml",
        f"https://{name}/.well-known/autoconfig/mail/config-v1.1.xml",
        f"{_ISPDB}{name}",
        *(f"{_ISPDB}{'.'.join(host.split('.')[-2:])}" for host in exchangers[:1]),
    ):
        if found := _autoconfig(net.fetch(url), url):
            yield found
    if found := _services(name, net):
        yield found
    if found := _guess(name, net):
        yield found


def _autoconfig(document: bytes, url: str) -> Found | None:
    """Read Mozilla's format (wiki.mozilla.org/Thunderbird:Autoconfiguration:ConfigFileFormat)."""
    if not document or b"<!DOCTYPE" in document or b"<!ENTITY" in document:
        return None  # entities can grow without end, and no configuration needs them
    try:
        tree = ET.fromstring(document)  # noqa: S314 - without entities, and of limited size
    except ET.ParseError:
        return None
    imap = _server(tree, "incomingServer", "imap")
    smtp = _server(tree, "outgoingServer", "smtp")
    return Found(imap, smtp, url) if imap and smtp else None


def _server(tree: ET.Element, tag: str, kind: str) -> Endpoint | None:
    for one in tree.iter(tag):
        security = _SECURITY.get((one.findtext("socketType") or "").strip().upper())
        host = (one.findtext("hostname") or "").strip()
        port = (one.findtext("port") or "").strip()
        if one.get("type") == kind and security and host and port.isdecimal():
            return Endpoint(host, int(port), security)
    return None


def _services(name: str, net: Net) -> Found | None:
    imap = net.services(f"_imaps._tcp.{name}")
    smtp = net.services(f"_submissions._tcp.{name}")
    security = Security.TLS
    if not smtp:
        smtp, security = net.services(f"_submission._tcp.{name}"), Security.STARTTLS
    if not imap or not smtp:
        return None
    return Found(
        Endpoint(*imap[0], Security.TLS), Endpoint(*smtp[0], security), f"SRV records of {name}"
    )


def _guess(name: str, net: Net) -> Found | None:
    for imap in (f"imap.{name}", f"mail.{name}", name):
        if not net.listens(imap, 993):
            continue
        for smtp in (f"smtp.{name}", f"mail.{name}", imap):
            for port, security in ((465, Security.TLS), (587, Security.STARTTLS)):
                if net.listens(smtp, port):
                    at = Endpoint(imap, 993, Security.TLS)
                    return Found(at, Endpoint(smtp, port, security), "a guess: somebody listens")
    return None
