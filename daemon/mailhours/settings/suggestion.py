"""`did you mean ...`: the word that a mistyped one was probably meant to be."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that `word` was probably meant to be, else nothing."""
    words = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(word[:80].casefold(), words, n=1, cutoff=0.6)
    return words[near[0]] if near else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean "..."?` for the known word nearest to `word`, else nothing."""
    near = nearest(word, known)
    return f'; did you mean "{near}"?' if near else ""


def one_of(word: object, known: Iterable[str]) -> str:
    """Return what to say of a `word` that must be one of the `known`."""
    names = list(known)
    listed = ", ".join(f'"{name}"' for name in names)
    if not isinstance(word, str):
        return f"must be one of {listed}"
    return f"{quoted(word)} is not one of {listed}{did_you_mean(word, names)}"


def quoted(word: str) -> str:
    """Return `word` in quotes, cut and on one line, for a message."""
    flat = "".join(c if c.isprintable() else "?" for c in word)
    return f'"{flat}"' if len(flat) <= 60 else f'"{flat[:57]}..."'
