"""Whole mails to readings: the steps together, the direction, and what happens when one fails."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mailhours.mailbox.eml import cut
from mailhours.model.address import Address
from mailhours.model.faults import ConfigurationFault
from mailhours.model.message import Authentication, Direction, Kind, MayReply, SignalKind
from mailhours.model.raw import FolderRole, RawMail, TextPart
from mailhours.model.reply import Mode, Reply, ReplyKind
from mailhours.outbox.form import form
from mailhours.reading import read as reading_module
from mailhours.reading.header import opened
from mailhours.reading.read import Reader, direction
from mailhours.reading.report import report

MAIL = sorted((Path(__file__).parent / "mail").glob("*.eml"))
NOON = datetime(2026, 5, 1, 10, tzinfo=UTC)
OWN = ("dana@studio.example", "hello@studio.example")


@pytest.fixture(scope="module")
def reader():
    return Reader(
        OWN, ("kim@studio.example",), "mx.studio.example", "mailhours-1234", ZoneInfo("Europe/Oslo")
    )


def read(reader, mail, role=FolderRole.INBOX, languages=()):
    data = mail.encode() if isinstance(mail, str) else mail
    return reader.read(cut(data, NOON), role, languages)


CLIENT = "From: Kari <kari@fjord.example>\nTo: dana@studio.example\nDate: Fri, 1 May 2026 10:00:00 +0200\nMessage-ID: <k1@fjord.example>\n"


def test_there_are_examples_enough():
    assert len(MAIL) >= 60


@pytest.mark.parametrize("path", MAIL, ids=lambda path: path.stem)
def test_an_example_is_what_its_name_says(reader, path):
    got = read(reader, path.read_bytes())

    assert got.kind.value == ("machine" if path.stem.startswith("robot-") else "human")
    if got.kind is Kind.MACHINE:
        assert got.may_reply is not MayReply.REPLY
    assert not [defect for defect in got.defects if "failed" in defect]


@pytest.mark.parametrize(
    "path", [p for p in MAIL if "-away-" in p.name], ids=lambda path: path.stem
)
def test_an_out_of_office_that_names_a_day_gives_it(reader, path):
    got = read(reader, path.read_bytes())

    assert got.away_until in (date(2026, 5, 8), date(2026, 5, 11), date(2026, 5, 4), None)
    if got.away_until is None:
        assert path.stem in ("robot-away-en-surgemail", "robot-away-en-qmail")


def test_a_mail_of_a_client_is_read(reader):
    got = read(
        reader,
        CLIENT
        + "Subject: Logo\nDisposition-Notification-To: kari@fjord.example\n\nHi Dana,\n\ncan you send the logo by Friday?\n\n> old text\n",
    )

    assert got.headers.message_id == "<k1@fjord.example>"
    assert got.kind is Kind.HUMAN
    assert got.may_reply is MayReply.REPLY
    assert got.language == "en"
    assert "old text" not in got.visible_text
    assert got.words == len(got.visible_text.split())
    assert SignalKind.ASK in {signal.kind for signal in got.signals}
    assert got.receipt
    assert got.defects == ()


def test_the_language_the_writer_is_known_for_is_kept(reader):
    assert read(reader, CLIENT + "Subject: x\n\nOK\n", languages=("nb",)).language == "nb"


def test_authentication_that_fails_suppresses(reader):
    failed = "Authentication-Results: mx.studio.example; dmarc=fail header.from=fjord.example\nReceived: from x by mx.studio.example with ESMTP id 1\n"

    got = read(reader, failed + CLIENT + "Subject: x\n\nhello\n")

    assert got.authentication is Authentication.FAIL
    assert got.kind is Kind.HUMAN
    assert got.may_reply is MayReply.SUPPRESS
    assert "dmarc=fail" in got.reason


def test_a_persons_holiday_counts_only_once_it_has_begun(reader):
    ahead = read(reader, CLIENT + "Subject: x\n\nI am on vacation from 11 to 15 May.\n")
    under_way = read(
        reader, CLIENT + "Subject: x\n\nI am on vacation until 15 May, but can you call me?\n"
    )

    assert ahead.away_until is None
    assert under_way.away_until == date(2026, 5, 15)


def test_a_delivery_report_says_nothing_of_absence(reader):
    bounce = "Subject: Undelivered Mail Returned to Sender\nReturn-Path: <>\n\nThe mailbox is closed until 8 May.\n"

    assert read(reader, CLIENT + bounce).away_until is None


def headers(sender, to="kari@fjord.example"):
    return opened(f"From: {sender}\nTo: {to}\n\n".encode()).headers


@pytest.mark.parametrize(
    ("sender", "to", "role", "way"),
    [
        pytest.param(
            "kari@fjord.example",
            "dana@studio.example",
            FolderRole.INBOX,
            Direction.INBOUND,
            id="from a client",
        ),
        pytest.param(
            "Dana <DANA@Studio.example>",
            "kari@fjord.example",
            FolderRole.INBOX,
            Direction.OUTBOUND,
            id="our copy to ourselves",
        ),
        pytest.param(
            "dana+web@studio.example",
            "kari@fjord.example",
            FolderRole.OTHER,
            Direction.OUTBOUND,
            id="tagged",
        ),
        pytest.param(
            "dana@studio.example",
            "hello@studio.example",
            FolderRole.INBOX,
            Direction.INBOUND,
            id="a web form",
        ),
        pytest.param(
            "dana@old.example",
            "kari@fjord.example",
            FolderRole.SENT,
            Direction.OUTBOUND,
            id="an alias nobody configured",
        ),
        pytest.param(
            "kari@fjord.example",
            "dana@studio.example",
            FolderRole.SENT,
            Direction.INBOUND,
            id="a thread moved to Sent",
        ),
        pytest.param("", "", FolderRole.DRAFTS, Direction.OUTBOUND, id="a draft without sender"),
        pytest.param("", "", FolderRole.HELD, Direction.OUTBOUND, id="held"),
    ],
)
def test_the_direction(sender, to, role, way):
    assert direction(headers(sender, to), role, OWN) is way


def test_a_forged_mail_in_our_name_comes_in():
    forged = headers("dana@studio.example")

    assert direction(forged, FolderRole.INBOX, OWN, Authentication.FAIL) is Direction.INBOUND


def test_without_own_addresses_everything_comes_in():
    assert direction(headers("kari@fjord.example"), FolderRole.INBOX, ()) is Direction.INBOUND


def test_without_own_addresses_nothing_is_held_against_a_mail():
    bare = Reader((), (), "", "", ZoneInfo("UTC"))

    assert read(bare, CLIENT + "Subject: x\n\nhello\n").may_reply is MayReply.REPLY


def test_our_acknowledgement_is_machine_and_our_mail_is_not(reader):
    ours = "From: dana@studio.example\nTo: kari@fjord.example\nSubject: Re: Logo\n"

    assert (
        read(reader, ours + "Auto-Submitted: auto-replied\n\nReceived.\n", FolderRole.SENT).kind
        is Kind.MACHINE
    )
    assert read(reader, ours + "\nHere it is.\n", FolderRole.SENT).kind is Kind.HUMAN


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("opened", "header"),
        ("authentication", "authentication"),
        ("direction", "direction"),
        ("visible", "text"),
        ("judge", "automation"),
        ("signals", "signals"),
    ],
)
def test_a_step_that_fails_is_named_and_nobody_is_answered(reader, monkeypatch, name, broken):
    def fail(*arguments, **named):
        raise RuntimeError("no such luck")

    monkeypatch.setattr(reading_module, name, fail)

    got = read(reader, CLIENT + "Subject: x\n\nhello\n")

    assert f"reading: {broken} (RuntimeError) failed" in got.defects
    assert got.may_reply is not MayReply.REPLY


def test_what_we_send_is_never_answered_by_another_office(reader):
    reply = Reply(
        id="r-1",
        slot="2026-05-01T10:00",
        client="fjord",
        kinds=(ReplyKind.ACKNOWLEDGEMENT,),
        mode=Mode.SEND,
        sender=Address("Kari", "kari@fjord.example"),
        to=Address("Dana", "dana@studio.example"),
        subject="Re: Logo",
        text="Your mail was received and has not been read yet.\n",
        language="en",
        causes=(),
        in_reply_to="<a@studio.example>",
        references=("<a@studio.example>",),
        auto_submitted="auto-replied",
        message_id="<b@fjord.example>",
        at=NOON,
    )

    got = read(reader, form(reply, "mailhours-other"))

    assert got.kind is Kind.MACHINE
    assert got.may_reply is MayReply.SUPPRESS
    assert {"auto-submitted", "response-suppress", "loop"} <= {r.rule for r in got.reasons}


def test_several_text_parts_are_one_text(reader):
    mail = (
        CLIENT
        + "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nFirst.\n--b\nContent-Type: image/png\n\nx\n--b\nContent-Type: text/plain\n\nSecond?\n--b--\n"
    )

    got = read(reader, mail)

    assert got.visible_text.split() == ["First.", "Second?"]


def test_a_mail_without_any_part_is_read(reader):
    got = reader.read(RawMail(b"", (), (), (), (), NOON, 0), FolderRole.INBOX)

    assert got.visible_text == ""
    assert got.may_reply is not MayReply.REPLY


def test_parameters_that_make_no_sense_are_read(reader):
    part = TextPart(
        "1",
        "text/plain",
        {"charset": "\x00" * 50, "format": "flowed"},
        "base64",
        b"\xff" * 100,
        cut=True,
    )

    got = reader.read(RawMail(CLIENT.encode(), (part,), (), (), (), NOON, 0), FolderRole.INBOX)

    assert isinstance(got.visible_text, str)


def test_the_version_names_rules_phrases_and_whose_mail_it_is(reader):
    again = Reader(
        OWN, ("kim@studio.example",), "mx.studio.example", "other-mark", ZoneInfo("Europe/Oslo")
    )
    other = Reader(
        OWN[:1],
        ("kim@studio.example",),
        "mx.studio.example",
        "mailhours-1234",
        ZoneInfo("Europe/Oslo"),
    )

    assert reader.version == again.version
    assert reader.version != other.version
    assert read(reader, CLIENT + "\nx\n").version == reader.version


def test_phrases_of_the_owner_that_cannot_be_read_are_told():
    with pytest.raises(ConfigurationFault):
        Reader(OWN, (), "", "", ZoneInfo("UTC"), {"own.toml": "this is [not TOML"})


def test_a_reading_becomes_json(reader):
    got = read(reader, CLIENT + "Subject: Re: Logo\nReferences: <a@x>\n\nCan you send the logo?\n")

    told = json.loads(json.dumps(report("a.eml", got, Direction.INBOUND)))

    assert told["file"] == "a.eml"
    assert told["message_id"] == "<k1@fjord.example>"
    assert told["direction"] == "inbound"
    assert told["kind"] == "human"
    assert told["may_reply"] == "reply"
    assert told["reason"] == ""
    assert told["topic"] == "logo"
    assert told["parents"] == ["<a@x>"]
    assert {
        "language",
        "visible_text",
        "signals",
        "defects",
        "away_until",
        "authentication",
    } <= told.keys()
    assert all(
        {"kind", "phrase", "start", "end", "text"} <= signal.keys() for signal in told["signals"]
    )


@pytest.mark.parametrize("path", MAIL, ids=lambda path: path.stem)
def test_every_example_becomes_json(reader, path):
    json.dumps(report(path.name, read(reader, path.read_bytes()), Direction.INBOUND))
