"""A finding in one line: what it is called, and the numbers that made it fire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from mailhours.model.client import Client
from mailhours.model.judgement import Finding
from mailhours.summary.clean import clean
from mailhours.summary.phrasing import joined, who
from mailhours.summary.sheet import Item
from mailhours.wording.catalogue import Words


def noticed(
    findings: Iterable[Finding], clients: Mapping[str, Client], words: Words
) -> tuple[Item, ...]:
    """Return findings as entries, one a person: the patterns, each with its numbers."""
    people: dict[str, list[str]] = {}
    for finding in findings:
        client = clients.get(finding.client)
        name = who(client, finding.person) if client else clean(finding.client)
        pattern, numbers = pattern_name(words, finding.pattern), figures(finding, words)
        line = words.say("finding.line", pattern=pattern, numbers=numbers) if numbers else pattern
        people.setdefault(name, []).append(line)
    return tuple(Item(name, joined(lines)) for name, lines in people.items())


def pattern_name(words: Words, pattern: str) -> str:
    """Return what a pattern is called; one that the catalogue does not know by its own name."""
    name = f"pattern.{pattern}"
    return words.say(name) if words.has(name) else clean(pattern.replace("_", " "))


def figures(finding: Finding, words: Words) -> str:
    """Return the numbers of a finding in words; where there are none, how many mails show it.

    That one mail shows it goes without saying.
    """
    match dict(finding.numbers):
        case {"nudges": int(n)}:
            return words.say("finding.nudges", n=n)
        case {"rounds": int(n), "agreed": int(agreed)}:
            return words.say("dossier.rounds_of", n=n, agreed=agreed)
        case {"rounds": int(n)}:
            return words.say("dossier.rounds_only", n=n)
        case {"changes": int(n)}:
            return words.say("finding.changes", n=n)
        case {"additions": int(n)}:
            return words.say("finding.additions", n=n)
        case {"written_to": str(to)} if to:
            return words.say("finding.written_to", to=clean(to))
        case {"promised": str(day)}:
            return words.say("finding.promised", day=words.short_day(date.fromisoformat(day)))
        case _:
            count = len(finding.messages)
            return words.say("finding.mails", n=count) if count > 1 else ""
