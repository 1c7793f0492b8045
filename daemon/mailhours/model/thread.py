"""Threads: messages joined by Message-ID, In-Reply-To and References; never across clients."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from hashlib import md5

from mailhours.model.message import Message

# Reply and forward prefixes as mail programs write them, and a list or ticket tag in brackets.
_PREFIX = re.compile(
    r"^\s*(?:(?:re|fwd?|aw|wg|sv|vs|vb|tr|rif|rv|res|enc|odp|pd|od|прр|отв|ответ|пересл|на|antw)"
    r"(?:\[\d+\])?\s*[:：]\s*)+",
    re.IGNORECASE,
)
_ANSWER = re.compile(
    r"\s*(?:re|aw|antw|sv|vs|rif|res|odp|od|отв|ответ)(?:\[\d+\])?\s*[:：]", re.IGNORECASE
)
_SPACE = re.compile(r"\s+")


def topic(subject: str) -> str:
    """Return the normalised subject: no reply prefixes, folded space, lower case."""
    return _SPACE.sub(" ", _PREFIX.sub("", subject)).strip().casefold()


def is_answer(subject: str) -> bool:
    """Say whether a subject is written as an answer: `Re: ...`, in many languages."""
    return _ANSWER.match(subject) is not None


def weave(messages: Iterable[Message]) -> dict[str, str]:
    """Return the thread of each message: content key to thread id.

    The messages must be one client's. Two belong together when one names the other, or both name
    the same third, which need not be there. A thread's id is the key of its earliest message, so
    the order of logging does not matter.
    """
    return _woven(list(messages))[0]


def _woven(held: Sequence[Message]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the thread of each message by key, and of each name that was seen."""
    roots: dict[str, str] = {}

    def root(name: str) -> str:
        above = roots.setdefault(name, name)
        while above != name:
            roots[name] = roots[above]
            name, above = above, roots[above]
        return name

    for message in held:
        own = root(message.message_id or message.key)
        for parent in message.parents:
            above = root(parent)
            if above != own:
                roots[above] = own
    first: dict[str, Message] = {}
    tops = []
    for message in held:
        top = root(message.message_id or message.key)
        tops.append(top)
        known = first.get(top)
        if known is None or (message.at, message.key) < (known.at, known.key):
            first[top] = message
    threads = {m.key: first[top].key for m, top in zip(held, tops, strict=True)}
    return threads, {name: first[root(name)].key for name in roots}


class Strands:
    """The threads of a history that can be read on: small at rest, and nothing to unpack.

    Message-IDs are kept as hashes of 64 bits in order, each with the number of its thread.
    """

    def __init__(self, keys: list[str], names: array[int], owners: array[int]) -> None:
        """Take thread ids by number, hashes of names in order, and the thread of each name."""
        self._keys = keys
        self._names = names
        self._owners = owners

    @classmethod
    def of(cls, messages: Sequence[Message]) -> tuple[Strands, dict[str, str]]:
        """Return the strands of a whole history in order of time, and each message's thread."""
        threads, names = _woven(messages)
        keys = list(dict.fromkeys(threads.values()))
        numbers = {key: number for number, key in enumerate(keys)}
        hashed = sorted((_hash(name), numbers[thread]) for name, thread in names.items())
        return cls(
            keys, array("Q", [h for h, _ in hashed]), array("I", [n for _, n in hashed])
        ), threads

    def join(self, message: Message) -> str | None:
        """Add the newest message and return its thread; None when it joins what was apart."""
        names = [_hash(name) for name in (message.message_id or message.key, *message.parents)]
        places = [bisect_left(self._names, name) for name in names]
        found = {
            self._owners[place]
            for name, place in zip(names, places, strict=True)
            if place < len(self._names) and self._names[place] == name
        }
        if len(found) > 1:
            return None
        number = next(iter(found), len(self._keys))
        if not found:
            self._keys.append(message.key)
        for name in dict.fromkeys(names):
            place = bisect_left(self._names, name)
            if place == len(self._names) or self._names[place] != name:
                self._names.insert(place, name)
                self._owners.insert(place, number)
        return self._keys[number]

    def packed(self) -> bytes:
        """Return it as bytes, for this kind of machine."""
        text = "\n".join(self._keys).encode("utf-8", "surrogatepass")
        head = len(text).to_bytes(8, "big") + len(self._names).to_bytes(8, "big")
        return head + text + self._names.tobytes() + self._owners.tobytes()

    @classmethod
    def unpacked(cls, packed: bytes) -> Strands:
        """Return what `packed` was made of."""
        length, count = int.from_bytes(packed[:8], "big"), int.from_bytes(packed[8:16], "big")
        text = packed[16 : 16 + length].decode("utf-8", "surrogatepass")
        names, owners = array("Q"), array("I")
        middle = 16 + length + count * names.itemsize
        names.frombytes(packed[16 + length : middle])
        owners.frombytes(packed[middle:])
        return cls(text.split("\n") if text else [], names, owners)


def _hash(name: str) -> int:
    # Only ever compared within one client: two of a million names meet once in ten million clients.
    whole = md5(name.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()
    return int.from_bytes(whole[:8], "big")
