"""What every source does with mails that it has cut: drop what is known or no client's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from mailhours.mailbox.protocol import Known, Wanted
from mailhours.model.faults import FolderFault
from mailhours.model.header import fields
from mailhours.model.raw import Batch, Cursor, FolderRole, Quarantined, RawMail, Sighting

_FULL_LOOK = timedelta(hours=6)


def is_full_due(cursor: Cursor, now: datetime) -> bool:
    """Say whether all of a folder is looked at, and not only what it announces as new.

    A look of the future was made before the clock was set back, and says nothing.
    """
    return cursor.looked is None or not timedelta(0) <= now - cursor.looked < _FULL_LOOK


def batch(
    found: Iterable[Sighting | Quarantined], cursor: Cursor, known: Known, wanted: Wanted
) -> Batch:
    """Make a batch: a mail keeps its content when it is new and concerns a client."""
    found = list(found)
    sightings = [one for one in found if isinstance(one, Sighting)]
    keys = known.keys({sighting.key for sighting in sightings}) if sightings else set()
    kept: list[Sighting] = []
    for sighting in sightings:
        raw = sighting.raw
        if raw and (sighting.key in keys or not wanted(raw.header)):
            sighting = replace(sighting, raw=None)  # noqa: PLW2901
        keys.add(sighting.key)
        kept.append(sighting)
    return Batch(tuple(kept), tuple(q for q in found if isinstance(q, Quarantined)), cursor)


def in_role(cursor: Cursor, role: FolderRole) -> Cursor:
    """Return the cursor of a folder whose role is `role` now; in another one all is looked at.

    A folder that was passed over, or searched for senders only, has not been read so far.
    """
    return cursor if cursor.role is role else replace(cursor, role=role, hint="", looked=None)


def octets(raw: RawMail | None) -> int:
    """Return how much memory a mail takes."""
    if raw is None:
        return 0
    return len(raw.header) + sum(len(part.content) for part in raw.parts)


def has_id(header: bytes, message_id: str, mark: str = "") -> bool:
    """Say whether a header block carries exactly this Message-ID, or `mark` as X-Mailhours-Id."""
    wanted = {("message-id", message_id.strip().encode())}
    if mark:
        wanted.add(("x-mailhours-id", mark.encode()))
    return any(field in wanted for field in fields(header))


def comes_from(header: bytes, needles: tuple[bytes, ...]) -> bool:
    """Say whether From names one of `needles`: lower-case addresses, or domains with their @."""
    return any(
        name == "from" and any(needle in value.lower() for needle in needles)
        for name, value in fields(header)
    )


def joined(faults: Sequence[FolderFault]) -> FolderFault:
    """Make one fault of those of several folders."""
    if len(faults) == 1:
        return faults[0]
    hints = dict.fromkeys(fault.hint for fault in faults if fault.hint)
    return FolderFault("; ".join(fault.what for fault in faults), hint="; ".join(hints))
