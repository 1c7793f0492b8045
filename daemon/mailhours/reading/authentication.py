"""What the provider says of the sender: Authentication-Results (RFC 8601), where it is believable.

Anybody can write such a field. Believed are fields with the configured authserv-id in the topmost
block of the header, above the Received of the provider's border: the provider adds both, and its
Received lies on top of everything that came with the mail (RFC 8601 sections 4.1, 5 and 7.1).
Hops inside the provider, which lie above that, are known by what no sender can put there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from mailhours.model.address import domain
from mailhours.model.message import Authentication
from mailhours.reading.mime import words

# Where these begin, the message as its writer sent it has begun.
_WRITTEN = frozenset(
    (
        *("from", "to", "cc", "subject", "date", "message-id", "sender", "reply-to", "in-reply-to"),
        *("references", "mime-version", "content-type"),
    )
)
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"?|([;=])|([^\s;="()]+)|(\()|.', re.DOTALL)
_IN_COMMENT = re.compile(r"[()]|(?:[^()\\]|\\.|\\$)+", re.DOTALL)
_REMARK = re.compile(r"\([^()]*\)")
_HOP = re.compile(r"\s(by|with|from|via)\s+(\S+)", re.IGNORECASE)
_FAILED = ("fail", "reject", "quarantine")
_NO_POLICY = ("none", "bestguesspass")


@dataclass(frozen=True, slots=True)
class Result:
    """One resinfo of RFC 8601 section 2.2: `dkim=pass header.d=fjord.example`, all lower case."""

    method: str
    result: str
    properties: dict[str, str] = field(default_factory=dict)
    comments: str = ""


def authentication(
    order: Sequence[tuple[str, bytes]], authserv_id: str, sender: str
) -> tuple[Authentication, str]:
    """Return what the trusted fields of the header say of `sender` (an addr-spec), and their words.

    PASS: DMARC pass; or no DMARC policy, and DKIM or SPF passed for an aligned domain (RFC 7489
    section 3.1). FAIL: DMARC failed, or without a policy DKIM or SPF failed and nothing aligned
    passed. Else UNKNOWN: no field to be trusted, or nothing said.
    """
    if not authserv_id or "@" not in sender:
        return Authentication.UNKNOWN, ""
    results = [r for value in trusted(order, authserv_id) for r in results_of(value)]
    if not results:
        return Authentication.UNKNOWN, ""
    return _judged(results, domain(sender))


def trusted(order: Sequence[tuple[str, bytes]], authserv_id: str) -> Iterator[str]:
    """Yield the Authentication-Results of `authserv_id` that the provider itself must have added.

    ARC-Authentication-Results (RFC 8617 section 4.1.1) count too: Gmail writes its plain field
    below its own Received, where anybody's could be, and this one above it.
    """
    wanted = authserv_id.strip().lower()
    for name, value in order:
        if name in _WRITTEN or (name == "received" and not _inside(words(value))):
            return
        if name == "authentication-results":
            text = words(value)
        elif name == "arc-authentication-results":
            text = words(value).partition(";")[2]
        else:
            continue
        if _server(text) == wanted:
            yield text


def _inside(received: str) -> bool:
    """Say whether a Received is a hop inside the provider: one without `from`, or LMTP (RFC 2033).

    Names and addresses in it prove nothing, a sender chooses what it says in HELO; a clause that
    comes twice may come from there too.
    """
    clauses = [(n.lower(), v.lower()) for n, v in _HOP.findall(" " + _REMARK.sub(" ", received))]
    names = [name for name, _ in clauses]
    if len(set(names)) < len(names) or "by" not in names:
        return False
    return "from" not in names or dict(clauses).get("with", "").startswith("lmtp")


def results_of(value: str) -> Iterator[Result]:
    """Yield the results of one field; `none` and what cannot be read give nothing."""
    for part in _parts(value)[1:]:
        statements = part.statements
        if not statements:
            continue
        method, result = statements[0]
        method = method.partition("/")[0]  # a version of the method, RFC 8601 section 2.2
        yield Result(method, result, dict(reversed(statements[1:])), part.comments)


def aligned(about: str, sender: str) -> bool:
    """Say whether a result about one domain speaks for another: the same, or one above the other.

    Relaxed alignment (RFC 7489 section 3.1) without a list of public suffixes: siblings do not
    count, and nobody can sign for a public suffix itself.
    """
    return "." in about and (
        about == sender or sender.endswith(f".{about}") or about.endswith(f".{sender}")
    )


@dataclass(slots=True)
class _Part:
    words: list[str] = field(default_factory=list)
    statements: list[tuple[str, str]] = field(default_factory=list)
    comments: str = ""


def _server(value: str) -> str:
    first = _parts(value)[0].words
    return first[0] if first else ""


def _parts(value: str) -> list[_Part]:
    """Return a field split at semicolons outside comments and quotes; `a=b` become statements."""
    parts = [_Part()]
    name, waiting = "", False
    at = 0
    while found := _TOKEN.match(value, at):
        at = found.end()
        if found[4]:
            said, at = _comment(value, at)
            parts[-1].comments += f" {said.lower()}"
        elif found[2] == ";":
            parts.append(_Part())
            name, waiting = "", False
        elif found[2] == "=":
            waiting = bool(name)
        elif found[1] is not None or found[3]:
            text = (found[1] if found[1] is not None else found[3]).lower()
            if waiting:
                parts[-1].statements.append((name, text))
                name, waiting = "", False
            else:
                name = text
                parts[-1].words.append(text)
    return parts


def _comment(value: str, at: int) -> tuple[str, int]:
    """Return the comment that begins before `at` and where it ends; one without end is the rest."""
    depth, said = 1, []
    while depth and (found := _IN_COMMENT.match(value, at)):
        at = found.end()
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        said.append(found[0])
    return "".join(said[:-1]), at


def _judged(results: list[Result], sender: str) -> tuple[Authentication, str]:
    for verdict in results:
        if verdict.method != "dmarc" or verdict.result in _NO_POLICY:
            continue
        about = verdict.properties.get("header.from", sender).rpartition("@")[2].strip(".")
        if about != sender:
            continue  # a result about somebody else
        said = f"dmarc={verdict.result} for {sender}"
        if verdict.result == "pass":
            return Authentication.PASS, said
        return Authentication.FAIL if verdict.result in _FAILED else Authentication.UNKNOWN, said
    looked: list[str] = []
    for result in results:
        spoken_of = _about(result)
        if spoken_of is None:
            continue
        looked.append(f"{result.method}={result.result} for {spoken_of or 'nobody'}")
        if result.result == "pass" and aligned(spoken_of, sender):
            return Authentication.PASS, f"{looked[-1]}, no DMARC policy"
    if any("fail " in said for said in looked):
        return Authentication.FAIL, f"nothing passed for {sender}: {', '.join(looked)}"
    return Authentication.UNKNOWN, ", ".join(looked)


def _about(result: Result) -> str | None:
    """Return the domain that a DKIM or SPF result speaks of; None for other methods."""
    said = result.properties
    match result.method:
        case "dkim":
            about = said.get("header.d") or said.get("header.i", "")
        case "spf":
            about = said.get("smtp.mailfrom") or said.get("smtp.helo", "")
        case _:
            return None
    return about.rpartition("@")[2].strip(".")
