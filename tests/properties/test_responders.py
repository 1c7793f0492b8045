"""mailhours between machines that answer: bounded, whatever they do, over hundreds of days."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

import pytest

from fakes import MemoryMailbox
from integration.maildir_office import FJORD, KARI, OSLO, OWN, Clock, Office
from mailhours.model.raw import FolderRole
from mailhours.model.reply import Delivery, Outcome
from mailhours.model.slot import Slot
from mailhours.service import jobs
from mailhours.service.account import Account

FULL = os.environ.get("MAILHOURS_CAMPAIGN") == "full"
DAYS = 1000 if FULL else 28
START = datetime(2026, 3, 2, 8, 0, tzinfo=OSLO)
QUESTION = "Hello Dana,\n\ncould you send me the logo?\n\nKari"
STRIPPED = re.compile(
    rb"^(?:auto-submitted|x-auto-response-suppress|x-loop|x-mailhours-id):[^\r\n]*\r\n",
    re.IGNORECASE | re.MULTILINE,
)


def a_mail(sender: str, to: str, subject: str, text: str, at: datetime, **headers: str) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"], mail["Date"] = (
        sender,
        to,
        subject,
        format_datetime(at),
    )
    name = hashlib.sha256(f"{sender}\0{subject}\0{text}\0{at}".encode()).hexdigest()[:16]
    mail["Message-ID"] = f"<{name}@made.example>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


@dataclass
class World:
    """Two offices at most, and whoever answers for the client's addresses."""

    clock: Clock
    boxes: dict[str, MemoryMailbox] = field(default_factory=dict)
    accounts: list[Account] = field(default_factory=list)
    machine: list[tuple[str, str]] = field(default_factory=list)  # from, Auto-Submitted
    responder: Callable[[World, EmailMessage], None] = lambda _w, _m: None
    strips: bool = False

    def submit(self, mail: bytes, sender: str, recipient: str) -> Delivery:
        """Be everybody's postman: deliver, or let a responder answer a moment later."""
        parsed = BytesParser(policy=SMTP).parsebytes(mail)
        self.machine.append((sender, str(parsed["Auto-Submitted"])))
        arrived = STRIPPED.sub(b"", mail) if self.strips else mail
        self.deliver(recipient, arrived)
        if recipient not in self.boxes:
            self.responder(self, parsed)  # type: ignore[arg-type]
        return Delivery(Outcome.SUBMITTED, 250, "Ok", "DATA")

    def post(self, *_: object) -> Delivery:
        raise AssertionError("nobody writes by hand here")

    def close(self) -> None:
        """Nothing is held open."""

    def deliver(self, address: str, mail: bytes, later: timedelta = timedelta()) -> None:
        if address in self.boxes:
            self.boxes[address].deliver(mail, (self.clock.now + later).astimezone(UTC))

    def to_dana(self, sender: str, subject: str, text: str, **headers: str) -> None:
        minute = timedelta(minutes=1)
        mail = a_mail(sender, OWN, subject, text, self.clock.now + minute, **headers)
        self.deliver(OWN, mail, minute)

    def live(self, days: int, each_week: Callable[[], None], first: int = 0) -> None:
        for day in range(first, first + days):
            today = START + timedelta(days=day)
            if today.weekday() >= 5:
                continue
            self.clock.now = today
            if today.weekday() == 0:
                each_week()
            for hour in (10, 15):
                self.clock.now = today.replace(hour=hour)
                slot = Slot(self.clock(), f"{self.clock.now:%Y-%m-%dT%H:%M}")
                for account in self.accounts:
                    jobs.check_in(account, slot)


def opened(world: World, folder: Path, own: str, client: str) -> Account:
    folder.mkdir()
    office = Office(folder, world.clock, own=own, client=client)
    account = office.open()
    box = world.boxes[own] = MemoryMailbox()
    for role in (FolderRole.INBOX, FolderRole.SENT, FolderRole.HELD):
        box.folders.setdefault(role, {})
    vars(account)["mailboxes"] = (box,)
    vars(account)["postman"] = world
    world.accounts.append(account)
    return account


@pytest.fixture
def world(tmp_path: Path):
    world = World(Clock(START))
    yield world
    for account in world.accounts:
        account.close()


DOMAIN = FJORD.format(address=KARI).replace(
    f'addresses = ["{KARI}"]', 'addresses = ["@fjord.example"]'
)


@pytest.mark.timeout(0 if FULL else 120)
@pytest.mark.parametrize("strips", [False, True], ids=["as sent", "stripped on the way"])
def test_two_of_us_never_talk_to_each_other(world: World, tmp_path: Path, strips: bool) -> None:
    world.strips = strips
    opened(world, tmp_path / "dana", OWN, FJORD.format(address=KARI))
    opened(world, tmp_path / "kari", KARI, FJORD.format(address=OWN))

    def question() -> None:
        mail = a_mail(KARI, OWN, f"Logo {world.clock.now:%j}", QUESTION, world.clock.now)
        world.deliver(OWN, mail)
        world.boxes[KARI].deliver(mail, world.clock(), FolderRole.SENT)

    world.live(DAYS, question)

    # Two acknowledgements without a word of the owner's; Kari's house reminds of what she asked,
    # and answers no mail of Dana's house.
    assert 1 <= world.machine.count((OWN, "auto-replied")) <= 2
    assert (OWN, "auto-generated") not in world.machine
    assert (KARI, "auto-replied") not in world.machine
    weeks = -(-DAYS // 7)
    assert world.machine.count((KARI, "auto-generated")) <= 2 * weeks


def vacation(world: World, mail: EmailMessage) -> None:
    world.to_dana(
        KARI, "Automatic reply: Logo", "I am away until 20 March.", Auto_Submitted="auto-replied"
    )


def bare_vacation(world: World, mail: EmailMessage) -> None:
    """No header says so, and it asks."""
    world.to_dana(KARI, str(mail["Subject"]), "Thank you for your mail. Is it urgent? Please call.")


def ticket_system(world: World, mail: EmailMessage) -> None:
    number = len(world.machine)
    text = f"Your request #{number} has been received. Could you describe the problem?"
    world.to_dana("support@fjord.example", f"[#{number}] {mail['Subject']}", text)


def new_addresses(world: World, mail: EmailMessage) -> None:
    text = "Hi Dana,\n\ncould you send me the offer once more?\n\nBest"
    world.to_dana(f"bot-{len(world.machine)}@fjord.example", f"Offer {len(world.machine)}", text)


def three_at_once(world: World, mail: EmailMessage) -> None:
    for n in range(3):
        text = "Could you send me the plan?"
        world.to_dana(f"x{n}-{len(world.machine)}@fjord.example", f"Plan {n}", text)


@pytest.mark.timeout(0 if FULL else 120)
@pytest.mark.parametrize(
    ("responder", "most"),
    [(vacation, 2), (bare_vacation, 2), (ticket_system, 4), (new_addresses, 4), (three_at_once, 4)],
)
def test_who_answers_every_mail_of_ours_is_not_answered_for_ever(
    world: World, tmp_path: Path, responder: Callable[[World, EmailMessage], None], most: int
) -> None:
    world.responder = responder
    opened(world, tmp_path / "dana", OWN, DOMAIN)

    def question() -> None:
        subject = f"Logo {world.clock.now:%Y-%j}"
        world.deliver(OWN, a_mail(KARI, OWN, subject, QUESTION, world.clock.now))

    world.live(DAYS, question)

    # The owner never writes: two to Kari, two to all whom nobody named.
    assert 1 <= len(world.machine) <= most


def test_who_answers_by_itself_is_not_answered_half_a_year_later_either(
    world: World, tmp_path: Path
) -> None:
    world.responder = bare_vacation
    opened(world, tmp_path / "dana", OWN, DOMAIN)

    def question() -> None:
        subject = f"Logo {world.clock.now:%Y-%j}"
        world.deliver(OWN, a_mail(KARI, OWN, subject, QUESTION, world.clock.now))

    world.live(9, question)
    world.live(5, question, first=7 * 30)

    assert len(world.machine) == 2


def test_a_responder_gets_one_answer_for_each_word_of_the_owners(
    world: World, tmp_path: Path
) -> None:
    world.responder = new_addresses
    opened(world, tmp_path / "dana", OWN, DOMAIN)

    def talk() -> None:
        subject = f"Logo {world.clock.now:%Y-%j}"
        question = a_mail(KARI, OWN, subject, QUESTION, world.clock.now)
        world.deliver(OWN, question)
        answer = a_mail(OWN, KARI, "Hello", "How are you?", world.clock.now - timedelta(hours=2))
        world.boxes[OWN].deliver(answer, world.clock(), FolderRole.SENT)

    world.live(28, talk)

    assert len(world.machine) <= 4 * 4
