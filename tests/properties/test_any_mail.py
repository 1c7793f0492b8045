"""Any bytes give a reading, in milliseconds, and the same one each time."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from mailhours.mailbox.eml import cut
from mailhours.model.message import Kind, MayReply
from mailhours.model.raw import FolderRole, PartType, RawMail, TextPart
from mailhours.reading.addresses import parse
from mailhours.reading.charset import decode
from mailhours.reading.header import date, identifiers
from mailhours.reading.mime import body, words
from mailhours.reading.read import Reader

READER = Reader(
    ("dana@studio.example",), (), "mx.studio.example", "mailhours-1", ZoneInfo("Europe/Oslo")
)
NOON = datetime(2026, 5, 1, 10, tzinfo=UTC)

names = st.sampled_from(
    [
        "From",
        "To",
        "Cc",
        "Subject",
        "Date",
        "Message-ID",
        "References",
        "Auto-Submitted",
        "Precedence",
        "Return-Path",
        "List-Id",
        "Content-Type",
        "X-Loop",
        "Authentication-Results",
        "Received",
        "Reply-To",
        "Sender",
    ]
)
scraps = st.sampled_from(
    [
        "<",
        ">",
        '"',
        "\\",
        "(",
        ")",
        ",",
        ";",
        ":",
        "@",
        "=?utf-8?q?",
        "?=",
        "=?",
        "a@b.example",
        "no",
        "auto-replied",
        "\r\n ",
        "=0D=0A",
        "dana@studio.example",
        "mx.studio.example; dmarc=pass",
        " ",
        "\t",
        "å",
        "мир",
        "\x00",
        "multipart/report; boundary=x",
        "1 May 2026 10:00 +0200",
    ]
)
values = st.lists(scraps | st.text(max_size=20), max_size=12).map("".join)
blocks = st.lists(st.tuples(names, values), max_size=12).map(
    lambda fields: "".join(f"{n}: {v}\r\n" for n, v in fields).encode("utf-8", "surrogatepass")
)
octets = st.binary(max_size=400)
parts = st.builds(
    TextPart,
    section=st.just("1"),
    content_type=st.sampled_from(
        ["text/plain", "text/html", "text/calendar", "text/rfc822-headers"]
    ),
    params=st.dictionaries(
        st.sampled_from(["charset", "format", "delsp", "method"]), st.text(max_size=12)
    ),
    encoding=st.sampled_from(
        ["7bit", "8bit", "base64", "quoted-printable", "x-uuencode", "nonsense", ""]
    ),
    content=octets | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
    cut=st.booleans(),
)
trees = st.lists(
    st.builds(
        PartType,
        st.sampled_from(["", "1", "1.1", "2"]),
        st.sampled_from(["multipart/report", "message/rfc822", "text/calendar", "x/y"]),
        st.dictionaries(st.sampled_from(["method", "smime-type"]), st.text(max_size=8)),
    ),
    max_size=4,
)


@given(octets, st.sampled_from(FolderRole))
def test_any_bytes_give_a_reading(data, role):
    got = READER.read(cut(data, NOON), role)

    assert not [defect for defect in got.defects if "failed" in defect]


@given(blocks, octets)
def test_any_header_gives_a_reading_twice_the_same(block, text):
    raw = cut(block + b"\r\n" + text, NOON)

    got = READER.read(raw, FolderRole.INBOX)

    assert not [defect for defect in got.defects if "failed" in defect]
    assert got == READER.read(raw, FolderRole.INBOX)
    assert got.kind is Kind.HUMAN or got.may_reply is not MayReply.REPLY


@given(blocks, st.lists(parts, max_size=3), trees, st.lists(octets, max_size=2))
def test_any_raw_mail_gives_a_reading(block, texts, tree, attached):
    raw = RawMail(block, tuple(texts), tuple(tree), (), tuple(attached), NOON, 0)

    got = READER.read(raw, FolderRole.INBOX)

    assert not [defect for defect in got.defects if "failed" in defect]
    assert "\r" not in got.headers.subject
    assert "\n" not in got.headers.subject


@given(values)
def test_no_address_holds_a_line_break(value):
    for address in parse(value.encode("utf-8", "surrogatepass")).all:
        assert not set("\r\n\x00") & set(address.name + address.spec)
        assert "@" in address.spec


@given(octets)
def test_the_small_readers_never_raise(data):
    assert isinstance(words(data), str)
    assert isinstance(identifiers(data, bare=True), tuple)
    found = date(data)
    assert found is None or found.tzinfo is UTC


@given(
    octets,
    st.text(max_size=20)
    | st.sampled_from(["utf-16", "utf-7", "iso-2022-jp", "hz", "gb2312", "idna", "utf_8_sig"]),
)
def test_any_label_decodes(data, label):
    assert isinstance(decode(data, label), str)


@given(parts)
def test_any_part_has_a_text(part):
    assert isinstance(body(part), str)
