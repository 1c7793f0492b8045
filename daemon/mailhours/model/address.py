"""Addresses of mail (RFC 5322 section 3.4): how they are written, and how they compare."""

from __future__ import annotations

import contextlib
import unicodedata
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
            domain = ".".join(map(_a_label, domain.split(".")))
    return f"{local.casefold()}{at}{domain}"


def _a_label(label: str) -> str:
    """Return a label of a domain as it is in the DNS.

    The codec of the standard library knows RFC 3490, which writes two letters as others: what is
    meant for straße.example must not go to strasse.example (RFC 5894 section 7.2).
    """
    if not label:
        raise UnicodeError("an empty label")
    if "ß" in label or "ς" in label:
        return f"xn--{unicodedata.normalize('NFC', label).encode('punycode').decode('ascii')}"
    return label.encode("idna").decode("ascii")


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
