"""Mailboxes and the submission server: what each source needs, and where secrets come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from mailhours.model.faults import Problem
from mailhours.model.reply import Mode
from mailhours.model.server import MailboxSettings, Security, Server
from mailhours.settings.lines import Place
from mailhours.settings.schema import MailboxTable, MainFile, ServerTable
from mailhours.settings.secrets import StoredSecret, located
from mailhours.settings.validation import Reading
from mailhours.settings.written import loopback

# RFC 8314 section 3 and RFC 6409: implicit TLS, else the port on which STARTTLS is offered.
IMAP_PORTS = {Security.TLS: 993, Security.STARTTLS: 143, Security.NONE: 143}
SUBMISSION_PORTS = {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 25}


def source(table: MailboxTable) -> str:
    """Return the source of a mailbox; a path without a host can only be a Maildir."""
    return table.source or ("maildir" if table.path and not table.host else "imap")


def mailbox_of(
    name: str, main: Reading[MainFile], directory: Path, environ: Mapping[str, str]
) -> MailboxSettings:
    """Return the mailbox `[mailbox.NAME]` of a file without problems."""
    table = main.values.mailbox[name]
    path, server = "", None
    if source(table) == "maildir":
        path = str(located(table.path or "", directory, environ))
    else:
        server = server_of(("mailbox", name), table, IMAP_PORTS, main, directory, environ)
    return MailboxSettings(
        name=name,
        source=source(table),
        server=server,
        path=path,
        folders=tuple(table.folders),
        sent=table.sent,
        drafts=table.drafts,
        held=table.held,
        poll_every=table.poll_every,
        idle=table.idle,
        history=table.history,
    )


def server_of(
    path: Place,
    table: ServerTable,
    ports: Mapping[Security, int],
    main: Reading[MainFile],
    directory: Path,
    environ: Mapping[str, str],
) -> Server:
    """Return the server of the table at `path`, with its secrets ready to be asked for."""
    user = table.user or ""
    if table.password or table.token_command:
        user = user or main.values.owner.address

    def secret(key: str) -> StoredSecret | None:
        ref = getattr(table, key)
        place = main.problem((*path, key), "")
        return StoredSecret(ref, user, place, directory, environ) if ref else None

    return Server(
        host=table.host or "",
        port=table.port or ports[table.security],
        security=table.security,
        user=user,
        password=secret("password"),
        token=secret("token_command"),
    )


def check_servers(main: Reading[MainFile]) -> Iterator[Problem]:
    """Yield what mailboxes and the submission server lack."""
    for name, table in main.values.mailbox.items():
        path: Place = ("mailbox", name)
        if source(table) == "imap":
            yield from _check_server(main, path, table)
        elif not main.has(*path, "path"):
            yield main.problem((*path, "path"), 'is missing; write path = "/home/dana/Maildir"')
    if "mailbox" in main.document.data and not main.document.data["mailbox"]:
        yield main.problem(("mailbox",), "has no mailbox; write [mailbox.main]")
    if main.values.submission:
        yield from _check_server(main, ("submission",), main.values.submission)
    replies = main.values.replies
    if Mode.SEND in (replies.mode, *replies.modes.values()) and not main.has("submission"):
        key = "mode" if replies.mode is Mode.SEND else "modes"
        yield main.problem(("replies", key), '"send" needs a [submission] server')


def check_ignored(main: Reading[MainFile]) -> Iterator[Problem]:
    """Yield warnings about keys that have no meaning for their source."""
    for name, table in main.values.mailbox.items():
        kind = source(table)
        useless = ("path",) if kind == "imap" else tuple(ServerTable.model_fields)
        for key in useless:
            if main.has("mailbox", name, key):
                yield main.problem(("mailbox", name, key), f'has no meaning with source = "{kind}"')


def _check_server(main: Reading[MainFile], path: Place, table: ServerTable) -> Iterator[Problem]:
    here = bool(table.host) and loopback(table.host or "")
    if not main.has(*path, "host"):
        yield main.problem((*path, "host"), 'is missing; write host = "imap.studio.example"')
    if table.security is Security.NONE and table.host and not here:
        what = f'"none" would show the password to everybody on the way to {table.host}'
        yield main.problem((*path, "security"), f'{what}; write "tls" (only this machine may)')
    secrets = [key for key in ("password", "token_command") if main.has(*path, key)]
    if len(secrets) == 2:
        what = "stands beside password; keep one of the two"
        yield main.problem((*path, "token_command"), what)
    elif not secrets and table.host and not here:
        what = 'is missing; write password = "credential:NAME", or token_command'
        yield main.problem((*path, "password"), what)
