"""Whatever stands in the files, `load` returns Settings or raises ConfigurationFault."""

from __future__ import annotations

import tempfile
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from configurations import FJORD, MAIN, write
from mailhours.model.faults import ConfigurationFault
from mailhours.settings import lines
from mailhours.settings.documents import Document
from mailhours.settings.load import load
from mailhours.settings.schema import ClientFile, MainFile
from mailhours.settings.validation import keys, named, table_of


def attempt(files):
    with tempfile.TemporaryDirectory() as folder:
        for problem in problems(write(Path(folder), files)):
            path = Path(problem.file)
            assert path.is_relative_to(folder)
            assert "\n" not in str(problem)
            size = path.read_bytes().count(b"\n") + 1 if path.is_file() else 1
            assert 1 <= problem.line <= size


def problems(folder):
    try:
        load(folder, {})
    except ConfigurationFault as fault:
        return fault.problems or [None]
    return []


NAMES = st.sampled_from(["mailhours.toml", "clients/fjord.toml", "phrases.d/x.toml", "a.csv"])


@given(name=NAMES, content=st.binary(max_size=300))
def test_any_bytes(name, content):
    attempt({"clients/fjord.toml": FJORD + 'invoices = "a.csv"\n', "a.csv": "", name: content})


@given(
    at=st.integers(0, len(MAIN)),
    cut=st.integers(0, 20),
    put=st.text("[]{}\"'=\n#.,: \\09azæ\u202e\x00", max_size=8),
)
def test_the_good_file_with_any_typing_error(at, cut, put):
    attempt({"mailhours.toml": MAIN[:at] + put + MAIN[at + cut :]})


SCALARS = st.one_of(
    st.booleans().map(lambda b: str(b).lower()),
    st.integers(-(2**70), 2**70).map(str),
    st.floats().map(str).map(lambda f: f.replace("inf", "inf")),
    st.dates().map(str),
    st.datetimes().map(lambda d: d.isoformat()),
    st.times().map(str),
    st.sampled_from(
        [
            "NO",
            "DE-BY",
            "10:00",
            "09:00-17:00",
            "1 day",
            "net 14",
            "dana@studio.example",
            "@x.y",
            "credential:x",
            "en",
            "2026-01-01",
            "2026-01-01..2026-01-05",
            "send",
            "web",
            "1 EUR",
            "",
        ]
    ).map(lambda s: f'"{s}"'),
    st.text(max_size=12).map(
        lambda s: (
            '"' + "".join(f"\\U{ord(c):08x}" for c in s if not 0xD800 <= ord(c) < 0xE000) + '"'
        )
    ),
)


def known(model):
    found = set(keys(model)) | {"mon", "2026-01-01", "feedback", "acknowledgement", "main"}
    for field in model.model_fields.values():
        inner = table_of(field.annotation)
        if inner and not named(field.annotation):
            found.update(known(inner))
        elif inner:
            found.update(keys(inner))
    return sorted(found)


KEYS = st.one_of(
    st.sampled_from(known(MainFile) + known(ClientFile)), st.text("abc_-", min_size=1, max_size=5)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda v: f"[{', '.join(v)}]"),
        st.dictionaries(KEYS, inner, max_size=3).map(
            lambda d: "{ " + ", ".join(f'"{k}" = {v}' for k, v in d.items()) + " }"
        ),
    ),
    max_leaves=6,
)
HEADS = st.sampled_from(
    [
        "",
        "[owner]",
        "[[hours]]",
        "[hours]",
        "[[agreement]]",
        "[mailbox]",
        "[mailbox.main]",
        "[mailbox.main.x]",
        "[submission]",
        "[replies]",
        "[replies.modes]",
        "[summary]",
        "[patterns]",
        "[[person]]",
        "[[project]]",
        "[[invoice]]",
        "[handover]",
        "[payment]",
        "[storage]",
    ]
)
TABLES = st.lists(st.tuples(HEADS, st.dictionaries(KEYS, VALUES, max_size=4)), max_size=5).map(
    lambda ts: "\n".join(f"{h}\n" + "".join(f'"{k}" = {v}\n' for k, v in d.items()) for h, d in ts)
)


@given(name=st.sampled_from(["mailhours.toml", "clients/fjord.toml"]), text=TABLES)
def test_any_toml(name, text):
    attempt({name: text})


@given(
    key=KEYS,
    value=VALUES,
    head=HEADS,
    name=st.sampled_from(["mailhours.toml", "clients/fjord.toml"]),
)
def test_the_good_files_with_any_key_added(key, value, head, name):
    good = MAIN if name == "mailhours.toml" else FJORD
    attempt({name: f"{good}{head}\n{key} = {value}\n"})


@given(text=TABLES)
def test_every_key_of_any_toml_has_its_line(text):
    try:
        data = tomllib.loads(text)
    except ValueError:
        return
    found = lines.find(text)
    rows = text.split("\n")

    def visit(value, path):
        if path:
            assert path in found, path
            last = next(part for part in reversed(path) if isinstance(part, str))
            assert last in rows[found[path] - 1]
        for part, below in (
            value.items()
            if isinstance(value, dict)
            else enumerate(value)
            if isinstance(value, list)
            else ()
        ):
            visit(below, (*path, part))

    visit(data, ())
    assert Document("f", "f", text, data).line(("nowhere", 3)) == 1


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        pytest.param('a = 1\n"b.c" = 2\n', ("b.c",), 2, id="a quoted key"),
        pytest.param("a.b.c = 1\n", ("a", "b", "c"), 1, id="a dotted key"),
        pytest.param('a = """\nx = 1\n""""\nx = 2\n', ("x",), 4, id="after five quotes"),
        pytest.param("a = '''\nx = 1\n'''\nx = 2\n", ("x",), 4, id="after a literal of lines"),
        pytest.param("# x = 1\nx = '#'\ny = 1", ("y",), 3, id="after a sign in a text"),
        pytest.param("x = [\n [1,\n 2],\n # no\n 3]\n", ("x", 0, 1), 3, id="a list in a list"),
        pytest.param("x = [\n [1,\n 2],\n # no\n 3]\n", ("x", 1), 5, id="after a list in a list"),
        pytest.param("[[a]]\n[[a]]\n[[a.b]]\nc = 1\n", ("a", 1, "b", 0, "c"), 4, id="nested lists"),
        pytest.param("[[a]]\n[a.b]\nc = 1\n", ("a", 0, "b", "c"), 3, id="a table of the last item"),
        pytest.param(
            "[ a . b ]\nc = { d = { e = 1 } }\n", ("a", "b", "c", "d", "e"), 2, id="spaces"
        ),
        pytest.param("[a]\nx = 1\n", ("a", 0, "x"), 2, id="a single table as a list of one"),
        pytest.param("[a]\nx = 1\n", ("a", "y"), 1, id="a key that is missing"),
        pytest.param("d = 1979-05-27T07:32:00.5+01:00\nx = 0x1F\n", ("x",), 2, id="dates"),
    ],
)
def test_where_a_key_stands(text, path, line):
    tomllib.loads(text)

    assert lines.line_of(lines.find(text), path) == line
