"""Authentication-Results are believed by place and name, never by what they say of themselves."""

import pytest

from mailhours.model.message import Authentication
from mailhours.reading.authentication import aligned, authentication, results_of

BORDER = "Received: from mail.fjord.example (mail.fjord.example [192.0.2.1]) by mx.studio.example with ESMTPS id 1; Fri"
PASS = "Authentication-Results: mx.studio.example; dmarc=pass header.from=fjord.example"
FROM = "From: kari@fjord.example"


def verdict(*lines, authserv_id="mx.studio.example", sender="kari@fjord.example"):
    order = [(n.lower(), v.encode()) for n, _, v in (line.partition(": ") for line in lines)]
    return authentication(order, authserv_id, sender)[0]


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("mx.studio.example; dmarc=pass header.from=fjord.example", id="dmarc"),
        pytest.param("mx.studio.example 1; dmarc=pass header.from=fjord.example", id="version"),
        pytest.param("MX.studio.example; DMARC=Pass header.from=Fjord.example", id="letters"),
        pytest.param("mx.studio.example; dkim=pass header.d=fjord.example", id="aligned dkim"),
        pytest.param("mx.studio.example; dkim=pass header.i=@fjord.example", id="dkim identity"),
        pytest.param(
            "mx.studio.example; dmarc=none; spf=pass smtp.mailfrom=kari@fjord.example",
            id="aligned spf",
        ),
        pytest.param(
            "mx.studio.example; spf=pass smtp.mailfrom=bounce.fjord.example", id="below the domain"
        ),
        pytest.param('mx.studio.example; spf=pass smtp.mailfrom="kari@fjord.example"', id="quoted"),
        pytest.param(
            "mx.studio.example; dkim/1=pass (good; (really)) header.d=fjord.example", id="comments"
        ),
        pytest.param(
            "mx.studio.example; dmarc=bestguesspass; dkim=pass header.d=fjord.example",
            id="no policy",
        ),
        pytest.param("mx.studio.example;dkim = pass header.d = fjord.example", id="spaces"),
        pytest.param(
            "mx.studio.example; spf=fail smtp.mailfrom=list.example; dkim=pass header.d=fjord.example",
            id="through a list",
        ),
    ],
)
def test_what_the_provider_vouches_for_passes(said):
    assert verdict(f"Authentication-Results: {said}", BORDER, FROM) is Authentication.PASS


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(
            "mx.studio.example; dmarc=fail header.from=fjord.example; dkim=pass header.d=evil.example",
            id="dmarc",
        ),
        pytest.param(
            "mx.studio.example; dmarc=fail header.from=fjord.example; spf=pass smtp.mailfrom=fjord.example",
            id="dmarc wins over spf",
        ),
        pytest.param("mx.studio.example; spf=softfail smtp.mailfrom=fjord.example", id="spf"),
        pytest.param("mx.studio.example; dkim=fail header.d=fjord.example; spf=none", id="dkim"),
    ],
)
def test_what_the_provider_rejects_fails(said):
    assert verdict(f"Authentication-Results: {said}", BORDER, FROM) is Authentication.FAIL


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("mx.studio.example; none", id="none"),
        pytest.param("mx.studio.example", id="nothing"),
        pytest.param(
            "mx.studio.example; dmarc=temperror header.from=fjord.example", id="temporary"
        ),
        pytest.param(
            "mx.studio.example; spf=pass smtp.mailfrom=other.example", id="somebody else's spf"
        ),
        pytest.param(
            "mx.studio.example; dmarc=pass header.from=other.example", id="somebody else's dmarc"
        ),
        pytest.param("mx.studio.example; spf=pass smtp.mailfrom=example", id="a top-level domain"),
        pytest.param(
            "mx.studio.example; x=y (dmarc=pass header.from=fjord.example)", id="in a comment"
        ),
        pytest.param(
            'mx.studio.example; iprev=fail reason="; dmarc=pass header.from=fjord.example"',
            id="in a reason",
        ),
        pytest.param("(mx.studio.example; dmarc=pass", id="a comment without end"),
        pytest.param("evil.example; dmarc=pass header.from=fjord.example", id="another server"),
        pytest.param(
            "mx.studio.example.evil.example; dmarc=pass header.from=fjord.example",
            id="a longer name",
        ),
    ],
)
def test_what_nobody_vouches_for_is_unknown(said):
    assert verdict(f"Authentication-Results: {said}", BORDER, FROM) is Authentication.UNKNOWN


def test_a_field_below_the_providers_received_is_forged():
    assert verdict(BORDER, PASS, FROM) is Authentication.UNKNOWN


def test_a_forged_field_below_does_not_help_a_mail_that_failed():
    failed = "Authentication-Results: mx.studio.example; dmarc=fail header.from=fjord.example"

    assert verdict(failed, BORDER, PASS, FROM) is Authentication.FAIL


def test_a_field_below_the_written_header_is_forged():
    assert verdict(FROM, PASS) is Authentication.UNKNOWN


def test_a_field_of_another_name_above_ours_changes_nothing():
    other = "Authentication-Results: other.example; dmarc=fail header.from=fjord.example"

    assert verdict(other, PASS, BORDER, FROM) is Authentication.PASS


def test_several_fields_of_ours_are_read_together():
    spf = "Authentication-Results: mx.studio.example; spf=fail smtp.mailfrom=list.example"
    dkim = "Authentication-Results: mx.studio.example; dkim=pass header.d=fjord.example"

    assert verdict(spf, dkim, BORDER, FROM) is Authentication.PASS


def test_local_delivery_by_lmtp_lies_above_the_border():
    lmtp = "Received: from mx.studio.example by localhost with LMTP id abc; Fri"

    assert verdict(lmtp, PASS, BORDER, FROM) is Authentication.PASS


def test_gmail_says_it_in_the_arc_field_above_its_border():
    assert (
        verdict(
            "Delivered-To: dana@studio.example",
            "Received: by 2002:a05:6a10:1 with SMTP id x; Fri",
            "ARC-Authentication-Results: i=1; mx.google.com; dmarc=pass header.from=fjord.example",
            "Return-Path: <kari@fjord.example>",
            "Received: from mail.fjord.example by mx.google.com with ESMTPS id y; Fri",
            "Authentication-Results: mx.google.com; dmarc=pass header.from=fjord.example",
            FROM,
            authserv_id="mx.google.com",
        )
        is Authentication.PASS
    )


@pytest.mark.parametrize(
    "received",
    [
        pytest.param(
            "from x with LMTP by y (u [6.6.6.6]) by mx.studio.example with ESMTP id 1",
            id="LMTP in HELO",
        ),
        pytest.param(
            "from x by localhost with LMTP id 1 (u [6.6.6.6]) by mx.studio.example with ESMTP",
            id="a whole hop in HELO",
        ),
        pytest.param(
            "from localhost (localhost [127.0.0.1]) by mx.studio.example with ESMTP",
            id="loopback is said by anybody",
        ),
        pytest.param("", id="empty"),
    ],
)
def test_a_border_that_pretends_to_be_inside_is_the_border(received):
    assert verdict(f"Received: {received}", PASS, FROM) is Authentication.UNKNOWN


@pytest.mark.parametrize("authserv_id", ["", "other.example"])
def test_without_a_configured_server_nothing_is_known(authserv_id):
    assert verdict(PASS, BORDER, FROM, authserv_id=authserv_id) is Authentication.UNKNOWN


def test_without_a_sender_nothing_is_known():
    assert verdict(PASS, BORDER, sender="") is Authentication.UNKNOWN


def test_domains_are_aligned_up_and_down_and_not_sideways():
    assert aligned("fjord.example", "fjord.example")
    assert aligned("mail.fjord.example", "fjord.example")
    assert aligned("fjord.example", "mail.fjord.example")
    assert not aligned("a.fjord.example", "b.fjord.example")
    assert not aligned("evilfjord.example", "fjord.example")
    assert not aligned("example", "fjord.example")


def test_one_result_is_read_with_its_properties():
    (result,) = results_of("mx; dkim/2=pass (ok) reason=good header.d=Fjord.example header.s=x")

    assert (result.method, result.result) == ("dkim", "pass")
    assert result.properties["header.d"] == "fjord.example"
    assert result.comments.strip() == "ok"
