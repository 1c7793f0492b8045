"""Threads: messages joined by Message-ID, In-Reply-To and References; never across clients."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import md5
from typing import Generic, TypeVar

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


Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Names(Generic[Name]):
    """The threads of a history: their ids in order of time, and the number of each name's."""

    keys: list[str]
    owners: dict[Name, int]


def weave(messages: Iterable[Message]) -> dict[str, str]:
    """Return the thread of each message: content key to thread id.

    The messages must be one client's. Two belong together when one names the other, or both name
    the same third, which need not be there. A thread's id is the key of its earliest message, so
    the order of logging does not matter.
    """
    held = sorted(messages, key=lambda m: (m.at, m.key))
    keys = [message.key for message in held]
    threads, _ = woven(keys, map(_names, held))
    return dict(zip(keys, threads, strict=True))


def hashed(message: Message) -> array[int]:
    """Return the names by which a message is threaded, its own first, as hashes of 64 bits."""
    return array("Q", map(_hash, _names(message)))


def woven(keys: Iterable[str], names: Iterable[Sequence[Name]]) -> tuple[list[str], Names[Name]]:
    """Return the thread of each mail, and of each name that was seen.

    `keys` are those of the mails in order of time and key, `names` (`hashed`) what each of them
    goes by and names as its parents.
    """
    threads: list[str] = []  # the first key of each thread, by number
    owners: dict[Name, int] = {}
    found: list[int] = []
    joined: dict[int, int] = {}  # threads that turned out to belong to an earlier one
    claim = owners.setdefault
    for key, named in zip(keys, names, strict=True):
        number = claim(named[-1], len(threads))
        if number == len(threads):
            threads.append(key)
        if len(named) > 1:
            for name in named:
                other = claim(name, number)
                if other != number:
                    number = _join(joined, number, other)
        found.append(number)
    if joined:
        roots = [_root(joined, number) for number in range(len(threads))]
        places = {root: place for place, root in enumerate(sorted(set(roots)))}
        owners = {name: places[roots[number]] for name, number in owners.items()}
        found = [places[roots[number]] for number in found]
        threads = [threads[root] for root in places]
    return [threads[number] for number in found], Names(threads, owners)


def _root(joined: dict[int, int], number: int) -> int:
    while number in joined:
        number = joined[number]
    return number


def _join(joined: dict[int, int], one: int, other: int) -> int:
    """Make two threads one, and return its number: that of the earlier."""
    first, second = sorted((_root(joined, one), _root(joined, other)))
    if first != second:
        joined[second] = first
    return first


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
    def of(cls, names: Names[int]) -> Strands:
        """Return the strands of the threads of a whole history."""
        ordered = sorted(names.owners)
        numbers = map(names.owners.__getitem__, ordered)
        return cls(names.keys, array("Q", ordered), array("I", numbers))

    def join(self, message: Message) -> str | None:
        """Add the newest message and return its thread; None when it joins what was apart."""
        names = hashed(message)
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


def _names(message: Message) -> tuple[str, ...]:
    return (message.message_id or message.key, *message.parents)


def _hash(name: str) -> int:
    # Only ever compared within one client: two of a million names meet once in ten million clients.
    whole = md5(name.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()
    return int.from_bytes(whole[:8], "big")
