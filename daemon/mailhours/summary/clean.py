"""A client's text made harmless before it is shown: no controls, no direction tricks, no end."""

from __future__ import annotations

import unicodedata

# A subject on a phone: two lines.
SUBJECT = 90
# A quotation in a dossier: two lines on paper.
QUOTATION = 180
# More marks than this on one letter are an attack on the reader, not a language.
_MARKS = 4
# Joiners make letters of some scripts and pictures; all other format characters (category Cf:
# direction overrides, zero-width spaces, tags) hide or turn text (Unicode TR 36 section 3).
_JOINERS = "\u200c\u200d"


def clean(text: str, limit: int = SUBJECT) -> str:
    """Return `text` on one line, at most `limit` characters, without control characters."""
    kept: list[str] = []
    marks = 0
    # What is cut away below need not be looked at.
    for letter in text[: limit * 20]:
        category = unicodedata.category(letter)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks > _MARKS or (category == "Cf" and letter not in _JOINERS) or category == "Cn":
            continue
        kept.append(" " if category in ("Cc", "Cs", "Co", "Zl", "Zp") else letter)
    line = " ".join("".join(kept).split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"
