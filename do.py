#!/usr/bin/env python3
"""Everything a checkout can do: `python3 do.py VERB [arguments]`. Needs Python 3.11 and no more."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
PYTHON = BIN / "python"
STAMP = VENV / "do.stamp"
LOCK = ROOT / "requirements.lock"
OLDEST = (3, 11)


def demo(arguments: list[str]) -> int:
    """Two weeks of an example office, at a simulated clock."""
    return run(BIN / "mailhours", "demo", *arguments)


def test(arguments: list[str]) -> int:
    """Lint, then the tests; arguments go to pytest and choose among them."""
    if failed := lint([]):
        print("do.py: lint found something, the tests did not run", file=sys.stderr)
        return failed
    if arguments:
        return pytest(*arguments)
    return pytest("-n", "auto", "--dist", "worksteal", "--cov", "--cov-report", "term")


def lint(arguments: list[str]) -> int:
    """Style, format, types and the direction of imports; `lint --fix` mends what it can."""
    fix = "--fix" in arguments
    return max(
        run(BIN / "ruff", "check", "--quiet", *(["--fix"] if fix else [])),
        run(BIN / "ruff", "format", "--quiet", *([] if fix else ["--check"])),
        run(BIN / "mypy", "--no-error-summary"),
        if_it_fails(BIN / "lint-imports", "--no-logo"),
    )


def bench(arguments: list[str]) -> int:
    """Measure, as ratios in one run."""
    return run(PYTHON, "bench/run.py", *arguments)


def faults(arguments: list[str]) -> int:
    """The long campaign of cuts, kills and lies: hours; docs/faults.md says what takes how long."""
    chosen = [word for word in arguments if word.startswith("tests/")]
    campaigns = [] if chosen else ["tests/faults", "tests/properties/test_responders.py"]
    return pytest(*campaigns, "--timeout=0", *arguments, MAILHOURS_CAMPAIGN="full")


def soak(arguments: list[str]) -> int:
    """One month of the living service at high speed: nothing lost, nothing doubled, no growth."""
    how = {"MAILHOURS_SOAK_DAYS": "30", "MAILHOURS_SOAK_MAILS": "500"}
    return pytest("tests/faults/test_soak.py", *arguments, **(how | os.environ))


def boot(arguments: list[str]) -> int:
    """Boot the real unit under systemd in a container, as root; 77 where that cannot be done."""
    return run("bash", "tests/boot.sh", *arguments)


def newcomer(arguments: list[str]) -> int:
    """The README from the clone to the first summary, as somebody new, timed; as root."""
    return run(PYTHON, "tests/newcomer.py", *arguments, PYTHONPATH="tests")


def golden(arguments: list[str]) -> int:
    """Write the expected mails anew; `git diff` is the review."""
    written_by = ("tests/unit/outbox/test_golden_mails.py", "tests/unit/summary")
    return pytest(*written_by, *arguments, MAILHOURS_REWRITE_GOLDEN="1")


def lock(arguments: list[str]) -> int:
    """Write requirements.lock anew: hashes, every platform, no word of where it came from."""
    with tempfile.TemporaryDirectory() as scratch:
        uv = shutil.which("uv")
        if uv is None:
            run(sys.executable, "-m", "venv", scratch)
            run(f"{scratch}/bin/pip", "install", "--quiet", "uv")
            uv = f"{scratch}/bin/uv"
        return run(
            *[uv, "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"],
            *["--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url"],
            *["pyproject.toml", "--group", "dev", "-o", "requirements.lock", *arguments],
        )


def man(arguments: list[str]) -> int:
    """Write docs/mailhours.1 from what `--help` says."""
    return run(PYTHON, "docs/man.py", *arguments)


WITHOUT_VENV = {"lock": lock}
VERBS = {
    "demo": demo,
    "test": test,
    "lint": lint,
    "bench": bench,
    "faults": faults,
    "soak": soak,
    "boot": boot,
    "newcomer": newcomer,
    "golden": golden,
    "man": man,
    **WITHOUT_VENV,
}


def pytest(*arguments: str, **environment: str) -> int:
    """Run pytest here, with these variables added."""
    return run(PYTHON, "-m", "pytest", "-q", *arguments, **environment)


def run(*command: str | Path, **environment: str) -> int:
    """Run a program in the checkout and return what it said at its end."""
    return subprocess.run(
        [str(word) for word in command], cwd=ROOT, env=os.environ | environment, check=False
    ).returncode


def if_it_fails(*command: str | Path) -> int:
    """Run a program that talks even when all is well; show its words only if it is not."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        print(done.stdout, end="")
    return done.returncode


def must(*command: str | Path) -> None:
    """Run a program without which there is no going on."""
    if status := run(*command):
        sys.exit(f"do.py: this failed ({status}): {' '.join(str(word) for word in command)}")


def prepare() -> None:
    """Make .venv from the lock, unless it stands already."""
    inputs = LOCK.read_bytes() + (ROOT / "pyproject.toml").read_bytes() + sys.version.encode()
    stamp = hashlib.sha256(inputs).hexdigest() + "\n" + sys.version
    standing = STAMP.read_text() if STAMP.exists() else ""
    if standing == stamp:
        return
    print("do.py: preparing .venv from requirements.lock", file=sys.stderr)
    # Another Python needs a new environment; a new lock is installed over the old one.
    new = not standing.endswith("\n" + sys.version)
    STAMP.unlink(missing_ok=True)
    if uv := shutil.which("uv"):
        if new:
            must(uv, "venv", "--quiet", "--clear", "--python", sys.executable, VENV)
        pip: list[str | Path] = [uv, "pip", "install", "--quiet", "--python", PYTHON]
    else:
        if new:
            need_ensurepip()
            must(sys.executable, "-m", "venv", "--clear", VENV)
        pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # Two steps: pip can not verify the hash of a directory, and the build backend is in the lock.
    must(*pip, "--require-hashes", "-r", LOCK)
    must(*pip, "--no-deps", "--no-build-isolation", "-e", ".")
    STAMP.write_text(stamp)


def need_ensurepip() -> None:
    """Debian and Ubuntu keep the means to make an environment in a package of its own."""
    if importlib.util.find_spec("ensurepip"):
        return
    as_root = [] if os.geteuid() == 0 else ["sudo"]
    if shutil.which("apt-get") and (not as_root or shutil.which("sudo")):
        print("do.py: installing python3-venv", file=sys.stderr)
        run(*as_root, "apt-get", "update", "-qq")
        run(*as_root, "apt-get", "install", "-y", "-qq", "--no-install-recommends", "python3-venv")
        importlib.invalidate_caches()
    if not importlib.util.find_spec("ensurepip"):
        sys.exit("do.py: this Python can not make environments: install python3-venv, or uv")


def main(arguments: list[str]) -> int:
    """Do one verb."""
    if sys.version_info < OLDEST:
        sys.exit(
            f"do.py: Python 3.11 or newer is needed, this is {sys.version.split()[0]} "
            f"({sys.executable}). Get one from python.org, or: uv run --python 3.11 do.py"
        )
    if not arguments or arguments[0] not in VERBS:
        print(__doc__)
        for name, verb in VERBS.items():
            print(f"  {name:10}{verb.__doc__}")
        return 0 if arguments in (["-h"], ["--help"], ["help"]) else 2
    name, *rest = arguments
    if name not in WITHOUT_VENV:
        prepare()
    return VERBS[name](rest)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
