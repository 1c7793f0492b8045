"""Folders that are not read are searched once a day, whatever the mailbox does in the morning."""

from pathlib import Path

from integration.maildir_office import MONDAY, Clock, Office
from integration.sink import Sink
from mailhours.mailbox import maildir_files
from mailhours.service import jobs


def test_a_mailbox_that_does_not_answer_in_the_morning_is_searched_when_it_does(
    tmp_path: Path, sink: Sink
) -> None:
    clock = Clock()
    office = Office(tmp_path, clock, port=sink.port)
    maildir_files.create(office.maildir / ".Junk")
    account = office.open()
    clock.now = MONDAY.replace(hour=5)
    office.mail("Can you send me the logo?", folder="Junk")
    away = office.maildir.rename(tmp_path / "away")
    jobs.tick(account)
    assert account.ledger.mail.count() == 0

    away.rename(office.maildir)
    clock.now = MONDAY.replace(hour=7)
    jobs.tick(account)

    assert account.ledger.mail.count() == 1
    account.close()
