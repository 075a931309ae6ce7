"""The whole server in a thread of this process, over a store in memory: a real socket, ready in milliseconds."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import uvicorn
from server import SECONDS, TOKEN, Server

from trunkline.app import open_store, running
from trunkline.clock import Clock
from trunkline.http.control import SECRET
from trunkline.settings import Settings


class ThreadedServer(Server):
    """Like `Server`, but in this process and with an empty store of its own in memory."""

    def __init__(self, url: str, secret: str) -> None:
        self.url = url
        self.token = TOKEN
        self.portal = 1_000_001
        self.data = ":memory:"
        self._secret = secret

    def make_token(self, scopes: list[str]) -> str:
        """A new token with these scopes, made through the control namespace."""
        made = httpx.post(
            f"{self.url}/_trunkline/tokens",
            json={"name": "test", "scopes": scopes},
            headers={SECRET: self._secret},
            trust_env=False,
        )
        return str(made.raise_for_status().json()["token"])


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
def serving(**members: object) -> Iterator[ThreadedServer]:
    """A running server; its settings are those of a test unless given."""
    settings = Settings(**{"data": ":memory:", "token": TOKEN} | members)  # type: ignore[arg-type]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server, secret = _Quiet(uvicorn.Config(_no_app, lifespan="off", log_config=None, server_header=False)), "secret"
        thread = threading.Thread(target=lambda: asyncio.run(_run(server, settings, secret, listener)))
        thread.start()
        try:
            assert server.ready.wait(SECONDS)
            yield ThreadedServer(f"http://127.0.0.1:{listener.getsockname()[1]}", secret)
        finally:
            server.should_exit = True
            thread.join(SECONDS)


async def _no_app(*_: object) -> None:
    """Stands in until the store is open."""


async def _run(server: _Quiet, settings: Settings, secret: str, listener: socket.socket) -> None:
    clock = Clock()
    async with running(settings, clock, open_store(settings, clock), secret) as app:
        server.config.app = app
        await server.serve(sockets=[listener])
