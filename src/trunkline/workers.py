"""Several processes on one port: this one has the socket, starts the others, and sees to it that they run.

All of them accept from the same socket, so what waits there is taken by whoever lives. Nothing is served here.
"""

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from contextlib import suppress
from tempfile import TemporaryFile

import msgspec
import structlog
from msgspec.structs import replace

from trunkline import logs, server
from trunkline.app import is_shared
from trunkline.clock import Clock
from trunkline.gathering import Gathering, gathering
from trunkline.http.memory import place, prepare
from trunkline.http.porter import ABSENT
from trunkline.server import certificate_of, listen, url_of
from trunkline.settings import Settings
from trunkline.store.protocol import StoreRefused
from trunkline.worker import READY, Duty

COMMAND = (sys.executable, "-P", "-m", "trunkline.worker")

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 30.0
"""Seconds until a worker that died has a successor; they double with each death from the first to the longest."""

STEADY = 60.0
"""Seconds after which the death of a worker has nothing to do with the one before."""

MOST_FAILED = 5
"""Starts that fail one after the other before it is given up, when no worker serves or the server is not ready yet."""

GRACE = 15.0
"""Seconds beyond `stop_delay` and `stop_timeout` that a worker has to stop."""

log = structlog.get_logger(__name__)


def serve(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serves in as many processes as the settings say until it is told to stop.

    `announce` is called with the server's URL once all of them accept requests. Raises `StoreRefused` and `OSError`
    when the store or the address cannot be had, or workers end at once again and again.
    """
    if settings.workers == 1:
        server.serve(settings, announce)
        return
    if not is_shared(settings.data):
        raise StoreRefused(
            f"A file is served by one process, so --workers {settings.workers} needs a PostgreSQL database "
            "(--data postgresql://...)."
        )
    logs.configure(settings.log_level, settings.log_format)
    with listen(settings) as listener:
        url = url_of(listener, settings.tls)
        run(settings, listener, lambda: announce(url))


def run(settings: Settings, listener: socket.socket, ready: Callable[[], None]) -> None:
    """The same on a socket, with any store; raises `StoreRefused`, and `OSError` for want of a certificate."""
    with TemporaryFile(buffering=0) as memory, gathering() as folder:
        prepare(memory, settings.workers)
        duty = Duty(
            settings,
            settings.secret or Clock().secret(),
            listener.fileno(),
            listener.family,
            memory.fileno(),
            certificate=certificate_of(settings),
        )
        asyncio.run(Workers(duty, listener, folder).serve(ready))


class Workers:
    """The processes behind one socket."""

    def __init__(self, duty: Duty, listener: socket.socket, gathering: Gathering) -> None:
        self._duty = duty
        self._settings = duty.settings
        self._listener = listener
        self._gathering = gathering
        self._processes: set[Process] = set()
        self._ready: set[Process] = set()
        self._failed = 0
        self._stopping = asyncio.Event()
        self._given_up = ""

    async def serve(self, ready: Callable[[], None]) -> None:
        """Keeps the workers running until a signal says stop; raises `StoreRefused` when it gives up."""
        self._announce: Callable[[], None] | None = ready
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop, number)
        await asyncio.gather(*(self._keep(number) for number in range(self._settings.workers)))
        if self._given_up:
            raise StoreRefused(self._given_up)

    async def _keep(self, number: int) -> None:
        """Has one worker run, and when it dies another one in its place."""
        loop, pause = asyncio.get_running_loop(), FIRST_PAUSE
        while not self._stopping.is_set():
            begun = loop.time()
            try:
                await self._run(replace(self._duty, place=number))
            except OSError as cause:
                self._note_failure(f"The system refuses to start one: {cause}")
            if loop.time() - begun > STEADY:
                pause = FIRST_PAUSE
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _run(self, duty: Duty) -> None:
        """Starts a worker, and returns when it has ended."""
        # Of a group of its own: what is typed at a terminal is for this process, which passes it on.
        process = await asyncio.create_subprocess_exec(
            *COMMAND,
            stdin=PIPE,
            stdout=PIPE,
            pass_fds=(duty.listener, duty.memory),
            process_group=0,
            env={**os.environ, **self._gathering.variables},
        )
        self._processes.add(process)
        if self._stopping.is_set():
            process.terminate()
        said = await _said(process, duty)
        if said == READY:
            self._note_ready(process)
        status = await self._ended(process)
        self._processes.discard(process)
        self._ready.discard(process)
        self._gathering.left(process.pid)
        place(duty.memory, self._settings.workers, duty.place).share.write(ABSENT)
        if self._stopping.is_set():
            return
        if said == READY:
            log.error("a worker ended", process=process.pid, status=status)
        else:
            self._note_failure(said or f"The last one ended with status {status}.", refused=bool(said))

    async def _ended(self, process: Process) -> int:
        """The status with which a worker ends; one that shall stop and does not is killed."""
        ended, stopping = asyncio.create_task(process.wait()), asyncio.create_task(self._stopping.wait())
        await asyncio.wait((ended, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        await asyncio.wait((ended,), timeout=self._settings.stop_delay + self._settings.stop_timeout + GRACE)
        if not ended.done():
            log.error("a worker did not stop and is killed", process=process.pid)
            process.kill()
        return await ended

    def _note_ready(self, process: Process) -> None:
        self._ready.add(process)
        self._failed = 0
        if self._announce is not None and len(self._ready) == self._settings.workers:
            self._announce()
            self._announce = None

    def _note_failure(self, why: str, *, refused: bool = False) -> None:
        """Gives up when no worker can be started; at the first refusal while the server is not ready yet."""
        self._failed += 1
        starting = self._announce is not None
        if refused and starting:
            self._give_up(why)
        elif self._failed >= MOST_FAILED and (starting or not self._ready):
            self._give_up(f"No worker can be started. {why}")
        else:
            log.error("a worker could not be started", cause=why)

    def _give_up(self, why: str) -> None:
        self._given_up = self._given_up or why
        self._stop(signal.SIGTERM)

    def _stop(self, number: signal.Signals) -> None:
        """Passes a signal on. Who connects from now on is refused, and does not wait for a worker that never comes."""
        self._stopping.set()
        self._listener.close()
        for process in self._processes:
            with suppress(ProcessLookupError):
                process.send_signal(number)


async def _said(process: Process, duty: Duty) -> str:
    """Tells a worker what to do, and returns its answer; empty when it dies first."""
    assert process.stdin is not None and process.stdout is not None, "both are pipes"
    with suppress(ConnectionError):
        process.stdin.write(msgspec.json.encode(duty) + b"\n")
        await process.stdin.drain()
    return (await process.stdout.readline()).decode().strip()
