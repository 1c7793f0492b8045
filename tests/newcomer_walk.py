"""The steps of the README from the clone to the first summary, each with its time. Standard library only.

`walk.py root` prepares the machine as its administrator; `walk.py IMAP SMTP PASSWORD` is the newcomer.
"""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

BEGAN = time.monotonic()
PATIENCE = 120.0  # seconds for one step


def say(words: str) -> None:
    """Print at once."""
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def step(what: str, *command: str, wants: str = "", fine: tuple[int, ...] = (0,)) -> str:
    """Run a command, show how long it took, and end here if it failed."""
    began = time.monotonic()
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    _judge(what, began, done.returncode, done.stdout, wants, fine)
    return done.stdout


def talk(what: str, command: list[str], answers: list[tuple[str, str]], wants: str) -> None:
    """Run a command on a terminal and answer its questions, in this order."""
    began = time.monotonic()
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    said, unread = "", ""
    while time.monotonic() - began < PATIENCE:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            piece = os.read(terminal, 65536).decode(errors="replace")
        except OSError:  # the other side has ended
            break
        if not piece:
            break
        said, unread = said + piece, unread + piece
        if answers and answers[0][0] in unread:
            time.sleep(0.5)  # noqa: TID251 - what is typed while the echo is on is thrown away
            os.write(terminal, f"{answers.pop(0)[1]}\n".encode())
            unread = ""
    else:
        os.kill(pid, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if answers:
        said += f"\nnever asked: {answers[0][0]}"
    _judge(what, began, status or bool(answers), said, wants, (0,))


def _judge(
    what: str, began: float, status: int, said: str, wants: str, fine: tuple[int, ...]
) -> None:
    well = status in fine and wants in said
    say(f"{'ok  ' if well else 'FAIL'} {time.monotonic() - began:6.1f} s  {what}")
    if not well:
        say(f"     ended with {status}; wanted {wants!r} in:\n{said[-4000:]}")
        sys.exit(1)


def prepare() -> None:
    """Do what a fresh Debian needs once: the two packages that the README takes for granted."""
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    step("apt-get update", "apt-get", "update", "-qq")
    install = ("apt-get", "install", "-y", "-qq", "--no-install-recommends")
    step("apt-get install pipx", *install, "pipx", "python3-venv", "git")


def walk(imap: str, smtp: str, password: str) -> None:
    """Go from the clone to the first summary."""
    home = Path.home()
    if left := [one.name for one in home.iterdir() if not one.name.startswith(".")]:
        say(f"FAIL the home is not empty: {left}")
        sys.exit(1)
    step("git clone", "git", "clone", "-q", "/srv/mailhours.git", str(home / "mailhours"))
    os.chdir(home / "mailhours")
    step("python3 do.py demo", "python3", "do.py", "demo", wants="summary")
    step("pipx install .", "pipx", "install", ".", wants="installed package mailhours")
    talk(
        "mailhours init, questions answered",
        ["mailhours", "init"],
        [
            ("Your name", "Dana Berg"),
            ("Your mail address", "dana@studio.example"),
            ("Your time zone", ""),
            ("Office hours", ""),
            ("Language", ""),
            ("IMAP server", imap),
            ("SMTP server", smtp),
            ("Password", password),
            ("Which are clients?", "all"),
        ],
        "3 clients, shadow mode",
    )
    step("mailhours check --online", "mailhours", "check", "--online", wants="ok")
    step("mailhours poll", "mailhours", "poll")
    step("mailhours clients", "mailhours", "clients", wants="fjord")
    shown = step("mailhours summary", "mailhours", "summary", wants="Shadow mode")
    step("mailhours status", "mailhours", "status", wants="next check-in")
    say(f"     {time.monotonic() - BEGAN:6.1f} s  from the clone to the first summary\n")
    say(shown)


if __name__ == "__main__":
    if sys.argv[1:] == ["root"]:
        prepare()
    else:
        walk(*sys.argv[1:])
