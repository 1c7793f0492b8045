"""IMAP mailboxes and scripted accounts for the tests of faults.

The numbers in the names of tests and cases are those of docs/faults.md.
"""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from integration.fakebox import FakeBox
from mailboxes import imap_mailbox, mail


@pytest.fixture
def imap():
    """Make IMAP mailboxes that are closed at the end."""
    with ExitStack() as opened:

        def make(*arguments, **more):
            mailbox = imap_mailbox(*arguments, **more)
            opened.callback(mailbox.close)
            return mailbox

        yield make


@pytest.fixture
def box():
    """An account with five mails."""
    box = FakeBox()
    box.inbox.put(*(mail(n) for n in range(1, 6)))
    return box
