"""Which folders of a mailbox are read as what."""

from __future__ import annotations

import pytest

from mailboxes import settings
from mailhours.mailbox.folders import Folder, assign
from mailhours.model.raw import FolderRole

SENT = frozenset({"\\sent"})


def sent(*listed: Folder) -> list[str]:
    """Return the folders for sent mail, the one where copies are laid first."""
    inbox = Folder("INBOX", delimiter=listed[0].delimiter)
    found = assign([inbox, *listed], settings()).folders
    return [folder.name for folder, role in found if role is FolderRole.SENT]


@pytest.mark.parametrize(
    ("listed", "read"),
    [
        ([Folder("Sent"), Folder("Sent Items")], ["Sent", "Sent Items"]),
        ([Folder("INBOX.Gesendet", delimiter="."), Folder("INBOX.Sent", delimiter=".")], None),
        ([Folder("[Gmail]/Sent Mail", flags=SENT), Folder("Sent")], None),
        ([Folder("Outgoing"), Folder("Sent")], ["Sent"]),
        ([Folder("Outgoing"), Folder("Notes")], ["Outgoing"]),
    ],
)
def test_every_folder_for_sent_mail_of_the_owners_is_read(listed, read):
    assert sent(*listed) == (read or [folder.name for folder in listed])


@pytest.mark.parametrize("flags", [frozenset(), SENT])
def test_the_sent_mail_of_somebody_else_is_not_taken_for_the_owners(flags):
    theirs = [Folder("Other Users/bob/Sent", flags=flags), Folder("Old/2019/Sent", flags=flags)]

    assert sent(*theirs, Folder("Sent", flags=flags), Folder("Sent Items")) == [
        "Sent",
        "Sent Items",
    ]
