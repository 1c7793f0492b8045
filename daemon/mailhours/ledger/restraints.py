"""What was withheld and why, and the addresses that are frozen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select

from mailhours.ledger import tables
from mailhours.ledger.fields import plain
from mailhours.ledger.sqlite import Database, insert_new
from mailhours.model.address import normal
from mailhours.model.reply import Cause, Withheld

FROZEN = tables.of(tables.Frozen)
WITHHELD = tables.of(tables.Withheld)

# Built once: building a query costs more than running it.
_FROZEN = select(FROZEN.c.address, FROZEN.c.reason).where(FROZEN.c.account == bindparam("account"))


@dataclass(frozen=True, slots=True)
class WithheldAt:
    """Something that was withheld, with the slot and the moment."""

    withheld: Withheld
    slot: str
    at: datetime


class Restraints:
    """What one account's service did not send."""

    def __init__(self, database: Database, account: int) -> None:
        """Take the file and the account's id."""
        self._database = database
        self._account = account

    def withhold(self, rows: Sequence[Withheld], slot: str, now: datetime) -> None:
        """Record what was withheld at `slot`; withheld is no cause settled: it is decided again."""
        if not rows:
            return
        with self._database.writing() as connection:
            connection.execute(
                insert_new(WITHHELD),
                [
                    {
                        "account": self._account,
                        "slot": slot,
                        "cause": str(row.cause),
                        "reason": row.reason,
                        "client": row.client,
                        "person": plain(row.person),
                        "detail": plain(row.detail),
                        "at": now,
                    }
                    for row in rows
                ],
            )

    def withheld(
        self, *, slot: str | None = None, client: str | None = None, since: datetime | None = None
    ) -> list[WithheldAt]:
        """Return what was withheld, in order of time."""
        query = select(WITHHELD).where(WITHHELD.c.account == self._account)
        if slot is not None:
            query = query.where(WITHHELD.c.slot == slot)
        if client is not None:
            query = query.where(WITHHELD.c.client == client)
        if since is not None:
            query = query.where(WITHHELD.c.at >= since)
        order = query.order_by(WITHHELD.c.at, WITHHELD.c.client, WITHHELD.c.cause)
        with self._database.reading() as connection:
            return [
                WithheldAt(
                    Withheld(
                        row.client,
                        row.person,
                        Cause(*row.cause.split(":", 1)),
                        row.reason,
                        row.detail,
                    ),
                    row.slot,
                    row.at,
                )
                for row in connection.execute(order)
            ]

    def frozen(self) -> dict[str, str]:
        """Return the addresses that no machine mail goes to, each with the reason."""
        return dict(self._database.ask(_FROZEN, account=self._account))

    def freeze(self, address: str, reason: str, now: datetime) -> bool:
        """Send no machine mail to `address` from now on; False when it was frozen already."""
        row = {
            "account": self._account,
            "address": normal(address),
            "reason": plain(reason),
            "at": now,
        }
        with self._database.writing() as connection:
            return connection.execute(insert_new(FROZEN).values(row)).rowcount == 1

    def unfreeze(self, address: str) -> bool:
        """Let mail go to `address` again; False when it was not frozen."""
        with self._database.writing() as connection:
            gone = connection.execute(
                delete(FROZEN).where(
                    FROZEN.c.account == self._account, FROZEN.c.address == normal(address)
                )
            )
            return gone.rowcount == 1
