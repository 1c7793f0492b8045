"""The tables are what the rules say, and the migrations make exactly them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import DateTime, TypeDecorator
from sqlalchemy.types import Interval, TypeEngine
from sqlmodel.sql.sqltypes import UTCDateTime

from builders import DANA
from mailhours.ledger import migrate, tables
from mailhours.ledger.sqlite import Database, create
from mailhours.ledger.store import Ledger

COLUMNS = [
    pytest.param(column, id=f"{table.name}.{column.name}")
    for table in tables.METADATA.sorted_tables
    for column in table.columns
]


def inner(kind: TypeEngine[object]) -> TypeEngine[object]:
    return kind.impl if isinstance(kind, TypeDecorator) else kind


def schema(path: Path) -> dict[str, list[str]]:
    with sqlite3.connect(path) as file:
        rows = file.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    file.close()
    # A line is a column or a constraint; constraints are written in another order.
    return {name: sorted(line.strip(" ,\t") for line in sql.splitlines()) for name, sql in rows}


@pytest.mark.parametrize("column", COLUMNS)
def test_a_moment_is_stored_in_utc_and_never_naive(column):
    kind = column.type

    assert not isinstance(inner(kind), Interval)
    if isinstance(inner(kind), DateTime):
        assert isinstance(kind, UTCDateTime)


@pytest.mark.parametrize("table", tables.METADATA.sorted_tables, ids=lambda t: t.name)
def test_every_table_is_strict_and_carries_its_account(table):
    assert table.dialect_options["sqlite"]["strict"] is True
    assert table.name == "account" or "account" in table.c


def test_the_file_has_strict_tables_and_says_so(tmp_path):
    with Ledger.open(tmp_path / "ledger.db", DANA) as ledger:
        path = ledger.path

    made = schema(path)

    for table in tables.METADATA.sorted_tables:
        assert any(line.endswith("STRICT") for line in made[table.name]), table.name


def test_a_new_ledger_is_as_the_migrations_make_it(tmp_path):
    with Ledger.open(tmp_path / "ledger.db", DANA) as ledger:
        made = ledger.path
    migrated = tmp_path / "migrated.db"
    create(migrated)
    database = Database(migrated)
    with database.writing() as connection:
        found = migrate.config()
        found.attributes["connection"] = connection
        command.upgrade(found, "head")
    database.close()

    assert schema(made) == schema(migrated)


def test_alembic_finds_nothing_to_migrate(tmp_path):
    with Ledger.open(tmp_path / "ledger.db", DANA) as ledger:
        path = ledger.path
    database = Database(path)
    with database.writing() as connection:
        found = migrate.config()
        found.attributes["connection"] = connection

        command.check(found)
    database.close()


def test_head_is_the_newest_revision_in_the_package():
    scripts = ScriptDirectory.from_config(migrate.config())

    assert scripts.get_current_head() == migrate.HEAD
