"""Check that a record is whole: `python3 verify.py`, where it lies, or with a zip or folder named.

A copy of this file lies in each bundle. It needs nothing but Python 3.8 or newer, and does not
believe the program that made the bundle:

1. No member is missing, added or changed since the bundle was made (manifest.json, SHA-256).
2. Each link of chain.jsonl names the one before it, and its hash follows from what it says:
   SHA-256 over the JSON `[seq, at, kind, salted, previous]`, without spaces.
3. Each fact that is shown (facts/NUMBER) is the one that was chained when it was logged: SHA-256
   over its salt and its bytes is what its link says.
4. Each mail (mails/NUMBER.eml) is written from its fact, and nothing else is.
5. Each line that report.json quotes stands in the mail that it names.

What remains to be compared by hand is the head of the chain: it stands at the end of each daily
summary, and nobody can write another past for a head that was known before.
"""

from __future__ import annotations

import base64
import binascii
import html.parser
import json
import os
import quopri
import re
import sys
import unicodedata
import zipfile
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

MANIFEST, REPORT, CHAIN = "manifest.json", "report.json", "chain.jsonl"
_GENESIS = "00" * 32


class Damaged(Exception):
    """The bundle cannot even be read."""


# What a mail looks like.


def eml(fact: bytes) -> bytes:
    """Return the mail of a fact: its header as it came, the texts, and names for the rest.

    Attachments are not kept; in their place stands what they were called. Raises ValueError for
    what is no mail.
    """
    header, what, contents = _taken_apart(fact)
    root: tuple[str, str, dict[str, str]] = what["tree"][0] if what["tree"] else ("", "", {})
    boundary = root[2].get("boundary", "")
    is_multipart = root[1].startswith("multipart/") and re.fullmatch(r"[!-~ ]{1,200}", boundary)
    texts = contents[: len(what["parts"])]
    if not is_multipart:
        return header + b"\r\n".join(texts)
    line = b"--" + boundary.rstrip().encode("ascii")
    ended = header.endswith((b"\n\n", b"\n\r\n"))
    written = [header if ended else header + b"\r\n"]
    for number, (_, kind, params, encoding, _, _) in enumerate(what["parts"]):
        given = "".join(f'; {name}="{value}"' for name, value in sorted(params.items()))
        fields = {"Content-Type": kind + given, "Content-Transfer-Encoding": encoding}
        written.append(_part(line, fields, texts[number]))
    for name, kind, size in what["attachments"]:
        note = f"[not kept: {name or 'without a name'}, {kind}, {size} octets]"
        fields = {"Content-Type": 'text/plain; charset="utf-8"'}
        written.append(_part(line, fields, note.encode("utf-8", "replace")))
    fields = {"Content-Type": "text/rfc822-headers"}
    written += [_part(line, fields, block) for block in contents[len(texts) :]]
    return b"".join([*written, line, b"--\r\n"])


def _part(line: bytes, fields: dict[str, str], content: bytes) -> bytes:
    # A control character in a value could begin another field.
    safe = [f"{name}: {re.sub('[^ -~]', ' ', value)}" for name, value in fields.items()]
    return b"\r\n".join([line, *(one.encode("ascii") for one in safe), b"", content, b""])


def _taken_apart(fact: bytes) -> tuple[bytes, dict[str, Any], list[bytes]]:
    """Return header, what there is, and the contents: texts, then headers of attached mails."""
    length = int.from_bytes(fact[:4], "big")
    header, rest = fact[4 : 4 + length], fact[4 + length :]
    at = 4 + int.from_bytes(rest[:4], "big")
    what = json.loads(rest[4:at].decode("utf-8"))
    contents = []
    for size in [*(part[4] for part in what["parts"]), *what["attached"]]:
        contents.append(rest[at : at + size])
        at += size
    if at != len(rest):
        raise ValueError("a mail is shorter or longer than it says")
    return header, what, contents


class _Text(html.parser.HTMLParser):
    """The text of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []

    def handle_data(self, data: str) -> None:
        """Take what is no tag."""
        self.said.append(data)


def says(fact: bytes, line: str) -> bool:
    """Say whether `line` stands in the texts of a mail; only letters and digits count."""
    _, what, contents = _taken_apart(fact)
    wanted = _letters(line)
    for number, part in enumerate(what["parts"]):
        text = _decoded(contents[number], part[3], str(part[2].get("charset", "")))
        if part[1] == "text/html":
            page = _Text()
            page.feed(text)
            page.close()
            text = "".join(page.said)
        if wanted in _letters(text):
            return True
    return False


def _decoded(content: bytes, encoding: str, charset: str) -> str:
    try:
        if encoding == "base64":
            content = base64.b64decode(re.sub(rb"[^A-Za-z0-9+/=]", b"", content))
        elif encoding == "quoted-printable":
            content = quopri.decodestring(content)
    except (binascii.Error, ValueError):
        pass
    for name in (charset or "utf-8", "utf-8", "cp1252"):
        try:
            return content.decode(name)
        except (LookupError, ValueError):
            continue
    return content.decode("latin-1")


def _letters(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if c.isalnum()).casefold()


def message_id(fact: bytes) -> str:
    """Return the Message-ID of a mail without its brackets, or the empty string."""
    header = _taken_apart(fact)[0].decode("latin-1")
    found = re.search(r"(?im)^message-id[ \t]*:\s*<?([^\s<>]+)", header)
    return found.group(1) if found else ""


# What must hold.


def canonical(value: object) -> bytes:
    """Return `value` as JSON in the one form that is hashed: sorted keys, no spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")


def problems(files: Mapping[str, bytes]) -> list[str]:
    """Return what does not hold, one line each; empty when the record is whole."""
    try:
        manifest = json.loads(files[MANIFEST].decode("utf-8"))
        found = _members(manifest, files)
        head, broken = _links(files)
        found += broken
        report = json.loads(files[REPORT].decode("utf-8"))
        if [manifest["head"], manifest["entries"]] != [head, len(files[CHAIN].splitlines())]:
            found.append("the chain does not end as the manifest says")
        if report["chain"] != {"head": head, "length": manifest["entries"]}:
            found.append("the report does not rest on this chain")
        found += _quotes(manifest, report, files)
    except Exception as error:  # noqa: BLE001 - whatever it is, the bundle is not what was made
        return [f"it cannot be understood: {type(error).__name__}: {error}"]
    return found


def _members(manifest: dict[str, Any], files: Mapping[str, bytes]) -> list[str]:
    known = manifest["members"]
    found = [f"{name}: is missing" for name in sorted(set(known) - set(files))]
    found += [f"{name}: was added" for name in sorted(set(files) - set(known) - {MANIFEST})]
    for name in sorted(set(known) & set(files)):
        if sha256(files[name]).hexdigest() != known[name]:
            found.append(f"{name}: was changed")
    rest = {name: value for name, value in manifest.items() if name != "digest"}
    is_meant = sha256(canonical(rest)).hexdigest() == manifest["digest"]
    if not is_meant or canonical(manifest) + b"\n" != files[MANIFEST]:
        found.append(f"{MANIFEST}: was changed")
    return found


def _links(files: Mapping[str, bytes]) -> tuple[str, list[str]]:
    """Return the head of the chain, and what does not hold of it and of what it proves."""
    found: list[str] = []
    shown: set[str] = set()
    mails: set[str] = set()
    previous = _GENESIS
    for seq, line in enumerate(files[CHAIN].splitlines(), 1):
        link = json.loads(line.decode("ascii"))
        said = [link["seq"], link["at"], link["kind"], link["salted"], link["previous"]]
        if link["seq"] != seq or link["previous"] != previous:
            found.append(f"entry {seq}: does not follow the one before it")
        if sha256(canonical(said)).hexdigest() != link["hash"]:
            found.append(f"entry {seq}: was changed")
        previous = link["hash"]
        if "fact" in link:
            name = link["fact"]
            fact = files.get(name, b"")
            if sha256(bytes.fromhex(link["salt"]) + fact).hexdigest() != link["salted"]:
                found.append(f"{name}: is not what was logged")
            shown.add(name)
            if link["kind"] != "mail":
                continue
            mails.add(_mail_of(name))
            if files.get(_mail_of(name)) != eml(fact):
                found.append(f"{_mail_of(name)}: is not the mail that was logged")
    loose = {name for name in files if name.startswith("facts/")} - shown
    found += [f"{name}: nothing in the chain proves it" for name in sorted(loose)]
    alone = {name for name in files if name.startswith("mails/")} - mails
    found += [f"{name}: no fact proves it" for name in sorted(alone)]
    return previous, found


def _mail_of(fact: str) -> str:
    number = fact.partition("/")[2]
    return f"mails/{number}.eml"


def _quotes(
    manifest: dict[str, Any], report: dict[str, Any], files: Mapping[str, bytes]
) -> list[str]:
    """Return the quotations that do not stand in their mails."""
    by_eye = manifest["unchecked"]
    return [
        f"{name}: does not say what is quoted from it: {line}"
        for name, line in unfound(report, files)
        if [name, line] not in by_eye
    ]


def unfound(report: Mapping[str, Any], files: Mapping[str, bytes]) -> list[list[str]]:
    """Return Message-ID and line of what is quoted and not found in the facts of that mail."""
    mails: dict[str, list[bytes]] = {}
    for name, fact in files.items():
        if name.startswith("facts/") and _mail_of(name) in files:
            mails.setdefault(message_id(fact), []).append(fact)
    found = []
    for quotation in quotations(report):
        name = quotation["message_id"]
        facts = mails.get(name.strip("<>"), [])
        found += [
            [name, line]
            for line in quotation["lines"]
            if not any(says(fact, line.rstrip("…")) for fact in facts)
        ]
    return found


def quotations(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return all quotations of a report."""
    found = [quotation for ask in report["asks"] for quotation in ask["answers"]]
    found += [quotation for finding in report["findings"] for quotation in finding["evidence"]]
    return found


def read(place: str) -> dict[str, bytes]:
    """Return the members of a zip file or a folder; Damaged when they cannot be read."""
    try:
        if os.path.isdir(place):  # noqa: PTH112 - str in, str out
            return _folder(place)
        with zipfile.ZipFile(place) as bundle:
            names = bundle.namelist()
            if len(set(names)) != len(names):
                raise Damaged("two members have one name")
            return {name: bundle.read(name) for name in names}
    except (OSError, ValueError, RuntimeError, NotImplementedError, EOFError) as error:
        raise Damaged(str(error)) from error
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zipfile.zlib.error) as error:  # type: ignore[attr-defined]
        raise Damaged(str(error)) from error


def _folder(place: str) -> dict[str, bytes]:
    found = {}
    for folder, _, names in os.walk(place):
        if os.path.basename(folder) == "__pycache__":  # noqa: PTH119 - as above
            continue
        for name in names:
            path = os.path.join(folder, name)  # noqa: PTH118 - as above
            with open(path, "rb") as file:  # noqa: PTH123 - as above
                found[os.path.relpath(path, place).replace(os.sep, "/")] = file.read()
    return found


def verdict(place: str) -> tuple[bool, str]:
    """Return whether the record at `place` is whole, and the verdict in one line."""
    try:
        files = read(place)
    except Damaged as damage:
        return False, f"NOT WHOLE: it cannot be read: {damage}"
    found = problems(files)
    if found:
        more = f" (and {len(found) - 1} more)" if found[1:] else ""
        return False, f"NOT WHOLE: {found[0]}{more}"
    manifest = json.loads(files[MANIFEST].decode("utf-8"))
    mails = sum(name.startswith("mails/") for name in files)
    unchecked = len(manifest["unchecked"])
    left = f"; {unchecked} quoted lines are to be compared by eye" if unchecked else ""
    entries, head = manifest["entries"], manifest["head"]
    whole = f"WHOLE: {len(files)} members, {mails} mails as they were logged"
    return True, f"{whole}, a chain of {entries} entries, head {head}{left}"


def main(arguments: list[str]) -> int:
    """Print the verdict; 0 when the record is whole, else 1."""
    here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - as above
    is_whole, line = verdict(arguments[0] if arguments else here)
    sys.stdout.write(f"{line}\n")
    return 0 if is_whole else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
