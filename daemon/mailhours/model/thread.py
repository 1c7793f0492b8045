"""Threads: messages joined by Message-ID, In-Reply-To and References; never across clients."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mailhours.model.message import Message

# Reply and forward prefixes as mail programs write them, and a list or ticket tag in brackets.
_PREFIX = re.compile(
    r"^\s*(?:(?:re|fwd?|aw|wg|sv|vs|vb|tr|rif|rv|res|enc|odp|pd|od|прр|отв|ответ|пересл|на|antw)"
    r"(?:\[\d+\])?\s*[:：]\s*)+",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s+")


def topic(subject: str) -> str:
    """Return the normalised subject: no reply prefixes, folded space, lower case."""
    return _SPACE.sub(" ", _PREFIX.sub("", subject)).strip().casefold()


def weave(messages: Iterable[Message]) -> dict[str, str]:
    """Return the thread of each message: content key to thread id.

    The messages must be one client's. Two belong together when one names the other, or both name
    the same third, which need not be there. A thread's id is the key of its earliest message, so
    the order of logging does not matter.
    """
    roots: dict[str, str] = {}

    def root(name: str) -> str:
        above = roots.setdefault(name, name)
        while above != name:
            roots[name] = roots[above]
            name, above = above, roots[above]
        return name

    held = list(messages)
    for message in held:
        own = root(message.message_id or message.key)
        for parent in message.parents:
            above = root(parent)
            if above != own:
                roots[above] = own
    first: dict[str, Message] = {}
    for message in held:
        top = root(message.message_id or message.key)
        known = first.get(top)
        if known is None or (message.at, message.key) < (known.at, known.key):
            first[top] = message
    return {m.key: first[root(m.message_id or m.key)].key for m in held}
