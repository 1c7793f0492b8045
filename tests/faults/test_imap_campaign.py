"""A season of bad luck: deliveries, moves, cuts, kills, renumberings, backups that are restored.

Whatever happens, every mail that was delivered is kept, and kept once.
"""

from __future__ import annotations

import os
import random
import shutil
import time
from contextlib import suppress
from dataclasses import replace

import pytest

from fakes import HORIZON, NOW, MemoryKnown, everybody
from integration.chaosproxy import cut, drop, garbage, reset, stall
from mailboxes import mail, polled
from mailhours.mailbox.eml import cut as cut_mail
from mailhours.mailbox.imap_cursor import BATCH
from mailhours.mailbox.structure import key
from mailhours.model.faults import Fault
from mailhours.model.raw import FolderRole

SEEDS = range(40) if os.environ.get("MAILHOURS_CAMPAIGN") == "full" else range(3)
STEPS = 60
ROLES = (FolderRole.SENT, FolderRole.HELD)


def polled_until_killed(mailbox, known, after):
    """Poll, and die before the batch number `after` is committed."""
    with suppress(Fault):
        for number, batch in enumerate(mailbox.look(known, everybody, HORIZON, NOW)):
            if number == after:
                return
            known.commit(batch)


def part(mailbox, proxy, seconds):
    """Let the server forget the user."""
    mailbox.close()
    proxy.hang_up()
    time.sleep(seconds)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.timeout(300)
def test_nothing_is_lost_and_nothing_is_doubled(dovecot, chaos, imap, seed, tmp_path):
    chance = random.Random(seed)
    user = dovecot.user()
    proxy = chaos(dovecot.port)
    known = MemoryKnown()
    # Small batches: many questions are on their way at a time.
    mailbox = imap(proxy.port, user, stall=0.3, exchange=2, batch=BATCH if seed % 3 == 2 else 5)
    delivered: set[str] = set()
    number = 0
    backup = None

    def harm():
        at = chance.randrange(20, 40_000) if chance.random() < 0.7 else chance.randrange(20, 3000)
        return chance.choice(
            [
                cut(at),
                reset(at),
                stall(at),
                garbage(at, chance.choice([b"\xff\x00", b"* x\r\n", b")\r\n", b"{99}\r\n"])),
                drop(at, chance.choice([1, 7, 300, 9_000, 400_000])),
            ]
        )

    for step in range(STEPS):
        what = chance.random()
        if what < 0.4:
            for _ in range(chance.randrange(1, 12)):
                number += 1
                text = f"text {number} " + "x" * chance.choice([0, 0, 200, 20_000])
                fields = {} if chance.random() < 0.8 else {"Message-ID": ""}
                data = mail(number, text, **fields)
                folder = chance.choice(["INBOX", "INBOX", "Sent"])
                dovecot.deliver(user, data, folder, received=NOW)
                raw = cut_mail(data, NOW)
                delivered.add(key(raw.header, raw.parts))
        elif what < 0.5:
            held = [place for place in known.sighted if place.folder == "INBOX"]
            if held:
                with suppress(Fault):
                    mailbox.move(chance.choice(held), chance.choice(ROLES))
        elif what < 0.53:
            # Folders made in one second got UIDVALIDITYs some seconds ahead of the clock: Dovecot,
            # which has forgotten them, must not come to give them out again.
            part(mailbox, proxy, 5)
            dovecot.reset_uidvalidity(user)
        elif what < 0.56:
            if backup is None or set(known.mails) != delivered:
                continue  # what is lost with a restored backup before anybody saw it is lost
            part(mailbox, proxy, 0.3)
            dovecot.restore(user, backup)
        elif what < 0.6 and number:
            part(mailbox, proxy, 0.3)
            backup = tmp_path / f"backup {step}"
            shutil.copytree(dovecot.folder(user), backup)
        elif what < 0.75:
            proxy.next(harm())
            mailbox.close()
            polled_until_killed(mailbox, known, chance.choice([0, 1, 2, 99]))
        else:
            polled(mailbox, known)

    # The last looks are undisturbed, and one of them is a full one.
    polled(mailbox, known, 8)
    known.held = {at: replace(c, hint="", looked=None) for at, c in known.held.items()}
    patient = imap(dovecot.port, user, stall=30, exchange=60)
    assert polled(patient, known) == []

    assert set(known.mails) == delivered
    assert known.quarantined == {}
