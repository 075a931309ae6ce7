"""A server in a thread of this process, with everything in memory."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager

import structlog
import uvicorn
from starlette.types import ASGIApp

from trunkline.app import open_store, running
from trunkline.clock import Clock
from trunkline.http.intake import Intake
from trunkline.settings import Settings

SECONDS = 30.0
SETTINGS = Settings(data=":memory:", host="127.0.0.1", port=0)


class _Server(uvicorn.Server):
    """Leaves the signals to the test runner and says when it accepts requests."""

    def __init__(self, app: ASGIApp, ready: "Future[_Server]") -> None:
        config = uvicorn.Config(
            app, http=Intake, lifespan="off", log_config=None, log_level="warning", server_header=False
        )
        config.timeout_graceful_shutdown = 1
        super().__init__(config)
        self._ready = ready

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready.set_result(self)


@contextmanager
def threaded() -> Iterator[tuple[str, str]]:
    """The URL of such a server, and what opens its control namespace; it ends with the block."""
    secret = Clock().secret()
    # asyncio sends without delay only on a socket that names its protocol.
    with _quiet(), socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind((SETTINGS.host, 0))
        listener.listen()
        ready: Future[_Server] = Future()
        thread = threading.Thread(target=_serve, args=(listener, secret, ready), name="trunkline", daemon=True)
        thread.start()
        server = ready.result(SECONDS)
        try:
            yield f"http://{SETTINGS.host}:{listener.getsockname()[1]}", secret
        finally:
            server.should_exit = True
            thread.join(SECONDS)


def _serve(listener: socket.socket, secret: str, ready: "Future[_Server]") -> None:
    """Serves until it is told to stop; a failure before that is for whoever waits until it is ready."""
    try:
        asyncio.run(_live(listener, secret, ready))
    except BaseException as cause:
        if ready.done():
            raise
        ready.set_exception(cause)


async def _live(listener: socket.socket, secret: str, ready: "Future[_Server]") -> None:
    clock = Clock()
    async with running(SETTINGS, clock, open_store(SETTINGS, clock), secret) as app:
        await _Server(app, ready).serve(sockets=[listener])


@contextmanager
def _quiet() -> Iterator[None]:
    """Has a log that nobody configured tell of warnings and worse alone."""
    if structlog.is_configured():
        yield
        return
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("warning"))
    try:
        yield
    finally:
        structlog.reset_defaults()
