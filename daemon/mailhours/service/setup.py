"""A first configuration: from five answers to files, each tried before it is believed.

Nothing is ever overwritten. The password goes into a place of its own and is only referred to.
"""

from __future__ import annotations

import importlib
import json
import os
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path

from mailhours.mailbox.imap_connection import connect
from mailhours.mailbox.protocol import Mailbox
from mailhours.model.faults import ConfigurationFault, UsageFault
from mailhours.model.server import MailboxSettings, Server
from mailhours.outbox.smtp import Submission
from mailhours.service.account import open_mailbox
from mailhours.service.correspondents import Heads, Proposal, read_heads
from mailhours.service.providers import Endpoint
from mailhours.settings import written
from mailhours.settings.holiday import country
from mailhours.settings.load import load
from mailhours.settings.values import Settings

MAIN = "mailhours.toml"
PROPOSED = "proposed"
SECRET = "mail-password"  # noqa: S105 - a file name
HORIZON = timedelta(days=90)
_WEEK = ("mon", "tue", "wed", "thu", "fri")
_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Typed:
    """A password as it was typed: it goes to the server now, and to its place of rest later."""

    value: str
    reference: str = "typed"

    def __repr__(self) -> str:
        """Show nothing."""
        return "Typed(...)"

    def reveal(self) -> str:
        """Return it."""
        return self.value


@dataclass(frozen=True, slots=True)
class Answers:
    """What the owner said: five answers, and the servers that were found (or a Maildir)."""

    name: str
    address: str
    timezone: str
    hours: str
    language: str
    imap: Endpoint | None = None
    smtp: Endpoint | None = None
    imap_user: str = ""
    smtp_user: str = ""
    maildir: str = ""
    authserv_id: str = ""
    asked_authserv: bool = False


def fresh(directory: Path) -> None:
    """UsageFault when there is a configuration already: it is the owner's, and stays."""
    if (directory / MAIN).exists():
        raise UsageFault(
            f"{directory / MAIN} is there already",
            hint="edit that file, or name another folder with --config",
        )


def guessed_zone(environ: Mapping[str, str], clock: Path = Path("/etc/localtime")) -> str:
    """Return the time zone of this machine; empty when it cannot be known."""
    names = [environ.get("TZ", "").removeprefix(":")]
    if clock.is_symlink():
        names.append(str(clock.resolve()).partition("/zoneinfo/")[2])
    known = resources.files("tzdata.zoneinfo")
    for name in names:
        if "/" in name and ".." not in name and known.joinpath(name).is_file():
            return name
    return ""


def country_of(zone: str) -> str:
    """Return the country of a time zone (ISO 3166) whose holidays are known, else nothing."""
    table = resources.files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8")
    for line in table.splitlines():
        fields = line.split("\t")
        if not line.startswith("#") and len(fields) > 2 and fields[2] == zone:
            try:
                return country(fields[0])
            except ValueError:
                return ""
    return ""


def sign_in(
    answers: Answers,
    password: Typed,
    context: Callable[[], ssl.SSLContext] = ssl.create_default_context,
) -> None:
    """Log in to both servers, and send nothing; LoginRefused, ServerFault, CertificateFault."""
    if answers.imap is not None:
        server = server_of(answers.imap, answers.imap_user or answers.address, password)
        connect("IMAP", server, time.monotonic, context, stall=_SECONDS).close()
    if answers.smtp is not None:
        server = server_of(answers.smtp, answers.smtp_user or answers.address, password)
        submission = Submission(server, context=context(), timeout=_SECONDS)
        try:
            submission.connect()
        finally:
            submission.close()


def server_of(at: Endpoint, user: str, password: Typed) -> Server:
    """Return a server with its login."""
    return Server(at.host, at.port, at.security, user, password)


def look_around(answers: Answers, password: Typed, now: datetime) -> Heads:
    """Read the headers of the last months; raises what the mailbox raises. Keeps nothing."""
    mailbox = _mailbox(answers, password)
    try:
        return read_heads(mailbox, [answers.address], now - HORIZON, now)
    finally:
        mailbox.close()


def _mailbox(answers: Answers, password: Typed) -> Mailbox:
    server = None
    if answers.imap is not None:
        server = server_of(answers.imap, answers.imap_user or answers.address, password)
    return open_mailbox(
        MailboxSettings(
            name="main",
            source="imap" if server else "maildir",
            server=server,
            path=answers.maildir,
            folders=("INBOX",),
            sent="auto",
            drafts="auto",
            held="Check-in",
            poll_every=timedelta(minutes=3),
            idle=False,
            history=HORIZON,
        )
    )


def store(directory: Path, how: str, user: str, password: Typed) -> tuple[str, tuple[str, ...]]:
    """Put the password where `how` says; return the reference to it, and what is left to do.

    `file`: a file beside the configuration, for its owner only. `credential`: below `credentials/`,
    where the unit of systemd looks. `keyring`: the desktop's; UsageFault when it cannot be used.
    """
    if how == "keyring":
        try:
            keyring = importlib.import_module("keyring")
            keyring.set_password("mailhours", user, password.reveal())
        except Exception as error:  # noqa: BLE001 - any backend may fail in its own way
            raise UsageFault(
                f"the keyring cannot be used ({type(error).__name__})",
                hint="pip install 'mailhours[keyring]', or --store file",
            ) from None
        return "keyring:mailhours", ()
    if how == "credential":
        path = directory / "credentials" / "mail-password"
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(path, f"{password.reveal()}\n", 0o600)
        encrypt = "systemd-creds encrypt --name=mail-password"
        hint = f"{encrypt} {path} /etc/credstore.encrypted/mail-password seals it to this machine"
        return "credential:mail-password", (hint,)
    _write(directory / SECRET, f"{password.reveal()}\n", 0o600)
    return f"file:{SECRET}", ()


def write(
    directory: Path,
    answers: Answers,
    reference: str,
    chosen: Sequence[Proposal],
    others: Sequence[Proposal],
    environ: Mapping[str, str],
) -> Settings:
    """Write the files, the main one last, and load them: what is written is what works."""
    fresh(directory)
    directory.mkdir(mode=0o750, parents=True, exist_ok=True)
    for folder, files in (("clients", chosen), (PROPOSED, others)):
        (directory / folder).mkdir(exist_ok=True)
        for one in files:
            path = directory / folder / f"{one.key}.toml"
            if not path.exists():
                _write(path, client_file(one, answers.language), 0o640)
    if not others:
        (directory / PROPOSED).rmdir()
    _write(directory / MAIN, main_file(answers, reference), 0o640)
    try:
        return load(directory, environ)
    except ConfigurationFault:
        # Left behind they would look like a configuration, and the next try would stumble.
        (directory / MAIN).unlink()
        (directory / SECRET).unlink(missing_ok=True)
        raise


def main_file(answers: Answers, reference: str) -> str:
    """Return the text of mailhours.toml; every other key has a good default."""
    days = ", ".join(f"{day} = [{_spans(answers.hours)}]" for day in _WEEK)
    code = country_of(answers.timezone)
    authentication = (
        [f"authserv_id = {_quoted(answers.authserv_id)}"]
        if answers.authserv_id
        else ['authentication = "absent"      # your provider adds no Authentication-Results']
        if answers.asked_authserv
        else ['# authserv_id = "..."          # see docs/providers.md; without it nothing leaves']
    )
    lines = [
        "# Made by `mailhours init`. Every key is explained in the example: config/mailhours.toml",
        "# of the checkout. `mailhours check` says what is wrong, with the line.",
        "",
        "schema = 1",
        "[owner]",
        f"name = {_quoted(answers.name)}",
        f"address = {_quoted(answers.address)}",
        '# aliases = ["hello@..."]        # every other address that is you',
        f"timezone = {_quoted(answers.timezone)}",
        f"language = {_quoted(answers.language)}",
        "",
        "[hours]",
        f"week = {{ {days} }}",
        'check_ins = ["10:00", "15:00"]',
        *([f"holidays = {_quoted(code)}"] if code else []),
        "",
        "[mailbox.main]",
        *_source(answers, reference),
        "",
        *_submission(answers, reference),
        "[replies]",
        "# Nothing leaves in shadow mode: read the summaries for a week, then write send.",
        'mode = "shadow"',
        *authentication,
        "",
    ]
    return "\n".join(lines)


def _source(answers: Answers, reference: str) -> list[str]:
    if answers.imap is None:
        return ['source = "maildir"', f"path = {_quoted(answers.maildir)}"]
    return _server(answers.imap, answers.imap_user or answers.address, reference)


def _submission(answers: Answers, reference: str) -> list[str]:
    if answers.smtp is None:
        return []
    user = answers.smtp_user or answers.address
    return ["[submission]", *_server(answers.smtp, user, reference), ""]


def _server(at: Endpoint, user: str, reference: str) -> list[str]:
    return [
        f"host = {_quoted(at.host)}",
        f"port = {at.port}",
        f"security = {_quoted(at.security.value)}",
        f"user = {_quoted(user)}",
        f"password = {_quoted(reference)}",
    ]


def client_file(proposal: Proposal, language: str) -> str:
    """Return the text of a client file."""
    lines = [
        f"# Found by `mailhours init`: {proposal.mails} mails both ways in the last three months.",
        "schema = 1",
        f"name = {_quoted(proposal.name)}",
        f"addresses = [{', '.join(map(_quoted, proposal.addresses))}]",
        "# Of the mails to them: en nb hr ru de fr es.",
        f"language = {_quoted(language)}",
    ]
    for number, person in enumerate(proposal.people):
        roles = '["contact"]' if number == 0 else "[]"
        lines += [
            "",
            "[[person]]",
            f"name = {_quoted(person.name or person.address.partition('@')[0])}",
            f"address = {_quoted(person.address)}",
            f"roles = {roles}",
        ]
    return "\n".join([*lines, ""])


def office_hours(hours: str) -> None:
    """ValueError when these are no office hours: `09:00-12:00, 13:00-17:00`."""
    for span in hours.split(","):
        written.block(span.strip())


def _spans(hours: str) -> str:
    return ", ".join(_quoted(span.strip()) for span in hours.split(",") if span.strip())


def _quoted(text: str) -> str:
    """Return a basic string of TOML: JSON's escapes are among its own."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _write(path: Path, text: str, mode: int) -> None:
    """Write a new file with this mode from the start; UsageFault when it cannot be."""
    try:
        path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise UsageFault(f"{path} is there already", hint="take it away, then try again") from None
    except OSError as error:
        raise UsageFault(
            f"{path}: cannot be written: {error.strerror}",
            hint="name a folder of your own with --config, or use sudo",
        ) from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
