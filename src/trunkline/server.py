"""Running the application in one process: a socket, a ready line, and a clean stop."""

import asyncio
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Any

import uvicorn

from trunkline import logs
from trunkline.app import open_store, running
from trunkline.clock import Clock
from trunkline.http.intake import Intake
from trunkline.http.memory import Place
from trunkline.http.porter import Porter, Share
from trunkline.settings import Settings
from trunkline.store.sqlite.lock import Served
from trunkline.store.sqlite.store import SqliteStore

BACKLOG = 2048


class _Server(uvicorn.Server):
    """Stops on SIGTERM and SIGINT after the requests in flight, and then returns instead of dying of the signal."""

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], share: Share | None, stopping: asyncio.Event
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._share = share
        self._stopping = stopping
        self.delay = 0.0

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Told to stop: says so to who asks, and stops after the delay, or at once when it is told again."""
        if self._stopping.is_set() or not self.delay:
            super().handle_exit(sig, frame)
        else:
            asyncio.get_running_loop().call_later(self.delay, super().handle_exit, sig, frame)
        self._stopping.set()

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
        if self._share is None:
            await super().startup(sockets)
        else:
            await super().startup([])
            self.servers += [self._porter(listener, self._share) for listener in sockets or []]
        self._ready()

    def _porter(self, listener: socket.socket, share: Share) -> Any:
        """What stands where uvicorn has the event loop's own server."""
        make: Callable[[], asyncio.Protocol] = partial(
            self.config.http_protocol_class,  # type: ignore[call-arg]
            self.config,
            self.server_state,
            self.lifespan.state,
        )
        porter = Porter(listener, make, lambda: len(self.server_state.connections), share)
        porter.open()
        return porter


def serve(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serves in this process until it is told to stop; `announce` is called with the server's URL once it is ready.

    Raises `StoreRefused` and `OSError` when the store or the address cannot be had.
    """
    logs.configure(settings.log_level, settings.log_format)
    with listen(settings) as listener:
        url = url_of(listener, settings.tls)
        secret, certificate = settings.secret or Clock().secret(), certificate_of(settings)
        run(settings, listener, secret, lambda: announce(url), certificate=certificate)


def run(
    settings: Settings,
    listener: socket.socket,
    secret: str,
    ready: Callable[[], None],
    place: Place | None = None,
    certificate: str = "",
) -> None:
    """Serves on a socket until it is told to stop; `ready` is called once requests are accepted.

    `place` is this process's among those that serve on the socket, if it is not the only one, and `certificate` that of
    the server with its key (PEM), if it serves https. Raises `StoreRefused` when the store cannot be had.
    """
    with asyncio.Runner(loop_factory=_new_loop) as runner:
        runner.run(_serve(settings, listener, secret, ready, place, certificate))


async def _serve(
    settings: Settings,
    listener: socket.socket,
    secret: str,
    ready: Callable[[], None],
    place: Place | None,
    certificate: str,
) -> None:
    clock = Clock()
    store = open_store(settings, clock)

    def tell() -> None:
        _spare_the_collector()
        if isinstance(store, SqliteStore) and store.lock is not None:
            store.lock.announce(_served(listener, settings, secret))
        ready()

    Intake.max_connections = settings.max_connections
    Intake.max_client_connections = settings.max_client_connections
    Intake.write_timeout = settings.write_timeout
    _allow_files(2 * settings.max_connections)
    stopping, ledger = asyncio.Event(), place.ledger if place else None
    async with running(settings, clock, store, secret, stopping, ledger) as app:
        config = uvicorn.Config(
            app,
            http=_intake(certificate),  # type: ignore[arg-type]
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=settings.max_connections + 1,
            timeout_graceful_shutdown=settings.stop_timeout,
        )
        server = _Server(config, tell, place.share if place else None, stopping)
        server.delay = settings.stop_delay
        await server.serve(sockets=[listener])


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


def listen(settings: Settings) -> socket.socket:
    """A socket that listens where the settings say; raises `OSError` with a sentence."""
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


def certificate_of(settings: Settings) -> str:
    """The certificate of a server with these settings, and its key (PEM); nothing when it serves plain HTTP."""
    if not settings.tls:
        return ""
    from trunkline.authority import certificate_for

    return certificate_for(settings)


def _intake(certificate: str) -> Callable[..., asyncio.Protocol]:
    """What makes the protocol of a connection."""
    if not certificate:
        return Intake
    from trunkline.http.secured import context_of, secured

    return secured(Intake, context_of(certificate))


def _served(listener: socket.socket, settings: Settings, secret: str) -> Served:
    """Where this server is found by commands on the same machine."""
    authority = ""
    if settings.tls:
        from trunkline.authority import authority_of

        authority = str(authority_of(settings).certificate.absolute())
    return Served(os.getpid(), reachable(url_of(listener, settings.tls)), secret, authority)


def url_of(listener: socket.socket, tls: bool = False) -> str:
    """The URL of what a socket listens on."""
    host, port = listener.getsockname()[:2]
    return f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


def reachable(url: str) -> str:
    """A URL that the same machine can call: the wildcard addresses are none."""
    return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")


def _new_loop() -> asyncio.AbstractEventLoop:
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    import uvloop

    return uvloop.new_event_loop()
