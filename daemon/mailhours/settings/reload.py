"""Changed files: seen cheaply at every tick, and told in words when they take effect."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

from mailhours.settings.documents import Document, names
from mailhours.settings.schema import AgreementTable, ClientFile, HoursTable, MainFile
from mailhours.settings.show import Entry, entries
from mailhours.settings.values import Settings

# What past mail is judged by; check-ins, catch-up and single days of the owner judge nothing.
JUDGED = ("week", "holidays")


def fingerprint(directory: Path, others: Iterable[Path] = ()) -> str:
    """Return a text that changes when a file of the configuration does; reads no file.

    `others` are files outside the fixed names: pass `Settings.files` so that invoices in CSV count.
    Take it before `load`, so that a file saved during the load is loaded once more. Never raises.
    """
    try:
        paths = set(names(os.fspath(directory)))
    except OSError:
        paths = {os.fspath(directory)}
    paths.update(os.fspath(path) for path in others)
    facts: list[tuple[object, ...]] = []
    for path in sorted(paths):
        try:
            seen = os.stat(path)  # noqa: PTH116 - at every tick, for every client
        except (OSError, ValueError):
            facts.append((path,))
        else:
            facts.append((path, seen.st_mtime_ns, seen.st_size, seen.st_ino, seen.st_mode))
    return hashlib.sha256(repr(facts).encode("utf-8", "backslashreplace")).hexdigest()


def changes(old: Settings, new: Settings, today: date | None = None) -> tuple[str, ...]:
    """Return what differs, a line each, for the log and the summary.

    Lines that begin with "warning:" tell of hours or an agreement that were edited, or taken away,
    after they had been in force by `today` (None: every one counts as in force): old mail is then
    judged by terms that did not hold.
    """
    before = {document.name: document for document in old.documents}
    after = {document.name: document for document in new.documents}
    found: list[str] = []
    for name in sorted({*before, *after}):
        if name not in before:
            found.append(f"{name}: new")
        elif name not in after:
            found.append(f"{name}: taken away")
        elif before[name].data != after[name].data:
            found += _differences(before[name], after[name])
            found += _rewritten(before[name], after[name], today)
    found += _texts("templates/", old.templates, new.templates)
    found += _texts("phrases.d/", old.phrases, new.phrases)
    for client in new.clients:
        known = old.client(client.key)
        name = f"clients/{client.key}.toml"
        same_file = name in before and name in after and before[name].data == after[name].data
        if known and same_file and known.invoices != client.invoices:
            found.append(f"{name}: other invoices")
    return tuple(found)


def _differences(old: Document, new: Document) -> Iterator[str]:
    before = {entry.key: entry for entry in entries(old)}
    after = {entry.key: entry for entry in entries(new)}
    for key in dict.fromkeys((*before, *after)):
        was, now = before.get(key), after.get(key)
        if _value(was) != _value(now):
            yield f"{_source(new, now)}: {key}: {_value(was)} -> {_value(now)}"


def _value(entry: Entry | None) -> str:
    return entry.value if entry else "not there"


def _source(document: Document, entry: Entry | None) -> str:
    return f"{document.name}:{entry.line}" if entry and entry.line else document.name


def _rewritten(old: Document, new: Document, today: date | None) -> Iterator[str]:
    for key in ("hours", "agreement"):
        before, after = _dated(old, key), _dated(new, key)
        for day, (table, _) in before.items():
            if today is not None and day is not None and day > today:
                continue
            later, line = after.get(day, (None, 1))
            if later is not None and _judged(table) == _judged(later):
                continue
            since = f"from {day}" if day else "without from"
            what = "was edited" if later is not None else "was taken away"
            yield (
                f"warning: {new.name}:{line}: [[{key}]] {since} {what} though it was in force: "
                f"old mail is judged by other terms now; add a [[{key}]] with from = DATE instead"
            )


def _dated(
    document: Document, key: str
) -> Mapping[date | None, tuple[HoursTable | AgreementTable, int]]:
    model = ClientFile if document.name.startswith("clients/") else MainFile
    tables = getattr(model.model_validate(document.data), key, [])
    return {
        table.valid_from: (table, document.line((key, index))) for index, table in enumerate(tables)
    }


def _judged(table: HoursTable | AgreementTable) -> tuple[object, ...]:
    if isinstance(table, HoursTable):
        return tuple(getattr(table, name) for name in JUDGED)
    return tuple(getattr(table, name) for name in type(table).model_fields)


def _texts(folder: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for name in sorted({*old, *new}):
        if name not in old:
            yield f"{folder}{name}: new"
        elif name not in new:
            yield f"{folder}{name}: taken away"
        elif old[name] != new[name]:
            yield f"{folder}{name}: changed"
