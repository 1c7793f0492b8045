"""What an IMAP server's answers mean."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mailhours.mailbox.imap_response import (
    internal_date,
    listed,
    nodes,
    numbers,
    rows,
    selected,
    statuses,
)
from mailhours.mailbox.imap_response import nested as tokens
from mailhours.mailbox.structure import choose

MIXED = (
    b'((("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "QUOTED-PRINTABLE" 120 4 NIL NIL NIL NIL)'
    b'("TEXT" "HTML" ("CHARSET" "utf-8") NIL NIL "BASE64" 400 8 NIL ("INLINE" NIL) NIL NIL)'
    b' "ALTERNATIVE" ("BOUNDARY" "x") NIL NIL NIL)'
    b'("APPLICATION" "PDF" ("NAME" "=?utf-8?q?pr=C3=B8ve=2Epdf?=") NIL NIL "BASE64" 9000 NIL'
    b' ("ATTACHMENT" ("FILENAME*" "utf-8\'\'pr%C3%B8ve.pdf")) NIL NIL)'
    b'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 700 ("date" "subject" NIL NIL NIL NIL NIL NIL NIL "<1@x>")'
    b' ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 10 1 NIL NIL NIL NIL) 20 NIL ("ATTACHMENT" NIL) NIL NIL)'
    b' "MIXED" ("BOUNDARY" "y") NIL NIL NIL)'
)


def test_a_row_has_its_tree_its_time_and_its_sections():
    line = [
        b'* 3 FETCH (UID 17 RFC822.SIZE 9999 INTERNALDATE " 2-Mar-2026 10:30:00 +0100"'
        b" BODYSTRUCTURE " + MIXED + b" BODY[HEADER]<0> {12}",
        b"Subject: x\r\n",
        b")",
    ]

    row = rows([line])[17]

    assert row.size == 9999
    assert row.arrived == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    assert row.sections == {b"HEADER": b"Subject: x\r\n"}
    assert row.nodes is not None
    assert [(n.section, n.content_type) for n in row.nodes] == [
        ("", "multipart/mixed"),
        ("1", "multipart/alternative"),
        ("1.1", "text/plain"),
        ("1.2", "text/html"),
        ("2", "application/pdf"),
        ("3", "message/rfc822"),
    ]
    choice = choose(row.nodes)
    assert [n.section for n in choice.texts] == ["1.1", "1.2"]
    assert [n.section for n in choice.attached] == ["3"]
    assert [(a.name, a.size) for a in choice.attachments] == [("prøve.pdf", 9000), ("", 700)]


def test_a_name_that_comes_as_a_literal_is_a_name():
    line = [
        b'* 1 FETCH (UID 1 BODYSTRUCTURE ("IMAGE" "PNG" ("NAME" {8}',
        "løgo.png".encode()[:8],
        b') NIL NIL "BASE64" 10 NIL NIL NIL NIL) BODY[HEADER] {2}',
        b"\r\n",
        b")",
    ]

    row = rows([line])[1]

    assert row.nodes is not None
    assert row.nodes[0].name == "løgo.pn"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b" 1-Mar-2026 10:00:00 +0100", datetime(2026, 3, 1, 9, 0, tzinfo=UTC)),
        (b"01-MAR-2026 00:30:00 +0100", datetime(2026, 2, 28, 23, 30, tzinfo=UTC)),
        (b"01-Mar-2026 10:00:00 -0930", datetime(2026, 3, 1, 19, 30, tzinfo=UTC)),
        (b"31-Feb-2026 10:00:00 +0100", None),
        (b"01-Mrz-2026 10:00:00 +0100", None),
        (b"", None),
    ],
)
def test_an_internal_date_is_utc_or_nothing(text, expected):
    assert internal_date(text) == expected


def test_a_status_is_heard_of_the_folder_that_it_names():
    lines = [
        [b'* STATUS "Other" (MESSAGES 9 UIDNEXT 9)'],
        [b"* STATUS inbox (MESSAGES 5 UIDNEXT 6 UIDVALIDITY 7)"],
    ]

    assert statuses(lines) == {
        b"Other": {"MESSAGES": 9, "UIDNEXT": 9},
        b"INBOX": {"MESSAGES": 5, "UIDNEXT": 6, "UIDVALIDITY": 7},
    }


def test_a_list_names_folders_however_they_are_written():
    lines = [
        [b'* LIST (\\HasNoChildren \\Sent) "/" Sent'],
        [b'* LIST () "." "a \\"b\\""'],
        [b'* LIST () "/" {5}', b"a)(b ", b""],
        [b"* LIST () NIL INBOX"],
    ]

    found = list(listed(lines))

    assert [raw for raw, _, _ in found] == [b"Sent", b'a "b"', b"a)(b ", b"INBOX"]
    assert "\\sent" in found[0][1]


def test_three_thousand_levels_are_read_without_recursion():
    line = [b"(" * 3000 + b'"TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1' + b' "MIXED")' * 3000]

    found = tokens(line)

    assert found is not None
    assert len(nodes(found[0]) or []) <= 25


def test_a_number_that_is_longer_than_any_is_none():
    """Python refuses to read a number of more than 4,300 digits."""
    long = b"9" * 5000
    assert rows([[b"* 1 FETCH (UID " + long + b" RFC822.SIZE 7)"]]) == {}
    assert rows([[b"* 1 FETCH (UID " + long + b" RFC822.SIZE 7"]]) == {}
    assert rows([[b"* 1 FETCH (UID 5 RFC822.SIZE " + long + b")"]])[5].size == 0
    assert numbers([[b"* SEARCH 3 " + long + b" 4"]]) == {3, 4}
    assert selected([[b"* " + long + b" EXISTS"], [b"* OK [UIDNEXT " + long + b"] x"]]) == {}
    assert statuses([[b"* STATUS a (UIDNEXT " + long + b" MESSAGES 3)"]]) == {b"a": {"MESSAGES": 3}}
    tree = b'("TEXT" "PLAIN" NIL NIL NIL "7BIT" ' + long + b" 1 NIL NIL NIL NIL)"
    [node] = rows([[b"* 1 FETCH (UID 5 BODYSTRUCTURE " + tree + b")"]])[5].nodes
    assert node.size == 0


def test_a_row_that_lost_some_octets_anywhere_is_no_reason_to_stop():
    """A line that drops octets leaves half a name as well as half a list."""
    tree = b'("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "7BIT" 4 1 NIL NIL NIL NIL)'
    first = (
        b'* 1 FETCH (UID 5 RFC822.SIZE 7 INTERNALDATE "05-Jan-2026 09:00:00 +0000" BODYSTRUCTURE '
        + tree
        + b" BODY[HEADER]<0> {9}"
    )
    whole = [first, b"From: a\r\n", b' BODY[1.MIME] "x" BODY[1]<0> {4}', b"text", b")"]
    assert set(rows([whole])[5].sections) == {b"HEADER", b"1.MIME", b"1"}

    for part in (0, 2, 4):
        said = whole[part]
        for lost in (1, 2, 7, 30):
            for at in range(len(said)):
                line = [*whole[:part], said[:at] + said[at + lost :], *whole[part + 1 :]]
                if part + 1 < len(line) and b"{" not in line[part]:
                    continue  # then nothing of what follows is a literal of it

                for row in rows([line]).values():
                    assert row.sections.get(b"HEADER", whole[1]) == whole[1]
                    assert row.sections.get(b"1", whole[3]) == whole[3]
