"""`init`: a configuration by asking five questions; everything else is found."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mailhours.cli import office
from mailhours.model.faults import LoginRefused, ServerFault, UsageFault

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailhours.service.correspondents import Proposal
    from mailhours.service.providers import Endpoint
    from mailhours.service.setup import Answers, Typed

_TRIES = 3
_OTHER_SERVER = (
    "is that your server, and its port? Name it with --imap and --smtp, as in tls://HOST:993 or "
    "starttls://HOST:587; with --offline the files are written and nobody is asked"
)
_SERVER = re.compile(r"(?:(tls|starttls|none)://)?([\w.-]+)(?::(\d{1,5}))?")


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(init)


def init(  # noqa: PLR0917 - its options
    context: typer.Context,
    config: office.Config = None,
    name: Annotated[str | None, typer.Option("--name", help="Your name.")] = None,
    address: Annotated[str | None, typer.Option("--address", help="Your address.")] = None,
    timezone: Annotated[
        str | None, typer.Option("--timezone", help="Your time zone: Europe/Oslo.")
    ] = None,
    hours: Annotated[
        str | None, typer.Option("--hours", help="Office hours, Monday to Friday: 09:00-17:00.")
    ] = None,
    language: Annotated[
        str | None, typer.Option("--language", help="Of the summary: en nb hr ru de fr es.")
    ] = None,
    imap: Annotated[
        str | None, typer.Option("--imap", help="IMAP server: [tls://]HOST[:PORT].")
    ] = None,
    smtp: Annotated[
        str | None, typer.Option("--smtp", help="SMTP server: [starttls://]HOST[:PORT].")
    ] = None,
    user: Annotated[
        str | None, typer.Option("--user", help="The login, if it is not your address.")
    ] = None,
    password_file: Annotated[
        Path | None, typer.Option("--password-file", help="Read the password from this file.")
    ] = None,
    keep_password: Annotated[
        str, typer.Option("--store", help="Where the password goes: file, keyring, credential.")
    ] = "file",  # noqa: S107 - a place
    clients: Annotated[
        str | None,
        typer.Option("--clients", help="Which of those found are clients: all, none, KEY,KEY."),
    ] = None,
    maildir: Annotated[
        Path | None, typer.Option("--from-maildir", help="Read a Maildir instead of IMAP.")
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask no server: no search, no login.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Ask nothing: defaults for what was not said.")
    ] = False,
) -> None:
    """Write a configuration by asking; the servers are found, the login is tried. Shadow mode."""
    from dataclasses import replace

    from mailhours.service import correspondents, setup
    from mailhours.service.providers import of_server
    from mailhours.service.run import wall_clock
    from mailhours.settings import written

    directory = office.directory(context, config)
    setup.fresh(directory)
    if keep_password not in ("file", "keyring", "credential"):
        raise UsageFault(
            f"{keep_password!r} is no place for a password", hint="file, keyring, credential"
        )
    ask = _Asking(silent=yes)
    if maildir is not None and not all((maildir / name).is_dir() for name in ("cur", "new")):
        raise UsageFault(
            f"{maildir}: no Maildir is there", hint="it is the folder that holds new, cur and tmp"
        )
    if maildir is not None and imap is not None:
        raise UsageFault("--imap and --from-maildir: mail is read from one of them")
    answers = setup.Answers(
        name=ask("Your name", name, "", written.name),
        address=ask("Your mail address", address, "", written.address),
        timezone=ask("Your time zone", timezone, setup.guessed_zone(os.environ), written.zone),
        hours=ask("Office hours, Monday to Friday", hours, "09:00-17:00", setup.office_hours),
        language=ask(
            "Language of your summary (en nb hr ru de fr es)", language, "en", written.language
        ),
        maildir="" if maildir is None else str(maildir.absolute()),
    )
    if maildir is None:
        answers = _servers(ask, answers, imap, smtp, offline=offline)
    elif smtp is not None:
        answers = replace(answers, smtp=_endpoint(smtp, 465, 587))
    password = setup.Typed("")
    if answers.smtp is not None:
        answers = _with_users(answers, user)
        password = _password(ask, answers, password_file, offline=offline)
    found: list[Proposal] = []
    if maildir is not None or not offline:
        heads = setup.look_around(answers, password, wall_clock())
        found = correspondents.proposals(heads)
        answers = replace(
            answers, authserv_id=correspondents.authserv_id(heads), asked_authserv=True
        )
    provider = of_server(answers.imap) if answers.imap else None
    if provider is not None and not answers.authserv_id:
        answers = replace(answers, authserv_id=provider.authserv_id)
    chosen = _chosen(ask, found, clients)
    left = [] if ask.asked_clients else [one for one in found if one not in chosen]
    notes: tuple[str, ...] = ()
    reference = ""
    if answers.smtp is not None:
        reference, notes = setup.store(directory, keep_password, answers.address, password)
    settings = setup.write(directory, answers, reference, chosen, left, os.environ)
    number = len(settings.clients)
    clients_are = "1 client" if number == 1 else f"{number} clients"
    print(f"written: {directory}, {clients_are}, shadow mode")
    if left:
        print(f"{len(left)} more in {directory / setup.PROPOSED}: move clients into clients/")
    for note in notes:
        print(f"hint: {note}")
    print("next:\n  mailhours check --online\n  mailhours run")


class _Asking:
    """Asks on the terminal, unless the answer was given or nothing may be asked."""

    def __init__(self, *, silent: bool) -> None:
        self.silent = silent
        self.asked_clients = False

    def __call__(
        self,
        question: str,
        given: str | None,
        default: str,
        check: Callable[[str], object] = str,
    ) -> str:
        """Return the answer; `check` raises ValueError where it is none, and it is asked again."""
        if given is None and self.silent:
            if not default:
                raise UsageFault(f"{question}: nobody can be asked", hint="see `init --help`")
            given = default
        while True:
            answer = typer.prompt(question, default=default or None) if given is None else given
            try:
                check(answer := str(answer).strip())
            except ValueError as error:
                if given is not None:
                    raise UsageFault(f"{question}: {error}") from error
                office.warn(f"  {error}")
            else:
                return answer

    def confirm(self, question: str) -> bool:
        return self.silent or typer.confirm(question, default=True)


def _servers(
    ask: _Asking, answers: Answers, imap: str | None, smtp: str | None, *, offline: bool
) -> Answers:
    from dataclasses import replace

    from mailhours.service.discovery import Internet, discover
    from mailhours.service.providers import of_server

    if imap is not None and smtp is not None:
        return replace(answers, imap=_endpoint(imap, 993, 143), smtp=_endpoint(smtp, 465, 587))
    for found in discover(answers.address, None if offline else Internet()):
        print(f"IMAP {found.imap}, SMTP {found.smtp}\n  source: {found.source}")
        provider = found.provider or of_server(found.imap)
        if provider is not None and provider.advice:
            print(f"  {provider.name}: {provider.advice}")
        if ask.confirm("Send your password there?"):
            return replace(answers, imap=found.imap, smtp=found.smtp)
    return replace(
        answers,
        imap=_endpoint(ask("IMAP server (HOST or HOST:PORT)", imap, ""), 993, 143),
        smtp=_endpoint(ask("SMTP server (HOST or HOST:PORT)", smtp, ""), 465, 587),
    )


def _endpoint(written: str, tls: int, starttls: int) -> Endpoint:
    from mailhours.model.server import Security
    from mailhours.service.providers import Endpoint

    match = _SERVER.fullmatch(written.strip())
    if match is None:
        raise UsageFault(f"{written!r} is no server", hint="write HOST, HOST:PORT or tls://HOST")
    port = int(match[3]) if match[3] else 0
    by_port = Security.STARTTLS if port == starttls else Security.TLS
    security = Security(match[1]) if match[1] else by_port
    usual = {Security.TLS: tls, Security.STARTTLS: starttls, Security.NONE: starttls}
    return Endpoint(match[2], port or usual[security], security)


def _with_users(answers: Answers, user: str | None) -> Answers:
    """Return the answers with their logins: iCloud's IMAP alone wants the part before the @."""
    from dataclasses import replace

    if user is not None:
        return replace(answers, imap_user=user, smtp_user=user)
    if answers.imap is not None and answers.imap.host == "imap.mail.me.com":
        return replace(answers, imap_user=answers.address.partition("@")[0])
    return answers


def _password(ask: _Asking, answers: Answers, file: Path | None, *, offline: bool) -> Typed:
    """Return the password that both servers take; three tries."""
    from mailhours.service import setup
    from mailhours.service.providers import of_server

    provider = of_server(answers.imap) if answers.imap else None
    for last in [False] * (_TRIES - 1) + [True]:
        if file is not None:
            try:
                typed = setup.Typed(file.read_text(encoding="utf-8").rstrip("\r\n"))
            except (OSError, ValueError) as error:
                raise UsageFault(f"{file}: cannot be read") from error
        elif ask.silent:
            raise UsageFault("there is no password", hint="give --password-file FILE")
        else:
            typed = setup.Typed(typer.prompt("Password (or app password)", hide_input=True))
        if offline:
            return typed
        try:
            setup.sign_in(answers, typed)
        except LoginRefused as fault:
            advice = provider.advice if provider else ""
            if last or file is not None or ask.silent:
                hint = advice or fault.hint or "see docs/providers.md"
                raise LoginRefused(fault.what, hint=hint) from fault
            office.warn(f"{fault.what}\n  {advice or fault.hint}")
        except ServerFault as fault:
            fault.hint = fault.hint or _OTHER_SERVER
            raise
        else:
            print("both servers take the login" if answers.imap else "the server takes the login")
            return typed
    raise AssertionError


def _chosen(ask: _Asking, found: list[Proposal], clients: str | None) -> list[Proposal]:
    """Return those of `found` that are clients, by the owner's word."""
    if not found:
        return []
    if clients is None and ask.silent:
        return []
    for one in found:
        people = ", ".join(person.address for person in one.people[:3])
        print(f"  {one.key:20} {one.mails:5} mails  {people}")
    if clients is None:
        ask.asked_clients = True
        clients = str(typer.prompt("Which are clients? all, none, or KEY,KEY", default="none"))
    words = [word.strip() for word in clients.split(",") if word.strip()]
    if words in (["all"], ["none"]):
        return found if words == ["all"] else []
    known = {one.key: one for one in found}
    if unknown := [word for word in words if word not in known]:
        raise UsageFault(f"{unknown[0]!r} was not found", hint=f"there are: {', '.join(known)}")
    return [known[word] for word in words]
