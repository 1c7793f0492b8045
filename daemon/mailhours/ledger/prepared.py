"""Statements that are run often: compiled once, then run on the driver itself.

SQLAlchemy's way of running a statement costs ten times what SQLite takes for it, and a poll with
nothing new is little else. Values are converted as the columns' types say, here as there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import Delete, Dialect, Insert, SelectBase, Update
from sqlalchemy.types import TypeEngine

Statement = SelectBase | Insert | Update | Delete
_Convert = Callable[[Any], Any] | None


class Prepared:
    """A statement as SQL, with what converts its values. Without `in_`: that grows with its list.

    `columns` are those that an INSERT has values for; all when it is empty.
    """

    def __init__(self, statement: Statement, dialect: Dialect, columns: Iterable[str] = ()) -> None:
        """Compile `statement` for the driver of `dialect`."""
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(columns) or None)
        self.sql = str(compiled)
        fixed: Mapping[str, object] = compiled.construct_params(_check=False)
        self._binds = [
            (name, fixed[name], _to_store(compiled.binds[name].type, dialect))
            for name in compiled.positiontup or ()
        ]
        self.names = [name for name, _, _ in self._binds]
        shown = statement.selected_columns if isinstance(statement, SelectBase) else ()
        found = [(at, _from_store(column.type, dialect)) for at, column in enumerate(shown)]
        self._results = [(at, convert) for at, convert in found if convert is not None]

    def values(self, given: Mapping[str, object]) -> list[object]:
        """Return what is bound, in its order; what was written into the statement stands."""
        return [
            convert(given.get(name, fixed)) if convert else given.get(name, fixed)
            for name, fixed, convert in self._binds
        ]

    def row(self, stored: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return a row of the driver as the types of its columns have it."""
        if not self._results:
            return stored
        row = list(stored)
        for at, convert in self._results:
            row[at] = convert(row[at])
        return tuple(row)


def _to_store(kind: TypeEngine[Any], dialect: Dialect) -> _Convert:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _from_store(kind: TypeEngine[Any], dialect: Dialect) -> _Convert:
    return kind.dialect_impl(dialect).result_processor(dialect, None)
