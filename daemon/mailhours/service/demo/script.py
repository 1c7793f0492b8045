"""The script of the story: who writes what to whom, when, and what the owner says."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Final
from zoneinfo import ZoneInfo

from mailhours.model.address import Address
from mailhours.model.client import OwnerVerb

OFFICE: Final = ZoneInfo("Europe/Oslo")
MONDAY: Final = date(2026, 3, 2)
"""The first day of the story: always the same two weeks, so that it always ends the same way."""
DAYS: Final = 14
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_AT: Final = re.compile(r"([a-z]{3})([+-]\d)? (\d\d):(\d\d)")
_NAMED: Final = re.compile(r"(.+) <(.+)>")


@dataclass(frozen=True, slots=True)
class Writer:
    """Somebody who writes. `program` is the mail program, `language` that of its words.

    `mark` says whether the program writes the usual "-- " above a signature.
    """

    address: Address
    program: str = "server"
    language: str = "en"
    zone: ZoneInfo = OFFICE
    signature: str = ""
    mark: bool = True


@dataclass(frozen=True, slots=True)
class Scripted:
    """One mail of the story. `answers` names the mail it replies to.

    That is an id, or `auto:WHO` for our newest automatic mail to somebody; `otherwise` names what
    is answered where there was none. `body` with `content_type` is used as it stands, else the body
    is made of text or HTML. `auth` is what the office's provider finds out about the sender: pass,
    fail or none.
    """

    id: str
    at: datetime
    writer: Writer
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    text: str = ""
    html: str = ""
    body: str = ""
    content_type: str = ""
    answers: str = ""
    otherwise: str = ""
    quotes: bool = True
    attachments: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    auth: str = "pass"
    return_path: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A word of the owner's. With `mail`, its target is the promise for that mail of the story."""

    at: datetime
    verb: OwnerVerb
    target: str
    text: str
    mail: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """The whole story in order of time, and who is in it by short names."""

    mails: tuple[Scripted, ...]
    words: tuple[Said, ...]
    people: Mapping[str, Writer]


def files() -> Traversable:
    """Return where the files of the example office are."""
    return resources.files("mailhours.service.demo")


def load() -> Script:
    """Read the story."""
    folder = files().joinpath("mail")
    tables = {
        entry.name: tomllib.loads(entry.read_text(encoding="utf-8"))
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".toml")
    }
    people = {name: _writer(entry) for name, entry in tables.pop("people.toml").items()}
    mails = [mail for table in tables.values() for mail in _mails(table, people)]
    words = [_word(entry) for table in tables.values() for entry in table.get("word", ())]
    return Script(
        tuple(sorted(mails, key=lambda mail: (mail.at, mail.id))),
        tuple(sorted(words, key=lambda word: word.at)),
        people,
    )


def moment(text: str) -> datetime:
    """Return the moment of `tue 09:12` (first week) or `tue+1 09:12`, in the office's zone.

    ValueError for anything else.
    """
    found = _AT.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no time of the story")
    days = _DAYS.index(found[1]) + 7 * int(found[2] or 0)
    clock = time(int(found[3]), int(found[4]))
    return datetime.combine(MONDAY + timedelta(days=days), clock, OFFICE)


def _writer(entry: Mapping[str, Any]) -> Writer:
    return Writer(
        Address(entry["name"], entry["address"]),
        entry["program"],
        entry.get("language", "en"),
        ZoneInfo(entry["zone"]),
        entry["signature"].strip("\n"),
        entry.get("mark", True),
    )


def _mails(table: Mapping[str, Any], people: Mapping[str, Writer]) -> Iterator[Scripted]:
    for entry in table.get("mail", ()):
        writer = _somebody(entry["from"], people)
        if "signature" in entry:
            writer = replace(writer, signature=entry["signature"])
        if "language" in entry:
            writer = replace(writer, language=entry["language"])
        yield Scripted(
            id=entry["id"],
            at=moment(entry["at"]),
            writer=writer,
            to=tuple(_somebody(one, people).address for one in entry.get("to", ["dana"])),
            cc=tuple(_somebody(one, people).address for one in entry.get("cc", [])),
            subject=entry.get("subject", ""),
            text=entry.get("text", "").strip("\n"),
            html=entry.get("html", ""),
            body=entry.get("body", "").lstrip("\n"),
            content_type=entry.get("content_type", ""),
            answers=entry.get("answers", ""),
            otherwise=entry.get("otherwise", ""),
            quotes=entry.get("quotes", True),
            attachments=tuple(entry.get("attachments", ())),
            headers=entry.get("headers", {}),
            auth=entry.get("auth", "pass"),
            return_path=entry.get("return_path"),
        )


def _somebody(name: str, people: Mapping[str, Writer]) -> Writer:
    """Return who is meant: a short name, or an address as it stands in a header."""
    if name in people:
        return people[name]
    found = _NAMED.fullmatch(name)
    return Writer(Address(found[1], found[2]) if found else Address("", name))


def _word(entry: Mapping[str, Any]) -> Said:
    return Said(
        moment(entry["at"]),
        OwnerVerb(entry["verb"]),
        entry.get("target", ""),
        entry.get("text", ""),
        entry.get("answered", ""),
    )
