"""What the service says of its work reaches whoever listens now."""

import io
from collections.abc import Iterator
from contextlib import redirect_stderr

import pytest
import structlog

from mailhours.service import journal


class Full(io.StringIO):
    """A stream whose disk is full."""

    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device", text[:1])


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def test_what_is_told_goes_to_the_stderr_of_that_moment() -> None:
    first, second = io.StringIO(), io.StringIO()
    with redirect_stderr(first):
        journal.set_up(machine=True)
        journal.polled(1)
    with redirect_stderr(second):
        journal.polled(2)
    assert '"logged": 1' in first.getvalue()
    assert '"logged": 2' in second.getvalue()
    assert '"logged": 2' not in first.getvalue()


def test_a_full_disk_under_the_log_ends_no_work() -> None:
    with redirect_stderr(Full()):
        journal.set_up(machine=False)
        journal.polled(1)
