"""Addresses of mail (RFC 5322 section 3.4): how they are written, and how they compare."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox of RFC 5322: a display name, which may be empty, and an addr-spec as written."""

    name: str
    spec: str

    @property
    def normal(self) -> str:
        """Return the addr-spec in the form in which addresses are compared."""
        return normal(self.spec)


def normal(spec: str) -> str:
    """Return `spec` for comparing: lower case, domain as A-label (RFC 5890); never raises."""
    local, at, domain = spec.strip().rpartition("@")
    domain = domain.rstrip(".").lower()
    if not domain.isascii():
        # What is no domain name is compared as it is written.
        with contextlib.suppress(UnicodeError):
            domain = domain.encode("idna").decode("ascii")
    return f"{local.casefold()}{at}{domain}"


def untagged(spec: str) -> str:
    """Return `spec` normalised and without its +tag (RFC 5233 sub-addressing)."""
    local, at, domain = normal(spec).rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"


def tag(spec: str) -> str:
    """Return the +tag of `spec`, or the empty string."""
    return normal(spec).rpartition("@")[0].partition("+")[2]


def domain(spec: str) -> str:
    """Return the domain of `spec`, normalised."""
    return normal(spec).rpartition("@")[2]
