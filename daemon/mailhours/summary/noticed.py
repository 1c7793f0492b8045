"""A finding in one line: what it is called, and the numbers that made it fire."""

from __future__ import annotations

from datetime import date

from mailhours.model.client import Client
from mailhours.model.judgement import Finding
from mailhours.summary.clean import clean
from mailhours.summary.phrasing import who
from mailhours.summary.sheet import Item
from mailhours.wording.catalogue import Words


def noticed(finding: Finding, client: Client | None, words: Words) -> Item:
    """Return a finding as an entry: the person, the pattern, its numbers."""
    name = who(client, finding.person) if client else clean(finding.client)
    pattern, numbers = pattern_name(words, finding.pattern), figures(finding, words)
    return Item(name, words.say("finding.line", pattern=pattern, numbers=numbers))


def pattern_name(words: Words, pattern: str) -> str:
    """Return what a pattern is called; one that the catalogue does not know by its own name."""
    name = f"pattern.{pattern}"
    return words.say(name) if words.has(name) else clean(pattern.replace("_", " "))


def figures(finding: Finding, words: Words) -> str:
    """Return the numbers of a finding in words; how many mails show it where there are none."""
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
            return words.say("finding.mails", n=len(finding.messages))
