"""A season of bad luck that ends in the real ledger: the process dies in the middle of its SQL.

`os._exit` comes after so many steps of SQLite's machine: before a transaction, in it, after it.
"""

from __future__ import annotations

import os
import random
import sqlite3
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from fakes import HORIZON, NOW, everybody
from integration.chaosproxy import cut, drop, garbage, reset
from integration.dovecot import Dovecot
from mailboxes import mail
from mailhours.ledger.store import Ledger
from mailhours.mailbox.eml import cut as cut_mail
from mailhours.mailbox.imap import ImapMailbox
from mailhours.mailbox.structure import key
from mailhours.model.faults import Fault, FolderFault
from mailhours.model.raw import FolderRole

FULL = os.environ.get("MAILHOURS_CAMPAIGN") == "full"
SEEDS, STEPS = (range(20), 80) if FULL else (range(1), 30)
OWNER = "dana@studio.example"
DIED, FAULT = 9, 3


def look(ledger: Ledger, mailbox: ImapMailbox) -> None:
    for batch in mailbox.look(ledger.mail, everybody, HORIZON, NOW):
        ledger.mail.log(batch, NOW)


def ended(path: Path, make: Callable[[], ImapMailbox], steps: int) -> int:
    """Look in a process that dies after so many steps of SQLite; return how it ended."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fork beside threads: the child only dies
        child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    left, connect = [steps], sqlite3.connect

    def die() -> int:
        left[0] -= 1
        if left[0] < 0:
            os._exit(DIED)
        return 0

    def watched(*arguments, **more):
        connection = connect(*arguments, **more)
        connection.set_progress_handler(die, 20)
        return connection

    try:
        sqlite3.dbapi2.connect = sqlite3.connect = watched
        look(Ledger.open(path, OWNER), make())
    except Fault:
        os._exit(FAULT)
    except BaseException:  # noqa: BLE001 - the parent sees it by the code
        os._exit(1)
    os._exit(0)


def moved(mailbox: ImapMailbox, path: Path, chance: random.Random) -> None:
    """Move a mail that was sighted in INBOX."""
    ledger = Ledger.open(path, OWNER)
    cursors = {cursor.folder: cursor for cursor in ledger.mail.cursors("main")}
    validity = cursors["INBOX"].validity if "INBOX" in cursors else 0
    seen = sorted(ledger.mail.seen("main", "INBOX", validity, 1, 2**32 - 1).values())
    places = [place for place, _ in ledger.mail.place(chance.choice(seen))] if seen else []
    ledger.close()
    for place in [p for p in places if (p.folder, p.validity) == ("INBOX", validity)][:1]:
        with suppress(FolderFault):  # renumbered since it was seen there
            mailbox.move(place, FolderRole.SENT)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_process_that_dies_in_its_transaction_loses_and_doubles_nothing(
    dovecot: Dovecot, chaos, imap, tmp_path: Path, seed: int
) -> None:
    chance, user, path = random.Random(seed), dovecot.user(), tmp_path / "ledger.db"
    proxy = chaos(dovecot.port)
    patient = imap(dovecot.port, user, stall=30, exchange=60)
    Ledger.open(path, OWNER).close()
    delivered: set[str] = set()
    codes: list[int] = []
    for step in range(STEPS):
        if step == STEPS // 2:
            patient.close()
            proxy.hang_up()
            time.sleep(5)  # see test_imap_campaign.py
            dovecot.reset_uidvalidity(user)
        elif chance.random() < 0.35:
            for number in range(chance.randrange(1, 12)):
                text = f"text {step}.{number} " + "x" * chance.choice([0, 200, 20_000])
                fields = {} if chance.random() < 0.8 else {"Message-ID": ""}
                data = mail(100 * step + number, text, **fields)
                dovecot.deliver(user, data, chance.choice(["INBOX", "Sent"]), received=NOW)
                raw = cut_mail(data, NOW)
                delivered.add(key(raw.header, raw.parts))
        elif chance.random() < 0.15:
            moved(patient, path, chance)
            patient.close()
        else:
            if chance.random() < 0.3:
                at = chance.randrange(20, 20_000)
                proxy.next(chance.choice([cut(at), reset(at), garbage(at, b")\r\n"), drop(at, 7)]))
            codes.append(
                ended(
                    path,
                    lambda: imap(proxy.port, user, stall=0.3, exchange=2, batch=5),
                    chance.choice([10, 50, 200, 1000, 3000, 10**9]),
                )
            )

    ledger = Ledger.open(path, OWNER)
    for _ in range(6):
        look(ledger, patient)
    ledger.mail.reread("main")
    look(ledger, patient)
    assert ledger.mail.quarantined() == []
    ledger.close()
    with sqlite3.connect(path) as found:
        keys = [key for (key,) in found.execute("select key from mail")]
        whole = found.execute("pragma integrity_check").fetchone()
    found.close()
    assert sorted(keys) == sorted(delivered)
    assert whole == ("ok",)
    assert DIED in codes
    assert set(codes) <= {0, DIED, FAULT}
