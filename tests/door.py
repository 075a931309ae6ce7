"""The intake alone, before an application of a few lines, on a real socket and on either event loop."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import ClassVar

import pytest
import uvicorn
import uvloop
from server import SECONDS
from starlette.types import Receive, Scope, Send

from trunkline.http.crowd import Crowd
from trunkline.http.intake import Intake
from trunkline.http.secured import context_of, secured

LONG = 2 * SECONDS

LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.new_event_loop,
    "uvloop": uvloop.new_event_loop,
}
BIG = b"x" * 16_000_000
"""More than the system's own buffers hold."""

PIECES = {b"/big": [BIG], b"/pieces": [BIG[:100_000]] * 160, b"/long": [BIG[:5_000]]}


class Door(Intake):
    """The intake of these tests, with limits and a crowd of its own. It notes the most that ever waited for its turn,
    and says when a connection is over."""

    crowd: ClassVar[Crowd]
    requests_ahead: ClassVar[int]
    bytes_ahead: ClassVar[int]
    over: ClassVar["SimpleQueue[None]"]

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        Door.requests_ahead = max(Door.requests_ahead, len(self.pipeline))
        Door.bytes_ahead = max(Door.bytes_ahead, len(self._ahead))

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.over.put(None)


class House:
    """A running server behind the door: every path answers its own name, but for these.

    `/big` answers more than a client's machine takes unread, `/pieces` as much piece by piece, and `/long` a little;
    `/read` answers the length of the body, and `/held` answers once `release` was called.
    """

    def __init__(self, certificate: str = "") -> None:
        door = secured(Door, context_of(certificate)) if certificate else Door
        self.config = uvicorn.Config(
            self,
            http=door,  # type: ignore[arg-type]
            lifespan="off",
            log_config=None,
            server_header=False,
        )
        self.held: SimpleQueue[None] = SimpleQueue()
        self._there = 0
        self._released = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.port = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        body = str(scope["path"]).encode()
        if body == b"/read":
            body = str(await _length(receive)).encode()
        if body == b"/held":
            self.held.put(None)
            await self._released.wait()
        pieces = PIECES.get(body, [body])
        length = str(sum(map(len, pieces))).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
        for number, piece in enumerate(pieces, 1):
            await send({"type": "http.response.body", "body": piece, "more_body": number < len(pieces)})

    def release(self) -> None:
        """Lets the requests that are held be answered."""
        self._call(self._released.set)

    def retain(self) -> None:
        """Holds requests again."""
        self._call(self._released.clear)

    def _call(self, what: Callable[[], None]) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(what)

    @contextmanager
    def connected(self) -> Iterator[socket.socket]:
        """A new connection."""
        self._there += 1
        with socket.create_connection(("127.0.0.1", self.port), SECONDS) as connection:
            yield connection

    @contextmanager
    def secured(self, trusted: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
        """A new connection, encrypted."""
        with self.connected() as connection, trusted.wrap_socket(connection, server_hostname="localhost") as secured:
            yield secured

    def await_over(self, count: int | None = None) -> None:
        """Waits until the server knows that so many connections are over, or all that there were."""
        for _ in range(self._there if count is None else count):
            Door.over.get(timeout=SECONDS)
            self._there -= 1

    async def serve(self, server: uvicorn.Server, listener: socket.socket) -> None:
        """Serves until the server is told to stop."""
        self._loop = asyncio.get_running_loop()
        await server.serve(sockets=[listener])


async def _length(receive: Receive) -> int:
    length, more = 0, True
    while more:
        message = await receive()
        length += len(message.get("body", b""))
        more = message.get("more_body", False)
    return length


class _Quiet(uvicorn.Server):
    """Leaves the signals to the test runner and says when it accepts requests."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@contextmanager
def opened(loop: str, certificate: str = "") -> Iterator[House]:
    """A house on an event loop in a thread of its own, behind TLS if it has a certificate."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        house = House(certificate)
        house.port = listener.getsockname()[1]
        server = _Quiet(house.config)

        def run() -> None:
            with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
                runner.run(house.serve(server, listener))

        thread = threading.Thread(target=run)
        thread.start()
        try:
            assert server.ready.wait(SECONDS)
            yield house
        finally:
            server.should_exit = True
            thread.join(SECONDS)


@contextmanager
def vacated(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The house with nobody in it, before and after, and with limits that nobody meets unless a test lowers them."""
    for name in ("patience", "idle_timeout", "write_timeout", "refusal_timeout"):
        monkeypatch.setattr(Door, name, LONG)
    monkeypatch.setattr(Door, "crowd", Crowd(), raising=False)
    monkeypatch.setattr(Door, "over", SimpleQueue(), raising=False)
    monkeypatch.setattr(Door, "requests_ahead", 0, raising=False)
    monkeypatch.setattr(Door, "bytes_ahead", 0, raising=False)
    house.retain()
    house.held = SimpleQueue()
    yield
    house.release()
    house.await_over()
    assert len(Door.crowd) == 0
