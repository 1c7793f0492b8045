"""Care of the ledger: `verify`, `backup FILE`, `forget ADDRESS`, `export`."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from mailhours.cli import office
from mailhours.model.faults import CheckFailed, UsageFault


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(verify)
    app.command()(backup)
    app.command()(forget)
    app.command()(export)


def verify(
    context: typer.Context, config: office.Config = None, as_json: office.AsJson = False
) -> None:
    """Check the file of the ledger and the chain of facts; exit code 1 if something is wrong."""
    with office.account(context, config) as account:
        found = account.ledger.verify()
        length, head = account.ledger.chain.head()
        path = account.ledger.path
    if as_json:
        office.emit({"ok": not found, "problems": found, "entries": length, "head": head})
    else:
        for line in found:
            print(f"! {line}")
        if not found:
            print(f"{path} is whole: {length} entries, the last one is {head[:16]}")
    if found:
        raise typer.Exit(CheckFailed.exit_code)


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where to write the copy.")],
    config: office.Config = None,
) -> None:
    """Write a whole copy of the ledger, while the service goes on."""
    if file.exists():
        raise UsageFault(f"{file} is there already", hint="name a file that does not exist yet")
    with office.account(context, config) as account:
        account.ledger.backup(file.absolute())
    place = account.ledger.path
    print(f"written: {file}; to go back to it, stop the service and put it in the place of {place}")


def forget(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="Whose mail is to be forgotten.")],
    config: office.Config = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Destroy all that is kept of an address. The mail on your server stays as it is."""
    from mailhours.service import house

    if "@" not in address:
        raise UsageFault(f"{address!r} is no address", hint="write it as kari@fjord.example")
    if not yes and not typer.confirm(f"Destroy all that is kept of {address}, for good?"):
        raise UsageFault("nothing was forgotten", hint="say --yes where nobody can be asked")
    with office.account(context, config) as account:
        forgotten = account.ledger.forget(address, account.clock())
        copies = house.backups(account.ledger.path.parent)
    print(
        f"forgotten: {forgotten.mails} mails, {forgotten.replies} replies, {forgotten.words} words"
    )
    if copies:
        office.warn(f"still in {len(copies)} backups, for at most {house.KEPT} days:")
        for path in copies:
            office.warn(f"  {path}")
    office.warn("take the address out of the client files too, or new mail is kept again")


def export(
    context: typer.Context,
    config: office.Config = None,
    person: Annotated[
        str | None, typer.Option("--person", help="Only mail from and to this address.")
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV without texts.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="JSON lines (this is the default).")
    ] = False,
) -> None:
    """Print all that is kept, a line each: messages, replies, the owner's words."""
    from mailhours.service.export import COLUMNS, records

    if as_csv and as_json:
        raise UsageFault("--csv and --json exclude each other")
    with office.account(context, config) as account:
        rows = records(account, person)
        if not as_csv:
            for row in rows:
                print(json.dumps(row, ensure_ascii=False))
            return
        table = csv.DictWriter(sys.stdout, COLUMNS, extrasaction="ignore", lineterminator="\n")
        table.writeheader()
        for row in rows:
            table.writerow({name: _cell(row.get(name, "")) for name in COLUMNS})


def _cell(value: object) -> object:
    """Return a value for a spreadsheet: what it would take for a formula is made plain text."""
    text = " ".join(value) if isinstance(value, list) else value
    return f"'{text}" if isinstance(text, str) and text[:1] in ("=", "+", "-", "@") else text
