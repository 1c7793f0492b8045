"""Bring a ledger to the tables of this program: an older one by alembic, inside the package.

A new one is made of the tables as they are: alembic stays in the memory of the service that it ran
in, 13 MB for as long as it lives.

Who changes `tables` writes the next `migrations/versions/NNNN_what.py` in the manner of the first
and moves HEAD; the tests compare what the migrations make with what the tables say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    insert,
    inspect,
    text,
)

from mailhours.ledger import tables
from mailhours.ledger.lock import Lock
from mailhours.ledger.sqlite import Database
from mailhours.model.faults import LedgerFault

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0003"  # the newest revision in migrations/versions


def revision(connection: Connection) -> str:
    """Return the revision of the tables; empty when there are none."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(
        connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
        or ""
    )


def migrate(database: Database) -> None:
    """Bring `database` to HEAD, also an empty one.

    An older one is copied first, to `NAME.REVISION.backup` beside it.

    LedgerFault when the ledger was written by a newer program; Busy while another one works on an
    older ledger.
    """
    with database.reading() as connection:
        current = revision(connection)
    if current == HEAD:
        return
    if not current:
        _make(database)
        return
    if not _is_older(current):
        raise LedgerFault(
            f"{database.path}: this ledger was written by a newer mailhours "
            f"(tables {current}, this program knows {HEAD})",
            hint="install that version again, or open the backup made before its migration",
        )
    with Lock(database.path):
        database.backup(database.path.with_name(f"{database.path.name}.{current}.backup"))
        _upgrade(database)


def _make(database: Database) -> None:
    with database.writing() as connection:
        if revision(connection):  # another process was quicker
            return
        tables.METADATA.create_all(connection, checkfirst=False)
        version = _version_table()
        version.create(connection)
        connection.execute(insert(version).values(version_num=HEAD))


def _version_table() -> Table:
    """Return the table in which alembic looks for the revision, as it makes it itself."""
    number = Column("version_num", String(32), nullable=False)
    key = PrimaryKeyConstraint("version_num", name="alembic_version_pkc")
    return Table("alembic_version", MetaData(), number, key)


def _is_older(current: str) -> bool:
    # alembic costs 0.15 s to import, and is needed only when there is something to do.
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    known = ScriptDirectory.from_config(config()).walk_revisions()
    return current in {script.revision for script in known}


def config() -> Config:
    """Return alembic's configuration: the scripts are data of this package."""
    from alembic import config as alembic_config  # noqa: PLC0415

    found = alembic_config.Config()
    found.set_main_option("script_location", "mailhours.ledger:migrations")
    found.set_main_option("path_separator", "os")
    return found


def _upgrade(database: Database) -> None:
    """Run what is missing in one transaction, on a connection without foreign keys.

    SQLite alters a table by copying it, which would take its children with it.
    """
    from alembic import command  # noqa: PLC0415

    plain = Database(database.path, foreign_keys=False)
    try:
        with plain.writing() as connection:
            if revision(connection) == HEAD:  # another process was quicker
                return
            found = config()
            found.attributes["connection"] = connection
            command.upgrade(found, HEAD)
    finally:
        plain.close()
