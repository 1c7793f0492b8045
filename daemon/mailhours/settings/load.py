"""`load`: a configuration directory to Settings, or to every problem in it at once."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from mailhours.model.address import domain
from mailhours.model.faults import ConfigurationFault, Problem
from mailhours.settings import documents
from mailhours.settings.agreements import agreements, check_agreements
from mailhours.settings.build import Files, built
from mailhours.settings.calendars import check_hours
from mailhours.settings.clients import (
    check_client,
    check_names,
    check_numbers,
    check_own,
    check_shared,
    key_of,
)
from mailhours.settings.documents import MISSING, exists, parse, read_text, shown
from mailhours.settings.invoices import check_invoices, from_csv, from_tables
from mailhours.settings.schema import ClientFile, MainFile
from mailhours.settings.secrets import located
from mailhours.settings.servers import check_servers
from mailhours.settings.validation import Reading, read
from mailhours.settings.values import Settings


def load(directory: Path, environ: Mapping[str, str]) -> Settings:
    """Return the settings of `directory`; ConfigurationFault carries every problem of every file.

    `environ` is the process environment: $CREDENTIALS_DIRECTORY and `env:` secrets, $HOME for ~.
    Secrets are not fetched here. Nothing is written and no server is asked.
    """
    problems, settings = _read(directory, environ)
    if settings is None:
        raise ConfigurationFault(tuple(problems))
    return settings


def _read(directory: Path, environ: Mapping[str, str]) -> tuple[list[Problem], Settings | None]:
    if not os.path.isdir(directory):  # noqa: PTH112 - Path.is_dir raises where this says no
        what = "is not a folder" if exists(directory) else "there is no such folder"
        problem = Problem(shown(directory), 0, "", f"{what}; run mailhours init to make one")
        return [problem], None
    files = Files()
    try:
        listed = documents.listed(directory)
    except OSError as error:
        where = Path(error.filename or directory)
        what = f"cannot be read: {error.strerror or 'no access'}"
        return [Problem(shown(where), 1, "", what)], None
    for path in listed:
        _take(files, directory, path)
    for client in files.clients:
        _take_invoices(files, client, directory, environ)
    files.problems += _together(files)
    if files.problems or files.main is None:
        return _sorted(directory, files.problems), None
    return [], built(files, files.main, directory, environ)


def _take(files: Files, directory: Path, path: Path) -> None:
    """Read one file and put it where it belongs."""
    name = shown(path.relative_to(directory))
    folder = name.partition("/")[0]
    text = read_text(path)
    if isinstance(text, Problem):
        is_gone = name == documents.MAIN and text.what == MISSING
        hint = "; run mailhours init, or copy the example" if is_gone else ""
        files.problems.append(Problem(text.file, text.line, text.key, text.what + hint))
        return
    files.paths.append(path)
    files.contents[name] = text
    if folder == documents.TEMPLATES:
        files.templates[name.partition("/")[2]] = text
        return
    document = parse(path, name, text)
    if isinstance(document, Problem):
        files.problems.append(document)
    elif folder == documents.PHRASES:
        files.phrases[path.name] = text
    elif folder == documents.CLIENTS:
        client, problems = read(document, ClientFile)
        files.clients.append(client)
        files.problems += problems
    else:
        files.main, problems = read(document, MainFile)
        files.problems += problems


def _take_invoices(
    files: Files, client: Reading[ClientFile], directory: Path, environ: Mapping[str, str]
) -> None:
    rows = from_tables(client)
    if client.values.invoices:
        path = located(client.values.invoices, directory, environ)
        if not exists(path):
            what = f"there is no file {shown(path)}"
            files.problems.append(client.problem(("invoices",), what))
        else:
            read_rows, problems = from_csv(path)
            rows += read_rows
            files.problems += problems
            files.paths.append(path)
            files.contents[f"{client.document.name}:invoices"] = repr(
                read_rows
                and [(r.number, r.project, r.issued, r.due, r.amount, r.paid) for r in read_rows]
            )
    files.invoices[key_of(client)] = rows


def _together(files: Files) -> Iterator[Problem]:
    """Yield what does not fit together, within files and between them."""
    main = files.main
    if main is not None:
        yield from check_hours(main)
        yield from check_servers(main)
        yield from check_agreements(main, main)
    for client in files.clients:
        yield from check_client(client)
        yield from check_agreements(client, main)
        general = main.values.agreement if main else ()
        agreed = agreements(general, client.values.agreement)
        yield from check_invoices(client, files.invoices[key_of(client)], agreed)
        if main is not None:
            yield from check_own(client, main)
    yield from check_shared(files.clients)
    yield from check_names(files.clients)
    yield from check_numbers(files.invoices)
    if main is not None:
        yield from _check_people(main, files.clients)


def _check_people(
    main: Reading[MainFile], clients: Sequence[Reading[ClientFile]]
) -> Iterator[Problem]:
    owner = main.values.owner
    own = [owner.address, *owner.aliases]
    for index, colleague in enumerate(owner.colleagues):
        if colleague in own:
            what = f"{colleague} is your own address, not a colleague's"
            yield main.problem(("owner", "colleagues", index), what)
    to = main.values.summary.to
    for client in clients:
        people = [person.address for person in client.values.person]
        if to and not {to, f"@{domain(to)}"}.isdisjoint([*client.values.addresses, *people]):
            what = f"{to} is an address of a client ({client.document.file})"
            yield main.problem(("summary", "to"), what)


def _sorted(directory: Path, problems: Sequence[Problem]) -> list[Problem]:
    """Return the problems by file, the main one first, and line, each once."""
    main = shown(directory / documents.MAIN)

    def order(problem: Problem) -> tuple[bool, str, int]:
        more = bool(re.fullmatch(r"and \d+ more like these", problem.what))
        return problem.file != main, problem.file, 10**9 if more else problem.line

    return sorted(dict.fromkeys(problems), key=order)
