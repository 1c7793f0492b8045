"""The tables, in three layers: facts, readings of them, and what the service did.

A row is written by Core and read by Core: the classes say what the columns are, and are never
instantiated. Rows carry their account. No relationships: ids and explicit joins. Enum columns store
the value under a CHECK, so a new value needs a migration. Facts that stand in the chain name their
entry by `seq`.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Enum, Index, LargeBinary, MetaData, Table, UniqueConstraint
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from mailhours.model.raw import FolderRole
from mailhours.model.reply import Mode, ReplyState
from mailhours.model.slot import SlotState

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ROWID: dict[str, Any] = {"sqlite_strict": True}
# Clustered by the primary key: what is asked for together lies together. Not for long rows.
CLUSTERED: dict[str, Any] = {"sqlite_strict": True, "sqlite_with_rowid": False}


class Row(SQLModel, registry=registry(metadata=METADATA)):
    """Base of every table."""

    # Never instantiated: what would validate them need not be built (a tenth of the import).
    model_config = {"defer_build": True}


def of(row: type[SQLModel]) -> Table:
    """Return the table of a class."""
    return METADATA.tables[row.__name__.lower()]


def _enum(kind: type[StrEnum]) -> Enum:
    return Enum(
        kind,
        name=kind.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=True,
        length=16,
    )


def _key(**more: Any) -> Any:  # noqa: ANN401 - Field() itself is Any
    return Field(primary_key=True, **more)


def _account(*, key: bool = False) -> Any:  # noqa: ANN401 - as above
    return Field(foreign_key="account.id", primary_key=key)


class Account(Row, table=True):
    """`interest` digests the client files that chose the mail; `version` is of the readings."""

    __table_args__ = ROWID
    id: int = Field(primary_key=True)
    address: str = Field(unique=True)
    interest: str
    version: str


# --- facts -----------------------------------------------------------------------------------


class Folder(Row, table=True):
    """A folder and its cursor."""

    __table_args__ = (UniqueConstraint("account", "mailbox", "name"), ROWID)
    id: int = Field(primary_key=True)
    account: int = _account()
    mailbox: str
    name: str
    role: FolderRole = Field(sa_type=_enum(FolderRole))
    validity: int
    settled: int
    floor: int
    hint: str
    looked: datetime | None


class Mail(Row, table=True):
    """A mail of a client and where it was first seen. `header` is NULL once it is forgotten."""

    __table_args__ = (UniqueConstraint("account", "key"), ROWID)
    id: int = Field(primary_key=True)
    account: int = _account()
    key: str
    seq: int
    folder: int = Field(foreign_key="folder.id")
    validity: int
    number: int
    name: str
    received: datetime
    size: int
    logged: datetime
    header: bytes | None = Field(sa_type=LargeBinary)
    parts: bytes | None = Field(sa_type=LargeBinary)


class Sighting(Row, table=True):
    """A content key seen in a place: `number` is an IMAP UID, `name` a file; the other is empty."""

    __table_args__ = (Index(None, "account", "key"), CLUSTERED)
    account: int = _account(key=True)
    folder: int = _key(foreign_key="folder.id")
    validity: int = _key()
    number: int = _key()
    name: str = _key()
    key: str


class Quarantine(Row, table=True):
    """A mail that could not be read and was set aside, by its place."""

    __table_args__ = CLUSTERED
    account: int = _account(key=True)
    folder: int = _key(foreign_key="folder.id")
    validity: int = _key()
    number: int = _key()
    name: str = _key()
    reason: str
    at: datetime


class Word(Row, table=True):
    """The owner's word."""

    __table_args__ = (Index(None, "account", "at"), ROWID)
    id: int = Field(primary_key=True)
    account: int = _account()
    seq: int
    verb: str
    target: str
    at: datetime
    text: str


class Entry(Row, table=True):
    """One link of the hash chain. `salt` and `ref` are NULL once the fact is forgotten."""

    __table_args__ = CLUSTERED
    account: int = _account(key=True)
    seq: int = _key()
    at: datetime
    kind: str
    ref: str | None
    salt: bytes | None = Field(sa_type=LargeBinary)
    salted: bytes = Field(sa_type=LargeBinary)
    previous: bytes = Field(sa_type=LargeBinary)
    hash: bytes = Field(sa_type=LargeBinary)


# --- readings --------------------------------------------------------------------------------


class Unread(Row, table=True):
    """Mails that wait to be read, or to be read again by newer rules."""

    __table_args__ = (UniqueConstraint("account", "key"), CLUSTERED)
    account: int = _account(key=True)
    seq: int = _key()
    key: str


class Reading(Row, table=True):
    """A message as judgement sees it: one client's lie together, in order of time.

    `marks` are those of `model.line`, `names` the hashes by which it is threaded (64 bits each, the
    lowest byte first), `rest` all else as JSON: most of it is looked at in few messages.
    """

    __table_args__ = (
        UniqueConstraint("account", "key"),
        Index(None, "account", "message_id"),
        CLUSTERED,
    )
    account: int = _account(key=True)
    client: str = _key()
    at: datetime = _key()
    key: str = _key()
    marks: int
    names: bytes = Field(sa_type=LargeBinary)
    person: str
    topic: str
    message_id: str
    rest: str


class Evidence(Row, table=True):
    """What a reading rests on: the visible text, and why the rules judged as they did."""

    __table_args__ = ROWID
    account: int = _account(key=True)
    key: str = _key()
    version: str
    text: str
    headers: str
    reasons: str
    defects: str


class Tally(Row, table=True):
    """How many readings a client has, and the serial of the last change: cheap to ask for."""

    __table_args__ = CLUSTERED
    account: int = _account(key=True)
    client: str = _key()
    messages: int
    serial: int


class Bookmark(Row, table=True):
    """How far a client's history was judged: a cache. `threads` is long and comes last."""

    __table_args__ = ROWID
    account: int = _account(key=True)
    client: str = _key()
    digest: str
    at: datetime
    key: str
    told: datetime
    words: int
    state: str
    threads: bytes = Field(sa_type=LargeBinary)


# --- what the service did --------------------------------------------------------------------


class Reply(Row, table=True):
    """A reply: `content` is all of it as JSON; `decided` is when it left, or else was proposed."""

    __table_args__ = (
        Index(None, "account", "state"),
        Index(None, "account", "decided"),
        Index(None, "account", "client", "decided"),
        ROWID,
    )
    account: int = _account(key=True)
    id: str = _key()
    slot: str
    client: str
    person: str
    kinds: str
    mode: Mode = Field(sa_type=_enum(Mode))
    state: ReplyState = Field(sa_type=_enum(ReplyState))
    at: datetime
    decided: datetime
    content: str
    raw: bytes = Field(sa_type=LargeBinary)
    filed: datetime | None
    place: str


class Cause(Row, table=True):
    """A cause is a key: it gets at most one reply."""

    __table_args__ = (Index(None, "account", "reply"), CLUSTERED)
    account: int = _account(key=True)
    cause: str = _key()
    reply: str


class Event(Row, table=True):
    """A reply's change of state; with the server's answer and an entry of the chain if it left."""

    __table_args__ = (Index(None, "account", "reply"), ROWID)
    id: int = Field(primary_key=True)
    account: int = _account()
    reply: str
    state: ReplyState = Field(sa_type=_enum(ReplyState))
    at: datetime
    code: int
    text: str
    verb: str
    seq: int | None


class Withheld(Row, table=True):
    """What was due at a check-in and did not leave, with the reason."""

    __table_args__ = (Index(None, "account", "at"), CLUSTERED)
    account: int = _account(key=True)
    slot: str = _key()
    cause: str = _key()
    reason: str = _key()
    client: str
    person: str
    detail: str
    at: datetime


class Frozen(Row, table=True):
    """Addresses that no machine mail goes to."""

    __table_args__ = CLUSTERED
    account: int = _account(key=True)
    address: str = _key()
    reason: str
    at: datetime


class Slot(Row, table=True):
    """A check-in: when it was due, and what became of it."""

    __table_args__ = (Index(None, "account", "due"), CLUSTERED)
    account: int = _account(key=True)
    key: str = _key()
    due: datetime
    state: SlotState = Field(sa_type=_enum(SlotState))
    lease: datetime
    tries: int
    began: datetime
    ended: datetime | None


class Once(Row, table=True):
    """Things that happen once, by their key."""

    __table_args__ = CLUSTERED
    account: int = _account(key=True)
    key: str = _key()
    at: datetime


class Poll(Row, table=True):
    """How polling one mailbox stands; `block` is its back-off as JSON."""

    __table_args__ = CLUSTERED
    account: int = _account(key=True)
    mailbox: str = _key()
    succeeded: datetime | None
    failing: datetime | None
    why: str
    block: str


class Deaf(Row, table=True):
    """A time without a successful poll; `until` is NULL while it lasts."""

    __table_args__ = (Index(None, "account", "mailbox", "start"), ROWID)
    id: int = Field(primary_key=True)
    account: int = _account()
    mailbox: str
    start: datetime
    until: datetime | None
    why: str


class Note(Row, table=True):
    """Something the owner is to hear of once."""

    __table_args__ = (Index(None, "account", "at"), ROWID)
    id: int = Field(primary_key=True)
    account: int = _account()
    kind: str
    text: str
    at: datetime


class Secret(Row, table=True):
    """What only this ledger knows: the key of its mark, for example."""

    __table_args__ = CLUSTERED
    account: int = _account(key=True)
    name: str = _key()
    value: bytes = Field(sa_type=LargeBinary)
