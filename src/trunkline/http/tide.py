"""Telling those who follow the journal that something was written, so that they need not look all the time."""

import asyncio
from contextlib import suppress


class Tide:
    """Rises with each commit of this process; what other processes write is seen by who looks once in a while."""

    def __init__(self) -> None:
        self._rising = asyncio.Event()

    def rise(self) -> None:
        """Wakes all that wait."""
        risen, self._rising = self._rising, asyncio.Event()
        risen.set()

    async def wait(self, seconds: float) -> None:
        """Returns when something was committed, or after some seconds."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._rising.wait(), seconds)
