"""What every throw-away server needs: a free port, a short folder, a certificate, a greeting."""

from __future__ import annotations

import os
import random
import shutil
import socket
import ssl
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

HOST = "127.0.0.1"
# Below the range from which the kernel takes the ports of outgoing connections.
PORTS = range(20000, 32000)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A self-signed pair for localhost and 127.0.0.1."""

    cert: Path
    key: Path

    def for_server(self) -> ssl.SSLContext:
        """Present this certificate."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.cert, self.key)
        return context

    def for_client(self) -> ssl.SSLContext:
        """Trust this certificate and no other."""
        return ssl.create_default_context(cafile=str(self.cert))


def absent(reason: str) -> NoReturn:
    """Skip the test, or fail it where servers are required."""
    if os.environ.get("MAILHOURS_REQUIRE_SERVERS") == "1":
        pytest.fail(f"MAILHOURS_REQUIRE_SERVERS=1, but {reason}", pytrace=False)
    pytest.skip(reason)


def need(program: str, package: str) -> str:
    """Return the path of a program; without it the test can not run."""
    found = shutil.which(program, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/bin")
    return found or absent(f"{program} is not installed (apt-get install {package})")


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nobody listens."""
    # pytest-randomly seeds `random` alike in every worker of xdist.
    for port in random.SystemRandom().sample(PORTS, 100):
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    message = "no free port on 127.0.0.1"
    raise RuntimeError(message)


def self_signed(folder: Path) -> Certificate:
    """Make a certificate that is its own authority."""
    pair = Certificate(folder / "cert.pem", folder / "key.pem")
    subprocess.run(
        [
            *[need("openssl", "openssl"), "req", "-x509", "-nodes", "-days", "2"],
            *["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
            *["-subj", "/CN=localhost"],
            *["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
            *["-addext", "keyUsage=critical,digitalSignature,keyCertSign"],
            *["-keyout", str(pair.key), "-out", str(pair.cert)],
        ],
        check=True,
        capture_output=True,
    )
    return pair


def expired(folder: Path) -> Certificate:
    """Make a certificate that is its own authority and ended yesterday."""
    pair = Certificate(folder / "expired.pem", folder / "expired-key.pem")
    request = folder / "request.pem"
    openssl = need("openssl", "openssl")
    made = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    for words in (
        [
            *["req", "-new", "-nodes", "-newkey", "ec", "-pkeyopt"],
            *["ec_paramgen_curve:prime256v1", *made, "-keyout", str(pair.key)],
            *["-out", str(request)],
        ],
        [
            *["x509", "-req", "-days", "-1", "-copy_extensions", "copyall"],
            *["-in", str(request), "-signkey", str(pair.key), "-out", str(pair.cert)],
        ],
    ):
        subprocess.run([openssl, *words], check=True, capture_output=True)
    return pair


def greeting(port: int, starts_with: bytes, patience: float = 10.0) -> bool:
    """Wait until a server greets; False when it never does."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        try:
            with socket.create_connection((HOST, port), timeout=2) as connection:
                if connection.recv(200).startswith(starts_with):
                    return True
        except OSError:
            pass
        time.sleep(0.02)
    return False
