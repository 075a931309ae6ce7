"""A few connections for searches, each used by one thread at a time, so that a slow search holds up nobody else."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TypeVar

import apsw

from trunkline.errors import SearchTooSlow
from trunkline.store.sqlite.connection import connect
from trunkline.store.sqlite.index import file

T = TypeVar("T")

READERS = 3
"""Searches that run at once; others wait."""


class Reader:
    """One connection, opened when it is first used, and anew when the index has another generation."""

    def __init__(self, path: str, cache_mb: int) -> None:
        self._path = path
        self._cache_mb = cache_mb
        self._connection: apsw.Connection | None = None
        self._generation = 0

    def run(self, work: Callable[[apsw.Connection], T], generation: int) -> T:
        """Runs work on the connection; raises `apsw.InterruptError` when it is interrupted."""
        if self._connection is None or self._generation != generation:
            self.close()
            self._connection = connect(self._path)
            file.attach(self._connection, self._path, cache_mb=self._cache_mb)
            self._connection.pragma("query_only", True)
            self._generation = generation
        return work(self._connection)

    def interrupt(self) -> None:
        """Breaks off the work under way, from another thread."""
        if self._connection is not None:
            self._connection.interrupt()

    def close(self) -> None:
        """Closes the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Readers:
    """The connections; the one that was used last is used first, because its cache is warm."""

    def __init__(self, path: str, *, cache_mb: int, limit: float) -> None:
        self._limit = limit
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="search")
        self._turns = asyncio.Semaphore(READERS)
        self._idle = [Reader(path, cache_mb) for _ in range(READERS)]

    async def run(self, work: Callable[[apsw.Connection], T], generation: int, searches: int = 1) -> T:
        """Runs work on one of the connections, in a thread; raises `SearchTooSlow` when so many searches were over."""
        async with self._turns:
            reader = self._idle.pop()
            run = partial(reader.run, work, generation)
            future = asyncio.get_running_loop().run_in_executor(self._threads, run)
            try:
                await asyncio.wait([future], timeout=self._limit * searches)
            finally:
                await _end(reader, future)
                self._idle.append(reader)
            try:
                return future.result()
            except apsw.InterruptError as cause:
                raise SearchTooSlow(self._limit * searches) from cause

    async def close(self) -> None:
        """Waits for the searches under way and closes all connections."""
        for _ in range(READERS):
            await self._turns.acquire()
        await asyncio.to_thread(self._threads.shutdown)
        for reader in self._idle:
            reader.close()


async def _end(reader: Reader, future: "asyncio.Future[T]") -> None:
    """Breaks off what is still under way, again and again: between two statements there is nothing to break off."""
    while not future.done():
        reader.interrupt()
        with suppress(asyncio.CancelledError):
            await asyncio.wait([future], timeout=0.01)
    if not future.cancelled():
        future.exception()  # looked at, so that nobody is told of what was broken off for one who went away
