"""A mail that the owner wrote by hand, made ready to leave."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from email.parser import BytesParser
from email.policy import SMTP
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailhours.model.address import Address
from mailhours.outbox import held

AT = datetime(2026, 3, 2, 10, 0, tzinfo=ZoneInfo("Europe/Oslo"))
DANA = Address("Dana Berg", "dana@studio.example")
PLAIN = b"""\
From: Dana Berg <dana@studio.example>
To: Kari Nordmann <kari@fjord.example>
Subject: Re: Logo
Date: Sun, 01 Mar 2026 23:40:00 +0100
Message-ID: <draft.1@studio.example>
In-Reply-To: <q1@fjord.example>
References: <q0@fjord.example> <q1@fjord.example>
X-Priority: 3
Content-Type: text/plain; charset=utf-8

Hei Kari,
.
here it is.
"""


def made(mail: bytes, **changes):
    given = {"sender": DANA, "at": AT, "message_id": "<new@studio.example>", **changes}
    return held.ready(held.opened(mail), **given)


def parsed(mail: bytes):
    return BytesParser(policy=SMTP).parsebytes(mail)


def test_the_text_leaves_as_it_was_written():
    assert made(PLAIN).partition(b"\r\n\r\n")[2] == b"Hei Kari,\r\n.\r\nhere it is.\r\n"


def test_what_was_written_at_night_carries_the_time_at_which_it_leaves():
    assert parsed(made(PLAIN))["Date"] == "Mon, 02 Mar 2026 10:00:00 +0100"


def test_other_fields_stay_in_their_order():
    names = [name for name, _ in parsed(made(PLAIN)).items()]

    assert names == ["From", "To", "Subject", "Date", "Message-ID", "X-Priority", "Content-Type"]


def test_date_and_message_id_are_added_where_they_are_missing():
    mail = parsed(made(b"From: dana@studio.example\nTo: kari@fjord.example\n\nHei\n"))

    assert mail["Date"] == "Mon, 02 Mar 2026 10:00:00 +0100"
    assert mail["Message-ID"] == "<new@studio.example>"


def test_a_mail_without_sender_is_the_owners():
    assert (
        parsed(made(b"To: kari@fjord.example\n\nHei\n"))["From"]
        == "Dana Berg <dana@studio.example>"
    )


def test_threading_is_written_whole():
    mail = parsed(made(PLAIN, in_reply_to="<q1@fjord.example>", references=("<q0@fjord.example>",)))

    assert mail["In-Reply-To"] == "<q1@fjord.example>"
    assert mail["References"].split() == ["<q0@fjord.example>", "<q1@fjord.example>"]


def test_everybody_gets_it_and_nobody_sees_the_blind_copies():
    written = held.opened(
        b"From: dana@studio.example\nTo: Kari <kari@fjord.example>, kari@fjord.example\n"
        b"Cc: ola@fjord.example\nBcc: tax@office.example\nBCC: me@studio.example\n\nHei\n"
    )

    assert held.deliverable(written.recipients) == (
        "kari@fjord.example",
        "ola@fjord.example",
        "tax@office.example",
        "me@studio.example",
    )
    mail = held.ready(written, sender=DANA, at=AT, message_id="<n@studio.example>")
    assert b"tax@" not in mail
    assert b"bcc" not in mail.lower()


def test_a_mail_to_blind_copies_only_says_so():
    mail = made(b"From: dana@studio.example\nBcc: tax@office.example\n\nHei\n")

    assert b"To: undisclosed-recipients:;\r\n" in mail


@pytest.mark.parametrize(
    ("mail", "why"),
    [
        pytest.param(b"Subject: x\n\nHei\n", "no recipient", id="nobody"),
        pytest.param(b"To: undisclosed-recipients:;\n\nHei\n", "no recipient", id="empty group"),
        pytest.param(b"To: kari\n\nHei\n", "'kari' in To is no address", id="no domain"),
        pytest.param(b"To: a@b@c.example\n\nHei\n", "no address|cannot be read", id="two ats"),
        pytest.param(b"To: <x y@z.example>\n\nHei\n", "no address|cannot be read", id="space"),
        pytest.param(b"", "no header", id="nothing"),
        pytest.param(b"\n\nHei\n", "no header", id="only a body"),
        pytest.param(b"just some words\n", "no field", id="words"),
        pytest.param(b"To: kari@fjord.example\n\nHe\0i\n", "NUL", id="nul"),
        pytest.param(
            b"To: " + b",".join(b"p%d@x.example" % n for n in range(101)) + b"\n\nHei\n",
            "more than 100",
            id="a list",
        ),
    ],
)
def test_what_cannot_leave_says_why(mail, why):
    with pytest.raises(held.HeldFault, match=why):
        held.deliverable(held.opened(mail).recipients)


def test_a_mail_that_no_provider_takes_is_not_tried():
    with pytest.raises(held.HeldFault, match="larger than 40 MB"):
        held.opened(b"To: kari@fjord.example\n\n" + b"x" * (held.LIMIT + 1))


def test_bookkeeping_of_mail_programs_stays_at_home():
    mail = made(
        b"X-Mozilla-Status: 0001\nX-Mozilla-Draft-Info: internal/draft; vcard=0\nFCC: imap://x\n"
        b"X-Unsent: 1\nX-Identity-Key: id1\nReturn-Path: <x@y>\n"
        b"Received: from here\n\tby there\nTo: kari@fjord.example\nX-Kept: yes\n\nHei\n"
    )

    names = [name for name, _ in parsed(mail).items()]
    assert names == ["From", "To", "X-Kept", "Date", "Message-ID"]


def test_a_draft_of_ours_that_was_rewritten_carries_no_mark_of_a_machine():
    mail = made(
        b"To: kari@fjord.example\nAuto-Submitted: auto-replied\nX-Auto-Response-Suppress: All\n"
        b"X-Mailhours-Id: r1\nX-Loop: mailhours-0123\n\nHei\n"
    )

    assert b"mailhours" not in mail.lower()
    assert b"auto" not in mail.lower()


def test_a_header_typed_by_hand_is_encoded():
    mail = made(
        "From: Jørgen <dana@studio.example>\nTo: Åse <ase@fjord.example>\n"
        "Subject: Grüße\n\nÆrlig talt\n".encode()
    )

    head, _, body = mail.partition(b"\r\n\r\n")
    assert head.isascii()
    read = parsed(mail)
    assert read["Subject"] == "Grüße"
    assert read["To"] == "Åse <ase@fjord.example>"
    assert read["Content-Type"] == 'text/plain; charset="utf-8"'
    assert body.decode() == "Ærlig talt\r\n"


def test_domains_leave_as_a_labels():
    written = held.opened("To: kari@kaffehuset-blå.example\n\nHei\n".encode())

    assert held.deliverable(written.recipients) == ("kari@xn--kaffehuset-bl-1fb.example",)


def draft(text: bytes, **fields: bytes) -> held.Written:
    head = {b"From": b"dana@studio.example", b"To": b"kari@fjord.example", b"Subject": b"Logo"}
    head |= {name.replace("_", "-").encode(): value for name, value in fields.items()}
    return held.opened(b"".join(b"%b: %b\r\n" % pair for pair in head.items()) + b"\r\n" + text)


@pytest.mark.parametrize(
    ("mail", "same"),
    [
        pytest.param(draft(b"Hei K\xc3\xa5re,\r\n\r\nlogo?\r\n"), True, id="encoded anew"),
        pytest.param(
            draft(b"SGVpIEvDpXJlLA0KDQpsb2dvPw==\r\n", Content_Transfer_Encoding=b"base64"),
            True,
            id="in base64",
        ),
        pytest.param(draft(b"Hei Kare,\r\n\r\nlogo?\r\n"), False, id="another word"),
        pytest.param(draft(b"Hei K\xc3\xa5re,\r\nlogo?", Cc=b"x@y.example"), False, id="a copy"),
        pytest.param(draft(b"Hei K\xc3\xa5re, logo?", Subject=b"Other"), False, id="subject"),
        pytest.param(
            draft(b"Hei K\xc3\xa5re, logo?", Content_Type=b"multipart/mixed; boundary=b"),
            False,
            id="an attachment",
        ),
    ],
)
def test_only_what_says_the_same_to_the_same_is_unchanged(mail, same):
    ours = draft(b"Hei K=C3=A5re,\r\n\r\nlogo?\r\n", Content_Transfer_Encoding=b"quoted-printable")

    assert held.is_unchanged(mail, ours) is same


@given(st.binary(max_size=400) | st.text(alphabet="To: <a@b.c>,\n\r\t \0é=?utf-8?", max_size=200))
def test_any_bytes_are_a_mail_or_a_reason(data):
    mail = data if isinstance(data, bytes) else data.encode()
    with suppress(held.HeldFault):
        written = held.opened(mail)
        held.deliverable(written.recipients)
        out = held.ready(written, sender=DANA, at=AT, message_id="<n@studio.example>")
        head = out.partition(b"\r\n\r\n")[0]
        assert b"\n" not in out.replace(b"\r\n", b"")
        assert head.lower().count(b"\nmessage-id:") + head.lower().startswith(b"message-id:") == 1
    held.subject(mail)
    held.message_id(mail)
    held.addressed(mail)
