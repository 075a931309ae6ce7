"""Telling those who follow the journal that something was written, so that they need not look all the time."""

import asyncio
from contextlib import suppress


class Tide:
    """Rises with each commit of this process; what other processes write is seen by who looks once in a while.

    `level` is how often it rose: who looks at the journal remembers it first, to hear of what is committed meanwhile.
    """

    def __init__(self) -> None:
        self.level = 0
        self._rising = asyncio.Event()

    def rise(self) -> None:
        """Wakes all that wait."""
        self.level += 1
        risen, self._rising = self._rising, asyncio.Event()
        risen.set()

    async def wait(self, seconds: float, level: int) -> None:
        """Returns when something was committed since the tide stood at a level, or after some seconds."""
        if level == self.level:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._rising.wait()
