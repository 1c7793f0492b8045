"""The least that an import can cost: bare.py HOST PORT USER PASSWORD, a socket and nothing else.

Asks for the headers and the first text part of every mail at once and throws the answers away.
"""

from __future__ import annotations

import socket
import sys


def main(argv: list[str]) -> int:
    host, port, user, password = argv
    commands = [f"a LOGIN {user} {password}"]
    for folder in ("INBOX", "Sent"):
        commands += [f"b EXAMINE {folder}", "c FETCH 1:* (UID BODY.PEEK[HEADER] BODY.PEEK[1])"]
    commands.append("z LOGOUT")
    received, end, buffer = 0, b"", bytearray(1 << 20)
    with socket.create_connection((host, int(port))) as server:
        server.sendall("".join(f"{command}\r\n" for command in commands).encode())
        while count := server.recv_into(buffer):
            received += count
            end = (end + bytes(buffer[max(0, count - 60) : count]))[-60:]
    print(received)
    return 0 if b"z OK" in end else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
