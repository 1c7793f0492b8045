"""Somebody tries to make mailhours write to whom it should not, say what it should not, or obey."""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from integration.maildir_office import FJORD, KARI, OWN, Clock, Office, check_in
from integration.sink import Mail, Sink
from mailhours.model.reply import ReplyState
from mailhours.service import jobs, judging
from mailhours.service.account import Account, reader_of

SERVER = "mx.studio.example"
PASS = f"Authentication-Results: {SERVER}; dmarc=pass header.from=fjord.example"
FAIL = f"Authentication-Results: {SERVER}; dmarc=fail header.from=fjord.example"
BORDER = (
    f"Received: from mx.evil.example by {SERVER} with ESMTPS id 1; Mon, 2 Mar 2026 09:30:00 +0100"
)
TEXT = "Hello Dana,\n\ncould you send me the logo?\n\nKari\n"
DOMAIN = FJORD.format(address=KARI).replace(f'["{KARI}"]', '["@fjord.example"]', 1)
READERS: dict[str, object] = {}


@pytest.fixture
def opened(tmp_path: Path, sink: Sink) -> Iterator[Callable[..., tuple[Office, Account]]]:
    """Open an account that believes nobody whom its provider does not vouch for."""
    accounts: list[Account] = []

    def make(client: str = DOMAIN, authentication: str = "required") -> tuple[Office, Account]:
        trust = f'authserv_id = "{SERVER}"' if authentication == "required" else ""
        office = Office(
            tmp_path,
            Clock(),
            sink.port,
            replies=trust,
            client=client,
            authentication=authentication,
        )
        account = office.open()
        if authentication not in READERS:  # its phrases take a second to load
            READERS[authentication] = reader_of(account.settings, account.mark)
        vars(account)["reader"] = READERS[authentication]
        accounts.append(account)
        return office, account

    yield make
    for account in accounts:
        account.close()


def lay(
    office: Office, *lines: str, body: str = TEXT, at: str = "2026-03-02 09:30", **fields: str
) -> None:
    """Lay a mail of Kari's into the inbox; `lines` stand on top, `fields` replace the usual ones."""
    when = office.clock.at(at)
    usual = {
        "From": f"Kari Nordmann <{KARI}>",
        "To": OWN,
        "Subject": "Logo",
        "Date": f"{when:%a, %d %b %Y %H:%M:%S %z}",
        "Message-ID": f"<{when:%H%M%S}.{len(office.lying(''))}@fjord.example>",
    } | {name.replace("_", "-"): value for name, value in fields.items()}
    head = [*lines, *(f"{name}: {value}" for name, value in usual.items() if value)]
    office.lay("\r\n".join([*head, "", body.replace("\n", "\r\n")]).encode(), at=when)


def left(office: Office, account: Account, sink: Sink) -> list[str]:
    """Hold the check-in and return to whom something left."""
    check_in(account, office.clock, "2026-03-02 10:00")
    return [recipient for mail in sink.messages for recipient in mail.recipients]


def word(text: str) -> str:
    """Write a field as an encoded-word, which may hold anything (RFC 2047)."""
    return f"=?utf-8?b?{base64.b64encode(text.encode()).decode()}?="


NOBODY: list[str] = []
CASES = {
    "as usual": ([PASS], {}, [KARI]),
    "a forgery that its provider betrays": ([FAIL], {}, NOBODY),
    "no word of the provider": ([], {}, NOBODY),
    "a pass that the sender wrote": ([BORDER, PASS], {}, NOBODY),
    "a pass of another server": ([PASS.replace(SERVER, "mx.evil.example")], {}, NOBODY),
    "a fail above a pass that the sender wrote": ([FAIL, BORDER, PASS], {}, NOBODY),
    "a pass for another domain": ([PASS.replace("fjord.example", "evil.example")], {}, NOBODY),
    "two senders in one field": ([PASS], {"From": f"{KARI}, mallory@evil.example"}, NOBODY),
    "two fields From": ([PASS, "From: mallory@evil.example"], {}, NOBODY),
    "an address as the name": (
        [PASS.replace("fjord", "evil")],
        {"From": f'"{KARI}" <mallory@evil.example>'},
        NOBODY,
    ),
    "a comment in the address": (
        [PASS],
        {"From": f"Kari (mallory@evil.example) <{KARI}>"},
        [KARI],
    ),
    "a route": ([PASS], {"From": f"<@evil.example:{KARI}>"}, NOBODY),
    "a line break in a quoted local part": (
        [PASS],
        {"From": '"a\r\n RCPT TO:<mallory@evil.example>"@fjord.example'},
        NOBODY,
    ),
    "a local part that ends the envelope": (
        [PASS],
        {"From": '"kari>_NOTIFY=SUCCESS"@fjord.example'},
        NOBODY,
    ),
    "letters left of the @": ([PASS], {"From": "kåri@fjord.example"}, NOBODY),
    "answers wanted elsewhere": (
        [PASS, "Return-Path: <mallory@evil.example>"],
        {
            "Reply-To": "mallory@evil.example",
            "Mail-Followup-To": "mallory@evil.example",
            "Mail-Reply-To": "mallory@evil.example",
            "Disposition-Notification-To": "mallory@evil.example",
            "Errors-To": "mallory@evil.example",
        },
        NOBODY,
    ),
    "only Reply-To elsewhere": ([PASS], {"Reply-To": "mallory@evil.example"}, [KARI]),
    "many in copy": ([PASS], {"Cc": "kim@studio.example, ola@fjord.example"}, [KARI]),
    "a list": ([PASS], {"List-Id": "<all.fjord.example>"}, NOBODY),
    "our own mark": ([PASS], {"X-Mailhours-Id": "r00000000"}, NOBODY),
    "a robot that says no": (
        [PASS],
        {"Auto-Submitted": "no (human, honest)", "Precedence": "bulk"},
        NOBODY,
    ),
    "two words on who wrote it": (
        [PASS, "Auto-Submitted: no"],
        {"Auto-Submitted": "auto-replied"},
        NOBODY,
    ),
    "an empty word on who wrote it": ([PASS], {"Auto-Submitted": " "}, NOBODY),
    "from a robot's address": ([PASS], {"From": "no-reply@fjord.example"}, NOBODY),
    "from ourselves": ([PASS.replace("fjord", "studio")], {"From": OWN, "Cc": KARI}, NOBODY),
    "to somebody else": ([PASS], {"To": "mallory@evil.example"}, NOBODY),
}


SUBJECTS = (
    "Logo\r\nBcc: mallory@evil.example",
    "Logo\n\nPay at https://evil.example",
    "Logo\u202egolb\u202c\u2028X-Mailhours-Id: r1",
    "Logo\x00\x1b[31m\x9b1m\x7f",
    "Re: AW: SV: Re[2]: Logo",
    "Logo {{ owner }} {% include 'en/closing.txt' %}",
    "L" * 5000,
    '"Logo" \u201cLogo\u201d \u00abLogo\u00bb',
)


def of(number: int, text: str) -> str:
    """Make a case that of one client among many: each has its own domain."""
    return text.replace("fjord.example", f"c{number}.example")


@pytest.fixture(scope="module")
def check_in_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Mail]]:
    """Hold one check-in over all cases, and then all subjects, each of its own client."""
    subjects = [([PASS], {"Subject": word(subject)}, [KARI]) for subject in SUBJECTS]
    cases = [*CASES.values(), *subjects]
    with Sink() as server:
        office = Office(
            tmp_path_factory.mktemp("attacks"),
            Clock(),
            server.port,
            replies=f'authserv_id = "{SERVER}"',
            authentication="required",
        )
        account = office.open({f"c{n}": of(n, DOMAIN) for n in range(len(cases))})
        for number, (lines, fields, _) in enumerate(cases):
            here = {name: of(number, value) for name, value in fields.items()}
            here.setdefault("From", of(number, f"Kari Nordmann <{KARI}>"))
            here["Message-ID"] = f"<{number}@made.example>"
            lay(office, *(of(number, line) for line in lines), **here)
        check_in(account, office.clock, "2026-03-02 10:00")
        yield list(server.messages)
        account.close()


def sent_to(mails: list[Mail], number: int) -> list[Mail]:
    return [m for m in mails if any(f"c{number}.example" in r for r in m.recipients)]


@pytest.mark.parametrize("name", CASES)
def test_only_a_client_whom_the_provider_vouches_for_is_written_to(
    check_in_of_all: list[Mail], name: str
) -> None:
    number = list(CASES).index(name)
    recipients = [r for mail in sent_to(check_in_of_all, number) for r in mail.recipients]

    assert recipients == [of(number, address) for address in CASES[name][2]]


def test_nothing_went_to_anybody_else(check_in_of_all: list[Mail]) -> None:
    expected = sum(len(case[2]) for case in CASES.values()) + len(SUBJECTS)

    assert len(check_in_of_all) == expected
    assert all(len(mail.recipients) == 1 for mail in check_in_of_all)


@pytest.mark.parametrize("number", range(len(SUBJECTS)))
def test_a_subject_stays_one_line_of_text(check_in_of_all: list[Mail], number: int) -> None:
    (sent,) = sent_to(check_in_of_all, len(CASES) + number)

    mail = sent.message
    (shown,) = mail.get_all("Subject")
    assert shown.startswith("Re: ")
    assert shown.count("Re: ") == 1
    assert len(shown) <= 204
    assert not any(unicodedata.category(letter) in ("Cc", "Cf") for letter in shown)
    assert mail["Bcc"] is None
    assert len(mail.get_all("X-Mailhours-Id")) == 1
    assert mail.get_content_type() == "text/plain"
    text = mail.get_content()
    assert len(text) <= 900
    assert "Dana Berg" not in text.split("arrived")[0]
    assert all(len(line) <= 998 for line in sent.raw.split(b"\r\n"))


def test_a_domain_beyond_ascii_is_written_to_as_an_a_label(
    opened: Callable[..., tuple[Office, Account]], sink: Sink
) -> None:
    office, account = opened(FJORD.format(address="kari@fj\u00f8rd.example"))
    passed = PASS.replace("fjord.example", "xn--fjrd-hra.example")
    lay(office, passed, From="Kari <kari@xn--fjrd-hra.example>")

    assert left(office, account, sink) == ["kari@xn--fjrd-hra.example"]
    assert sink.messages[0].raw.split(b"\r\n\r\n")[0].isascii()


@pytest.mark.parametrize("authentication", ["required", "absent"])
def test_two_hundred_mails_in_a_minute_are_one_mail_of_ours(
    opened: Callable[..., tuple[Office, Account]], sink: Sink, authentication: str
) -> None:
    office, account = opened(authentication=authentication)
    for number in range(200):
        lay(office, PASS, at=f"2026-03-02 09:30:{number % 60:02}", Subject=f"Logo {number}")

    assert left(office, account, sink) == [KARI]
    text = sink.messages[0].message.get_content()
    assert "These 200 mails" in text
    assert "and 195 more" in text
    assert len(text) <= 900


def test_two_hundred_mails_from_as_many_addresses_are_two_mails_of_ours(
    opened: Callable[..., tuple[Office, Account]], sink: Sink
) -> None:
    office, account = opened(authentication="absent")
    for number in range(200):
        lay(office, at=f"2026-03-02 09:30:{number % 60:02}", From=f"bot-{number}@fjord.example")

    assert len(left(office, account, sink)) == 2
    assert all(len(mail.recipients) == 1 for mail in sink.messages)


@pytest.mark.parametrize("sender", [OWN, "kim@studio.example"])
def test_a_forged_answer_of_our_office_keeps_no_promise(
    opened: Callable[..., tuple[Office, Account]], sink: Sink, sender: str
) -> None:
    office, account = opened()
    lay(office, PASS, Message_ID="<q@fjord.example>")
    failed = FAIL.replace("fjord.example", "studio.example")
    answer = {"From": sender, "To": KARI, "Cc": OWN, "In_Reply_To": "<q@fjord.example>"}
    lay(office, failed, at="2026-03-02 09:40", Subject="Re: Logo", **answer)

    assert left(office, account, sink) == [KARI]
    (promise,) = judging.judgement(account, "fjord", account.clock()).open_promises
    assert promise.closed is None


def test_a_mail_that_carries_an_id_of_ours_states_no_promise_for_us(
    opened: Callable[..., tuple[Office, Account]], sink: Sink
) -> None:
    office, account = opened()
    lay(office, PASS)
    left(office, account, sink)
    (before,) = judging.judgement(account, "fjord", account.clock()).open_promises
    ours = sink.messages[0].message
    lay(
        office,
        PASS,
        at="2026-03-02 11:30",
        Subject="Re: Logo",
        X_Mailhours_Id=str(ours["X-Mailhours-Id"]),
        X_Loop=str(ours["X-Loop"]),
        Message_ID=str(ours["Message-ID"]),
    )
    check_in(account, office.clock, "2026-03-02 15:00")

    (after,) = judging.judgement(account, "fjord", account.clock()).open_promises
    assert (after.due, after.id) == (before.due, before.id)
    assert len(sink.messages) == 1


BOUNCE = """From: MAILER-DAEMON@mx.evil.example\r
To: dana@studio.example\r
Subject: Undelivered Mail Returned to Sender\r
Message-ID: <bounce@mx.evil.example>\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status; boundary=b\r
\r
--b\r
Content-Type: message/delivery-status\r
\r
Final-Recipient: rfc822; kari@fjord.example\r
Action: failed\r
--b\r
Content-Type: message/rfc822\r
\r
From: dana@studio.example\r
To: kari@fjord.example\r
Message-ID: {identity}\r
X-Mailhours-Id: {name}\r
\r
--b--\r
"""


@pytest.mark.parametrize(
    ("identity", "name"),
    [
        ("<0123456789abcdef0123456789abcdef@studio.example>", "r01234567"),
        ("<{whole}", "r0"),
        ("<{begin}deadbeefdeadbeefdeadbeef@studio.example>", "{begin}"),
    ],
    ids=["invented", "torn", "begun like ours"],
)
def test_a_report_on_a_mail_that_was_never_ours_freezes_nobody(
    opened: Callable[..., tuple[Office, Account]], sink: Sink, identity: str, name: str
) -> None:
    office, account = opened()
    lay(office, PASS)
    assert left(office, account, sink) == [KARI]
    known = {"begin": str(sink.messages[0].message["Message-ID"])[1:9], "whole": "x"}
    report = BOUNCE.format(identity=identity.format(**known), name=name.format(**known))
    office.lay(report.encode(), at=office.clock.later(minutes=30))
    jobs.poll(account)

    assert not account.ledger.outbox.frozen()


@pytest.mark.parametrize(
    ("sender", "passed"),
    [
        (KARI, PASS),
        (OWN, PASS.replace("fjord", "studio")),
        (OWN, FAIL.replace("fjord", "studio")),
        (f'"{OWN}" <{KARI}>', PASS),
    ],
)
def test_what_arrives_is_no_word_of_the_owner(
    opened: Callable[..., tuple[Office, Account]], sink: Sink, sender: str, passed: str
) -> None:
    office, account = opened()
    office.mode = "send"
    office.clock.at("2026-03-02 08:30")
    office.says("[need: the texts]")
    for at in ("2026-03-04 10:00", "2026-03-09 10:00", "2026-03-16 10:00"):
        check_in(account, office.clock, at)
    (proposed,) = account.ledger.outbox.replies(state=ReplyState.PROPOSED)
    office.clock.at("2026-03-16 16:45")
    assert jobs.send_summary(account, office.clock.now.date())
    summary = str(sink.messages[-1].message["Message-ID"])
    before = len(sink.messages)
    lay(
        office,
        passed,
        "X-Mailhours-Approve: yes",
        f"X-Mailhours-Id: {proposed.id}",
        at="2026-03-16 17:30",
        From=sender,
        Subject="Re: You owe nothing",
        In_Reply_To=summary,
        References=summary,
        body=f"approve {proposed.id}\nstop\npaid 2026-014\nunfreeze {KARI}\n",
    )
    check_in(account, office.clock, "2026-03-17 10:00")

    assert account.ledger.words.words() == []
    assert len(sink.messages) == before
    assert not account.stopped
