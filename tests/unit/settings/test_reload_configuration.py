"""Changes: seen by the fingerprint, told in words."""

from __future__ import annotations

import os
from datetime import date

import pytest

from configurations import FJORD, MAIN, loaded, write
from mailhours.settings.reload import changes, fingerprint

TODAY = date(2026, 11, 21)


def rewrite(path, text):
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    os.utime(path, ns=(before + 1_000_000, before + 1_000_000))


@pytest.mark.parametrize(
    "name",
    [
        "mailhours.toml",
        "clients/fjord.toml",
        "clients/new.toml",
        "templates/a.txt",
        "phrases.d/own.toml",
    ],
)
def test_the_fingerprint_changes_with_every_file(tmp_path, name):
    write(tmp_path)
    before = fingerprint(tmp_path)

    rewrite(tmp_path / name, "changed")

    assert fingerprint(tmp_path) != before


def test_the_fingerprint_stays_when_nothing_happens(tmp_path):
    write(tmp_path, {"templates/nb/a.txt": "a"})

    assert fingerprint(tmp_path) == fingerprint(tmp_path)


def test_the_fingerprint_sees_a_file_replaced_by_another_of_the_same_size_and_time(tmp_path):
    write(tmp_path)
    path = tmp_path / "mailhours.toml"
    before, seen = fingerprint(tmp_path), path.stat()
    (tmp_path / "new").write_text(path.read_text().replace("Dana", "Dora"))
    (tmp_path / "new").replace(path)
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))

    assert fingerprint(tmp_path) != before


def test_the_fingerprint_follows_invoices_in_other_places(tmp_path):
    settings = loaded(
        tmp_path,
        {
            "clients/fjord.toml": FJORD + 'invoices = "books/fjord.csv"\n',
            "books/fjord.csv": "number,issued,due,amount\n",
        },
    )
    before = fingerprint(tmp_path, settings.files)

    rewrite(tmp_path / "books/fjord.csv", "number,issued,due,amount\n1,,,\n")

    assert fingerprint(tmp_path, settings.files) != before


def test_the_fingerprint_of_nothing_is_one_too(tmp_path):
    assert fingerprint(tmp_path / "nowhere")


def told(tmp_path, before, after, today=TODAY):
    return changes(loaded(tmp_path / "old", before), loaded(tmp_path / "new", after), today)


def test_nothing_changed_is_nothing_told(tmp_path):
    assert told(tmp_path, {}, {"mailhours.toml": "# a remark\n" + MAIN}) == ()


def test_a_changed_value_is_told_with_its_line(tmp_path):
    after = MAIN.replace('["10:00", "15:00"]', '["11:00"]')

    assert told(tmp_path, {}, {"mailhours.toml": after + '[summary]\nat = "17:00"\n'}) == (
        "mailhours.toml:9: hours.check_ins: 10:00, 15:00 -> 11:00",
        "mailhours.toml:19: summary.at: 16:45 -> 17:00",
    )


def test_new_and_lost_clients_are_told(tmp_path):
    acme = {"clients/acme.toml": 'name = "Acme"\naddresses = ["@acme.example"]\n'}

    assert told(tmp_path / "a", {}, acme) == ("clients/acme.toml: new",)
    assert told(tmp_path / "b", acme, {}) == ("clients/acme.toml: taken away",)


def test_texts_are_told_by_name(tmp_path):
    found = told(
        tmp_path,
        {"templates/a": "1", "templates/b": "1", "phrases.d/x.toml": ""},
        {"templates/a": "2", "templates/c": "1", "phrases.d/x.toml": ""},
    )

    assert found == ("templates/a: changed", "templates/b: taken away", "templates/c: new")


def test_other_invoices_in_a_csv_are_told(tmp_path):
    client = {"clients/fjord.toml": FJORD + 'invoices = "a.csv"\n'}
    head = "number,issued,due,amount\n"

    found = told(
        tmp_path,
        {**client, "a.csv": head},
        {**client, "a.csv": head + "1,2026-01-01,2026-01-02,1 EUR\n"},
    )

    assert found == ("clients/fjord.toml: other invoices",)


AGREED = FJORD + '[[agreement]]\nfrom = 2026-01-01\nanswer_within = "1 business day"\n'


def warnings(found):
    return [line for line in found if line.startswith("warning:")]


def test_an_agreement_that_was_in_force_and_is_edited_is_warned_about(tmp_path):
    after = AGREED.replace("1 business day", "2 business days")

    found = told(tmp_path, {"clients/fjord.toml": AGREED}, {"clients/fjord.toml": after})

    assert found[0] == (
        "clients/fjord.toml:5: agreement[from 2026-01-01].answer_within: "
        "1 business day -> 2 business days"
    )
    assert warnings(found) == [
        (
            "warning: clients/fjord.toml:3: [[agreement]] from 2026-01-01 was edited though it was in "
            "force: old mail is judged by other terms now; add a [[agreement]] with from = DATE instead"
        )
    ]


def test_a_new_agreement_beside_the_old_is_not_warned_about(tmp_path):
    after = AGREED + '[[agreement]]\nfrom = 2026-12-01\nanswer_within = "2 business days"\n'

    assert not warnings(
        told(tmp_path, {"clients/fjord.toml": AGREED}, {"clients/fjord.toml": after})
    )


def test_an_agreement_that_lies_ahead_may_be_edited(tmp_path):
    before = AGREED.replace("2026-01-01", "2026-12-01")
    after = before.replace("1 business day", "2 business days")
    files = {"clients/fjord.toml": before}, {"clients/fjord.toml": after}

    assert not warnings(told(tmp_path / "a", *files))
    assert warnings(told(tmp_path / "b", *files, today=None))


def test_an_agreement_taken_away_is_warned_about(tmp_path):
    found = told(tmp_path, {"clients/fjord.toml": AGREED}, {})

    assert "was taken away though it was in force" in warnings(found)[0]


def test_another_week_is_warned_about_and_other_check_ins_are_not(tmp_path):
    week = MAIN.replace('mon = ["09:00-17:00"]', 'mon = ["09:00-16:00"]')
    check_ins = MAIN.replace('"10:00", ', "")

    assert warnings(told(tmp_path / "a", {}, {"mailhours.toml": week}))
    assert not warnings(told(tmp_path / "b", {}, {"mailhours.toml": check_ins}))
