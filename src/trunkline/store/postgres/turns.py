"""Batches of one process that are about the same values or records, one after the other.

Were they looked up at once, all but one of them would find when they are written that they were overtaken, and begin
anew. Those of other processes do.
"""

import asyncio
from collections.abc import AsyncIterator, Hashable, Iterable
from contextlib import asynccontextmanager


class Turns:
    """Who is at a thing, and who waits for it, in the order in which they came."""

    def __init__(self) -> None:
        self._last: dict[Hashable, asyncio.Future[None]] = {}

    @asynccontextmanager
    async def turn(self, things: Iterable[Hashable]) -> AsyncIterator[None]:
        """Waits for all who came before for one of the things, and has those who come after wait.

        Everybody waits for earlier ones only, so nobody waits in a ring.
        """
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        last, taken = self._last, list(things)
        before = {last[thing] for thing in taken if thing in last}
        last.update(dict.fromkeys(taken, mine))
        try:
            if before:
                await asyncio.wait(before)
            yield
        finally:
            mine.set_result(None)
            for thing in taken:
                if last.get(thing) is mine:
                    del last[thing]
