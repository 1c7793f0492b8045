"""Commands and answers of IMAP (RFC 9051), several commands at a time, in step or not at all.

Written for the few commands that read mail. imapclient's reader goes on out of step after an error,
sends one command a round trip and lexes BODYSTRUCTURE byte by byte: it signs in, then this talks.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from mailhours.mailbox.imap_faults import Lost, farewell, refusal, shown
from mailhours.mailbox.imap_wire import Wire
from mailhours.model.faults import ServerFault

# A line as its pieces: text, literal, text, literal, text.
Line = list[bytes]
_LITERAL = re.compile(rb"\{(\d{1,19})\}$")
_LITERAL_LIMIT = 512 * 1024
_ANSWER_LIMIT = 96 * 1024 * 1024
_NEWS = re.compile(rb"\* \d+ (EXISTS|RECENT|EXPUNGE)\b", re.IGNORECASE)
_TAGGED = re.compile(rb"(m\d+) (OK|NO|BAD)\b ?(.*)", re.DOTALL)


@dataclass(slots=True)
class Answer:
    """What came back: `ok` and the server's words, and the untagged lines.

    A server may run commands side by side and mix what they say (RFC 9051 section 5.5; Dovecot
    does): an answer has all lines that came while it was awaited, those of other commands too.
    """

    ok: bool = False
    text: bytes = b""
    lines: list[Line] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Flight:
    """Commands that were sent together; `waiting` are the tags whose answers are still to come."""

    answers: list[Answer]
    lines: list[Line]
    waiting: dict[bytes, Answer]


class Session:
    """A signed-in connection. Any fault but a plain refusal ends it: see `is_usable`."""

    def __init__(
        self, wire: Wire, where: str, capabilities: frozenset[str], limit: float, opened: float
    ) -> None:
        self.where = where
        self.capabilities = capabilities
        self.opened = opened
        self.is_usable = True
        self.selected: bytes | None = None
        self._wire = wire
        self._limit = limit
        self._tags = itertools.count(1)
        self._flights: list[Flight] = []
        self._idle = b""

    @property
    def traffic(self) -> tuple[int, int]:
        """Return the octets received and sent so far."""
        return self._wire.received, self._wire.sent

    def ask(self, command: bytes, *, literal_limit: int = _LITERAL_LIMIT) -> Answer:
        """Send one command; Refused or Throttled when the server says NO, Lost when it breaks."""
        answer = self.ask_all([command], literal_limit=literal_limit)[0]
        if not answer.ok:
            raise refusal(self.where, answer.text)
        return answer

    def ask_all(
        self, commands: Sequence[bytes], *, literal_limit: int = _LITERAL_LIMIT
    ) -> list[Answer]:
        """Send all `commands` in one go and return their answers, refused ones too."""
        return self.wait(self.send(commands), literal_limit=literal_limit)

    def send(self, commands: Sequence[bytes]) -> Flight:
        """Send `commands` and do not wait: what is asked for ahead is there when it is needed."""
        lines: list[Line] = []
        answers = [Answer(lines=lines) for _ in commands]
        waiting = {b"m%d" % next(self._tags): answer for answer in answers}
        flight = Flight(answers, lines, waiting)
        with self._exchange():
            pairs = zip(waiting, commands, strict=True)
            self._wire.allow(self._limit)
            self._wire.send(b"".join(tag + b" " + command + b"\r\n" for tag, command in pairs))
        if commands:
            self._flights.append(flight)
        return flight

    def wait(self, flight: Flight, *, literal_limit: int = _LITERAL_LIMIT) -> list[Answer]:
        """Return the answers of `flight`; what comes meanwhile for others is kept for them."""
        with self._exchange():
            self._wire.allow(self._limit)
            taken = 0
            while flight.waiting:
                line = self._line(literal_limit)
                self._take(line)
                taken += sum(map(len, line))
                if taken > _ANSWER_LIMIT:
                    raise Lost(f"{self.where}: the answer is longer than anything that was asked")
        return flight.answers

    def settle(self) -> None:
        """Wait for everything that was asked for and is needed by nobody any more."""
        while self._flights:
            self.wait(self._flights[0])

    def append(self, command: bytes, literal: bytes) -> Answer:
        """Send one command that ends in a literal, once the server has asked for it."""
        self.settle()
        flight = self.send([b"%b {%d}" % (command, len(literal))])
        with self._exchange():
            self._wire.allow(self._limit)
            is_sent = False
            while flight.waiting:
                line = self._line(_LITERAL_LIMIT)
                if line[0].startswith(b"+") and not is_sent:
                    is_sent = True
                    self._wire.allow(self._limit)
                    self._wire.send(literal + b"\r\n")
                else:
                    self._take(line)
        answer = flight.answers[0]
        if not answer.ok:
            raise refusal(self.where, answer.text)
        return answer

    def close(self) -> None:
        """Say goodbye without waiting for the answer."""
        if self.is_usable:
            self.is_usable = False
            try:
                self._wire.allow(5)
                self._wire.send(b"m0 LOGOUT\r\n")
            except OSError:
                pass
        self._wire.close()

    def interrupt(self) -> None:
        """End the connection from another thread; whoever waits for it wakes."""
        self._wire.interrupt()

    def _take(self, line: Line) -> None:
        """Give a line to whom it may concern."""
        if line[0].startswith(b"* "):
            self._hear(line)
            for flight in self._flights:
                flight.lines.append(line)
        else:
            self._complete(line[0])

    def _line(self, literal_limit: int) -> Line:
        """Read one line with its literals."""
        line = [self._text()]
        while match := _LITERAL.search(line[-1]):
            size = int(match[1])
            if size > literal_limit:
                raise Lost(f"{self.where}: announced {size} octets, more than was asked for")
            literal = self._wire.read(size)
            if len(literal) < size:
                raise Lost(f"{self.where}: the connection ended in the middle of a mail")
            rest = self._text()
            # What follows a literal is a space or the end of a list, or of the line where it is a
            # folder's name: else the literal was longer or shorter than it was announced.
            is_end = not rest and b" FETCH " not in line[0][:24].upper()
            is_next = rest[:7].upper() == b" FETCH "
            if is_next or (rest[:1] not in (b" ", b")") and not is_end):
                raise Lost(f"{self.where}: a mail is not as long as it was announced")
            line += [literal, rest]
        return line

    def _text(self) -> bytes:
        text = self._wire.readline()
        if not text.endswith(b"\n"):
            raise Lost(f"{self.where}: the server closed the connection")
        return text.rstrip(b"\r\n")

    def _hear(self, line: Line) -> None:
        if line[0][2:5].upper() == b"BYE":
            raise farewell(self.where, line[0][5:], at_the_door=False)

    def _complete(self, text: bytes) -> None:
        match = _TAGGED.match(text)
        flight = next((f for f in self._flights if match and match[1] in f.waiting), None)
        if match is None or flight is None:
            # Never the words themselves: out of step, they may be a piece of somebody's mail.
            raise Lost(f"{self.where}: the server's answer does not fit what was asked")
        answer = flight.waiting.pop(match[1])
        answer.ok = match[2] == b"OK"
        answer.text = match[3]
        if not flight.waiting:
            self._flights.remove(flight)

    def idle(self) -> None:
        """Begin IDLE (RFC 2177)."""
        self.settle()
        self._idle = b"m%d" % next(self._tags)
        with self._exchange():
            self._wire.allow(self._limit)
            self._wire.send(self._idle + b" IDLE\r\n")

    def idle_news(self, seconds: float) -> bool:
        """Wait at most so long for a line; True when mail came or went."""
        with self._exchange():
            if not self._wire.readable(seconds):
                return False
            self._wire.allow(self._limit)
            return self._is_news(self._line(_LITERAL_LIMIT)[0])

    def idle_done(self) -> bool:
        """End IDLE; True when news came with the end of it."""
        heard = False
        with self._exchange():
            self._wire.allow(30)
            self._wire.send(b"DONE\r\n")
            while not (line := self._line(_LITERAL_LIMIT)[0]).startswith(self._idle + b" "):
                heard = self._is_news(line) or heard
        return heard

    def _is_news(self, line: bytes) -> bool:
        if line.startswith(b"* "):
            self._hear([line])
            return _NEWS.match(line) is not None
        if not line.startswith(b"+"):
            raise Lost(f"{self.where}: IDLE was refused: {shown(line)}")
        return False

    @contextmanager
    def _exchange(self) -> Iterator[None]:
        """While it lasts, whatever is raised ends the session and comes out as a server's fault."""
        if not self.is_usable:
            raise Lost(f"{self.where}: the connection was given up")
        self.is_usable = False
        try:
            yield
        except ServerFault:
            self._wire.close()
            raise
        except (OSError, ValueError) as error:
            self._wire.close()
            reason = shown(str(error)) or type(error).__name__
            raise Lost(f"{self.where}: {reason}") from error
        except BaseException:
            self._wire.close()
            raise
        self.is_usable = True
