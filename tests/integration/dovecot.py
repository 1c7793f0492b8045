"""A throw-away Dovecot on loopback, as root or not; every user exists, with the password `pass`."""

from __future__ import annotations

import grp
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Self

from integration.loopback import HOST, Certificate, free_port, greeting, need, self_signed

PASSWORD = "pass"
AS_ROOT = os.geteuid() == 0

# One setting a line inside braces: Dovecot's parser wants it so. A wrong password costs no delay,
# and no penalty for the next login from the same address (that is what mode = 0 switches off).
COMMON = """\
base_dir = {root}/run
state_dir = {root}/run
log_path = {root}/dovecot.log
protocols = imap
listen = 127.0.0.1
auth_mechanisms = plain login
auth_failure_delay = 0
first_valid_uid = 0
first_valid_gid = 0
{identity}
protocol imap {{
  mail_max_userip_connections = {connections}
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    special_use = \\Sent
    auto = subscribe
  }}
  mailbox Drafts {{
    special_use = \\Drafts
    auto = subscribe
  }}
  mailbox Check-in {{
    auto = create
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    {listen_on} = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    {listen_on} = 127.0.0.1
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service auth {{
  unix_listener {root}/run/auth-smtp {{
    mode = 0666
  }}
}}
"""

DOVECOT_2_3 = """\
ssl = yes
ssl_cert = <{cert}
ssl_key = <{key}
disable_plaintext_auth = no
mail_location = maildir:{mail}/%u:LAYOUT=fs
passdb {{
  driver = static
  args = password=pass
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={mail}/%u
}}
"""

# From the 2.4 manual, never run here: 2.3 does not load it, and 2.4 does not load the other.
DOVECOT_2_4 = """\
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
ssl = yes
ssl_server_cert_file = {cert}
ssl_server_key_file = {key}
auth_allow_cleartext = yes
mail_driver = maildir
mail_path = {mail}/%{{user}}
mailbox_list_layout = fs
passdb static {{
  password = pass
}}
userdb static {{
  fields {{
    uid = {uid}
    gid = {gid}
    home = {mail}/%{{user}}
  }}
}}
"""

# All services run as the caller: the whole trick of being nobody in particular.
NOT_ROOT = """\
default_login_user = {me}
default_internal_user = {me}
default_internal_group = {group}"""


class Dovecot:
    """An IMAP server: `with Dovecot() as server: user = server.user(); server.deliver(user, mail)`."""

    host = HOST
    password = PASSWORD

    def __init__(
        self,
        *,
        connections: int = 200,
        certificate: Callable[[Path], Certificate] = self_signed,
    ) -> None:
        self.program = need("dovecot", "dovecot-imapd")
        # Directly under the temp folder: a unix socket's path has 107 bytes.
        self.root = Path(tempfile.mkdtemp(prefix="mh-"))
        self.root.chmod(0o755)
        self.mail = self.root / "mail"
        self.port = free_port()
        self.tls_port = free_port()
        self.certificate = certificate(self.root)
        self.uid, self.gid = os.getuid(), os.getgid()
        if AS_ROOT:
            nobody = pwd.getpwnam("nobody")
            self.uid, self.gid = nobody.pw_uid, nobody.pw_gid
        (self.root / "run").mkdir()
        self._make(self.mail)
        self._config = self.root / "dovecot.conf"
        self._config.write_text(self._configuration(connections))
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)

    def _configuration(self, connections: int) -> str:
        version = subprocess.run(
            [self.program, "--version"], check=True, capture_output=True, text=True
        ).stdout
        modern = not version.startswith("2.3")
        identity = ""
        if not AS_ROOT:
            me = pwd.getpwuid(self.uid).pw_name
            identity = NOT_ROOT.format(me=me, group=grp.getgrgid(self.gid).gr_name)
        return ((DOVECOT_2_4 if modern else DOVECOT_2_3) + COMMON).format(
            root=self.root,
            mail=self.mail,
            cert=self.certificate.cert,
            key=self.certificate.key,
            uid=self.uid,
            gid=self.gid,
            port=self.port,
            tls_port=self.tls_port,
            connections=connections,
            identity=identity,
            listen_on="listen" if modern else "address",
        )

    def start(self) -> Self:
        """Start it and wait for its greeting."""
        self._process = subprocess.Popen(
            [self.program, "-F", "-c", str(self._config)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        if not greeting(self.port, b"* OK"):
            said = self._end()
            message = f"Dovecot did not greet.\n{said.decode(errors='replace')}\n{self.log()}"
            raise RuntimeError(message)
        return self

    def stop(self) -> None:
        """Stop it, the sessions too; the mail stays, `start` serves it again on the same ports."""
        self._end()

    def kill(self) -> None:
        """End it as a power cut would: no session says goodbye. `start` serves the mail again."""
        if self._process is not None:
            pid = self._process.pid
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            for one in (pid, *map(int, children)):
                with suppress(ProcessLookupError):
                    os.kill(one, signal.SIGKILL)
        self._end()

    def _end(self) -> bytes:
        if self._process is None:
            return b""
        self._process.terminate()
        try:
            said = self._process.communicate(timeout=5)[1]
        except subprocess.TimeoutExpired:
            self._process.kill()
            said = self._process.communicate()[1]
        self._process = None
        return said

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)

    def log(self) -> str:
        """What Dovecot wrote."""
        path = self.root / "dovecot.log"
        return path.read_text(errors="replace") if path.exists() else "(no log)"

    def user(self, domain: str = "") -> str:
        """Return a name that nobody used: an empty mailbox (`u7`, or `u7@studio.example`)."""
        name = f"u{next(self._numbers)}"
        return f"{name}@{domain}" if domain else name

    def folder(self, user: str, folder: str = "INBOX") -> Path:
        """Return the Maildir of a folder."""
        return self.mail / user if folder == "INBOX" else self.mail / user / folder

    def deliver(
        self,
        user: str,
        mail: bytes,
        folder: str = "INBOX",
        *,
        flags: str = "",
        received: datetime | None = None,
    ) -> Path:
        """Put a mail into a folder behind the server's back; `received` is its INTERNALDATE.

        `flags` are Maildir's letters (`S` seen, `R` answered, `F` flagged, `D` draft).
        """
        maildir = self.folder(user, folder)
        for path in (self.mail / user, maildir, *map(maildir.joinpath, ("tmp", "new", "cur"))):
            self._make(path)
        name = f"{time.time_ns()}.{os.getpid()}n{next(self._numbers)}.loopback"
        waiting = maildir / "tmp" / name
        waiting.write_bytes(mail)
        if received is not None:
            os.utime(waiting, (received.timestamp(), received.timestamp()))
        self._own(waiting)
        final = maildir / "cur" / f"{name}:2,{flags}" if flags else maildir / "new" / name
        return waiting.rename(final)

    def mails(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """Return what lies in a folder, oldest file name first."""
        maildir = self.folder(user, folder)
        found = [*(maildir / "new").glob("*"), *(maildir / "cur").glob("*")]
        return [path.read_bytes() for path in sorted(found, key=lambda path: path.name)]

    def reset_uidvalidity(self, user: str) -> None:
        """Renumber a mailbox: the same mails under a new UIDVALIDITY. Log the user out before."""
        time.sleep(1.1)  # UIDVALIDITY is in seconds
        for path in self.folder(user).rglob("dovecot*"):
            path.unlink()

    def restore(self, user: str, backup: Path) -> None:
        """Put back a copy of a mailbox, its index too, as it was. Log the user out before."""
        self.empty(user)
        shutil.copytree(backup, self.folder(user))
        for path in (self.folder(user), *self.folder(user).rglob("*")):
            self._own(path)

    def empty(self, user: str) -> None:
        """Remove a mailbox with all that it held."""
        shutil.rmtree(self.folder(user), ignore_errors=True)

    def _make(self, folder: Path) -> None:
        with suppress(FileExistsError):
            folder.mkdir()
            self._own(folder)

    def _own(self, path: Path) -> None:
        if AS_ROOT:
            os.chown(path, self.uid, self.gid)
