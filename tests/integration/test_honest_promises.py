"""What an acknowledgement says of the answer is what the ledger holds the owner to, in both zones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from integration.maildir_office import FJORD, KARI, OSLO, Clock, Office, check_in
from integration.sink import Sink
from mailhours.service import jobs, judging
from mailhours.service.account import Account
from mailhours.settings.load import load

QUESTION = "Hello Dana,\n\ncould you send me {}?\n\nKari"
SAID = re.compile(
    r"(?P<day>\w+ \d+ \w+), (?P<here>\d\d:\d\d) \(Oslo\) / "
    r"(?:(?P<their_day>\w+ \d+ \w+), )?(?P<there>\d\d:\d\d) \((?P<place>[\w ]+)\)"
)
READERS: list[object] = []
ZONES = {
    "America/New_York": "New York",
    "Asia/Kolkata": "Kolkata",
    "Pacific/Auckland": "Auckland",
}


@pytest.fixture
def office(tmp_path: Path, sink: Sink) -> Office:
    return Office(tmp_path, Clock(), sink.port)


@pytest.fixture(params=ZONES)
def account(office: Office, request: pytest.FixtureRequest) -> Iterator[Account]:
    client = FJORD.format(address=KARI)
    office.client = client.replace("language", f'timezone = "{request.param}"\nlanguage')
    account = office.open()
    if not READERS:  # its phrases take a second to load
        READERS.append(account.reader)
    vars(account)["reader"] = READERS[0]
    yield account
    account.close()


def moments(text: str, zone: str) -> list[datetime]:
    """Return the moments that a mail states, each read in both zones."""
    found = []
    for said in SAID.finditer(text):
        assert said["place"] == ZONES[zone]
        here = read(said["day"], said["here"], OSLO)
        there = read(said["their_day"] or said["day"], said["there"], ZoneInfo(zone))
        assert here == there, said[0]
        found.append(here)
    return found


def read(day: str, time: str, zone: ZoneInfo) -> datetime:
    return datetime.strptime(f"{day} 2026 {time}", "%A %d %B %Y %H:%M").replace(tzinfo=zone)


@pytest.mark.parametrize("day", ["2026-03-02", "2026-03-06", "2026-03-27"], ids=str)
def test_the_answer_by_that_a_mail_states_is_the_promise_in_the_ledger(
    office: Office, account: Account, sink: Sink, day: str
) -> None:
    zone = account.book.clients["fjord"].calendar.zone.key
    for time, what in (("09:12", "the logo"), ("09:40", "the prices")):
        office.clock.at(f"{day} {time}")
        office.mail(QUESTION.format(what), subject=what)
    check_in(account, office.clock, f"{day} 10:00")
    office.clock.later(minutes=5)
    jobs.poll(account)  # our own mail is read: from now on what it says is a fact

    text = sink.messages[0].message.get_content()
    next_check_in, answer_by = moments(text, zone)
    assert next_check_in == office.clock.at(f"{day} 15:00")
    promises = judging.judgement(account, "fjord", account.clock()).open_promises
    assert [promise.due for promise in promises] == [answer_by, answer_by]
    assert all(promise.stated for promise in promises)


def test_what_was_stated_holds_when_the_office_closes_a_day_later_on(
    office: Office, account: Account, sink: Sink
) -> None:
    office.clock.at("2026-03-02 09:12")
    office.mail(QUESTION.format("the logo"))
    check_in(account, office.clock, "2026-03-02 10:00")
    jobs.poll(account)
    (before,) = judging.judgement(account, "fjord", account.clock()).open_promises

    path = office.folder / "config" / "mailhours.toml"
    closed = 'closed = ["2026-03-03..2026-03-05"]\ncheck_ins'
    path.write_text(path.read_text().replace("check_ins", closed, 1))
    renewed = account.with_settings(load(path.parent, {}))
    (after,) = judging.judgement(renewed, "fjord", account.clock()).open_promises

    assert after.due == before.due
