"""The owner answers the summary: heard from Sent, from nowhere else, and told what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from integration.maildir_office import FJORD, INVOICE, KARI, OWN, Clock, Office, check_in
from integration.sink import Sink
from mailhours.model.client import OwnerVerb
from mailhours.model.reply import ReplyState
from mailhours.service import jobs, polling
from mailhours.service.account import Account


@pytest.fixture
def office(tmp_path: Path, sink: Sink) -> Office:
    return Office(tmp_path, Clock(), sink.port, client=FJORD.format(address=KARI) + INVOICE)


@pytest.fixture
def account(office: Office) -> Iterator[Account]:
    account = office.open()
    yield account
    account.close()


def summary_of(office: Office, account: Account, sink: Sink, day: str = "2026-03-02") -> str:
    """Send the summary of a day and return its Message-ID."""
    office.clock.at(f"{day} 16:45")
    assert jobs.send_summary(account, office.clock.now.date())
    return str(sink.messages[-1].message["Message-ID"])


def answer(
    office: Office, text: str, summary: str, *, folder: str = "Sent", sender: str = OWN
) -> None:
    office.clock.later(minutes=20)
    office.mail(
        text, subject="Re: You owe nothing", sender=sender, to=OWN, folder=folder, answers=summary
    )


def said(account: Account) -> list[OwnerVerb]:
    return [word.verb for word in account.ledger.words.words()]


def notes(office: Office, account: Account) -> list[str]:
    since = office.clock() - timedelta(days=9)
    return [note.text for note in account.ledger.health.notes(since) if note.kind == "word"]


def test_lines_in_a_reply_are_acted_on_and_confirmed_in_the_next_summary(
    office: Office, account: Account, sink: Sink
) -> None:
    summary = summary_of(office, account, sink)
    quoted = "\n\nOn Monday mailhours wrote:\n> stop\n> paid 2026-015\n"
    answer(office, f"hold fjord\npaid 2026-014 2026-02-27\npaid 2026-999\n\nDana{quoted}", summary)
    jobs.poll(account)

    assert said(account) == [OwnerVerb.HOLD, OwnerVerb.PAID]
    assert notes(office, account) == [
        "hold fjord: done",
        "paid 2026-014 2026-02-27: done",
        "paid 2026-999: not done: there is no invoice '2026-999' (invoices: 2026-014)",
    ]
    summary_of(office, account, sink, "2026-03-03")
    text = sink.messages[-1].message.get_body(("plain",)).get_content()
    assert "hold fjord: done" in text
    assert "there is no invoice" in text


def test_each_reply_is_heard_once(office: Office, account: Account, sink: Sink) -> None:
    answer(office, "stop", summary_of(office, account, sink))
    for _ in range(3):
        jobs.poll(account)
        office.clock.later(minutes=5)
        office.mail("news", subject="News")

    assert said(account) == [OwnerVerb.STOP]
    assert account.stopped


def test_what_a_crash_left_unheard_is_heard_before_anything_leaves(
    office: Office, account: Account, sink: Sink
) -> None:
    answer(office, "stop", summary_of(office, account, sink))
    polling.look(account, account.mailboxes[0], lambda _: None)  # and then the process dies

    check_in(account, office.clock, "2026-03-03 10:00")

    assert said(account) == [OwnerVerb.STOP]


def test_an_approval_by_mail_lets_a_notice_leave(
    office: Office, account: Account, sink: Sink
) -> None:
    for at in ("2026-03-05 10:00", "2026-03-16 10:00"):
        check_in(account, office.clock, at)
    (proposed,) = account.ledger.outbox.replies(state=ReplyState.PROPOSED)
    summary = summary_of(office, account, sink, "2026-03-16")
    assert f"approve {proposed.id}" in sink.messages[-1].message.get_body(("plain",)).get_content()
    answer(office, f"approve {proposed.id}", summary)
    check_in(account, office.clock, "2026-03-17 10:00")

    assert account.ledger.outbox.state(proposed.id) is ReplyState.FILED
    assert str(sink.messages[-1].message["X-Mailhours-Id"]) == proposed.id


@pytest.mark.parametrize(
    ("folder", "sender"),
    [
        pytest.param("", OWN, id="a forgery in the inbox"),
        pytest.param("", KARI, id="a client"),
        pytest.param("Drafts", OWN, id="not sent yet"),
        pytest.param("Sent", KARI, id="moved there"),
    ],
)
def test_nothing_else_is_heard(
    office: Office, account: Account, sink: Sink, folder: str, sender: str
) -> None:
    summary = summary_of(office, account, sink)
    answer(office, "stop", summary, folder=folder, sender=sender)
    jobs.poll(account)

    assert said(account) == []
    assert notes(office, account) == []


def test_a_reply_to_something_else_is_a_letter(
    office: Office, account: Account, sink: Sink
) -> None:
    office.clock.at("2026-03-02 09:30")
    office.mail("Could you send me the logo?")
    check_in(account, office.clock, "2026-03-02 10:00")
    ours = str(sink.messages[-1].message["Message-ID"])
    answer(office, "stop", ours)
    answer(office, "stop", "<0123456789abcdef0123456789abcdef@studio.example>")
    jobs.poll(account)

    assert said(account) == []


def test_a_copy_that_the_server_put_into_the_inbox_first_changes_nothing(
    office: Office, account: Account, sink: Sink
) -> None:
    summary = summary_of(office, account, sink)
    answer(office, "stop", summary)
    sent = next((office.maildir / ".Sent" / "cur").glob("*"))
    office.lay(sent.read_bytes())
    where = sent.rename(office.folder / "later")
    jobs.poll(account)
    assert said(account) == []

    where.rename(sent)
    office.mail("news", subject="News")
    jobs.poll(account)
    assert said(account) == [OwnerVerb.STOP]


def test_a_summary_that_comes_back_without_marks_is_not_obeyed(
    office: Office, account: Account, sink: Sink
) -> None:
    for at in ("2026-03-05 10:00", "2026-03-16 10:00"):
        check_in(account, office.clock, at)
    summary = summary_of(office, account, sink, "2026-03-16")
    quoted = sink.messages[-1].message.get_body(("plain",)).get_content()
    assert "approve r" in quoted
    answer(office, f"hold fjord\n\nThis is what I read today:\n\n{quoted}", summary)
    jobs.poll(account)

    assert said(account) == [OwnerVerb.HOLD]


def test_an_answer_to_a_summary_that_was_emptied_since_is_not_obeyed(
    office: Office, account: Account, sink: Sink
) -> None:
    for at in ("2026-03-05 10:00", "2026-03-16 10:00"):
        check_in(account, office.clock, at)
    summary = summary_of(office, account, sink, "2026-03-16")
    quoted = sink.messages[-1].message.get_body(("plain",)).get_content()
    account.ledger.forget("somebody@fjord.example", office.clock())
    answer(office, f"This is what I read today:\n\n{quoted}", summary)
    jobs.poll(account)

    assert said(account) == []
    (note,) = notes(office, account)
    assert note.startswith("your answer to a summary: not done: `forget` has emptied that summary")
