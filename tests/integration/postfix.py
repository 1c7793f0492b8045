"""A throw-away Postfix that delivers into the mailboxes of the throw-away Dovecot. Root only."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from integration.dovecot import Dovecot
from integration.loopback import HOST, absent, free_port, greeting, need

DOMAINS = ("studio.example", "client.example")
# virtual(8) refuses maps with $1 and reads a table once, so the addresses are handed out of a pool.
POOL = 500

MAIN = """\
compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mail.test.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
recipient_delimiter = +
smtpd_relay_restrictions = permit_mynetworks, reject
virtual_mailbox_domains = {domains}
virtual_mailbox_base = {mail}
virtual_mailbox_maps = texthash:{root}/conf/users
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
default_transport = error:outside mail is not sent in tests
maillog_file = {root}/data/maillog
maillog_file_prefixes = {prefix}
smtpd_tls_security_level = may
smtpd_tls_cert_file = {cert}
smtpd_tls_key_file = {key}
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {auth}
{extra}
"""


class Postfix:
    """A mail server: `with Postfix(dovecot) as server: user = server.user("client.example")`.

    `port` speaks plain SMTP and STARTTLS, `tls_port` TLS from the first byte. AUTH takes any user
    with Dovecot's password, and is not required. `extra` are more lines of main.cf.
    """

    host = HOST

    def __init__(
        self, dovecot: Dovecot, *, also: Iterable[str] = (), extra: Iterable[str] = ()
    ) -> None:
        if os.geteuid() != 0:
            absent("Postfix needs root")
        self.program = need("postfix", "postfix")
        self.dovecot = dovecot
        self.certificate = dovecot.certificate
        self.root = Path(tempfile.mkdtemp(prefix="mh-"))
        self.root.chmod(0o755)
        self.port = free_port()
        self.tls_port = free_port()
        self._numbers = itertools.count(1)
        conf = self.root / "conf"
        for name in ("conf", "queue", "data"):
            (self.root / name).mkdir()
        shutil.chown(self.root / "data", "postfix")
        for name in ("postfix-files", "dynamicmaps.cf"):
            shutil.copy(self._packaged(name), conf / name)
        (conf / "master.cf").write_text(self._services())
        also = tuple(also)
        pool = (f"u{n}@{domain}" for domain in DOMAINS for n in range(1, POOL + 1))
        # The slash at the end makes it a Maildir.
        (conf / "users").write_text("".join(f"{name} {name}/\n" for name in (*also, *pool)))
        (conf / "main.cf").write_text(
            MAIN.format(
                root=self.root,
                mail=dovecot.mail,
                uid=dovecot.uid,
                gid=dovecot.gid,
                prefix=self.root.parent,
                domains=", ".join(sorted({*DOMAINS, *(name.split("@")[1] for name in also)})),
                cert=self.certificate.cert,
                key=self.certificate.key,
                auth=dovecot.root / "run" / "auth-smtp",
                extra="\n".join(extra),
            )
        )

    @staticmethod
    def _packaged(name: str) -> Path:
        # Debian's postinst copies these to /etc/postfix; without it they lie in /usr/share.
        for folder in ("/usr/share/postfix", "/etc/postfix"):
            for path in (Path(folder, name), Path(folder, f"{name}.dist")):
                if path.exists():
                    return path
        return absent(f"the postfix package has no {name}")

    def _services(self) -> str:
        # Debian's own table, without chroots, with our ports in the place of 25.
        lines = []
        for line in self._packaged("master.cf").read_text().splitlines():
            fields = line.split()
            if not fields or line[0] in "# \t":
                continue
            if fields[0] == "smtp" and fields[1] == "inet":
                lines += [
                    f"{self.port} inet n - n - - smtpd",
                    f"{self.tls_port} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes",
                ]
            elif fields[1] in ("unix", "unix-dgram"):
                fields[4] = "n"
                # Options of pipe services stand on lines that were left out: no such service here.
                if fields[7] != "pipe":
                    lines.append(" ".join(fields))
        if not any(line.startswith("postlog ") for line in lines):
            lines.append("postlog unix-dgram n - n - 1 postlogd")
        return "\n".join(lines) + "\n"

    def start(self) -> Self:
        """Start it and wait for its greeting."""
        for verb in ("check", "start"):
            done = self._control(verb)
            if done.returncode:
                message = f"postfix {verb} failed.\n{done.stdout}\n{self.log()}"
                raise RuntimeError(message)
        if not greeting(self.port, b"220"):
            self.stop()
            message = f"Postfix did not greet.\n{self.log()}"
            raise RuntimeError(message)
        return self

    def stop(self) -> None:
        """Stop it; what is queued stays queued."""
        self._control("stop")

    def _control(self, verb: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.program, "-c", str(self.root / "conf"), verb],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=30,
        )

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)

    def log(self) -> str:
        """What Postfix wrote."""
        path = self.root / "data" / "maillog"
        return path.read_text(errors="replace") if path.exists() else "(no log)"

    def user(self, domain: str = "client.example") -> str:
        """Return an address that nobody used; the same name is a user of Dovecot."""
        return f"u{next(self._numbers)}@{domain}"

    def delivered(self, user: str, count: int = 1, patience: float = 15.0) -> list[bytes]:
        """Wait until so many mails lie in a user's INBOX and return them."""
        until = time.monotonic() + patience
        while len(found := self.dovecot.mails(user)) < count:
            if time.monotonic() > until:
                message = f"{len(found)} of {count} mails reached {user}\n{self.log()}"
                raise TimeoutError(message)
            time.sleep(0.05)
        return found
