"""Text for comparison: lower case, no diacritics, letters that do not decompose made plain."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_MARK = re.compile("[\u0300-\u036f]")  # one at a time: a set alone is found faster than its runs


def folded(text: str, plain: Mapping[str, str]) -> str:
    """Return `text` in compatibility forms, lower case, without diacritics.

    `plain` says how letters are written that Unicode does not decompose; text that is all ASCII
    has none of them.
    """
    if text.isascii():
        return text.lower()
    bare = _MARK.sub("", unicodedata.normalize("NFKD", text.casefold()))
    for letter, spelling in plain.items():
        bare = bare.replace(letter, spelling)
    return bare
