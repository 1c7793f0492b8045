"""The whole service as a state machine: clients, owner, time, crashes, a bad mailbox, a bad server.

After every step the invariants of the design hold, by number: 1 logged once, 2 one reply a cause,
3 only in a check-in, 4 one mail a person and the limits, 5 a machine stops no clock, 6 no reminder
while we owe, 7 nobody else gets mail, 8 nothing half-written, 10 shadow mode sends nothing.
"""

from __future__ import annotations

import contextlib
import functools
import os
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.parser import BytesParser
from email.policy import SMTP
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from fakes import MemoryMailbox
from integration.maildir_office import INVOICE, OSLO, OWN, Clock, Office
from mailhours.model.client import OwnerVerb
from mailhours.model.faults import LoginRefused, ServerFault, UsageFault
from mailhours.model.raw import FolderRole
from mailhours.model.reply import Delivery, Mode, Outcome, ReplyKind, ReplyState
from mailhours.reading.read import Reader
from mailhours.service import jobs, judging, words
from mailhours.service.account import Account, reader_of
from properties.test_responders import a_mail

FULL = os.environ.get("MAILHOURS_CAMPAIGN") == "full"
CLIENTS = {
    name: f"""
schema = 1
name = "{name}"
addresses = ["@{name}.example"]
language = "{language}"
[[person]]
name = "Person {name}"
address = "one@{name}.example"
roles = ["contact", "approver", "payer"]
[project]
key = "web"
due = 2026-04-10
{extra}"""
    for name, language, extra in (
        ("fjord", "nb", INVOICE),
        ("adler", "de", ""),
        ("neva", "ru", INVOICE.replace("014", "015").replace("02-15", "03-05")),
    )
}
PEOPLE = [f"{who}@{name}.example" for name in CLIENTS for who in ("one", "two")]
TEXTS = {
    "question": "Hello Dana,\n\ncould you send me the logo?\n\nBest",
    "chase": "Did you get my mail? I am still waiting for an answer.",
    "thanks": "Thank you!",
    "approval": "Approved, looks great.",
    "delicate": "I will hand this to my lawyer.",
}


@functools.cache
def shared_reader() -> Reader:
    """Read the phrases once: it takes a second, and a restart comes often here."""
    with tempfile.TemporaryDirectory() as scratch:
        return reader_of(Office(Path(scratch), Clock()).settings(CLIENTS), "mark")


class Killed(BaseException):
    """The process is gone."""


class Post:
    """A postman who writes down what he was given, and fails as he is told."""

    def __init__(self) -> None:
        self.moods: list[str] = []
        self.sent: list[tuple[datetime, bytes, str, str]] = []
        self.check = lambda _mail, _recipient: None
        self.clock = Clock()

    def submit(self, mail: bytes, sender: str, recipient: str) -> Delivery:
        mood = self.moods.pop(0) if self.moods else "good"
        if mood == "down":
            raise ServerFault("no route")
        if mood == "login":
            raise LoginRefused("535 no")
        if mood == "killed before":
            raise Killed
        if mood in ("451", "550"):
            outcome = Outcome.DEFERRED if mood == "451" else Outcome.REFUSED
            return Delivery(outcome, int(mood), "no", "RCPT")
        self.check(mail, recipient)
        self.sent.append((self.clock(), mail, sender, recipient))
        if mood == "killed after":
            raise Killed
        if mood == "silent":
            return Delivery(Outcome.DOUBTFUL, 0, "timed out", "DATA")
        return Delivery(Outcome.SUBMITTED, 250, "Ok", "DATA")

    def post(self, *_: object) -> Delivery:
        raise AssertionError("nothing is held here")

    def close(self) -> None:
        pass


class House(RuleBasedStateMachine):
    """One account; the rules are what can happen to it."""

    def __init__(self) -> None:
        super().__init__()
        self.scratch = tempfile.TemporaryDirectory()
        self.clock = Clock(datetime(2026, 3, 2, 8, 0, tzinfo=OSLO))
        self.box = MemoryMailbox()
        for role in (FolderRole.INBOX, FolderRole.SENT, FolderRole.HELD):
            self.box.folders.setdefault(role, {})
        self.post = Post()
        self.post.clock = self.clock
        self.post.check = self.looked_at
        self.written: dict[str, str] = {}  # Message-ID to the client that wrote it
        self.number = 0
        self.account: Account
        self.mode = Mode.SEND

    @initialize(mode=st.sampled_from([Mode.SEND, Mode.SEND, Mode.SEND, Mode.SHADOW, Mode.DRAFT]))
    def begins(self, mode: Mode) -> None:
        self.mode = mode
        self.office = Office(Path(self.scratch.name), self.clock, mode=mode.value)
        self.configured = self.office.settings(CLIENTS)
        self.opens()

    def opens(self) -> None:
        from mailhours.service.account import open_account

        self.account = open_account(self.configured, self.office.folder / "state", self.clock)
        held = vars(self.account)
        held["mailboxes"], held["postman"] = (self.box,), self.post
        held["reader"] = shared_reader()
        jobs.recover(self.account)

    # What happens.

    @rule(
        person=st.sampled_from(PEOPLE),
        what=st.sampled_from(sorted(TEXTS)),
        copies=st.integers(1, 2),
    )
    def somebody_writes(self, person: str, what: str, copies: int) -> None:
        self.number += 1
        subject = f"Matter {self.number % 5}"
        mail = a_mail(person, OWN, subject, f"{TEXTS[what]}\n{self.number}", self.clock.now)
        identity = str(BytesParser(policy=SMTP).parsebytes(mail)["Message-ID"])
        self.written[identity] = person.partition("@")[2].partition(".")[0]
        for _ in range(copies):  # seen in two places
            self.box.deliver(mail, self.clock())

    @rule(person=st.sampled_from(PEOPLE))
    def a_machine_of_theirs_writes(self, person: str) -> None:
        self.number += 1
        text = f"I am away until 20 March. {self.number}"
        headers = {"Auto_Submitted": "auto-replied"}
        mail = a_mail(person, OWN, "Automatic reply", text, self.clock.now, **headers)
        identity = str(BytesParser(policy=SMTP).parsebytes(mail)["Message-ID"])
        self.written[identity] = person.partition("@")[2].partition(".")[0]
        self.box.deliver(mail, self.clock())

    @rule(person=st.sampled_from(PEOPLE), asks=st.booleans())
    def the_owner_writes(self, person: str, asks: bool) -> None:
        self.number += 1
        text = "[need: the texts for the homepage]" if asks else "Here it is."
        subject = f"Re: Matter {self.number % 5}"
        mail = a_mail(OWN, person, subject, f"{text}\n\n{self.number}", self.clock.now)
        self.box.deliver(mail, self.clock(), FolderRole.SENT)

    @rule(
        verb=st.sampled_from(
            [OwnerVerb.STOP, OwnerVerb.START, OwnerVerb.HOLD, OwnerVerb.RESUME, OwnerVerb.UNFREEZE]
        ),
        name=st.sampled_from(sorted(CLIENTS)),
    )
    def the_owner_says(self, verb: OwnerVerb, name: str) -> None:
        target = f"one@{name}.example" if verb is OwnerVerb.UNFREEZE else name
        with contextlib.suppress(UsageFault):
            words.say(self.account, list, verb, target)

    @rule()
    def the_owner_decides(self) -> None:
        """Approve what is proposed; settle what is in doubt."""
        outbox = self.account.ledger.outbox
        for reply in outbox.replies(state=ReplyState.PROPOSED):
            with contextlib.suppress(UsageFault):
                words.say(self.account, list, OwnerVerb.APPROVE, reply.id)
        for reply in outbox.doubtful():
            words.say(self.account, list, OwnerVerb.SETTLE, reply.id, "sent")

    @rule(paid=st.sampled_from(["2026-014", "2026-015"]))
    def money_comes(self, paid: str) -> None:
        words.say(self.account, list, OwnerVerb.PAID, paid)

    @rule(
        mood=st.sampled_from(
            ["451", "550", "silent", "down", "login", "killed before", "killed after"]
        )
    )
    def the_server_is_going_to_fail(self, mood: str) -> None:
        self.post.moods.append(mood)

    @rule()
    def the_mailbox_is_going_to_fail(self) -> None:
        self.box.faults.append(ServerFault("connection lost"))

    @rule(minutes=st.sampled_from([20, 55, 110, 230, 400]))
    def time_passes(self, minutes: int) -> None:
        self.clock.later(minutes=minutes)
        self.ticks()

    @rule(
        days=st.integers(0, 4),
        hour=st.sampled_from([9, 10, 15, 16]),
        minute=st.sampled_from([0, 5]),
    )
    def days_pass(self, days: int, hour: int, minute: int) -> None:
        later = (self.clock.now + timedelta(days=days)).replace(hour=hour, minute=minute)
        self.clock.now = later if later > self.clock.now else later + timedelta(days=1)
        self.ticks()

    @rule()
    def a_restart(self) -> None:
        self.account.close()
        self.opens()

    def ticks(self) -> None:
        try:
            jobs.tick(self.account)
        except Killed:
            self.post.moods.clear()
            self.account.close()
            self.opens()

    # What must hold, at the moment at which a mail leaves ...

    def looked_at(self, raw: bytes, recipient: str) -> None:
        mail = BytesParser(policy=SMTP).parsebytes(raw)
        reply = self.account.ledger.outbox.reply(str(mail["X-Mailhours-Id"]))
        assert reply is not None
        if ReplyKind.SUMMARY in reply.kinds:
            assert recipient == OWN
            return
        now = self.clock()
        calendar = self.account.settings.owner.calendar
        # 10, 3
        assert self.mode is not Mode.SHADOW
        catch_up = self.account.settings.catch_up
        slots = [s for s in calendar.slots(now - timedelta(days=1), now) if now - s.due <= catch_up]
        assert slots, f"{reply.id} left at {now}, in no check-in"
        # 7
        assert str(mail["To"]).endswith(f"<{recipient}>") or str(mail["To"]) == recipient
        assert self.account.book.client(recipient) == reply.client
        assert mail["Cc"] is None
        assert mail["Bcc"] is None
        # 8
        text = mail.get_content()  # type: ignore[attr-defined]
        assert "{{" not in text
        assert "None" not in text
        assert text.count("\n\n\n") == 0
        # 6
        standing = judging.standings(self.account, now)[reply.client]
        if any(kind.name.startswith(("FEEDBACK", "PAYMENT")) for kind in reply.kinds):
            assert not standing.open_promises
            assert calendar.is_working_day(calendar.local(now).date())
        assert not self.account.stopped
        assert not standing.held

    # ... and at any time.

    @precondition(lambda self: hasattr(self, "account"))
    @invariant()
    def every_message_is_logged_once(self) -> None:
        logged = Counter(
            message.message_id
            for name in CLIENTS
            for message in self.account.ledger.readings.history(name)
        )
        assert all(count == 1 for count in logged.values())

    @precondition(lambda self: hasattr(self, "account"))
    @invariant()
    def a_cause_has_one_mail_and_a_person_one_a_check_in(self) -> None:
        causes: Counter[str] = Counter()
        persons: Counter[tuple[str, str]] = Counter()
        days: Counter[tuple[str, object]] = Counter()
        local = self.account.settings.owner.calendar.local
        for at, raw, _, recipient in self.post.sent:
            identity = str(BytesParser(policy=SMTP).parsebytes(raw)["X-Mailhours-Id"])
            reply = self.account.ledger.outbox.reply(identity)
            assert reply is not None
            causes.update(str(cause) for cause in reply.causes)
            if ReplyKind.SUMMARY not in reply.kinds:
                persons[(recipient, local(at).strftime("%Y-%m-%dT%H"))] += 1
                days[(recipient, local(at).date())] += 1
        assert all(count == 1 for count in causes.values()), causes
        assert all(count == 1 for count in persons.values()), persons
        assert all(count <= 2 for count in days.values()), days

    @precondition(lambda self: hasattr(self, "account"))
    @invariant()
    def nothing_is_claimed_and_lost(self) -> None:
        outbox = self.account.ledger.outbox
        assert not outbox.replies(state=ReplyState.CLAIMED)
        sent = {
            str(BytesParser(policy=SMTP).parsebytes(raw)["X-Mailhours-Id"])
            for _, raw, _, _ in self.post.sent
        }
        for identity in sent:
            assert outbox.state(identity) in (
                ReplyState.SUBMITTED,
                ReplyState.FILED,
                ReplyState.DOUBTFUL,
            )

    def teardown(self) -> None:
        """In the end, with everything well again: all was logged, and machines closed nothing."""
        if hasattr(self, "account"):
            self.box.faults.clear()
            self.post.moods.clear()
            self.clock.later(hours=7)  # any back-off is over
            try:
                jobs.poll(self.account)
                logged = {
                    message.message_id
                    for name in CLIENTS
                    for message in self.account.ledger.readings.history(name)
                }
                assert set(self.written) <= logged
                for name in CLIENTS:
                    judged = judging.judgement(self.account, name, self.clock().astimezone(UTC))
                    by_key = {m.key: m for m in self.account.ledger.readings.history(name)}
                    for promise in judged.promises:
                        closer = by_key.get(promise.closed_by)
                        assert closer is None or closer.of_ours
            finally:
                self.account.close()
        self.scratch.cleanup()


@pytest.mark.timeout(0 if FULL else 300)
def test_the_service_holds_its_invariants_whatever_happens() -> None:
    run_state_machine_as_test(
        House,
        settings=settings(
            max_examples=200 if FULL else 6,
            stateful_step_count=80 if FULL else 30,
            deadline=None,
            derandomize=not FULL,
            suppress_health_check=list(HealthCheck),
        ),
    )
