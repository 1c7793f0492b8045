"""One contact: mail past the contact, somebody new in copy, the wrong person approving."""

from __future__ import annotations

from collections.abc import Iterator

from mailhours.model.address import normal
from mailhours.model.client import Role
from mailhours.model.judgement import Finding
from mailhours.model.message import Message, SignalKind
from mailhours.patterns.pestering import is_overdue
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


def escalation(story: Story) -> Iterator[Finding]:
    """Find chases, urgency and threats that bring somebody new into copy.

    In a thread that runs already, the client writes such a mail and adds somebody who is neither
    ours nor had a part in the thread: who neither wrote in it nor received mail of it. Not while a
    promise of ours to them is overdue. One finding for each thread.
    """
    found: dict[str, list[Message]] = {}
    added: dict[str, set[str]] = {}
    pressing = story.history.with_signal(
        SignalKind.NUDGE, SignalKind.URGENT, SignalKind.DELICATE, SignalKind.PAYMENT_DISPUTED
    )
    for message in pressing:
        if not message.of_client or not message.addressed[1:]:
            continue
        thread = story.history.threads[message.key]
        new = _newcomers(story, thread, message)
        if new and not is_overdue(story, message):
            found.setdefault(thread, []).append(message)
            added.setdefault(thread, set()).update(new)
    for thread, messages in found.items():
        numbers: Numbers = {"mails": len(messages), "added": ", ".join(sorted(added[thread]))}
        yield story.finding("escalation", messages, numbers, about=f"escalation:{thread}")


def _newcomers(story: Story, thread: str, message: Message) -> set[str]:
    """Return whom a mail brings into a thread that ran before it."""
    owner = story.history.owner
    part: set[str] = set()
    for earlier in story.threads[thread]:
        if earlier.key == message.key:
            break
        part.update((earlier.person, *earlier.addressed))
    if not part:
        return set()
    return {
        address
        for address in message.addressed
        if address not in part and not owner.is_own(address) and not owner.is_colleague(address)
    }


def wrong_approver(story: Story) -> Iterator[Finding]:
    """Find approvals by somebody who may not approve, where the client file names who may.

    Not where one who may has approved in the same thread, before or after. One finding a thread.
    """
    people = story.history.client.people
    able = {normal(person.address) for person in people if Role.APPROVER in person.roles}
    if not able:
        return
    found: dict[str, list[Message]] = {}
    settled: set[str] = set()
    for message in story.history.with_signal(SignalKind.APPROVAL):
        if not message.of_client:
            continue
        thread = story.history.threads[message.key]
        if message.person in able:
            settled.add(thread)
        else:
            found.setdefault(thread, []).append(message)
    for thread, messages in found.items():
        if thread not in settled:
            numbers = {"approved_by": messages[0].person, "approver": ", ".join(sorted(able))}
            yield story.finding("wrong_approver", messages, numbers, about=f"approver:{thread}")
