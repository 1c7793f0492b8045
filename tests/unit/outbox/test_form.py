"""The form of our mails: the emit table, field by field."""

from __future__ import annotations

import email.utils
from datetime import datetime
from email.parser import BytesParser
from email.policy import SMTP, compat32
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import a_reply
from mailhours.model.address import Address
from mailhours.model.reply import ReplyKind
from mailhours.outbox.form import FormFault, form

MARK = "mailhours-0123456789abcdef"


def fields(reply: object, mark: str = MARK) -> dict[str, str]:
    mail = BytesParser(policy=compat32).parsebytes(form(reply, mark))
    return {name.lower(): str(value) for name, value in mail.items()}


def test_it_says_that_a_machine_wrote_it_in_bare_words() -> None:
    held = fields(a_reply())

    assert held["auto-submitted"] == "auto-replied"
    assert held["x-auto-response-suppress"] == "All"
    assert held["x-loop"] == MARK
    assert held["x-mailhours-id"] == "r1a2b3c4d"


def test_it_never_looks_like_a_list_or_a_campaign() -> None:
    held = fields(a_reply())

    unwanted = ("list-id", "list-unsubscribe", "precedence", "return-path", "sender", "reply-to")
    assert not [name for name in unwanted if name in held]


def test_it_answers_one_parent_and_names_the_whole_line_of_ancestors() -> None:
    held = fields(a_reply())

    assert held["in-reply-to"] == "<one@fjord.example>"
    assert held["references"].split() == ["<zero@fjord.example>", "<one@fjord.example>"]


def test_a_long_message_id_is_never_an_encoded_word() -> None:
    long = f"<{'a' * 300}@fjord.example>"

    raw = form(a_reply(in_reply_to=long, references=(long,)), MARK)

    assert f"In-Reply-To: {long}\r\n".encode() in raw
    assert b"=?" not in raw.split(b"\r\n\r\n")[0]


def test_of_many_ancestors_the_first_and_the_last_nineteen_stay() -> None:
    ids = tuple(f"<{n}@fjord.example>" for n in range(50))

    held = fields(a_reply(references=ids, in_reply_to=ids[-1]))["references"].split()

    assert held == [ids[0], *ids[-19:]]


@pytest.mark.parametrize("broken", ["", "no brackets", "<a b@c>", "<a@b>\r\nBcc: x@evil.example"])
def test_a_parent_that_is_no_message_id_is_left_out(broken: str) -> None:
    held = fields(a_reply(in_reply_to=broken))

    assert "in-reply-to" not in held
    assert "references" not in held
    assert "bcc" not in held


def test_the_same_reply_gives_the_same_bytes() -> None:
    reply = a_reply(html="<p>Hello</p>", kinds=(ReplyKind.SUMMARY,))

    assert form(reply, MARK) == form(reply, MARK)


def test_a_domain_beyond_ascii_is_written_as_a_label() -> None:
    held = fields(a_reply(to=Address("", "kari@bücher.example")))

    assert held["to"] == "kari@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "spec", ["", "kari", "kari@", "@fjord.example", "kåri@fjord.example", "a b@fjord.example"]
)
def test_an_address_that_cannot_be_written_is_refused(spec: str) -> None:
    with pytest.raises(FormFault):
        form(a_reply(to=Address("Kari", spec)), MARK)


def test_every_line_fits_and_only_seven_bits_are_used() -> None:
    raw = form(a_reply(text="Blåbær " * 300 + "\n.\nFrom here\n", subject="Ærlig " * 60), MARK)

    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    mail = BytesParser(policy=SMTP).parsebytes(raw)
    assert mail.get_content().replace("\r\n", "\n").endswith("\n.\nFrom here\n")  # type: ignore[attr-defined]
    assert mail["subject"] == ("Ærlig " * 60)


def test_a_held_reply_leaves_as_it_was_written() -> None:
    raw = b"From: dana@studio.example\r\n\r\nAs I wrote it.\r\n"

    assert form(a_reply(raw=raw), MARK) == raw


HOSTILE = st.text(
    st.characters(codec="utf-8") | st.sampled_from("\r\n\t\0\x0b\x85\u2028\u202e:<>@,;\"'"),
    max_size=60,
)


@given(HOSTILE, HOSTILE, HOSTILE)
def test_nothing_from_a_clients_mail_becomes_a_header(name: str, subject: str, text: str) -> None:
    reply = a_reply(to=Address(name, "kari@fjord.example"), subject=subject, text=text)

    mail = BytesParser(policy=compat32).parsebytes(form(reply, MARK))

    expected = {
        *("from", "to", "date", "message-id", "in-reply-to", "references", "content-language"),
        *("auto-submitted", "x-auto-response-suppress", "x-mailhours-id", "x-loop"),
        *("mime-version", "content-type", "content-transfer-encoding"),
    }
    assert {n.lower() for n in mail} - {"subject"} == expected
    assert email.utils.getaddresses([str(mail["to"])])[-1][1] == "kari@fjord.example"
    assert len(mail.get_all("to") or []) == 1


def test_the_date_tells_the_local_time_of_the_owner() -> None:
    at = datetime(2026, 7, 1, 15, 0, tzinfo=ZoneInfo("Europe/Oslo"))

    assert fields(a_reply(at=at))["date"] == "Wed, 01 Jul 2026 15:00:00 +0200"


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u200f", "\u061c", "\x85", "\x1b"])
def test_nothing_turns_a_subject_or_a_name_around(sign: str) -> None:
    raw = form(
        a_reply(subject=f"a{sign}b é", to=Address(f"K{sign}ari é", "kari@fjord.example")), MARK
    )

    mail = BytesParser(policy=SMTP).parsebytes(raw)
    assert sign not in str(mail["subject"])
    assert sign not in mail["to"].addresses[0].display_name


@pytest.mark.parametrize("kind", ["auto-replied", "auto-generated"])
def test_the_word_of_rfc_3834_stands_alone(kind: str) -> None:
    assert fields(a_reply(auto_submitted=kind))["auto-submitted"] == kind
