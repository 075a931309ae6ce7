"""The one writer of a file: batches that wait together are committed together.

The work of a batch runs on the event loop, in one go from find to apply, so nothing else runs in between; the commit,
which waits for the disk, runs in a thread, and the next batches gather and are decoded in that time.

A batch is decided before its first row is written, so one that is refused leaves nothing to undo and needs no
savepoint, which would copy every page that a batch touches. One that fails while it writes (a full disk, a fault of
ours) undoes its whole group, and each batch of it is then tried in a transaction of its own.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

import apsw

from trunkline.errors import StoreClosing, StoreFull
from trunkline.footprint import wrote
from trunkline.stopwatch import stopwatch
from trunkline.store.protocol import StoreRefused

T = TypeVar("T")
Job = tuple[Callable[[], Any], "asyncio.Future[Any]"]

LARGEST_GROUP = 32
"""Batches committed together; more would make the first of them wait too long."""


class _HalfWritten(Exception):
    """A job failed after it had begun to write; its cause is the failure."""


class Writer:
    """Runs jobs on a connection that nobody else writes with. `turn` is held while a transaction is open.

    `committed` is told how many jobs each commit had; `position` is that of the next row of the journal.
    """

    def __init__(self, connection: apsw.Connection, *, threaded: bool, position: Callable[[], int] = lambda: 0) -> None:
        self.turn = asyncio.Lock()
        self._connection = connection
        self._threaded = threaded
        self._position = position
        self._queue: deque[Job] = deque()
        self._wake = asyncio.Event()
        self._closing = False
        self.committed: Callable[[int], None] = lambda batches: None
        self._task = asyncio.create_task(self._serve(), name="writer")

    async def submit(self, work: Callable[[], T]) -> T:
        """Runs a job inside a transaction and returns its value once that is committed.

        What the job raises undoes the job alone. Raises `StoreFull` when there is no room, `StoreClosing` after
        `close`.
        """
        if self._closing:
            raise StoreClosing
        watch = stopwatch()
        watch.ask()
        span = 0, -1

        def timed() -> T:
            nonlocal span
            watch.lap("wait")
            first = self._position()
            value = work()
            span = first, self._position() - 1
            watch.lap("apply")
            return value

        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.append((timed, future))
        self._wake.set()
        value = await future
        watch.lap("commit")
        wrote(*span)
        return value

    async def ready(self) -> None:
        """Returns when a job would have its turn now; raises `StoreRefused` when none ever will."""
        if self._closing or self._task.done():
            raise StoreRefused("The store takes no writes any more.")
        async with self.turn:
            pass

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
        except (apsw.Error, OSError, _HalfWritten) as cause:
            await self._undo()
            if len(jobs) > 1:
                for job in jobs:
                    await self._commit([job])
                return
            outcomes = [(cause, False)]
        else:
            self.committed(len(jobs))
        for (_, future), (value, good) in zip(jobs, outcomes, strict=True):
            if future.done():
                continue
            if good:
                future.set_result(value)
            else:
                future.set_exception(_public(value))

    def _run(self, jobs: list[Job]) -> list[tuple[Any, bool]]:
        self._connection.execute("BEGIN IMMEDIATE")
        return [self._attempt(work) for work, _ in jobs]

    def _attempt(self, work: Callable[[], Any]) -> tuple[Any, bool]:
        """The value of a job, or why it refused. One that fails after its first write takes the transaction along."""
        written = self._connection.total_changes()
        try:
            return work(), True
        except Exception as cause:
            if self._connection.total_changes() != written or not self._connection.in_transaction:
                raise _HalfWritten from cause
            return cause, False

    async def _end(self, statement: str) -> None:
        if self._threaded:
            await asyncio.get_running_loop().run_in_executor(None, self._connection.execute, statement)
        else:
            self._connection.execute(statement)

    async def _undo(self) -> None:
        if self._connection.in_transaction:
            await self._end("ROLLBACK")


def _public(cause: Exception) -> Exception:
    """What a job's caller is told: the failure itself, or that there is no room."""
    if isinstance(cause, _HalfWritten) and isinstance(cause.__cause__, Exception):
        cause = cause.__cause__
    if not isinstance(cause, apsw.FullError):
        return cause
    full = StoreFull()
    full.__cause__ = cause
    return full
