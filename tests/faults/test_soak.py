"""The soak: nothing lost, nothing doubled, nothing that grows. `do.py soak` lets it last a month."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from integration.sink import Sink
from mailhours.model.reply import ReplyKind, ReplyState
from mailhours.service import journal
from soak import Soak

DAYS = int(os.environ.get("MAILHOURS_SOAK_DAYS", "4"))
MAILS = int(os.environ.get("MAILHOURS_SOAK_MAILS", "30"))
_LEFT = (ReplyState.SUBMITTED, ReplyState.FILED, ReplyState.DOUBTFUL)


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_a_long_time_with_faults_edits_and_restarts(tmp_path: Path) -> None:
    journal.silence()
    with Sink() as sink:
        seen = Soak(tmp_path, sink, MAILS).live(DAYS)

    # Nothing lost: every mail of a client was logged, once.
    assert seen.logged == seen.mails
    assert seen.problems == []
    assert seen.restarts == DAYS
    assert seen.rejected == DAYS // 2

    # Nothing doubled: a mail arrives once, and a cause has one reply.
    assert len(seen.arrived) == len(set(seen.arrived))
    ours = {reply.message_id for reply, state in seen.replies if state in _LEFT}
    assert set(seen.arrived) <= ours
    alive = [reply for reply, state in seen.replies if state is not ReplyState.CANCELLED]
    causes = Counter(str(cause) for reply in alive for cause in reply.causes)
    assert [cause for cause, count in causes.items() if count > 1] == []

    # At most one mail a person at a check-in, and only at check-ins.
    acknowledged = [r for r in alive if ReplyKind.ACKNOWLEDGEMENT in r.kinds]
    assert acknowledged
    slots = Counter((reply.slot, reply.to.normal) for reply in acknowledged)
    assert max(slots.values()) == 1
    assert {reply.slot[-5:] for reply in acknowledged} <= {"10:00", "15:00", "15:30"}

    # Nothing grows: the first days fill caches.
    settled = DAYS // 2
    assert max(seen.files) <= seen.files[0] + 4
    assert seen.memory[-1] - seen.memory[settled - 1] < 12 + DAYS
