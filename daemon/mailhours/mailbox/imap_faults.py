"""What an IMAP server's refusal means: patience, the wrong password, or trouble (RFC 5530).

Servers say "wrong password" and "come back later" with the same NO; only the response code and the
words tell them apart, and whoever takes an outage for a wrong password locks the owner out.
"""

from __future__ import annotations

import re
from datetime import timedelta

from mailhours.model.faults import LoginRefused, ServerFault, Throttled

PATIENCE = timedelta(minutes=5)
_LONGEST = timedelta(hours=1)
_CODES = re.compile(
    r"\[(THROTTLED|LIMIT|OVERQUOTA|UNAVAILABLE|INUSE|SERVERBUG|CONTACTADMIN)\b", re.IGNORECASE
)
_WORDS = re.compile(
    r"throttled|too many|rate limit|bandwidth limit|authenticated but not connected|backoff"
    r"|maximum number of connections",
    re.IGNORECASE,
)
_SOFT_WORDS = re.compile(r"try again|temporar|unavailable", re.IGNORECASE)
_BACKOFF = re.compile(r"backoff time: *(\d{1,9})", re.IGNORECASE)
_PLAIN = re.compile(r"[^\x20-\x7e\xa0-\uffff]+")
_SHOWN = 200


class Refused(ServerFault):
    """The server answered NO or BAD: the connection is in step and may be used further."""


class Lost(ServerFault):
    """The connection broke, or what came over it made no sense: it must not be used again."""


def shown(text: bytes | str, secret: str = "") -> str:
    """Return the server's words on one line, at most 200 characters, without the secret."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    if secret:
        text = text.replace(secret, "***")
    return _PLAIN.sub(" ", text).strip()[:_SHOWN]


def patience(
    text: str, *, of_one_mail: bool = False, of_one_folder: bool = False
) -> timedelta | None:
    """Return how long the server wants to be left alone; None when it does not say so.

    Said of one folder, a bug may be that folder's alone; said of one mail, a passing trouble too. A
    limit is everybody's.
    """
    if match := _BACKOFF.search(text):
        return min(timedelta(milliseconds=int(match[1])), 24 * _LONGEST)
    if _WORDS.search(text):
        return PATIENCE
    if (of_one_mail or of_one_folder) and "[SERVERBUG]" in text.upper():
        return None
    is_soft = not of_one_mail and _SOFT_WORDS.search(text)
    return PATIENCE if is_soft or _CODES.search(text) else None


def refusal(where: str, text: bytes | str, *, of_one_folder: bool = False) -> ServerFault:
    """Return the fault for a tagged NO or BAD."""
    words = shown(text)
    wait = patience(words, of_one_folder=of_one_folder)
    if wait is not None:
        return Throttled(f"{where}: {words}", wait=wait)
    return Refused(f"{where}: {words}")


def farewell(where: str, text: bytes | str, *, at_the_door: bool) -> ServerFault:
    """Return the fault for a BYE: said `at_the_door` it means that we are not welcome just now."""
    words = shown(text)
    wait = patience(words) or (PATIENCE if at_the_door else None)
    if wait is not None:
        return Throttled(f"{where}: {words}", wait=wait)
    return Lost(f"{where}: {words}")


def denied(where: str, text: bytes | str, secret: str = "") -> ServerFault | LoginRefused:
    """Return the fault for a NO to a login."""
    words = shown(text, secret)
    wait = patience(words)
    if wait is not None and not re.search(r"\[(AUTH|EXPIRED)", words, re.IGNORECASE):
        return Throttled(f"{where}: {words}", wait=wait)
    hint = "check user and password in the configuration; some servers want an app password"
    return LoginRefused(f"{where}: the login was refused: {words}", hint=hint)
