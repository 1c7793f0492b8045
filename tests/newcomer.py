"""What somebody does who has just read the README, on a machine that knows nothing of mailhours, timed.

A copy of this machine (an overlay over / in a mount namespace of its own) with a user whose home is
empty; Dovecot and an SMTP server on loopback stand for the provider, with three months of mail. The
steps are those of the README, word by word; `newcomer_walk.py` takes them. Ends with 77 where the
machine cannot do it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from integration.dovecot import Dovecot
from integration.sink import Sink

ROOT = Path(__file__).resolve().parents[1]
OWN = "dana@studio.example"
CLIENTS = ("kari@fjord.example", "june@harbour.example", "weber@adler.example")

HOUSE = r"""
set -e
mount --make-rprivate /
T=$(mktemp -d); trap 'umount -l "$T"; rmdir "$T"' EXIT
mount -t tmpfs tmpfs "$T"; mkdir "$T"/u "$T"/w "$T"/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$T/u,workdir=$T/w" "$T/root"
R=$T/root
for one in proc dev sys; do mount --rbind "/$one" "$R/$one"; done
mount -t tmpfs tmpfs "$R/tmp"; chmod 1777 "$R/tmp"
git clone -q --bare "$ROOT" "$R/srv/mailhours.git"
cp "$ROOT/tests/newcomer_walk.py" "$R/srv/walk.py"
chroot "$R" useradd --create-home newcomer
chroot "$R" chown -R newcomer: /srv
chroot "$R" /usr/bin/python3 /srv/walk.py root
chroot "$R" env -i HOME=/home/newcomer USER=newcomer LANG=C.UTF-8 TERM=dumb TZ=Europe/Oslo \
    PATH=/home/newcomer/.local/bin:/usr/bin:/bin $PIP_SETTINGS \
    setpriv --reuid=newcomer --regid=newcomer --init-groups \
    /usr/bin/python3 /srv/walk.py "$IMAP" "$SMTP" "$LOGIN"
"""


def main() -> int:
    """Walk; return how it ended."""
    for program in ("dovecot", "git", "unshare", "chroot"):
        if shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin") is None:
            return _refuse(f"{program} is not installed")
    if os.geteuid() or subprocess.run(["unshare", "-m", "true"], check=False).returncode:
        return _refuse("it needs root, and mounts of its own")
    with Dovecot() as dovecot, Sink(auth=True) as sink:
        _three_months(dovecot)
        settings = {
            "ROOT": str(ROOT),
            "IMAP": f"none://127.0.0.1:{dovecot.port}",
            "SMTP": f"none://127.0.0.1:{sink.port}",
            "LOGIN": dovecot.password,
            # Where pip finds packages is this machine's affair.
            "PIP_SETTINGS": " ".join(f"{k}={v}" for k, v in os.environ.items() if "PIP_" in k),
        }
        command = ["unshare", "-m", "bash", "-c", HOUSE]
        status = subprocess.run(command, env=os.environ | settings, check=False).returncode
        dovecot.kill()
        left = [mail.recipients for mail in sink.messages if mail.recipients != (OWN,)]
    if left:
        sys.stdout.write(f"FAIL something went to a client in shadow mode: {left}\n")
    return status or bool(left)


def _three_months(dovecot: Dovecot) -> None:
    """Lay mail both ways into the mailbox: a question a day, most of them answered."""
    today = datetime.now(UTC)  # noqa: TID251 - the newcomer lives today
    now = today.replace(hour=8, minute=30)
    for day in range(80, -1, -1):
        client = CLIENTS[day % len(CLIENTS)]
        at = now - timedelta(days=day)
        question = f"<q{day}@{client.partition('@')[2]}>"
        dovecot.deliver(
            OWN,
            (
                f"From: {client.partition('@')[0].title()} <{client}>\r\nTo: {OWN}\r\n"
                f"Subject: Page {day}\r\nDate: {format_datetime(at)}\r\nMessage-ID: {question}\r\n"
                f"Authentication-Results: mx.studio.example; dmarc=pass\r\n"
                f"\r\nCould you please send me the draft of page {day}?\r\n"
            ).encode(),
            received=at,
        )
        if day > 3:
            later = at + timedelta(hours=5)
            dovecot.deliver(
                OWN,
                (
                    f"From: Dana Berg <{OWN}>\r\nTo: {client}\r\nSubject: Re: Page {day}\r\n"
                    f"Date: {format_datetime(later)}\r\nMessage-ID: <a{day}@studio.example>\r\n"
                    f"In-Reply-To: {question}\r\n\r\nHere it is.\r\n"
                ).encode(),
                "Sent",
                flags="S",
                received=later,
            )


def _refuse(why: str) -> int:
    sys.stdout.write(f"newcomer: not here: {why}\n")
    return 77


if __name__ == "__main__":
    sys.exit(main())
