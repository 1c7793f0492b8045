"""What is wrong with a text that is not TOML, in words for somebody who never heard of TOML."""

from __future__ import annotations

import re

from mailhours.settings.suggestion import quoted

_PLACE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")
_CLOCK = re.compile(r"(?<![\w:\"'.-])(\d{1,2}:\d{2})(?![\w:\"'])")
_STRING = re.compile(r"\"(?:\\.|[^\"\\])*\"|'[^']*'")
_CURLY = re.compile("[“”„‟«»‘’]")
_DIGITS = re.compile(r"\d{1000}")


def explain(text: str, error: str) -> tuple[int, str]:
    """Return line and advice for tomllib's `error` on `text`; the text itself is not quoted."""
    place = _PLACE.search(error)
    if place is None:
        number = _DIGITS.search(text)
        return (text.count("\n", 0, number.start()) + 1 if number else 1), "is not TOML"
    said = error[: place.start()]
    if place[1] is None:
        return text.rstrip().count("\n") + 1, f"{_lower(said)}: the file ends in the middle"
    at = int(place[1])
    every = text.split("\n")
    line = _STRING.sub("", every[at - 1].partition("#")[0]) if at <= len(every) else ""
    return at, _advice(said, line)


def _advice(said: str, line: str) -> str:
    if clock := _CLOCK.search(line):
        return f'a time needs quotes: "{clock[1]}" (or seconds: {clock[1]:0>5}:00)'
    if _CURLY.search(line):
        return 'curly quotes; use straight ones: "text"'
    if "Unescaped '\\'" in said:
        return r"a backslash inside double quotes; use single quotes: 'C:\mail'"
    if re.match(r"Cannot (declare|mutate|overwrite)|Duplicate", said):
        return f"stands here for the second time ({quoted(_lower(said))[1:-1]})"
    if said.startswith("Invalid value"):
        return 'the value is not understood; text needs quotes: "text"'
    if said.startswith("Unclosed array"):
        return "a list is not understood: items in quotes, commas between, ] at its end"
    if said.startswith("Expected '='"):
        return "a line is KEY = VALUE, or [TABLE]"
    return f"is not TOML: {quoted(_lower(said))[1:-1]}"


def _lower(said: str) -> str:
    return said[:1].lower() + said[1:]
