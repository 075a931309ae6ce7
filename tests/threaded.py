"""The whole server in a thread of this process, over an empty store: a real socket, ready in milliseconds."""

import asyncio
import socket
import threading
from collections.abc import Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any, TypeVar

import httpx
import uvicorn
from server import SECONDS, SETTINGS, TOKEN, Server
from slate import clean
from starlette.types import ASGIApp, Receive, Scope, Send

from trunkline.app import open_store, running
from trunkline.clock import Clock
from trunkline.http.control import SECRET
from trunkline.http.intake import Intake
from trunkline.settings import Settings

T = TypeVar("T")
KNOWN = "secret"


class ThreadedServer(Server):
    """Like `Server`, but in this process and with an empty store of its own, in memory where that can be."""

    def __init__(self, url: str, data: str) -> None:
        self.url = url
        self.token = TOKEN
        self.portal = 1_000_001
        self.data = data

    def make_token(self, scopes: list[str]) -> str:
        """A new token with these scopes, made through the control namespace."""
        body = {"name": "test", "scopes": scopes}
        with httpx.Client(trust_env=False, verify=False) as client:
            made = client.post(f"{self.url}/_trunkline/tokens", json=body, headers={SECRET: KNOWN})
        return str(made.raise_for_status().json()["token"])


class _Quiet(uvicorn.Server):
    """Leaves the signals to the test runner and says when it accepts requests."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(uvicorn.Config(app, http=Intake, lifespan="off", log_config=None, server_header=False))
        self.ready = threading.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


class Stage:
    """One socket and one event loop, on which one application after the other is played, each with its own store.

    Starting and stopping a server takes longer than most tests; changing the application behind the socket does not.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._app: ASGIApp | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands a request to the application that is on."""
        assert self._app is not None, "a request between two tests"
        await self._app(scope, receive, send)

    async def serve(self, server: uvicorn.Server, listener: socket.socket) -> None:
        """Serves until the server is told to stop."""
        self._loop = asyncio.get_running_loop()
        await server.serve(sockets=[listener])

    @contextmanager
    def serving(self, **members: object) -> Iterator[ThreadedServer]:
        """A server with an empty store; its settings are those of a test unless given."""
        with clean() as data:
            settings = Settings(**SETTINGS | {"data": data} | members)
            play = _Play(settings)
            self._app = self._wait(play.begin())
            try:
                yield ThreadedServer(self.url, settings.data)
            finally:
                self._app = None
                self._wait(play.end())

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(SECONDS)


class _Play:
    """The life of one application; it begins and ends in one task, as an async context manager has to."""

    def __init__(self, settings: Settings) -> None:
        clock = Clock()
        self._running: AbstractAsyncContextManager[ASGIApp] = running(
            settings, clock, open_store(settings, clock), KNOWN
        )
        self._over = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> ASGIApp:
        """Opens the store and returns the application over it."""
        ready: asyncio.Future[ASGIApp] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._live(ready))
        return await ready

    async def _live(self, ready: "asyncio.Future[ASGIApp]") -> None:
        try:
            async with self._running as app:
                ready.set_result(app)
                await self._over.wait()
        except Exception as cause:
            if ready.done():
                raise
            ready.set_exception(cause)

    async def end(self) -> None:
        """Closes the store."""
        assert self._task is not None
        self._over.set()
        await self._task


@contextmanager
def staged() -> Iterator[Stage]:
    """A stage in a thread of its own.

    asyncio sends without delay only on a socket that names its protocol; otherwise each answer waits 40 ms.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        stage = Stage(f"http://127.0.0.1:{listener.getsockname()[1]}")
        server = _Quiet(stage)
        thread = threading.Thread(target=lambda: asyncio.run(stage.serve(server, listener)))
        thread.start()
        try:
            assert server.ready.wait(SECONDS)
            yield stage
        finally:
            server.should_exit = True
            thread.join(SECONDS)
