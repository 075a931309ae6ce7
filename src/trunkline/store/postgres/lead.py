"""Which process does what only one may do at a time: whoever holds an advisory lock of the database.

The lock belongs to a connection. PostgreSQL gives it to the next one when that connection ends, however its process
did; a process whose connection is lost stops what it did before it tries again.
"""

import asyncio
from collections.abc import Awaitable, Callable

from trunkline.store.postgres.tether import FIRST_PAUSE, LOST, Connect, Connection, parted, regained, watched

KEY = 0x5452_4B4C_0002
"""The number of the lock; each database has one of that number."""

TRY = "SELECT pg_try_advisory_lock($1)"

PULSE = 1.0
"""Seconds between two attempts to get the lock, and between two looks at whether it is still held."""


class Leadership:
    """One store's part in the question of who leads."""

    def __init__(self, connect: Connect, key: int = KEY) -> None:
        self._connect = connect
        self._key = key
        self._held, self._lost = asyncio.Event(), asyncio.Event()
        self._connection: Connection | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def held(self) -> bool:
        """Whether this store leads, as far as it knows."""
        return self._held.is_set()

    async def close(self) -> None:
        """Leads no more; the next one may at once."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        self._lose()
        if self._connection is not None:
            await parted(self._connection)

    async def lead(self, work: Callable[[], Awaitable[None]]) -> None:
        """Runs `work` while this store leads: cancels it when that ends, and begins it anew when it leads again.

        Ends when the work does, with what that raised. Who never calls this never leads.
        """
        if self._task is None:
            self._task = asyncio.create_task(self._keep(), name="leadership")
        while True:
            await self._held.wait()
            if await self._while_held(work):
                return

    async def _while_held(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Runs `work` until it ends, which is true, or the lead is lost."""
        working, losing = asyncio.ensure_future(work()), asyncio.create_task(self._lost.wait())
        try:
            await asyncio.wait((working, losing), return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()
            return working.done()
        finally:
            for task in (working, losing):
                task.cancel()
            await asyncio.gather(working, losing, return_exceptions=True)

    async def _keep(self) -> None:
        while True:
            self._connection = connection = await regained(self._connect, "leading")
            try:
                await self._hold(connection)
            except LOST:
                connection.terminate()
            finally:
                self._lose()
            await asyncio.sleep(FIRST_PAUSE)

    async def _hold(self, connection: Connection) -> None:
        """Gets the lock and keeps it until the connection is lost."""
        while not await connection.fetchval(TRY, self._key):
            await asyncio.sleep(PULSE)
        self._lost.clear()
        self._held.set()
        await watched(connection, PULSE)

    def _lose(self) -> None:
        self._held.clear()
        self._lost.set()
