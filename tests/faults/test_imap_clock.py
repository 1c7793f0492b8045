"""46: the clock jumps back a day and forward a week while a mailbox is left alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from integration.fakebox import FakeBox
from integration.fakeimap import FakeImap
from integration.sink import Sink
from integration.test_held_replies import Clock, configured, read_quickly
from mailboxes import Word, mail
from mailhours.mailbox.backoff import Block, Why
from mailhours.model.slot import SlotState
from mailhours.service import jobs
from mailhours.service.account import Account, open_account
from mailhours.settings.values import Settings

DAY, WEEK = timedelta(days=1), timedelta(days=7)
JUMPS = [
    pytest.param((-DAY,), id="46 a day back"),
    pytest.param((WEEK,), id="46 a week forward"),
    pytest.param((-DAY, WEEK), id="46 back and forward"),
    pytest.param((WEEK, -DAY), id="46 forward and back"),
    pytest.param((WEEK, -WEEK), id="46 forward and back again"),
]
REFUSED = b"{tag} NO [AUTHENTICATIONFAILED] no\r\n"
LIMITED = b"{tag} NO [LIMIT] too many connections\r\n"
BLOCKED = [
    *(pytest.param(LIMITED, Why.THROTTLED, *p.values, id=f"{p.id}, throttled") for p in JUMPS),
    # Each jump may cost one of the three tries.
    *(pytest.param(REFUSED, Why.LOGIN, *p.values, id=f"{p.id}, refused") for p in JUMPS[:2]),
]


class Counted(Word):
    """A password that counts how often it is read."""

    asked = 0

    def reveal(self) -> str:
        self.asked += 1
        return super().reveal()


@dataclass
class House:
    """An account on a scripted server, at a clock that a test moves."""

    account: Account
    server: FakeImap
    box: FakeBox
    clock: Clock
    secret: Counted

    @property
    def block(self) -> Block:
        text = self.account.ledger.health.block("main")
        return Block.from_json(json.loads(text)) if text else Block()

    def tick(self, **later: float) -> None:
        self.clock.now += timedelta(**later)
        jobs.tick(self.account)

    def logins(self) -> int:
        return self.server.verbs().count("LOGIN")

    def texts(self) -> int:
        return self.account.ledger.mail.count()


@pytest.fixture
def house(fake_imap, box: FakeBox, tmp_path: Path, sink: Sink) -> Iterator[House]:
    server, clock, secret = fake_imap(box.script()), Clock(), Counted("pass")
    login = f'host = "127.0.0.1"\nport = {server.port}\nsecurity = "none"\nuser = "dana"'
    settings = configured(tmp_path, f'{login}\npassword = "env:SECRET"', sink)
    assert isinstance(settings, Settings)
    [main] = settings.mailboxes
    assert main.server is not None
    main = replace(main, server=replace(main.server, password=secret))
    (tmp_path / "state").mkdir()
    account = open_account(replace(settings, mailboxes=(main,)), tmp_path / "state", clock)
    read_quickly(account)
    account.ledger.health.first_use(clock())
    yield House(account, server, box, clock, secret)
    account.close()


def no_slot_was_held_twice(house: House) -> bool:
    past = house.account.ledger.slots.history(house.clock() - 4 * WEEK)
    is_once = len({one.slot.key for one in past}) == len(past)
    return is_once and all(one.tries == 1 for one in past)


@pytest.mark.parametrize(("said", "why", "jumps"), BLOCKED)
def test_no_block_lasts_longer_than_its_own_length_whatever_the_clock_does(house, said, why, jumps):
    house.tick()
    assert house.texts() == 5
    house.account.hang_up()
    house.server.script["LOGIN"] = said
    house.box.inbox.put(mail(6))
    house.tick(minutes=5)
    assert house.block.why is why

    for jump in jumps:
        house.clock.now += jump
        house.tick()
    assert house.block.why is why
    length = house.block.until - house.block.since
    house.server.script["LOGIN"] = b"{tag} OK in\r\n"
    house.box.inbox.put(mail(7))
    house.clock.now += length
    house.tick()

    assert length <= timedelta(hours=1)
    assert house.block == Block()
    assert house.texts() == 7
    assert no_slot_was_held_twice(house)


@pytest.mark.parametrize("jumps", JUMPS)
def test_a_stop_by_wrong_passwords_stays_a_stop_whatever_the_clock_does(house, jumps):
    house.server.script["LOGIN"] = REFUSED
    for _ in range(3):
        house.tick(minutes=20)
    assert (house.block.why, house.logins()) == (Why.STOPPED, 3)

    for jump in jumps:
        house.clock.now += jump
        house.tick()
        house.tick(minutes=20)
    assert (house.block.why, house.logins()) == (Why.STOPPED, 3)

    house.secret.value = "mended"
    house.server.script["LOGIN"] = b"{tag} OK in\r\n"
    house.tick(minutes=5)
    assert house.block == Block()
    assert house.texts() == 5
    assert no_slot_was_held_twice(house)


def test_a_stopped_mailbox_costs_a_look_at_its_password_no_oftener_than_a_poll(house):
    house.server.script["LOGIN"] = REFUSED
    for _ in range(3):
        house.tick(minutes=20)
    asked = house.secret.asked

    for _ in range(30):  # ten minutes of a service that ticks every twenty seconds
        house.tick(seconds=20)

    assert house.secret.asked - asked <= 4
    assert house.logins() == 3


def test_check_ins_that_a_jump_passed_over_are_missed_and_none_is_held_twice(house):
    house.tick()
    house.clock.now += WEEK
    house.tick()
    slots = house.account.ledger.slots
    passed = slots.history(house.clock() - 2 * WEEK)
    held = [one.slot.key for one in passed if one.state is SlotState.DONE]
    missed = [one.slot.key for one in passed if one.state is SlotState.MISSED]
    assert len(held) <= 1
    assert len(missed) >= 3  # two days of the week have two each

    house.clock.now -= DAY
    for _ in range(6):
        house.tick(hours=4)

    again = slots.history(house.clock() - 2 * WEEK)
    assert [one.slot.key for one in again if one.state is SlotState.DONE][: len(held)] == held
    assert missed == [one.slot.key for one in again if one.state is SlotState.MISSED]
    assert no_slot_was_held_twice(house)
