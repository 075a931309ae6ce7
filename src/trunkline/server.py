"""Running the application: a socket, a ready line, and a clean stop."""

import asyncio
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
import uvicorn

from trunkline.app import open_store, running
from trunkline.clock import Clock
from trunkline.http.intake import Intake
from trunkline.settings import Settings
from trunkline.store.sqlite.lock import Served

BACKLOG = 2048


class _Server(uvicorn.Server):
    """Stops on SIGTERM and SIGINT after the requests in flight, and then returns instead of dying of the signal."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def serve(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serves until it is told to stop; `announce` is called with the server's URL once requests are accepted.

    Raises `StoreRefused` and `OSError` when the store or the address cannot be had.
    """
    _configure_log(settings)
    runner = asyncio.Runner(loop_factory=_new_loop)
    with runner:
        runner.run(_serve(settings, announce))


async def _serve(settings: Settings, announce: Callable[[str], None]) -> None:
    listener = _listen(settings)
    host, port = listener.getsockname()[:2]
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    clock = Clock()
    secret = clock.secret()
    store = open_store(settings, clock)

    def ready() -> None:
        _spare_the_collector()
        if store.lock is not None:
            store.lock.announce(Served(os.getpid(), _reachable(url), secret))
        announce(url)

    Intake.max_connections = settings.max_connections
    Intake.max_client_connections = settings.max_client_connections
    Intake.write_timeout = settings.write_timeout
    _allow_files(2 * settings.max_connections)
    async with running(settings, clock, store, secret) as app:
        config = uvicorn.Config(
            app,
            http=Intake,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=settings.max_connections + 1,
            timeout_graceful_shutdown=settings.stop_timeout,
        )
        await _Server(config, ready).serve(sockets=[listener])


def _allow_files(wanted: int) -> None:
    """Each connection is an open file, and the usual limit leaves no room for a thousand."""
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        if soft != resource.RLIM_INFINITY and soft < most:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _spare_the_collector() -> None:
    """What was imported stays for ever and need not be looked through again; a batch makes much that dies at once."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as cause:
        listener.close()
        raise OSError(f"Cannot listen on {settings.host}:{settings.port}: {cause.strerror}") from cause
    listener.listen(BACKLOG)
    return listener


def _reachable(url: str) -> str:
    """A URL that the same machine can call: the wildcard addresses are none."""
    return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")


def _new_loop() -> asyncio.AbstractEventLoop:
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    import uvloop

    return uvloop.new_event_loop()


def _configure_log(settings: Settings) -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
