"""imap-tools as its manual says, 200 at a time: peer_imap_tools.py HOST PORT USER PASSWORD."""

from __future__ import annotations

import sys

from imap_tools import MailBoxUnencrypted  # type: ignore[import-not-found]


def main(argv: list[str]) -> int:
    host, port, user, password = argv
    octets = 0
    with MailBoxUnencrypted(host, int(port)).login(user, password) as box:
        for folder in ("INBOX", "Sent"):
            box.folder.set(folder)
            for mail in box.fetch(mark_seen=False, bulk=200):
                octets += len(mail.text or mail.html) + len(mail.headers)
    print(octets)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
