"""Readings in short: what a telling looks at as numbers, all else as one JSON text.

What was understood is the same; nothing is read again. The rules of this conversion are written out
here, since those of the program may change.
"""

import json
from collections.abc import Iterator
from hashlib import md5
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_CHUNK = 5000
_MAY_REPLY = {"reply": 0, "review": 4, "suppress": 8}
_AUTHENTICATION = {"pass": 0, "fail": 16, "unknown": 32}
_SIGNALS = (
    "nudge",
    "ask",
    "change_request",
    "approval",
    "answer",
    "defer",
    "urgent",
    "payment_promised",
    "payment_sent",
    "payment_disputed",
    "invoice_sent",
    "delivery",
    "delicate",
    "thanks",
)
_WRITE = sa.text(
    "INSERT INTO reading (account, client, at, key, marks, names, person, topic, message_id, rest) "
    "VALUES (:account, :client, :at, :key, :marks, :names, :person, :topic, :message_id, :rest)"
)


def upgrade() -> None:
    """Do it."""
    op.drop_index(op.f("ix_reading_account_message_id"), "reading")
    op.rename_table("reading", "reading_0002")
    op.create_table(
        "reading",
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("client", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("key", AutoString(), nullable=False),
        sa.Column("marks", sa.Integer(), nullable=False),
        sa.Column("names", sa.LargeBinary(), nullable=False),
        sa.Column("person", AutoString(), nullable=False),
        sa.Column("topic", AutoString(), nullable=False),
        sa.Column("message_id", AutoString(), nullable=False),
        sa.Column("rest", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_reading_account")),
        sa.PrimaryKeyConstraint("account", "client", "at", "key", name=op.f("pk_reading")),
        sa.UniqueConstraint("account", "key", name=op.f("uq_reading_account_key")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    every = sa.text("SELECT * FROM reading_0002 ORDER BY account, client, at, key")
    for rows in connection.execute(every).mappings().partitions(_CHUNK):
        connection.execute(_WRITE, [_row(row) for row in rows])
    op.drop_table("reading_0002")
    op.create_index(
        op.f("ix_reading_account_message_id"), "reading", ["account", "message_id"], unique=False
    )


def _row(old: Any) -> dict[str, Any]:  # noqa: ANN401 - a row of the old table
    signals = list(_signals(_split(old["signals"])))
    parents = _split(old["parents"])
    promised = _split(old["promised"])
    rest = (
        parents,
        _split(old["addressed"]),
        old["to_own"],
        old["subject"],
        old["project"],
        old["language"],
        signals,
        old["words"],
        old["away_until"] or "",
        _split(old["attachments"]),
        list(zip(promised[::2], promised[1::2], strict=True)),
        _split(old["gist"]),
    )
    kept = {name: old[name] for name in ("account", "client", "at", "key", "person", "topic")}
    return kept | {
        "marks": _marks(old, signals),
        "names": b"".join(_hash(name) for name in (old["message_id"] or old["key"], *parents)),
        "message_id": old["message_id"],
        "rest": json.dumps(rest, ensure_ascii=False, separators=(",", ":")),
    }


def _marks(old: Any, signals: list[list[Any]]) -> int:  # noqa: ANN401 - a row of the old table
    marks = _MAY_REPLY[old["may_reply"]] | _AUTHENTICATION[old["authentication"]]
    for mark, holds in (
        (1 << 0, old["direction"] == "inbound"),
        (1 << 1, old["kind"] == "human"),
        (1 << 6, old["receipt"]),
        (1 << 7, old["away_until"]),
        (1 << 8, old["promised"]),
        (1 << 9, old["attachments"]),
    ):
        marks |= mark if holds else 0
    for kind, *_ in signals:
        marks |= 1 << (10 + _SIGNALS.index(kind))
    return marks


def _signals(fields: list[str]) -> Iterator[list[Any]]:
    for at in range(0, len(fields), 9):
        kind, phrase, start, end, text, subtype, item, due, quoted = fields[at : at + 9]
        more = [subtype, int(item), due, quoted]
        yield [kind, phrase, int(start), int(end), text, *(more if any(more) else [])]


def _split(joined: str) -> list[str]:
    if not joined:
        return []
    if joined[0] == "\x1e":
        return [str(part) for part in json.loads(joined[1:])]
    return joined.split("\x1f")


def _hash(name: str) -> bytes:
    """Return the first 64 bits of the MD5 of a name, the lowest byte first."""
    return md5(name.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()[7::-1]
