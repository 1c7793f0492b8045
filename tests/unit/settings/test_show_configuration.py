"""`check --show`: every value with its source, and the days that follow from it."""

from __future__ import annotations

from datetime import date

from configurations import FJORD, MAIN, loaded
from mailhours.settings.show import show

TODAY = date(2026, 11, 21)


def test_each_value_has_its_line_or_is_a_default(tmp_path):
    lines = show(loaded(tmp_path), TODAY)

    assert lines[0] == f"configuration in {tmp_path}"
    assert "owner.name = Dana Berg  [mailhours.toml:2]" in lines
    assert "owner.language = en  [default]" in lines
    assert "hours.week = mon 09:00-17:00, tue 09:00-12:00 13:00-17:00  [mailhours.toml:8]" in lines
    assert "hours.catch_up = as before, else 1 hour  [default]" in lines
    assert "mailbox.main.password = credential:imap  [mailhours.toml:13]" in lines
    assert "mailbox.main.poll_every = 3 minutes  [default]" in lines
    assert "summary.to = the owner's address  [default]" in lines
    assert "clients/fjord.toml name = Fjord Coffee AS  [clients/fjord.toml:1]" in lines
    assert "clients/fjord.toml timezone = the owner's  [default]" in lines


def test_tables_of_a_list_are_told_apart(tmp_path):
    people = '[[person]]\naddress = "a@fjord.example"\n[[person]]\naddress = "b@fjord.example"\n'
    dated = '[[agreement]]\n[[agreement]]\nfrom = 2027-01-01\npayment = "net 14"\n'

    lines = show(loaded(tmp_path, {"clients/fjord.toml": FJORD + people + dated}), TODAY)

    name = "clients/fjord.toml"
    assert f"{name} person[b@fjord.example].address = b@fjord.example  [{name}:6]" in lines
    assert f"{name} agreement[from 2027-01-01].payment = 14 days  [{name}:10]" in lines


def test_arguments_of_commands_are_masked(tmp_path):
    main = MAIN.replace("credential:imap", "command:pass --token abc123 mail")

    text = "\n".join(show(loaded(tmp_path, {"mailhours.toml": main}), TODAY))

    assert "command:pass ..." in text
    assert "abc123" not in text


def test_check_ins_and_a_year_of_closed_days_follow(tmp_path):
    main = MAIN.replace("[hours]", '[hours]\nholidays = "NO"\nclosed = ["2026-12-22"]')
    files = {"mailhours.toml": main, "clients/fjord.toml": FJORD + 'holidays = "none"\n'}

    lines = show(loaded(tmp_path, files), TODAY)

    assert "check-ins: 10:00, 15:00 Europe/Oslo (mon, tue)" in lines
    start = lines.index("closed days of the next twelve months, 2026-11-21 to 2027-11-21:")
    assert lines[start + 1 :] == (
        "  2026-12-22 tue closed",
        "  2027-03-29 mon Easter Monday",
        "  2027-05-17 mon Constitution Day; Pentecost Monday",
        "closed days of fjord: none",
    )
