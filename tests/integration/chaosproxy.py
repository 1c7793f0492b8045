"""A TCP proxy that spoils a connection at an exact byte.

    with ChaosProxy(server.port) as proxy:
        proxy.next(cut(5000))
        proxy.next(drop(100, count=10), stall(900, direction=UP))
        ...

The next connection ends after 5,000 bytes to the client, the one after it loses ten bytes and then
stops; later ones are clean.
"""

from __future__ import annotations

import selectors
import socket
import struct
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from integration.loopback import HOST

DOWN = "to the client"
UP = "to the server"


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens once `after` bytes have passed in one direction."""

    kind: str
    after: int
    direction: str = DOWN
    seconds: float = 0.0
    data: bytes = b""
    count: int = 0


def cut(after: int, *, direction: str = DOWN) -> Fault:
    """End the connection properly, both ways."""
    return Fault("cut", after, direction)


def reset(after: int, *, direction: str = DOWN) -> Fault:
    """End it with RST."""
    return Fault("reset", after, direction)


def stall(after: int, seconds: float = 3600.0, *, direction: str = DOWN) -> Fault:
    """Pass nothing more for so long, either way; the connection stays up."""
    return Fault("stall", after, direction, seconds=seconds)


def garbage(after: int, data: bytes, *, direction: str = DOWN) -> Fault:
    """Insert bytes that the other side never sent."""
    return Fault("garbage", after, direction, data=data)


def drop(after: int, count: int, *, direction: str = DOWN) -> Fault:
    """Lose so many bytes."""
    return Fault("drop", after, direction, count=count)


class ChaosProxy:
    """Listens on `port`, passes everything to the target, and spoils the connections it is told to."""

    host = HOST

    def __init__(self, target: int, *, delay: float = 0.0) -> None:
        self.target = target
        self.delay = delay  # seconds before each piece, in each direction
        self.connections = 0
        self.passed = {DOWN: 0, UP: 0}
        self._plans: list[tuple[Fault, ...]] = []
        self._sockets: list[socket.socket] = []
        self._closing = threading.Event()
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, daemon=True)

    def next(self, *faults: Fault) -> None:
        """Spoil the next connection that has no plan yet."""
        self._plans.append(faults)

    def hang_up(self) -> None:
        """End all connections now."""
        for end in self._sockets:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()
        self._accepting.join(timeout=5)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.connections += 1
                faults = self._plans.pop(0) if self._plans else ()
                threading.Thread(target=self._connect, args=(client, faults), daemon=True).start()

    def _connect(self, client: socket.socket, faults: tuple[Fault, ...]) -> None:
        # One thread for both directions: a socket on which another thread waits sends no RST.
        with client, suppress(OSError):
            server = socket.create_connection((HOST, self.target))
            with server, selectors.DefaultSelector() as ready:
                self._sockets += [client, server]
                ready.register(server, selectors.EVENT_READ, _Way(server, client, DOWN, faults))
                ready.register(client, selectors.EVENT_READ, _Way(client, server, UP, faults))
                while ready.get_map():
                    for key, _ in ready.select():
                        if not self._pass(key.data):
                            ready.unregister(key.fileobj)
                            key.data.drain.shutdown(socket.SHUT_WR)

    def _pass(self, way: _Way) -> bool:
        """Pass one piece on, with the harm that is due in it; False at the end of the stream."""
        piece = way.source.recv(65536)
        if not piece:
            return False
        if self.delay:
            time.sleep(self.delay)
        piece = way.lose(piece)
        while way.ahead and way.ahead[0].after <= way.passed + len(piece):
            fault = way.ahead.pop(0)
            here = max(0, fault.after - way.passed)
            self._send(way, piece[:here])
            piece = self._spoil(fault, way, piece[here:])
        self._send(way, piece)
        return True

    def _send(self, way: _Way, data: bytes) -> None:
        way.drain.sendall(data)
        way.passed += len(data)
        self.passed[way.direction] += len(data)

    def _spoil(self, fault: Fault, way: _Way, rest: bytes) -> bytes:
        """Do the harm and return what still goes through."""
        if fault.kind == "stall":
            self._closing.wait(fault.seconds)
        elif fault.kind == "garbage":
            way.drain.sendall(fault.data)
        elif fault.kind == "drop":
            way.losing += fault.count
            return way.lose(rest)
        else:
            for end in (way.drain, way.source):
                if fault.kind == "reset":
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                else:
                    end.shutdown(socket.SHUT_RDWR)
            raise ConnectionError(fault.kind)  # both ends are closed on the way out
        return rest


class _Way:
    """One direction of one connection."""

    def __init__(
        self, source: socket.socket, drain: socket.socket, direction: str, faults: tuple[Fault, ...]
    ) -> None:
        self.source = source
        self.drain = drain
        self.direction = direction
        self.passed = 0  # lost bytes count: a fault's place is one in the sender's stream
        self.losing = 0
        self.ahead = sorted(
            (fault for fault in faults if fault.direction == direction),
            key=lambda fault: fault.after,
        )

    def lose(self, piece: bytes) -> bytes:
        """Return what is left of a piece after the bytes that are still to be lost."""
        lost = min(self.losing, len(piece))
        self.losing -= lost
        self.passed += lost
        return piece[lost:]
