"""Whatever bytes come, from a file or a server: something comes out, bounded, and nothing is raised."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from hypothesis import example, given
from hypothesis import strategies as st

from mailhours.mailbox import utf7
from mailhours.mailbox.eml import cut
from mailhours.mailbox.imap_fetch import uid_set
from mailhours.mailbox.imap_response import listed, nested, numbers, rows, selected, statuses
from mailhours.mailbox.parameters import NAME_LIMIT, field, filename
from mailhours.mailbox.structure import TEXT_LIMIT, TEXTS, key

AT = datetime(2026, 3, 2, tzinfo=UTC)

# Pieces that a mail is made of, in any order: more often near a real mail than plain bytes are.
PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                b"\r\n", b"\n", b"\n\n", b"\r\n\r\n", b"\r", b" ", b"--b", b"--b--", b"--", b'"',
                b"Content-Type: multipart/mixed; boundary=b", b"Content-Type: text/plain",
                b'Content-Type: multipart/digest; boundary="b"', b"Content-Type: message/rfc822",
                b"Content-Disposition: attachment; filename*0*=utf-8''a%F8; filename*1=b",
                b"Content-Transfer-Encoding: base64", b"Subject: =?utf-8?q?=E6?=", b"\x00", b"\xff",
            ]
        ),
        st.binary(max_size=20),
    ),
    max_size=60,
).map(b"".join)  # fmt: skip

TOKENS = st.lists(
    st.one_of(
        st.sampled_from(
            [
                b"(", b")", b" ", b'"', b"NIL", b"UID 7", b"BODY[1]<0>", b"BODY[HEADER]", b"FETCH",
                b"* 1 FETCH (", b"* STATUS ", b"* LIST ", b"* SEARCH 1 2", b"INBOX", b'"/"', b"{3}",
                b"BODYSTRUCTURE", b'"TEXT" "PLAIN"', b"INTERNALDATE", b"RFC822.SIZE 12", b"[", b"]",
                b"MESSAGES 5", b"UIDNEXT 9", b"* OK [UIDVALIDITY 7]", b"* 5 EXISTS", b"\\",
            ]
        ),
        st.binary(max_size=8),
    ),
    max_size=40,
).map(b"".join)  # fmt: skip

LINES = st.lists(
    st.lists(TOKENS, min_size=1, max_size=5)
    .filter(lambda line: len(line) % 2 == 1)
    .map(lambda line: [p + b" {3}" if i + 1 < len(line) and i % 2 == 0 else p for i, p in enumerate(line)]),
    max_size=4,
)  # fmt: skip


@given(PIECES)
@example(b"Content-Type: multipart/mixed; boundary=b\n\n--b\n--b\n--b--")
@example(b"\n--b--")
def test_any_bytes_are_a_mail(data):
    raw = cut(data, AT)

    assert raw.size == len(data)
    assert len(raw.parts) <= TEXTS
    assert all(len(part.content) <= TEXT_LIMIT for part in raw.parts)
    assert all(part.content in data for part in raw.parts)
    assert len({node.section for node in raw.tree}) == len(raw.tree)
    for attachment in raw.attachments:
        attachment.name.encode()
    key(raw.header, raw.parts)


@given(PIECES)
def test_where_a_mail_lies_in_a_file_makes_no_difference(data):
    before, after = b"\n\nbefore\n", b"\n--b--\n\nafter"

    there = cut(before + data + after, AT, len(before), len(before) + len(data))

    assert there == cut(data, AT)


@given(PIECES.filter(lambda data: b"\r" not in data))
def test_line_ends_do_not_change_the_key(data):
    one, other = cut(data, AT), cut(data.replace(b"\n", b"\r\n"), AT)

    assert key(one.header, one.parts) == key(other.header, other.parts)


@given(LINES)
def test_any_answer_of_a_server_is_read(lines):
    for row in rows(lines).values():
        assert row.uid > 0
    numbers(lines)
    selected(lines)
    statuses(lines)
    for raw, _, _ in listed(lines):
        utf7.decode(raw)
    for line in lines:
        nested(line)


@given(st.binary(max_size=300))
def test_any_field_has_parameters(value):
    kind, params = field(value)

    kind.encode()
    assert len(filename(params, params)) <= NAME_LIMIT


@given(st.text(max_size=50))
def test_a_folder_name_comes_back_from_modified_utf_7(name):
    written = utf7.encode(name)

    assert re.fullmatch(r"[\x20-\x7e]*", written)
    if not any("\ud800" <= letter <= "\udfff" for letter in name):
        assert utf7.decode(written) == name


@given(st.sets(st.integers(min_value=1, max_value=200), min_size=1))
def test_a_sequence_set_names_exactly_its_numbers(uids):
    named = set()
    for part in uid_set(uids).split(b","):
        low, _, high = part.partition(b":")
        named |= set(range(int(low), int(high or low) + 1))

    assert named == uids
