"""Strings that no column holds as they are: several in one, and what has no UTF-8."""

from __future__ import annotations

import json
from collections.abc import Sequence

_BETWEEN = "\x1f"  # ASCII unit separator; what holds one itself is written as JSON
_JSON = "\x1e"


def join(strings: Sequence[str]) -> str:
    """Return `strings` as one; the empty sequence is the empty string."""
    if not strings:
        return ""
    joined = _BETWEEN.join(strings)
    if not joined or joined[0] == _JSON or joined.count(_BETWEEN) != len(strings) - 1:
        return _JSON + json.dumps(list(strings))
    return joined


def split(joined: str) -> tuple[str, ...]:
    """Return what `join` was given."""
    if not joined:
        return ()
    if joined[0] == _JSON:
        return tuple(json.loads(joined[1:]))
    return tuple(joined.split(_BETWEEN))


def plain(text: str) -> str:
    """Return prose with every lone surrogate, which has no UTF-8, replaced by a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def storable(name: str) -> str:
    """Return a name, of a file perhaps that is not UTF-8, as one that can be stored."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return _JSON + json.dumps(name)
    return name


def stored(name: str) -> str:
    """Return the name that `storable` was given."""
    return str(json.loads(name[1:])) if name.startswith(_JSON) else name
