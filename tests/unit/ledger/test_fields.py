from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import a_signal
from mailhours.ledger.fields import join, join_signals, split, split_signals
from mailhours.model.message import Signal, SignalKind

TEXT = st.text(max_size=20) | st.text(alphabet="\x1e\x1f a", max_size=5)
SIGNALS = st.builds(
    Signal,
    kind=st.sampled_from(SignalKind),
    phrase=TEXT,
    start=st.integers(0, 10**6),
    end=st.integers(0, 10**6),
    text=TEXT,
    subtype=TEXT,
    item=st.integers(0, 99),
    due=st.none() | st.dates(),
    quoted=TEXT,
)


@pytest.mark.parametrize(
    "strings",
    [
        pytest.param((), id="none"),
        pytest.param(("",), id="one empty"),
        pytest.param(("", ""), id="two empty"),
        pytest.param(("\x1f",), id="one separator"),
        pytest.param(("\x1e", "a"), id="begins with the sign of JSON"),
        pytest.param(("a\x1fb", "c"), id="separator inside"),
    ],
)
def test_odd_strings_come_back_as_they_were(strings):
    assert strings == split(join(strings))


@given(st.lists(TEXT, max_size=5).map(tuple))
def test_any_strings_come_back_as_they_were(strings):
    assert strings == split(join(strings))


@given(st.lists(SIGNALS, max_size=4).map(tuple))
def test_any_signals_come_back_as_they_were(signals):
    assert signals == split_signals(join_signals(signals))


def test_a_signal_keeps_its_day():
    signal = a_signal("defer", "by Friday", due=date(2026, 3, 6), item=2, quoted="The logo?")

    assert (signal,) == split_signals(join_signals((signal,)))
