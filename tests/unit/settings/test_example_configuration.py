"""The example in config/ is complete, explained and right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mailhours.settings.load import load
from mailhours.settings.schema import ClientFile, MainFile, Table, Week
from mailhours.settings.validation import named, table_of

CONFIG = Path(__file__).parents[3] / "config"
KEY = re.compile(r"^(?:# )?([a-z_]+) = .*")
HEAD = re.compile(r"^(?:# )?\[+([a-z_.]+)\]+")


def keys(model: type[Table], above: str = "") -> set[str]:
    found = set()
    for name, field in model.model_fields.items():
        key = above + (field.alias or name)
        inner = table_of(field.annotation)
        if inner is None or inner is Week:
            found.add(key)
        else:
            found |= keys(inner, f"{key}.NAME." if named(field.annotation) else f"{key}.")
    return found


def written(path: Path) -> dict[str, str]:
    """Return the keys of an example, commented-out ones too, with what is said about them."""
    found, table, above = {}, "", ""
    for line in path.read_text().splitlines():
        if head := HEAD.match(line):
            table = head[1].replace("mailbox.main", "mailbox.NAME") + "."
        elif key := KEY.match(line):
            remark = line.partition("   # ")[2] or line.partition("  # ")[2]
            found[table + key[1]] = remark or above
        above = line if line.startswith("#") else ""
    return found


@pytest.mark.parametrize(
    ("model", "name"),
    [(MainFile, "mailhours.toml"), (ClientFile, "clients/fjord.toml")],
)
def test_every_key_is_in_the_example_and_every_key_of_the_example_exists(model, name):
    assert set(written(CONFIG / name)) == keys(model)


def test_the_example_loads(tmp_path):
    settings = load(CONFIG, {})

    assert [client.key for client in settings.clients] == ["adler", "fjord", "harbour", "marta"]
    assert settings.warnings == ()
    assert [invoice.number for invoice in settings.clients[2].invoices] == ["2026-022", "2026-029"]


def test_the_minimal_example_loads():
    assert load(CONFIG / "minimal", {}).account == "dana@studio.example"


def test_what_the_example_calls_a_default_is_one():
    given = load(CONFIG, {})
    minimal = load(CONFIG / "minimal", {})

    assert given.thresholds == minimal.thresholds
    assert given.keep == minimal.keep
    assert given.catch_up == minimal.catch_up
    assert given.summary_at == minimal.summary_at
    (box,), (least,) = given.mailboxes, minimal.mailboxes
    assert (box.folders, box.held, box.poll_every, box.idle, box.history, box.source) == (
        least.folders,
        least.held,
        least.poll_every,
        least.idle,
        least.history,
        least.source,
    )
    assert given.policy.per_day == minimal.policy.per_day
    assert given.owner.calendar.hours[0].check_ins == minimal.owner.calendar.hours[0].check_ins
