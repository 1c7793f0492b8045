"""A slot happens once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from builders import moment
from ledgers import MINUTE
from mailhours.model.slot import Slot, SlotState

TEN = Slot(moment("mon 10:00"), "2026-03-02T10:00")
THREE = Slot(moment("mon 15:00"), "2026-03-02T15:00")
LEASE = timedelta(minutes=15)


def test_a_slot_is_had_once(ledger):
    assert ledger.slots.begin(TEN, TEN.due, LEASE)
    assert not ledger.slots.begin(TEN, TEN.due + MINUTE, LEASE)

    ledger.slots.end(TEN, SlotState.DONE, TEN.due + MINUTE)

    assert not ledger.slots.begin(TEN, TEN.due + 60 * MINUTE, LEASE)


def test_a_slot_whose_holder_died_is_taken_over_when_its_lease_is_over(ledger):
    ledger.slots.begin(TEN, TEN.due, LEASE)

    assert not ledger.slots.begin(TEN, TEN.due + LEASE - MINUTE, LEASE)
    assert ledger.slots.begin(TEN, TEN.due + LEASE, LEASE)
    assert not ledger.slots.begin(TEN, TEN.due + LEASE, LEASE)
    assert ledger.slots.history(TEN.due)[0].tries == 2


@pytest.mark.parametrize("state", [SlotState.DONE, SlotState.FAILED])
def test_the_newest_slot_that_is_over_is_the_last(ledger, state):
    assert ledger.slots.last() is None
    ledger.slots.begin(TEN, TEN.due, LEASE)
    assert ledger.slots.last() is None

    ledger.slots.end(TEN, state, TEN.due + MINUTE)
    ledger.slots.begin(THREE, THREE.due, LEASE)

    assert ledger.slots.last() == TEN.due


def test_a_missed_slot_is_recorded_once_and_never_begun(ledger):
    assert ledger.slots.missed(TEN, THREE.due)
    assert not ledger.slots.missed(TEN, THREE.due)

    assert not ledger.slots.begin(TEN, THREE.due, LEASE)
    (past,) = ledger.slots.history(TEN.due)
    assert (past.slot, past.state, past.ended) == (TEN, SlotState.MISSED, THREE.due)


def test_a_slot_that_was_begun_is_missed_only_after_its_lease(ledger):
    ledger.slots.begin(TEN, TEN.due, LEASE)

    assert not ledger.slots.missed(TEN, TEN.due + MINUTE)
    assert ledger.slots.missed(TEN, TEN.due + LEASE)


def test_what_is_over_is_not_ended_again(ledger):
    ledger.slots.begin(TEN, TEN.due, LEASE)
    ledger.slots.end(TEN, SlotState.DONE, TEN.due)

    ledger.slots.end(TEN, SlotState.FAILED, TEN.due + MINUTE)

    assert ledger.slots.history(TEN.due)[0].state is SlotState.DONE


def test_history_begins_where_it_is_told(ledger):
    for slot in (THREE, TEN):
        ledger.slots.begin(slot, slot.due, LEASE)

    assert [past.slot for past in ledger.slots.history(TEN.due)] == [TEN, THREE]
    assert [past.slot for past in ledger.slots.history(THREE.due)] == [THREE]


def test_what_happens_once_happens_once(ledger):
    assert ledger.slots.once("summary:2026-03-02", TEN.due)
    assert not ledger.slots.once("summary:2026-03-02", THREE.due)
    assert ledger.slots.once("summary:2026-03-03", THREE.due)


def test_a_naive_moment_is_refused(ledger):
    naive = TEN.due.replace(tzinfo=None)

    with pytest.raises(ValueError, match="timezone"):
        ledger.slots.begin(TEN, naive, LEASE)
    with pytest.raises(ValueError, match="timezone"):
        ledger.slots.history(naive)
