"""The robot table: each rule fires where it should, and stays silent beside it."""

from datetime import UTC, datetime

import pytest

from mailhours.mailbox.eml import cut
from mailhours.model.message import Direction, Kind, MayReply
from mailhours.reading import robotwords
from mailhours.reading.automation import RULES, judge
from mailhours.reading.header import opened
from mailhours.reading.letter import Letter
from mailhours.reading.mime import body

WORDS = robotwords.load()
NOON = datetime(2026, 5, 1, 10, tzinfo=UTC)
MULTIPART = (
    "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nhello\n--b\n"
)


def judged(
    head="",
    text="Hello Dana,\n\ncan you send the logo?\n",
    *,
    mail=None,
    direction=Direction.INBOUND,
    mark="mailhours-1234",
):
    """Judge a client's mail to the owner with `head` added, or the whole `mail`."""
    names = {line.partition(":")[0].lower() for line in head.splitlines()}
    base = {"from": "From: Kari <kari@fjord.example>\n", "to": "To: dana@studio.example\n"}
    lines = "".join(line for name, line in base.items() if name not in names)
    has_body = "\n\n" in head
    whole = mail or f"{lines}{head}" + ("" if has_body else f"\n{text}")
    raw = cut(whole.encode(), NOON)
    head_opened = opened(raw.header)
    plain = next((body(p) for p in raw.parts if p.content_type == "text/plain"), "")
    own = frozenset(("dana@studio.example", "hello@studio.example"))
    return judge(
        Letter(
            raw=raw,
            opened=head_opened,
            attached=raw.attached,
            direction=direction,
            own=own,
            ours=own | {"kim@studio.example"},
            mark=mark,
            words=WORDS,
            subject=robotwords.untagged(head_opened.headers.subject),
            beginning=robotwords.fold(plain),
        )
    )


def fired(*args, **kwargs):
    return {reason.rule for reason in judged(*args, **kwargs).reasons}


def test_a_plain_mail_of_a_person_may_be_answered():
    found = judged("Subject: Logo\n")

    assert found.kind is Kind.HUMAN
    assert found.may_reply is MayReply.REPLY
    assert found.reasons == ()


def named(rows):
    return [f"{number} {rule} {head[:30]!r}" for number, (rule, head) in enumerate(rows)]


FIRES = [
    ("auto-submitted", "Auto-Submitted: auto-replied\n"),
    ("auto-submitted", "Auto-Submitted: auto-replied (vacation)\n"),
    ("auto-submitted", "auto-submitted: AUTO-GENERATED; owner-email=x\n"),
    ("auto-submitted", "Auto-Submitted: auto-notified\n"),
    ("auto-submitted", "Auto-Submitted:\n"),
    ("auto-submitted", "Auto-Submitted: no\nAuto-Submitted: auto-replied\n"),
    ("auto-submitted", "Auto-Submitted: (no) yes\n"),
    ("auto-submitted", "Auto-Submitted: notified\n"),
    ("empty-return-path", "Return-Path: <>\n"),
    ("empty-return-path", "Return-Path:\n"),
    ("empty-return-path", "Return-Path: <MAILER-DAEMON>\n"),
    ("empty-return-path", "Return-Path: <MAILER-DAEMON@mx.example>\n"),
    ("empty-return-path", "Return-Path: <#@[]>\n"),
    ("own-group", "List-Id: <hello.studio.example>\nPrecedence: list\n"),
    ("own-group", "List-Post: <mailto:hello@studio.example>\n"),
    ("list", "List-Id: <coffee.lists.example>\n"),
    ("list", "List-Post: NO\n"),
    ("list-unsubscribe", "List-Unsubscribe: <https://crm.example/u>\n"),
    ("one-click-unsubscribe", "List-Unsubscribe-Post: List-Unsubscribe=One-Click\n"),
    ("list-program", "X-BeenThere: coffee@lists.example\n"),
    ("list-program", "X-Mailing-List: coffee\n"),
    ("precedence", "Precedence: bulk\n"),
    ("precedence", "Precedence: Junk \n"),
    ("precedence", "X-Precedence: auto-reply\n"),
    ("precedence", "Precedence: list\n"),
    ("response-suppress", "X-Auto-Response-Suppress: All\n"),
    ("response-suppress", "X-Auto-Response-Suppress: OOF, AutoReply\n"),
    ("response-suppress", "X-Auto-Response-Suppress: DR, RN, autoreply\n"),
    ("vendor-auto-reply", "X-Autoreply: yes\n"),
    ("vendor-auto-reply", "X-Apple-Action: VACATION/1\n"),
    ("vendor-auto-reply", "X-POST-MessageClass: 9; Autoresponder\n"),
    ("vendor-auto-reply", "Delivered-To: Autoresponder\n"),
    ("vendor-auto-reply", "X-FC-MachineGenerated: true\n"),
    ("vendor-auto-reply", "X-Loop: AutoresponsePlus\n"),
    ("vendor-notification", "X-GitHub-Reason: mention\n"),
    ("loop", "X-Loop: mailhours-1234\n"),
    ("loop", "X-Loop: mailhours-ffff\n"),
    ("loop", "X-Mailhours-Id: r-1\n"),
    (
        "loop-attached",
        MULTIPART
        + "Content-Type: message/rfc822\n\nX-Loop: mailhours-1234\nSubject: x\n\nhi\n--b--\n",
    ),
    (
        "loop-attached",
        MULTIPART + "Content-Type: text/rfc822-headers\n\nSubject: x\nX-Mailhours-Id: r-1\n--b--\n",
    ),
    ("foreign-loop", "X-Loop: somebody@else.example\n"),
    (
        "report",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nx\n--b--\n",
    ),
    (
        "report",
        MULTIPART + "Content-Type: message/disposition-notification\n\nDisposition: x\n--b--\n",
    ),
    ("report", MULTIPART + "Content-Type: message/delivery-status\n\nAction: failed\n--b--\n"),
    ("failed-recipients", "X-Failed-Recipients: a@b.example\n"),
    ("robot-address", "From: no-reply@fjord.example\n"),
    ("robot-address", "From: Fjord <noreply+77@fjord.example>\n"),
    ("robot-address", "From: MAILER-DAEMON <>\n"),
    ("robot-address", "From: Mail Delivery System <Mailer-Daemon@mx.example>\n"),
    ("robot-address", "From: bounce-123=dana@list.example\n"),
    ("robot-address", "From: ikke-svar@regnskap.example\n"),
    ("robot-address", "From: keine.antwort@bank.example\n"),
    ("robot-address", "Sender: calendar-notification@google.com\n"),
    ("robot-address", "From: notifications@tool.example\n"),
    ("list-address", "From: coffee-request@lists.example\n"),
    ("list-address", "Sender: owner-coffee@lists.example\n"),
    ("role-address", "From: Postmaster <postmaster@fjord.example>\n"),
    ("role-address", "From: root <root@web1.fjord.example>\n"),
    ("robot-envelope", "Return-Path: <bounces+12-dana=studio.example@esp.example>\n"),
    ("auto-reply-subject", "Subject: Automatic reply: Logo\n"),
    ("auto-reply-subject", "Subject: [EXTERNAL] Automatische Antwort: Logo\n"),
    ("auto-reply-subject", "Subject: =?utf-8?Q?Autom=C4=81tiska_atbilde?=\n"),
    ("auto-reply-subject", "Subject: Out of Office: Logo\nIn-Reply-To: <a@b>\n"),
    ("auto-reply-subject", "Subject: Kari Nordmann is out of the office (returning 11.05.2026)\n"),
    ("away-subject", "Subject: Out of office next week\n"),
    ("bounce-subject", "Subject: Undelivered Mail Returned to Sender\n"),
    ("bounce-subject", "Subject: Unzustellbar: Logo\n"),
    ("bounce-subject", "From: postmaster@fjord.example\nSubject: Delivery failure\n"),
    ("maybe-bounce", "Subject: Mail delivery failed again\n"),
    ("challenge", "Subject: Please confirm your message\n"),
    (
        "calendar",
        MULTIPART + "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\n--b--\n",
    ),
    (
        "calendar",
        MULTIPART + "Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\n--b--\n",
    ),
    ("calendar", "Content-Class: urn:content-classes:calendarmessage\n"),
    ("own-identity", "From: Dana <dana@studio.example>\n"),
    ("own-identity", "From: Dana <DANA+web@Studio.Example>\n"),
    ("own-identity", "Reply-To: hello@studio.example\n"),
    ("own-identity", "Sender: hello@studio.example\n"),
    ("own-identity", "Return-Path: <dana@studio.example>\n"),
    ("not-addressed", "To: ola@fjord.example\n"),
    ("not-addressed", "To: undisclosed-recipients:;\nDelivered-To: dana@studio.example\n"),
    ("many-recipients", "Cc: " + ", ".join(f"p{n}@x.example" for n in range(11)) + "\n"),
    ("many-recipients", "To: undisclosed-recipients:;\n"),
    ("sender-unclear", "From: a@x.example, b@x.example\n"),
    ("sender-unclear", "From: a@x.example\nFrom: b@x.example\n"),
    ("sender-unclear", "From: Kari\n"),
    ("sender-unclear", 'From: "kari@fjord.example" <x@evil.example>\n'),
    ("sender-unclear", "From: alice@fjord.example)bob@evil.example\n"),
    ("sender-unclear", "From: =?utf-8?q?kari=40fjord.example=0D=0A?= <x@evil.example>\n"),
    ("spam", "X-Spam-Flag: YES\n"),
    ("bulk-sender", "Feedback-ID: 1:esp\n"),
    ("bulk-sender", "Errors-To: x@y.example\n"),
    ("not-a-text", "Content-Type: message/partial; id=1\n\nx\n"),
    ("not-a-text", "Content-Type: message/external-body; access-type=url\n\nx\n"),
    (
        "encrypted",
        "Content-Type: multipart/encrypted; boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\nx\n--b--\n",
    ),
    ("encrypted", "Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nx\n"),
    ("damaged", "To: " + "dana@studio.example, " * 900 + "\n"),
]


@pytest.mark.parametrize(("rule", "head"), FIRES, ids=named(FIRES))
def test_a_rule_fires(rule, head):
    assert rule in fired(head)


SILENT = [
    ("auto-submitted", "Auto-Submitted: no\n"),
    ("auto-submitted", "Auto-Submitted: No (written by hand (really)); x=y\n"),
    ("empty-return-path", "Return-Path: <kari@fjord.example>\n"),
    ("list", "List-Unsubscribe: <https://crm.example/u>\n"),
    ("list", "List-Id: <hello.studio.example>\n"),
    ("precedence", "Precedence: first-class\n"),
    ("precedence", "Precedence: list\nList-Id: <hello.studio.example>\n"),
    ("response-suppress", "X-Auto-Response-Suppress: DR, RN, NRN\n"),
    ("response-suppress", "X-Auto-Response-Suppress: None\n"),
    ("vendor-auto-reply", "X-Autoreply: no\n"),
    ("vendor-auto-reply", "X-MS-Exchange-Inbox-Rules-Loop: kari@fjord.example\n"),
    ("vendor-auto-reply", "X-Apple-Action: JUNK\n"),
    ("loop", "X-Loop: somebody@else.example\n"),
    ("foreign-loop", "X-Loop: mailhours-1234\n"),
    (
        "loop-attached",
        MULTIPART + "Content-Type: message/rfc822\n\nX-Loop: other\nSubject: x\n\nhi\n--b--\n",
    ),
    ("report", MULTIPART + "Content-Type: message/rfc822\n\nSubject: x\n\nhi\n--b--\n"),
    ("robot-address", "From: kari.norepl@fjord.example\n"),
    ("robot-address", "From: Bo Unce <bo.unce@fjord.example>\n"),
    ("robot-address", "From: postmaster@fjord.example\n"),
    ("robot-address", "Return-Path: <bounce-1@esp.example>\n"),
    ("list-address", "From: request@fjord.example\n"),
    ("auto-reply-subject", "Subject: Re: Automatic reply: Logo\n"),
    ("auto-reply-subject", "Subject: Automatic reply of our form is broken\n"),
    ("auto-reply-subject", "Subject: Out of Office: the new office\n"),
    ("auto-reply-subject", "Subject: Automatic reply: Logo\nUser-Agent: Mozilla Thunderbird\n"),
    ("away-subject", "Subject: Automatic reply of our form is broken\n"),
    ("away-subject", "Subject: Awayday in June\n"),
    ("away-subject", "Subject: Vacation photos for the site\n"),
    ("away-subject", "Subject: Out of office\nX-Mailer: Apple Mail (2.3)\n"),
    ("bounce-subject", "Subject: Fwd: Undelivered Mail Returned to Sender\n"),
    ("bounce-subject", "Subject: Returned mail\n"),
    ("maybe-bounce", "Subject: Delivered: the photos\n"),
    ("maybe-bounce", "Subject: Rejected: draft 2\n"),
    ("receipt", "Subject: Read: our notes\n"),
    (
        "calendar",
        MULTIPART
        + "Content-Type: text/calendar; method=PUBLISH\n\nBEGIN:VCALENDAR\nMETHOD:PUBLISH\n--b--\n",
    ),
    ("calendar", "Subject: Accepted: your offer\n"),
    ("own-identity", "From: dana@fjord.example\n"),
    ("not-addressed", "To: ola@fjord.example\nCc: Dana <DANA+web@studio.example>\n"),
    ("not-addressed", "To: kim@studio.example\n"),
    ("not-addressed", "To: x@y.example\nResent-To: hello@studio.example\n"),
    ("many-recipients", "Cc: " + ", ".join(f"p{n}@x.example" for n in range(9)) + "\n"),
    ("many-recipients", "Cc: " + ", ".join(["p@x.example"] * 40) + "\n"),
    ("sender-unclear", "From: 'kari@fjord.example' <Kari@fjord.example>\n"),
    ("spam", "X-Spam-Flag: NO\n"),
    ("encrypted", "Content-Type: application/pkcs7-mime; smime-type=signed-data\n\nx\n"),
    ("damaged", "X-Long: " + "x" * 9000 + "\n"),
]


@pytest.mark.parametrize(("rule", "head"), SILENT, ids=named(SILENT))
def test_a_rule_stays_silent(rule, head):
    assert rule not in fired(head)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("says-automatic", "Hello,\n\nthis is an automatic reply. I am away.\n"),
        ("says-automatic", "Takk.\n\nDette er et automatisk svar.\n"),
        ("says-automatic", "Hallo. Diese E-Mail wurde automatisch erstellt.\n"),
        ("no-answer-wanted", "Your invoice. Please do not reply to this e-mail.\n"),
        ("no-answer-wanted", "Ваш счёт.\nПожалуйста, не отвечайте на это письмо.\n"),
        ("bounce-text", "Hi. This is the qmail-send program at mx.example.\n"),
        ("bounce-text", "This message was created automatically by mail delivery software.\n"),
    ],
)
def test_words_in_the_text_fire(rule, text):
    assert rule in fired("Content-Type: text/plain; charset=utf-8\nSubject: x\n", text)


@pytest.mark.parametrize(
    ("rule", "head", "text"),
    [
        ("says-automatic", "", "I got no answer but this: is this an automatic reply?\n"),
        (
            "bounce-text",
            "",
            "Dana, our host says:\n\nThis is the mail system at host mx.example.\n",
        ),
        ("bounce-text", "Subject: Fwd: x\n", "This is the mail system at host mx.example.\n"),
        ("no-answer-wanted", "", "Did you reply to this?\n"),
    ],
)
def test_words_of_people_about_robots_stay_silent(rule, head, text):
    assert rule not in fired(head, text)


def test_a_receipt_in_words_needs_subject_and_text():
    head = "Subject: Lest: Logo\n"

    assert "receipt" in fired(head, "Meldingen\n\n Til: Kari\n\nble lest fredag.\n")
    assert "receipt" not in fired(head, "Hei Dana, jeg har lest den.\n")


ROBOTS = {rule.name for rule in RULES if rule.robot}


@pytest.mark.parametrize(("rule", "head"), FIRES, ids=named(FIRES))
def test_a_rule_that_proves_a_robot_makes_the_mail_machine(rule, head):
    found = judged(head)

    if rule in ROBOTS:
        assert found.kind is Kind.MACHINE
        assert found.may_reply is not MayReply.REPLY


@pytest.mark.parametrize(
    "head",
    [
        "List-Unsubscribe: <https://crm.example/u>\nFeedback-ID: 1:crm\nX-Mailgun-Sid: x\n",
        "X-Auto-Response-Suppress: All\n",
        "From: postmaster@fjord.example\n",
        "From: coffee-owner@fjord.example\n",
        "To: ola@fjord.example\n",
        "X-Loop: x\n",
        "Subject: Out of office next week\n",
        "X-Spam-Flag: YES\n",
        'From: "kari@fjord.example" <x@evil.example>\n',
    ],
)
def test_signs_that_prove_nothing_leave_a_person_a_person(head):
    found = judged(head)

    assert found.kind is Kind.HUMAN
    assert found.may_reply is not MayReply.REPLY


def test_two_weak_signs_of_different_families_prove_a_robot():
    found = judged(
        "From: alerts@fjord.example\n", "Disk full. Please do not reply to this e-mail.\n"
    )

    assert found.kind is Kind.MACHINE


def test_all_reasons_are_kept_and_the_gravest_wins():
    found = judged("List-Unsubscribe: <x>\nPrecedence: bulk\nSubject: Away\n")

    assert {"list-unsubscribe", "precedence", "away-subject"} == {r.rule for r in found.reasons}
    assert found.may_reply is MayReply.SUPPRESS
    assert all(reason.source and reason.evidence for reason in found.reasons)


def test_an_encrypted_mail_may_be_answered_and_says_so():
    found = judged("Content-Type: multipart/encrypted; boundary=b\n\n--b\n\nx\n--b--\n")

    assert found.may_reply is MayReply.REPLY
    assert [reason.rule for reason in found.reasons] == ["encrypted"]


def test_a_bounce_forwarded_by_a_person_is_a_persons_mail():
    inner = "Content-Type: message/rfc822\n\nFrom: MAILER-DAEMON@x.example\nContent-Type: multipart/report; boundary=z\n\n--z\nContent-Type: message/delivery-status\n\nAction: failed\n--z--\n--b--\n"

    assert (
        judged("Subject: Fwd: Undelivered Mail Returned to Sender\n" + MULTIPART + inner).kind
        is Kind.HUMAN
    )


def test_mail_that_comes_through_our_own_group_address_is_a_persons():
    found = judged(
        "To: hello@studio.example\nPrecedence: list\nList-Id: <hello.studio.example>\n"
        "Mailing-list: list hello@studio.example; contact hello+owners@studio.example\n"
    )

    assert found.kind is Kind.HUMAN
    assert found.may_reply is MayReply.REVIEW


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        pytest.param("", Kind.HUMAN, id="written by the owner"),
        pytest.param("Auto-Submitted: no\n", Kind.HUMAN, id="said to be"),
        pytest.param("Auto-Submitted: auto-replied\n", Kind.MACHINE, id="an acknowledgement"),
        pytest.param("X-Loop: mailhours-1234\n", Kind.MACHINE, id="our mark"),
        pytest.param("X-Mailhours-Id: r-1\n", Kind.MACHINE, id="our id"),
        pytest.param(
            "List-Unsubscribe: <x>\nPrecedence: bulk\n", Kind.HUMAN, id="a newsletter of ours"
        ),
        pytest.param(
            "Subject: Out of Office: x\nIn-Reply-To: <a@b>\n", Kind.HUMAN, id="words do not count"
        ),
    ],
)
def test_our_own_mail_is_machine_only_when_it_says_so(head, kind):
    found = judged(
        "From: dana@studio.example\nTo: kari@fjord.example\n" + head, direction=Direction.OUTBOUND
    )

    assert found.kind is kind
    assert found.may_reply is MayReply.SUPPRESS


def test_rules_have_names_and_sources_of_their_own():
    names = [rule.name for rule in RULES]

    assert len(set(names)) == len(names)
    assert all(rule.source for rule in RULES)
