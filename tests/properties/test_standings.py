"""A telling that was left and gone on with says what the whole history says, whatever happened."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from builders import DANA, a_message, a_word
from histories import CLIENT, OWNER, START, histories, nows, words
from ledgers import a_read
from mailhours.ledger.store import Ledger
from mailhours.model.client import Thresholds
from mailhours.model.judgement import InvoiceState, Standing
from mailhours.model.line import line
from mailhours.model.thread import weave
from mailhours.patterns.bookmark import Terms, tell
from mailhours.patterns.history import by_target
from mailhours.patterns.judge import judge
from mailhours.service.standings import Standings

SETTINGS = SimpleNamespace(owner=OWNER, clients=(CLIENT,), thresholds=Thresholds())


@pytest.fixture(scope="module")
def empty(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "ledger.db"
    Ledger.open(path, DANA).close()
    return path


def whole(messages, said, now) -> Standing:
    terms = Terms(OWNER, CLIENT, *by_target(said, now), Thresholds(), now)
    past = sorted((m for m in messages if m.at <= now), key=lambda m: (m.at, m.key))
    threads = weave(past)
    return tell(terms, [line(message, threads[message.key]) for message in past]).standing()


@given(histories(), words, nows)
def test_how_it_stands_is_what_a_judgement_says_is_open(messages, said, now):
    standing = whole(messages, said, now)
    judged = judge(OWNER, CLIENT, messages, said, Thresholds(), now)
    assert standing.open_promises == judged.open_promises
    assert standing.open_asks == judged.open_asks
    waiting = {promise.message.key for promise in judged.open_promises}
    assert standing.nudges == tuple(n for n in judged.nudges if n.message.key in waiting)
    for name in (
        "messages",
        "first",
        "last_inbound",
        "last_ours",
        "side",
        "review",
        "held",
        "away",
    ):
        assert getattr(standing, name) == getattr(judged, name)
    unpaid = [
        [i for i in one.invoices if i.state is not InvoiceState.PAID] for one in (standing, judged)
    ]
    assert unpaid[0] == unpaid[1]


steps = st.lists(
    st.tuples(
        st.integers(0, 5),  # so many mails are logged
        st.booleans(),  # a word of the owner's is said
        nows,
        st.booleans(),  # the service begins anew
    ),
    min_size=1,
    max_size=6,
)


@settings(deadline=None, max_examples=60, phases=set(Phase) - {Phase.explain})
@given(histories(), words, steps, st.none() | st.randoms(use_true_random=False))
def test_gone_on_with_is_as_told_from_the_beginning(empty, messages, said, course, chance):
    """In any order of logging, at any moments, with words that come late, and across restarts."""
    messages = sorted(messages, key=lambda m: (m.at, m.key))
    if chance is not None:
        chance.shuffle(messages)
    said = list(said)
    with TemporaryDirectory() as scratch:
        path = Path(shutil.copy(empty, scratch))
        with Ledger.open(path, DANA) as ledger:
            standings = Standings(SETTINGS, ledger)
            logged, spoken = [], []
            for count, speaks, now, anew in course:
                batch, messages = messages[:count], messages[count:]
                ledger.readings.write([a_read(message) for message in batch])
                logged += batch
                if speaks and said:
                    spoken.append(said.pop())
                    ledger.words.say(spoken[-1])
                if anew:
                    standings = Standings(SETTINGS, ledger)
                assert standings.at(now) == {"fjord": whole(logged, spoken, now)}
            latest = max(now for _, _, now, _ in course)
            rebuilt = standings.rebuild(latest, lambda _done, _whole: None)
            assert rebuilt.wrong == ()
            assert rebuilt.messages == sum(m.at <= latest for m in logged)


def test_a_mail_that_joins_two_threads_is_told_from_the_beginning(empty, tmp_path):
    first = a_message("mon 09:00", "ask", key="k1", subject="One")
    second = a_message("mon 10:00", key="k2", subject="Two", ours=True)
    third = a_message("mon 11:00", key="k3", subject="Three", replies_to=(first, second))
    with Ledger.open(Path(shutil.copy(empty, tmp_path)), DANA) as ledger:
        standings = Standings(SETTINGS, ledger)
        ledger.readings.write([a_read(first), a_read(second)])
        before = standings.at(first.at + timedelta(days=1))["fjord"]
        ledger.readings.write([a_read(third)])
        after = standings.at(first.at + timedelta(days=1))["fjord"]

    assert [promise.message.key for promise in before.promises] == ["k1"]
    assert after.promises == ()


def test_a_word_of_the_owner_closes_what_was_told_before(empty, tmp_path):
    mail = a_message("mon 09:00", "ask", key="k1")
    with Ledger.open(Path(shutil.copy(empty, tmp_path)), DANA) as ledger:
        standings = Standings(SETTINGS, ledger)
        ledger.readings.write([a_read(mail)])
        (promise,) = standings.at(mail.at)["fjord"].promises
        ledger.words.say(a_word("answered", promise.id, "mon 12:00"))
        after = standings.at(mail.at + timedelta(hours=8))["fjord"]
        anew = Standings(SETTINGS, ledger).at(mail.at + timedelta(hours=8))["fjord"]

    assert after.promises == anew.promises == ()


def test_a_wrong_bookmark_is_found_and_mended(empty, tmp_path):
    mail = a_message("mon 09:00", "ask", key="k1")
    now = START + timedelta(days=9)
    with Ledger.open(Path(shutil.copy(empty, tmp_path)), DANA) as ledger:
        ledger.readings.write([a_read(mail)])
        Standings(SETTINGS, ledger).at(now)
        with ledger._database.writing() as connection:
            connection.exec_driver_sql(
                "UPDATE bookmark SET state = replace(state, '\"messages\":1', '\"messages\":7')"
            )
        assert Standings(SETTINGS, ledger).at(now)["fjord"].messages == 7
        rebuilt = Standings(SETTINGS, ledger).rebuild(now, lambda _done, _whole: None)
        mended = Standings(SETTINGS, ledger).at(now)["fjord"]

    assert rebuilt.wrong == ("fjord",)
    assert mended.messages == 1


def test_a_wrong_thread_in_a_bookmark_is_found_and_mended(empty, tmp_path):
    mail = a_message("mon 09:00", "ask", key="k1")
    now = START + timedelta(days=9)
    with Ledger.open(Path(shutil.copy(empty, tmp_path)), DANA) as ledger:
        ledger.readings.write([a_read(mail)])
        Standings(SETTINGS, ledger).at(now)
        before = ledger.bookmarks.threads("fjord")
        with ledger._database.writing() as connection:
            connection.exec_driver_sql("UPDATE bookmark SET threads = zeroblob(16)")
        rebuilt = Standings(SETTINGS, ledger).rebuild(now, lambda _done, _whole: None)

        assert rebuilt.wrong == ("fjord",)
        assert ledger.bookmarks.threads("fjord") == before


def test_a_rebuild_that_finds_nothing_wrong_writes_nothing(empty, tmp_path):
    with Ledger.open(Path(shutil.copy(empty, tmp_path)), DANA) as ledger:
        ledger.readings.write([a_read(a_message("mon 09:00", "ask", key="k1"))])
        now = START + timedelta(days=9)
        Standings(SETTINGS, ledger).at(now)
        (before,) = ledger.bookmarks.all()

        rebuilt = Standings(SETTINGS, ledger).rebuild(
            now + timedelta(days=1), lambda _done, _whole: None
        )

        assert (rebuilt.wrong, rebuilt.messages) == ((), 1)
        assert list(ledger.bookmarks.all()) == [before]


def test_a_bookmark_of_other_rules_is_replaced_and_not_called_wrong(empty, tmp_path):
    mail = a_message("mon 09:00", "ask", key="k1")
    now = START + timedelta(days=9)
    with Ledger.open(Path(shutil.copy(empty, tmp_path)), DANA) as ledger:
        ledger.readings.write([a_read(mail)])
        standings = Standings(SETTINGS, ledger)
        standings.at(now)
        with ledger._database.writing() as connection:
            connection.exec_driver_sql("UPDATE bookmark SET digest = 'old', state = '{}'")
        rebuilt = standings.rebuild(now, lambda _done, _whole: None)
        anew = Standings(SETTINGS, ledger).at(now)["fjord"]

    assert rebuilt.wrong == ()
    assert [promise.message for promise in anew.promises] == [mail]
