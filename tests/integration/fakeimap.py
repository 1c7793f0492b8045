"""A scripted IMAP server: a table from verb to answer, and exactly the bytes that a test says.

    with FakeImap({"UID FETCH": b"* 1 FETCH (UID 7 FLAGS (\\\\Seen))\\r\\n{tag} OK done\\r\\n"}) as server:

An answer is bytes (`{tag}` becomes the command's tag; nothing else is touched), a list of answers
(one a call, the last one stays) or a function `(command, wire) -> bytes | None` that may talk on the
wire itself: `wire.send`, `wire.line`, `wire.hang_up`, `wire.reset`. A verb that is not in the table
gets `BAD`. LOGIN, CAPABILITY, NOOP and LOGOUT have usual answers.
"""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from integration.loopback import HOST

LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r\n$")


@dataclass(frozen=True, slots=True)
class Command:
    """One command line of the client, its literals in place."""

    tag: bytes
    verb: str  # "UID FETCH" is one verb
    rest: bytes


Handler = Callable[["Command", "Wire"], bytes | None]
Answer = bytes | Handler | list[bytes | Handler]

USUAL: dict[str, Answer] = {
    "CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n",
    "LOGIN": b"{tag} OK logged in\r\n",
    "NOOP": b"{tag} OK done\r\n",
    "LOGOUT": b"* BYE bye\r\n{tag} OK done\r\n",
}


class Wire:
    """One connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._reader = connection.makefile("rb")

    def send(self, data: bytes) -> None:
        """Send these bytes and no others."""
        self._connection.sendall(data)

    def line(self) -> bytes:
        """Return the next line; empty when the client is gone."""
        return self._reader.readline()

    def hang_up(self) -> None:
        """Close as a server does that goes away."""
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def reset(self) -> None:
        """Close with RST, as a firewall does."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        """Give up the connection."""
        self._reader.close()
        self._connection.close()

    def command(self) -> Command | None:
        """Return the next command with its literals, or None when the client is gone."""
        text = self.line()
        while literal := LITERAL.search(text):
            if not literal[2]:
                self.send(b"+ go on\r\n")
            text += self._reader.read(int(literal[1])) + self.line()
        tag, _, rest = text.removesuffix(b"\r\n").partition(b" ")
        verb, _, rest = rest.partition(b" ")
        if verb.upper() == b"UID":
            second, _, rest = rest.partition(b" ")
            verb += b" " + second
        return Command(tag, verb.decode("latin-1").upper(), rest) if tag else None


class FakeImap:
    """The server; one thread a connection. `heard` has all commands of all connections."""

    host = HOST

    def __init__(
        self, script: Mapping[str, Answer], *, greeting: bytes = b"* OK fake ready\r\n"
    ) -> None:
        self.script = {**USUAL, **script}
        self.greeting = greeting
        self.heard: list[Command] = []
        self.connections = 0
        self._wires: list[Wire] = []
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for wire in self._wires:
            wire.hang_up()
        self._accepting.join(timeout=5)

    def verbs(self) -> list[str]:
        """Return what was heard, without its arguments."""
        return [command.verb for command in self.heard]

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                wire = Wire(connection)
                self._wires.append(wire)
                threading.Thread(target=self._converse, args=(wire,), daemon=True).start()

    def _converse(self, wire: Wire) -> None:
        # ValueError: a handler of the test has closed the wire.
        with suppress(OSError, ValueError):
            wire.send(self.greeting)
            while (command := wire.command()) is not None:
                self.heard.append(command)
                if said := self._answer(command, wire):
                    wire.send(said.replace(b"{tag}", command.tag))
                if command.verb == "LOGOUT":
                    break
        wire.close()

    def _answer(self, command: Command, wire: Wire) -> bytes | None:
        answer = self.script.get(command.verb, b"{tag} BAD not in the script\r\n")
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        return answer if isinstance(answer, bytes) else answer(command, wire)
