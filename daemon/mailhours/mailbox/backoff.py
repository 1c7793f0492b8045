"""When a mailbox may be polled again after a fault; a pure value that outlives the process.

A restart must not begin anew: programs that tried a wrong password every minute were banned for
weeks, with everybody else behind the same address.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from mailhours.model.faults import (
    CertificateFault,
    Fault,
    FolderFault,
    LoginRefused,
    ServerFault,
    Throttled,
)
from mailhours.model.server import Server, revealed

# Trouble of the line: a wait that doubles, and how long it becomes at most.
_FIRST = timedelta(seconds=5)
_TRANSPORT = timedelta(minutes=15)
# A server that throttles: the same, where it does not say for how long.
_PATIENCE = timedelta(minutes=5)
_THROTTLE = timedelta(hours=1)
_CERTIFICATE = timedelta(minutes=15)
# One typing error at the provider's side passes by itself; three refusals do not.
_LOGIN = (timedelta(minutes=1), timedelta(minutes=15))
_MOST = 20  # failures are counted so far: every wait has reached its limit by then


class Why(StrEnum):
    """Why a mailbox is left alone."""

    NOTHING = ""
    TRANSPORT = "transport"
    THROTTLED = "throttled"
    LOGIN = "login"
    STOPPED = "stopped"
    CERTIFICATE = "certificate"


@dataclass(frozen=True, slots=True)
class Block:
    """How long a mailbox is left alone, and why. `Block()` is free.

    `failures` counts those of the same kind in a row. `since` is when it was blocked: a clock that
    stands before it was set back, and the block means nothing. `credential` is the fingerprint of
    the login that was refused last, `refused` how often it was: a line that breaks in between gives
    a wrong password no further tries. `what` are the words to show.
    """

    why: Why = Why.NOTHING
    failures: int = 0
    since: datetime | None = None
    until: datetime | None = None
    credential: str = ""
    what: str = ""
    refused: int = 0

    def to_json(self) -> dict[str, object]:
        """Return it as JSON has it, moments in ISO 8601."""
        plain = asdict(self)
        for name in ("since", "until"):
            plain[name] = plain[name].isoformat() if plain[name] else None
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, object]) -> Block:
        """Read what to_json wrote; what makes no sense is no block."""
        try:
            since, until = (
                datetime.fromisoformat(str(plain[name])) if plain.get(name) else None
                for name in ("since", "until")
            )
            return cls(
                Why(str(plain["why"])),
                int(str(plain["failures"])),
                since,
                until,
                str(plain["credential"]),
                str(plain["what"]),
                int(str(plain.get("refused", 0))),
            )
        except (KeyError, ValueError):
            return cls()


def after(
    fault: Fault,
    now: datetime,
    block: Block,
    random: Callable[[], float],
    credential: str = "",
) -> Block:
    """Return the block after `fault`; `random` gives numbers from 0 to 1, `credential` who asked.

    A fault of one folder blocks nothing. After a complete poll the block is `Block()` again.
    """
    if isinstance(fault, FolderFault):
        return Block()
    if isinstance(fault, LoginRefused):
        return _refused(fault, now, block, credential)
    why, wait = Why.TRANSPORT, timedelta()
    failures = 1
    if isinstance(fault, Throttled):
        why = Why.THROTTLED
        failures = _failures(block, why)
        wait = max(fault.wait, min(_PATIENCE * 2 ** (failures - 1), _THROTTLE))
    elif isinstance(fault, CertificateFault):
        why, wait = Why.CERTIFICATE, _CERTIFICATE
        failures = _failures(block, why)
    else:
        failures = _failures(block, why)
        wait = random() * min(_FIRST * 2**failures, _TRANSPORT)
    return Block(why, failures, now, now + wait, block.credential, fault.what, block.refused)


def may_poll(block: Block, now: datetime, credential: Callable[[], str]) -> bool:
    """Say whether the mailbox may be polled; `credential` is asked for after a refusal only."""
    if block.why is Why.NOTHING:
        return True
    if block.since and now < block.since:
        return block.why is not Why.STOPPED or _is_other(block, credential())
    if block.why is Why.STOPPED:
        return _is_other(block, credential())
    return (
        block.until is None
        or now >= block.until
        or (block.why is Why.LOGIN and _is_other(block, credential()))
    )


def retried(block: Block) -> Block:
    """Return the block after the owner said to try again; one more refusal stops it again."""
    if block.why is not Why.STOPPED:
        return Block()
    tries = len(_LOGIN)
    return replace(block, why=Why.LOGIN, failures=tries, refused=tries, until=block.since)


def fingerprint(server: Server) -> str:
    """Return what changes when the login does and betrays nothing of it: 32 bits, made slowly.

    Empty when the login cannot be had just now.
    """
    reference = server.token or server.password
    try:
        secret = revealed(reference) if reference else ""
    except ServerFault:
        return ""
    salt = f"{server.host} {server.user}".encode()
    return hashlib.pbkdf2_hmac("sha256", secret.encode(), salt, 100_000)[:4].hex()


def _refused(fault: LoginRefused, now: datetime, block: Block, credential: str) -> Block:
    tries = 1 if _is_other(block, credential) else block.refused + 1
    if tries > len(_LOGIN):
        return Block(Why.STOPPED, tries, now, None, credential, fault.what, tries)
    until = now + _LOGIN[tries - 1]
    return Block(Why.LOGIN, tries, now, until, credential, fault.what, tries)


def _is_other(block: Block, credential: str) -> bool:
    """Say whether another login stands there than the one that was refused."""
    return bool(credential) and block.credential != credential


def _failures(block: Block, why: Why) -> int:
    return min(block.failures + 1, _MOST) if block.why is why else 1
