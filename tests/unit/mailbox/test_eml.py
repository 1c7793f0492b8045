"""Whole mails, well-formed and hostile, cut into what is kept."""

from __future__ import annotations

import time
import tracemalloc
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from mailhours.mailbox.eml import cut
from mailhours.mailbox.structure import TEXT_LIMIT, key
from mailhours.model.raw import RawMail

ARRIVED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def mail(*parts: bytes, kind: bytes = b"multipart/mixed; boundary=b", head: bytes = b"") -> bytes:
    body = b"".join(b"\r\n--b\r\n" + part for part in parts)
    return (
        b"From: kari@fjord.example\r\nMessage-ID: <1@fjord>\r\n"
        + head
        + b"Content-Type: "
        + kind
        + b"\r\n\r\n"
        + body
        + b"\r\n--b--\r\n"
    )


def texts(raw: RawMail) -> list[bytes]:
    return [part.content for part in raw.parts]


def test_a_plain_mail_is_one_text_part_numbered_1():
    raw = cut(b"Subject: hi\n\nHello\n", ARRIVED)

    assert raw.header == b"Subject: hi\n\n"
    assert [(p.section, p.content_type, p.encoding, p.content) for p in raw.parts] == [
        ("1", "text/plain", "7bit", b"Hello\n")
    ]
    assert raw.received == ARRIVED
    assert raw.size == 19
    assert raw.defects == ()


def test_the_parts_of_a_mail_with_an_attachment_are_told_apart():
    message = EmailMessage()
    message["Subject"] = "the logo"
    message.set_content("See attached.\n")
    message.add_alternative("<p>See attached.</p>\n", subtype="html")
    message.add_attachment(b"x" * 30_000, "image", "png", filename="logo.png")

    raw = cut(message.as_bytes(), ARRIVED)

    assert [p.section for p in raw.parts] == ["1.1", "1.2"]
    assert [p.content_type for p in raw.parts] == ["text/plain", "text/html"]
    assert [(a.name, a.content_type) for a in raw.attachments] == [("logo.png", "image/png")]
    assert 40_000 < raw.attachments[0].size < 42_000
    assert [(t.section, t.content_type) for t in raw.tree] == [
        ("", "multipart/mixed"),
        ("1", "multipart/alternative"),
        ("1.1", "text/plain"),
        ("1.2", "text/html"),
        ("2", "image/png"),
    ]
    assert sum(len(p.content) for p in raw.parts) < 100


def test_html_is_left_out_where_a_long_plain_text_says_the_same():
    both = b"multipart/alternative; boundary=b"
    html = b"Content-Type: text/html\r\n\r\n<p>hello</p>"

    long = cut(mail(b"\r\n" + b"hello " * 1000, html, kind=both), ARRIVED)
    short = cut(mail(b"\r\nThis mail is HTML.", html, kind=both), ARRIVED)
    mixed = cut(mail(b"\r\n" + b"hello " * 1000, html), ARRIVED)

    assert [part.content_type for part in long.parts] == ["text/plain"]
    assert [part.content_type for part in short.parts] == ["text/plain", "text/html"]
    assert [part.content_type for part in mixed.parts] == ["text/plain", "text/html"]
    assert long.attachments == ()


def test_the_line_end_before_a_boundary_belongs_to_the_boundary():
    raw = cut(mail(b"\r\none\r\n", b"\r\ntwo"), ARRIVED)

    assert texts(raw) == [b"one\r\n", b"two"]


def test_a_boundary_that_begins_like_another_is_another():
    raw = cut(mail(b"\r\none\r\n--b2\r\nstill one"), ARRIVED)

    assert texts(raw) == [b"one\r\n--b2\r\nstill one"]


def test_a_text_file_that_is_attached_is_no_text_of_the_mail():
    raw = cut(
        mail(
            b"\r\nhello",
            b"Content-Type: text/plain; name=log.txt\r\n"
            b"Content-Disposition: attachment; filename*=utf-8''pr%C3%B8ve.txt\r\n\r\nsecret",
        ),
        ARRIVED,
    )

    assert texts(raw) == [b"hello"]
    assert [a.name for a in raw.attachments] == ["prøve.txt"]


def test_of_an_attached_message_only_the_header_is_kept():
    raw = cut(
        mail(
            b"\r\nThis did not arrive.",
            b"Content-Type: message/rfc822\r\n\r\nSubject: offer\r\nTo: a@b.example\r\n\r\nsecret body",
        ),
        ARRIVED,
    )

    assert raw.attached == (b"Subject: offer\r\nTo: a@b.example\r\n\r\n",)
    assert texts(raw) == [b"This did not arrive."]
    assert raw.attachments[0].content_type == "message/rfc822"


def test_a_mail_without_a_header_is_text():
    raw = cut(b"just words, nothing else", ARRIVED)

    assert raw.header == b""
    assert texts(raw) == [b"just words, nothing else"]


def test_a_multipart_that_names_no_boundary_is_read_as_text():
    raw = cut(b"Content-Type: multipart/mixed\n\nwords", ARRIVED)

    assert texts(raw) == [b"words"]
    assert raw.defects == ("multipart without parts, read as text",)


def test_a_multipart_that_was_never_closed_keeps_its_last_part():
    raw = cut(b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo", ARRIVED)

    assert texts(raw) == [b"one", b"two"]


def test_a_long_text_is_cut_with_a_mark():
    raw = cut(b"Subject: long\n\n" + b"word " * 100_000, ARRIVED)

    assert len(raw.parts[0].content) == TEXT_LIMIT
    assert raw.parts[0].cut


def test_a_header_of_five_megabytes_is_cut_and_the_text_still_found():
    raw = cut(b"Subject: x\n" + b"X-Filler: abc\n" * 380_000 + b"\nHello", ARRIVED)

    assert len(raw.header) == 64 * 1024
    assert texts(raw) == [b"Hello"]
    assert raw.defects == ("header cut: longer than 64 KiB",)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x00" * 500, id="nul bytes"),
        pytest.param(b"\r\n\r\n", id="blank lines"),
        pytest.param(b"Content-Type: ;;;=;\n\nx", id="a type of punctuation"),
        pytest.param(b'Content-Type: multipart/mixed; boundary="\n\nx', id="an open quote"),
        pytest.param(b"Content-Type: multipart/mixed; boundary=b\n\n--b", id="only a boundary"),
        pytest.param(b"Content-Type: multipart/mixed; boundary=b\n\n--b--", id="only an end"),
        pytest.param("Subject: æ\xff\n\nå".encode("latin-1"), id="eight bits"),
        pytest.param(
            b"Content-Type: image/png; name==?utf-8?b?////?=\n\nx", id="a broken encoded word"
        ),
    ],
)  # fmt: skip
def test_nonsense_is_cut_without_complaint(data):
    raw = cut(data, ARRIVED)

    assert raw.size == len(data)


def nested(depth: int) -> bytes:
    opening = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth)
    )
    return opening + b"\nin the middle"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(
            mail(b"\r\nhi", b"Content-Type: image/png\r\n\r\n" + b"A" * 76 * 1_300_000), id="blob"
        ),
        pytest.param(mail(*[b"\r\nhi"] * 10) + b"\n--b" * 25_000_000, id="boundaries without end"),
        pytest.param(mail(b"\r\nhi" + b"\n--bX" * 20_000_000), id="almost boundaries"),
        pytest.param(mail(*[b"\r\nhi"] * 2000) * 200, id="two thousand parts"),
        pytest.param(nested(3000) + b"\n--" * 30_000_000, id="three thousand deep"),
        pytest.param(b"Subject: x\n" + b"a: b\n" * 20_000_000, id="nothing but header"),
        pytest.param(b"\n" * 100_000_000, id="nothing but lines"),
        pytest.param(b"A: " + b"\n " * 50_000_000, id="one folded field"),
    ],
)
def test_a_hostile_mail_of_a_hundred_megabytes_costs_little(data):
    tracemalloc.start()
    began = time.process_time()
    try:
        raw = cut(data, ARRIVED)
        spent, peak = time.process_time() - began, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert raw.size == len(data)
    assert spent < 2  # tens of milliseconds on a quiet machine; a regression costs minutes
    assert peak < 8 * 1024 * 1024


def test_the_key_of_a_mail_does_not_depend_on_its_line_ends():
    unix = b"Subject: hi\nDate: today\n\nHello\nthere\n"

    keys = {
        key(raw.header, raw.parts)
        for raw in (cut(unix, ARRIVED), cut(unix.replace(b"\n", b"\r\n"), ARRIVED))
    }

    assert len(keys) == 1


def test_mails_without_a_message_id_are_told_apart_by_their_text():
    one, two = (cut(b"Subject: hi\n\n" + text, ARRIVED) for text in (b"one", b"two"))

    assert key(one.header, one.parts) != key(two.header, two.parts)


def test_a_message_id_that_was_used_before_does_not_hide_another_mail():
    one, two = (cut(b"Message-ID: <1@x>\nSubject: " + s + b"\n\nhi", ARRIVED) for s in (b"a", b"b"))

    assert key(one.header, one.parts) != key(two.header, two.parts)
