"""A dossier as a zip that proves itself: report, quoted mails, the chain, and what checks them.

The layout and what must hold of it are told by `verifier`, of which each bundle carries a copy.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from importlib.resources import files as resources
from pathlib import Path

from mailhours.ledger.extract import Link
from mailhours.model.faults import Busy
from mailhours.service import papers, verifier
from mailhours.service.account import Account
from mailhours.summary.document import document
from mailhours.summary.dossier import Dossier
from mailhours.summary.markdown import markdown
from mailhours.summary.page import paper as page
from mailhours.summary.record import record

_ABOUT = """\
The record of the work with {client}, kept by {owner}, as of {day}.

report.html     to read, on the screen or on paper; report.md and report.json say the same
mails/          the mails that it rests on: header and text as they came, attachments by name only
facts/          the same mails, and reminders that left, octet by octet as they were logged
chain.jsonl     the chain of all that was logged: each entry holds the hash of the one before it
manifest.json   what lies here
verify.py       checks all of it: python3 verify.py (Python 3.8 or newer, nothing else)

This zip also checks itself without being unpacked: python3 NAME.zip

The chain has {length} entries and ends in
{head}
The same number and the beginning of the same hash stand in the daily summary of that time. Entries
of other clients are in the chain as salted hashes only: nothing can be read from them.
"""
_MAIN = "import sys\n\nimport verify\n\nsys.exit(verify.main(sys.argv[1:]))\n"
_VERIFIER = "verifier.py"


def bundle(account: Account, made: Dossier, language: str) -> bytes:
    """Return the zip. The same ledger at the same moment gives the same bytes."""
    words = account.wording.words(language)
    written = record(made, words)
    report = document(made)
    local = account.settings.owner.calendar.local
    about = _ABOUT.format(
        client=made.client.name,
        owner=made.owner.name,
        day=f"{local(made.judgement.now):%Y-%m-%d %H:%M %Z}",
        length=made.chain_length,
        head=made.chain_head,
    )
    held = {
        "README.txt": about.encode(),
        "report.html": page(written, account.wording).encode(),
        "report.md": markdown(written).encode(),
        verifier.REPORT: json.dumps(report, ensure_ascii=False, indent=1).encode() + b"\n",
        "verify.py": (resources("mailhours.service") / _VERIFIER).read_bytes(),
        "__main__.py": _MAIN.encode(),
    }
    replies = papers.reminders_sent(account, made.judgement)
    links = account.ledger.extract(made.evidence, replies)
    held.update(_chain(links, made.chain_length))
    held[verifier.MANIFEST] = _manifest(made, report, held)
    return _zip(held, local(made.judgement.now))


def _chain(links: Iterable[Link], length: int) -> dict[str, bytes]:
    """Return the chain up to an entry, with the facts that are shown and the mails in them."""
    lines, members = [], {}
    for link in links:
        if link.seq > length:
            break
        line = {
            "seq": link.seq,
            "at": link.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "kind": link.kind,
            "salted": link.salted.hex(),
            "previous": link.previous.hex(),
            "hash": link.hash.hex(),
        }
        if link.body:
            name = f"{link.seq:06}"
            line |= {"ref": link.ref, "salt": link.salt.hex(), "fact": f"facts/{name}"}
            members[f"facts/{name}"] = link.body
            if link.kind == "mail":
                members[f"mails/{name}.eml"] = verifier.eml(link.body)
        lines.append(verifier.canonical(line))
    return {verifier.CHAIN: b"\n".join(lines) + b"\n", **members}


def _manifest(made: Dossier, report: Mapping[str, object], members: Mapping[str, bytes]) -> bytes:
    """Return the manifest; it names the quoted lines that only the eye can compare."""
    named = {
        "schema": 1,
        "client": made.client.key,
        "made": made.judgement.now.astimezone(UTC).isoformat(timespec="seconds"),
        "head": made.chain_head,
        "entries": made.chain_length,
        "members": {name: sha256(held).hexdigest() for name, held in members.items()},
        "unchecked": verifier.unfound(report, members),
    }
    named["digest"] = sha256(verifier.canonical(named)).hexdigest()
    return verifier.canonical(named) + b"\n"


def _zip(members: Mapping[str, bytes], at: datetime) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, held in members.items():
            entry = zipfile.ZipInfo(name, at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, held)
    return packed.getvalue()


def keep(path: Path, data: bytes) -> None:
    """Write `data` to `path`, whole or not at all, for its owner only; Busy when it cannot be."""
    scratch = path.with_name(f"{path.name}.new")
    try:
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        scratch.replace(path)
    except OSError as error:
        raise Busy(f"{path}: cannot be written: {error.strerror}") from error
