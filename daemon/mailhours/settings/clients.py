"""Client files to clients, and the question whose address is whose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from mailhours.model.address import domain, untagged
from mailhours.model.client import Agreement, Client, Invoice, Person, Project
from mailhours.model.faults import Problem
from mailhours.model.hours import Calendar
from mailhours.settings import written
from mailhours.settings.calendars import check_week
from mailhours.settings.invoices import Row
from mailhours.settings.lines import Place
from mailhours.settings.schema import ClientFile, MainFile
from mailhours.settings.suggestion import quoted
from mailhours.settings.validation import Reading

Claim = tuple[Reading[ClientFile], Place, str]


def key_of(client: Reading[ClientFile]) -> str:
    """Return the key of a client: the name of its file."""
    return PurePosixPath(client.document.name).stem


def client_of(
    reading: Reading[ClientFile],
    main: MainFile,
    calendar: Calendar,
    agreed: Sequence[Agreement],
    invoices: Iterable[Invoice],
) -> Client:
    """Return the client that a file without problems describes.

    Its addresses include those of its people.
    """
    file = reading.values
    people = tuple(Person(p.name, p.address, frozenset(p.roles)) for p in file.person)
    return Client(
        key=key_of(reading),
        name=file.name,
        addresses=tuple(dict.fromkeys((*file.addresses, *(p.address for p in people)))),
        language=file.language or main.owner.language,
        formal=file.form == "formal",
        calendar=calendar,
        people=people,
        agreements=tuple(agreed),
        projects=tuple(
            Project(p.key, p.name or p.key, p.due, tuple(p.words)) for p in file.project
        ),
        invoices=tuple(invoices),
        handover=tuple(file.handover.items),
    )


def check_client(client: Reading[ClientFile]) -> Iterator[Problem]:
    """Yield what does not fit together within one client file."""
    file, key = client.values, key_of(client)
    try:
        written.key(key)
    except ValueError:
        what = f"the file name is the client's key; {quoted(key)} has spaces or signs in it"
        yield client.problem((), what)
    if file.week:
        yield from check_week(client, ("week",), file.week)
    yield from _repeated(client, "person", "address", [p.address for p in file.person])
    yield from _repeated(client, "project", "key", [p.key for p in file.project])


def check_own(client: Reading[ClientFile], main: Reading[MainFile]) -> Iterator[Problem]:
    """Yield the addresses of a client that are the owner's or a colleague's."""
    owner = main.values.owner
    ours = dict.fromkeys((owner.address, *owner.aliases), "your own")
    ours |= {kim: "a colleague's" for kim in owner.colleagues if kim not in ours}
    for _, path, address in claims(client):
        for own, whose in ours.items():
            if not own or own not in {address, untagged(address)}:
                if own and address == f"@{domain(own)}":
                    what = f"{address} covers {own}, which is {whose}; list the client's addresses"
                    yield client.problem(path, what)
                continue
            yield client.problem(path, f"{address} is {whose} address, not a client's")


def check_shared(clients: Sequence[Reading[ClientFile]]) -> Iterator[Problem]:
    """Yield the addresses that two clients claim; the second file is told about the first."""
    first: dict[str, Claim] = {}
    every = [claim for client in clients for claim in claims(client)]
    for claim in every:
        first.setdefault(claim[2], claim)
    for client, path, address in every:
        for same in (address, f"@{domain(address)}"):
            holder, place, _ = first.get(same, (client, path, ""))
            if holder is client:
                continue
            theirs = f"{holder.document.file}:{holder.document.line(place)}"
            if same == address:
                yield client.problem(path, f"{address} is a client's already: {theirs}")
            else:
                what = f"{address} belongs to a client already, by {same}: {theirs}"
                yield client.problem(path, what)


def check_names(clients: Sequence[Reading[ClientFile]]) -> Iterator[Problem]:
    """Yield the client files whose keys differ only in case: nobody can tell them apart."""
    first: dict[str, str] = {}
    for client in clients:
        folded = key_of(client).casefold()
        if folded in first:
            yield client.problem((), f"differs only in case from {first[folded]}")
        first.setdefault(folded, client.document.file)


def check_numbers(invoices: Mapping[str, Sequence[Row]]) -> Iterator[Problem]:
    """Yield the invoice numbers that two clients, by key, have: `paid NUMBER` must say which."""
    first: dict[str, tuple[str, Row]] = {}
    for key, rows in invoices.items():
        for row in rows:
            holder, other = first.setdefault(row.number, (key, row))
            if holder != key:
                place = other.place("number", "")
                what = f"{quoted(row.number)} is an invoice of {holder} already"
                yield row.place("number", f"{what}: {place.file}:{place.line}")


def claims(client: Reading[ClientFile]) -> Iterator[Claim]:
    """Yield every address and domain that a client file claims, with its place."""
    for index, address in enumerate(client.values.addresses):
        yield client, ("addresses", index), address
    for index, person in enumerate(client.values.person):
        if person.address:
            yield client, ("person", index, "address"), person.address


def _repeated(
    client: Reading[ClientFile], table: str, key: str, values: Sequence[str]
) -> Iterator[Problem]:
    for index, value in enumerate(values):
        if value and value in values[:index]:
            other = client.document.line((table, values.index(value), key))
            what = f"{quoted(value)} stands in line {other} already"
            yield client.problem((table, index, key), what)
