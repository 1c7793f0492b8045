"""What is wrong is told with its line, all at once, and in words that say what to do."""

from __future__ import annotations

import pytest

from configurations import FJORD, MAIN, complaints
from mailhours.model.faults import ConfigurationFault
from mailhours.settings.load import load


def main(old, new="", *expected):
    assert old in MAIN
    return {"mailhours.toml": MAIN.replace(old, new, 1)}, expected


def more(lines, *expected):
    return {"mailhours.toml": MAIN + lines}, expected


def client(lines, *expected):
    return {"clients/fjord.toml": FJORD + lines}, expected


def hours(lines, *expected):
    return main('check_ins = ["10:00", "15:00"]', lines, *expected)


M, F = "mailhours.toml", "clients/fjord.toml"

BROKEN = {
    # keys
    "a typing error in a key": main(
        "name =", "nmae =", f'{M}:2: owner.nmae: unknown key; did you mean "name"?'
    ),
    "a typing error in a needed table": main(
        "[hours]", "[hourse]", f'{M}:7: hourse: unknown key; did you mean "hours"?'
    ),
    "a typing error in a host": main(
        'host = "imap',
        'hsot = "imap',
        f'{M}:12: mailbox.main.hsot: unknown key; did you mean "host"?',
    ),
    "no name": main(
        'name = "Dana Berg"\n', "", f'{M}:1: owner.name: is missing; write name = "Dana Berg"'
    ),
    "a typing error in a table": main(
        "[submission]", "[submision]", f'{M}:15: submision: unknown key; did you mean "submission"?'
    ),
    "a key in the wrong table": main(
        'colleagues = ["kim@studio.example"]',
        "per_day = 4",
        f"{M}:4: owner.per_day: unknown key here; it belongs in [replies]",
    ),
    "a key nobody knows": main(
        'colleagues = ["kim@studio.example"]',
        "zzzz = 4",
        f"{M}:4: owner.zzzz: unknown key; known are address, aliases, colleagues,",
    ),
    "a key above its table": (
        {"mailhours.toml": 'holidays = "NO"\n' + MAIN},
        (f"{M}:1: holidays: unknown key here; it belongs in [hours]",),
    ),
    "a mailbox without a name": main(
        "[mailbox.main]",
        "[mailbox]",
        f"{M}:12: mailbox.host: must be a table; mailboxes have names: [mailbox.main]",
        f"{M}:13: mailbox.password: must be a table; mailboxes have names: [mailbox.main]",
    ),
    "a later edition": (
        {"mailhours.toml": "schema = 2\n" + MAIN},
        (f"{M}:1: schema: this mailhours reads schema = 1",),
    ),
    "an owner that is no table": (
        {"mailhours.toml": 'owner = "Dana"\n' + MAIN[MAIN.index("[hours]") :]},
        (f"{M}:1: owner: must be a table: [owner]",),
    ),
    # types
    "a number in quotes": main(
        'host = "imap',
        'port = "993"\nhost = "imap',
        f"{M}:12: mailbox.main.port: must be a whole number without quotes, like 3",
    ),
    "a port too large": main(
        'host = "imap',
        'port = 99300\nhost = "imap',
        f"{M}:12: mailbox.main.port: must be at most 65535",
    ),
    "a truth in quotes": main(
        'host = "imap',
        'idle = "yes"\nhost = "imap',
        f"{M}:12: mailbox.main.idle: must be true or false, without quotes",
    ),
    "text where a list belongs": hours(
        'check_ins = "10:00"', f'{M}:9: hours.check_ins: must be a list in square brackets: ["..."]'
    ),
    "a negative limit": more(
        "[replies]\nper_day = -1\n", f"{M}:19: replies.per_day: must be at least 0"
    ),
    "an empty name": main('"Dana Berg"', '" "', f"{M}:2: owner.name: is empty"),
    "a name of two lines": main(
        '"Dana Berg"',
        '"Dana\\nBcc: all@studio.example"',
        f"{M}:2: owner.name: must fit on one line",
    ),
    "a control character": main(
        '"Dana Berg"', '"Dana\\u0000"', f"{M}:2: owner.name: holds a control character"
    ),
    # words that must be known
    "an unknown time zone": main(
        "Europe/Oslo",
        "Europe/Olso",
        f'{M}:5: owner.timezone: unknown time zone "Europe/Olso"; did you mean "Europe/Oslo"?',
    ),
    "a city as a time zone": main(
        "Europe/Oslo",
        "Oslo",
        f'{M}:5: owner.timezone: unknown time zone "Oslo"; did you mean "Europe/Oslo"?',
    ),
    "a time zone that leaves its folder": main(
        "Europe/Oslo",
        "../../etc/passwd",
        f'{M}:5: owner.timezone: unknown time zone "../../etc/passwd"',
    ),
    "an unknown language": main(
        "timezone",
        'language = "Norwegian"\ntimezone',
        f'{M}:5: owner.language: unknown language "Norwegian"; did you mean "nb"?',
    ),
    "an unknown country": hours(
        'holidays = "Norway"',
        f'{M}:9: hours.holidays: unknown country "Norway"; did you mean "NO"?',
    ),
    "an unknown region": hours(
        'holidays = "DE-BX"', f'{M}:9: hours.holidays: unknown region "BX" of DE'
    ),
    "an unknown mode": more(
        '[replies]\nmode = "sent"\n',
        f'{M}:19: replies.mode: "sent" is not one of "shadow", "draft", "send"; did you mean "send"?',
    ),
    "an unknown kind of reply": more(
        '[replies]\nmodes = { acknowledgment = "draft" }\n',
        f'{M}:19: replies.modes.acknowledgment: "acknowledgment" is not one of',
    ),
    "an unknown mode of a kind": more(
        '[replies]\nmodes = { acknowledgement = "on" }\n',
        f'{M}:19: replies.modes.acknowledgement: "on" is not one of',
    ),
    "an unknown source": main(
        'host = "imap',
        'source = "pop3"\nhost = "imap',
        f'{M}:12: mailbox.main.source: "pop3" is not one of "imap", "maildir"',
    ),
    "an unknown security": main(
        'host = "imap',
        'security = "ssl"\nhost = "imap',
        f'{M}:12: mailbox.main.security: "ssl" is not one of "tls", "starttls", "none"',
    ),
    "an unknown database": more(
        '[storage]\ndatabase = "postgres"\n',
        f'{M}:19: storage.database: "postgres" is not one of "sqlite"',
    ),
    # times
    "a time without sense": hours(
        'check_ins = ["10:00", "25:00"]', f'{M}:9: hours.check_ins: "25:00" is no time of day'
    ),
    "a time with a dot": hours(
        'check_ins = ["10.00"]',
        f'{M}:9: hours.check_ins: "10.00" is not a time; write "10:00" or 10:00:00',
    ),
    "a time with seconds": hours(
        "check_ins = [10:00:30]", f"{M}:9: hours.check_ins: check-ins and hours are whole minutes"
    ),
    "a check-in twice": hours(
        'check_ins = ["10:00", 10:00:00]', f"{M}:9: hours.check_ins: 10:00:00 stands here twice"
    ),
    "no check-in at all": hours(
        "check_ins = []", f"{M}:9: hours.check_ins: without check-ins nothing ever leaves"
    ),
    "an item of a list over several lines": hours(
        'check_ins = [\n  "10:00",\n  # noon\n  "noon",\n]',
        f'{M}:12: hours.check_ins: "noon" is not a time',
    ),
    "a time span without end": main(
        '["09:00-17:00"]',
        '["09:00"]',
        f'{M}:8: hours.week.mon: "09:00" is not a time span; write "09:00-17:00"',
    ),
    "an empty time span": main(
        '["09:00-17:00"]',
        '["09:00-09:00"]',
        f'{M}:8: hours.week.mon: "09:00-09:00" is empty; a whole day is "00:00-24:00"',
    ),
    "time spans that overlap": main(
        '"13:00-17:00"', '"11:00-17:00"', f"{M}:8: hours.week.tue: two time spans overlap"
    ),
    "a night that runs into the next morning": main(
        '"09:00-17:00"',
        '"22:00-10:00"',
        f"{M}:8: hours.week.tue: begins before the hours of mon end after midnight",
    ),
    "a long name of a day": main(
        "mon =", "monday =", f'{M}:8: hours.week.monday: unknown key; did you mean "mon"?'
    ),
    "a week without days": main(
        'week = { mon = ["09:00-17:00"], tue = ["09:00-12:00", "13:00-17:00"] }',
        "week = {}",
        f"{M}:8: hours.week: has no day; write",
    ),
    "a week that never opens": main(
        'week = { mon = ["09:00-17:00"], tue = ["09:00-12:00", "13:00-17:00"] }',
        "week = { mon = [], tue = [] }",
        f"{M}:8: hours.week: never opens; write",
    ),
    "no week": main(
        'week = { mon = ["09:00-17:00"], tue = ["09:00-12:00", "13:00-17:00"] }\n',
        "",
        f"{M}:7: hours.week: is missing; write week =",
    ),
    # days
    "a day that is not in the calendar": hours(
        'closed = ["2026-02-30"]', f'{M}:9: hours.closed: "2026-02-30" is not in the calendar'
    ),
    "a range that ends before it begins": hours(
        'closed = ["2027-01-02..2026-12-24"]',
        f"{M}:9: hours.closed: 2027-01-02..2026-12-24 ends before it begins",
    ),
    "a range of years": hours(
        'closed = ["1999-01-01..2099-01-01"]',
        f"{M}:9: hours.closed: 1999-01-01..2099-01-01 is longer than a year",
    ),
    "a day of another age": hours(
        "closed = [9999-12-31]", f"{M}:9: hours.closed: 9999-12-31 is not between 1990 and 2100"
    ),
    "a half day that is closed": hours(
        'closed = ["2026-12-23"]\nhalf_days = { "2026-12-23" = ["09:00-12:00"] }',
        f"{M}:10: hours.half_days.2026-12-23: 2026-12-23 is in closed as well; keep one of the two",
    ),
    "a half day that is no day": hours(
        'half_days = { xmas = ["09:00-12:00"] }',
        f'{M}:9: hours.half_days.xmas: "xmas" is not a date; write 2026-12-24',
    ),
    "two hours from the same day": (
        {
            "mailhours.toml": MAIN.replace("[hours]", "[[hours]]\nfrom = 2026-01-01")
            + '[[hours]]\nfrom = 2026-01-01\ncheck_ins = ["12:00"]\n'
        },
        (f"{M}:20: hours.from: a second [[hours]] with from = 2026-01-01 (line 7)",),
    ),
    "two hours from always": (
        {
            "mailhours.toml": MAIN.replace("[hours]", "[[hours]]")
            + '[[hours]]\ncheck_ins = ["12:00"]\n'
        },
        (f"{M}:18: hours.from: a second [[hours]] with no from (line 7)",),
    ),
    # durations
    "a duration without unit": hours(
        'catch_up = "60"',
        f"{M}:9: hours.catch_up: '60' is not a duration; write a number and a unit, like \"3 min\"",
    ),
    "a duration as a number": hours(
        "catch_up = 60",
        f'{M}:9: hours.catch_up: must be a duration in quotes, like "3 min" or "1 business day"',
    ),
    "a business duration on the wall": hours(
        'catch_up = "1 business hour"',
        f'{M}:9: hours.catch_up: "1 business hour" needs a wall clock',
    ),
    "a duration of nothing": main(
        'host = "imap',
        'poll_every = "0 min"\nhost = "imap',
        f'{M}:12: mailbox.main.poll_every: "0 min" is not between 1 minute and',
    ),
    "a duration beyond all time": main(
        'host = "imap',
        'history = "99999999999999999 days"\nhost = "imap',
        f'{M}:12: mailbox.main.history: "99999999999999999 days" is not between 1 day and 3700 days',
    ),
    "a payment term without net": client(
        '[agreement]\npayment = "soon"\n',
        f'{F}:4: agreement.payment: "soon" is not a payment term; write "net 14"',
    ),
    # addresses
    "an address without domain": main(
        '"dana@studio.example"', '"dana"', f'{M}:3: owner.address: "dana" is not a mail address'
    ),
    "an address with a name": main(
        '["kim@studio.example"]', '["Kim <kim@studio.example>"]', f"{M}:4: owner.colleagues:"
    ),
    "a colleague who is oneself": main(
        '["kim@studio.example"]',
        '["dana@studio.example"]',
        f"{M}:4: owner.colleagues: dana@studio.example is your own address, not a colleague's",
    ),
    "a freemail domain": (
        {F: FJORD.replace("kari@fjord.example", "@gmail.com")},
        (
            f"{F}:2: addresses: everybody can have an address @gmail.com; list the client's addresses",
        ),
    ),
    "a client without addresses": (
        {F: 'name = "Fjord"\naddresses = []\n'},
        (f"{F}:2: addresses: is an empty list",),
    ),
    "a client that is empty": (
        {F: "# to be filled in\n"},
        (f"{F}:1: name: is missing; write", f"{F}:1: addresses: is missing; write"),
    ),
    "a client address that is one's own": (
        {F: FJORD.replace("kari@fjord", "dana+fjord@studio")},
        (f"{F}:2: addresses: dana+fjord@studio.example is your own address, not a client's",),
    ),
    "a client address that is a colleague's": (
        {F: FJORD.replace("kari@fjord", "Kim@Studio")},
        (f"{F}:2: addresses: kim@studio.example is a colleague's address, not a client's",),
    ),
    "a client domain that is one's own": (
        {F: FJORD.replace("kari@fjord", "@studio")},
        (
            f"{F}:2: addresses: @studio.example covers dana@studio.example, which is your own",
            f"{F}:2: addresses: @studio.example covers kim@studio.example, which is a colleague's",
        ),
    ),
    "a person at a domain": client(
        '[[person]]\naddress = "@fjord.example"\n',
        f'{F}:4: person.address: "@fjord.example" is not a mail address',
    ),
    "a person without address": client(
        '[[person]]\nname = "Kari"\n', f"{F}:3: person.address: is missing; write"
    ),
    "the second of two people": client(
        '[[person]]\naddress = "a@fjord.example"\n[[person]]\naddress = "b@fjord.example"\nroles = ["boss"]\n',
        f'{F}:7: person.roles: "boss" is not one of "contact", "approver", "payer", "copy-only"',
    ),
    "one person twice": client(
        '[[person]]\naddress = "a@fjord.example"\n[[person]]\naddress = "A@fjord.example"\n',
        f'{F}:6: person.address: "a@fjord.example" stands in line 4 already',
    ),
    "a summary for a client": more(
        '[summary]\nto = "kari@fjord.example"\n',
        f"{M}:19: summary.to: kari@fjord.example is an address of a client",
    ),
    "a summary for the domain of a client": (
        {
            "mailhours.toml": MAIN + '[summary]\nto = "x@fjord.example"\n',
            F: FJORD.replace("kari@", "@"),
        },
        (f"{M}:19: summary.to: x@fjord.example is an address of a client",),
    ),
    # clients
    "a contact who is a stranger": client(
        '[agreement]\ncontact = "dona@studio.example"\n',
        f'{F}:4: agreement.contact: "dona@studio.example" is neither yours nor a colleague\'s; did you mean "dana@studio.example"?',
    ),
    "an unknown clause": client(
        '[agreement]\nclauses = { feedbak = "4.2" }\n',
        f'{F}:4: agreement.clauses.feedbak: "feedbak" is not one of',
    ),
    "an unknown form": client(
        'form = "polite"\n', f'{F}:3: form: "polite" is not one of "formal", "informal"'
    ),
    "two agreements from the same day": client(
        "[[agreement]]\nfrom = 2026-01-01\n[[agreement]]\nfrom = 2026-01-01\n",
        f"{F}:6: agreement.from: a second [[agreement]] with from = 2026-01-01 (line 3)",
    ),
    "a project twice": client(
        '[[project]]\nkey = "web"\n[[project]]\nkey = "web"\n',
        f'{F}:6: project.key: "web" stands in line 4 already',
    ),
    "a project key with spaces": client(
        '[[project]]\nkey = "web site"\n',
        f"{F}:4: project.key: must be a short name without spaces",
    ),
    "an invoice of no project": client(
        '[[project]]\nkey = "web"\n[[invoice]]\nnumber = "1"\nproject = "wbe"\nissued = 2026-02-01\ndue = 2026-02-15\namount = "10 EUR"\n',
        f'{F}:7: invoice.project: there is no [[project]] "wbe"; did you mean "web"?',
    ),
    "an invoice without due": client(
        '[[invoice]]\nnumber = "1"\nissued = 2026-02-01\namount = "10 EUR"\n',
        f"{F}:3: invoice.due: is missing; write due = 2026-02-15, or payment",
    ),
    "an invoice due before it was issued": client(
        '[[invoice]]\nnumber = "1"\nissued = 2026-02-01\ndue = 2026-01-15\namount = "10 EUR"\n',
        f"{F}:6: invoice.due: 2026-01-15 is before it was issued (2026-02-01)",
    ),
    "an amount without currency": client(
        '[[invoice]]\nnumber = "1"\nissued = 2026-02-01\ndue = 2026-02-15\namount = 1200.5\n',
        f'{F}:7: invoice.amount: "1200.5" is not an amount; write "1200.00 EUR"',
    ),
    "an amount with thousands": client(
        '[[invoice]]\nnumber = "1"\nissued = 2026-02-01\ndue = 2026-02-15\namount = "1.200,00 EUR"\n',
        f'{F}:7: invoice.amount: "1.200,00 EUR" is not an amount',
    ),
    "an invoice twice": client(
        '[[invoice]]\nnumber = "1"\nissued = 2026-02-01\ndue = 2026-02-15\namount = "1 EUR"\n' * 2,
        f'{F}:9: invoice.number: "1" stands here twice',
    ),
    "invoices that are not there": client(
        'invoices = "none.csv"\n', f"{F}:3: invoices: there is no file"
    ),
    # servers and secrets
    "no host": main(
        'host = "imap.studio.example"\n', "", f"{M}:11: mailbox.main.host: is missing; write host ="
    ),
    "no password": main(
        'password = "credential:imap"\n',
        "",
        f"{M}:11: mailbox.main.password: is missing; write password =",
    ),
    "a password and a token": main(
        'password = "credential:imap"',
        'password = "credential:imap"\ntoken_command = "oauth"',
        f"{M}:14: mailbox.main.token_command: stands beside password; keep one of the two",
    ),
    "an open connection": main(
        'host = "smtp.studio.example"',
        'security = "none"\nhost = "smtp.studio.example"',
        f'{M}:16: submission.security: "none" would show the password to everybody',
    ),
    "a host that is an address of the web": main(
        '"imap.studio.example"',
        '"https://imap.studio.example"',
        f'{M}:12: mailbox.main.host: "https://imap.studio.example" is not the name of a server',
    ),
    "a maildir without path": main(
        'host = "imap',
        'source = "maildir"\nhost = "imap',
        f"{M}:11: mailbox.main.path: is missing; write path =",
    ),
    "no mailbox": (
        {"mailhours.toml": MAIN[: MAIN.index("[mailbox")]},
        (f"{M}:1: mailbox: is missing; write [mailbox.main]",),
    ),
    "a password in the file": main(
        '"credential:imap"',
        '"hunter2-secret"',
        f"{M}:13: mailbox.main.password: a password does not belong in this file; refer to it:",
    ),
    "a typing error in a reference": main(
        '"credential:imap"',
        '"credentail:imap"',
        f"{M}:13: mailbox.main.password: a password does not belong in this file; refer to it:",
    ),
    "a credential with a path": main(
        '"credential:imap"',
        '"credential:../imap"',
        f"{M}:13: mailbox.main.password: a credential is a name, not a path",
    ),
    "a command with half a quote": main(
        '"credential:imap"',
        '"command:pass \'imap"',
        f"{M}:13: mailbox.main.password: the quotes inside the command do not match",
    ),
    "send without a submission server": (
        {"mailhours.toml": MAIN[: MAIN.index("[submission]")] + '[replies]\nmode = "send"\n'},
        (f'{M}:16: replies.mode: "send" needs a [submission] server',),
    ),
    # files that are not TOML
    "a time without quotes": hours(
        "check_ins = [10:00, 15:00]", f'{M}:9: a time needs quotes: "10:00" (or seconds: 10:00:00)'
    ),
    "text without quotes": main(
        '"Dana Berg"', "Dana Berg", f'{M}:2: the value is not understood; text needs quotes: "text"'
    ),
    "curly quotes": main(
        '"Dana Berg"', "“Dana Berg”", f'{M}:2: curly quotes; use straight ones: "text"'
    ),
    "a backslash": main(
        '"Dana Berg"', '"C:\\mail"', f"{M}:2: a backslash inside double quotes; use single quotes"
    ),
    "a key twice": main(
        'name = "Dana Berg"',
        'name = "Dana Berg"\nname = "D. Berg"',
        f"{M}:3: stands here for the second time",
    ),
    "a table twice": more("[owner]\n", f"{M}:18: stands here for the second time"),
    "a list that does not end": more('[summary]\nto = ["a"\n', f"{M}:19: "),
    "a number of thousands of digits": more(
        f"[replies]\nper_day = {'9' * 5000}\n", f"{M}:19: is not TOML"
    ),
    "a list a thousand deep": more(
        "x = " + "[" * 5000 + "]" * 5000, f"{M}:1: is nested too deeply"
    ),
    "a file in Latin-1": (
        {F: FJORD.encode() + 'form = "formal" # für\n'.encode("latin-1")},
        (f"{F}:3: byte 0xfc is not UTF-8; save the file as UTF-8",),
    ),
    "a file in UTF-16": (
        {F: FJORD.encode("utf-16")},
        (f"{F}:1: is saved as UTF-16; save it as UTF-8",),
    ),
    "phrases that are not TOML": (
        {"phrases.d/own.toml": "[nb]\nnudge = purring\n"},
        ("phrases.d/own.toml:2: the value is not understood",),
    ),
    "an enormous file": ({F: "#" * 1_100_000}, (f"{F}:1: is larger than 1 MB",)),
}


@pytest.mark.parametrize(("files", "expected"), BROKEN.values(), ids=BROKEN.keys())
def test_each_mistake_is_told_with_its_line(tmp_path, files, expected):
    found = complaints(tmp_path, files)

    assert len(found) == len(expected), found
    for line, beginning in zip(found, expected, strict=True):
        assert line.startswith(beginning)


def test_ten_mistakes_in_one_file_are_ten_lines(tmp_path):
    text = """\
[owner]
nmae = "Dana Berg"
address = "dana"
timezone = "Europe/Olso"
[hours]
week = { mon = ["09:00-17:00", "16:00-18:00"] }
check_ins = ["10:00", "noon"]
holidays = "Norway"
[mailbox.main]
port = "993"
password = "hunter2"
[replies]
mode = "sent"
"""

    found = complaints(tmp_path, {"mailhours.toml": text})

    lines = [int(line.split(":")[1]) for line in found]
    assert lines == [2, 3, 4, 6, 7, 8, 9, 10, 11, 13]  # line 9: no host
    assert "hunter2" not in "\n".join(found)


def test_mistakes_of_several_files_are_told_at_once_the_main_file_first(tmp_path):
    found = complaints(
        tmp_path,
        {
            "mailhours.toml": MAIN.replace("Europe/Oslo", "Europe/Olso"),
            "clients/acme.toml": 'name = "Acme"\n',
            "clients/fjord.toml": FJORD + "form = 3\n",
        },
    )

    assert [line.rsplit(":", 2)[0].split(": ")[0] for line in found] == [
        "mailhours.toml:5",
        "clients/acme.toml:1",
        "clients/fjord.toml:3",
    ]


def test_a_client_file_is_checked_though_the_main_file_is_not_toml(tmp_path):
    found = complaints(tmp_path, {"mailhours.toml": "[owner\n", F: FJORD + 'fomr = "formal"\n'})

    assert found[0].startswith("mailhours.toml:1: ")
    assert found[1] == f'{F}:3: fomr: unknown key; did you mean "form"?'


@pytest.mark.parametrize(
    ("acme", "fjord"),
    [
        pytest.param('["KARI@fjord.example"]', '["kari@fjord.example"]', id="the same address"),
        pytest.param('["@fjord.example"]', '["kari@fjord.example"]', id="an address of the domain"),
        pytest.param('["@fjord.example"]', '["@fjord.example"]', id="the same domain"),
    ],
)
def test_an_address_of_two_clients_names_both_files(tmp_path, acme, fjord):
    files = {
        "clients/acme.toml": f'name = "Acme"\naddresses = {acme}\n',
        "clients/fjord.toml": f'name = "Fjord"\n\naddresses = {fjord}\n',
    }

    found = complaints(tmp_path, files)

    assert len(found) == 1
    assert found[0].startswith(f"{F}:3: addresses: ")
    assert f"{tmp_path}/clients/acme.toml:2" in found[0]


def test_an_invoice_number_of_two_clients_names_both(tmp_path):
    invoice = '[[invoice]]\nnumber = "7"\nissued = 2026-02-01\ndue = 2026-02-15\namount = "1 EUR"\n'
    files = {
        "clients/acme.toml": 'name = "Acme"\naddresses = ["@acme.example"]\n' + invoice,
        F: FJORD + invoice,
    }

    assert complaints(tmp_path, files) == [
        f'{F}:4: invoice.number: "7" is an invoice of acme already: {tmp_path}/clients/acme.toml:4'
    ]


def test_a_csv_of_invoices_is_checked_line_by_line(tmp_path):
    files = {
        F: FJORD + 'invoices = "fjord.csv"\n',
        "fjord.csv": "number;issued;due;amount\n"
        "1;2026-02-01;2026-02-15;10,50 EUR\n"
        "2;01.02.2026;2026-02-15;10 EUR\n"
        "\n"
        "3;2026-02-01;2026-01-15;10 EUR\n"
        '"4\n5";2026-02-01;2026-02-15;10\n'
        "6;2026-02-01;2026-02-15;\n",
    }

    assert complaints(tmp_path, files) == [
        'fjord.csv:3: issued: "01.02.2026" is not a date; write 2026-12-24',
        "fjord.csv:5: due: 2026-01-15 is before it was issued (2026-02-01)",
        "fjord.csv:6: number: must fit on one line",
        'fjord.csv:6: amount: "10" is not an amount; write "1200.00 EUR"',
        'fjord.csv:8: amount: "" is not an amount; write "1200.00 EUR"',
    ]


def test_a_csv_without_its_columns_says_which(tmp_path):
    files = {F: FJORD + 'invoices = "fjord.csv"\n', "fjord.csv": "nr,issued,amount\n1,,\n"}

    found = complaints(tmp_path, files)

    assert found == [
        (
            "fjord.csv:1: number: no such column; "
            "the columns are number, project, issued, due, amount, paid"
        )
    ]


def test_a_file_that_is_wrong_from_end_to_end_is_not_told_line_by_line(tmp_path):
    found = complaints(tmp_path, {F: FJORD + "".join(f"k{n} = {n}\n" for n in range(500))})

    assert len(found) == 101
    assert found[-1].endswith("and 400 more like these")


def test_a_directory_that_is_not_there_is_said(tmp_path):
    with pytest.raises(ConfigurationFault, match="there is no such folder; run mailhours init"):
        load(tmp_path / "nowhere", {})


def test_a_directory_without_the_main_file_is_said(tmp_path):
    with pytest.raises(ConfigurationFault, match=r"mailhours.toml:1: is not there; run mailhours"):
        load(tmp_path, {})


def test_a_client_file_with_a_name_that_is_no_key_is_said(tmp_path):
    found = complaints(
        tmp_path, {"clients/the client.toml": 'name = "T"\naddresses = ["@t.example"]\n'}
    )

    assert found == [
        (
            'clients/the client.toml:1: the file name is the client\'s key; "the client" has spaces or '
            "signs in it"
        )
    ]
