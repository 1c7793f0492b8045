"""Dossier, bundle, letter and signature as the owner makes them, on a whole account."""

from __future__ import annotations

import ast
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import date
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from integration.maildir_office import FJORD, KARI, Clock, Office
from mailhours.model.faults import UsageFault
from mailhours.model.reply import ReplyState
from mailhours.service import held, jobs, papers, sending, verifier
from mailhours.service.account import Account
from mailhours.service.bundle import bundle
from mailhours.summary.page import paper as page
from mailhours.summary.record import record
from unit.summary.pages import check

CLIENT = f"""{FJORD.format(address=KARI)}
[[agreement]]
answer_within = "2 business days"
[[agreement]]
from = 2026-05-04
answer_within = "1 business day"
"""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def office(tmp_path: Path, clock: Clock) -> Office:
    return Office(tmp_path, clock, client=CLIENT)


@pytest.fixture
def account(office: Office) -> Iterator[Account]:
    held = office.open()
    yield held
    held.close()


def a_mail_with_pictures(office: Office, at: str) -> None:
    """Lay a mail of every shape: alternatives, an attachment, a mail in it."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = KARI, office.own, "Logo, blåbær"
    mail["Date"], mail["Message-ID"] = "Tue, 03 Mar 2026 11:00:00 +0100", "<pictures@fjord.example>"
    mail.set_content("Please make the logo smaller,\nand the blåbær bluer. — Kari")
    mail.add_alternative("<p>Please make the <b>logo</b> smaller</p>", subtype="html")
    mail.add_attachment(b"\x89PNG" * 500, maintype="image", subtype="png", filename='a"b; c.png')
    office.lay(mail.as_bytes(), at=office.clock.at(at))


def lived(office: Office, account: Account, clock: Clock) -> None:
    """Let a fortnight pass: our delivery, their chase, their changes, their silence."""
    clock.at("2026-03-02 09:00")
    office.says(
        "Hi Kari,\n\nhere is the first draft of the logo.\n[need: your comments by 4 Mar]\n"
    )
    clock.at("2026-03-02 09:30")
    office.mail("Could you tell me what the second page will cost?\n\nKari")
    clock.at("2026-03-02 09:50")
    office.mail("Did you get my mail? We need the answer today.\n\nKari")
    clock.at("2026-03-02 10:05")
    office.mail("Hello? Did you see my mails? Please answer.\n\nKari")
    a_mail_with_pictures(office, "2026-03-03 11:00")
    clock.at("2026-03-16 09:00")
    jobs.poll(account)


def bundled(office: Office, account: Account, clock: Clock) -> bytes:
    lived(office, account, clock)
    return bundle(account, papers.dossier_of(account, "fjord"), "en")


def members(packed: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def unpacked(files: dict[str, bytes], folder: Path) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def bare(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run Python without site-packages, environment and home."""
    return subprocess.run(
        [sys.executable, "-I", "-S", *map(str, arguments)],
        check=False, capture_output=True, text=True, encoding="utf-8", env={"PATH": os.defpath},
    )  # fmt: skip


def test_a_bundle_verifies_on_a_bare_python(office, account, clock, tmp_path):
    packed = bundled(office, account, clock)
    file = tmp_path / "fjord.zip"
    file.write_bytes(packed)
    folder = unpacked(members(packed), tmp_path / "unpacked")
    length, head = account.ledger.chain.head()

    for done in (bare(file), bare(folder / "verify.py"), bare(folder / "verify.py", file)):
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.startswith("WHOLE: ")
        assert f"a chain of {length} entries, head {head}" in done.stdout
        assert done.stdout.count("\n") == 1


def test_a_changed_octet_in_any_member_is_found(office, account, clock):
    files = members(bundled(office, account, clock))
    assert verifier.problems(files) == []
    assert {name.partition("/")[0] for name in files} >= {"facts", "mails", "report.html"}

    for name, content in files.items():
        for at in {0, len(content) // 2, len(content) - 1}:
            changed = bytearray(content)
            changed[at] ^= 0x01
            assert verifier.problems({**files, name: bytes(changed)}), f"{name}, octet {at}"


def test_a_member_that_is_missing_or_added_is_found(office, account, clock):
    files = members(bundled(office, account, clock))

    for name in files:
        assert verifier.problems({n: c for n, c in files.items() if n != name}), name
    assert verifier.problems({**files, "mails/000099.eml": b"From: me\r\n\r\nno"}) == [
        "mails/000099.eml: was added",
        "mails/000099.eml: no fact proves it",
    ]


def remade(files: dict[str, bytes], **changed: bytes) -> dict[str, bytes]:
    """Return the bundle as a forger would leave it, with a manifest that fits."""
    files = {**files, **changed}
    manifest = json.loads(files["manifest.json"])
    hashes = {n: verifier.sha256(c).hexdigest() for n, c in files.items() if n != "manifest.json"}
    manifest["members"] = hashes
    del manifest["digest"]
    manifest["digest"] = verifier.sha256(verifier.canonical(manifest)).hexdigest()
    return {**files, "manifest.json": verifier.canonical(manifest) + b"\n"}


def test_a_forger_who_mends_the_manifest_is_found_by_the_chain(office, account, clock):
    files = members(bundled(office, account, clock))
    name = next(n for n in files if n.startswith("facts/") and b"Did you get my mail" in files[n])
    mail = f"mails/{name.partition('/')[2]}.eml"
    other = files[name].replace(b"Did you get my mail", b"Where is my damn ma")

    found = verifier.problems(remade(files, **{name: other, mail: verifier.eml(other)}))

    assert found[0] == f"{name}: is not what was logged"


def test_words_put_into_a_clients_mouth_are_found(office, account, clock):
    files = members(bundled(office, account, clock))
    report = files["report.json"].replace(b"Did you get my mail?", b"I never pay my bills!")
    assert report != files["report.json"]

    found = verifier.problems(remade(files, **{"report.json": report}))

    assert found
    assert all("does not say what is quoted from it: I never pay" in line for line in found)


def test_another_past_has_another_head(office, account, clock):
    files = members(bundled(office, account, clock))
    lines = files["chain.jsonl"].splitlines()
    forged, previous = [], "00" * 32
    for number, line in enumerate(lines[1:], 1):
        link = {**json.loads(line), "seq": number, "previous": previous}
        said = [link["seq"], link["at"], link["kind"], link["salted"], link["previous"]]
        previous = link["hash"] = verifier.sha256(verifier.canonical(said)).hexdigest()
        forged.append(verifier.canonical(link))
    chain = b"\n".join(forged) + b"\n"

    found = verifier.problems(remade(files, **{"chain.jsonl": chain}))

    assert "the chain does not end as the manifest says" in found


def test_a_mail_is_shown_as_it_came_without_its_attachments(office, account, clock):
    files = members(bundled(office, account, clock))
    mails = [message_from_bytes(c, policy=SMTP) for n, c in files.items() if n.endswith(".eml")]
    [mail] = [m for m in mails if m["Message-ID"] == "<pictures@fjord.example>"]

    plain = mail.get_body(("plain",))
    assert plain is not None
    assert "blåbær bluer. — Kari" in plain.get_content()
    assert mail["Subject"] == "Logo, blåbær"
    assert "[not kept: " in mail.as_string()
    assert "image/png, 2" in mail.as_string()
    assert b"Attachments are not kept" in files["report.html"]


def test_what_was_forgotten_is_no_longer_in_the_bundle_and_the_chain_is_whole(
    office, account, clock
):
    before = members(bundled(office, account, clock))
    assert account.ledger.forget(KARI, clock()).mails
    assert account.ledger.verify() == []

    files = members(bundle(account, papers.dossier_of(account, "fjord"), "en"))

    assert verifier.problems(files) == []
    assert any(name.startswith("mails/") for name in before)
    assert not any(name.startswith(("mails/", "facts/")) for name in files)
    assert len(files["chain.jsonl"].splitlines()) > len(before["chain.jsonl"].splitlines())
    assert b"Did you get my mail" not in b"".join(files.values())


def test_the_same_ledger_gives_the_same_bundle(office, account, clock):
    first = bundled(office, account, clock)

    assert bundle(account, papers.dossier_of(account, "fjord"), "en") == first


def test_what_is_no_zip_is_told_in_one_line(tmp_path):
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 no")
    for place in (broken, tmp_path / "nowhere.zip", tmp_path):
        is_whole, line = verifier.verdict(str(place))
        assert not is_whole
        assert line.startswith("NOT WHOLE: ")
        assert "\n" not in line


def test_the_verifier_is_written_for_old_pythons_and_asks_for_nothing():
    source = Path(verifier.__file__).read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 8))
    names = {
        name.name.partition(".")[0]
        for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    }  # fmt: skip
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert names | modules <= {*sys.stdlib_module_names, "collections.abc"}
    assert "removeprefix" not in source
    assert "removesuffix" not in source
    assert "zip(" not in source.replace("strict=", "")


@pytest.mark.parametrize("fact", [b"", b"\x00\x00\x00\x01x", bytes(range(64))])
def test_what_is_no_mail_is_no_mail(fact):
    with pytest.raises((ValueError, KeyError, IndexError)):
        verifier.eml(fact)


# --------------------------------------------------------------------------------------- the dossier


def test_a_dossier_quotes_what_was_written(office, account, clock):
    lived(office, account, clock)
    made = papers.dossier_of(account, "fjord")
    told = page(record(made, account.wording.words("en")), account.wording)

    assert "Did you get my mail? We need the answer today." in check(told, "en").text


def test_reminders_that_left_are_counted(office, account, clock, sink):
    lived(office, account, clock)
    [ask] = papers.dossier_of(account, "fjord").asks
    made = papers.dossier_of(account, "fjord", parting=True, reason="The work has ended.")

    assert ask.reminders == 0
    assert made.reason == "The work has ended."


# ----------------------------------------------------------------------------------------- letters


def letter(account: Account, change: date | None = None):
    return papers.letter_of(account, account.book.clients["fjord"], change)


def test_a_letter_is_laid_into_drafts_once_and_never_leaves(office, account, clock):
    client = account.book.clients["fjord"]
    reply, is_new = papers.lay_draft(account, client, letter(account))
    sending.lay_copies(account)
    again, is_new_again = papers.lay_draft(account, client, letter(account))
    sending.lay_copies(account)

    assert (is_new, is_new_again, again.id) == (True, False, reply.id)
    [draft] = office.lying("Drafts")
    assert draft["To"] == "Kari Nordmann <kari@fjord.example>"
    assert draft["Subject"] == "How we work together"
    assert draft["Auto-Submitted"] is None
    assert account.ledger.outbox.queued() == []


def test_a_letter_that_waits_for_the_folder_outlives_a_check_in(office, account, clock):
    reply, _ = papers.lay_draft(account, account.book.clients["fjord"], letter(account))
    at = clock.at("2026-03-02 10:00")
    slot = account.settings.owner.calendar.next_slot(at.replace(hour=9))
    assert slot is not None
    assert reply.id not in jobs.plan_of(account, slot).cancelled
    assert reply.id not in jobs.plan_of(account, slot).leaving


def test_a_letter_dropped_into_check_in_leaves_as_the_owners_own(office, account, clock, sink):
    office.port = sink.port
    account = office.open()
    reply, _ = papers.lay_draft(account, account.book.clients["fjord"], letter(account))
    sending.lay_copies(account)
    [file] = [
        *(office.maildir / ".Drafts").glob("*/*mailhours*"),
        *(office.maildir / ".Drafts" / "cur").iterdir(),
    ][:1]
    office.lay(file.read_bytes(), "Check-in", clock.at("2026-03-02 08:30"))
    at = clock.at("2026-03-02 10:00")
    slot = account.settings.owner.calendar.next_slot(at.replace(hour=9))

    released = held.release(account, slot, held.look(account))

    assert [one.subject for one in released.left] == ["How we work together"]
    assert account.ledger.outbox.state(reply.id) is ReplyState.CANCELLED
    account.close()


def test_a_change_of_terms_is_announced_with_its_day(account):
    told = letter(account, date(2026, 5, 4))

    assert told.subject == "What changes on 4 May 2026"
    assert "(until then: 2 working days)" in told.text


@pytest.mark.parametrize(
    ("day", "said"),
    [
        pytest.param(date(2026, 5, 5), "nothing changes for fjord", id="no change"),
        pytest.param(date(2026, 3, 2), "is not to come", id="today"),
    ],
)
def test_a_day_without_a_change_to_come_has_no_letter(account, day, said):
    with pytest.raises(UsageFault, match=said):
        letter(account, day)


def test_a_letter_without_an_address_says_what_to_write_into_the_file(office, clock, tmp_path):
    client = re.sub(r"roles = .*", 'roles = ["payer"]', CLIENT)
    account = office.open({"fjord": client})
    with pytest.raises(UsageFault, match="nobody has the role contact"):
        papers.lay_draft(account, account.book.clients["fjord"], letter(account))
    account.close()


# ------------------------------------------------------------------------------------ the commands


def command(office: Office, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mailhours", "--config", str(office.folder / "config"), *arguments],
        check=False, capture_output=True, text=True, encoding="utf-8", cwd=office.folder,
        env={**os.environ, "STATE_DIRECTORY": str(office.folder / "state")},
    )  # fmt: skip


def test_papers_are_made_on_the_command_line(office, clock):
    account = office.open()
    lived(office, account, clock)
    account.close()

    shown = command(office, "dossier", "fjord")
    assert shown.stdout.startswith("Record of the work with Fjord Coffee\n")
    assert json.loads(command(office, "dossier", "fjord", "--json").stdout)["kind"] == "dossier"
    made = command(office, "dossier", "fjord", "--bundle", "f.zip", "--html", "f.html")
    assert (made.returncode, made.stdout) == (0, "")
    assert (office.folder / "f.zip").stat().st_mode & 0o077 == 0
    assert bare(office.folder / "f.zip").returncode == 0
    parted = ("dossier", "fjord", "--parting", "--reason", "Das Projekt ist zu Ende.")
    assert "Das Projekt ist zu Ende." in command(office, *parted, "--language", "de").stdout
    assert "How we work together" in command(office, "letter", "fjord").stdout
    assert "10:00 and 15:00" in command(office, "signature").stdout
    drafted = command(office, "letter", "fjord", "--draft")
    assert "as a draft" in drafted.stderr
    assert [mail["Subject"] for mail in office.lying("Drafts")] == ["How we work together"]


def test_a_scorecard_is_made_on_the_command_line(office, account, clock):
    lived(office, account, clock)

    shown = command(office, "scorecard").stdout
    assert shown.startswith("Scorecard\nFor Dana Berg, ")
    assert "FJORD COFFEE\n" in shown
    assert "2 of 2: 100% (34% to 100%)" in shown or "Mails that press" in shown
    made = command(office, "scorecard", "fjord", "--html", "card.html", "--language", "de")
    assert (made.returncode, made.stdout) == (0, "")
    page = check((office.folder / "card.html").read_text("utf-8"), "de")
    assert "Mails, die drängen" in page.text
    assert (office.folder / "card.html").stat().st_mode & 0o077 == 0
    [found] = json.loads(command(office, "scorecard", "fjord", "--json").stdout)["clients"].values()
    assert set(found["scorecard"]["criteria"]) == {"involvement", "revisions", "scope"}


@pytest.mark.parametrize("name", ["summary", "dossier fjord", "letter fjord", "scorecard"])
def test_a_page_that_cannot_be_written_is_told_in_a_line(office, name):
    office.open().close()
    done = command(office, *name.split(), "--html", "nowhere/page.html")

    assert done.returncode == 75
    assert done.stderr.startswith("mailhours: nowhere/page.html: cannot be written: ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(("scorecard", "nobody"), "there is no client 'nobody'", id="no such card"),
        pytest.param(("dossier", "nobody"), "there is no client 'nobody'", id="no such client"),
        pytest.param(("dossier", "fjord", "--reason", "x"), "--parting", id="a reason alone"),
        pytest.param(("letter", "fjord", "--from", "May"), "is not a day", id="no day"),
        pytest.param(
            ("dossier", "fjord", "--language", "xx"),
            "languages: en, nb, hr, ru, de, fr, es",
            id="no language of a dossier",
        ),
        pytest.param(("scorecard", "--language", "xx"), "no language 'xx'", id="of scorecards"),
        pytest.param(("signature", "--language", "xx"), "no language 'xx'", id="of a signature"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(office, arguments, said):
    office.open().close()
    done = command(office, *arguments)

    assert done.returncode == 2
    assert said in done.stderr
