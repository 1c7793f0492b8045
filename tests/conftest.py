"""The ground on which every test stands: no network but loopback, nobody's home, nobody's zone."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from integration.browser import screenshot as draw
from integration.chaosproxy import ChaosProxy
from integration.dovecot import Dovecot
from integration.fakeimap import Answer, FakeImap
from integration.postfix import Postfix
from integration.sink import Sink

# The same examples each time, so that a red build is red again; two cores are slow at times.
settings.register_profile(
    "default",
    derandomize=True,
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "campaign",
    derandomize=False,
    max_examples=3000,
    stateful_step_count=100,
    deadline=None,
    print_blob=True,
    phases=tuple(Phase),
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("campaign" if os.environ.get("MAILHOURS_CAMPAIGN") == "full" else "default")

# Quarters of an hour, two changes a year, on the far side of the date line from most owners: a
# naive time or the machine's own zone in the code shows.
ZONE = "Pacific/Chatham"


@pytest.fixture(scope="session", autouse=True)
def away_from_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test sees the configuration, the state or the zone of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("home")
        patch.setenv("HOME", str(home))
        for name in ("MAILHOURS_CONFIG", "STATE_DIRECTORY", "NOTIFY_SOCKET", "WATCHDOG_USEC"):
            patch.delenv(name, raising=False)
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
            patch.delenv(name, raising=False)
        patch.setenv("TZ", ZONE)
        patch.setenv("NO_COLOR", "1")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """A running IMAP server; take a fresh `dovecot.user()` in each test."""
    with Dovecot() as server:
        yield server


@pytest.fixture(scope="session")
def postfix(dovecot: Dovecot) -> Iterator[Postfix]:
    """A running mail server that delivers to Dovecot; take a fresh `postfix.user()` in each test."""
    with Postfix(dovecot) as server:
        yield server


@pytest.fixture
def sink() -> Iterator[Sink]:
    """An SMTP server that keeps what it gets; `Sink(auth=..., tls=...)` makes others."""
    with Sink() as server:
        yield server


@pytest.fixture
def fake_imap() -> Iterator[Callable[..., FakeImap]]:
    """Start scripted IMAP servers: `fake_imap({"SELECT": b"..."}, greeting=b"...")`."""
    with ExitStack() as servers:

        def start(
            script: Mapping[str, Answer] | None = None, *, greeting: bytes = b"* OK fake ready\r\n"
        ) -> FakeImap:
            return servers.enter_context(FakeImap(script or {}, greeting=greeting))

        yield start


@pytest.fixture
def chaos() -> Iterator[Callable[..., ChaosProxy]]:
    """Put proxies before a server: `chaos(server.port, delay=0.01)`."""
    with ExitStack() as proxies:

        def start(target: int, *, delay: float = 0.0) -> ChaosProxy:
            return proxies.enter_context(ChaosProxy(target, delay=delay))

        yield start


@pytest.fixture
def screenshot() -> Callable[..., Path]:
    """Draw HTML: `screenshot(html, tmp_path / "light.png", width=390, dark=True)`."""
    return draw


MARKED_BY = {"dovecot": "server", "postfix": "server", "screenshot": "browser"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who asks for a server needs one: `-m "not server"` leaves them out."""
    for item in items:
        for name in getattr(item, "fixturenames", ()):
            if name in MARKED_BY:
                item.add_marker(MARKED_BY[name])
