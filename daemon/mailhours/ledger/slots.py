"""Slots: each happens once, whoever asks and however often; so does what happens once a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update

from mailhours.ledger import tables
from mailhours.ledger.sqlite import Database, insert_new
from mailhours.model.slot import Slot, SlotState

ONCE = tables.of(tables.Once)
SLOT = tables.of(tables.Slot)

# Built once: they are asked at every tick, and building a query costs more than running it.
_LAST = (
    select(SLOT.c.due)
    .where(SLOT.c.account == bindparam("account"), SLOT.c.state != SlotState.RUNNING)
    .order_by(SLOT.c.due.desc())
    .limit(1)
)
_ONCE = select(ONCE.c.at).where(
    ONCE.c.account == bindparam("account"), ONCE.c.key == bindparam("key")
)


@dataclass(frozen=True, slots=True)
class PastSlot:
    """A slot that was begun or missed. `tries` counts the processes that took it."""

    slot: Slot
    state: SlotState
    began: datetime
    ended: datetime | None
    tries: int


class Slots:
    """The slots of one account."""

    def __init__(self, database: Database, account: int) -> None:
        """Take the file and the account's id."""
        self._database = database
        self._account = account

    def begin(self, slot: Slot, now: datetime, lease: timedelta) -> bool:
        """Take `slot`; False when it has happened or another holds it.

        Whoever took it and has not ended it within its lease has died: the slot is taken again.
        """
        with self._database.writing() as connection:
            taken = connection.execute(
                insert_new(SLOT).values(self._row(slot, SlotState.RUNNING, now, now + lease))
            )
            if taken.rowcount == 0:
                taken = connection.execute(
                    update(SLOT)
                    .where(SLOT.c.account == self._account, SLOT.c.key == slot.key)
                    .where(SLOT.c.state == SlotState.RUNNING, SLOT.c.lease <= now)
                    .values(lease=now + lease, tries=SLOT.c.tries + 1)
                )
            return taken.rowcount == 1

    def end(self, slot: Slot, state: SlotState, now: datetime) -> None:
        """Say what became of a slot that was begun."""
        with self._database.writing() as connection:
            connection.execute(
                update(SLOT)
                .where(SLOT.c.account == self._account, SLOT.c.key == slot.key)
                .where(SLOT.c.state == SlotState.RUNNING)
                .values(state=state, ended=now)
            )

    def missed(self, slot: Slot, now: datetime) -> bool:
        """Record that `slot` went by; False when it was begun or recorded before."""
        with self._database.writing() as connection:
            row = self._row(slot, SlotState.MISSED, now, now) | {"ended": now}
            if connection.execute(insert_new(SLOT).values(row)).rowcount:
                return True
            died = connection.execute(
                update(SLOT)
                .where(SLOT.c.account == self._account, SLOT.c.key == slot.key)
                .where(SLOT.c.state == SlotState.RUNNING, SLOT.c.lease <= now)
                .values(state=SlotState.MISSED, ended=now)
            )
            return died.rowcount == 1

    def last(self) -> datetime | None:
        """Return when the newest slot that is over was due; a running one is not over."""
        rows = self._database.ask(_LAST, account=self._account)
        return next((due for (due,) in rows), None)

    def history(self, since: datetime) -> list[PastSlot]:
        """Return the slots that were due from `since` on, in order."""
        query = (
            select(SLOT)
            .where(SLOT.c.account == self._account, SLOT.c.due >= since)
            .order_by(SLOT.c.due)
        )
        with self._database.reading() as connection:
            return [
                PastSlot(Slot(row.due, row.key), row.state, row.began, row.ended, row.tries)
                for row in connection.execute(query)
            ]

    def once(self, key: str, now: datetime) -> bool:
        """Say True to the first who asks for `key` (`summary:2026-11-23`), and False ever after."""
        if self.happened(key):
            return False  # the usual tick: to look costs less than the right to write
        with self._database.writing() as connection:
            row = {"account": self._account, "key": key, "at": now}
            return connection.execute(insert_new(ONCE).values(row)).rowcount == 1

    def happened(self, key: str) -> bool:
        """Say whether `once` was asked for `key` before; asking so takes nothing."""
        return self.when(key) is not None

    def when(self, key: str) -> datetime | None:
        """Return the moment that was given when `once` was first asked for `key`, UTC."""
        rows = self._database.ask(_ONCE, account=self._account, key=key)
        return next((at for (at,) in rows), None)

    def _row(
        self, slot: Slot, state: SlotState, now: datetime, lease: datetime
    ) -> dict[str, object]:
        return {
            "account": self._account,
            "key": slot.key,
            "due": slot.due,
            "state": state,
            "lease": lease,
            "tries": 1,
            "began": now,
            "ended": None,
        }
