"""How fast mail is understood, beside parsers that only take it apart; and how well, on your mail.

reading.py [FOLDER ...] [--python PATH]

Without folders it reads the example mails of the tests. Each mail is read whole: cut, decoded,
robot or person, visible text, signals in all languages. The peers only parse: `email` with
`policy.default` and `get_body`, and mail-parser where `--python` names an interpreter that has it.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from email import policy
from email.parser import BytesParser
from pathlib import Path
from zoneinfo import ZoneInfo

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "daemon")]

from mailhours.mailbox.eml import cut  # noqa: E402
from mailhours.model.raw import FolderRole  # noqa: E402
from mailhours.reading.read import Reader  # noqa: E402

EXAMPLES = HERE.parent / "tests" / "unit" / "reading" / "mail"
ROUNDS = 3
PEER = """
import pathlib, sys, time
import mailparser
mails = [pathlib.Path(p).read_bytes() for p in sys.stdin.read().splitlines()]
start, failed = time.process_time(), 0
for mail in mails:
    try:
        mailparser.parse_from_bytes(mail).body
    except Exception:
        failed += 1
print((time.process_time() - start) * 1000 / len(mails), failed)
"""


def main(arguments: list[str]) -> int:
    """Read the mails and print a line for each program."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path, default=[EXAMPLES])
    parser.add_argument("--python", help="an interpreter that has mail-parser")
    chosen = parser.parse_args(arguments)
    files = sorted(file for folder in chosen.folders for file in folder.rglob("*.eml"))
    if not files:
        print("there is no .eml file in these folders", file=sys.stderr)
        return 2
    mails = [file.read_bytes() for file in files]
    print(f"{len(mails)} mails, {sum(map(len, mails)) / len(mails) / 1024:.1f} KB on average")
    times, kinds = _ours(mails)
    ours = statistics.mean(times)
    print(
        f"mailhours     {ours:6.2f} ms a mail ({1000 / ours:5.0f} a second), "
        f"median {statistics.median(times):.2f}, slowest {max(times):.1f}; {dict(kinds)}"
    )
    _line("email default", _standard(mails), ours)
    if chosen.python:
        told = subprocess.run(
            [chosen.python, "-c", PEER],
            input="\n".join(map(str, files)),
            capture_output=True,
            text=True,
            check=True,
        )
        each, failed = told.stdout.split()
        _line("mail-parser", (float(each), int(failed)), ours)
    return 0


def _ours(mails: list[bytes]) -> tuple[list[float], Counter[str]]:
    """Return the best of a few rounds for each mail, in ms of CPU, and what they were taken for."""
    reader = Reader((), (), "", "", ZoneInfo("Europe/Oslo"))
    now = datetime(2026, 3, 2, tzinfo=UTC)
    best = [float("inf")] * len(mails)
    kinds: Counter[str] = Counter()
    for number in range(ROUNDS):
        for index, mail in enumerate(mails):
            start = time.process_time()
            reading = reader.read(cut(mail, now), FolderRole.INBOX)
            best[index] = min(best[index], (time.process_time() - start) * 1000)
            if not number:
                kinds[reading.kind.value] += 1
    return best, kinds


def _standard(mails: list[bytes]) -> tuple[float, int]:
    """Return ms a mail of the standard library's default policy, and how many it fails at."""
    failed, start = 0, time.process_time()
    for mail in mails:
        try:
            body = BytesParser(policy=policy.default).parsebytes(mail).get_body()
            if body is not None:
                body.get_content()
        except Exception:  # noqa: BLE001 - what it raises is what is counted
            failed += 1
    return (time.process_time() - start) * 1000 / len(mails), failed


def _line(name: str, result: tuple[float, int], ours: float) -> None:
    each, failed = result
    print(f"{name:13} {each:6.2f} ms a mail, {ours / each:.1f} times that is ours; {failed} failed")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
