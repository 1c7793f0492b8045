"""One contact: mail that goes to a colleague instead."""

from __future__ import annotations

from collections.abc import Iterator

from mailhours.model.address import normal
from mailhours.model.judgement import Finding
from mailhours.model.message import Message
from mailhours.patterns.story import Numbers, Story


def bypass(story: Story) -> Iterator[Finding]:
    """Find mail of the client to a colleague, or past the contact that was agreed.

    A colleague stands among the recipients, or the agreed contact does not (without one, the owner
    is the contact; all own addresses are one contact). Not where we brought the colleague into the
    thread ourselves. One finding for each thread.
    """
    found: dict[str, list[Message]] = {}
    invited: dict[str, set[str]] = {}
    fine: set[tuple[str, str, tuple[str, ...]]] = set()
    for message in story.history.messages:
        thread = story.history.threads[message.key]
        if message.of_ours:
            invited.setdefault(thread, set()).update(message.addressed)
        elif message.of_client:
            contact = story.history.agreement(message.at).contact
            case = (contact, message.to_own, message.addressed)
            if case in fine:
                continue
            passed = passed_to(story, message)
            if not passed:
                fine.add(case)
            elif not passed <= invited.get(thread, set()):
                found.setdefault(thread, []).append(message)
    for thread, messages in found.items():
        numbers: Numbers = {
            "mails": len(messages),
            "contact": contact_of(story, messages[0]),
            "written_to": ", ".join(sorted(passed_to(story, messages[0]))),
        }
        yield story.finding("bypass", messages, numbers, about=f"bypass:{thread}")


def contact_of(story: Story, message: Message) -> str:
    """Return the contact that was agreed on the day of a mail, normalised."""
    agreed = story.history.agreement(message.at).contact
    return normal(agreed) if agreed else story.history.owner.address


def passed_to(story: Story, message: Message) -> frozenset[str]:
    """Return whom a mail was written to instead of or beside the contact; empty when it is fine."""
    owner, contact = story.history.owner, contact_of(story, message)
    recipients = {message.to_own, *message.addressed} - {""}
    colleagues = {address for address in recipients if owner.is_colleague(address)} - {contact}
    if colleagues:
        return frozenset(colleagues)
    if contact in recipients or owner.is_own(contact):
        return frozenset()
    return frozenset(address for address in recipients if owner.is_own(address))
