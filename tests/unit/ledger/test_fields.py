from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailhours.ledger.fields import join, split

TEXT = st.text(max_size=20) | st.text(alphabet="\x1e\x1f a", max_size=5)


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
