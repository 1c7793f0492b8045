"""Control and revision: rounds beyond the agreement, approvals that do not hold, additions."""

from __future__ import annotations

from collections.abc import Iterator

from mailhours.model.judgement import Finding
from mailhours.model.message import Message, SignalKind
from mailhours.patterns.story import Numbers, Story


def revision_rounds(story: Story) -> Iterator[Finding]:
    """Find more revision rounds than were agreed.

    A round is a delivery of ours and the change request of the client after it; more requests
    before our next delivery are the same round. Corrections of our mistakes (`fix`) and additions
    (`scope`) are none. Rounds are counted for each project until the client approves.
    """
    delivered: dict[str, Message] = {}
    rounds: dict[str, list[tuple[Message, Message]]] = {}
    runs: list[list[tuple[Message, Message]]] = []
    for message in _worked(story):
        work = _work(story, message)
        if message.of_ours and message.has(SignalKind.DELIVERY):
            delivered[work] = message
        elif is_change(message, fix=False, scope=False) and work in delivered:
            rounds.setdefault(work, []).append((delivered.pop(work), message))
        elif message.of_client and message.has(SignalKind.APPROVAL):
            runs.append(rounds.pop(work, []))
    for run in (*runs, *rounds.values()):
        agreed = story.history.agreement(run[-1][1].at).revision_rounds if run else None
        if agreed is not None and len(run) > agreed:
            messages = [message for pair in run for message in pair]
            yield story.finding("revision_rounds", messages, {"rounds": len(run), "agreed": agreed})


def change_after_approval(story: Story) -> Iterator[Finding]:
    """Find changes to what the client had approved: in the same thread or under its subject.

    Not after a newer delivery of ours there, and not where the change mends a mistake of ours or
    adds something. One finding for each approval.
    """
    approved: dict[str, list[Message]] = {}
    found: list[list[Message]] = []
    for message in _worked(story):
        names = {story.history.threads[message.key], f"topic:{message.topic or message.key}"}
        if message.of_ours and message.has(SignalKind.DELIVERY):
            for name in names:
                approved.pop(name, None)
        elif is_change(message, fix=False, scope=False):
            case = next((approved[name] for name in sorted(names) if name in approved), None)
            if case is not None:
                if len(case) == 1:
                    found.append(case)
                case.append(message)
        elif message.of_client and message.has(SignalKind.APPROVAL):
            case = [message]  # the thread and its subject name one case
            approved.update(dict.fromkeys(names, case))
    for case in found:
        days = (story.history.day(case[1].at) - story.history.day(case[0].at)).days
        numbers = {"changes": len(case) - 1, "days_after": days}
        yield story.finding("change_after_approval", case, numbers)


def scope_growth(story: Story) -> Iterator[Finding]:
    """Find additions to the scope: change requests for something new, for each project.

    They are candidates for the owner's judgement, never more.
    """
    found: dict[str, list[Message]] = {}
    for message in story.history.with_signal(SignalKind.CHANGE_REQUEST):
        if message.of_client and any(
            s.kind is SignalKind.CHANGE_REQUEST and s.subtype == "scope" for s in message.signals
        ):
            found.setdefault(_work(story, message), []).append(message)
    for messages in found.values():
        numbers: Numbers = {"additions": len(messages), "project": messages[0].project}
        yield story.finding("scope_growth", messages, numbers)


def approval_withdrawn(story: Story) -> Iterator[Finding]:
    """Find approvals that the client takes back: in the same thread or under its subject.

    The mail says so (a change request of the subtype `withdrawn`), and we delivered nothing newer
    there. One finding for each approval.
    """
    approved: dict[str, Message] = {}
    for message in _worked(story):
        names = (story.history.threads[message.key], f"topic:{message.topic or message.key}")
        if message.of_ours and message.has(SignalKind.DELIVERY):
            for name in names:
                approved.pop(name, None)
        elif message.of_client and _withdraws(message):
            before = next((approved[name] for name in names if name in approved), None)
            if before is not None:
                days = (story.history.day(message.at) - story.history.day(before.at)).days
                yield story.finding("approval_withdrawn", [before, message], {"days_after": days})
                approved = {name: m for name, m in approved.items() if m is not before}
        elif message.of_client and message.has(SignalKind.APPROVAL):
            approved.update(dict.fromkeys(names, message))


def _withdraws(message: Message) -> bool:
    return any(
        s.kind is SignalKind.CHANGE_REQUEST and s.subtype == "withdrawn" for s in message.signals
    )


def contradiction(story: Story) -> Iterator[Finding]:
    """Find two persons of the client who disagree on one delivery: one approves, one wants changes.

    In one thread (or under its subject), in either order, before our next delivery there. Not where
    the change mends a mistake of ours or adds something, and not one person who has second thoughts
    (`change_after_approval`). One finding for each delivery.
    """
    delivered: dict[str, Message] = {}
    said: dict[str, list[Message]] = {}
    for message in _worked(story):
        names = (story.history.threads[message.key], f"topic:{message.topic or message.key}")
        if message.of_ours and message.has(SignalKind.DELIVERY):
            delivered.update(dict.fromkeys(names, message))
        elif message.of_client:
            about = next((delivered[name].key for name in names if name in delivered), "")
            if about:
                said.setdefault(about, []).append(message)
    for about, messages in said.items():
        pair = _disagreeing(messages)
        if pair:
            evidence = [story.history.by_key[about], *pair]
            numbers = {"persons": ", ".join(sorted({m.person for m in pair}))}
            yield story.finding("contradiction", evidence, numbers)


def _disagreeing(messages: list[Message]) -> list[Message]:
    """Return the first approval and change request of two persons, in order."""
    for n, later in enumerate(messages):
        for earlier in messages[:n]:
            if earlier.person == later.person:
                continue
            changes = [is_change(m, fix=False, scope=False) for m in (earlier, later)]
            approves = [m.has(SignalKind.APPROVAL) for m in (earlier, later)]
            if (changes[0] and approves[1]) or (approves[0] and changes[1]):
                return [earlier, later]
    return []


def is_change(message: Message, *, fix: bool, scope: bool) -> bool:
    """Say whether a client asks for a change, with or without our mistakes and additions."""
    left_out = {subtype for subtype, counts in (("fix", fix), ("scope", scope)) if not counts}
    return message.of_client and any(
        s.kind is SignalKind.CHANGE_REQUEST and s.subtype not in left_out for s in message.signals
    )


def _worked(story: Story) -> Iterator[Message]:
    """Return the mails with deliveries, changes and approvals in order."""
    return story.history.with_signal(
        SignalKind.DELIVERY, SignalKind.CHANGE_REQUEST, SignalKind.APPROVAL
    )


def _work(story: Story, message: Message) -> str:
    """Return what a mail is about: its project, else its thread."""
    return message.project or story.history.threads[message.key]
