"""The run of a copy: every table, then what follows from them, then both sides compared.

The next rows are read while the last ones are written, so that two engines work at a time; there are never more than
two chunks in memory.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from msgspec import Struct

from trunkline.copy.checksum import Checksum
from trunkline.copy.ends import Chunk, Origin, Place, Progress, Rows, Target
from trunkline.copy.table import TABLES, Table

Told = Callable[[str, int], None]
"""Is told of each chunk the table and how many rows it has, while it is copied and again while it is compared."""


class Compared(Struct, frozen=True):
    """What one table comes to on either side."""

    table: str
    source: Checksum
    target: Checksum

    @property
    def same(self) -> bool:
        """Whether both sides have the same rows."""
        return self.source == self.target


async def copy(source: Rows, origin: Origin, target: Target, told: Told) -> list[Compared]:
    """Makes a store a copy of another, or goes on where that was broken off, and compares them at the end.

    `origin` is the source's own. The target becomes a store like any other only if they are the same.
    Raises `StoreRefused`.
    """
    known = await target.begin(origin)
    sums = {table: await _copy(source, target, table, known.get(table.name, Progress()), told) for table in TABLES}
    await target.complete()
    rows = await target.rows()
    compared = [Compared(table.name, sums[table], await summed(rows, table, told)) for table in TABLES]
    if all(one.same for one in compared):
        await target.finish()
    return compared


async def compare(one: Rows, other: Rows, told: Told) -> list[Compared]:
    """Compares two stores, table by table."""
    return [Compared(table.name, await summed(one, table, told), await summed(other, table, told)) for table in TABLES]


async def summed(rows: Rows, table: Table, told: Told) -> Checksum:
    """What a table comes to."""
    checksum = Checksum()
    async with aclosing(_chunks(rows, table, None)) as chunks:
        async for chunk in chunks:
            checksum.add(chunk.rows)
            told(table.name, len(chunk.rows))
    return checksum


async def _copy(source: Rows, target: Target, table: Table, known: Progress, told: Told) -> Checksum:
    """Copies what is left of a table; returns what all of it comes to in the source."""
    checksum = Checksum(known.rows, known.digest)
    told(table.name, known.rows)
    if known.done:
        return checksum
    place = known.place
    async with aclosing(_chunks(source, table, place)) as chunks:
        async for chunk in chunks:
            checksum.add(chunk.rows)
            place = chunk.place
            await target.put(table, chunk, Progress(place, checksum.rows, checksum.digest))
            told(table.name, len(chunk.rows))
    await target.put(table, Chunk([], place or ()), Progress(place, checksum.rows, checksum.digest, done=True))
    return checksum


async def _chunks(rows: Rows, table: Table, after: Place | None) -> AsyncGenerator[Chunk, None]:
    """The chunks of a table from a place on; the next one is read while one is worked on."""
    ahead = asyncio.create_task(rows.read(table, after))
    try:
        while (chunk := await asyncio.shield(ahead)).rows:
            ahead = asyncio.create_task(rows.read(table, chunk.place))
            yield chunk
    finally:
        # What reads may be a thread, which goes on when nobody waits for it: its connection cannot be closed yet.
        await asyncio.gather(ahead, return_exceptions=True)
