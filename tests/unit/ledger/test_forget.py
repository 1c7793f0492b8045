"""What is forgotten is gone from the file, and the chain is whole."""

from __future__ import annotations

import sqlite3

import pytest

from builders import DANA, KARI, OLA, a_reply, a_word
from ledgers import (
    NOW,
    a_batch,
    a_key,
    a_raw,
    a_read,
    a_sighting,
    logged_message,
)
from mailhours.ledger.forget import Forgotten
from mailhours.ledger.store import Ledger
from mailhours.model.address import Address
from mailhours.model.reply import Cause, Delivery, Outcome, ReplyKind, ReplyState, Withheld

HERS = b"From: KARI@Fjord.example\r\nSubject: her secret\r\n\r\n"
HIS = b"From: ola@fjord.example\r\nSubject: his secret\r\n\r\n"
TO_HIM = Address("Ola", OLA)


@pytest.fixture
def ledger(tmp_path):
    with Ledger.open(tmp_path / "ledger.db", DANA) as ledger:
        mails = [
            a_sighting(1, raw=a_raw(header=HERS)),
            a_sighting(2, raw=a_raw(header=HIS)),
            a_sighting(3, raw=a_raw(header=HERS)),
        ]
        ledger.mail.log(a_batch(*mails), NOW)
        ledger.readings.unread("v1", 9)
        ledger.readings.write(
            [
                a_read(logged_message(1), text="her secret"),
                a_read(logged_message(2, person=OLA), text="his secret"),
            ]
        )
        ledger.words.say(a_word("note", "fjord", text=f"{KARI} told a secret"))
        ledger.words.say(a_word("note", "fjord", text="ola told a secret"))
        ledger.outbox.propose(
            [
                a_reply(text="her secret", raw=b"her secret"),
                a_reply(id="r2", to=TO_HIM, causes=(), text="his secret"),
            ],
            ReplyState.QUEUED,
            NOW,
        )
        for reply in ("r1a2b3c4d", "r2"):
            ledger.outbox.claim(reply, NOW)
            words = Delivery(Outcome.REFUSED, 550, f"{reply}: who?", "RCPT")
            ledger.outbox.settle(reply, words, NOW)
        ledger.outbox.withhold([Withheld("fjord", KARI, Cause("ask", "a"), "x")], "slot", NOW)
        ledger.outbox.freeze(KARI, "550", NOW)
        ledger.health.note("review", f"a letter of {KARI}", NOW)
        yield ledger


def test_what_is_forgotten_is_gone_and_the_rest_stays(ledger):
    forgotten = ledger.forget("Kari@Fjord.example", NOW)

    assert forgotten == Forgotten(mails=2, replies=1, words=1)
    assert [m.key for m in ledger.readings.history("fjord")] == [a_key(2)]
    assert ledger.readings.clients()["fjord"].messages == 1
    assert ledger.readings.text(a_key(1)) == ""
    with pytest.raises(KeyError):
        ledger.mail.raw(a_key(1))
    assert ledger.mail.raw(a_key(2)).header == HIS
    assert [word.text for word in ledger.words.words()] == ["", "ola told a secret"]
    assert ledger.outbox.reply("r1a2b3c4d").text == ""
    assert ledger.outbox.reply("r2").text == "his secret"
    assert ledger.outbox.frozen() == {}
    assert ledger.outbox.withheld() == []
    assert ledger.health.notes(NOW) == []


def test_the_chain_is_whole_after_forgetting(ledger):
    ledger.forget(KARI, NOW)

    assert ledger.verify() == []
    ledger.forget(OLA, NOW)
    assert ledger.verify() == []


def test_nothing_of_it_is_left_in_the_files(ledger):
    ledger.forget(KARI, NOW)

    held = b"".join(path.read_bytes() for path in ledger.path.parent.iterdir())

    assert b"her secret" not in held
    assert KARI.encode() not in held.lower()
    assert b"his secret" in held


def test_a_summary_that_has_left_tells_no_more_of_what_is_forgotten(ledger):
    told = {"kinds": (ReplyKind.SUMMARY,), "client": "", "to": Address("Dana", DANA)}
    summaries = [
        a_reply(
            id=name,
            causes=(Cause("slot", f"summary:{name}"),),
            text="of a secret",
            html="<p>of a secret",
            **told,
        )
        for name in ("s1", "s2")
    ]
    ledger.outbox.propose(summaries, ReplyState.QUEUED, NOW)
    ledger.outbox.claim("s1", NOW)
    ledger.outbox.settle("s1", Delivery(Outcome.SUBMITTED, 250, "fine", "DATA"), NOW)

    ledger.forget(KARI, NOW)

    assert (ledger.outbox.reply("s1").text, ledger.outbox.reply("s1").html) == ("", "")
    assert ledger.outbox.reply("s1").causes == summaries[0].causes
    assert ledger.outbox.reply("s1").to.spec == DANA
    assert ledger.outbox.reply("s2").text == "of a secret", "it is to leave still"
    assert ledger.verify() == []
    ledger.forget(OLA, NOW)
    assert ledger.verify() == []


def test_what_was_forgotten_is_neither_fetched_nor_read_nor_answered_again(ledger):
    ledger.forget(KARI, NOW)

    again = ledger.mail.log(a_batch(a_sighting(1, raw=a_raw(header=HERS))), NOW)

    assert again == 0
    assert ledger.mail.keys([a_key(1)]) == {a_key(1)}
    assert ledger.readings.unread("v2", 9)[0].key == a_key(2)
    assert len(ledger.readings.unread("v2", 9)) == 1
    assert "message:0123abcd" in ledger.outbox.taken()


def test_emptying_a_fact_by_hand_is_no_forgetting(ledger):
    ledger.forget(KARI, NOW)
    with sqlite3.connect(ledger.path) as file:
        file.execute("UPDATE entry SET salt = NULL, ref = NULL WHERE seq = 2")
    file.close()

    assert any("never forgotten" in problem for problem in ledger.verify())


def test_the_list_of_what_was_forgotten_can_not_be_changed(ledger):
    ledger.forget(KARI, NOW)
    with sqlite3.connect(ledger.path) as file:
        file.execute("UPDATE entry SET ref = ref || ',2' WHERE kind = 'forgotten'")
        file.execute("UPDATE entry SET salt = NULL, ref = NULL WHERE seq = 2")
    file.close()

    assert ledger.verify() != []


def test_an_address_that_nobody_knows_changes_nothing(ledger):
    head = ledger.chain.head()

    assert ledger.forget("nobody@x.example", NOW) == Forgotten(0, 0, 0)

    assert ledger.chain.head() == head
