"""The record is provable: what is changed, taken out or slipped in is found."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from datetime import UTC

import pytest

from builders import DANA, a_reply, a_word, moment
from ledgers import NOW, a_batch, a_key, a_read, a_sighting, logged_message
from mailhours.ledger.store import Ledger
from mailhours.model.reply import Delivery, Outcome, ReplyState


@pytest.fixture
def filled(tmp_path):
    """Return the path of a ledger with facts of every kind: mails 1-2, a word, a submission."""
    with Ledger.open(tmp_path / "ledger.db", DANA) as ledger:
        ledger.mail.log(a_batch(a_sighting(1), a_sighting(2)), NOW)
        ledger.words.say(a_word("note", "fjord", text="rang"))
        ledger.outbox.propose([a_reply(raw=b"raw")], ReplyState.QUEUED, NOW)
        ledger.outbox.claim("r1a2b3c4d", NOW)
        ledger.outbox.settle("r1a2b3c4d", Delivery(Outcome.SUBMITTED, 250, "ok", "DATA"), NOW)
    return tmp_path / "ledger.db"


def problems(path):
    with Ledger.open(path, DANA, create=False) as ledger:
        return ledger.verify()


def test_what_was_written_verifies(filled):
    assert problems(filled) == []


def test_an_empty_ledger_verifies(ledger):
    assert ledger.verify() == []
    assert ledger.chain.head() == (0, "0" * 64)


@pytest.mark.parametrize(
    ("tampering", "told"),
    [
        pytest.param("UPDATE mail SET parts = x'00' WHERE id = 1", "was changed", id="a mail's text"),
        pytest.param("UPDATE mail SET header = x'00' WHERE id = 2", "was changed", id="a header"),
        pytest.param("DELETE FROM mail WHERE id = 1", "is gone", id="a mail"),
        pytest.param("UPDATE mail SET seq = 9 WHERE id = 1", "is not in the chain", id="its entry"),
        pytest.param("UPDATE word SET text = 'wrote'", "was changed", id="the owner's word"),
        pytest.param("UPDATE word SET at = '2026-01-01 00:00:00.000000'", "was changed", id="its day"),
        pytest.param("DELETE FROM word", "is gone", id="the word itself"),
        pytest.param("UPDATE event SET text = 'no' WHERE seq > 0", "was changed", id="the answer"),
        pytest.param("UPDATE reply SET content = '{}'", "was changed", id="what left"),
        pytest.param("UPDATE reply SET raw = x'00'", "was changed", id="what left as it was written"),
        pytest.param("DELETE FROM event WHERE seq > 0", "is gone", id="that it left"),
        pytest.param("UPDATE entry SET kind = 'word' WHERE seq = 1", "was changed", id="a kind"),
        pytest.param("UPDATE entry SET hash = x'00' WHERE seq = 2", "was changed", id="a hash"),
        pytest.param("UPDATE entry SET salted = x'00' WHERE seq = 2", "was changed", id="a proof"),
        pytest.param("UPDATE entry SET at = '2026-01-01 00:00:00.000000' WHERE seq = 2", "was changed", id="a day"),
        pytest.param("UPDATE entry SET previous = x'00' WHERE seq = 3", "does not follow", id="a link"),
        pytest.param("DELETE FROM entry WHERE seq = 2", "missing", id="an entry"),
        pytest.param("DELETE FROM entry WHERE seq = 4", "is not in the chain", id="the last entry"),
        pytest.param("UPDATE entry SET salt = NULL WHERE seq = 1", "never forgotten", id="a salt"),
        pytest.param(
            "INSERT INTO word SELECT 99, account, 99, verb, target, at, 'paid' FROM word",
            "is not in the chain",
            id="a word that was slipped in",
        ),
    ],
)  # fmt: skip
def test_tampering_is_found(filled, tampering, told):
    with sqlite3.connect(filled) as file:
        assert file.execute(tampering).rowcount > 0
    file.close()

    found = problems(filled)

    assert any(told in problem for problem in found), found


def test_the_head_changes_with_every_fact(ledger):
    before = ledger.chain.head()

    ledger.words.say(a_word("stop", ""))

    seq, head = ledger.chain.head()
    assert seq == before[0] + 1
    assert head != before[1]
    assert len(head) == 64


def test_the_same_facts_have_other_hashes_in_another_ledger(tmp_path):
    heads = set()
    for name in ("a", "b"):
        with Ledger.open(tmp_path / name, DANA) as ledger:
            ledger.words.say(a_word("stop", ""))
            heads.add(ledger.chain.head())

    assert len(heads) == 2


def test_an_entry_can_be_checked_without_this_program(filled):
    file = sqlite3.connect(filled)
    seq, at, kind, salt, salted, previous, link = file.execute(
        "SELECT seq, at, kind, salt, salted, previous, hash FROM entry WHERE kind = 'word'"
    ).fetchone()
    verb, target, said, text = file.execute("SELECT verb, target, at, text FROM word").fetchone()
    file.close()

    fact = [verb, target, said.replace(" ", "T") + "+00:00", text]
    body = json.dumps(fact, separators=(",", ":")).encode()
    entry = [seq, at.replace(" ", "T") + "+00:00", kind, salted.hex(), previous.hex()]

    assert hashlib.sha256(salt + body).digest() == salted
    assert hashlib.sha256(json.dumps(entry, separators=(",", ":")).encode()).digest() == link
    assert said == moment("mon 12:00").astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def test_readings_are_not_facts_and_may_be_made_again(filled):
    with Ledger.open(filled, DANA) as ledger:
        head = ledger.chain.head()
        ledger.readings.write([a_read(logged_message(1))])

        assert ledger.chain.head() == head
        assert ledger.mail.keys([a_key(1)]) == {a_key(1)}
