"""Moving the write-ahead log into the file, off the way of the requests.

The bulk is moved and synced while writes go on, in a thread and on a connection of its own; then the writer waits for
one short turn in which the rest is moved, so that the log starts again from its beginning and does not grow for ever.
"""

import asyncio
import os
from contextlib import suppress

import apsw
import structlog

from trunkline.store.sqlite.connection import connect
from trunkline.store.sqlite.writer import Writer

THRESHOLD = 32_768
"""Pages in the log (128 MiB) at which a checkpoint starts; more would rewrite fewer pages and recover slower."""

REST = 800
"""Pages that may come to the log during a pass and be left to the last one, for which the writer waits."""

PASSES = 6
"""Passes at most; a writer that is faster than the disk would keep them coming."""

PAUSE = 0.1
"""Seconds between two looks at the log."""

log = structlog.get_logger(__name__)


class Checkpointer:
    """Keeps the log of one file short while its writer writes."""

    def __init__(self, path: str, writer: Writer, connection: apsw.Connection) -> None:
        self._pages = 0
        self._writer = writer
        connection.set_wal_hook(self._note)
        self._connection = connect(path)
        # Kept open to the end: closing a descriptor of the file would drop SQLite's own locks on it.
        self._files = [os.open(name, os.O_RDWR | os.O_CLOEXEC) for name in (f"{path}-wal", path)]
        self._stop = asyncio.Event()
        self._task = asyncio.create_task(self._watch(), name="checkpoint")

    async def close(self) -> None:
        """Stops, after a checkpoint under way; the writer is closed before."""
        self._stop.set()
        await self._task
        self._connection.close()

    def close_files(self) -> None:
        """Closes the descriptors; only once no connection to the file is left."""
        for file in self._files:
            os.close(file)

    def _note(self, connection: apsw.Connection, name: str, pages: int) -> int:
        self._pages = pages
        return apsw.SQLITE_OK

    async def _watch(self) -> None:
        while not self._stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), PAUSE)
            if self._pages < THRESHOLD:
                continue
            try:
                await self._checkpoint()
            except (apsw.Error, OSError) as cause:
                log.error("checkpoint failed", cause=repr(cause))

    async def _checkpoint(self) -> None:
        """Moves and syncs what is in the log, and what came meanwhile, until so little comes that the turn is short."""
        for _ in range(PASSES):
            before = self._pages
            await asyncio.to_thread(self._move)
            await asyncio.to_thread(self._sync)
            if self._pages - before < REST:
                break
        async with self._writer.turn:
            await asyncio.to_thread(self._move)
            self._pages = 0

    def _move(self) -> None:
        self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)

    def _sync(self) -> None:
        for file in self._files:
            os.fdatasync(file)
