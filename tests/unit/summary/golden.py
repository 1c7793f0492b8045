"""Files that hold what a document looked like when somebody last read it."""

from __future__ import annotations

import os
from pathlib import Path

GOLDEN = Path(__file__).parents[2] / "golden"


def agrees(name: str, text: str) -> None:
    """Compare with the golden file; `MAILHOURS_REWRITE_GOLDEN=1` writes it, git shows the change."""
    path = GOLDEN / name
    if os.environ.get("MAILHOURS_REWRITE_GOLDEN") == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    assert path.exists(), f"no golden file {name}: look at it once with MAILHOURS_REWRITE_GOLDEN=1"
    assert text == path.read_bytes().decode()
