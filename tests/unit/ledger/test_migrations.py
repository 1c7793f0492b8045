"""A ledger of an earlier program says the same after its migration."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from alembic import command

from builders import DANA, a_message, a_signal, moment
from ledgers import a_key
from mailhours.ledger import migrate
from mailhours.ledger.reading_rows import message_row
from mailhours.ledger.sqlite import Database, create
from mailhours.ledger.store import Ledger
from mailhours.model.message import Authentication, MayReply, Message

PLAIN = a_message("mon 09:00", key=a_key(1), message_id="")
FULL = a_message(
    "mon 09:00:01",
    a_signal("ask", "the logo", subtype="content", item=1, due=date(2026, 3, 6), quoted="?"),
    a_signal("thanks", "thanks"),
    key=a_key(2),
    parents=("<a@x>", "<b@x>"),
    addressed=(DANA, "kim@studio.example"),
    attachments=("logo\n.png", "a\x1fb"),
    authentication=Authentication.FAIL,
    may_reply=MayReply.REVIEW,
    subject="Grüße",
    receipt=True,
    gist=("logo", "shop"),
)
STATED = a_message(
    "tue 09:00",
    key=a_key(3),
    ours=True,
    machine=True,
    away_until=date(2026, 3, 9),
    promised=((a_key(2), moment("tue 10:00")),),
    authentication=Authentication.UNKNOWN,
)


def joined(*strings: str) -> str:
    """Return strings as they stood in one column."""
    if any("\x1f" in one for one in strings):
        return "\x1e" + json.dumps(strings)
    return "\x1f".join(strings)


def old_row(held: Message) -> dict[str, object]:
    """Return a message as the row that it was."""
    signals = [
        field
        for s in held.signals
        for field in (
            s.kind.value,
            s.phrase,
            str(s.start),
            str(s.end),
            s.text,
            s.subtype,
            str(s.item),
            s.due.isoformat() if s.due else "",
            s.quoted,
        )
    ]
    return {
        "account": 1,
        "client": held.client,
        "at": held.at.strftime("%Y-%m-%d %H:%M:%S.000000"),
        "key": held.key,
        "message_id": held.message_id,
        "parents": joined(*held.parents),
        "direction": held.direction.value,
        "kind": held.kind.value,
        "person": held.person,
        "addressed": joined(*held.addressed),
        "to_own": held.to_own,
        "subject": held.subject,
        "topic": held.topic,
        "project": held.project,
        "language": held.language,
        "signals": joined(*signals),
        "words": held.words,
        "may_reply": held.may_reply.value,
        "authentication": held.authentication.value,
        "away_until": held.away_until and held.away_until.isoformat(),
        "receipt": int(held.receipt),
        "attachments": joined(*held.attachments),
        "promised": joined(*(part for key, at in held.promised for part in (key, at.isoformat()))),
        "gist": joined(*held.gist),
    }


@pytest.fixture
def older(tmp_path) -> Path:
    """Make a ledger of revision 0002 with three readings."""
    path = tmp_path / "ledger.db"
    create(path)
    database = Database(path, foreign_keys=False)
    with database.writing() as connection:
        found = migrate.config()
        found.attributes["connection"] = connection
        command.upgrade(found, "0002")
        connection.exec_driver_sql(
            "INSERT INTO account (id, address, interest, version) VALUES (1, ?, '', 'v1')", (DANA,)
        )
        for row in map(old_row, (PLAIN, FULL, STATED)):
            columns, marks = ", ".join(row), ", ".join("?" * len(row))
            connection.exec_driver_sql(
                f"INSERT INTO reading ({columns}) VALUES ({marks})",
                tuple(row.values()),
            )
    database.close()
    return path


def test_what_was_understood_before_readings_were_short_is_the_same_after(older):
    with Ledger.open(older, DANA) as ledger:
        assert ledger.readings.history("fjord") == [PLAIN, FULL, STATED]
        assert ledger.readings.message("<a@x>") is None
        with ledger._database.reading() as connection:
            rows = connection.exec_driver_sql("SELECT * FROM reading ORDER BY at").mappings()
            kept = [dict(row) for row in rows]

    written = [message_row(one) for one in (PLAIN, FULL, STATED)]
    assert [row["marks"] for row in kept] == [row["marks"] for row in written]
    assert [row["names"] for row in kept] == [row["names"] for row in written]
    assert [row["rest"] for row in kept] == [row["rest"] for row in written]
