"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Do it."""
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", AutoString(), nullable=False),
        sa.Column("interest", AutoString(), nullable=False),
        sa.Column("version", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("address", name=op.f("uq_account_address")),
        sqlite_strict=True,
    )
    op.create_table(
        "cause",
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("cause", AutoString(), nullable=False),
        sa.Column("reply", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_cause_account")),
        sa.PrimaryKeyConstraint("account", "cause", name=op.f("pk_cause")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_cause_account_reply"), "cause", ["account", "reply"], unique=False)

    op.create_table(
        "deaf",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("mailbox", AutoString(), nullable=False),
        sa.Column("start", UTCDateTime(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=True),
        sa.Column("why", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_deaf_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deaf")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_deaf_account_mailbox_start"), "deaf", ["account", "mailbox", "start"], unique=False
    )

    op.create_table(
        "entry",
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("ref", AutoString(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("salted", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_entry_account")),
        sa.PrimaryKeyConstraint("account", "seq", name=op.f("pk_entry")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("reply", AutoString(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "approved",
                "queued",
                "claimed",
                "submitted",
                "filed",
                "drafted",
                "shadowed",
                "deferred",
                "refused",
                "doubtful",
                "cancelled",
                name="replystate",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("text", AutoString(), nullable=False),
        sa.Column("verb", AutoString(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_event_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_event_account_reply"), "event", ["account", "reply"], unique=False)

    op.create_table(
        "evidence",
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("key", AutoString(), nullable=False),
        sa.Column("version", AutoString(), nullable=False),
        sa.Column("text", AutoString(), nullable=False),
        sa.Column("headers", AutoString(), nullable=False),
        sa.Column("reasons", AutoString(), nullable=False),
        sa.Column("defects", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_evidence_account")),
        sa.PrimaryKeyConstraint("account", "key", name=op.f("pk_evidence")),
        sqlite_strict=True,
    )
    op.create_table(
        "folder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("mailbox", AutoString(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "inbox",
                "sent",
                "drafts",
                "held",
                "other",
                name="folderrole",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("validity", sa.Integer(), nullable=False),
        sa.Column("settled", sa.Integer(), nullable=False),
        sa.Column("floor", sa.Integer(), nullable=False),
        sa.Column("hint", AutoString(), nullable=False),
        sa.Column("looked", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_folder_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_folder")),
        sa.UniqueConstraint(
            "account", "mailbox", "name", name=op.f("uq_folder_account_mailbox_name")
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "frozen",
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("address", AutoString(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_frozen_account")),
        sa.PrimaryKeyConstraint("account", "address", name=op.f("pk_frozen")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("text", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_note_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_note_account_at"), "note", ["account", "at"], unique=False)

    op.create_table(
        "once",
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("key", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_once_account")),
        sa.PrimaryKeyConstraint("account", "key", name=op.f("pk_once")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "poll",
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("mailbox", AutoString(), nullable=False),
        sa.Column("succeeded", UTCDateTime(), nullable=True),
        sa.Column("failing", UTCDateTime(), nullable=True),
        sa.Column("why", AutoString(), nullable=False),
        sa.Column("block", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_poll_account")),
        sa.PrimaryKeyConstraint("account", "mailbox", name=op.f("pk_poll")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reading",
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("client", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("key", AutoString(), nullable=False),
        sa.Column("message_id", AutoString(), nullable=False),
        sa.Column("parents", AutoString(), nullable=False),
        sa.Column(
            "direction",
            sa.Enum(
                "inbound",
                "outbound",
                name="direction",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "human",
                "machine",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("person", AutoString(), nullable=False),
        sa.Column("addressed", AutoString(), nullable=False),
        sa.Column("to_own", AutoString(), nullable=False),
        sa.Column("subject", AutoString(), nullable=False),
        sa.Column("topic", AutoString(), nullable=False),
        sa.Column("project", AutoString(), nullable=False),
        sa.Column("language", AutoString(), nullable=False),
        sa.Column("signals", AutoString(), nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column(
            "may_reply",
            sa.Enum(
                "reply",
                "suppress",
                "review",
                name="mayreply",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column(
            "authentication",
            sa.Enum(
                "pass",
                "fail",
                "unknown",
                name="authentication",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("away_until", sa.Date(), nullable=True),
        sa.Column("receipt", sa.Boolean(), nullable=False),
        sa.Column("attachments", AutoString(), nullable=False),
        sa.Column("promised", AutoString(), nullable=False),
        sa.Column("gist", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_reading_account")),
        sa.PrimaryKeyConstraint("account", "client", "at", "key", name=op.f("pk_reading")),
        sa.UniqueConstraint("account", "key", name=op.f("uq_reading_account_key")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_reading_account_message_id"), "reading", ["account", "message_id"], unique=False
    )

    op.create_table(
        "reply",
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("id", AutoString(), nullable=False),
        sa.Column("slot", AutoString(), nullable=False),
        sa.Column("client", AutoString(), nullable=False),
        sa.Column("person", AutoString(), nullable=False),
        sa.Column("kinds", AutoString(), nullable=False),
        sa.Column(
            "mode",
            sa.Enum(
                "shadow",
                "draft",
                "send",
                name="mode",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "approved",
                "queued",
                "claimed",
                "submitted",
                "filed",
                "drafted",
                "shadowed",
                "deferred",
                "refused",
                "doubtful",
                "cancelled",
                name="replystate",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("decided", UTCDateTime(), nullable=False),
        sa.Column("content", AutoString(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("filed", UTCDateTime(), nullable=True),
        sa.Column("place", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_reply_account")),
        sa.PrimaryKeyConstraint("account", "id", name=op.f("pk_reply")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_reply_account_client_decided"),
        "reply",
        ["account", "client", "decided"],
        unique=False,
    )
    op.create_index(op.f("ix_reply_account_decided"), "reply", ["account", "decided"], unique=False)
    op.create_index(op.f("ix_reply_account_state"), "reply", ["account", "state"], unique=False)

    op.create_table(
        "secret",
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_secret_account")),
        sa.PrimaryKeyConstraint("account", "name", name=op.f("pk_secret")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "slot",
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("key", AutoString(), nullable=False),
        sa.Column("due", UTCDateTime(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "running",
                "done",
                "missed",
                "failed",
                name="slotstate",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("lease", UTCDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("began", UTCDateTime(), nullable=False),
        sa.Column("ended", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_slot_account")),
        sa.PrimaryKeyConstraint("account", "key", name=op.f("pk_slot")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_slot_account_due"), "slot", ["account", "due"], unique=False)

    op.create_table(
        "tally",
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("client", AutoString(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_tally_account")),
        sa.PrimaryKeyConstraint("account", "client", name=op.f("pk_tally")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "unread",
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("key", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_unread_account")),
        sa.PrimaryKeyConstraint("account", "seq", name=op.f("pk_unread")),
        sa.UniqueConstraint("account", "key", name=op.f("uq_unread_account_key")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "withheld",
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("slot", AutoString(), nullable=False),
        sa.Column("cause", AutoString(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("client", AutoString(), nullable=False),
        sa.Column("person", AutoString(), nullable=False),
        sa.Column("detail", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_withheld_account")),
        sa.PrimaryKeyConstraint("account", "slot", "cause", "reason", name=op.f("pk_withheld")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_withheld_account_at"), "withheld", ["account", "at"], unique=False)

    op.create_table(
        "word",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("verb", AutoString(), nullable=False),
        sa.Column("target", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("text", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_word_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_word")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_word_account_at"), "word", ["account", "at"], unique=False)

    op.create_table(
        "mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("key", AutoString(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("folder", sa.Integer(), nullable=False),
        sa.Column("validity", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("received", UTCDateTime(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("logged", UTCDateTime(), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=True),
        sa.Column("parts", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_mail_account")),
        sa.ForeignKeyConstraint(["folder"], ["folder.id"], name=op.f("fk_mail_folder")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("account", "key", name=op.f("uq_mail_account_key")),
        sqlite_strict=True,
    )
    op.create_table(
        "quarantine",
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("folder", sa.Integer(), nullable=False),
        sa.Column("validity", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_quarantine_account")),
        sa.ForeignKeyConstraint(["folder"], ["folder.id"], name=op.f("fk_quarantine_folder")),
        sa.PrimaryKeyConstraint(
            "account", "folder", "validity", "number", "name", name=op.f("pk_quarantine")
        ),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sighting",
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("folder", sa.Integer(), nullable=False),
        sa.Column("validity", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("key", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_sighting_account")),
        sa.ForeignKeyConstraint(["folder"], ["folder.id"], name=op.f("fk_sighting_folder")),
        sa.PrimaryKeyConstraint(
            "account", "folder", "validity", "number", "name", name=op.f("pk_sighting")
        ),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_sighting_account_key"), "sighting", ["account", "key"], unique=False)
