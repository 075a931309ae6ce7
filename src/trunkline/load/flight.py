"""Batches on their way: so many at a time, and never one key twice."""

import asyncio
from collections.abc import Awaitable, Callable

from trunkline.load.batches import Batch, Batches
from trunkline.load.mapping import Call


class Flight:
    """Sends calls in batches through `send`, up to `limit` at once, in an order that keeps each key's rows in turn.

    What `send` raises comes out of `put` or `finish`; batches in flight then go on until `land` is called.
    """

    def __init__(self, batches: Batches, send: Callable[[list[Call]], Awaitable[None]], limit: int) -> None:
        self._batches = batches
        self._send = send
        self._limit = limit
        self._tasks: dict[asyncio.Task[None], Batch] = {}

    async def put(self, call: Call) -> None:
        """Takes a call in and sends what is ready; waits while there is neither room nor a free place."""
        while not self._batches.add(call):
            await self._relieve()
        while (batch := self._batches.take()) is not None:
            await self._launch(batch)

    async def finish(self) -> None:
        """Sends what is left and waits for all answers."""
        while self._batches.waiting:
            await self._relieve()
        while self._tasks:
            await self._landing()

    async def land(self, patience: float) -> None:
        """Gives batches in flight `patience` seconds to be answered, then drops them. Raises nothing of theirs."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=patience)
            for task in late:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._tasks.clear()

    async def _relieve(self) -> None:
        batch = self._batches.take(partial=True)
        if batch is None:
            await self._landing()
        else:
            await self._launch(batch)

    async def _launch(self, batch: Batch) -> None:
        task = asyncio.ensure_future(self._carry(batch))
        self._tasks[task] = batch
        while len(self._tasks) >= self._limit:
            await self._landing()

    async def _carry(self, batch: Batch) -> None:
        await self._send(batch.calls)

    async def _landing(self) -> None:
        landed, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        # In the order of the file, so that of several failures the first is told.
        done = [task for task in self._tasks if task in landed]
        failures = [cause for task in done if (cause := task.exception()) is not None]
        for task in done:
            self._batches.done(self._tasks.pop(task))
        if failures:
            raise failures[0]
