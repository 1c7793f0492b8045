"""The socket under IMAP, with a deadline for every exchange, however slowly the bytes trickle.

A socket's own time-out begins anew with each byte: a server that sends one every half second held
a FETCH for ever. Here each read is given what is left until the deadline.
"""

from __future__ import annotations

import select
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress

LINE_LIMIT = 1_000_000
_PIECE = 256 * 1024


class Wire:
    """A connected socket; times are seconds of the monotonic `clock`."""

    def __init__(self, connection: socket.socket, clock: Callable[[], float], stall: float) -> None:
        self.socket = connection
        self.received = 0
        self.sent = 0
        self._clock = clock
        self.stall = stall
        self._deadline = clock() + stall
        self._buffer = b""
        self._at = 0

    def allow(self, seconds: float) -> None:
        """Set the deadline of what is read and written from now on."""
        self._deadline = self._clock() + seconds

    @property
    def buffered(self) -> bool:
        """Say whether bytes are waiting that the socket does not show any more."""
        return self._at < len(self._buffer)

    def readable(self, seconds: float) -> bool:
        """Wait for something to read."""
        if self.buffered or (isinstance(self.socket, ssl.SSLSocket) and self.socket.pending()):
            return True
        return bool(select.select([self.socket], [], [], seconds)[0])

    def readline(self) -> bytes:
        """Return a line with its end, or what was left of the stream; ValueError if endless."""
        pieces = []
        length = 0
        while True:
            end = self._buffer.find(b"\n", self._at) + 1
            piece = self._buffer[self._at : end] if end else self._buffer[self._at :]
            pieces.append(piece)
            length += len(piece)
            self._at += len(piece)
            if end:
                return piece if len(pieces) == 1 else b"".join(pieces)
            if length > LINE_LIMIT:
                raise ValueError(f"a line of more than {LINE_LIMIT} octets")
            if not self._fill():
                return b"".join(pieces)

    def read(self, size: int) -> bytes:
        """Return `size` bytes, fewer at the end of the stream."""
        end = self._at + size
        if end <= len(self._buffer):
            piece = self._buffer[self._at : end]
            self._at = end
            return piece
        pieces = [self._buffer[self._at :]]
        self._at = len(self._buffer)
        missing = size - len(pieces[0])
        while missing and self._fill():
            piece = self._buffer[:missing]
            self._at = len(piece)
            missing -= len(piece)
            pieces.append(piece)
        return b"".join(pieces)

    def send(self, data: bytes) -> None:
        """Send all of `data`."""
        self.socket.settimeout(self._left())
        self.socket.sendall(data)
        self.sent += len(data)

    def interrupt(self) -> None:
        """End the stream both ways: a thread that waits on it wakes and finds it ended."""
        with suppress(OSError):
            socket.socket.shutdown(self.socket, socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the socket, whatever state it is in."""
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        with suppress(OSError):
            self.socket.close()

    def _fill(self) -> int:
        self.socket.settimeout(self._left())
        self._buffer = self.socket.recv(_PIECE)
        self._at = 0
        self.received += len(self._buffer)
        return len(self._buffer)

    def _left(self) -> float:
        left = self._deadline - self._clock()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        return min(left, self.stall)


def encrypted(
    connection: socket.socket, context: ssl.SSLContext, host: str, patience: float
) -> ssl.SSLSocket:
    """Wrap a connection in TLS; a handshake that trickles is cut off after `patience` seconds."""
    wrapped = context.wrap_socket(connection, server_hostname=host, do_handshake_on_connect=False)
    watchdog = threading.Timer(patience, _cut, args=[wrapped])
    watchdog.daemon = True
    watchdog.start()
    try:
        wrapped.settimeout(patience)
        wrapped.do_handshake()
    except BaseException:
        wrapped.close()
        raise
    finally:
        watchdog.cancel()
    return wrapped


def _cut(connection: ssl.SSLSocket) -> None:
    with suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
