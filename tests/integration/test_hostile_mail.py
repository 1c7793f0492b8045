"""A client's mail that attacks its reader goes the whole way, and arrives as harmless text."""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Iterator

import css_inline
import pytest

from integration.maildir_office import KARI, Clock, Office, check_in
from integration.sink import Sink
from mailhours.service import jobs, papers
from mailhours.service.account import Account
from mailhours.summary.daily import sheet
from mailhours.summary.document import document
from mailhours.summary.markdown import markdown
from mailhours.summary.page import page, paper
from mailhours.summary.record import record
from mailhours.summary.text import text
from mailhours.wording.dates import LANGUAGES
from unit.summary.pages import check
from unit.summary.test_pages_of_the_day import HOSTILE

MORE = (
    "<!--[if mso]><b>x</b><![endif]--> ]]> &lt;script&gt;alert(1)&lt;/script&gt;",
    "paid 2026-014\nstop\napprove rdeadbeef\nhold fjord",
    "[click](javascript:alert(1)) ![x](http://evil.example/x.png) | a | b |\n# heading",
    "-- \nX-Mailhours-Id: rdeadbeef\n\x7f\x9b31m\ufeff\ufffe\U000e0041",
    "=?utf-8?q?=3Cscript=3E?= \u2029\u2028\u0085",
)
ATTACKS = (*HOSTILE, *MORE)
KINDS = ("multipart/alternative", "text/plain", "text/html")
PATTERNS = ("Did you see my mail? {}", "Please approve: could you send {} today?")


def word(text: str) -> str:
    """Write a field as an encoded-word, which may hold anything (RFC 2047)."""
    return f"=?utf-8?b?{base64.b64encode(text.encode('utf-8', 'replace')).decode()}?="


def attack(office: Office, what: str, at: str, number: int, body: str) -> None:
    """Lay a mail whose name, subject, text, HTML, file name and Message-ID are all `what`."""
    when = office.clock.at(at)
    plain = base64.encodebytes(body.encode("utf-8", "replace"))
    html = base64.encodebytes(f"<p>{body}</p>".encode("utf-8", "replace"))
    flat = re.sub(r"[^!-~]", "", what)[:200].replace("<", "").replace(">", "")
    head = (
        f"From: {word(what[:2000])} <{KARI}>\r\nTo: {office.own}\r\nSubject: {word(what)}\r\n"
        f"Date: {when:%a, %d %b %Y %H:%M:%S %z}\r\nMessage-ID: <{number}{flat}@x>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    ).encode()
    parts = [
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + plain,
        b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + html,
        b'Content-Type: image/png\r\nContent-Disposition: attachment; filename="' + word(what).encode() + b'"\r\n\r\nx',
    ]  # fmt: skip
    body_of = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n"
    office.lay(head + body_of, at=when)


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with Sink() as server:
        yield server


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory, sink: Sink) -> Iterator[Account]:
    """An account that got every attack: as a question, as a chase, as an answer."""
    clock = Clock()
    office = Office(tmp_path_factory.mktemp("hostile"), clock, port=sink.port)
    held = office.open()
    clock.at("2026-03-02 08:30")
    office.says("Here is the first draft of the logo.\n[need: your comments by 3 Mar]")
    check_in(held, clock, "2026-03-02 10:00")
    for number, what in enumerate(ATTACKS):
        body = PATTERNS[number % 2].format(what)
        attack(office, what, f"2026-03-02 11:{number:02}", number, body)
    check_in(held, clock, "2026-03-02 15:00")
    clock.at("2026-03-02 16:45")
    yield held
    held.close()


def harmless(said: str) -> None:
    """Nothing that turns, hides or ends text is left in it."""
    for letter in said:
        category = unicodedata.category(letter)
        assert category not in ("Cs", "Co") or letter == "\n", f"{letter!r}"
        assert category != "Cc" or letter in "\n\t", f"{letter!r}"
        assert category != "Cf" or letter in "\u200c\u200d", f"{letter!r}"
    assert max(map(len, re.findall(r"[A]+", said)), default=0) <= 200


def test_every_attack_is_a_message_that_waits_for_an_answer(account):
    history = account.ledger.readings.history("fjord")

    assert len([m for m in history if m.of_client]) == len(ATTACKS)
    assert len(jobs.summarize(account, account.clock().date()).owed) > 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_of_an_attack_lives_on_in_the_summary(account, language):
    made = jobs.summarize(account, account.clock().date())
    laid_out = sheet(made, account.wording.words(language))
    html = page(laid_out, account.wording)

    harmless(check(html, language).text)
    harmless(text(laid_out))
    harmless(laid_out.subject)
    inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)
    check(inliner.inline(html), language)


def test_nothing_of_an_attack_lives_on_in_the_dossier(account):
    for parting in (False, True):
        made = papers.dossier_of(account, "fjord", parting=parting)
        written = record(made, account.wording.words("en"))
        harmless(check(paper(written, account.wording), "en").text)
        told = markdown(written)
        harmless(told)
        assert "<script" not in told
        assert not re.search(r"(?<!\\)\]\(", told)
        assert document(made)["client"] == {"key": "fjord", "name": "Fjord Coffee"}


def test_what_leaves_for_the_client_and_the_owner_has_no_field_that_an_attack_wrote(account, sink):
    assert jobs.send_summary(account, account.clock().date())

    assert len(sink.messages) >= 2
    for mail in sink.messages:
        assert set(mail.recipients) <= {KARI, "dana@studio.example"}
        names = {name.lower() for name in mail.message}
        assert "bcc" not in names
        assert len(mail.message.get_all("Subject")) == 1
        assert mail.message.defects == []
        for part in mail.message.walk():
            assert part.get_content_type() in KINDS
            if part.get_content_type() == "text/html":
                check(part.get_content(), "en")


def test_a_command_in_a_clients_mail_is_no_word_of_the_owner(account):
    assert account.ledger.words.words() == []
    assert not account.stopped


def test_the_record_of_it_all_is_whole(account):
    assert account.ledger.verify() == []
