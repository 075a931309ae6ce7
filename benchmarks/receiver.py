"""Who is told of changes, a process of its own: it takes webhooks, and follows the live stream when it is given one.

    python -m benchmarks.receiver [STREAM SECRET]

It prints its address; a GET there answers with a `Tally`, of what came since the GET before that asked for `/new`.
"""

import asyncio
import sys
import time
from datetime import datetime
from urllib.parse import urlsplit

import msgspec
import uvloop
from msgspec import Struct, field

MOST = 1_000_000
"""Events of which it is kept how late they were."""


class Tally(Struct):
    """What came: events, requests and rows of the stream, when the last event came, and how many seconds late.

    The time of an event or row is that of its write, of the same machine's clock.
    """

    events: int = 0
    requests: int = 0
    last: float = 0.0
    half: float = 0.0
    longest: float = 0.0
    rows: int = 0
    rows_longest: float = 0.0
    rows_last: float = 0.0
    late: list[float] = field(default_factory=list)


class Event(Struct, rename="camel"):
    """Of an event, when it happened."""

    occurred_at: int


_events = msgspec.json.Decoder(list[Event]).decode


class Receiver:
    """What one process was told."""

    def __init__(self) -> None:
        self._tally = Tally()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers the requests of one connection."""
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                writer.close()
                return
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            body = await reader.readexactly(int(length or 0))
            told = b"" if head.startswith(b"POST") else self._told(new=head.startswith(b"GET /new"))
            if body:
                self._take(body)
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(told) + told)

    def _take(self, body: bytes) -> None:
        now, events, tally = time.time(), _events(body), self._tally
        tally.events += len(events)
        tally.requests += 1
        tally.last = now
        if len(tally.late) < MOST:
            tally.late += [now - event.occurred_at / 1000 for event in events]

    def _told(self, *, new: bool) -> bytes:
        if new:
            self._tally = Tally()
        late = sorted(self._tally.late)
        half, longest = (late[len(late) // 2], late[-1]) if late else (0.0, 0.0)
        return msgspec.json.encode(msgspec.structs.replace(self._tally, half=half, longest=longest, late=[]))

    async def follow(self, url: str, secret: str) -> None:
        """Follows the live stream."""
        address = urlsplit(url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port, limit=2**24)
        head = f"GET {address.path} HTTP/1.1\r\nhost: {address.netloc}\r\nx-trunkline-secret: {secret}\r\n\r\n"
        writer.write(head.encode())
        async for line in reader:
            if line.startswith(b"data: {"):
                at = line.partition(b'"at":"')[2].partition(b'"')[0].decode()
                late = time.time() - datetime.fromisoformat(at).timestamp()
                self._tally.rows += 1
                self._tally.rows_last = time.time()
                self._tally.rows_longest = max(self._tally.rows_longest, late)


async def _main(stream: list[str]) -> None:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    if stream:
        await receiver.follow(*stream)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_main(sys.argv[1:]))
