"""One poll as a process of its own, for comparisons: poll_once.py HOST PORT USER PASSWORD DB.

Logs everything that is not in DB yet, of INBOX and Sent, with the text of mail of clients, and
ends when the rows are durable. `--understand` reads the mails as well, as the service does next.
The clients are the domains client0000.example and so on; `--clients` says how many, `--domain` adds
one.
"""

from __future__ import annotations

import argparse
import gc
import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailhours.service.account import Account

MAIN = """
[owner]
name = "Dana Berg"
address = "dana@studio.example"
timezone = "Europe/Oslo"
[hours]
week = {{ mon = ["09:00-17:00"] }}
check_ins = ["10:00"]
[mailbox.main]
host = "{host}"
port = {port}
security = "none"
user = "{user}"
password = "env:BENCH_PASSWORD"
history = "3650 days"
idle = false
"""


def configuration(folder: Path, host: str, port: int, user: str, clients: list[str]) -> Path:
    """Write a configuration with one client for each domain or address."""
    (folder / "clients").mkdir(parents=True)
    text = MAIN.format(host=host, port=port, user=user)
    (folder / "mailhours.toml").write_text(text, encoding="utf-8")
    for number, name in enumerate(clients):
        key = re.sub(r"[^a-z0-9]+", "-", name).strip("-") + f"-{number}"
        address = name if "@" in name else f"@{name}"
        client = f'name = "{name}"\naddresses = ["{address}"]\n'
        (folder / "clients" / f"{key}.toml").write_text(client, encoding="utf-8")
    return folder


def senders(count: int) -> list[str]:
    """Return the domains of so many clients."""
    return [f"client{number:04}.example" for number in range(count)]


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("user")
    parser.add_argument("password")
    parser.add_argument("db", type=Path)
    parser.add_argument("--clients", type=int, default=40)
    parser.add_argument("--domain", action="append", default=[])
    parser.add_argument("--understand", action="store_true")
    return run(parser.parse_args(argv))


def run(given: argparse.Namespace) -> int:
    """Begin as the service does, look once, and end."""
    gc.disable()
    from mailhours.ledger.store import Ledger  # noqa: PLC0415 - after the word to the collector
    from mailhours.service.account import Account  # noqa: PLC0415
    from mailhours.service.run import wall_clock  # noqa: PLC0415
    from mailhours.settings.load import load  # noqa: PLC0415

    domains = [*senders(given.clients), *given.domain]
    with tempfile.TemporaryDirectory() as scratch:
        folder = configuration(Path(scratch) / "c", given.host, given.port, given.user, domains)
        settings = load(folder, {"BENCH_PASSWORD": given.password})
    account = Account(
        settings, Ledger.open(given.db, settings.account), "mailhours-bench", wall_clock
    )
    gc.freeze()
    gc.enable()
    try:
        return _poll(account, understand=given.understand)
    finally:
        account.close()


def _poll(account: Account, *, understand: bool) -> int:
    from mailhours.service import polling  # noqa: PLC0415 - as late as the service does

    logged, fault = polling.look(account, account.mailboxes[0], lambda _: None)
    if understand:
        from mailhours.service import jobs  # noqa: PLC0415

        jobs.understand(account)
    print(f"{logged} new")
    if fault is not None:
        print(fault.what, file=sys.stderr)
        return fault.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
