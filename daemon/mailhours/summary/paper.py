"""A paper in words: title, sections, footer; laid out as a page, as text and as Markdown."""

from __future__ import annotations

from dataclasses import dataclass

from mailhours.summary.sheet import Section
from mailhours.summary.timeline import Picture


@dataclass(frozen=True, slots=True)
class Paper:
    """A dossier, a final report or a scorecard in words, with its picture where it has one.

    `reason` is the sentence that comes before everything.
    """

    language: str
    title: str
    subtitle: str
    reason: str
    picture: Picture | None
    sections: tuple[Section, ...]
    footer: tuple[str, ...]
