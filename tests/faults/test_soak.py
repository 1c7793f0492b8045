"""The soak: nothing lost, nothing doubled, nothing that grows. `do.py soak` lets it last a month."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from coverage import Coverage

from integration.chaosproxy import ChaosProxy
from integration.dovecot import Dovecot
from integration.sink import Sink
from mailhours.model.reply import ReplyKind, ReplyState
from mailhours.service import journal
from soak import Seen, Soak

DAYS = int(os.environ.get("MAILHOURS_SOAK_DAYS", "4"))
MAILS = int(os.environ.get("MAILHOURS_SOAK_MAILS", "50"))
_LEFT = (ReplyState.SUBMITTED, ReplyState.FILED, ReplyState.DOUBTFUL)


@pytest.fixture
def seen(tmp_path: Path) -> Iterator[Seen]:
    """A server of its own: it is stopped and started."""
    with (
        _untraced(),
        Dovecot() as dovecot,
        Sink() as sink,
        ChaosProxy(dovecot.port) as proxy,
    ):
        yield Soak(tmp_path, dovecot, sink, proxy, MAILS).live(DAYS)
        dovecot.kill()
    journal.silence()


@contextmanager
def _untraced() -> Iterator[None]:
    """Measure nothing meanwhile: what coverage keeps for each thread would look like a leak."""
    stopped: list[Coverage] = []
    while (tracing := Coverage.current()) is not None:
        tracing.stop()
        stopped.append(tracing)
    try:
        yield
    finally:
        for tracing in reversed(stopped):
            tracing.start()


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_a_long_time_with_faults_edits_and_restarts(seen: Seen) -> None:
    sys.stderr.write(_figures(seen))
    assert seen.bugs == []

    # Nothing lost: every mail from and to a client was logged, once.
    assert seen.logged.keys() == seen.inbound | seen.outbound
    assert _doubled(seen.logged) == []
    assert seen.problems == []
    assert seen.restarts == DAYS
    assert seen.faults["rejected"] == DAYS // 2

    # Nothing doubled: a mail arrives once, its copy lies in Sent once, and a cause has one reply.
    assert _doubled(Counter(seen.arrived)) == []
    assert _doubled(seen.copies) == []
    assert _doubled(seen.machine) == []
    ours = {reply.message_id for reply, state in seen.replies if state in _LEFT}
    assert set(seen.arrived) <= ours
    alive = [reply for reply, state in seen.replies if state is not ReplyState.CANCELLED]
    assert _doubled(Counter(str(cause) for reply in alive for cause in reply.causes)) == []
    filed = {reply.message_id for reply, state in seen.replies if state is ReplyState.FILED}
    assert filed <= seen.copies.keys()

    # The owner hears of it when nothing works; what the server did not take is no mail.
    assert len(seen.alarms) == seen.events["warned"] <= seen.faults["the disk is full"]

    # At most one mail a person at a check-in, and only at check-ins.
    acknowledged = [r for r in alive if ReplyKind.ACKNOWLEDGEMENT in r.kinds]
    assert acknowledged
    assert _doubled(Counter((reply.slot, reply.to.normal) for reply in acknowledged)) == []
    assert {reply.slot[-5:] for reply in acknowledged} <= {"10:00", "15:00", "15:30"}

    # Nothing grows: the first days fill caches, and each new client has all mail read anew.
    assert max(seen.files) <= seen.files[0] + 4
    assert seen.memory[-1] - seen.memory[DAYS // 2] < 8


def _doubled(counted: Counter[object]) -> list[object]:
    return [one for one, count in counted.items() if count > 1]


def _figures(seen: Seen) -> str:
    states = Counter(state.value for _, state in seen.replies)
    return (
        f"{len(seen.inbound)} in, {len(seen.outbound)} out, {len(seen.arrived)} arrived,"
        f" {dict(states)}\n{dict(seen.faults)}\n{dict(seen.events)}\n"
        f"memory {[round(one) for one in seen.memory]}\nfiles {seen.files}\n"
        f"seconds {[round(one, 1) for one in seen.seconds]}\n"
    )
