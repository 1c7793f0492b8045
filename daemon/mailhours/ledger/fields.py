"""Strings that no column holds as they are: several in one, signals, and what has no UTF-8."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

from mailhours.model.message import Signal, SignalKind

_BETWEEN = "\x1f"  # ASCII unit separator; what holds one itself is written as JSON
_JSON = "\x1e"
_FIELDS = 9  # of a signal


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


def join_signals(signals: Sequence[Signal]) -> str:
    """Return `signals` as one string."""
    return join(
        [
            field
            for s in signals
            for field in (
                s.kind.value,
                s.phrase,
                str(s.start),
                str(s.end),
                s.text,
                s.subtype,
                str(s.item),
                s.due.isoformat() if s.due else "",
                s.quoted,
            )
        ]
    )


def split_signals(joined: str) -> tuple[Signal, ...]:
    """Return what `join_signals` was given."""
    if not joined:
        return ()
    f = split(joined)
    return tuple(
        [
            Signal(
                _KINDS[f[i]],
                f[i + 1],
                int(f[i + 2]),
                int(f[i + 3]),
                f[i + 4],
                f[i + 5],
                int(f[i + 6]),
                date.fromisoformat(f[i + 7]) if f[i + 7] else None,
                f[i + 8],
            )
            for i in range(0, len(f), _FIELDS)
        ]
    )


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


_KINDS = {kind.value: kind for kind in SignalKind}
