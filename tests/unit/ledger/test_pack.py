from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgers import a_raw
from mailhours.ledger.pack import pack, unpack
from mailhours.model.raw import Attachment, PartType, RawMail, TextPart

# Names as a parser hands them over may hold what no UTF-8 can.
WORDS = st.text(alphabet=st.characters(exclude_categories=()), max_size=12)
PARAMS = st.dictionaries(WORDS, WORDS, max_size=3)
RAWS = st.builds(
    RawMail,
    header=st.binary(max_size=200),
    parts=st.lists(
        st.builds(
            TextPart,
            section=WORDS,
            content_type=WORDS,
            params=PARAMS,
            encoding=WORDS,
            content=st.binary(max_size=300),
            cut=st.booleans(),
        ),
        max_size=4,
    ).map(tuple),
    tree=st.lists(st.builds(PartType, WORDS, WORDS, PARAMS), max_size=4).map(tuple),
    attachments=st.lists(
        st.builds(Attachment, WORDS, WORDS, st.integers(0, 2**63)), max_size=3
    ).map(tuple),
    attached=st.lists(st.binary(max_size=100), max_size=3).map(tuple),
    received=st.datetimes(timezones=st.just(UTC)),
    size=st.integers(0, 2**40),
    defects=st.lists(WORDS, max_size=3).map(tuple),
)


@given(RAWS)
def test_a_mail_comes_back_octet_by_octet(raw):
    header, rest = pack(raw)

    assert raw == unpack(header, rest, raw.received, raw.size)


def test_the_same_mail_packs_to_the_same_bytes():
    assert pack(a_raw()) == pack(a_raw())


def test_a_blob_of_the_wrong_length_is_refused():
    header, rest = pack(a_raw())

    with pytest.raises(ValueError, match="shorter or longer"):
        unpack(header, rest + b"x", datetime(2026, 3, 2, tzinfo=UTC), 1)
