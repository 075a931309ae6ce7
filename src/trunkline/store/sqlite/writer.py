"""The one writer of a file: batches that wait together are committed together, each in a savepoint of its own.

The work of a batch runs on the event loop, in one go from find to apply, so nothing else runs in between; the commit,
which waits for the disk, runs in a thread, and the next batches gather and are decoded in that time.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

import apsw

from trunkline.errors import StoreClosing, StoreFull

T = TypeVar("T")
Job = tuple[Callable[[], Any], "asyncio.Future[Any]"]

LARGEST_GROUP = 32
"""Batches committed together; more would make the first of them wait too long."""


class Writer:
    """Runs jobs on a connection that nobody else writes with. `turn` is held while a transaction is open."""

    def __init__(self, connection: apsw.Connection, *, threaded: bool) -> None:
        self.turn = asyncio.Lock()
        self._connection = connection
        self._threaded = threaded
        self._queue: deque[Job] = deque()
        self._wake = asyncio.Event()
        self._closing = False
        self._task = asyncio.create_task(self._serve(), name="writer")

    async def submit(self, work: Callable[[], T]) -> T:
        """Runs a job inside a transaction and returns its value once that is committed.

        What the job raises undoes the job alone. Raises `StoreFull` when there is no room, `StoreClosing` after
        `close`.
        """
        if self._closing:
            raise StoreClosing
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.append((work, future))
        self._wake.set()
        return await future

    async def close(self) -> None:
        """Commits what was submitted and takes no more."""
        self._closing = True
        self._wake.set()
        await self._task

    async def _serve(self) -> None:
        while self._queue or not self._closing:
            if not self._queue:
                self._wake.clear()
                await self._wake.wait()
                continue
            jobs = [self._queue.popleft() for _ in range(min(len(self._queue), LARGEST_GROUP))]
            async with self.turn:
                await self._commit([job for job in jobs if not job[1].cancelled()])

    async def _commit(self, jobs: list[Job]) -> None:
        """Commits jobs as one; when that fails each is tried alone, so that none suffers for another."""
        try:
            outcomes = self._run(jobs)
            await self._end("COMMIT")
        except (apsw.Error, OSError) as cause:
            await self._undo()
            if len(jobs) > 1:
                for job in jobs:
                    await self._commit([job])
                return
            outcomes = [(_public(cause), False)]
        for (_, future), (value, good) in zip(jobs, outcomes, strict=True):
            if not future.done():
                (future.set_result if good else future.set_exception)(value)

    def _run(self, jobs: list[Job]) -> list[tuple[Any, bool]]:
        self._connection.execute("BEGIN IMMEDIATE")
        return [self._attempt(work) for work, _ in jobs]

    def _attempt(self, work: Callable[[], Any]) -> tuple[Any, bool]:
        execute = self._connection.execute
        execute("SAVEPOINT batch")
        try:
            value = work()
        except (apsw.FullError, apsw.IOError, apsw.NoMemError, apsw.CorruptError):
            raise
        except Exception as refusal:
            execute("ROLLBACK TO batch")
            execute("RELEASE batch")
            return refusal, False
        execute("RELEASE batch")
        return value, True

    async def _end(self, statement: str) -> None:
        if self._threaded:
            await asyncio.get_running_loop().run_in_executor(None, self._connection.execute, statement)
        else:
            self._connection.execute(statement)

    async def _undo(self) -> None:
        if self._connection.in_transaction:
            await self._end("ROLLBACK")


def _public(cause: Exception) -> Exception:
    if not isinstance(cause, apsw.FullError):
        return cause
    full = StoreFull()
    full.__cause__ = cause
    return full
