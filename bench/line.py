"""A line of some length and width: line.py LISTEN TARGET RTT_MS MBIT, a TCP proxy on loopback.

Each piece arrives half a round trip later, and no sooner than the width of the line lets it.
"""

from __future__ import annotations

import asyncio
import sys

PIECE = 16 * 1024


async def pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float, rate: float
) -> None:
    """Pass on what comes, late and not too fast; an end is passed on as well."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(256)

    async def deliver() -> None:
        free = 0.0
        while True:
            due, data = await queue.get()
            free = max(free, due) + len(data) / rate
            if (wait := free - loop.time()) > 0:
                await asyncio.sleep(wait)
            if not data:
                writer.close()
                return
            writer.write(data)
            await writer.drain()

    delivering = asyncio.create_task(deliver())
    try:
        while True:
            data = await reader.read(PIECE)
            await queue.put((loop.time() + delay, data))
            if not data:
                break
        await delivering
    except OSError:
        delivering.cancel()


async def serve(listen: int, target: int, delay: float, rate: float) -> None:
    """Accept connections until the process is ended."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind, before = await asyncio.open_connection("127.0.0.1", target)
        await asyncio.gather(pump(reader, before, delay, rate), pump(behind, writer, delay, rate))

    async with await asyncio.start_server(connected, "127.0.0.1", listen) as server:
        await server.serve_forever()


def main(argv: list[str]) -> int:
    listen, target, rtt, mbit = argv
    try:
        asyncio.run(serve(int(listen), int(target), float(rtt) / 2000, float(mbit) * 125_000))
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
