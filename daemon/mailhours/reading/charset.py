"""Bytes to text by the charset a mail names, or by what the bytes look like; never raises.

Labels in real mail are often wrong or no charset at all (`x-unknown`, `DEFAULT`, `us-ascii` over
UTF-8), so a label is a wish: an alias map first, then only codecs that are text and linear in time.
"""

from __future__ import annotations

import codecs
import re

# Labels that say nothing: the bytes decide.
_UNSAID = frozenset(
    (
        *(
            "",
            "ascii",
            "us-ascii",
            "ansi_x3.4-1968",
            "iso-8859",
            "iso8859",
            "none",
            "null",
            "binary",
        ),
        *("default", "default_charset", "unknown", "unknown-8bit", "x-unknown", "8bit", "utf"),
        *("x-user-defined", "_autodetect", "_autodetect_all", "auto", "user-defined"),
    )
)
# What browsers and mail programs take these labels for (WHATWG Encoding Standard, section 4.2).
_ALIASES = {
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "ansi": "cp1252",
    "x-ansi": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "iso-8859-8-i": "iso8859-8",
    "windows-874": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gb2312_charset": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "big5": "big5hkscs",
    "chinesebig5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "sjis": "cp932",
    "x-euc-jp": "euc_jp",
    "cp-850": "cp850",
    "macintosh": "mac_roman",
    "x-mac-roman": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-ce": "mac_latin2",
    "koi8": "koi8_r",
    "unicode": "utf-16",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "utf8mb4": "utf-8",
    "x-utf-8": "utf-8",
}
# Only these families: a codec of another kind (idna, zlib, rot13, unicode_escape) is no charset,
# and some of them are quadratic in the length of hostile input.
_TEXT = re.compile(
    r"utf_?(?:7|8|16|32)(?:_?(?:le|be|sig))?|u8|latin_?\d+|l\d+|iso_?8859_?\d+|iso_?2022_?(?:jp|kr)\w*"
    r"|cp_?\d+|windows_?\d+|ibm_?\d+|koi8_?[rut]|mac_?(?:roman|latin2|cyrillic|greek|turkish|iceland)"
    r"|big5\w*|gb\w{0,8}|euc_?(?:jp|kr|jis\w*)|s_?(?:hift_?)?jis\w*|johab|hz|tis_?620|kz1048|ptcp154"
)
_WORD = re.compile(r"[^a-z0-9]+")


def decode(data: bytes, label: str = "", *, hint: str = "") -> str:
    """Return `data` as text by the charset `label`; unknown or false labels are guessed.

    A guess is UTF-8 if the bytes are strictly that, else `hint` (the charset of the same mail's
    text), else windows-1252 with U+FFFD for what is left.
    """
    if data.isascii() and b"\x1b" not in data and b"+" not in data and b"~" not in data:
        name = codec(label)
        if not name.startswith("utf-16") and not name.startswith("utf-32"):
            return data.decode("ascii")
    else:
        name = codec(label)
    if name in ("", "utf-8"):
        return _guess(data, codec(hint))
    try:
        return data.decode(name)
    except (UnicodeError, LookupError, ValueError):
        pass
    try:
        return data.decode("utf-8")  # a false label is most often UTF-8 in truth
    except UnicodeError:
        return _replaced(data, name)


def codec(label: str) -> str:
    """Return Python's name of the charset `label`, or the empty string when it names none."""
    plain = label.strip().strip("\"'").strip().lower().partition(";")[0].partition("*")[0].strip()
    if plain in ("utf-8", "utf8"):
        return "utf-8"
    if plain in _UNSAID or len(plain) > 40:
        return ""
    name = _ALIASES.get(plain) or _ALIASES.get(plain.replace("_", "-")) or plain
    if not _TEXT.fullmatch(_WORD.sub("_", name)):
        return ""
    try:
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        return ""


def _guess(data: bytes, hint: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeError:
        pass
    if mostly_utf8(data):
        return data.decode("utf-8", "replace")
    return _replaced(data, hint if hint not in ("", "utf-8") else "cp1252")


def mostly_utf8(data: bytes) -> bool:
    """Say whether `data` is UTF-8 with damage (cut, or a stray byte) and not another charset."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    high = sum(map(data.count, _LEADS))
    return 0 < broken * 2 <= high


_LEADS = tuple(bytes((n,)) for n in (0xC3, 0xC4, 0xC5, 0xD0, 0xD1, 0xE2, 0xE3, 0xE4, 0xEF, 0xF0))


def _replaced(data: bytes, name: str) -> str:
    try:
        return data.decode(name, "replace")
    except (UnicodeError, LookupError, ValueError):
        return data.decode("cp1252", "replace")
