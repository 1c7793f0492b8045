"""Addresses compare by what the DNS knows of their domain."""

from __future__ import annotations

import pytest

from mailhours.model.address import normal


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("Kari@Fjord.Example.", "kari@fjord.example"),
        ("kari@FJØRD.example", "kari@xn--fjrd-hra.example"),
        ("anna@пример.example", "anna@xn--e1afmkfd.example"),
        # RFC 3490 made one name of two; they are two (RFC 5894 section 7.2).
        ("jana@straße.example", "jana@xn--strae-oqa.example"),
        ("jana@STRASSE.example", "jana@strasse.example"),
        ("nikos@βόλος.example", "nikos@xn--nxasmm1c.example"),
        ("kari@" + "ø" * 80 + ".example", "kari@" + "ø" * 80 + ".example"),
        ("kari@ø..example", "kari@ø..example"),
    ],
)
def test_a_domain_is_compared_as_it_is_in_the_dns(written: str, compared: str) -> None:
    assert normal(written) == compared
