"""Small plots of text: bars and lines of blocks on a terminal, nothing where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

_STEPS = " ▁▂▃▄▅▆▇█"
_PARTS = " ▏▎▍▌▋▊▉█"


def bar(console: Console, share: float, width: int = 12) -> str:
    """Return a bar that is `share` (0 to 1) full; empty without a terminal."""
    if not _plots(console):
        return ""
    eighths = round(min(1.0, max(0.0, share)) * width * 8)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (_PARTS[rest] if rest else "")).ljust(width, "·")


def line(console: Console, values: Sequence[float]) -> str:
    """Return a line of one block a value, the highest full; empty without a terminal."""
    if not _plots(console) or not values:
        return ""
    most = max(values)
    return "".join(_STEPS[round(8 * value / most) if most > 0 else 0] for value in values)


def sides(console: Console, parts: Sequence[tuple[int, str]], width: int = 40) -> str:
    """Return parts of a whole as stretches of one line; empty without a terminal."""
    whole = sum(size for size, _ in parts)
    if not _plots(console) or not whole:
        return ""
    ends, so_far = [], 0
    for size, _ in parts:
        so_far += size
        ends.append(round(width * so_far / whole))
    return "".join(
        mark * (end - start) for (_, mark), start, end in zip(parts, [0, *ends], ends, strict=False)
    )


def _plots(console: Console) -> bool:
    return console.is_terminal and "utf" in console.encoding.lower()
