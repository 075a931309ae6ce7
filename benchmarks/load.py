"""The load generator, a process of its own: prebuilt requests over kept connections, answers barely looked at.

It reads a `Job` as one line of JSON, builds the requests, says `ready`, waits for a line, and then prints an `Outcome`.
"""

import asyncio
import gc
import resource
import sys
from collections import deque
from time import perf_counter
from typing import cast
from urllib.parse import urlsplit

import msgspec
import uvloop
from msgspec import Struct

from benchmarks.calls import Round
from benchmarks.forms import FORMS

LAST = b"\r\n0\r\n\r\n"
"""The end of an answer in pieces."""


class Job(Struct, frozen=True):
    """What to send: a round, over so many connections, and at how many batches per second.

    Without a rate each connection sends its next batch as soon as it has the answer to the last. `form` says how a
    batch is written (`benchmarks.forms`); an empty token is not sent.
    """

    url: str
    token: str
    round: Round
    connections: int
    rate: float | None = None
    form: str = "upsert"


class Outcome(Struct, frozen=True):
    """What came of it: seconds from the first byte sent to the last received, of processor time, and of each batch.

    The latency of a batch counts from when it was to be sent, whether or not a connection was free then.
    """

    seconds: float
    processor: float
    latencies: list[float]
    failure: str | None


class Connection(asyncio.Protocol):
    """One kept connection; of an answer it reads the status and the length, or the end of its last piece."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._head = b""
        self._left = 0
        self._tail: bytes | None = None
        self.started = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._run.fail(f"connection lost: {exc}")

    def data_received(self, data: bytes) -> None:
        if self._tail is not None:
            self._piece(data)
            return
        if not self._left:
            data = self._head + data
            end = data.find(b"\r\n\r\n")
            if end < 0:
                self._head = data
                return
            self._head = b""
            head = data[:end].lower()
            if head[9:12] != b"200":
                self._run.fail(data[:1000].decode(errors="replace"))
            if b"chunked" in head:
                self._tail = b""
                self._piece(data[end:])
                return
            self._left = end + 4 + int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        self._left -= len(data)
        if not self._left:
            self._run.finished(self)

    def _piece(self, data: bytes) -> None:
        self._tail = ((self._tail or b"") + data)[-len(LAST) :]
        if self._tail == LAST:
            self._tail = None
            self._run.finished(self)


class Run:
    """The sending of one job."""

    def __init__(self, job: Job, requests: list[bytes]) -> None:
        self._job = job
        self._requests = requests
        self._loop = asyncio.get_running_loop()
        self._idle: deque[Connection] = deque()
        self._due: deque[tuple[int, float]] = deque()
        self._arrived = 0
        self._latencies: list[float] = []
        self._done: asyncio.Future[str | None] = self._loop.create_future()

    async def connect(self) -> None:
        """Opens the connections."""
        address = urlsplit(self._job.url)
        host, port = str(address.hostname), int(address.port or 80)
        for _ in range(self._job.connections):
            _, connection = await self._loop.create_connection(lambda: Connection(self), host, port)
            self._idle.append(connection)

    async def send(self) -> Outcome:
        """Sends everything and waits for all answers."""
        processor = _processor()
        self._started = perf_counter()
        if self._job.rate is None:
            self._arrived = len(self._requests)
            self._due.extend((number, 0.0) for number in range(self._arrived))
            self._pull()
        else:
            self._arrive(self._job.rate)
        failure = await self._done
        return Outcome(perf_counter() - self._started, _processor() - processor, self._latencies, failure)

    def _arrive(self, rate: float) -> None:
        """Makes due what is due by now, and calls itself again for the next one."""
        now = perf_counter()
        while self._arrived < len(self._requests) and self._started + self._arrived / rate <= now:
            self._due.append((self._arrived, self._started + self._arrived / rate))
            self._arrived += 1
        self._pull()
        if self._arrived < len(self._requests):
            self._loop.call_later(self._started + self._arrived / rate - now, self._arrive, rate)

    def _pull(self) -> None:
        while self._due and self._idle:
            number, intended = self._due.popleft()
            connection = self._idle.popleft()
            connection.started = intended or perf_counter()
            connection.transport.write(self._requests[number])

    def finished(self, connection: Connection) -> None:
        """Called with a connection whose answer is complete."""
        self._latencies.append(perf_counter() - connection.started)
        self._idle.append(connection)
        self._pull()
        if len(self._latencies) == len(self._requests):
            self.fail(None)

    def fail(self, reason: str | None) -> None:
        """Ends the run."""
        if not self._done.done():
            self._done.set_result(reason)


def _processor() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def requests_of(job: Job) -> list[bytes]:
    """The bytes of every request, heads included."""
    host, form = urlsplit(job.url).netloc, FORMS[job.form]
    authorization = f"authorization: Bearer {job.token}\r\n" if job.token else ""
    requests = []
    for inputs in job.round.plan():
        content = form.write(inputs)
        head = (
            f"POST {form.path} HTTP/1.1\r\nhost: {host}\r\n{authorization}"
            f"content-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
        )
        requests.append(head.encode() + content)
    return requests


async def _main() -> None:
    job = msgspec.json.decode(sys.stdin.readline(), type=Job)
    run = Run(job, requests_of(job))
    await run.connect()
    gc.collect()
    gc.freeze()
    print("ready", flush=True)
    sys.stdin.readline()
    outcome = await run.send()
    print(msgspec.json.encode(outcome).decode(), flush=True)


if __name__ == "__main__":
    uvloop.run(_main())
