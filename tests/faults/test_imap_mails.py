"""Mails that make no sense, have no time, are huge, or look alike."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime

import pytest

from fakes import NOW, MemoryKnown
from integration.fakebox import PLAIN
from mailboxes import mail, polled, texts

ALL = texts(1, 2, 3, 4, 5)


def deep(levels):
    return b"(" * levels + PLAIN % 8 + b' "MIXED")' * levels


@pytest.mark.parametrize(
    "structure",
    [
        pytest.param(b"NIL", id="34 NIL"),
        pytest.param(b"()", id="34 empty"),
        pytest.param(b'("TEXT" "PLA"IN" NIL', id="34 bad quotes"),
        pytest.param(b'("TEXT" "PLAIN', id="34 open quote"),
        pytest.param(b'("TEXT" "PLAIN")', id="34 too short"),
        pytest.param(b"(((", id="34 never closed"),
        pytest.param(b")))", id="34 closed too often"),
        pytest.param(deep(3000), id="34 three thousand deep"),
    ],
)
def test_a_tree_that_makes_no_sense_costs_only_itself(fake_imap, box, structure, imap):
    box.inbox.structure[3] = structure
    server = fake_imap(box.script())
    known = MemoryKnown()

    assert polled(imap(server.port), known) == []

    assert len(known.mails) == 5
    assert known.quarantined == {}
    if not structure.startswith(b"(((("):
        assert known.texts() == ALL
        assert any("structure unreadable" in d for m in known.mails.values() for d in m.defects)


@pytest.mark.parametrize(
    "disposition", [b'"INLINE"', b'("INLINE" NIL)', b"NIL", b'("INLINE" ("FILENAME" "a.txt"))']
)
def test_34_a_disposition_that_is_a_word_is_understood(fake_imap, box, disposition, imap):
    box.inbox.structure[3] = (
        b'("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "7BIT" 8 1 NIL %b NIL NIL)' % disposition
    )
    server = fake_imap(box.script())
    known = MemoryKnown()

    assert polled(imap(server.port), known) == []
    assert known.texts() == ALL


@pytest.mark.parametrize(
    ("internal", "date", "expected"),
    [
        pytest.param(b'"garbage"', None, "date", id="35 garbage"),
        pytest.param(b"NIL", None, "date", id="35 NIL"),
        pytest.param(b'"01-Mar-2026 10:00:00 +9959"', None, "date", id="35 impossible zone"),
        pytest.param(b'"01-Jan-0001 00:00:00 +1400"', None, "date", id="35 year 1"),
        pytest.param(b'"01-Jan-1970 00:00:00 +0000"', None, "date", id="35 year 1970"),
        pytest.param(b'"garbage"', "", "now", id="35 garbage and no Date"),
        pytest.param(b'"garbage"', "Mon, 02 Mar 2099 08:00:00 +0100", "now", id="35 Date of 2099"),
        pytest.param(b'"garbage"', "yesterday", "now", id="35 Date is a word"),
        pytest.param(b'" 1-Mar-2026 10:00:00 +0100"', "yesterday", "server", id="35 all is well"),
    ],
)
def test_a_mail_without_a_time_still_arrives(fake_imap, box, internal, date, expected, imap):
    fields = {} if date is None else {"Date": date}
    box.inbox.mails = {1: mail(1, **fields)}
    box.inbox.date[1] = internal
    server = fake_imap(box.script())
    known = MemoryKnown()

    assert polled(imap(server.port), known) == []

    [raw] = known.mails.values()
    assert (
        raw.received
        == {
            "date": datetime(2026, 3, 2, 7, 1, tzinfo=UTC),
            "now": NOW,
            "server": datetime(2026, 3, 1, 9, 0, tzinfo=UTC),
        }[expected]
    )


def multipart(*parts):
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n"
    head = b"Message-ID: <big@fjord.example>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    return head + body


MEMORY = 3_000_000  # octets: no mail below fits into it as a whole


@pytest.mark.parametrize(
    ("big", "text", "defect"),
    [
        pytest.param(
            lambda: multipart(
                b"\r\nhello", b"Content-Type: image/png\r\n\r\n" + b"QUJD" * 19 * 1_300_000
            ),
            b"hello",
            None,
            id="36 a hundred megabytes",
        ),
        pytest.param(
            lambda: (
                b"Message-ID: <1@x>\r\n" + b"X-Filler: abcdefgh\r\n" * 250_000 + b"\r\nhello\r\n"
            ),
            b"hello",
            "header cut",
            id="36 five megabytes of header",
        ),
        pytest.param(
            lambda: multipart(*[b"\r\nhello" + b" again" * 500] * 2000),
            b"hello",
            "more",
            id="36 two thousand parts",
        ),
        pytest.param(
            lambda: b"Message-ID: <1@x>\r\n\r\n" + b"hello " * 1_000_000,
            b"hello",
            None,
            id="36 long text",
        ),
    ],
)
def test_a_huge_mail_costs_little(dovecot, big, text, defect, imap):
    user = dovecot.user()
    dovecot.deliver(user, big(), received=NOW)
    dovecot.deliver(user, mail(1), received=NOW)
    known = MemoryKnown()
    mailbox = imap(dovecot.port, user, stall=20, exchange=20)

    tracemalloc.start()
    try:
        faults = polled(mailbox, known)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert faults == []
    assert peak < MEMORY
    assert len(known.mails) == 2
    [huge] = [raw for raw in known.mails.values() if raw.size > 10_000]
    assert huge.size > MEMORY
    assert huge.parts[0].content.startswith(text)
    assert all(len(part.content) <= 256 * 1024 for part in huge.parts)
    assert mailbox.traffic[0] < 1_000_000
    if defect:
        assert any(defect in one for one in huge.defects)


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(mail(1, "a\x00b"), id="37 NUL"),
        pytest.param(mail(1).replace(b"mail 1", b"\xe6\xf8\xe5 \xff"), id="37 8 bits in a header"),
        pytest.param(
            mail(1, **{"Content-Type": "text/plain; charset=klingon"}), id="37 unknown charset"
        ),
        pytest.param(b"no header at all\r\n", id="37 no header"),
        pytest.param(b"\r\n\r\nonly a body\r\n", id="37 only a body"),
        pytest.param(b"Subject: only a header\r\n", id="37 only a header"),
    ],
)
def test_an_odd_mail_is_logged_beside_the_others(dovecot, odd, imap):
    user = dovecot.user()
    dovecot.deliver(user, odd, received=NOW)
    dovecot.deliver(user, mail(2), received=NOW)
    known = MemoryKnown()

    assert polled(imap(dovecot.port, user), known) == []
    assert len(known.mails) == 2
    assert b"text 2" in known.texts()


def test_38_what_looks_alike_and_is_not_is_told_apart(dovecot, imap):
    user = dovecot.user()
    none = {"Message-ID": ""}
    for odd in (
        mail(1, "without id", **none),
        mail(1, "without id, another text", **none),
        mail(2, "the same id"),
        mail(2, "the same id", Subject="another subject"),
        mail(3, "a second later", Date="Mon, 02 Mar 2026 08:03:00 +0100"),
        mail(3, "a second later", Date="Mon, 02 Mar 2026 08:03:01 +0100"),
    ):
        dovecot.deliver(user, odd, received=NOW)
    known = MemoryKnown()

    assert polled(imap(dovecot.port, user), known, 2) == []
    assert len(known.mails) == 6
