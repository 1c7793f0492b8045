"""Words of headers and bodies of parts: RFC 2047, RFC 2045, RFC 3676, and what is sent instead."""

import base64
import time

import pytest

from mailhours.model.raw import TextPart
from mailhours.reading.charset import codec, decode
from mailhours.reading.mime import body, clean, decode_words, transfer, unflow, words


def part(content, charset="utf-8", encoding="8bit", content_type="text/plain", **params):
    held = {"charset": charset, **params} if charset else dict(params)
    return TextPart("1", content_type, held, encoding, content)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(b"Plain subject", "Plain subject", id="plain"),
        pytest.param(b"=?utf-8?Q?Bl=C3=A5b=C3=A6r?=", "Blåbær", id="Q"),
        pytest.param(b"=?UTF-8?B?QmzDpWLDpnI=?=", "Blåbær", id="B"),
        pytest.param(b"=?UTF-8?B?QmzDpWLDpnI?=", "Blåbær", id="B without padding"),
        pytest.param(b"=?iso-8859-1*nb?q?bl=E5_b=E6r?=", "blå bær", id="language tag, RFC 2231"),
        pytest.param(b"=?utf-8?q?a?= =?utf-8?q?b?=", "ab", id="space between words is not text"),
        pytest.param(b"=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c", id="space beside text is"),
        pytest.param(b"=?utf-8?B?w6U=?= =?utf-8?B?w6Y=?=", "åæ", id="two words in base64"),
        pytest.param(b"=?utf-8?Q?=C3?= =?utf-8?Q?=A5?=", "å", id="a character torn in two"),
        pytest.param(b"=?x-unknown?Q?bl=C3=A5?=", "blå", id="unknown charset"),
        pytest.param("Grüße".encode("latin-1"), "Grüße", id="raw latin-1"),
        pytest.param("Grüße".encode(), "Grüße", id="raw utf-8"),
        pytest.param(b"=?utf-8?Z?abc?=", "=?utf-8?Z?abc?=", id="no such encoding stays"),
        pytest.param(
            b"=?utf-8?Q?a=0D=0ABcc:_x@y.example?=", "a Bcc: x@y.example", id="hidden CR LF"
        ),
        pytest.param("a\u202egnp.exe".encode(), "a gnp.exe", id="text turned around"),
        pytest.param(b"a\x00b", "a b", id="NUL"),
    ],
)
def test_a_header_value_is_decoded(value, text):
    assert words(value) == text


def test_raw_bytes_are_read_by_the_charset_of_the_mails_text():
    assert words("Логотип".encode("koi8-r"), "koi8-r") == "Логотип"


@pytest.mark.parametrize(
    ("data", "label", "text"),
    [
        pytest.param("å".encode(), "us-ascii", "å", id="utf-8 called ascii"),
        pytest.param(b"caf\xe9 \x93x\x94", "iso-8859-1", "café “x”", id="latin-1 is windows-1252"),
        pytest.param(
            "你好".encode("gbk"), "GB2312_CHARSET", "你好", id="an alias nobody registered"
        ),
        pytest.param("å".encode(), "iso-8859-1; format=flowed", "Ã¥", id="junk behind the label"),
        pytest.param("å".encode(), "DEFAULT", "å", id="no label at all"),
        pytest.param(b"\xe5", "utf-8", "å", id="latin-1 called utf-8"),
        pytest.param("å".encode(), "shift_jis", "ﾃ･", id="a label that fits is believed"),
        pytest.param(b"abc", "zlib", "abc", id="a codec that is no charset"),
        pytest.param(b"abc", "idna", "abc", id="a codec that is slow"),
        pytest.param(b"a+2AE-b", "unicode-1-1-utf-7", None, id="broken utf-7"),
        pytest.param(b"\x1b$B%F%9%H\x1b(B", "iso-2022-jp", "テスト", id="7 bit japanese"),
        pytest.param("hei".encode("utf-16"), "utf-16", "hei", id="utf-16"),
        pytest.param(b"abc", "x" * 500, "abc", id="a label of 500 letters"),
        pytest.param(b"abc", "a\x00b", "abc", id="a label with NUL"),
    ],
)
def test_bytes_become_text_whatever_the_label_says(data, label, text):
    got = decode(data, label)

    assert isinstance(got, str)
    assert text is None or got == text


def test_utf_8_with_one_damaged_byte_is_still_utf_8():
    assert decode("blåbærgrøt".encode() + b"\xff", "") == "blåbærgrøt\ufffd"


def test_charset_names_are_python_codecs_or_nothing():
    assert codec("windows-1251") == "cp1251"
    assert codec('"UTF8"') == "utf-8"
    assert codec("rot13") == ""


def test_base64_bodies_survive_line_breaks_junk_and_a_cut():
    encoded = base64.encodebytes("Hei på deg".encode())

    assert body(part(encoded, encoding="base64")) == "Hei på deg"
    assert body(part(b"!!" + encoded, encoding="BASE64 ")) == "Hei på deg"
    assert body(part(encoded[:-4], encoding="base64")).startswith("Hei p")


def test_quoted_printable_bodies_survive_broken_escapes():
    assert body(part(b"Bl=C3=A5=\r\nb=C3=A6r =ZZ", encoding="quoted-printable")) == "Blåbær =ZZ"


def test_uuencoded_bodies_are_read():
    assert transfer(b"begin 644 a.txt\n#2&5I\n`\nend\n", "x-uuencode") == b"Hei"


def test_an_unknown_transfer_encoding_leaves_the_bytes():
    assert transfer(b"abc", "x-rot") == b"abc"


def test_line_ends_become_newlines_and_nul_and_byte_order_mark_go():
    assert body(part(b"\xef\xbb\xbfa\r\nb\rc\x00")) == "a\nb\nc"


def test_html_without_a_label_is_read_by_its_meta_charset():
    html = b'<html><head><meta charset="windows-1250"></head>Mo\x9eete</html>'

    assert "Možete" in body(part(html, charset="", content_type="text/html"))


def test_flowed_lines_are_joined_and_quotes_keep_their_depth():
    text = "One \ntwo\n> three \n> four\n>> five\n-- \nKari"

    assert unflow(text) == "One two\n> three four\n>> five\n-- \nKari"


def test_flowed_with_delsp_joins_without_the_space():
    assert unflow("bro \nken", joined=True) == "broken"


def test_flowed_lines_lose_their_stuffing():
    assert unflow(" From here\n >no quote") == "From here\n>no quote"


def test_one_line_stays_one_line():
    assert clean(" a\r\n b\u2028c ") == "a b c"


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"=?" * 4000, id="openings"),
        pytest.param(b"=?utf-8?q?" * 800, id="openings with a charset"),
        pytest.param(b"=?utf-8?q?a?=" * 600, id="many words"),
        pytest.param(b"=?utf-8?q?" + b"=41" * 2600, id="one long word that never ends"),
        pytest.param(b"=?idna?q?" + b"a." * 4000 + b"?=", id="a slow codec"),
    ],
)
def test_hostile_words_cost_milliseconds(value):
    start = time.perf_counter()
    decode_words(value.decode())

    assert time.perf_counter() - start < 0.25
