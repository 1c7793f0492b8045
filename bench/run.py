#!/usr/bin/env python3
"""Run benchmarks: `python3 do.py bench [NAME [arguments]]`; without a name, all at their size.

A benchmark is a file beside this one with a docstring and a `main(arguments)`.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BENCHMARKS = ("ledger", "imports", "polls", "start", "reading")


def main(arguments: list[str]) -> int:
    """Run the benchmark that is named first, or every one."""
    sys.path[:0] = [str(HERE), str(HERE.parent / "daemon")]
    if arguments and arguments[0] not in BENCHMARKS:
        print(__doc__, f"\nNames: {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    chosen, rest = (arguments[:1], arguments[1:]) if arguments else (BENCHMARKS, [])
    return max(importlib.import_module(name).main(rest) for name in chosen)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
