"""What the owner should know though it stops nothing: the warnings of a good configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mailhours.model.faults import Problem
from mailhours.model.policy import NEVER_ALONE
from mailhours.model.reply import Mode
from mailhours.model.server import MailboxSettings, Server
from mailhours.settings.languages import WORDED
from mailhours.settings.schema import ClientFile, MainFile
from mailhours.settings.secrets import StoredSecret, exposed
from mailhours.settings.servers import check_ignored
from mailhours.settings.validation import Reading


def warned(
    main: Reading[MainFile],
    clients: Sequence[Reading[ClientFile]],
    mailboxes: Sequence[MailboxSettings],
    submission: Server | None,
    templates: Mapping[str, str],
) -> Iterator[Problem]:
    """Yield the warnings of files that have no problems."""
    yield from _exposed([*(box.server for box in mailboxes), submission])
    yield from check_ignored(main)
    replies = main.values.replies
    if replies.authentication == "required" and not replies.authserv_id:
        what = "is not set: no sender can be proved, so every reply waits for your review"
        yield main.problem(("replies", "authserv_id"), what)
    for kind, mode in replies.modes.items():
        if mode is Mode.SEND and kind in NEVER_ALONE:
            what = "always waits for your approval; it will be a draft"
            yield main.problem(("replies", "modes", kind.value), what)
    if submission is None:
        what = "is missing: nothing can be mailed, not even the summary"
        yield main.problem(("submission",), what)
    if not clients:
        yield main.problem((), "there is no client yet; add files to clients/")
    for reading, language in _languages(main, clients):
        if language not in WORDED and not any(language in _parts(name) for name in templates):
            what = f'there are no texts in "{language}": no mail will be written in it'
            yield reading.problem(("language",), what)


def _exposed(servers: Sequence[Server | None]) -> Iterator[Problem]:
    for server in servers:
        for secret in (server.password, server.token) if server else ():
            if isinstance(secret, StoredSecret) and (what := exposed(secret)):
                yield Problem(secret.place.file, secret.place.line, secret.place.key, what)


def _languages(
    main: Reading[MainFile], clients: Sequence[Reading[ClientFile]]
) -> Iterator[tuple[Reading[MainFile] | Reading[ClientFile], str]]:
    for client in clients:
        yield client, client.values.language or main.values.owner.language


def _parts(name: str) -> list[str]:
    return name.replace(".", "/").replace("_", "/").split("/")
