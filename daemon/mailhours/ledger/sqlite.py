"""All that only SQLite knows: engine, pragmas, STRICT types, faults, upserts, VACUUM INTO."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Engine,
    PoolProxiedConnection,
    Select,
    SelectBase,
    Table,
    Text,
    bindparam,
    create_engine,
    event,
    func,
    select,
    type_coerce,
)
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.dialects.sqlite.base import SQLiteTypeCompiler
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.types import TypeEngine

from mailhours.ledger.prepared import Prepared, Statement
from mailhours.ledger.sqlite_faults import fault
from mailhours.model.faults import LedgerFault

_READING = "mailhours_reading"
_PATIENCE = 5.0  # seconds to wait for another process that writes


class _StrictTypes(SQLiteTypeCompiler):
    """Write the types that a STRICT table knows (sqlite.org/stricttables.html)."""

    def process(self, type_: TypeEngine[Any], **more: Any) -> str:  # noqa: ANN401 - SQLAlchemy's
        """Return the STRICT type for the one that SQLAlchemy would write."""
        written = super().process(type_, **more)
        return _STRICT.get(written.partition("(")[0], written)


_STRICT = {
    "VARCHAR": "TEXT",
    "DATETIME": "TEXT",
    "TIMESTAMP": "TEXT",
    "DATE": "TEXT",
    "JSON": "TEXT",
    "BOOLEAN": "INTEGER",
    "BIGINT": "INTEGER",
    "FLOAT": "REAL",
}


class Database:
    """One SQLite file. Faults are LedgerFault, or Busy when it is worth trying later."""

    def __init__(self, path: Path, *, foreign_keys: bool = True) -> None:
        """Take a `path` whose file exists; nothing is opened yet."""
        self.path = path
        self.engine = _engine(path, foreign_keys=foreign_keys)
        self._reading = self.engine.execution_options(**{_READING: True})
        self._prepared: dict[Statement, Prepared] = {}
        # A connection that never writes: what it asks for, and what it sees others do.
        self._own: PoolProxiedConnection | None = None
        self._asking = threading.Lock()

    @contextmanager
    def reading(self, *, snapshot: bool = False) -> Iterator[Connection]:
        """Read, waiting for nobody; with `snapshot` all statements see one state of the file."""
        with self._reading.connect() as connection:
            if snapshot:
                connection.exec_driver_sql("BEGIN")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Hold the one right to write; commits at the end, rolls back on any exception."""
        with self.engine.begin() as connection:
            yield connection

    def ask(
        self, question: SelectBase, within: Connection | None = None, /, **given: object
    ) -> list[tuple[Any, ...]]:
        """Return the rows of a question that is asked often (`prepared`).

        It sees what was committed; inside a transaction give its connection.
        """
        prepared = self._ready(question)
        values = prepared.values(given)
        with self._faults():
            if within is not None:
                stored = _driver(within).execute(prepared.sql, values).fetchall()
            else:
                with self._asking:
                    stored = self._asker().execute(prepared.sql, values).fetchall()
        return [prepared.row(row) for row in stored]

    def version(self) -> int:
        """Return a number that is another one after each commit to the file, whoever made it."""
        # sqlite.org/pragma.html, data_version: of all other connections, and ours only asks.
        with self._asking, self._faults():
            return int(self._asker().execute("PRAGMA data_version").fetchone()[0])

    def rows(
        self, connection: Connection, question: Select[Any], given: Mapping[str, object]
    ) -> Iterator[tuple[Any, ...]]:
        """Yield bare rows, nothing converted either way: it would cost as much as all the rest."""
        prepared = self._ready(question)
        values = [given[name] for name in prepared.names]
        with self._faults():
            yield from _driver(connection).execute(prepared.sql, values)

    def run(
        self, connection: Connection, change: Statement, rows: Sequence[Mapping[str, object]]
    ) -> None:
        """Make a change for each of `rows`, which have the same names, inside a transaction."""
        if not rows:
            return
        prepared = self._ready(change, rows[0])
        with self._faults():
            _driver(connection).executemany(prepared.sql, map(prepared.values, rows))

    def _ready(self, statement: Statement, columns: Iterable[str] = ()) -> Prepared:
        if statement not in self._prepared:
            self._prepared[statement] = Prepared(statement, self.engine.dialect, columns)
        return self._prepared[statement]

    def _asker(self) -> sqlite3.Connection:
        if self._own is None:
            self._own = self.engine.raw_connection()
        return cast("sqlite3.Connection", self._own.driver_connection)

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise fault(error, self.path) from error

    def backup(self, target: Path) -> None:
        """Write a copy to `target`, readable by nobody else; it is there whole or not at all."""
        scratch = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            create(scratch)
            with self.reading() as connection:
                connection.exec_driver_sql("VACUUM INTO ?", (str(scratch),))
            _sync(scratch, os.O_RDWR)
            scratch.replace(target)
            _sync(target.parent, os.O_RDONLY)
        except OSError as error:
            raise LedgerFault(f"{target}: no backup was written: {error.strerror}") from error
        finally:
            scratch.unlink(missing_ok=True)

    def scrub(self) -> None:
        """Write the file anew, so that nothing of what was deleted is left in it."""
        with self.reading() as connection:
            connection.exec_driver_sql("VACUUM")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def damage(self) -> list[str]:
        """Return what SQLite itself finds wrong in the file."""
        with self.reading() as connection:
            said = [
                str(line) for (line,) in connection.exec_driver_sql("PRAGMA integrity_check(20)")
            ]
            lost = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(20)
        found = [] if said == ["ok"] else said
        return found + [f"{row[0]}: row {row[1]} names a {row[2]} that is gone" for row in lost]

    def close(self) -> None:
        """Let go of the file; the last one out folds the write-ahead log into it."""
        if self._own is not None:
            self._own.close()
            self._own = None
        self.engine.dispose()


def _driver(connection: Connection) -> sqlite3.Connection:
    return cast("sqlite3.Connection", connection.connection.driver_connection)


def create(path: Path) -> None:
    """Create an empty file that only its owner can read; FileExistsError if it is there."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def shred(connection: Connection) -> None:
    """Let this connection overwrite what it deletes (sqlite.org/pragma.html, secure_delete)."""
    connection.exec_driver_sql("PRAGMA secure_delete = ON")


def insert_new(table: Table) -> Insert:
    """Return an INSERT that leaves rows alone that are there already."""
    return insert(table).on_conflict_do_nothing()


def upsert(table: Table) -> Insert:
    """Return an INSERT that overwrites a row of the same primary key."""
    statement = insert(table)
    keys = [column.name for column in table.primary_key]
    values = {c.name: statement.excluded[c.name] for c in table.columns if c.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=values)


def among(column: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition that `column` is one of `keys`, a JSON array: one statement for any."""
    values = func.json_each(bindparam("keys")).table_valued("value")
    return column.in_(select(values.c.value))


def as_stored(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return `column` to be read as it is stored, unconverted."""
    return type_coerce(column, Text())


def stored_moment(stored: str) -> datetime:
    """Return a moment that was read as stored, UTC."""
    return datetime.fromisoformat(stored + "+00:00")


def stored_moments(stored: Iterable[str]) -> list[datetime]:
    """Return moments that were read as stored, UTC."""
    read = datetime.fromisoformat
    return [read(at + "+00:00") for at in stored]


def as_moment(at: datetime) -> str:
    """Return a moment, aware, as it is stored; ValueError for one without a zone."""
    if at.utcoffset() is None:
        raise ValueError(f"this moment has no zone: {at}")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _engine(path: Path, *, foreign_keys: bool) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)), connect_args={"timeout": _PATIENCE}
    )
    # The one for DDL, and the older name by which alembic compares types.
    engine.dialect.type_compiler_instance = _StrictTypes(engine.dialect)
    engine.dialect.type_compiler = engine.dialect.type_compiler_instance

    @event.listens_for(engine, "connect")
    def _connect(driver: sqlite3.Connection, _record: object) -> None:
        # The driver would begin on its own, late and deferred; "begin" below does it instead.
        driver.isolation_level = None
        driver.execute("PRAGMA journal_mode = WAL")
        # NORMAL may lose the last commits with the power, and a reply would be sent twice.
        driver.execute("PRAGMA synchronous = FULL")
        driver.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A transaction that reads first and writes later would fail at once when another has
        # committed in between (SQLITE_BUSY_SNAPSHOT): writers take the lock at the start.
        if not connection.get_execution_options().get(_READING, False):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    @event.listens_for(engine, "handle_error")
    def _translate(context: ExceptionContext) -> None:
        original = context.original_exception
        if isinstance(original, sqlite3.Error):
            raise fault(original, path) from original
        if isinstance(original, ValueError):
            raise original

    return engine


def _sync(path: Path, mode: int) -> None:
    descriptor = os.open(path, mode)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
