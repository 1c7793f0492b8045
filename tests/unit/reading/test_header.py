"""A header block to fields: addresses, dates, identifiers, and the damage that is told."""

import time
from datetime import UTC, datetime

import pytest

from mailhours.model.address import Address
from mailhours.reading.addresses import hidden, parse
from mailhours.reading.header import date, identifiers, opened


@pytest.mark.parametrize(
    ("value", "addresses"),
    [
        pytest.param(b"kari@fjord.example", [("", "kari@fjord.example")], id="bare"),
        pytest.param(b"Kari <kari@fjord.example>", [("Kari", "kari@fjord.example")], id="name"),
        pytest.param(
            b'"Nordmann, Kari" <kari@fjord.example>, ola@fjord.example',
            [("Nordmann, Kari", "kari@fjord.example"), ("", "ola@fjord.example")],
            id="comma in quotes",
        ),
        pytest.param(
            b"=?utf-8?Q?Nordmann,_K=C3=A5re?= <k@fjord.example>",
            [("Nordmann, Kåre", "k@fjord.example")],
            id="comma in an encoded word",
        ),
        pytest.param(
            b"kari@fjord.example (Kari (the boss) Nordmann)",
            [("Kari the boss Nordmann", "kari@fjord.example")],
            id="comments nest",
        ),
        pytest.param(
            b"Team: a@x.example, B <b@x.example>;, c@x.example",
            [("", "a@x.example"), ("B", "b@x.example"), ("", "c@x.example")],
            id="group",
        ),
        pytest.param(b"undisclosed-recipients:;", [], id="empty group"),
        pytest.param(
            b"'kari@fjord.example' <kari@fjord.example>",
            [("kari@fjord.example", "kari@fjord.example")],
            id="Outlook's quotes",
        ),
        pytest.param(b"[EXT] Kari <k@x.example>", [("[EXT] Kari", "k@x.example")], id="tag"),
        pytest.param(b"Kari<k@x.example>", [("Kari", "k@x.example")], id="no space"),
        pytest.param(b"<>", [], id="empty brackets"),
        pytest.param("Åse <å@blå.example>".encode(), [("Åse", "å@blå.example")], id="raw utf-8"),
    ],
)
def test_an_address_field_is_read(value, addresses):
    read = parse(value)

    assert [(a.name, a.spec) for a in read.all] == addresses
    assert not read.wrong


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"alice@example.org)bob@evil.example", id="CVE-2023-27043"),
        pytest.param(b"a@b.example c@d.example", id="two without a comma"),
        pytest.param(b"a@b.example <c@d.example> x", id="words behind"),
        pytest.param(b"<@relay.example:k@x.example>", id="a route"),
        pytest.param(b'"Kari <k@x.example>', id="a quote that never ends"),
        pytest.param(b"(Kari k@x.example", id="a comment that never ends"),
        pytest.param(b"Kari <k@x.example", id="a bracket that never ends"),
        pytest.param(b"a@b@c.example", id="two at signs"),
        pytest.param(b"MAILER-DAEMON", id="a name alone"),
    ],
)
def test_an_address_field_that_plays_tricks_says_so(value):
    assert parse(value).wrong


def test_an_address_in_the_name_that_is_another_is_seen():
    assert hidden(Address("kari@fjord.example", "x@evil.example")) == "kari@fjord.example"
    assert not hidden(Address("Kari@Fjord.example", "kari@fjord.example"))
    assert not hidden(Address("Kari", "kari@fjord.example"))


def test_an_address_hidden_in_an_encoded_word_is_seen_too():
    read = parse(b"=?utf-8?q?kari=40fjord.example?= <x@evil.example>")

    assert hidden(read.all[0]) == "kari@fjord.example"


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        pytest.param(
            b"Fri, 1 May 2026 10:12:31 +0200",
            datetime(2026, 5, 1, 8, 12, 31, tzinfo=UTC),
            id="as RFC 5322 says",
        ),
        pytest.param(
            b"1 May 26 10:12 EST",
            datetime(2026, 5, 1, 15, 12, tzinfo=UTC),
            id="obsolete zone, short year",
        ),
        pytest.param(
            b"Fri, 1 May 2026 10:12:31 GMT (Greenwich)",
            datetime(2026, 5, 1, 10, 12, 31, tzinfo=UTC),
            id="comment",
        ),
        pytest.param(
            b"Fri, 1 May 2026 10:12:31 CEST",
            datetime(2026, 5, 1, 8, 12, 31, tzinfo=UTC),
            id="a zone of no standard",
        ),
        pytest.param(
            b"Fri, 1 May 2026 10:12:31 -0000",
            datetime(2026, 5, 1, 10, 12, 31, tzinfo=UTC),
            id="no known zone",
        ),
        pytest.param(
            b"Fri, 1 May 2026 23:59:60 +0000",
            datetime(2026, 5, 1, 23, 59, 59, tzinfo=UTC),
            id="leap second",
        ),
        pytest.param(
            b"2026-05-01T10:12:31+02:00", datetime(2026, 5, 1, 8, 12, 31, tzinfo=UTC), id="ISO 8601"
        ),
        pytest.param(b"Fri, 1 May 2026 10:12:31 +9900", None, id="a zone from nowhere"),
        pytest.param(b"Mon, 1 Jan 0001 00:00:00 +0000", None, id="year 1"),
        pytest.param(b"Mon, 1 Jan 0001 00:00:00 +1400", None, id="before year 1"),
        pytest.param(b"Fri, 31 Feb 2026 10:00:00 +0000", None, id="no such day"),
        pytest.param(b"yesterday", None, id="a word"),
        pytest.param(b"", None, id="nothing"),
        pytest.param(b",,,:::", None, id="marks"),
        pytest.param(b"\xff\xfe", None, id="bytes"),
        pytest.param(b"Fri, 1 May 9999999999 10:00:00 +0000", None, id="a year of ten digits"),
    ],
)
def test_a_date_is_utc_or_none(value, moment):
    got = date(value)

    assert got == moment


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        pytest.param(b"<a@x.example>", ("<a@x.example>",), id="one"),
        pytest.param(
            b"<a@x.example>\t<b@x.example> <a@x.example>",
            ("<a@x.example>", "<b@x.example>"),
            id="each once",
        ),
        pytest.param(b"<a-long-one @x.example>", ("<a-long-one@x.example>",), id="folded inside"),
        pytest.param(
            b'Your message of "Friday" <a@x.example>', ("<a@x.example>",), id="words around"
        ),
        pytest.param(
            b"=?utf-8?q?=3Ca=40x=2Eexample=3E?=",
            ("<a@x.example>",),
            id="encoded by a library with a bug",
        ),
        pytest.param(b"<no-at-sign>", ("<no-at-sign>",), id="no at sign"),
        pytest.param(b"<>", (), id="empty"),
        pytest.param(b"a@x.example", (), id="no brackets"),
    ],
)
def test_message_ids_are_found_in_bytes(value, ids):
    assert identifiers(value) == ids


def test_a_message_id_without_brackets_gets_them():
    assert opened(b"Message-ID: a@x.example\r\n\r\n").headers.message_id == "<a@x.example>"


def test_parents_come_nearest_last_each_once():
    block = b"References: <1@x> <2@x> <3@x>\r\nIn-Reply-To: <2@x>\r\n\r\n"

    headers = opened(block).headers

    assert headers.parents == ("<1@x>", "<3@x>", "<2@x>")
    assert headers.in_reply_to == ("<2@x>",)


def test_a_thousand_references_keep_the_first_and_the_last():
    references = b" ".join(b"<%d@x>" % n for n in range(900))

    parents = opened(b"References: " + references + b"\r\n\r\n").headers.parents

    assert len(parents) == 100
    assert parents[0] == "<0@x>"


def test_a_header_without_sender_and_date_says_so():
    read = opened(b"Subject: x\r\n\r\n")

    assert read.headers.sender.spec == ""
    assert set(read.defects) == {"header: no sender", "header: no date"}


def test_the_first_of_several_fields_counts_and_all_are_kept():
    read = opened(b"Subject: one\nSubject: two\nReceived: a\nReceived: b\n\n")

    assert read.headers.subject == "one"
    assert read.all("received") == [b"a", b"b"]


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(b"To: " + b"a@x.example, " * 20_000 + b"\r\n\r\n", id="20,000 addresses"),
        pytest.param(
            b"From: " + b"(" * 400 + b"x" + b")" * 400 + b" a@x.example\r\n\r\n",
            id="400 parentheses",
        ),
        pytest.param(b"From: " + b"(" * 60_000 + b"\r\n\r\n", id="parentheses without end"),
        pytest.param(
            b"Content-Type: text/plain" + b"; " * 12_000 + b"\r\n\r\n", id="24 KB of semicolons"
        ),
        pytest.param(b"From: " + b'"\\' * 4000 + b"\r\n\r\n", id="escapes without end"),
        pytest.param(b"From: " + b'(" ) (\\"' * 1000 + b"\r\n\r\n", id="quotes in comments"),
        pytest.param(
            b"Subject: " + b"=?utf-8?q?=0D=0A?= " * 400 + b"\r\n\r\n", id="CR LF in encoded words"
        ),
        pytest.param(b"References: " + b"<" * 60_000 + b"\r\n\r\n", id="brackets"),
        pytest.param(b"From: " + b'"\\' * 30_000 + b"\r\n\r\n", id="escaped quotes"),
        pytest.param(b"Date: " + b"1 " * 4000 + b"\r\n\r\n", id="a long date"),
        pytest.param(b"X: y\r\n" * 12_000 + b"\r\n", id="12,000 fields"),
        pytest.param(b"\r" * 60_000, id="carriage returns"),
        pytest.param(bytes(range(256)) * 256, id="every byte"),
    ],
)
def test_hostile_headers_cost_milliseconds(block):
    start = time.perf_counter()
    opened(block)

    assert time.perf_counter() - start < 0.25


def test_a_cut_address_field_is_told():
    read = opened(b"To: " + b"a@x.example, " * 20_000 + b"\r\n\r\n")

    assert any(defect.endswith("KiB, cut") for defect in read.defects)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(b'"' + b"A" * 10_000 + b'"', id="one long word in quotes"),
        pytest.param(b"A long name " * 1000, id="many words"),
        pytest.param(b'"ceo@other.example ' + rb"\"Boss\" " * 2000 + b'"', id="another address"),
        pytest.param(b"=?utf-8?B?" + b"QUJD" * 3000 + b"?=", id="an encoded word"),
        pytest.param(b"(" + b"A" * 10_000 + b")", id="a comment"),
    ],
)
def test_a_display_name_that_fills_the_field_hides_no_sender(name):
    read = opened(b"From: " + name + b" <kari@fjord.example>\r\n\r\n")

    assert read.headers.sender.spec == "kari@fjord.example"
    assert len(read.headers.sender.name) <= 100
    assert [one.spec for one in read.senders.all] == ["kari@fjord.example"]
